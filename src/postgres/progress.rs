//! What a session is doing right now, seen from another one.

mod blocker;
mod impatience;
mod look;
mod watch;

pub use blocker::{Blocker, blockers};
pub use impatience::Impatience;
pub use look::{Progress, Unit, look};
pub use watch::{Sight, Watch};
