//! A domain that asks more of every row.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A domain that asks more of every row.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "domain-constraint",
    title: "a domain that asks more of every row",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "ALTER DOMAIN … ADD CONSTRAINT without NOT VALID, VALIDATE CONSTRAINT, or SET NOT NULL of a domain that the plan does not make.",
    effect: "The server reads every table that has a column of the domain, and nobody may write to any of them until the step ends.",
    remedy: "Put a CHECK on the tables instead, NOT VALID first, and validate it in the next step; or make an exception with the \
        size of the tables as the reason.",
    manual: Some("https://www.postgresql.org/docs/current/sql-alterdomain.html"),
    claim: Some(TableClaim::writers("contacts").scanned()),
    bad: Example::Steps(&[sql("ALTER DOMAIN public.email ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%')")]),
    good: Example::Steps(&[
        sql("ALTER TABLE public.contacts ADD CONSTRAINT contacts_address_has_at CHECK (address LIKE '%@%') NOT VALID"),
        sql("ALTER TABLE public.contacts VALIDATE CONSTRAINT contacts_address_has_at"),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    let OperationKind::TightenDomain { domain } = done.action() else { return None };
    let is_made = done.before().any(
        |operation| matches!(&operation.action, OperationKind::CreateType { name } if done.subject.names.same(name, domain)),
    );
    (!is_made).then(|| format!("nobody may write to any table with a column of {domain} while all their rows are read"))
}
