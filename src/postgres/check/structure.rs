//! Checks of tables, columns, functions and extensions.

use std::cmp::Ordering;

use tokio_postgres::{Client, Error, types::Oid};

use super::{
    evaluate::{Asked, each},
    finding::{Finding, Unevaluated},
    sample::{self, column_name, columns, missing_column},
};
use crate::{
    plan::Text,
    postgres::{
        relation::{NotFound, Relation, Relations},
        search_path::{PlanPath, Qualified},
    },
    sql::QualifiedName,
};

/// The only kind for which a missing table is an answer.
pub(super) async fn tables_exist(
    client: &Client,
    relations: &Relations,
    tables: &[Text],
    names: &[Text],
) -> Result<Finding, Unevaluated> {
    let mut found = Vec::new();
    for text in tables {
        match relations.find(text.sent()) {
            Ok(meant) => {
                for table in meant {
                    found.push(has_columns(client, table, names).await?);
                }
            }
            Err(NotFound::NoName(why)) => return Unevaluated::because(format!("`{text}` {why}")),
            Err(why) => found.push(Finding::broken(why.message(text.shown()))),
        }
    }
    if found.is_empty() { Unevaluated::because("it names no table") } else { Ok(Finding::all(found)) }
}

async fn has_columns(client: &Client, table: &Relation, names: &[Text]) -> Result<Finding, Unevaluated> {
    let columns = columns(client, table).await?;
    let mut missing = Vec::new();
    for text in names {
        let name = column_name(text)?;
        if !columns.iter().any(|column| column.name == name) {
            missing.push(missing_column(&columns, table, &name));
        }
    }
    Ok(match missing.is_empty() {
        true if names.is_empty() => Finding::holds(format!("{table} exists")),
        true => Finding::holds(format!("{table} exists with all of the columns")),
        false => Finding::broken(missing.join("; ")),
    })
}

/// A pattern stands for those tables that have the column.
pub(super) async fn column_types(
    asked: &Asked<'_>,
    tables: &[Text],
    column: &Text,
    data_type: &Text,
) -> Result<Finding, Unevaluated> {
    let Asked { client, path, relations } = *asked;
    let wanted = Type::of(client, path, data_type).await?;
    let column = column_name(column)?;
    let mut found = Vec::new();
    for text in tables {
        let is_pattern = crate::sql::TablePattern::parse(text.sent()).is_ok_and(|pattern| pattern.exact().is_none());
        for table in each(relations, std::slice::from_ref(text))? {
            match column_type(asked, table, &column, &wanted).await? {
                Some(finding) => found.push(finding),
                None if is_pattern => {}
                None => {
                    let columns = sample::columns(client, table).await?;
                    return Unevaluated::because(missing_column(&columns, table, &column));
                }
            }
        }
    }
    if found.is_empty() {
        return Unevaluated::because(format!("no table that is meant has a column {column}"));
    }
    Ok(Finding::all(found))
}

/// A type with its modifier: `varchar(50)` is another one than `varchar`.
struct Type {
    oid: Oid,
    modifier: i32,
    name: String,
}

impl Type {
    async fn of(client: &Client, path: &PlanPath, text: &Text) -> Result<Self, Unevaluated> {
        let Some(oid) = path.data_type(client, text.sent()).await? else {
            return Unevaluated::because(format!("type {text} does not exist"));
        };
        // The server took the text for a type's name and nothing else, so that it can stand in a statement.
        let cast = format!("SELECT NULL::{}", text.sent());
        let cast = path.during(client, client.prepare(&cast), |error| error).await?;
        let Some(column) = cast.columns().first() else { return Unevaluated::because(format!("{text} is no type")) };
        // The type's own oid and not the statement's: a domain is described as the type beneath it.
        let modifier = column.type_modifier();
        Ok(Type { oid, modifier, name: path.type_name(client, oid, modifier).await? })
    }
}

async fn column_type(
    asked: &Asked<'_>,
    table: &Relation,
    column: &str,
    wanted: &Type,
) -> Result<Option<Finding>, Unevaluated> {
    let Asked { client, path, .. } = *asked;
    let row = client
        .query_opt(
            "SELECT atttypid, atttypmod, typtype OPERATOR(pg_catalog.=) 'd'
             FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) atttypid
             WHERE attrelid OPERATOR(pg_catalog.=) $1 AND attname OPERATOR(pg_catalog.=) $2
               AND attnum OPERATOR(pg_catalog.>) 0 AND NOT attisdropped",
            &[&table.oid, &column],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (oid, modifier, is_domain): (Oid, i32, bool) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let is = path.type_name(client, oid, modifier).await?;
    let holds = oid == wanted.oid && (modifier == wanted.modifier || is_domain);
    let message = match holds {
        true => format!("{table}.{column} is {is}"),
        false => format!("{table}.{column} is {is}, not {}", wanted.name),
    };
    Ok(Some(Finding::when(holds, message)))
}

