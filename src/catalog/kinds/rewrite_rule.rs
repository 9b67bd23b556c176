//! Rules of tables and views.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    firing::{firing, rule_state},
    wording::excerpt,
};
use crate::catalog::{kind::ObjectKey, source_form::source_form};

/// A rule of a table or view, other than the one that makes a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewriteRule {
    /// `pg_get_ruledef`, without the last semicolon.
    pub create: String,
    /// O, D, R, A as in `pg_rewrite.ev_enabled`.
    pub enabled: char,
}

impl CatalogKind for RewriteRule {
    fn fires(&self) -> Option<char> {
        Some(self.enabled)
    }

    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "RULE"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Triggers
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Triggers
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let mut statements = vec![source_form(&self.create)];
        if self.enabled != 'O' {
            statements.push(rule_state(making.key, self.enabled));
        }
        statements
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.create == now.create
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        (self.enabled != now.enabled).then(|| rule_state(changing.key, self.enabled)).into_iter().collect()
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        excerpt(what, "definition", &self.create, &now.create);
        if self.enabled != now.enabled {
            what.push(format!("{} -> {}", firing(self.enabled), firing(now.enabled)));
        }
    }

    fn unspell(&mut self) {
        self.create.clear();
    }
}
