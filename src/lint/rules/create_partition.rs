//! A partition that is made in its place.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule, TableClaim},
};
use crate::plan::RuleLevel;
use crate::sql::facts::OperationKind;

/// A partition that is made in its place.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "create-partition",
    title: "a partition that is made in its place",
    group: Group::Locks,
    level: RuleLevel::Warning,
    condition: "CREATE TABLE … PARTITION OF a table in use.",
    effect: "Everybody who uses the partitioned table waits for it, and where there is a default partition, for the look at each of \
        its rows.",
    remedy: "Make the table alone with LIKE … INCLUDING ALL, and give it to its parent with ATTACH PARTITION in the next step: \
        that lets readers and writers of the parent go on.",
    manual: Some("https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"),
    claim: Some(TableClaim::everybody("events")),
    bad: Example::Steps(&[sql(
        "CREATE TABLE public.events_2026 PARTITION OF public.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    )]),
    good: Example::Steps(&[
        sql("CREATE TABLE public.events_2026 (LIKE public.events INCLUDING ALL)"),
        sql(
            "ALTER TABLE public.events ATTACH PARTITION public.events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        ),
    ]),
    find: Find::Operation(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::CreateTable { table, partition_of: Some(parent), .. } if done.is_used(parent) => {
            Some(format!("everybody who uses {parent} waits until {table} is made"))
        }
        _ => None,
    }
}
