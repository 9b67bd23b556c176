//! What is different about a place in a tree.

use super::wording::{list, plain, switch};
use crate::catalog::{
    kind::ObjectKey,
    lineage::{Descent, Lineage, PartitionOf},
};

pub(super) fn lineage(what: &mut Vec<String>, then: &Lineage, now: &Lineage) {
    plain(what, "partitioned by", &then.partition_key, &now.partition_key);
    let partition = |lineage: &Lineage| {
        lineage.partition_of.as_ref().map(|of| format!("{}.{} {}", of.parent.schema, of.parent.name, of.bound))
    };
    plain(what, "partition of", &partition(then), &partition(now));
    let detaching = |of: &Option<PartitionOf>| of.as_ref().is_some_and(|of| of.detaching);
    switch(what, "being detached", detaching(&then.partition_of), detaching(&now.partition_of));
    let parents = |lineage: &Lineage| -> Vec<String> {
        lineage.inherits.iter().map(|parent| format!("{}.{}", parent.schema, parent.name)).collect()
    };
    list(what, "parent", &parents(then), &parents(now));
}

/// "column id declared here -> inherited"
pub(super) fn descent(what: &mut Vec<String>, word: &str, then: Descent, now: Descent) {
    let said = |descent: Descent| match (descent.local, descent.above) {
        (_, 0) => "declared here".to_owned(),
        (true, 1) => "declared here and inherited".to_owned(),
        (false, 1) => "inherited".to_owned(),
        (true, above) => format!("declared here and inherited from {above}"),
        (false, above) => format!("inherited from {above}"),
    };
    plain(what, word, &Some(said(then)), &Some(said(now)));
}

/// "attached to s.i -> none"
pub(super) fn attached(what: &mut Vec<String>, then: &Option<ObjectKey>, now: &Option<ObjectKey>) {
    plain(what, "attached to", then, now);
}
