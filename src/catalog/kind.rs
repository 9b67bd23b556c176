//! What an object is called, without OIDs.

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of objects that a snapshot tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// A schema.
    Schema,
    /// An enum, domain, composite or range type.
    Type,
    /// A sequence, those of serial and identity columns included.
    Sequence,
    /// A function or procedure.
    Function,
    /// An aggregate function.
    Aggregate,
    /// A table with its columns, defaults and not-null marks.
    Table,
    /// A constraint of a table.
    Constraint,
    /// An index that belongs to no constraint.
    Index,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A rule of a table or view, other than the one that makes a view.
    Rule,
    /// Extended statistics.
    Statistics,
    /// A trigger of a table or view.
    Trigger,
    /// A row-level security policy.
    Policy,
    /// A publication.
    Publication,
    /// A table's membership in a publication or, with [`ObjectKey::of`] none, a schema's.
    Published,
    /// Anything else, which [`super::Definition`] tells apart: what is modelled, and what is fingerprinted, so that a change is
    /// noticed, but can't be recreated.
    Other,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [ObjectKind; 17] = [
        ObjectKind::Schema,
        ObjectKind::Type,
        ObjectKind::Sequence,
        ObjectKind::Function,
        ObjectKind::Aggregate,
        ObjectKind::Table,
        ObjectKind::Constraint,
        ObjectKind::Index,
        ObjectKind::View,
        ObjectKind::MaterializedView,
        ObjectKind::Rule,
        ObjectKind::Statistics,
        ObjectKind::Trigger,
        ObjectKind::Policy,
        ObjectKind::Publication,
        ObjectKind::Published,
        ObjectKind::Other,
    ];

    /// The word for it in sentences.
    pub fn word(self) -> &'static str {
        match self {
            ObjectKind::Schema => "schema",
            ObjectKind::Type => "type",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Function => "function",
            ObjectKind::Aggregate => "aggregate",
            ObjectKind::Table => "table",
            ObjectKind::Constraint => "constraint",
            ObjectKind::Index => "index",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Rule => "rule",
            ObjectKind::Statistics => "statistics",
            ObjectKind::Trigger => "trigger",
            ObjectKind::Policy => "policy",
            ObjectKind::Publication => "publication",
            ObjectKind::Published => "publication member",
            ObjectKind::Other => "object",
        }
    }
}

/// What identifies an object: its kind and its name within its schema or table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ObjectKey {
    /// Coarser than the server's: all types are one kind, functions and procedures another.
    pub kind: ObjectKind,
    /// Its schema; for a schema or publication, its own name; for [`ObjectKind::Other`] what `pg_identify_object` calls its type.
    pub schema: String,
    /// Its name; for a member of a publication that publication's. For a function or aggregate with its argument types, for [`ObjectKind::Other`] the identity that the server prints.
    pub name: String,
    /// The table or view that it is part of: constraints, triggers, rules, policies, memberships in publications.
    pub of: Option<String>,
}

/// Objects, each once.
pub(super) type ObjectKeys = BTreeSet<ObjectKey>;

impl ObjectKey {
    /// An object that stands by itself in a schema.
    pub fn new(kind: ObjectKind, schema: impl Into<String>, name: impl Into<String>) -> Self {
        ObjectKey { kind, schema: schema.into(), name: name.into(), of: None }
    }

    /// A part of a table or view.
    pub fn part(kind: ObjectKind, schema: impl Into<String>, of: impl Into<String>, name: impl Into<String>) -> Self {
        ObjectKey { kind, schema: schema.into(), name: name.into(), of: Some(of.into()) }
    }

    /// The table with this name.
    pub fn table(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(ObjectKind::Table, schema, name)
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.of, self.kind) {
            (Some(of), ObjectKind::Published) => write!(f, "table {}.{of} in publication {}", self.schema, self.name),
            (None, ObjectKind::Published) => write!(f, "schema {} in publication {}", self.schema, self.name),
            (Some(of), kind) => write!(f, "{} {} on {}.{}", kind.word(), self.name, self.schema, of),
            (None, ObjectKind::Schema | ObjectKind::Publication) => write!(f, "{} {}", self.kind.word(), self.name),
            (None, ObjectKind::Other) => write!(f, "{} {}", self.schema, self.name),
            (None, kind) => write!(f, "{} {}.{}", kind.word(), self.schema, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectKind;

    #[test]
    fn all_kinds_are_all_that_the_schema_knows() {
        let schema = serde_json::to_value(schemars::schema_for!(ObjectKind)).unwrap().to_string();
        for kind in ObjectKind::ALL {
            assert!(schema.contains(&serde_json::to_string(&kind).unwrap()), "{kind:?}");
        }
        assert_eq!(schema.matches("\"const\"").count(), ObjectKind::ALL.len(), "{schema}");
    }
}
