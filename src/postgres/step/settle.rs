//! Whether a step outside a transaction has been applied, found out by looking.

use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::{Client, Error};

use super::statements;
use crate::{
    machine::Failure,
    plan::{Plan, Rendered, Step},
    postgres::{fault, session::application_name},
    sql::{QualifiedName, Statement, StatementKind, Token, Tokens, Where, quote},
};

const FAILED: &str = "backstop::run::not_settled";

/// How often it is looked whether a leftover session has gone.
const LOOKS_MAX: u32 = 100;
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whether the step has been applied: by its own `probe`, else by what is known of its statement; none where neither tells.
/// What a broken attempt has left, an invalid index for instance, is cleared away.
///
/// # Errors
/// What the server said, or that a leftover of the step still runs.
pub async fn settle(client: &Client, plan: &Plan<Rendered>, index: usize) -> Result<Option<bool>, Failure> {
    let Some(step) = plan.steps.get(index) else { return Ok(None) };
    end_leftovers(client, Leftovers::Named(&application_name(&plan.name, Some(&step.id)))).await?;
    if let Some(probe) = &step.probe {
        return ask(client, probe.sent()).await;
    }
    of_statement(client, step).await
}

/// Sessions that a runner which is gone has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers<'a> {
    /// That of this `application_name`.
    Named(&'a str),
    /// All of steps and backups.
    All,
}

/// Ends sessions that a runner which is gone has left: the server goes on with a statement whose client is dead. The caller
/// holds the run lock, so that no living runner has such a session.
///
/// # Errors
/// What the server said, or that one does not go.
pub async fn end_leftovers(client: &Client, leftovers: Leftovers<'_>) -> Result<(), Failure> {
    const END: &str = "SELECT pid, pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
          AND (application_name = $1 OR ($1 IS NULL AND application_name LIKE 'backstop %/%'))";
    let name = match leftovers {
        Leftovers::Named(name) => Some(name),
        Leftovers::All => None,
    };
    for _ in 0..LOOKS_MAX {
        let left = client.query(END, &[&name]).await.map_err(|error| fault::failure(FAILED, &error))?;
        if left.is_empty() {
            return Ok(());
        }
        sleep(LOOK_EVERY).await;
    }
    Err(Failure::permanent(FAILED, "a session of an earlier runner does not end")
        .hint("Look for applications named `backstop …` in pg_stat_activity, and try again when they are gone."))
}

/// Clears away what a failed statement has left.
pub(super) async fn clean_up(client: &Client, statements: &[Statement]) -> Result<Option<bool>, Failure> {
    match statements.first() {
        Some(statement) => known(client, statement).await.map_err(|error| fault::failure(FAILED, &error)),
        None => Ok(None),
    }
}

async fn ask(client: &Client, probe: &str) -> Result<Option<bool>, Failure> {
    let failed = |error| fault::failure("backstop::run::probe_failed", &error);
    client.batch_execute("BEGIN READ ONLY").await.map_err(failed)?;
    let answer = client.query(probe, &[]).await;
    // Whatever the probe did, nothing of it stays; a lost connection shows in the answer.
    let _ = client.batch_execute("ROLLBACK").await;
    let rows = answer.map_err(failed)?;
    match rows.as_slice() {
        [row] if row.len() == 1 => row.try_get(0).map_err(failed),
        _ => Ok(None),
    }
}

async fn of_statement(client: &Client, step: &Step<Rendered>) -> Result<Option<bool>, Failure> {
    let all = statements::of(&step.sql, Where::Outside)?;
    clean_up(client, &all).await
}

/// What is known of the statement: true where its effect is there, false where it must, or may, be run again.
async fn known(client: &Client, statement: &Statement) -> Result<Option<bool>, Error> {
    match statement.kind() {
        StatementKind::CreateIndexConcurrently => match created_index(statement.text()) {
            Some(created) => index_is_built(client, &created).await.map(Some),
            None => Ok(None),
        },
        StatementKind::DropIndexConcurrently => match dropped_indexes(statement.text()) {
            Some(names) => are_gone(client, &names).await.map(Some),
            None => Ok(None),
        },
        // To do these once more changes nothing.
        StatementKind::ReindexConcurrently => {
            if let Some(name) = reindexed(statement.text()) {
                drop_half_built(client, &name).await?;
            }
            Ok(Some(false))
        }
        StatementKind::ReindexMany | StatementKind::Vacuum | StatementKind::ClusterAll => Ok(Some(false)),
        _ => Ok(None),
    }
}

#[derive(Debug, PartialEq, Eq)]
struct CreatedIndex {
    name: String,
    table: QualifiedName,
}

/// An index is made in its table's schema. An invalid one is dropped.
async fn index_is_built(client: &Client, created: &CreatedIndex) -> Result<bool, Error> {
    let sql = "SELECT n.nspname::text, i.indisvalid AND i.indisready
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE i.indrelid = to_regclass($1) AND c.relname = $2";
    match client.query_opt(sql, &[&created.table.quoted(), &created.name]).await? {
        None => Ok(false),
        Some(row) if row.get(1) => Ok(true),
        Some(row) => {
            let index = quote::qualified(row.get(0), &created.name);
            client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")).await?;
            Ok(false)
        }
    }
}

