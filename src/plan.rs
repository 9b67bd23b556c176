//! What is asked: a plan as plain values.
//!
//! This room knows nothing of file formats, SQL or I/O. It imports nothing. A plan comes in two stages: as it was
//! [`Written`], with templates in it, and [`Rendered`], with every text final.

mod backup;
mod batch;
mod bounds;
mod check;
mod document;
mod exception;
mod id;
mod place;
mod repository;
mod rollback;
mod session;
mod stage;
mod step;
mod variable;

pub use backup::{Backup, Sequences, Target, Verify, Writers};
pub use batch::{Batch, BatchBound};
pub use bounds::*;
pub use check::{Check, CheckKind, Checks, CountBounds, Expect, FieldValue, Pattern, Phase, Severity};
pub use document::{Plan, Repeat, Transaction};
pub use exception::LintException;
pub use id::{CheckId, EnvironmentName, IdError, PlanName, StepId, VarName};
pub use place::{FileIndex, Place};
pub use repository::{
    ApprovalKey, ApprovalPolicy, ConnectionSource, EnvironmentSettings, FailOn, LintSettings, RepositorySettings, RuleLevel,
    RuleSetting,
};
pub use rollback::{OnFailure, OnInterrupt, Rollback};
pub use session::Session;
pub use stage::{List, Rendered, SqlSource, Stage, Template, Text, Written};
pub use step::{Retry, Step, StepTransaction};
pub use variable::{SecretSource, Value, VarType, Variable};
