//! `ALTER … DEPENDS ON EXTENSION`.

use std::collections::BTreeSet;

use crate::catalog::{kind::ObjectKey, object::Object};

/// The statements that give an object which is to be dropped with the extensions `now` its recorded ones.
pub(crate) fn extensions(key: &ObjectKey, then: &Object, now: &BTreeSet<String>) -> Vec<String> {
    let alter = format!("ALTER {}", then.definition.extension_target(key));
    let gone = now.difference(&then.extensions).map(|name| format!("{alter} NO DEPENDS ON EXTENSION {name}"));
    gone.chain(then.extensions.difference(now).map(|name| format!("{alter} DEPENDS ON EXTENSION {name}"))).collect()
}
