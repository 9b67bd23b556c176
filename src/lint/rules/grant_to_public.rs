//! Rights for everybody.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// Rights for everybody.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "grant-to-public",
    title: "rights for everybody",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "GRANT … TO PUBLIC.",
    effect: "Every role has it, those that are made later included; no REVOKE from a single role takes it away.",
    remedy: "Grant it to the roles that need it.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-priv.html"),
    claim: None,
    bad: Example::Steps(&[sql("GRANT SELECT ON public.orders TO PUBLIC")]),
    good: Example::Steps(&[sql("GRANT SELECT ON public.orders TO app")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Grant { to_public: true, .. } => {
            Some("every role gets this, those that are made later included".to_owned())
        }
        _ => None,
    }
}
