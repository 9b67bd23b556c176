//! Default privileges.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making};
use crate::{
    catalog::{
        kind::ObjectKey,
        privilege::{Grant, grant_all_to, grantee},
    },
    sql::quote::ident,
};

/// Default privileges (`ALTER DEFAULT PRIVILEGES`), which are the object's grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    /// Whose new objects they are for.
    pub role: String,
    /// In which schema alone; none is everywhere.
    pub schema: Option<String>,
    /// TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS or LARGE OBJECTS.
    pub objects: String,
}

impl CatalogKind for DefaultPrivileges {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "DEFAULT PRIVILEGES"
    }

    fn title(&self, key: &ObjectKey) -> String {
        key.name.clone()
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Rest
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        self.set(&[], Some(making.grants))
    }

    fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        self.set(making.grants, None)
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self == now
    }

    fn after(&self, _now: &Self, changing: Changing<'_>) -> Vec<String> {
        self.set(changing.now_grants, Some(changing.then_grants))
    }

    fn describe(&self, _now: &Self, _what: &mut Vec<String>) {}

    fn has_comment(&self, _key: &ObjectKey) -> bool {
        false
    }

    fn has_owner(&self, _key: &ObjectKey) -> bool {
        false
    }

    fn roles(&self) -> Vec<&String> {
        vec![&self.role]
    }
}

impl DefaultPrivileges {
    /// The statements that make default privileges what was recorded, which may be none at all; without an entry, what they are then:
    /// in a schema nothing is added, everywhere else the built-in ones hold.
    fn set(&self, now: &[Grant], entry: Option<&[Grant]>) -> Vec<String> {
        let then = entry.unwrap_or_default();
        let DefaultPrivileges { role, schema, objects } = self;
        let place = schema.as_ref().map(|schema| format!(" IN SCHEMA {}", ident(schema))).unwrap_or_default();
        let alter = format!("ALTER DEFAULT PRIVILEGES FOR ROLE {}{place}", ident(role));
        let mut roles: BTreeSet<String> = now.iter().chain(then).map(grantee).collect();
        roles.extend(["PUBLIC".to_owned(), ident(role)]);
        let roles: Vec<String> = roles.into_iter().collect();
        let mut statements = vec![format!("{alter} REVOKE ALL ON {objects} FROM {}", roles.join(", "))];
        if entry.is_none() && schema.is_none() {
            if matches!(objects.as_str(), "FUNCTIONS" | "TYPES") {
                statements.push(format!("{alter} GRANT ALL ON {objects} TO PUBLIC"));
            }
            statements.push(format!("{alter} GRANT ALL ON {objects} TO {}", ident(role)));
        }
        let mut rest = then;
        while let [head, ..] = rest {
            let same = |grant: &&Grant| (&grant.grantee, grant.grantable) == (&head.grantee, head.grantable);
            let (group, later) = rest.split_at(rest.iter().take_while(same).count());
            statements.push(format!("{alter} {}", grant_all_to(objects, None, &group.iter().collect::<Vec<_>>())));
            rest = later;
        }
        statements
    }
}
