//! Problems, each at its place.

use super::sample::*;
use crate::{plan::*, render::files_wanted};

fn with_files(sql: &str, files: &[(&str, &str)]) -> (Plan, crate::render::Inputs) {
    let mut plan = plan(sql);
    plan.templates = files.iter().filter(|(path, _)| path.starts_with("macros/")).map(|(path, _)| template(path)).collect();
    let mut inputs = inputs();
    inputs.files = files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect();
    (plan, inputs)
}

const MACROS: &str = "{% macro policy(table) %}ALTER TABLE {{ table | ident }} ENABLE ROW LEVEL SECURITY{% endmacro %}";

#[test]
fn macros_are_imported_by_path_and_by_file_name() {
    for name in ["macros/rls.j2", "rls.j2"] {
        let sql = format!("{{% import '{name}' as rls %}}{{{{ rls.policy(tables[0]) }}}}");
        let (plan, inputs) = with_files(&sql, &[("macros/rls.j2", MACROS)]);
        let rendered = crate::render::render(&plan, &inputs).unwrap();
        assert_eq!(rendered.plan().steps[0].sql.shown(), r#"ALTER TABLE "public"."orders" ENABLE ROW LEVEL SECURITY"#);
    }
    let (plan, inputs) =
        with_files("{% from 'rls.j2' import policy %}", &[("macros/a/rls.j2", ""), ("macros/b/rls.j2", "")]);
    let problems = crate::render::render(&plan, &inputs).unwrap_err();
    assert_eq!(problems[0].code, "backstop::render::unknown_file");
    assert!(problems[0].help.contains("`macros/a/rls.j2`"), "{problems:?}");
}

#[test]
fn problems_in_macro_files_point_into_them() {
    let text = "{# one #}\n{% macro f(table) %}SELECT {{ table }}{% endmacro %}";
    let (plan, inputs) = with_files("{% import 'rls.j2' as rls %}{{ rls.f(name) }}", &[("macros/rls.j2", text)]);
    let problems = crate::render::render(&plan, &inputs).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].code, "backstop::render::unquoted");
    assert_eq!(problems[0].at, Place { file: FileIndex(1), start: 0, len: text.len() });
    assert!(text[problems[0].offset.unwrap()..].starts_with("table }}"));

    let (plan, inputs) = with_files("{% import 'rls.j2' as rls %}{{ rls.f(nome) }}", &[("macros/rls.j2", "\n{% macro %}")]);
    let problems = crate::render::render(&plan, &inputs).unwrap_err();
    let codes: Vec<_> = problems.iter().map(|problem| (problem.code, problem.at.file.0)).collect();
    assert_eq!(codes, [("backstop::render::undefined", 0), ("backstop::render::syntax", 1)]);
    assert_eq!(problems[1].offset.map(|offset| offset > 0), Some(true));
}

#[test]
fn sql_files_are_rendered_and_numbered() {
    let (mut plan, mut inputs) = with_files("SELECT 1", &[("macros/rls.j2", MACROS), ("sql/a.sql", "SELECT {{ size }}")]);
    plan.steps.push(step(""));
    plan.steps[1].sql = SqlSource::File(template("sql/a.sql"));
    plan.steps.push(plan.steps[1].clone());
    assert_eq!(files_wanted(&plan), ["macros/rls.j2", "sql/a.sql"]);
    let rendered = crate::render::render(&plan, &inputs).unwrap();
    assert_eq!(rendered.plan().steps[1].sql.shown(), "SELECT  -5");

    inputs.files.insert("sql/a.sql".to_owned(), "SELECT {{ nam }}".to_owned());
    let problems = crate::render::render(&plan, &inputs).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].at, Place { file: FileIndex(2), start: 0, len: 16 });
    assert_eq!((problems[0].offset, problems[0].help.as_str()), (Some(10), "Did you mean `name`?"));

    inputs.files.clear();
    let problems = crate::render::render(&plan, &inputs).unwrap_err();
    assert!(problems.iter().all(|problem| problem.code == "backstop::render::file"), "{problems:#?}");
}

#[test]
fn undefined_names_are_told_all_at_once_with_near_misses() {
    let mut plan = plan("SELECT {{ nmae | ident }}, {{ tabels | literals }} {% if never %}{{ unset | literal }}{% endif %}");
    plan.checks.before = vec![check(asked("sql", vec![("sql", FieldValue::Query(template("SELECT {{ sise }}")))]))];
    plan.backup.allow_uncovered = List::Whole(template("{{ tablez }}"));
    let problems = problems(&plan);
    let told: Vec<_> = problems.iter().map(|problem| (problem.message.as_str(), problem.help.as_str())).collect();
    assert_eq!(
        told,
        [
            ("`tablez` is not defined", "Did you mean `tables`?"),
            ("`sise` is not defined", "Did you mean `size`?"),
            ("`nmae` is not defined", "Did you mean `name`?"),
            ("`tabels` is not defined", "Did you mean `tables`?"),
            ("`never` is not defined", "Declare it in `vars`."),
        ]
    );
}

#[test]
fn a_declared_variable_without_a_value_is_told_where_it_is_used() {
    assert_eq!(problem("SELECT {{ unset | literal }}"), ("undefined".to_owned(), "unset | lite".to_owned()));
    assert_eq!(problem("SELECT {{ unset }}"), ("undefined".to_owned(), "unset }}".to_owned()));
    assert_eq!(sql("SELECT {% if unset is defined %}1{% else %}2{% endif %}"), "SELECT 2");
    assert_eq!(sql("{% if size < 0 %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}"), "1");
    let mut plan = plan("SELECT 1");
    plan.vars.get_mut(&VarName::parse("unset").unwrap()).unwrap().required = true;
    assert_eq!(problems(&plan)[0].code, "backstop::render::missing_value");
}

#[test]
fn mistakes_of_the_language_point_at_themselves() {
    for (template, code, pointed) in [
        ("SELECT {{ size | idnt }}", "unknown_filter", "size | idnt "),
        ("SELECT {{ size + }}", "syntax", ""),
        ("{% for %}", "syntax", ""),
        ("{% include 'x' %}", "unknown_file", ""),
        ("SELECT {{ 'a..b' | ident }}", "not_a_name", "'a..b' | ide"),
        ("SELECT {{ size / 0 }}", "failed", ""),
        ("SELECT {{ tables | literal }}", "list_as_text", "tables | lit"),
        ("SELECT \u{fdd0}", "noncharacter", "\u{fdd0}"),
    ] {
        let (found, at) = problem(template);
        assert_eq!(found, code, "{template}");
        assert!(at.starts_with(pointed), "{template}: {at}");
    }
    assert_eq!(problems(&plan("{{ size | idnt }}"))[0].help, "Did you mean `ident`?");
}
