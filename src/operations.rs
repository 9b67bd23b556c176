//! The use cases, one a file: what the program can do, with values in and values out.
//!
//! Plans are read ([`apply::plans_to_apply`]), its database found ([`DatabaseAccess::open`]), and an operation called. Who is told meanwhile is a
//! [`Watcher`], who may stop it an [`Interruption`]. The configuration is read once, and only where something asks for it. This room
//! knows nothing of terminals, of a command line and of exit codes: it prints nothing, and installs no handler of signals.

mod accept;
mod applied_plans;
pub mod apply;
pub mod approve;
pub mod backup;
pub mod check;
mod configuration;
mod confinement;
mod database;
mod database_target;
pub mod demo;
pub mod difference;
pub mod dry_run;
mod files;
pub mod format;
pub mod history;
mod install;
mod interruption;
pub mod lint;
mod pause;
mod plan_diff;
mod plan_files;
mod plan_scope;
mod problem;
pub mod render;
mod repository;
mod resolve_plans;
pub mod restore;
pub mod resume;
mod run_context;
mod run_lock;
pub mod runs;
mod saved_file;
pub mod saved_plan;
mod saved_plan_match;
pub mod scaffold;
mod selection;
pub mod settle;
pub mod status;
pub mod watcher;

pub use accept::accept;
pub use applied_plans::{PlanState, PlanStatus};
pub use configuration::{Chosen, Configuration};
pub use confinement::confined;
pub use database::DatabaseAccess;
pub use database_target::DatabaseTarget;
pub use files::FileAccess;
pub use install::{Installed, install};
pub use interruption::{Interrupter, Interruption, cancel_statements, interruption, unless_stopped};
pub use pause::{go_on, pause};
pub use plan_diff::{of_files, of_git};
pub use plan_files::PlanFile;
pub use problem::{Details, OperationProblem, ProblemKind};
pub use repository::{FILE as REPOSITORY_FILE, Repository, RepositoryEnvironment};
pub use resolve_plans::{Offline, Sourced, VariableValues, read_resolved};
pub use run_context::{RunContext, RunOptions};
pub use selection::Selection;
pub use watcher::{DriveOutcome, Observer, OperationNotice, Recorded, RunLeft, Silent, Watcher};
