//! Changing objects back while they stand: what must happen before anything is dropped, and what comes after the rows.

mod column;
mod derived;
mod pair;
mod plain;

pub(crate) use pair::{Moments, Pair, after, after_columns, before, columns};
pub(crate) use plain::replica_identity;
