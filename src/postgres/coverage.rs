//! The coverage guard: which tables a step touched, and whether it may.
//!
//! The step's own transaction is looked at before it commits, by comparison with a reading at its start, so that it also
//! sees what functions and triggers did. Rows show in the counters of `pg_stat_xact_all_tables`; those still hold what the
//! session's earlier transactions did until they are flushed, which they never are inside a transaction. TRUNCATE and a
//! rewrite count no rows and show as a new `relfilenode`
//! (<https://www.postgresql.org/docs/current/monitoring-stats.html>).

mod judge;
mod own_schemas;
mod system_tables;
mod table_activity;

pub use judge::{Permission, WrittenTables, judge};
pub use own_schemas::{Own, touches_backup};
pub use system_tables::{SystemTable, system_tables_written};
pub use table_activity::{ActivitySnapshot, TableChange, Touched};
