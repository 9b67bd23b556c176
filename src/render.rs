//! Plan and variables → [`ResolvedPlan`] and its fingerprint.
//!
//! A pure function of the plan, its variables and its files: no clock, no environment, no randomness. This room knows
//! nothing of databases. It imports `plan` and the quoting of `sql`.

mod resolved;

pub use resolved::ResolvedPlan;
