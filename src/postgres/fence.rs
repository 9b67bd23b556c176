//! The fence: what becomes of writes of others to a run's targets while it goes on. They are refused, so that a restore can
//! lose none; or noted, so that it is known what one would overwrite; or captured, so that it can make them again.
//!
//! It is triggers on each target. Sessions of the run announce themselves in the setting `backstop.run`. It is a protection
//! against accidents: who knows the setting can set it. Changes that logical replication applies are noted and captured, but
//! not refused. This room knows nothing of what a restore makes of what was noted or captured.

mod put_up;
mod take_down;
mod terms;

pub use put_up::{keep_up, put_up};
pub use take_down::{Removed, remove, remove_disabled, remove_in};
pub use terms::{REFUSED, SCHEMA, Terms, announcement};
