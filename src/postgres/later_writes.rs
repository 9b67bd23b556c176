//! What others wrote to a run's targets after its backup, as the fence noted or captured it: counted before a restore that
//! would overwrite it, made again after one, forgotten when the run has ended.
//!
//! A write counts where the backup's moment did not see its transaction. This room knows nothing of how the fence came to know
//! of a write, nor of how a restore brings the rows back.

mod carry;
mod count;
mod foreign_keys;

pub use carry::{CARRY_OVER, CarriedOver, are_captured, forget_in};
pub use count::{LaterWrites, counted, refusal};
pub use foreign_keys::{FOREIGN_KEYS, ForeignKey, carry_over_under};
