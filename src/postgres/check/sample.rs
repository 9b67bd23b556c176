//! A few offending rows, as bounded text.

use tokio_postgres::{Client, Error, SimpleQueryMessage, types::Oid};

use crate::{
    machine::RowSample,
    plan::{SAMPLE_CELL_CHARS_MAX, SAMPLE_ROWS_MAX},
    secrets,
};

/// Names that are less alike than this are no suggestion (1.0 is equal).
const LIKENESS_MIN: f64 = 0.8;

/// What is said of columns that tables lack, with the names that were meant perhaps. None where the list is none that is understood.
pub(super) async fn lacking(client: &Client, lacks: &str) -> Result<Option<String>, Error> {
    let Ok(lacks) = serde_json::from_str::<Vec<(String, String, String)>>(lacks) else { return Ok(None) };
    let mut said = Vec::with_capacity(lacks.len());
    for (relation, title, column) in lacks {
        let Ok(relation) = relation.parse() else { return Ok(None) };
        let near = nearest(&columns(client, relation).await?, &column).map(|other| format!("; did you mean {other}?"));
        said.push(format!("{title} has no column {column}{}", near.unwrap_or_default()));
    }
    Ok(Some(said.join("; ")))
}

/// The columns of a relation, in order.
async fn columns(client: &Client, relation: Oid) -> Result<Vec<String>, Error> {
    const COLUMNS: &str = "SELECT a.attname::text FROM pg_catalog.pg_attribute AS a \
                           WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    client.query(COLUMNS, &[&relation]).await?.iter().map(|row| row.try_get(0)).collect()
}

fn nearest<'c>(columns: &'c [String], name: &str) -> Option<&'c String> {
    let likeness = columns.iter().map(|column| (strsim::jaro_winkler(column, name), column));
    likeness.filter(|(likeness, _)| *likeness >= LIKENESS_MIN).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, column)| column)
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

/// The text without secrets, cut at the bound.
pub(super) fn cut(text: &str) -> String {
    match secrets::beginning(text, SAMPLE_CELL_CHARS_MAX) {
        (whole, false) => whole,
        (_, true) => secrets::beginning(text, SAMPLE_CELL_CHARS_MAX - 3).0 + "...",
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
}
