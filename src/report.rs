//! Events and failures → text and JSON: pure functions to strings.
//!
//! This room knows nothing of how a run is driven, of PostgreSQL or of terminals; whether there are colours is said to it.

mod amendment;
mod annotation;
mod check_results;
mod closing;
mod difference;
pub mod dry_run;
mod ended_session;
mod failure;
mod journal_entry;
pub mod json;
mod junit;
mod junit_document;
pub mod lint;
mod listing;
mod metrics;
mod progress_log;
mod remaining;
mod review;
mod run_warning;
mod saved_plan;
mod step_change;
mod style;
mod table;
mod trace;
mod trace_context;
mod trial;
mod uncovered;
mod units;
mod workflow_command;

#[cfg(test)]
mod sample_events;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tables;

pub use amendment::{May, PlanAt, PlanChange, plan_change_lines, plan_changes};
pub use annotation::annotations;
pub use check_results::checks;
pub use closing::Closing;
pub use difference::{DifferenceView, LINES_BEFORE_A_QUESTION_MAX, RowChange, RowsOfTable, rows, structure};
pub use ended_session::{EndedSession, ended_session};
pub use failure::failure;
pub use journal_entry::JournalEntry;
pub use junit::{Suite, junit};
pub use listing::{BackupRow, HistoryRow, PlanRow, StatusRow, backups, history, plans, status};
pub use metrics::metrics;
pub use progress_log::ProgressLog;
pub use review::{Layout, MARKER, Width, change_lines, markdown, review_document, review_schema, text as review_text};
pub use run_warning::run_warning;
pub use saved_plan::saved_plan;
pub use style::Style;
pub use trace::{RunExit, Span, Trace, TracedWork, Whole};
pub use trace_context::TraceContext;
pub use trial::trial;
pub use units::{bytes, count, duration, so_many};
