//! What a database is, found out without the program.

use std::collections::BTreeMap;

use tokio_postgres::Client;

/// Structure as facts, rows by table, positions by sequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub structure: Vec<String>,
    pub rows: BTreeMap<String, Vec<String>>,
    pub positions: Vec<String>,
}

const PINS: &str = "RESET ROLE; SET search_path = ''; SET statement_timeout = 0; SET row_security = off; SET DateStyle = ISO; SET TimeZone = UTC; \
                    SET IntervalStyle = postgres; SET extra_float_digits = 3; SET bytea_output = hex";

const TABLES: &str = "SELECT c.oid::pg_catalog.regclass::text, c.relkind::text, n.nspname || '.' || c.relname FROM pg_catalog.pg_class AS c \
                      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'S', 'm') AND n.nspname !~ '^pg_' \
                      AND n.nspname NOT IN ('information_schema', 'backstop', 'backup_pre_migration', 'bystanders') ORDER BY 1";

impl Facts {
    /// The session is the superuser's, and its settings are changed.
    pub async fn find(client: &Client) -> Facts {
        Facts::find_under(client, "''").await
    }

    /// The same where rows can only be read under a `search_path`, because the functions of their indexes lean on it.
    pub async fn find_under(client: &Client, path: &str) -> Facts {
        client.batch_execute(PINS).await.expect("settings");
        let structure = texts(client, include_str!("facts.sql")).await;
        client.batch_execute(&format!("SET search_path = {path}")).await.expect("a path");
        let mut facts = Facts { structure, rows: BTreeMap::new(), positions: Vec::new() };
        for row in client.query(TABLES, &[]).await.expect("tables") {
            let (name, kind): (String, String) = (row.get(0), row.get(1));
            if kind == "S" {
                let position = texts(client, &format!("SELECT last_value || ' ' || is_called FROM {name}")).await;
                facts.positions.push(format!("{name} {}", position.join("")));
            } else {
                let rows = match client.query(&format!("SELECT (t.*)::text FROM ONLY {name} AS t"), &[]).await {
                    Ok(rows) => rows,
                    // It may have been left without rows on purpose, and then can't be read.
                    Err(_) if kind == "m" => Vec::new(),
                    Err(error) => panic!("{name}: {error:?}"),
                };
                let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                rows.sort_unstable();
                facts.rows.insert(row.get(2), rows);
            }
        }
        facts
    }

    /// What is different, one line each; nothing where all is equal.
    pub fn differences(&self, other: &Facts, spelling: Spelling) -> Vec<String> {
        let mut found = Vec::new();
        found.extend(lines(&spelled(&self.structure, spelling), &spelled(&other.structure, spelling)));
        found.extend(lines(&self.positions, &other.positions));
        for name in self.rows.keys().chain(other.rows.keys()) {
            if self.rows.get(name) != other.rows.get(name)
                && !found.iter().any(|line| line.ends_with(&format!("rows of {name}")))
            {
                let (before, after) = (self.rows.get(name), other.rows.get(name));
                found.push(format!("{:?} before, {:?} after: rows of {name}", before.map(Vec::len), after.map(Vec::len)));
            }
        }
        found
    }
}

/// Whether the text of expressions counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Counts,
    /// Not the casts and parentheses that the server writes differently when it reads its own text again.
    Respelled,
}

fn spelled(lines: &[String], spelling: Spelling) -> Vec<String> {
    let plain = |line: &String| {
        ["::text", "::character varying", "::varchar", "[]", "(", ")"]
            .iter()
            .fold(line.clone(), |line, word| line.replace(word, ""))
    };
    let mut lines: Vec<String> =
        lines.iter().map(|line| if spelling == Spelling::Counts { line.clone() } else { plain(line) }).collect();
    lines.sort_unstable();
    lines
}

fn lines(before: &[String], after: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let mut all: Vec<String> = gone.chain(new).collect();
    if all.is_empty() && before != after {
        all.push("one fact comes more often than before".to_owned());
    }
    all
}

async fn texts(client: &Client, sql: &str) -> Vec<String> {
    let rows = client
        .query(sql, &[])
        .await
        .unwrap_or_else(|error| panic!("{error:?} in {}", sql.lines().next().unwrap_or_default()));
    rows.iter().map(|row| row.get::<_, Option<String>>(0).unwrap_or_default()).collect()
}
