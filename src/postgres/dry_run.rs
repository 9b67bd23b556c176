//! What a run would meet now: asked in sessions in which the server refuses to write.
//!
//! This part knows nothing of saved plans and of how any of it is told.

mod holder;
mod identity;
mod measure;
mod saved_plan_use;
mod session;

pub use holder::{TableLockHolder, holders};
pub use identity::{Moment, moment};
pub use measure::{DigestMethod, Measured, TableSize, measure, sizes};
pub use saved_plan_use::{SavedPlanUse, uses};
pub use session::{SessionRefusal, connect, structure};
