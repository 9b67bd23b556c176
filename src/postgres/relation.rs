//! Tables as people name them → relations of the database.

use std::collections::HashSet;

use tokio_postgres::{Client, Error, types::Oid};

use super::search_path::{PlanPath, Qualified};
use crate::sql::{NameError, TablePattern};

/// Reads every relation that has rows: oid, schema, name, kind, whether it is of the system, and its extension.
pub const RELATIONS: &str = include_str!("relation/relations.sql");

/// Names that are less alike than this are no suggestion (1.0 is equal).
const LIKENESS_MIN: f64 = 0.8;

/// What kind of relation it is, as in `pg_class.relkind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// r
    Table,
    /// p
    Partitioned,
    /// v
    View,
    /// m
    MaterializedView,
    /// f
    Foreign,
}

/// A relation that has rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// `pg_class.oid`
    pub oid: u32,
    /// Its schema.
    pub schema: String,
    /// Unquoted, `pg_class.relname`.
    pub name: String,
    /// From `pg_class.relkind`.
    pub kind: RelationKind,
    /// The extension whose script made it.
    pub extension: Option<String>,
    visible: bool,
    system: bool,
}

impl Relation {
    /// Whether it belongs to the server itself.
    pub fn is_of_the_system(&self) -> bool {
        self.system
    }

    /// Schema and name, quoted, for SQL.
    pub fn quoted(&self) -> String {
        crate::sql::quote::qualified(&self.schema, &self.name)
    }
}

/// For people.
impl std::fmt::Display for Relation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Why a name leads to no relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFound {
    /// It is no name.
    NoName(NameError),
    /// There is none; perhaps this one was meant.
    NoTable {
        /// A name that is almost the same.
        suggestion: Option<String>,
    },
    /// No relation matches the pattern.
    NoMatch,
}

impl NotFound {
    /// What is wrong with the name, as a fragment.
    pub fn message(&self, name: &str) -> String {
        match self {
            NotFound::NoName(why) => format!("`{name}` {why}"),
            NotFound::NoTable { suggestion: None } => format!("table {name} does not exist"),
            NotFound::NoTable { suggestion: Some(other) } => format!("table {name} does not exist; did you mean {other}?"),
            NotFound::NoMatch => format!("no table matches {name}"),
        }
    }
}

/// All relations of a database at one moment, as a plan's `search_path` shows them.
#[derive(Debug, Clone)]
pub struct Relations(Vec<Relation>);

impl Relations {
    /// Reads them.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn read(client: &Client, path: &PlanPath) -> Result<Self, Error> {
        const VISIBLE: Qualified =
            Qualified::new("SELECT c.oid FROM pg_catalog.pg_class AS c WHERE pg_catalog.pg_table_is_visible(c.oid)");
        let visible = path.query(client, VISIBLE, &[]).await?;
        let visible = visible.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<Oid>, Error>>()?;
        let relation = |row: &tokio_postgres::Row| {
            let oid = row.try_get(0)?;
            Ok(Relation {
                oid,
                schema: row.try_get(1)?,
                name: row.try_get(2)?,
                kind: match row.try_get::<_, i8>(3)?.to_ne_bytes() {
                    [b'p'] => RelationKind::Partitioned,
                    [b'v'] => RelationKind::View,
                    [b'm'] => RelationKind::MaterializedView,
                    [b'f'] => RelationKind::Foreign,
                    _ => RelationKind::Table,
                },
                visible: visible.contains(&oid),
                system: row.try_get(4)?,
                extension: row.try_get(5)?,
            })
        };
        let rows = client.query(RELATIONS, &[]).await?;
        rows.iter().map(relation).collect::<Result<_, _>>().map(Relations)
    }

    /// The relations that a name or a pattern means, ordered by name. Without a schema they are looked up as the server
    /// does it: the first of that name in the search path. A pattern never means a system catalog.
    ///
    /// # Errors
    /// [`NotFound`] where it means none.
    pub fn find(&self, name: &str) -> Result<Vec<&Relation>, NotFound> {
        let pattern = TablePattern::parse(name).map_err(NotFound::NoName)?;
        let exact = pattern.exact();
        let meant = |relation: &&Relation| {
            (pattern.has_schema() || relation.visible)
                && (exact.is_some() || !relation.system)
                && pattern.matches(&relation.schema, &relation.name)
        };
        let found: Vec<&Relation> = self.0.iter().filter(meant).collect();
        match (found.is_empty(), exact) {
            (false, _) => Ok(found),
            (true, None) => Err(NotFound::NoMatch),
            (true, Some(exact)) => Err(NotFound::NoTable { suggestion: self.suggestion(&exact.to_string()) }),
        }
    }

    /// The relation with this oid.
    pub fn by_oid(&self, oid: u32) -> Option<&Relation> {
        self.0.iter().find(|relation| relation.oid == oid)
    }

    fn suggestion(&self, name: &str) -> Option<String> {
        let bare = name.rsplit('.').next().unwrap_or(name);
        let likeness = |relation: &Relation| {
            let whole = strsim::jaro_winkler(&relation.to_string(), name);
            // The right name in another schema is what people mean most often.
            if relation.name == bare { 1.0 } else { whole.max(strsim::jaro_winkler(&relation.name, name)) }
        };
        self.0
            .iter()
            .filter(|relation| !relation.system)
            .map(|relation| (likeness(relation), relation))
            .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, relation)| relation.to_string())
    }
}
