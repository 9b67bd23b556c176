//! On whose terms others may write, and the triggers that see to it.

use crate::{
    plan::Writers,
    sql::quote::{ident, literal, qualified},
};

/// The functions behind the triggers, and where they write; belongs to the journal's schema.
pub const SCHEMA: &str = include_str!("schema.sql");
/// SQLSTATE of a refused write.
pub const REFUSED: &str = "BSW01";

/// How the names of the triggers that refuse begin; the run's id follows.
const REFUSES: &str = "backstop_fence_";
/// Triggers fire in the order of their names. What is written down must be written down before triggers of the application
/// write in turn, so that the order of what is found later is the order in which it happened.
const WRITES_DOWN: &str = "!backstop_fence_";
/// What looks at rows that move between partitions looks last, at what has become of them.
const NOTES_MOVEMENTS: &str = "~backstop_fence_";
/// Ends the name of a trigger that fires for rows where another one fires for statements, and the other way round.
const FOR_ROWS: &str = "_row";
const FOR_TRUNCATE: &str = "_truncate";

/// On whose terms others may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FenceTerms<'a> {
    /// UUID as text: whoever announces it is let through.
    pub run: &'a str,
    /// Its plan, for people whose writes are refused.
    pub plan: &'a str,
    /// What happens to their writes.
    pub writers: Writers,
}

/// The names of all triggers that a run's fence may have.
pub(super) fn names(run: &str) -> [String; 5] {
    [
        format!("{REFUSES}{run}"),
        format!("{REFUSES}{run}{FOR_ROWS}"),
        format!("{WRITES_DOWN}{run}"),
        format!("{WRITES_DOWN}{run}{FOR_TRUNCATE}"),
        format!("{NOTES_MOVEMENTS}{run}"),
    ]
}

/// A table that is to be fenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FencedTable {
    pub(super) schema: String,
    pub(super) name: String,
    /// Its rows are those of its partitions.
    pub(super) is_partitioned: bool,
    /// It is written to in ways that fire no trigger for statements: through what is above it, or by logical replication.
    pub(super) is_written_by_row: bool,
}

/// A trigger of the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewFenceTrigger {
    pub(super) name: String,
    /// The statement that makes it.
    pub(super) create: String,
}

impl FenceTerms<'_> {
    /// The triggers that the table needs, of a fence whose pass has this digest.
    pub(super) fn triggers(&self, table: &FencedTable, digest: &str) -> Vec<NewFenceTrigger> {
        let [refuses, refuses_rows, writes_down, writes_down_truncate, notes_movements] = names(self.run);
        let target = [self.run, table.schema.as_str(), table.name.as_str()];
        let statement = Events { names: "INSERT OR UPDATE OR DELETE OR TRUNCATE", level: "STATEMENT" };
        let truncate = Events { names: "TRUNCATE", level: "STATEMENT" };
        let rows = Events { names: "INSERT OR UPDATE OR DELETE", level: "ROW" };
        let make = |name, time, events, call: &str| trigger(table, name, (time, events), (call, digest));
        let function = match self.writers {
            Writers::Allow => return Vec::new(),
            Writers::Block => {
                let call = format!("backstop.refuse_write({}, {})", literal(self.run), literal(self.plan));
                let mut triggers = vec![make(refuses, "BEFORE", statement, &call)];
                if table.is_written_by_row && !table.is_partitioned {
                    triggers.push(make(refuses_rows, "BEFORE", rows, &call));
                }
                return triggers;
            }
            Writers::Detect => "note_write",
            Writers::Capture => "capture_write",
        };
        if table.is_partitioned {
            return Vec::new();
        }
        let call = format!("backstop.{function}({})", target.map(literal).join(", "));
        let mut triggers =
            vec![make(writes_down, "AFTER", rows, &call), make(writes_down_truncate, "AFTER", truncate, &call)];
        if self.writers == Writers::Capture && table.is_written_by_row {
            let moves = Events { names: "UPDATE OR DELETE", level: "ROW" };
            triggers.push(make(notes_movements, "BEFORE", moves, &format!("backstop.note_movement({})", literal(self.run))));
        }
        triggers
    }
}

/// What a trigger fires for.
#[derive(Clone, Copy)]
struct Events {
    names: &'static str,
    level: &'static str,
}

/// The run's own writes don't even call the function: its steps may change millions of rows. Everybody can read a trigger's
/// condition, so that it has no more than the digest of what lets a session through.
fn trigger(
    table: &FencedTable,
    name: String,
    (time, events): (&str, Events),
    (call, digest): (&str, &str),
) -> NewFenceTrigger {
    let (on, quoted) = (qualified(&table.schema, &table.name), ident(&name));
    let Events { names, level } = events;
    let create = format!(
        "CREATE TRIGGER {quoted} {time} {names} ON {on} FOR EACH {level} \
         WHEN (NOT coalesce(pg_catalog.byteaeq(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.current_setting('backstop.run', \
         true), 'UTF8')), pg_catalog.decode({}, 'hex')), false)) EXECUTE FUNCTION {call}",
        literal(digest)
    );
    NewFenceTrigger { name, create }
}
