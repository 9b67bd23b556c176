//! The values at the ends of a plan's tree: texts, numbers, words, lists, durations.

mod choice;
mod collection;
mod duration;
mod number;
mod text;

pub(super) use choice::{Choice, one_of, word_schema};
pub(super) use collection::{Anything, Keyed, Listed, NamedShapes};
pub use duration::duration;
pub(super) use duration::{Aim, Pause, Timeout};
pub(super) use number::{Flag, Ranged, True};
pub(super) use text::{AnyWords, FormatTag, Listing, Name, NonBlankText, id};
