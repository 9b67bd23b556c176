//! The fence: what becomes of writes of others to a run's targets while it goes on. They are refused, so that a restore can
//! lose none; or noted, so that it is known what one would overwrite; or captured, so that it can make them again.
//!
//! It is triggers on each target, and a row in the journal by which they know whether the fence is up, and the run's sessions: these
//! hold the run's pass in the setting `backstop.run`. This room knows nothing of what a restore makes of what was noted or captured.

mod pass;
mod put_up;
mod take_down;
mod terms;

pub use pass::{Lets, announce};
pub use put_up::{keep_up, note_breaches, put_up};
pub use take_down::{Capturing, Removed, capturing, clear_away, lower_in, take_down};
pub use terms::{FenceTerms, REFUSED, SCHEMA};
