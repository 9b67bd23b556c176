//! Statements: quoting, splitting, kinds, names.
//!
//! This room knows nothing of plans or databases. It imports nothing. The server stays the judge of what is valid: a statement
//! that isn't known here is no error.

mod classify;
mod column_list;
mod concurrent_index;
mod detached_partition;
mod down_section;
mod excerpt;
pub mod facts;
mod filled;
mod identifiers;
mod keywords;
mod kind;
mod lock;
mod name;
mod normalize;
mod pattern;
mod placeholder;
mod problem;
pub mod quote;
mod refusal;
mod split;
mod token;

pub use column_list::KeyText;
pub use concurrent_index::ConcurrentIndex;
pub use detached_partition::DetachedPartition;
pub use down_section::{DownSection, down_section};
pub use excerpt::{byte_offset, excerpt, line_column};
pub use filled::filled;
pub use identifiers::{mentions, place_of};
pub use kind::StatementKind;
pub use lock::LockLevel;
pub use name::{IDENT_BYTES_MAX, NameError, QualifiedName};
pub use normalize::normalized;
pub use pattern::TablePattern;
pub use placeholder::{Placeholders, fill};
pub use problem::SqlProblem;
pub use refusal::{StatementRefusal, Where, refusals};
pub use split::{Statement, split};
pub(crate) use token::{Token, TokenKind, Tokens};
