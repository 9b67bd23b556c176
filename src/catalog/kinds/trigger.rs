//! Triggers of tables and views.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    firing::{firing, trigger_state},
    wording::{comment, excerpt, plain},
};
use crate::{
    catalog::{kind::ObjectKey, lineage::describe_attached, source_form::source_form},
    sql::quote::{ident, qualified},
};

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// `pg_get_triggerdef`
    pub create: String,
    /// O, D, R, A as in `pg_trigger.tgenabled`.
    pub enabled: char,
    /// The trigger of the table above that it is a clone of.
    pub parent: Option<ObjectKey>,
    /// Of a constraint trigger: its constraint's name, where that is another one than its own.
    #[serde(default)]
    pub constraint: Option<String>,
    /// Of a constraint trigger: COMMENT ON CONSTRAINT.
    #[serde(default)]
    pub constraint_comment: Option<String>,
}

impl CatalogKind for Trigger {
    fn fires(&self) -> Option<char> {
        Some(self.enabled)
    }

    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "TRIGGER"
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Triggers
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Triggers
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let key = making.key;
        let mut statements = vec![source_form(&self.create)];
        statements.extend(self.constraint.as_ref().map(|name| rename_constraint(key, &key.name, name)));
        if self.enabled != 'O' {
            statements.push(trigger_state(key, self.enabled));
        }
        statements
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.create == now.create && self.parent == now.parent
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        self.from(now, changing.key)
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        describe_attached(what, &self.parent, &now.parent);
        excerpt(what, "definition", &self.create, &now.create);
        plain(what, "constraint", &self.constraint, &now.constraint);
        comment(what, "comment on the constraint", &self.constraint_comment, &now.constraint_comment);
        if self.enabled != now.enabled {
            what.push(format!("{} -> {}", firing(self.enabled), firing(now.enabled)));
        }
    }

    fn unspell(&mut self) {
        self.create.clear();
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        if !self.create.starts_with("CREATE CONSTRAINT ") {
            return Vec::new();
        }
        let name = ident(self.constraint.as_ref().unwrap_or(&key.name));
        vec![(format!("CONSTRAINT {name} ON {}", table_of(key)), self.constraint_comment.clone())]
    }

    fn parent(&self) -> Option<&ObjectKey> {
        self.parent.as_ref()
    }
}

impl Trigger {
    /// What brings a trigger that stands as `has` into the recorded state, and its constraint to its name.
    pub(in crate::catalog) fn from(&self, has: &Trigger, key: &ObjectKey) -> Vec<String> {
        let (wanted, called) = (self.constraint.as_ref().unwrap_or(&key.name), has.constraint.as_ref().unwrap_or(&key.name));
        let rename = (wanted != called).then(|| rename_constraint(key, called, wanted));
        rename.into_iter().chain((self.enabled != has.enabled).then(|| trigger_state(key, self.enabled))).collect()
    }
}

/// Gives the constraint of a constraint trigger another name.
fn rename_constraint(key: &ObjectKey, from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table_of(key), ident(from), ident(to))
}

fn table_of(key: &ObjectKey) -> String {
    qualified(&key.schema, key.of.as_deref().unwrap_or(&key.name))
}
