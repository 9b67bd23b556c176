//! A function in an untrusted language.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A function in an untrusted language.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "untrusted-language",
    title: "a function in an untrusted language",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A function is made in C or in an untrusted language (plpython3u, plperlu, pltclu).",
    effect: "It may do on the server's machine whatever the server's own account may.",
    remedy: "Use SQL or PL/pgSQL, or install the function with an extension that is reviewed as code.",
    manual: Some("https://www.postgresql.org/docs/current/plpython.html"),
    claim: None,
    bad: Example::Steps(&[sql(
        "CREATE FUNCTION public.home() RETURNS text LANGUAGE plpython3u AS $$ import os; return os.getcwd() $$",
    )]),
    good: Example::Steps(&[sql(
        "CREATE FUNCTION public.home() RETURNS text LANGUAGE sql AS $$ SELECT current_database()::text $$",
    )]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateRoutine(routine) => {
            let language = routine.language.as_deref()?;
            (language == "c" || (language.starts_with("pl") && language.ends_with('u')))
                .then(|| format!("{} may do on the machine what the server may", routine.name))
        }
        _ => None,
    }
}
