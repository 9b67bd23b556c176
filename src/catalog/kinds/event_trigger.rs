//! Event triggers.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{CatalogKind, CreateOrder, DropOrder, Making},
    firing::{firing, word},
    wording::{list, plain},
};
use crate::{catalog::kind::ObjectKey, sql::quote::literal};

/// An event trigger. Its key's name is as the server quotes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTrigger {
    /// ON: `ddl_command_end`, …
    pub event: String,
    /// WHEN TAG IN; empty is all.
    pub tags: Vec<String>,
    /// The function that it calls, without the parentheses.
    pub function: String,
    /// O, D, R, A as in `pg_event_trigger.evtenabled`.
    pub enabled: char,
}

impl CatalogKind for EventTrigger {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "EVENT TRIGGER"
    }

    fn title(&self, key: &ObjectKey) -> String {
        key.name.clone()
    }

    /// It would act on everything that is done after it; for that no state is changed while it stands, either.
    fn made(&self) -> CreateOrder {
        CreateOrder::Last
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::First
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let tags: Vec<String> = self.tags.iter().map(|tag| literal(tag)).collect();
        let when = if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({})", tags.join(", ")) };
        let mut statements = vec![format!(
            "CREATE EVENT TRIGGER {} ON {}{when} EXECUTE FUNCTION {}()",
            self.title(making.key),
            self.event,
            self.function
        )];
        if self.enabled != 'O' {
            statements.push(format!("ALTER EVENT TRIGGER {} {}", self.title(making.key), word(self.enabled)));
        }
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "on", &Some(&self.event), &Some(&now.event));
        list(what, "tag", &self.tags, &now.tags);
        plain(what, "function", &Some(&self.function), &Some(&now.function));
        if self.enabled != now.enabled {
            what.push(format!("{} -> {}", firing(self.enabled), firing(now.enabled)));
        }
    }
}
