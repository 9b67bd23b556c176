//! All tables, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::{Client, Error, error::SqlState};

use super::{
    evaluate::{Broken, ask},
    find::{Expression, RelationExpressions, find},
    materialized::with_queries,
    partitions::even_out,
    path::{Candidate, MAINTENANCE, candidates, setting},
    refusal::{broken, not_evaluable, pairs_unlooked, unlooked},
    settings::evaluate_under,
};
use crate::{
    catalog::{ObjectKey, ObjectKind, Snapshot, materialized_over},
    drive::ExpressionPaths,
    machine::Failure,
    postgres::digest::PINNED,
    sql::quote::literal,
};

/// The first version whose index builds and refreshes run under a path of their own.
const MAINTENANCE_PATH_SINCE: u32 = 170_000;

/// What is to be looked at.
#[derive(Debug, Clone, Copy)]
pub struct ExamineRequest<'a> {
    /// The structure of the database.
    pub snapshot: &'a Snapshot,
    /// Tables that may be brought back, as schema and name.
    pub tables: &'a [(String, String)],
    /// The schemas of the plan's own path.
    pub search_path: &'a [String],
    /// Whether a look that takes too long is given up, and told.
    pub is_bounded: bool,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Examination {
    /// Under which paths expressions can be evaluated.
    pub paths: ExpressionPaths,
    /// What a restore could not bring back.
    pub failures: Vec<Failure>,
    /// What was not looked at.
    pub warnings: Vec<String>,
}

/// Evaluates what hangs on the tables over all of their rows, and looks under which paths that can be done. Everything happens behind a
/// savepoint in the open transaction, in which nothing can be written; functions of a table's owner run with his rights where this
/// session's role is a superuser.
///
/// # Errors
/// When the connection is lost, or, unless the look is bounded, a statement is cancelled.
pub async fn look(client: &Client, wanted: &ExamineRequest<'_>) -> Result<Examination, Error> {
    let open = format!("SAVEPOINT backstop_look; SET LOCAL transaction_read_only = on; {}", settings());
    client.batch_execute(&open).await?;
    let looked = look_in(client, wanted).await;
    let closed = client.batch_execute("ROLLBACK TO SAVEPOINT backstop_look; RELEASE SAVEPOINT backstop_look").await;
    let looked = looked?;
    closed.map(|()| looked)
}

/// Those under which rows are brought back, without the limits of time.
fn settings() -> String {
    let pinned = PINNED.iter().filter(|(name, _)| !name.ends_with("_timeout"));
    pinned.map(|(name, value)| format!("SET LOCAL {name} = {}", literal(value))).collect::<Vec<_>>().join("; ")
}

async fn look_in(client: &Client, wanted: &ExamineRequest<'_>) -> Result<Examination, Error> {
    evaluate_under(client, wanted.snapshot).await?;
    let tables: BTreeSet<ObjectKey> = wanted.tables.iter().map(|(schema, name)| ObjectKey::table(schema, name)).collect();
    let views = materialized_over(wanted.snapshot, &tables);
    let relations: Vec<ObjectKey> = tables.iter().chain(&views).cloned().collect();
    let mut subjects = find(client, wanted.snapshot.server_version, &relations).await?;
    let role = superuser(client).await?;
    with_queries(wanted.snapshot, &views, role.as_deref(), &mut subjects);
    let mut looked = Examination::default();
    let mut known: BTreeMap<(String, Vec<String>), Vec<Candidate>> = BTreeMap::new();
    let owners: BTreeSet<(String, Vec<String>)> = relations
        .iter()
        .filter_map(|key| Some((wanted.snapshot.objects.get(key)?.owner.clone()?, vec![key.schema.clone()])))
        .chain(subjects.iter().map(|subject| (subject.owner.clone(), schemas(subject))))
        .collect();
    for (owner, own) in owners {
        let found = candidates(client, wanted.search_path, &owner, &own).await?;
        for candidate in found.iter().filter(|candidate| !candidate.path.is_empty()) {
            if !looked.paths.others.contains(&candidate.path) {
                looked.paths.others.push(candidate.path.clone());
            }
        }
        known.insert((owner, own), found);
    }
    for subject in &subjects {
        let candidates = known.get(&(subject.owner.clone(), schemas(subject))).map(Vec::as_slice).unwrap_or_default();
        one(client, wanted, subject, candidates, &mut looked).await?;
    }
    even_out(client, wanted.snapshot, &subjects, &mut looked.paths).await?;
    Ok(looked)
}