/// An index whose drop was cut off is still there, invalid; to drop it again goes on with it.
async fn are_gone(client: &Client, names: &[QualifiedName]) -> Result<bool, Error> {
    let quoted: Vec<String> = names.iter().map(QualifiedName::quoted).collect();
    let row = client.query_one("SELECT count(to_regclass(name)) FROM unnest($1::text[]) AS t (name)", &[&quoted]).await?;
    Ok(row.get::<_, i64>(0) == 0)
}

/// A REINDEX that was cut off leaves the new index beside the old one, under a name of the server's.
async fn drop_half_built(client: &Client, name: &QualifiedName) -> Result<(), Error> {
    let sql = "SELECT n.nspname::text, c.relname::text
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
               WHERE NOT i.indisvalid AND c.relname ~ '_ccnew[0-9]*$'
                 AND (i.indrelid = to_regclass($1)
                      OR i.indrelid = (SELECT o.indrelid FROM pg_catalog.pg_index AS o WHERE o.indexrelid = to_regclass($1)))";
    for row in client.query(sql, &[&name.quoted()]).await? {
        let index = quote::qualified(row.get(0), row.get(1));
        client.batch_execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {index}")).await?;
    }
    Ok(())
}

/// REINDEX [(…)] { INDEX | TABLE } CONCURRENTLY name; none for whole schemas and databases.
fn reindexed(sql: &str) -> Option<QualifiedName> {
    let mut words = Words::of(sql)?;
    words.skip_to("CONCURRENTLY")?;
    let what = words.at.checked_sub(2).and_then(|at| words.tokens.get(at))?;
    let what = &sql[what.range()];
    let is_one = ["INDEX", "TABLE"].iter().any(|kind| what.eq_ignore_ascii_case(kind));
    if is_one { words.name() } else { None }
}

/// CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] name ON [ONLY] table …; none where the server chooses the name.
fn created_index(sql: &str) -> Option<CreatedIndex> {
    let mut words = Words::of(sql)?;
    words.skip_to("CONCURRENTLY")?;
    words.skip(&["IF", "NOT", "EXISTS"]);
    if words.peek_is("ON") {
        return None;
    }
    let name = words.name()?.name;
    words.skip_to("ON")?;
    words.skip(&["ONLY"]);
    Some(CreatedIndex { name, table: words.name()? })
}

/// DROP INDEX CONCURRENTLY [IF EXISTS] name [, …] …
fn dropped_indexes(sql: &str) -> Option<Vec<QualifiedName>> {
    let mut words = Words::of(sql)?;
    words.skip_to("CONCURRENTLY")?;
    words.skip(&["IF", "EXISTS"]);
    let mut names = vec![words.name()?];
    while words.peek() == Some(",") {
        words.at += 1;
        names.push(words.name()?);
    }
    Some(names)
}

/// The significant tokens of a statement.
struct Words<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let tokens: Result<Vec<Token>, _> = Tokens::of(text).collect();
        let tokens = tokens.ok()?.into_iter().filter(|token| token.is_significant()).collect();
        Some(Words { text, tokens, at: 0 })
    }

    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).map(|token| &self.text[token.range()])
    }

    fn peek_is(&self, word: &str) -> bool {
        self.peek().is_some_and(|text| text.eq_ignore_ascii_case(word))
    }

    /// Past the next token that is this word.
    fn skip_to(&mut self, word: &str) -> Option<()> {
        while !self.peek_is(word) {
            self.peek()?;
            self.at += 1;
        }
        self.at += 1;
        Some(())
    }

    /// Past these words, where they stand next.
    fn skip(&mut self, words: &[&str]) {
        for word in words {
            if self.peek_is(word) {
                self.at += 1;
            }
        }
    }

    /// The next name, with or without its schema.
    fn name(&mut self) -> Option<QualifiedName> {
        let start = self.tokens.get(self.at)?.start;
        self.at += 1;
        while self.peek() == Some(".") {
            self.at += 2;
        }
        let end = self.tokens.get(self.at.checked_sub(1)?)?.end;
        QualifiedName::parse(&self.text[start..end]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> QualifiedName {
        QualifiedName::parse(text).unwrap()
    }

    #[test]
    fn the_index_that_a_statement_makes_is_found_in_it() {
        let created = |sql| created_index(sql).map(|created| (created.name, created.table));
        assert_eq!(
            created("CREATE INDEX CONCURRENTLY profiles_org ON profiles (org_id)"),
            Some(("profiles_org".to_owned(), name("profiles")))
        );
        assert_eq!(
            created("create unique index concurrently if not exists \"Odd\" on only public . t using btree (a)"),
            Some(("Odd".to_owned(), name("public.t")))
        );
        assert_eq!(created("CREATE INDEX CONCURRENTLY ON profiles (org_id)"), None);
        assert_eq!(reindexed("REINDEX (VERBOSE) TABLE CONCURRENTLY public.t"), Some(name("public.t")));
        assert_eq!(reindexed("REINDEX SCHEMA CONCURRENTLY public"), None);
        assert_eq!(
            dropped_indexes("DROP INDEX CONCURRENTLY IF EXISTS public.a, b CASCADE"),
            Some(vec![name("public.a"), name("b")])
        );
    }
}
