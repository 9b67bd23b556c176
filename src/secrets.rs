//! The values of secrets, so that they can be taken out of whatever leaves the program.
//!
//! A secret is known here from the moment at which it may go into SQL. From then on every border (what is printed, written into files,
//! stored in the journal, sent to collectors) passes its texts through [`redacted`]: what a server, a check or a library says back is
//! searched for the values themselves, in all their spellings. The rest of a value that was cut is not known again: what is shortened is
//! searched first ([`beginning`]), and of what somebody else has cut the end is compared with beginnings of values ([`redacted_cut`]). This room knows nothing of where texts come from or go to.

mod json_parts;
mod known;
mod plain_form;
mod spellings;
mod typed_values;

pub use known::{beginning, keep, redacted, redacted_cut, redacted_json};
