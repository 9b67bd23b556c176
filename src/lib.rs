//! backstop changes production PostgreSQL databases without fear: a plan is run as a state machine with checkpoints, and
//! when a step or a check fails the database is brought back by itself, structure and data, and proven to be as it was.
//!
//! A program that embeds it calls [`operations`]: use cases with values in and values out, which print nothing. This applies a plan
//! (`examples/embed.rs` is a whole program):
//!
//! ```no_run
//! use backstop::operations::{
//!     Configuration, DatabaseAccess, DatabaseTarget, OperationProblem, RunContext, RunOptions, Silent,
//!     apply::{self, ApplyOptions, Interrupted},
//!     interruption,
//! };
//!
//! # async fn applied() -> Result<bool, OperationProblem> {
//! let configuration = Configuration::default();
//! let target = DatabaseTarget::Given("postgresql:///shop".to_owned());
//! let wanted = ApplyOptions { plans: vec!["plans/close-legacy-accounts.yaml".into()], ..ApplyOptions::default() };
//! let plans = apply::plans_to_apply(&configuration, &target, &wanted, &mut Silent)?;
//!
//! let database = DatabaseAccess::open(&configuration, &target, &mut Silent).await?;
//! // Whoever holds the other end may stop the run; it is left in order then.
//! let (_interrupter, interruption) = interruption();
//! let context = RunContext { database: &database, options: &RunOptions::default(), interruption: &interruption };
//! let outcomes = apply::apply(&context, plans, Interrupted::Refuse, &mut Silent).await?;
//! Ok(outcomes.iter().all(|plan| plan.outcome.is_done()))
//! # }
//! ```
//!
//! The values that operations take and give come from [`plan`] (what is asked), [`machine`] (events and how runs end), [`catalog`]
//! (structure and its changes), [`render`], [`lint`], [`review`] and [`saved`]; [`report`] makes text, JSON and other reports of them.
//! The rooms that are not in this page's list are public for the crate's own tests, and nothing is promised of them.
//!
//! Data flows one way: file → [`plan::Plan`] → [`render::ResolvedPlan`] → operation → commands and effects → events (the journal) →
//! report. Every module is one room with one job; `tests/it/house.rs` holds what each may import.

// The tests of a room say by it what can't come.
#![cfg_attr(not(test), deny(clippy::unreachable))]

pub mod catalog;
pub mod checks;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod drive;
#[doc(hidden)]
pub mod limits;
pub mod lint;
pub mod load;
pub mod machine;
pub mod operations;
pub mod plan;
#[doc(hidden)]
pub mod postgres;
pub mod render;
pub mod report;
pub mod review;
pub mod sandbox;
pub mod saved;
#[doc(hidden)]
pub mod secrets;
#[doc(hidden)]
pub mod sql;
