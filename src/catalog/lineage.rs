//! Where a table stands in a tree of partitions or of inheritance, and what its columns and parts have from there.

use serde::{Deserialize, Serialize};

use super::{
    kind::ObjectKey,
    kinds::wording::{list, plain, switch},
};

/// A table's place among partitions and inheritance children.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lineage {
    /// PARTITION BY: `pg_get_partkeydef`.
    pub partition_key: Option<String>,
    /// PARTITION OF
    pub partition_of: Option<PartitionOf>,
    /// INHERITS, in order; a partition has none.
    pub inherits: Vec<ObjectKey>,
}

impl Lineage {
    /// The tables above it.
    pub fn parents(&self) -> impl Iterator<Item = &ObjectKey> {
        self.partition_of.iter().map(|of| &of.parent).chain(&self.inherits)
    }

    /// Whether it is partitioned, or has a table above it. Of a table that is merely inherited from only its inheritance children know.
    pub fn is_known(&self) -> bool {
        self.partition_key.is_some() || self.parents().next().is_some()
    }
}

/// What makes a table a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionOf {
    /// The partitioned table.
    pub parent: ObjectKey,
    /// FOR VALUES … or DEFAULT: `pg_get_expr` of `relpartbound`.
    pub bound: String,
    /// DETACH … CONCURRENTLY has begun and is not finished.
    pub detaching: bool,
}

/// Who declares a column or constraint: the table itself, tables above it, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Descent {
    /// `attislocal`, `conislocal`
    pub local: bool,
    /// From how many tables above it comes: `attinhcount`, `coninhcount`.
    pub above: i32,
}

impl Descent {
    /// Declared by the table itself alone.
    pub const OWN: Descent = Descent { local: true, above: 0 };
}

/// What an older program recorded was never from above.
impl Default for Descent {
    fn default() -> Self {
        Descent::OWN
    }
}

/// Adds what is different about a place in a tree.
pub(super) fn describe_lineage(what: &mut Vec<String>, then: &Lineage, now: &Lineage) {
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
pub(super) fn describe_descent(what: &mut Vec<String>, word: &str, then: Descent, now: Descent) {
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
pub(super) fn describe_attached(what: &mut Vec<String>, then: &Option<ObjectKey>, now: &Option<ObjectKey>) {
    plain(what, "attached to", then, now);
}
