//! A few offending rows, as bounded text.

use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::finding::Unevaluated;
use crate::{
    machine::RowSample,
    plan::{SAMPLE_CELL_CHARS_MAX, SAMPLE_ROWS_MAX, Text},
    postgres::relation::Relation,
    secrets,
    sql::{QualifiedName, quote},
};

/// Most columns that a sample shows of a table without a primary key.
const COLUMNS_MAX: usize = 8;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) in_primary_key: bool,
}

/// The columns of a relation, in order.
pub(super) async fn columns(client: &Client, table: &Relation) -> Result<Vec<Column>, Error> {
    let rows = client
        .query(
            "SELECT a.attname::text,
                    EXISTS (SELECT FROM pg_catalog.pg_index AS i
                            WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
             FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY a.attnum",
            &[&table.oid],
        )
        .await?;
    rows.iter().map(|row| Ok(Column { name: row.try_get(0)?, in_primary_key: row.try_get(1)? })).collect()
}

/// The names of columns as the plan has them → those of the table.
pub(super) fn named(columns: &[Column], table: &Relation, names: &[Text]) -> Result<Vec<String>, Unevaluated> {
    if names.is_empty() {
        return Unevaluated::because("it names no column");
    }
    let mut found = Vec::with_capacity(names.len());
    for text in names {
        let name = column_name(text)?;
        if !columns.iter().any(|column| column.name == name) {
            return Unevaluated::because(missing_column(columns, table, &name));
        }
        found.push(name);
    }
    Ok(found)
}

/// A single column's name, as the plan has it.
pub(super) fn column_name(text: &Text) -> Result<String, Unevaluated> {
    match QualifiedName::parse(text.sent()) {
        Ok(QualifiedName { schema: None, name }) => Ok(name),
        Ok(_) => Unevaluated::because(format!("`{text}` is no column's name")),
        Err(why) => Unevaluated::because(format!("`{text}` {why}")),
    }
}

pub(super) fn missing_column(columns: &[Column], table: &Relation, name: &str) -> String {
    const LIKENESS_MIN: f64 = 0.8;
    let near = columns
        .iter()
        .map(|column| (strsim::jaro_winkler(&column.name, name), &column.name))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, other)) => format!("{table} has no column {name}; did you mean {other}?"),
        None => format!("{table} has no column {name}"),
    }
}

/// The expressions that show a row of the table, known as `alias`: its primary key and the columns in question; all of them,
/// up to a bound, where it has no key.
pub(super) fn shown(columns: &[Column], asked: &[String], alias: &str) -> String {
    let mut names: Vec<&str> = columns.iter().filter(|c| c.in_primary_key).map(|c| c.name.as_str()).collect();
    if names.is_empty() {
        names = columns.iter().take(COLUMNS_MAX).map(|c| c.name.as_str()).collect();
    }
    for name in asked {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.iter().map(|name| format!("{alias}.{}", quote::ident(name))).collect::<Vec<_>>().join(", ")
}

/// The first rows that the query answers. It is read as text, so that no type is unknown.
pub(super) async fn take(client: &Client, sql: &str) -> Result<RowSample, Error> {
    let limited = format!("{sql} LIMIT {}", SAMPLE_ROWS_MAX + 1);
    let mut sample = RowSample { columns: Vec::new(), rows: Vec::new(), more: false };
    for message in client.simple_query(&limited).await? {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                sample.columns = columns.iter().map(|column| column.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => {
                let cells: Vec<Option<&str>> = (0..row.len()).map(|cell| row.try_get(cell)).collect::<Result<_, _>>()?;
                push(&mut sample, cells.into_iter());
            }
            _ => {}
        }
    }
    Ok(sample)
}

/// Adds a row, or only notes that there are more.
pub(super) fn push<'r>(sample: &mut RowSample, cells: impl Iterator<Item = Option<&'r str>>) {
    if sample.rows.len() < SAMPLE_ROWS_MAX {
        sample.rows.push(cells.map(|cell| cell.map(cut)).collect());
    } else {
        sample.more = true;
    }
}

/// The text, cut at the bound; secrets are taken out first, because the rest of a cut one would not be known again.
pub(super) fn cut(text: &str) -> String {
    let text = &*secrets::redacted(text);
    match text.char_indices().nth(SAMPLE_CELL_CHARS_MAX) {
        None => text.to_owned(),
        Some(_) => {
            let mut short: String = text.chars().take(SAMPLE_CELL_CHARS_MAX - 3).collect();
            short.push_str("...");
            short
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_their_bound_in_characters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"ß".repeat(80)).chars().count(), 80);
        let long = cut(&"ß".repeat(81));
        assert_eq!((long.chars().count(), long.chars().last()), (80, Some('.')));
    }

    #[test]
    fn a_row_is_shown_by_its_key_and_the_columns_in_question() {
        let column = |name: &str, in_primary_key| Column { name: name.to_owned(), in_primary_key };
        let with_key = [column("a", false), column("id", true), column("b", false)];
        assert_eq!(shown(&with_key, &["b".to_owned(), "id".to_owned()], "t"), r#"t."id", t."b""#);
        assert_eq!(shown(&with_key[..1], &["a".to_owned()], "t"), r#"t."a""#);
    }
}
