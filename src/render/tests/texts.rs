//! What templates come out as.

use std::time::Instant;

use super::sample::*;
use crate::plan::*;

fn code(template: &str) -> String {
    problem(template).0
}

#[test]
fn values_say_what_they_are() {
    assert_eq!(sql("SELECT {{ name | literal }}"), "SELECT 'it''s; DROP TABLE x; --'");
    assert_eq!(sql("SELECT {{ 'a.B' | ident }}, {{ true }}, {{ 1 - 2 }}"), r#"SELECT "a"."B", true,  -1"#);
    assert_eq!(sql("IN ({{ tables | literals }})"), "IN ('public.orders', 'Odd Name')");
    assert_eq!(sql("{{ tables | map('ident') | join(', ') }}"), r#""public"."orders", "Odd Name""#);
    assert_eq!(sql("{{ tables | map('literal') | join(' or ') }}"), "'public.orders' or 'Odd Name'");
    assert_eq!(sql("{{ tables | map('ident') | join(';' | raw) }}"), r#""public"."orders";"Odd Name""#);
    assert_eq!(sql("{{ tables | join(',') | literal }}"), "'public.orders,Odd Name'");
    assert_eq!(sql("{% for t in tables %}LOCK {{ t | ident }};{% endfor %}"), r#"LOCK "public"."orders";LOCK "Odd Name";"#);
    assert_eq!(sql("{{ none | literal }} {{ 'now()' | raw }}"), "NULL now()");
    assert_eq!(sql("LIMIT 1-{{ size }}"), "LIMIT 1- -5");
    assert_eq!(sql("-- a comment {% if true %}{% endif %}\nSELECT 1\n"), "-- a comment \nSELECT 1\n");
    assert_eq!(sql("{% set list %}{{ tables | literals }}{% endset %}{{ list }}"), "'public.orders', 'Odd Name'");
    assert_eq!(sql(r"SELECT {{ 'a\\b' | literal }}"), r"SELECT  E'a\\b'");
    assert_eq!(sql("SELECT {{ 'x' if false }}1"), "SELECT 1");
}

#[test]
fn a_text_that_says_nothing_is_an_error_and_no_injection() {
    for (template, pointed) in [
        ("SELECT {{ name }}", "name }}"),
        ("SELECT '{{ name }}'", "name }}'"),
        ("SELECT {{ 'a' ~ name }}", "'a' ~ name }"),
        ("SELECT {{ name | upper }}", "name | upper"),
        ("SELECT {{ (name | literal) ~ '' }}", ""),
        ("SELECT {{ none }}", "none }}"),
        ("{% autoescape false %}{{ (name | literal) ~ '' }}{% endautoescape %}", ""),
        ("{% for t in tables %}{{ t }}{% endfor %}", "t }}{% endfo"),
        ("{{ (tables | first | ident, name) | join(',') }}", ""),
        ("{{ [name, 'x' | literal] | join(',') }}", ""),
        ("{{ tables | map('ident') | join(name) }}", ""),
        ("{{ tables | map('ident') | join('; DROP TABLE x; ') }}", ""),
        ("{{ (name | literal) | replace('x', name) }}", ""),
    ] {
        let (code, at) = problem(template);
        assert!(["unquoted", "autoescape"].contains(&code.as_str()), "{template}: {code}");
        assert!(at.starts_with(pointed), "{template}: {at}");
    }
    assert_eq!(code("{{ tables }}"), "list_as_text");
    assert_eq!(code("{{ {'a': 1} }}"), "not_text");
    for forged in ["safe", "e", "escape", "tojson"] {
        assert_eq!(code(&format!("{{{{ name | {forged} }}}}")), "unknown_filter");
    }
}

#[test]
fn values_can_not_end_what_they_stand_in() {
    for template in [
        "SELECT '{{ name | ident }}'::regclass",
        "SELECT '{{ name | literal }}'",
        "-- {{ 'a\\nDROP TABLE x' | literal }}",
        "/* {{ '*/ DROP TABLE x' | ident }} */",
        "DO $$ BEGIN PERFORM {{ '$$; DROP TABLE x' | literal }}; END $$",
        "SELECT {{ (name | literal)[:3] }}",
        "SELECT {{ name | literal | replace('\\'', '') }}",
    ] {
        assert!(["breaks_out", "unquoted"].contains(&code(template).as_str()), "{template}: {}", code(template));
    }
    assert_eq!(sql("SELECT '{{ tables[1] | ident }}'::regclass"), r#"SELECT '"Odd Name"'::regclass"#);
}

#[test]
fn other_texts_take_values_as_they_are() {
    let mut plan = plan("SELECT 1");
    plan.backup.schema = template("backup_{{ size }}");
    plan.backup.targets[0].tables = List::Whole(template("{{ tables }}"));
    plan.backup.allow_uncovered = List::Whole(template("{{- tables[0] -}}"));
    plan.session.search_path = List::Whole(template("{{ 'a' }}_{{ 'b' }}"));
    let fields = vec![
        ("tables", FieldValue::Tables(List::Whole(template("{{ tables | reject('eq', 'Odd Name') }}")))),
        ("column", FieldValue::Text(template("{{ name }}"))),
        ("pattern", FieldValue::Pattern(Pattern::Regex(template("^{{ 'a' }}{1,3}$")))),
    ];
    plan.checks.after = vec![check(asked("matches", fields))];
    let rendered = rendered(&plan);
    let rendered = rendered.plan();
    let texts = |list: &[Text]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(rendered.backup.schema.shown(), "backup_-5");
    assert_eq!(texts(&rendered.backup.targets[0].tables), ["public.orders", "Odd Name"]);
    assert_eq!(texts(&rendered.backup.allow_uncovered), ["public.orders"]);
    assert_eq!(texts(&rendered.session.search_path), ["a_b"]);
    let fields: Vec<_> = rendered.checks.after[0].kind.fields.iter().map(|(_, value)| value).collect();
    let [FieldValue::Tables(tables), FieldValue::Text(column), FieldValue::Pattern(Pattern::Regex(regex))] = fields[..]
    else {
        panic!("other fields: {fields:?}")
    };
    assert_eq!(texts(tables), ["public.orders"]);
    assert_eq!(column.shown(), "it's; DROP TABLE x; --");
    assert_eq!(regex.shown(), "^a{1,3}$");
}

#[test]
fn rendering_has_bounds() {
    let started = Instant::now();
    for (template, expected) in [
        ("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "endless"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "failed"),
        ("{% for a in range(90000) %}{{ ('x' * 1000) | raw }}{% endfor %}", "too_long"),
        ("{{ range(1000000000) | list }}", "failed"),
        ("{{ now() }}", "undefined"),
        ("{{ debug() }}", "undefined"),
        ("{{ env.HOME }}", "undefined"),
    ] {
        assert_eq!(code(template), expected, "{template}");
    }
    let nested = format!("{}1{}", "{{ ".to_owned() + &"(".repeat(50_000), ")".repeat(50_000) + " }}");
    assert_eq!(code(&nested), "syntax");
    assert!(started.elapsed().as_secs() < 300, "{:?}", started.elapsed());
}

#[test]
fn a_plan_of_many_steps_renders_in_seconds() {
    let mut plan = plan("");
    plan.steps = (0..STEPS_MAX).map(|i| step(&format!("UPDATE {{{{ tables[0] | ident }}}} SET a = {i} -- {i}"))).collect();
    let started = Instant::now();
    assert_eq!(rendered(&plan).step_digests().len(), STEPS_MAX);
    assert!(started.elapsed().as_secs() < 300, "{:?}", started.elapsed());
}

#[test]
fn rendering_is_a_function() {
    let plan = plan("{% for t in tables %}{{ t | ident }}{{ dict(b=1, a=2) | items | list | length }}{% endfor %}");
    let first = rendered(&plan);
    for _ in 0..5 {
        assert_eq!(rendered(&plan), first);
    }
}
