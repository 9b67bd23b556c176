//! Secrets are sent and never shown.

use super::sample::*;
use crate::{
    plan::*,
    render::{Inputs, render},
};

fn with_secret(secret: &str) -> Inputs {
    let mut inputs = inputs();
    inputs.secrets.insert(VarName::parse("password").unwrap(), secret.to_owned());
    inputs
}

#[test]
fn a_secret_has_two_readings() {
    let mut plan = plan("ALTER ROLE r PASSWORD {{ password | literal }}");
    plan.backup.allow_uncovered = List::Whole(template("{{ [password, 'b'] }}"));
    plan.backup.schema = template("s_{{ password }}");
    let rendered = render(&plan, &with_secret("hunter'2")).unwrap();
    let sql = &rendered.plan().steps[0].sql;
    assert_eq!(sql.shown(), "ALTER ROLE r PASSWORD '***password***'");
    assert_eq!(sql.sent(), "ALTER ROLE r PASSWORD 'hunter''2'");
    assert_eq!(rendered.plan().backup.schema.sent(), "s_hunter'2");
    assert_eq!(rendered.plan().backup.allow_uncovered[0].sent(), "hunter'2");
    assert_eq!(rendered.plan().backup.allow_uncovered[0].shown(), "***password***");
    assert_eq!(rendered.plan().backup.allow_uncovered[1].sent(), "b");
    for text in [rendered.shown().to_owned(), format!("{rendered:?}")] {
        assert!(!text.contains("hunter"), "{text}");
    }
}

#[test]
fn a_secret_has_no_part_in_what_is_recorded() {
    let plan = plan("ALTER ROLE r PASSWORD {{ password | literal }}");
    let one = render(&plan, &with_secret("one")).unwrap();
    let other = render(&plan, &with_secret("quite another \\ \n '")).unwrap();
    assert_eq!(one.fingerprint(), other.fingerprint());
    assert_eq!(one.step_digests(), other.step_digests());
    assert_eq!(one.shown(), other.shown());
    assert_ne!(one.plan().steps[0].sql.sent(), other.plan().steps[0].sql.sent());
}

#[test]
fn problems_do_not_tell_secrets() {
    for (template, secret) in [
        ("SELECT {{ password }}", "hunter2"),
        ("SELECT {{ password | int }}", "hunter2"),
        ("SELECT {{ password | ident }}", "hunter2.."),
        ("SELECT '{{ password | ident }}'", "hunter'2"),
        ("{% if password != 'hunter2' %}{% else %}{{ nothing.password }}{% endif %}", "hunter2"),
        ("{% if password == 'hunter2' %}{{ (password ~ '') / 0 }}{% endif %}", "hunter2"),
        ("{{ {'***password***': 1}[password] }}", "hunter2"),
    ] {
        let problems = render(&plan(template), &with_secret(secret)).unwrap_err();
        let told = format!("{problems:?}");
        assert!(!problems.is_empty() && !told.replace(template, "").contains("hunter"), "{told}");
    }
}

#[test]
fn a_secret_does_not_decide_how_long_a_list_is() {
    let mut plan = plan("SELECT 1");
    plan.backup.allow_uncovered = List::Whole(template("{{ password | list }}"));
    assert_eq!(render(&plan, &with_secret("hunter2")).unwrap_err()[0].code, "backstop::render::secret");
}

#[test]
fn a_secret_that_was_not_found_is_told() {
    let mut without = inputs();
    without.secrets.clear();
    let problems = render(&plan("SELECT 1"), &without).unwrap_err();
    assert_eq!(problems[0].code, "backstop::render::missing_value");
    assert!(problems[0].message.contains("`password`"));
}
