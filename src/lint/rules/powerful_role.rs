//! A role that may do nearly everything.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{OperationKind, Power};

/// A role that may do nearly everything.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "powerful-role",
    title: "a role that may do nearly everything",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "A role gets SUPERUSER, BYPASSRLS, CREATEROLE or REPLICATION.",
    effect: "It passes by all checks of rights, or may give itself what it lacks; a restore of tables doesn't take it \
        back.",
    remedy: "Give such roles in the place where roles are administered, not in a change of an application's database.",
    manual: Some("https://www.postgresql.org/docs/current/role-attributes.html"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER ROLE app BYPASSRLS")]),
    good: Example::Steps(&[sql("GRANT SELECT ON public.orders TO app")]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Empower { powers } => {
            let names: Vec<&str> = powers.iter().map(|power| name(*power)).collect();
            Some(format!("the role gets {}", names.join(", ")))
        }
        _ => None,
    }
}

fn name(power: Power) -> &'static str {
    match power {
        Power::Superuser => "SUPERUSER",
        Power::BypassRls => "BYPASSRLS",
        Power::CreateRole => "CREATEROLE",
        Power::Replication => "REPLICATION",
    }
}
