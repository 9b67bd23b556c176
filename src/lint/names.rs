//! Names as the plan's sessions understand them.

use crate::{
    plan::{Plan, Rendered, Text},
    sql::{QualifiedName, TablePattern},
};

/// The schemas that names without one are looked up in.
#[derive(Debug, Clone)]
pub(super) struct NameLookup {
    path: Vec<String>,
}

impl NameLookup {
    pub(super) fn of(plan: &Plan<Rendered>) -> Self {
        let parsed = |text: &Text| QualifiedName::parse(text.shown()).ok().map(|name| name.name);
        NameLookup { path: plan.session.search_path.iter().filter_map(parsed).collect() }
    }

    /// The name with the schema that something of this name is made in, and most likely found in.
    pub(super) fn whole(&self, name: &QualifiedName) -> QualifiedName {
        match &name.schema {
            Some(_) => name.clone(),
            None => QualifiedName { schema: self.path.first().cloned(), name: name.name.clone() },
        }
    }

    /// Whether both name the same.
    pub(super) fn same(&self, one: &QualifiedName, other: &QualifiedName) -> bool {
        one.name == other.name && self.whole(one) == self.whole(other)
    }

    /// Whether one of the patterns means the table.
    pub(super) fn is_meant(&self, patterns: &[TablePattern], table: &QualifiedName) -> bool {
        let schemas: Vec<&str> = match &table.schema {
            Some(schema) => vec![schema],
            None => self.path.iter().map(String::as_str).collect(),
        };
        let means = |pattern: &TablePattern, schema: &str| {
            pattern.matches(schema, &table.name) && (pattern.has_schema() || self.path.iter().any(|other| other == schema))
        };
        patterns.iter().any(|pattern| schemas.iter().any(|schema| means(pattern, schema)))
    }
}

/// The texts as patterns; what is none is left to those who resolve them.
pub(super) fn patterns<'t>(texts: impl IntoIterator<Item = &'t Text>) -> Vec<TablePattern> {
    texts.into_iter().filter_map(|text| TablePattern::parse(text.shown()).ok()).collect()
}
