//! Changing objects back while they stand: what must happen before anything is dropped, and what comes after the rows.

mod column;
mod derived;
mod pair;
mod plain;

pub(crate) use column::{drop_column, drop_not_null};
pub(crate) use pair::{Moments, Pair, added_columns, after, after_columns, before, columns, dropped_marks};
pub(crate) use plain::{is_replica_identity, replica_identity};
