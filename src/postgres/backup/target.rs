//! Whether the tables of a backup can be copied.

use tokio_postgres::{Client, Error};

use crate::{machine::Failure, postgres::error_class::failure, sql::quote::qualified};

/// What stands in the way of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    Missing,
    NotATable,
    Privilege,
    RowSecurity,
}

impl Obstacle {
    fn code(self) -> &'static str {
        match self {
            Obstacle::Missing => "backstop::backup::missing_table",
            Obstacle::NotATable => "backstop::backup::not_a_table",
            Obstacle::Privilege => "backstop::backup::privilege",
            Obstacle::RowSecurity => "backstop::backup::row_security",
        }
    }

    fn why(self) -> &'static str {
        match self {
            Obstacle::Missing => "does not exist",
            Obstacle::NotATable => "is no table",
            Obstacle::Privilege => "may not be read by this role",
            Obstacle::RowSecurity => "shows this role only some of its rows, because of row-level security",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Obstacle::Missing => "Correct the name among the backup's targets.",
            Obstacle::NotATable => "Only tables can be copied: name the table behind it.",
            Obstacle::Privilege => "GRANT SELECT on the table to the role, or run as its owner.",
            Obstacle::RowSecurity => {
                "ALTER ROLE ... BYPASSRLS, or run as a role that row-level security does not bind: a copy must hold all rows."
            }
        }
    }
}

/// Looks at all tables at once, given as schema and name, in one statement that waits for nobody.
///
/// # Errors
/// What stands in the way, for every table that has something, under the code of the first.
pub async fn examine(client: &Client, tables: &[(String, String)]) -> Result<(), Failure> {
    let failed = |error| failure("backstop::backup::not_examined", &error);
    let (schemas, names): (Vec<&str>, Vec<&str>) = tables.iter().map(|(s, n)| (s.as_str(), n.as_str())).unzip();
    let mut obstacles = Vec::new();
    for row in client.query(include_str!("target.sql"), &[&schemas, &names]).await.map_err(failed)? {
        let get = |index: usize| row.try_get::<_, bool>(index).map_err(failed);
        let (schema, name): (&str, &str) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        let obstacle = match (get(2)?, get(3)?, get(4)?, get(5)?) {
            (false, ..) => Obstacle::Missing,
            (_, false, ..) => Obstacle::NotATable,
            (_, _, false, _) => Obstacle::Privilege,
            (.., true) => Obstacle::RowSecurity,
            _ => continue,
        };
        obstacles.push((obstacle, format!("{schema}.{name}")));
    }
    if obstacles.is_empty() { Ok(()) } else { Err(refusal(&obstacles)) }
}

/// The tables with the largest first, by heap and TOAST. They are locked, or this waits for whoever has them.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn largest_first(client: &Client, tables: &[(String, String)]) -> Result<Vec<(String, String)>, Error> {
    const SIZES: &str = "SELECT t.place, pg_catalog.pg_table_size(t.name::pg_catalog.regclass) \
                         FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS t(name, place) \
                         ORDER BY 2 DESC, t.place";
    let names: Vec<String> = tables.iter().map(|(schema, name)| qualified(schema, name)).collect();
    let mut ordered = Vec::with_capacity(tables.len());
    for row in client.query(SIZES, &[&names]).await? {
        let place: i64 = row.try_get(0)?;
        // WITH ORDINALITY counts from 1.
        let table = usize::try_from(place).ok().and_then(|place| tables.get(place.checked_sub(1)?));
        ordered.extend(table.cloned());
    }
    Ok(ordered)
}

fn refusal(obstacles: &[(Obstacle, String)]) -> Failure {
    let lines: Vec<String> = obstacles.iter().map(|(obstacle, table)| format!("{table} {}", obstacle.why())).collect();
    let first = obstacles.iter().map(|(obstacle, _)| *obstacle).min().unwrap_or(Obstacle::Missing);
    let failure = Failure::permanent(first.code(), lines.join("; "));
    failure.hint(first.hint())
}
