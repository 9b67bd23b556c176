//! A question, asked.

use tokio_postgres::{Client, SimpleQueryRow};

use super::{
    finding::{CheckFinding, Unevaluated},
    query::{self, Expected},
    sample,
    verdict::{rows_of, verdict},
};
use crate::{
    checks::{Of, Question, Tables},
    plan::Text,
    postgres::{
        relation::{NotFound, Relations},
        search_path::PlanPath,
    },
    sql::{TablePattern, quote},
};

/// Where checks are asked.
pub(super) struct CheckContext<'a> {
    pub(super) client: &'a Client,
    /// Where names of the plan are looked up.
    pub(super) path: &'a PlanPath,
    pub(super) relations: &'a Relations,
}

impl CheckContext<'_> {
    /// What the database answers.
    pub(super) async fn ask(&self, question: &Question, expected: Expected) -> Result<CheckFinding, Unevaluated> {
        match &question.of {
            Of::Query(sql) => query::ask((self.client, self.path), sql, &question.sql, expected).await,
            Of::Database => Ok(CheckFinding::all(self.findings(question, &[AskedTable::nothing()]).await?)),
            Of::Tables(tables) => {
                let findings = self.findings(question, &self.meant(tables)?).await?;
                if findings.is_empty() { Unevaluated::because(&*tables.nothing) } else { Ok(CheckFinding::all(findings)) }
            }
        }
    }

    /// Every table that the names and patterns mean, once.
    fn meant(&self, tables: &Tables) -> Result<Vec<AskedTable>, Unevaluated> {
        let other = tables.other.as_ref().map(|name| self.one(name)).transpose()?;
        let mut meant: Vec<AskedTable> = Vec::new();
        for name in &tables.names {
            let by_pattern = TablePattern::parse(name.sent()).is_ok_and(|pattern| pattern.exact().is_none());
            let found = match self.relations.find(name.sent()) {
                Ok(found) => found,
                Err(why) if tables.is_missing_an_answer && !matches!(why, NotFound::NoName(_)) => {
                    meant.push(AskedTable { missing: Some(why.message(name.shown())), ..AskedTable::nothing() });
                    continue;
                }
                Err(why) => return Unevaluated::because(why.message(name.shown())),
            };
            for table in found {
                match meant.iter_mut().find(|known| known.relation == Some(table.oid)) {
                    Some(known) => known.by_pattern &= by_pattern,
                    None => meant.push(AskedTable { relation: Some(table.oid), other, by_pattern, missing: None }),
                }
            }
        }
        if meant.is_empty() { Unevaluated::because("it names no table") } else { Ok(meant) }
    }

    fn one(&self, name: &Text) -> Result<u32, Unevaluated> {
        match self.relations.find(name.sent()).as_deref() {
            Ok([table]) => Ok(table.oid),
            Ok(_) => Unevaluated::because(format!("`{name}` means more than one table")),
            Err(why) => Unevaluated::because(why.message(name.shown())),
        }
    }

    async fn findings(&self, question: &Question, meant: &[AskedTable]) -> Result<Vec<CheckFinding>, Unevaluated> {
        let rows: Vec<String> = meant.iter().enumerate().map(|(place, meant)| meant.row(place)).collect();
        let sql = format!(
            "WITH RECURSIVE asked (place, relation, other, by_pattern, missing) AS (VALUES {}){}",
            rows.join(", "),
            question.sql
        );
        let answers = match question.is_under_path {
            true => self.path.during(self.client, rows_of(self.client, &sql), |error| error).await?,
            false => rows_of(self.client, &sql).await?,
        };
        let mut findings = Vec::with_capacity(answers.len());
        for row in &answers {
            findings.push(self.finding(row).await?);
        }
        Ok(findings)
    }

    /// What one answer says, or the query in it.
    async fn finding(&self, row: &SimpleQueryRow) -> Result<CheckFinding, Unevaluated> {
        let said = match row.try_get("query")? {
            None => verdict(row)?,
            Some(query) => rows_of(self.client, query).await?.first().map(verdict).transpose()?.unwrap_or_default(),
        };
        let message = match row.try_get("lacks")? {
            None => said.message,
            Some(lacks) => sample::lacking(self.client, lacks).await?.unwrap_or(said.message),
        };
        let Some(holds) = said.holds else { return Unevaluated::because(message) };
        let sample = match row.try_get("sample")?.filter(|_| !holds) {
            Some(sample) => Some(sample::take(self.client, sample).await?),
            None => None,
        };
        let mut finding = CheckFinding::when(holds, message).sample(sample);
        finding.count = said.count;
        finding.answer = row.try_get("title")?.zip(said.count).map(|(title, count)| format!("{title}: {count}"));
        Ok(finding)
    }
}

/// A table that is meant, or that there is none.
struct AskedTable {
    relation: Option<u32>,
    other: Option<u32>,
    by_pattern: bool,
    missing: Option<String>,
}

impl AskedTable {
    fn nothing() -> Self {
        AskedTable { relation: None, other: None, by_pattern: false, missing: None }
    }

    fn row(&self, place: usize) -> String {
        let oid = |oid: Option<u32>| oid.map_or_else(|| "NULL".to_owned(), |oid| oid.to_string());
        let missing = self.missing.as_deref().map_or_else(|| "NULL".to_owned(), quote::literal);
        format!(
            "({place}, {}::pg_catalog.oid, {}::pg_catalog.oid, {}, {missing}::pg_catalog.text)",
            oid(self.relation),
            oid(self.other),
            self.by_pattern
        )
    }
}
