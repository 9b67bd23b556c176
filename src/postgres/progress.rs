//! What a session is doing right now, seen from another one.

mod blocker;
mod blocker_termination;
mod progress_views;
mod watch;

pub use blocker::{Blocker, blockers};
pub use blocker_termination::BlockerTermination;
pub use progress_views::{StatementProgress, Unit, look};
pub use watch::{SessionProgress, Tell, Watch};
