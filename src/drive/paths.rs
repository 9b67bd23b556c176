//! Which path belongs to which relation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::manifest::as_pairs;
use crate::catalog::{ObjectKey, ObjectKind, Snapshot};

/// The paths under which the expressions of relations were evaluated when a backup was taken. A path is text as `SET search_path`
/// takes it; an empty one is written as nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExpressionPaths {
    /// By table or materialized view; those of all others are empty.
    #[serde(with = "as_pairs")]
    pub of: BTreeMap<ObjectKey, String>,
    /// Others that were fit to be tried: for what a step hangs on a table.
    pub others: Vec<String>,
    /// What is to be told of schemas that they led to and that are not looked into any more.
    pub shunned: Vec<String>,
    /// What the backup recorded, where these are what is left of it at some moment: at another one it may be more.
    #[serde(skip)]
    pub narrowed_from: Option<Box<ExpressionPaths>>,
}

impl ExpressionPaths {
    /// As the backup recorded them.
    pub fn recorded(&self) -> &ExpressionPaths {
        self.narrowed_from.as_deref().unwrap_or(self)
    }

    /// The one of a table or materialized view.
    pub fn of(&self, relation: &ObjectKey) -> &str {
        self.of.get(relation).map_or("", String::as_str)
    }

    /// The one under which a statement about an object is to be run: that of the table which it belongs to, or whose values it
    /// looks at.
    pub fn of_object(&self, object: &ObjectKey, then: &Snapshot) -> &str {
        if self.of.is_empty() {
            return "";
        }
        let name = object.of.as_ref().unwrap_or(&object.name);
        let relations =
            [ObjectKind::Table, ObjectKind::MaterializedView].map(|kind| ObjectKey::new(kind, &object.schema, name));
        let own =
            relations.iter().filter(|key| object.of.is_some() || key.kind == object.kind).find_map(|key| self.of.get(key));
        own.or_else(|| self.of_users(object, then)).map_or("", String::as_str)
    }

    /// An index or statistics object stands beside its table, a domain beneath those whose values a change of it looks at.
    fn of_users(&self, object: &ObjectKey, then: &Snapshot) -> Option<&String> {
        let needs = |key: &ObjectKey, need: &ObjectKey| then.objects.get(key).is_some_and(|of| of.depends_on.contains(need));
        match object.kind {
            ObjectKind::Statistics | ObjectKind::Index => {
                self.of.iter().find(|(table, _)| needs(object, table)).map(|(_, path)| path)
            }
            ObjectKind::Type => self.of.iter().find(|(table, _)| needs(table, object)).map(|(_, path)| path),
            _ => None,
        }
    }

    /// What is tried to read a relation, the likeliest first.
    pub fn tries(&self, relation: &ObjectKey) -> Vec<&str> {
        let mut tries = vec![self.of(relation)];
        for other in std::iter::once("").chain(self.others.iter().map(String::as_str)) {
            if !tries.contains(&other) {
                tries.push(other);
            }
        }
        tries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Snapshot;

    #[test]
    fn parts_of_a_table_have_its_path_and_others_none() {
        let table = ObjectKey::table("s", "t");
        let paths = ExpressionPaths {
            of: BTreeMap::from([(table.clone(), "s, pg_temp".to_owned())]),
            others: vec!["o".to_owned()],
            ..ExpressionPaths::default()
        };
        let then = Snapshot::default();
        let check = ObjectKey { of: Some("t".to_owned()), ..ObjectKey::new(ObjectKind::Constraint, "s", "c") };
        assert_eq!(paths.of_object(&table, &then), "s, pg_temp");
        assert_eq!(paths.of_object(&check, &then), "s, pg_temp");
        assert_eq!(paths.of_object(&ObjectKey::new(ObjectKind::Function, "s", "t"), &then), "");
        assert_eq!(paths.of_object(&ObjectKey::table("other", "t"), &then), "");
        assert_eq!(paths.tries(&table), ["s, pg_temp", "", "o"]);
        assert_eq!(paths.tries(&ObjectKey::table("s", "u")), ["", "o"]);
    }
}
