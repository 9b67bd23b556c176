//! A database in which a change is made and taken back, all in one transaction that is rolled back: much quicker than a database of
//! its own for each, with another judge than `pg_dump`.

use std::collections::BTreeSet;

use tokio_postgres::Statement;

use super::{
    server::Database,
    way_back::{Backup, NoWayBack},
};
use crate::support::TestDatabase;

/// What the database is, asked by other words than the program's.
const ORACLE: &str = include_str!("../support/facts.sql");

/// A change.
#[derive(Debug, Clone)]
pub struct Applied {
    /// As it is, and with CASCADE.
    pub statements: Vec<String>,
}

/// Changes of which the first that the server takes counts.
pub type Choice = Vec<Applied>;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Restored,
    Refused(String),
    NoStatement,
    Stuck(String),
    Different(String),
}

/// A database of its own, and how it was.
pub struct Worker {
    pub database: Database,
    backup: Backup,
    facts: Vec<String>,
    /// The oracle, prepared: planning it takes longer than asking.
    oracle: Statement,
}

impl Worker {
    pub async fn new(template: &TestDatabase) -> Worker {
        let database = Database::copy("worker", template).await;
        let backup = Backup::take(&database, |_| true).await;
        let oracle = database.client.prepare(ORACLE).await.expect("the oracle");
        let facts = facts(&database, &oracle).await;
        Worker { database, backup, facts, oracle }
    }

    /// The verdict of what is applied, one after the other: of each choice the first that the server takes. With what it took.
    pub async fn judge(&self, choices: &[Choice]) -> (Verdict, Vec<Option<String>>) {
        let client = &self.database.client;
        client.batch_execute("BEGIN; SET LOCAL search_path = ''").await.unwrap();
        let mut done = Vec::new();
        for choice in choices {
            let mut taken = None;
            for sql in choice.iter().flat_map(|applied| &applied.statements) {
                client.batch_execute("SAVEPOINT form").await.unwrap();
                if client.batch_execute(&format!("{sql}; SET CONSTRAINTS ALL IMMEDIATE")).await.is_ok() {
                    taken = Some(sql.clone());
                    break;
                }
                client.batch_execute("ROLLBACK TO form").await.unwrap();
            }
            done.push(taken);
        }
        let verdict = if done.iter().all(Option::is_none) { Verdict::NoStatement } else { self.back().await };
        client.batch_execute("ROLLBACK").await.unwrap();
        (verdict, done)
    }

    async fn back(&self) -> Verdict {
        let client = &self.database.client;
        let back = match self.backup.restore_in(client).await {
            Ok(back) => back,
            Err(NoWayBack::Refused(problems)) => {
                let lines: Vec<String> =
                    problems.iter().map(|problem| format!("{} {}", problem.object, problem.why)).collect();
                return Verdict::Refused(lines.join("; "));
            }
            Err(NoWayBack::Stuck(why)) => return Verdict::Stuck(why),
        };
        let mut found: Vec<String> = back.comparison.differences.iter().map(|change| format!("{change:?}")).collect();
        if found.is_empty() {
            let spelled = |facts: &[String]| -> BTreeSet<String> {
                let plain =
                    |line: &String| if back.comparison.respelled.is_empty() { line.clone() } else { unspelled(line) };
                facts.iter().map(plain).collect()
            };
            let (before, after) = (spelled(&self.facts), spelled(&facts(&self.database, &self.oracle).await));
            found.extend(before.difference(&after).map(|line| format!("- {line}")));
            found.extend(after.difference(&before).map(|line| format!("+ {line}")));
            found.extend(self.backup.moved(client, &back).await);
        }
        if found.is_empty() { Verdict::Restored } else { Verdict::Different(found.join("\n")) }
    }
}

/// Without what a server changes when it reads its own text again.
fn unspelled(line: &str) -> String {
    ["::text", "::character varying", "[]", "(", ")"].iter().fold(line.to_owned(), |line, word| line.replace(word, ""))
}

async fn facts(database: &Database, oracle: &Statement) -> Vec<String> {
    let rows = database.client.query(oracle, &[]).await.expect("facts");
    rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).collect()
}
