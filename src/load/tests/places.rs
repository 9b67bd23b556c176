//! From a byte of a template's decoded text back to a byte of the file.

use super::*;
use crate::plan::{SqlSource, Template};

/// The first step's SQL of a plan that ends with these lines.
fn sql(format: PlanFormat, step: &str) -> (Loaded, Template) {
    let (head, id) = match format {
        PlanFormat::Yaml => ("format: backstop/v1\nname: p\nsteps:\n", "- id: a\n"),
        PlanFormat::Toml => ("format = \"backstop/v1\"\nname = \"p\"\n[[steps]]\n", "id = \"a\"\n"),
    };
    let loaded = load("plan", format!("{head}{id}{step}").as_bytes(), format).unwrap_or_else(|p| panic!("{}", rendered(&p)));
    let SqlSource::Inline(template) = loaded.plan.steps[0].sql.clone() else { panic!("the SQL stands in the plan") };
    (loaded, template)
}

/// Every letter of the decoded text must be found at the same letter in the file, in order.
fn letters_are_found(format: PlanFormat, step: &str) {
    let (loaded, template) = sql(format, step);
    let mut last = 0;
    for (offset, c) in template.source.char_indices() {
        let at = loaded.source.locate(&template, offset);
        if c.is_ascii_alphanumeric() {
            let found = loaded.source.text()[at..].chars().next();
            assert_eq!(found, Some(c), "{step:?}: {offset} of {:?} is said to be at {at}", template.source);
        }
        assert!(at >= last, "{step:?}: {offset} stands at {at}, before {last}");
        assert!(at >= template.at.start && at <= template.at.start + template.at.len);
        last = at;
    }
    loaded.source.locate(&template, template.source.len() + 9);
}

#[test]
fn every_letter_of_every_style_of_yaml_is_found() {
    for step in [
        "  sql: SELECT a FROM bcd\n",
        "  sql: SELECT a\n    FROM bcd\n\n    WHERE e\n",
        "  sql: 'SELECT ''a'' FROM \"b\" WHERE c'\n",
        "  sql: 'SELECT a\n    FROM b\n\n\n    WHERE c'\n",
        "  sql: \"SELECT \\\"a\\\"\\tFROM\\n\\x20b c\"\n",
        "  sql: \"SELECT a \\\n     FROM b\\\n   c\n   d\"\n",
        "  sql: |\n    SELECT a\n      FROM b\n\n    WHERE c\n",
        "  sql: |2\n      SELECT a\n    FROM b\n",
        "  sql: |- # the | marker\n      SELECT ä\n\n      FROM b",
        "  sql: |+\n\n   SELECT a\n   \tFROM b\n\n\n",
        "  sql: >\n    SELECT a\n    FROM b\n\n    WHERE c\n      AND d\n    ORDER BY e\n",
        "  sql: # why > what\n    !!str &x >-\n    SELECT a\n    FROM b\n",
        "  sql: |\r\n    SELECT a\r\n    FROM b\r\n",
        "  sql: \"SELECT a\r\n    FROM b\"\r\n",
    ] {
        letters_are_found(PlanFormat::Yaml, step);
    }
}

#[test]
fn every_letter_of_every_style_of_toml_is_found() {
    for step in [
        "sql = 'SELECT a FROM b'",
        "sql = \"SELECT \\\"a\\\" \\u00e4 FROM b\"",
        "sql = '''SELECT a\n FROM b'''",
        "sql = '''\nSELECT a\n FROM 'b' c\n'''",
        "sql = \"\"\"\nSELECT a\n FROM \"b\" \\\"c\\\"\n\"\"\"",
        "sql = \"\"\"SELECT a \\\n\n   FROM b \\   \n  WHERE c\"\"\"",
        "sql = '''\r\nSELECT a\r\n FROM b\r\n'''\r\n",
        "sql = \"\"\"\r\nSELECT a\r\n FROM b \\\r\n  c\"\"\"\r\n",
        "sql = 123",
    ] {
        letters_are_found(PlanFormat::Toml, step);
    }
}

#[test]
fn the_place_of_a_text_includes_its_quotes_and_markers() {
    for (format, step, place) in [
        (PlanFormat::Yaml, "  sql: |-\n    SELECT 1\n", "|-\n    SELECT 1\n"),
        (PlanFormat::Yaml, "  sql: &x >\n\n    SELECT 1\n", ">\n\n    SELECT 1\n"),
        (PlanFormat::Yaml, "  sql: 'SELECT 1'\n", "'SELECT 1'"),
        (PlanFormat::Toml, "sql = '''SELECT 1'''", "'''SELECT 1'''"),
    ] {
        let (loaded, template) = sql(format, step);
        assert_eq!(&loaded.source.text()[template.at.start..][..template.at.len], place);
    }
}

#[test]
fn an_expression_in_a_block_is_found_by_line_and_column() {
    let (loaded, template) = sql(PlanFormat::Yaml, "  sql: |\n    SELECT 1;\n      SELECT {{ nope }};\n");
    let offset = template.source.find("nope").unwrap();
    let at = loaded.source.position(loaded.source.locate(&template, offset));
    assert_eq!((at.line, at.column), (7, 17));
}

#[test]
fn a_text_that_an_alias_repeats_is_found_where_it_is_written() {
    let step = "  sql: &q SELECT {{ a }}\n- id: b\n  sql: *q\n";
    let (loaded, first) = sql(PlanFormat::Yaml, step);
    assert_eq!(loaded.plan.steps[1].sql, SqlSource::Inline(first));
}
