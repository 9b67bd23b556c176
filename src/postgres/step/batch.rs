//! Steps in batches: a table gone through by a key, a short transaction at a time.
//!
//! Each batch commits together with its checkpoint, so that whatever crashes, every batch takes effect exactly once. A batch
//! changes rows and nothing else, which is told from its statements and from one look at the locks that it holds: no snapshots
//! of the catalog are taken.

mod key;
mod pace;
mod page;
mod run;
mod throttle;
mod written_tables;

pub use key::Key;
pub use pace::{Meter, Pace};
pub use run::commit_next;
pub use throttle::{Brake, Lag, brake, hidden};
