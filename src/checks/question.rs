//! What a check asks the server, in texts that stand by themselves: for the program, and stored for psql.

use crate::{
    plan::{CheckKind, FieldValue, Rendered, Text},
    sql::quote,
};

/// What a check asks.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What it is asked of.
    pub of: Of,
    /// SQL that goes on behind `WITH RECURSIVE asked (place, relation, other, by_pattern, missing) AS (…)`, which whoever asks writes: the tables
    /// that are meant, in order, each with the other table where there is one. It answers rows of
    ///
    /// - `holds`: whether it holds; NULL where that could not be found out, or `query` says it
    /// - `message`: a fragment
    /// - `count`: what it counted, if anything
    /// - `query`: SQL that answers `holds`, `message` and `count`
    /// - `sample`: SQL that answers the rows that break it
    /// - `title`: the table's schema and name
    /// - `lacks`: columns that a table has not, as JSON: the table's oid and title, and the column, of each
    pub sql: String,
    /// Whether it is asked under the plan's search path, for which it names nothing without its schema.
    pub is_under_path: bool,
}

/// What a check is asked of.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// The database as a whole, once, whatever tables there are.
    Database,
    /// Tables.
    Tables(Tables),
    /// The answer of a query of the plan's own. The SQL goes on behind `WITH answered (rows, columns, cell, shown, text) AS (…)`.
    Query(Text),
}

/// The tables that a check is asked of.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// By names or patterns.
    pub names: Vec<Text>,
    /// The other table, for each of them.
    pub other: Option<Text>,
    /// Whether it is an answer that there is no such table.
    pub is_missing_an_answer: bool,
    /// What to say where no table has an answer.
    pub nothing: String,
}

impl Question {
    /// One that is asked of the plan's tables: `parts` are queries for WITH, and `answers` has the columns of an answer behind `place`.
    pub(super) fn of_tables(kind: &CheckKind<Rendered>, parts: &str, answers: &str) -> Self {
        let (names, other) = tables(kind);
        let of = Tables { names, other, is_missing_an_answer: false, nothing: "it names no table".to_owned() };
        Question { of: Of::Tables(of), sql: with_tables(parts, answers), is_under_path: false }
    }

    /// One that is asked once.
    pub(super) fn of_database(sql: &str) -> Self {
        let sql = format!(
            "{sql}SELECT f.holds, f.message, NULL::pg_catalog.int8 AS count, NULL::pg_catalog.text AS query, \
             NULL::pg_catalog.text AS sample, NULL::pg_catalog.text AS title, NULL::pg_catalog.text AS lacks \
             FROM found AS f ORDER BY f.place"
        );
        Question { of: Of::Database, sql, is_under_path: false }
    }

    /// The same, under the plan's search path.
    pub(super) fn under_path(mut self) -> Self {
        self.is_under_path = true;
        self
    }

    /// The same, with what to say where no table has an answer.
    pub(super) fn nothing(mut self, message: String) -> Self {
        if let Of::Tables(tables) = &mut self.of {
            tables.nothing = message;
        }
        self
    }

    /// The same, where a missing table is an answer.
    pub(super) fn missing_is_an_answer(mut self) -> Self {
        if let Of::Tables(tables) = &mut self.of {
            tables.is_missing_an_answer = true;
        }
        self
    }
}

fn tables(kind: &CheckKind<Rendered>) -> (Vec<Text>, Option<Text>) {
    let (mut names, mut other) = (Vec::new(), None);
    for (_, value) in &kind.fields {
        if let FieldValue::Tables(texts) = value {
            names.clone_from(texts);
        } else if let FieldValue::Table(text) = value {
            other = Some(text.clone());
        }
    }
    (names, other)
}

/// The tables with their titles for people, and their names for SQL.
const MEANT: &str = "\
, meant (place, relation, other, by_pattern, title, name) AS (
    SELECT a.place, a.relation, a.other, a.by_pattern, pg_catalog.format('%s.%s', n.nspname, c.relname),
           pg_catalog.format('%I.%I', n.nspname, c.relname)
    FROM asked AS a JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.relation
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
)
";

fn with_tables(parts: &str, answers: &str) -> String {
    format!(
        "{MEANT}{parts}, found (place, holds, message, count, query, sample, lacks) AS (\n{answers}\n)\n\
         SELECT f.holds, f.message, f.count, f.query, f.sample, m.title, f.lacks\n\
         FROM found AS f LEFT JOIN meant AS m ON m.place OPERATOR(pg_catalog.=) f.place ORDER BY f.place\n"
    )
}

/// Columns that are asked for, and for each table those that it has not.
pub(super) fn lacking(columns: &[String]) -> String {
    format!(
        "\
, named (nth, name) AS (SELECT k.nth, k.name FROM pg_catalog.unnest({}) WITH ORDINALITY AS k (name, nth))
, lacking (place, message, names) AS (
    SELECT m.place, pg_catalog.string_agg(pg_catalog.format('%s has no column %s', m.title, k.name), '; ' ORDER BY k.nth),
           pg_catalog.json_agg(pg_catalog.json_build_array(m.relation::pg_catalog.text, m.title, k.name) ORDER BY k.nth)::pg_catalog.text
    FROM meant AS m CROSS JOIN named AS k
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                      WHERE a.attrelid OPERATOR(pg_catalog.=) m.relation AND a.attname OPERATOR(pg_catalog.=) k.name
                        AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped)
    GROUP BY m.place
)
",
        super::read::array(columns)
    )
}

/// A text, for SQL.
pub(super) fn said(text: &str) -> String {
    quote::literal(text)
}
