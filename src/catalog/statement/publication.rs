//! Publications and their members.

use super::{
    create::{options_list, with_options},
    source_form::source_form,
};
use crate::{
    catalog::{kind::ObjectKey, object::Definition},
    sql::quote::{ident, qualified},
};

/// The publication without members, or one member. A child of a table in it is a member of its own.
pub(super) fn create(key: &ObjectKey, definition: &Definition) -> Vec<String> {
    let name = ident(&key.name);
    match definition {
        Definition::Publication { all_tables, options } => {
            let all = if *all_tables { " FOR ALL TABLES" } else { "" };
            vec![format!("CREATE PUBLICATION {name}{all}{}", with_options(options))]
        }
        Definition::Published { columns, filter } => {
            let mut member = format!("TABLE ONLY {}", table(key));
            if !columns.is_empty() {
                let columns: Vec<String> = columns.iter().map(|column| ident(column)).collect();
                member.push_str(&format!(" ({})", columns.join(", ")));
            }
            if let Some(filter) = filter {
                member.push_str(&format!(" WHERE ({})", source_form(filter)));
            }
            vec![format!("ALTER PUBLICATION {name} ADD {member}")]
        }
        Definition::PublishedSchema => {
            vec![format!("ALTER PUBLICATION {name} ADD TABLES IN SCHEMA {}", ident(&key.schema))]
        }
        _ => Vec::new(),
    }
}

/// Takes a table or schema out of a publication.
pub(super) fn remove(key: &ObjectKey) -> String {
    let member = match &key.of {
        Some(_) => format!("TABLE ONLY {}", table(key)),
        None => format!("TABLES IN SCHEMA {}", ident(&key.schema)),
    };
    format!("ALTER PUBLICATION {} DROP {member}", ident(&key.name))
}

/// Sets all options: each has a value at any time.
pub(super) fn set_options(key: &ObjectKey, options: &[String]) -> String {
    format!("ALTER PUBLICATION {} SET ({})", ident(&key.name), options_list(options))
}

fn table(key: &ObjectKey) -> String {
    qualified(&key.schema, key.of.as_deref().unwrap_or_default())
}
