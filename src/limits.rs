//! Work with bounds on what it takes: memory, stack and time.
//!
//! What strangers write (templates, SQL) is read and run by libraries that bound none of the three everywhere. So such work runs
//! on a thread of its own whose allocations are counted and whose stack and time have an end. A thread that goes beyond its bounds
//! is stopped for good where it is, and whoever waits for it is told which bound it was: an error of the plan, not the end of the
//! program. This room knows nothing of the work.

mod meter;
#[cfg(unix)]
mod overflow;
mod within;

pub use meter::{Metered, unmetered};
pub use within::{Bounds, Overrun, within};
