//! Triggers and foreign keys switched off for a session.

use super::super::{
    example::{Example, with},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// Triggers and foreign keys switched off for a session.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "replica-role",
    title: "triggers and foreign keys switched off for a session",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "`session_replication_role` is set.",
    effect: "No trigger fires and no foreign key is checked: rows without their referenced ones come in, and nothing \
        finds them later.",
    remedy: "Let them fire; where one must not, disable that one trigger and enable it in the same step.",
    manual: Some("https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE"),
    claim: None,
    bad: Example::Steps(&[with(
        "expect_rows: {at_least: 0}",
        "SET LOCAL session_replication_role = replica;\n\
            DELETE FROM public.customers WHERE id < 10",
    )]),
    good: Example::Steps(&[with("expect_rows: {at_least: 0}", "DELETE FROM public.customers WHERE id < 10")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Set { setting, .. } if setting == "session_replication_role" => {
            Some("neither triggers nor foreign keys look at what follows".to_owned())
        }
        _ => None,
    }
}