pub(super) async fn functions(
    client: &Client,
    path: &PlanPath,
    names: &[Text],
    returns: Option<&Text>,
) -> Result<Finding, Unevaluated> {
    let mut found = Vec::new();
    for name in names {
        let oids = function_oids(client, path, name).await?;
        found.push(match (oids.is_empty(), returns) {
            (true, _) => Finding::broken(format!("function {name} does not exist")),
            (false, None) => Finding::holds(format!("function {name} exists")),
            (false, Some(returns)) => {
                let results = results(client, path, &oids).await?;
                function_returns(client, path, name, &results, returns).await?
            }
        });
    }
    if found.is_empty() { Unevaluated::because("it names no function") } else { Ok(Finding::all(found)) }
}

async fn function_oids(client: &Client, path: &PlanPath, text: &Text) -> Result<Vec<Oid>, Unevaluated> {
    const VISIBLE: Qualified = Qualified::new(
        "SELECT p.oid FROM pg_catalog.pg_proc AS p \
         WHERE p.proname OPERATOR(pg_catalog.=) $1::pg_catalog.name AND pg_catalog.pg_function_is_visible(p.oid)",
    );
    const IN_SCHEMA: &str = "SELECT p.oid FROM pg_catalog.pg_proc AS p \
                             JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace \
                             WHERE p.proname OPERATOR(pg_catalog.=) $1 AND n.nspname OPERATOR(pg_catalog.=) $2";
    if text.sent().contains('(') {
        return Ok(path.function(client, text.sent()).await?.into_iter().collect());
    }
    let name = match QualifiedName::parse(text.sent()) {
        Ok(name) => name,
        Err(why) => return Unevaluated::because(format!("`{text}` {why}")),
    };
    let rows = match &name.schema {
        Some(schema) => client.query(IN_SCHEMA, &[&name.name, schema]).await?,
        None => path.query(client, VISIBLE, &[&name.name]).await?,
    };
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// What functions return.
struct Returned {
    /// As the server prints it to whoever has the plan's path.
    printed: String,
    oid: Option<Oid>,
    is_set: bool,
}

async fn results(client: &Client, path: &PlanPath, oids: &[Oid]) -> Result<Vec<Returned>, Error> {
    const RESULTS: Qualified = Qualified::new(
        "SELECT coalesce(pg_catalog.pg_get_function_result(p.oid), 'nothing'), p.prorettype, p.proretset \
         FROM pg_catalog.pg_proc AS p WHERE p.oid OPERATOR(pg_catalog.=) ANY ($1)",
    );
    let rows = path.query(client, RESULTS, &[&oids]).await?;
    let returned =
        |row: &tokio_postgres::Row| Ok(Returned { printed: row.try_get(0)?, oid: row.try_get(1)?, is_set: row.try_get(2)? });
    rows.iter().map(returned).collect()
}

async fn function_returns(
    client: &Client,
    path: &PlanPath,
    name: &Text,
    results: &[Returned],
    returns: &Text,
) -> Result<Finding, Unevaluated> {
    let holds = printed_as(results, returns) || {
        let wanted = path.data_type(client, returns.sent()).await?;
        wanted.is_some() && results.iter().any(|result| result.oid == wanted && !result.is_set)
    };
    let is = results.iter().map(|result| result.printed.as_str()).collect::<Vec<_>>().join(" or ");
    let message = match holds {
        true => format!("function {name} returns {is}"),
        false => format!("function {name} returns {is}, not {returns}"),
    };
    Ok(Finding::when(holds, message))
}

/// The result as the server prints it, `SETOF uuid` or `TABLE(a integer)` for instance.
fn printed_as(results: &[Returned], returns: &Text) -> bool {
    results.iter().any(|result| result.printed.eq_ignore_ascii_case(returns.sent().trim()))
}

pub(super) async fn extension(client: &Client, name: &Text, at_least: Option<&Text>) -> Result<Finding, Unevaluated> {
    let row = client
        .query_opt("SELECT extversion FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) $1", &[&name.sent()])
        .await?;
    let Some(row) = row else { return Ok(Finding::broken(format!("extension {name} is not installed"))) };
    let version: String = row.try_get(0)?;
    Ok(match at_least {
        Some(min) if compare_versions(&version, min.sent()) == Ordering::Less => {
            Finding::broken(format!("extension {name} has version {version}, not at least {min}"))
        }
        _ => Finding::holds(format!("extension {name} has version {version}")),
    })
}

/// Extensions name their versions as they like; numbers in them are compared as numbers, the rest as text.
fn compare_versions(a: &str, b: &str) -> Ordering {
    let mut left = a.split(['.', '-', '_']);
    let mut right = b.split(['.', '-', '_']);
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (l, r) => {
                let (l, r) = (l.unwrap_or("0"), r.unwrap_or("0"));
                match (l.parse::<u64>(), r.parse::<u64>()) {
                    (Ok(l), Ok(r)) => l.cmp(&r),
                    _ => l.cmp(r),
                }
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (a, b, order) in [
            ("1.10", "1.9", Ordering::Greater),
            ("1.1", "1.1.0", Ordering::Equal),
            ("3.3.2", "3.4", Ordering::Less),
            ("2", "2.0.1", Ordering::Less),
        ] {
            assert_eq!(compare_versions(a, b), order, "{a} {b}");
        }
    }
}
