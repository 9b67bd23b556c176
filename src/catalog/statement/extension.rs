//! `ALTER … DEPENDS ON EXTENSION`.

use std::collections::BTreeSet;

use super::name::{noun, title};
use crate::{
    catalog::{
        kind::{Kind, ObjectKey},
        object::Object,
    },
    sql::quote::qualified,
};

/// The statements that give an object which is to be dropped with the extensions `now` its recorded ones.
pub(crate) fn extensions(key: &ObjectKey, then: &Object, now: &BTreeSet<String>) -> Vec<String> {
    let alter = match key.kind {
        // That of the index behind it.
        Kind::Constraint => format!("ALTER INDEX {}", qualified(&key.schema, &key.name)),
        Kind::Schema
        | Kind::Type
        | Kind::Sequence
        | Kind::Function
        | Kind::Aggregate
        | Kind::Table
        | Kind::Index
        | Kind::View
        | Kind::MaterializedView
        | Kind::Rule
        | Kind::Statistics
        | Kind::Trigger
        | Kind::Policy
        | Kind::Publication
        | Kind::Published
        | Kind::Other => format!("ALTER {} {}", noun(key, &then.definition), title(key, &then.definition)),
    };
    let gone = now.difference(&then.extensions).map(|name| format!("{alter} NO DEPENDS ON EXTENSION {name}"));
    gone.chain(then.extensions.difference(now).map(|name| format!("{alter} DEPENDS ON EXTENSION {name}"))).collect()
}
