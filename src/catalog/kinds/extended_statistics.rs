//! Extended statistics.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    wording::{excerpt, plain},
};
use crate::catalog::{kind::ObjectKey, source_form::source_form};

/// Extended statistics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedStatistics {
    /// The table or materialized view that they are about.
    pub on: ObjectKey,
    /// `pg_get_statisticsobjdef`
    pub create: String,
    /// SET STATISTICS, where it was set.
    pub target: Option<i32>,
}

impl CatalogKind for ExtendedStatistics {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "STATISTICS"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Statistics
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Indexes
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let mut statements = vec![source_form(&self.create)];
        statements.extend(self.target.map(|target| self.set_target(making.key, target)));
        statements
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.on == now.on && self.create == now.create
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let set = || self.set_target(changing.key, self.target.unwrap_or(-1));
        (self.target != now.target).then(set).into_iter().collect()
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "on", &Some(&self.on), &Some(&now.on));
        excerpt(what, "definition", &self.create, &now.create);
        plain(what, "statistics target", &self.target, &now.target);
    }

    fn unspell(&mut self) {
        self.create.clear();
    }
}

impl ExtendedStatistics {
    fn set_target(&self, key: &ObjectKey, target: i32) -> String {
        format!("ALTER STATISTICS {} SET STATISTICS {target}", self.title(key))
    }
}
