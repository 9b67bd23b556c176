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
/// Ends the name of a trigger that fires for rows where another one fires for statements, and the other way round.
const FOR_ROWS: &str = "_row";
const FOR_TRUNCATE: &str = "_truncate";

/// On whose terms others may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// The run.
    pub run: &'a str,
    /// Its plan, for people whose writes are refused.
    pub plan: &'a str,
    /// What happens to their writes.
    pub writers: Writers,
}

/// What lets the session's transaction through the run's fence; to be run in it.
pub fn announcement(run: &str) -> String {
    format!("SET LOCAL backstop.run = {}", literal(run))
}

/// The names of all triggers that a run's fence may have.
pub(super) fn names(run: &str) -> [String; 4] {
    [
        format!("{REFUSES}{run}"),
        format!("{REFUSES}{run}{FOR_ROWS}"),
        format!("{WRITES_DOWN}{run}"),
        format!("{WRITES_DOWN}{run}{FOR_TRUNCATE}"),
    ]
}

/// A table that is to be fenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    /// Its rows are those of its partitions.
    pub(super) is_partitioned: bool,
    /// It is a partition or a child: a write to what is above it fires no trigger for statements here.
    pub(super) is_below: bool,
}

/// A trigger of the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) name: String,
    /// The statement that makes it.
    pub(super) create: String,
}

impl Terms<'_> {
    /// The triggers that the table needs.
    pub(super) fn triggers(&self, table: &Table) -> Vec<Trigger> {
        let [refuses, refuses_rows, writes_down, writes_down_truncate] = names(self.run);
        let target = [self.run, table.schema.as_str(), table.name.as_str()];
        let (statement, truncate) = ("INSERT OR UPDATE OR DELETE OR TRUNCATE", "TRUNCATE");
        let rows = "INSERT OR UPDATE OR DELETE";
        let function = match self.writers {
            Writers::Allow => return Vec::new(),
            Writers::Block => {
                let call = format!("backstop.refuse_write({}, {})", literal(self.run), literal(self.plan));
                let mut triggers = vec![self.trigger(table, refuses, &format!("BEFORE {statement}"), "STATEMENT", &call)];
                if table.is_below && !table.is_partitioned {
                    triggers.push(self.trigger(table, refuses_rows, &format!("BEFORE {rows}"), "ROW", &call));
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
        vec![
            self.trigger(table, writes_down, &format!("AFTER {rows}"), "ROW", &call),
            self.trigger(table, writes_down_truncate, &format!("AFTER {truncate}"), "STATEMENT", &call),
        ]
    }

    /// The run's own writes don't even call the function: its steps may change millions of rows.
    fn trigger(&self, table: &Table, name: String, event: &str, level: &str, call: &str) -> Trigger {
        let (on, quoted, run) = (qualified(&table.schema, &table.name), ident(&name), literal(self.run));
        let create = format!(
            "CREATE TRIGGER {quoted} {event} ON {on} FOR EACH {level} \
             WHEN (pg_catalog.current_setting('backstop.run', true) IS DISTINCT FROM {run}) EXECUTE FUNCTION {call}"
        );
        Trigger { name, create }
    }
}
