//! Whether a step may touch what it touched.

use std::collections::BTreeSet;

use tokio_postgres::types::Oid;

use super::{
    own_schemas::touches_backup,
    table_activity::{TableChange, Touched},
};
use crate::machine::Failure;

/// What a step may touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    /// Tables that the backup holds and tables that earlier steps of the run made: `schema.table`.
    pub covered: BTreeSet<String>,
    /// Tables that the plan allows without a copy.
    pub allowed: BTreeSet<Oid>,
    /// Schemas that no step may touch: the journal's and the backup's.
    pub off_limits: Vec<String>,
}

/// What a step wrote to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenTables {
    /// Tables whose rows it changed, with how many rows; none where the number is hidden.
    pub tables: Vec<(String, Option<u64>)>,
    /// Those of them that have no copy, as the plan allows.
    pub uncovered: Vec<String>,
}

/// The tables that were written to, where all of them may be.
///
/// # Errors
/// `backstop::run::touches_backup` and `backstop::run::uncovered_write`, naming the tables and what was done to each.
pub fn judge(touched: &[Touched], permission: &Permission) -> Result<WrittenTables, Failure> {
    let forbidden: Vec<&Touched> = touched.iter().filter(|table| permission.off_limits.contains(&table.schema)).collect();
    if !forbidden.is_empty() {
        let names = forbidden.iter().map(|table| table.to_string()).collect::<Vec<_>>().join(", ");
        return Err(touches_backup(&names).detail(list(&forbidden)));
    }
    let writes = touched.iter().filter(|table| table.how != TableChange::Locked);
    let uncovered: Vec<&Touched> = writes.clone().filter(|table| table.existed && !permission.covers(table)).collect();
    if !uncovered.is_empty() {
        return Err(uncovered_write(&uncovered));
    }
    let rows = |how: &TableChange| if let TableChange::Rows(rows) = how { Some(*rows) } else { None };
    let written: Vec<&Touched> = writes.filter(|table| table.how != TableChange::Rows(0)).collect();
    let is_uncovered = |table: &&&Touched| table.existed && !permission.covered.contains(&table.to_string());
    Ok(WrittenTables {
        tables: written.iter().map(|table| (table.to_string(), rows(&table.how))).collect(),
        uncovered: written.iter().filter(is_uncovered).map(|table| table.to_string()).collect(),
    })
}

impl Permission {
    fn covers(&self, table: &Touched) -> bool {
        self.covered.contains(&table.to_string())
            || self.allowed.contains(&table.oid)
            || table.above.iter().any(|above| self.allowed.contains(above))
    }
}

impl std::fmt::Display for Touched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

fn uncovered_write(tables: &[&Touched]) -> Failure {
    let names = tables.iter().map(|table| table.to_string()).collect::<Vec<_>>().join(", ");
    Failure::permanent(
        "backstop::run::uncovered_write",
        format!("the step writes to what the backup does not hold: {names}"),
    )
    .detail(list(tables))
    .hint(advice(tables))
}

/// What helps: not every table can be a target.
fn advice(tables: &[&Touched]) -> String {
    let named = |wanted: bool| -> Vec<String> {
        tables.iter().filter(|table| table.can_be_target == wanted).map(|table| table.to_string()).collect()
    };
    let (targets, others) = (named(true), named(false));
    let mut advice = Vec::new();
    if !targets.is_empty() {
        advice.push(
            "Add these tables to the backup's targets, so that they can be brought back; or, where losing them is no loss, to \
             its `allow_uncovered`."
                .to_owned(),
        );
    }
    if !others.is_empty() {
        advice.push(format!(
            "No backup can hold {} (the server's, an extension's or another server's). Where what is written there may stay, say \
             `allow_uncovered: [{}]` in the plan's `backup`.",
            others.join(", "),
            others.join(", ")
        ));
    }
    advice.join(" ")
}

fn list(tables: &[&Touched]) -> String {
    tables.iter().map(|table| format!("{table}: {}", words(&table.how))).collect::<Vec<_>>().join("\n")
}

fn words(how: &TableChange) -> String {
    match how {
        TableChange::Rows(1) => "1 row changed".to_owned(),
        TableChange::Rows(rows) => format!("{rows} rows changed"),
        TableChange::Replaced => "truncated or rewritten".to_owned(),
        TableChange::Dropped => "dropped".to_owned(),
        TableChange::Renamed(to) => format!("renamed to {to}"),
        TableChange::Foreign => "a foreign table, written to".to_owned(),
        TableChange::Locked => "altered".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(schema: &str, name: &str, how: TableChange, existed: bool) -> Touched {
        Touched {
            oid: 1,
            schema: schema.to_owned(),
            name: name.to_owned(),
            how,
            existed,
            above: vec![7],
            can_be_target: true,
        }
    }

    #[test]
    fn what_cannot_be_a_target_is_not_proposed_as_one() {
        let hint = |tables: &[Touched]| judge(tables, &Permission::default()).unwrap_err().hint.unwrap_or_default();
        let own = touched("public", "a", TableChange::Rows(1), true);
        let others = Touched { can_be_target: false, ..touched("public", "far", TableChange::Foreign, true) };
        assert!(
            hint(std::slice::from_ref(&own)).contains("targets") && !hint(std::slice::from_ref(&own)).contains("No backup")
        );
        assert!(
            !hint(std::slice::from_ref(&others)).contains("targets")
                && hint(std::slice::from_ref(&others)).contains("allow_uncovered: [public.far]")
        );
        let both = hint(&[own, others]);
        assert!(both.contains("targets") && both.contains("allow_uncovered: [public.far]"), "{both}");
    }

    #[test]
    fn only_what_existed_and_is_not_covered_is_refused() {
        let permission = Permission {
            covered: BTreeSet::from(["public.a".to_owned()]),
            allowed: BTreeSet::new(),
            off_limits: vec!["backup".to_owned()],
        };
        let fine = [
            touched("public", "a", TableChange::Rows(3), true),
            touched("public", "b", TableChange::Locked, true),
            touched("public", "c", TableChange::Rows(5), false),
            touched("public", "d", TableChange::Rows(0), false),
        ];
        let written = judge(&fine, &permission).unwrap();
        assert_eq!(written.tables, [("public.a".to_owned(), Some(3)), ("public.c".to_owned(), Some(5))]);
        assert!(written.uncovered.is_empty());
        for how in [
            TableChange::Rows(1),
            TableChange::Replaced,
            TableChange::Dropped,
            TableChange::Foreign,
            TableChange::Renamed("x.y".into()),
        ] {
            let refused = judge(&[touched("public", "b", how, true)], &permission).unwrap_err();
            assert_eq!(refused.code, "backstop::run::uncovered_write");
        }
        let refused = judge(&[touched("backup", "a", TableChange::Locked, true)], &permission).unwrap_err();
        assert_eq!(refused.code, "backstop::run::touches_backup");
        let parent = Permission { allowed: BTreeSet::from([7]), ..permission };
        let allowed = judge(
            &[touched("public", "a", TableChange::Rows(1), true), touched("public", "b", TableChange::Replaced, true)],
            &parent,
        );
        assert_eq!(allowed.unwrap().uncovered, ["public.b"]);
    }
}