/// The session's role, if it is a superuser's.
async fn superuser(client: &Client) -> Result<Option<String>, Error> {
    const LOOK: &str = "SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles AS r \
                        WHERE r.rolname OPERATOR(pg_catalog.=) current_user AND r.rolsuper";
    client.query_opt(LOOK, &[]).await?.map(|row| row.try_get(0)).transpose()
}

/// Where what is called and what it is called for may find other things.
fn schemas(subject: &RelationExpressions) -> Vec<String> {
    let own = (subject.key.kind == ObjectKind::Table).then_some(&subject.key.schema);
    let functions = subject.expressions.iter().flat_map(|expression| &expression.schemas);
    let mut schemas: Vec<String> = Vec::new();
    for schema in functions.chain(own).chain([&subject.key.schema]) {
        if !schemas.contains(schema) {
            schemas.push(schema.clone());
        }
    }
    schemas
}

async fn one(
    client: &Client,
    wanted: &ExamineRequest<'_>,
    subject: &RelationExpressions,
    candidates: &[Candidate],
    looked: &mut Examination,
) -> Result<(), Error> {
    let all: Vec<&Expression> = subject.expressions.iter().collect();
    match first_sound_path(client, subject, &all, candidates).await {
        Ok(Ok(path)) => {
            if !path.is_empty() {
                looked.paths.of.insert(subject.key.clone(), path.clone());
            }
            if wanted.snapshot.server_version >= MAINTENANCE_PATH_SINCE && !path.is_empty() {
                looked.failures.extend(maintained(client, subject, &path).await?);
            }
            looked
                .warnings
                .extend(subject.expressions.iter().filter(|one| one.is_too_large).map(|one| pairs_unlooked(subject, one)));
        }
        Ok(Err(found)) if !found.is_empty() => looked.failures.extend(found.iter().map(|one| broken(subject, one))),
        Ok(Err(_)) => {
            let culprits = culprits(client, subject, &all, "").await?;
            looked.failures.push(not_evaluable(subject, &culprits, candidates, &setting(&schemas(subject))));
        }
        Err(error) => match error.code() {
            Some(state) if *state == SqlState::QUERY_CANCELED && wanted.is_bounded => {
                looked.warnings.push(unlooked(subject, "that took longer than statement_timeout"));
            }
            Some(state) if *state == SqlState::INSUFFICIENT_PRIVILEGE => {
                looked.warnings.push(unlooked(subject, "a right is wanting"));
            }
            _ => return Err(error),
        },
    }
    Ok(())
}

/// The first path under which all can be evaluated and no row breaks any; else the rows that do, none where nothing can be evaluated.
async fn first_sound_path(
    client: &Client,
    subject: &RelationExpressions,
    expressions: &[&Expression],
    candidates: &[Candidate],
) -> Result<Result<String, Vec<Broken>>, Error> {
    let mut asked: Vec<&str> = Vec::new();
    let mut found: Vec<Broken> = Vec::new();
    for path in candidates.iter().map(|candidate| candidate.path.as_str()) {
        if asked.contains(&path) {
            continue;
        }
        asked.push(path);
        match ask(client, subject, expressions, path).await {
            Ok(broken) if broken.is_empty() => return Ok(Ok(path.to_owned())),
            Ok(broken) if found.is_empty() => found = broken,
            Ok(_) => {}
            Err(error) if is_final(&error) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(Err(found))
}

/// Whether it says nothing of what was asked.
fn is_final(error: &Error) -> bool {
    match error.code() {
        None => true,
        Some(state) => {
            [SqlState::QUERY_CANCELED, SqlState::INSUFFICIENT_PRIVILEGE, SqlState::ADMIN_SHUTDOWN].contains(state)
        }
    }
}

/// What the server could not evaluate where it builds indexes anew; all can be under this path.
async fn maintained(client: &Client, subject: &RelationExpressions, path: &str) -> Result<Option<Failure>, Error> {
    let expressions: Vec<&Expression> = subject.expressions.iter().filter(|one| one.is_maintained).collect();
    let culprits = culprits(client, subject, &expressions, MAINTENANCE).await?;
    Ok((!culprits.is_empty()).then(|| not_evaluable(subject, &culprits, &[], path)))
}

/// Those that can't be evaluated under a path, each with what the server says.
async fn culprits<'e>(
    client: &Client,
    subject: &RelationExpressions,
    expressions: &[&'e Expression],
    path: &str,
) -> Result<Vec<(&'e Expression, String)>, Error> {
    let mut culprits = Vec::new();
    for expression in expressions {
        match ask(client, subject, &[*expression], path).await {
            Ok(_) => {}
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => {
                let said = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
                culprits.push((*expression, said));
            }
        }
    }
    Ok(culprits)
}
