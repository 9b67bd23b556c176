//! `ALTER DATABASE`, and the settings that roles have in the database.

use super::alter::Pair;
use crate::{
    catalog::{
        database::{Database, RoleSettings},
        object::Definition,
    },
    sql::quote::{ident, literal},
};

/// Settings whose value is a list, which the server stores with its parts quoted (`GUC_LIST_QUOTE`).
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// The statements that change the database back.
pub(super) fn alter(pair: Pair<'_>) -> Vec<String> {
    let (Definition::Database(then), Definition::Database(now)) = (&pair.then.definition, &pair.now.definition) else {
        return Vec::new();
    };
    let name = &pair.key.name;
    let mut options = Vec::new();
    if then.connection_limit != now.connection_limit {
        options.push(format!("CONNECTION LIMIT {}", then.connection_limit));
    }
    if then.is_template != now.is_template {
        options.push(format!("IS_TEMPLATE {}", then.is_template));
    }
    if then.allows_connections != now.allows_connections {
        options.push(format!("ALLOW_CONNECTIONS {}", then.allows_connections));
    }
    let mut statements = Vec::new();
    if !options.is_empty() {
        statements.push(format!("ALTER DATABASE {name} WITH {}", options.join(" ")));
    }
    statements.extend(settings(name, then, now));
    statements
}

fn settings(name: &str, then: &Database, now: &Database) -> Vec<String> {
    let of = |database: &Database, role: &Option<String>| -> Vec<String> {
        database.settings.iter().find(|of| of.role == *role).map(|of| of.settings.clone()).unwrap_or_default()
    };
    let more = now.settings.iter().filter(|of| then.settings.iter().all(|other| other.role != of.role));
    let mut statements = Vec::new();
    for RoleSettings { role, .. } in then.settings.iter().chain(more) {
        let (wanted, has) = (of(then, role), of(now, role));
        if wanted == has {
            continue;
        }
        let alter = match role {
            Some(role) => format!("ALTER ROLE {} IN DATABASE {name}", ident(role)),
            None => format!("ALTER DATABASE {name}"),
        };
        // The order in which they stand is theirs, too.
        if !has.is_empty() {
            statements.push(format!("{alter} RESET ALL"));
        }
        statements.extend(wanted.iter().filter_map(|setting| {
            let (name, value) = setting.split_once('=')?;
            Some(format!("{alter} SET {name} TO {}", value_of(name, value)))
        }));
    }
    statements
}

/// The value as SET takes it.
fn value_of(name: &str, value: &str) -> String {
    if !LISTS.contains(&name) {
        return literal(value);
    }
    let parts: Vec<String> = parts(value).iter().map(|part| literal(part)).collect();
    if parts.is_empty() { "''".to_owned() } else { parts.join(", ") }
}

/// The parts of a list as it is stored: `"$user", public`.
fn parts(value: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let (mut is_quoted, mut characters) = (false, value.chars().peekable());
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => parts.push(std::mem::take(&mut part)),
            ' ' if !is_quoted => {}
            other => part.push(other),
        }
    }
    if !value.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(settings: &[(Option<&str>, &[&str])]) -> Database {
        let of = |(role, settings): &(Option<&str>, &[&str])| RoleSettings {
            role: role.map(str::to_owned),
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
        };
        Database {
            connection_limit: -1,
            is_template: false,
            allows_connections: true,
            collation_version: None,
            settings: settings.iter().map(of).collect(),
        }
    }

    #[test]
    fn settings_are_set_anew_role_by_role() {
        let then =
            database(&[(None, &[r#"search_path="$user", "a ""b""", public"#, "work_mem=4MB"]), (Some("api"), &["a.b=x'y"])]);
        let now = database(&[(None, &["work_mem=8MB"]), (Some("Other"), &["work_mem=1MB"]), (Some("api"), &["a.b=x'y"])]);
        assert_eq!(
            settings("d", &then, &now),
            [
                "ALTER DATABASE d RESET ALL",
                r#"ALTER DATABASE d SET search_path TO '$user', 'a "b"', 'public'"#,
                "ALTER DATABASE d SET work_mem TO '4MB'",
                r#"ALTER ROLE "Other" IN DATABASE d RESET ALL"#
            ]
        );
        assert_eq!(value_of("search_path", ""), "''");
        assert_eq!(value_of("search_path", r#""""#), "''");
    }
}
