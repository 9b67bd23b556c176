//! The database itself.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making},
    wording::{list, plain, switch},
};
use crate::{
    catalog::kind::ObjectKey,
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

/// What `ALTER DATABASE` sets, and the settings that roles have in this database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// CONNECTION LIMIT; -1 is none.
    pub connection_limit: i32,
    /// IS_TEMPLATE
    pub is_template: bool,
    /// ALLOW_CONNECTIONS
    pub allows_connections: bool,
    /// The version of its collation, where the server keeps one (from PostgreSQL 15 on).
    pub collation_version: Option<String>,
    /// `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET`.
    pub settings: Vec<RoleSettings>,
}

/// The settings of one role, or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSettings {
    /// Whose; none is everybody's.
    pub role: Option<String>,
    /// `name=value`, as `pg_db_role_setting.setconfig` has them.
    pub settings: Vec<String>,
}

impl CatalogKind for Database {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "DATABASE"
    }

    /// As the server quoted it.
    fn title(&self, key: &ObjectKey) -> String {
        key.name.clone()
    }

    fn made(&self) -> CreateOrder {
        CreateOrder::Rest
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Rest
    }

    fn create(&self, _making: Making<'_>) -> Vec<String> {
        Vec::new()
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self.collation_version == now.collation_version
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let name = &changing.key.name;
        let mut options = Vec::new();
        if self.connection_limit != now.connection_limit {
            options.push(format!("CONNECTION LIMIT {}", self.connection_limit));
        }
        if self.is_template != now.is_template {
            options.push(format!("IS_TEMPLATE {}", self.is_template));
        }
        if self.allows_connections != now.allows_connections {
            options.push(format!("ALLOW_CONNECTIONS {}", self.allows_connections));
        }
        let mut statements = Vec::new();
        if !options.is_empty() {
            statements.push(format!("ALTER DATABASE {name} WITH {}", options.join(" ")));
        }
        statements.extend(settings(name, self, now));
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        plain(what, "connection limit", &Some(self.connection_limit), &Some(now.connection_limit));
        switch(what, "template", self.is_template, now.is_template);
        switch(what, "connections allowed", self.allows_connections, now.allows_connections);
        plain(what, "collation version", &self.collation_version, &now.collation_version);
        let settings = |database: &Database| -> Vec<String> {
            let of = |of: &RoleSettings| {
                let role = of.role.as_ref().map(|role| format!("of role {role} ")).unwrap_or_default();
                of.settings.iter().map(|setting| format!("{role}{setting}")).collect::<Vec<_>>()
            };
            database.settings.iter().flat_map(of).collect()
        };
        list(what, "setting", &settings(self), &settings(now));
    }

    fn granted(&self, key: &ObjectKey) -> Option<String> {
        Some(format!("DATABASE {}", key.name))
    }

    fn roles(&self) -> Vec<&String> {
        self.settings.iter().filter_map(|of| of.role.as_ref()).collect()
    }

    fn obstacles(&self) -> Vec<String> {
        vec!["was dropped or changed, and can't be made again".to_owned()]
    }

    fn can_drop(&self, _key: &ObjectKey) -> bool {
        false
    }
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
