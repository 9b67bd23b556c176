//! The restore that brings everything back but what can't be: each action by itself, so that what fails takes nothing with it.

use std::collections::BTreeSet;

use super::{
    attempts::{Attempts, ItemWork, RemainingStatements, RestoreAttempt, items},
    failures::statement_failed,
    late_names::LateName,
    position::setval,
    proof::{differs, in_words},
    savepoint::attempt,
    script_runner::ScriptRunner,
};
use crate::{
    catalog::{self, Action, Change, Column, InUse, Object, ObjectKey, ObjectKind, Scope, SetAside, Snapshot, may_remain},
    machine::{Failure, RemainingDifference},
    sql::quote::{ident, qualified},
};

const FAILED: &str = "backstop::restore::failed";

/// Runs these actions, each by itself, in whatever order they can be run. Gives the names that come late, as [`ScriptRunner::run`] does,
/// and what could not be run.
///
/// # Errors
/// Where rows or positions can't be brought back; whatever ends an attempt.
pub async fn run(
    actor: &ScriptRunner<'_>,
    actions: &[&Action],
    now: &Snapshot,
) -> Result<(Vec<LateName>, Vec<RemainingStatements>), Failure> {
    let mut agenda = Attempts::new(items(actions, &actor.manifest.snapshot, now));
    let mut late = Vec::new();
    while let Some(next) = agenda.next_attempt()? {
        let done = attempt(actor.client, try_one(actor, &next)).await?;
        agenda.tried(next, done.map(|names| late.extend(names)));
    }
    let mut left = agenda.left();
    let sequences = left.iter_mut().filter(|left| left.object.kind == ObjectKind::Sequence);
    for RemainingStatements { object, statements, .. } in sequences {
        statements.extend(actor.target_of(object).map(|position| setval(object, position)));
        statements.extend(defaults_of(object, &actor.manifest.snapshot));
    }
    Ok((late, left))
}

/// The statements that set the defaults which take a sequence's numbers: until it is there they may mean another relation of its name.
fn defaults_of(sequence: &ObjectKey, then: &Snapshot) -> Vec<String> {
    let of_table = |(key, object): (&ObjectKey, &Object)| {
        let taking = object.definition.columns().iter().filter(|column| column.default_needs.contains(sequence));
        let set = |column: &Column| {
            let value = column.default.as_ref()?;
            let (table, name) = (qualified(&key.schema, &key.name), ident(&column.name));
            Some(format!("ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {value}"))
        };
        taking.filter_map(set).collect::<Vec<_>>()
    };
    then.objects.iter().flat_map(of_table).collect()
}

async fn try_one(actor: &ScriptRunner<'_>, attempt: &RestoreAttempt) -> Result<Vec<LateName>, Failure> {
    let RestoreAttempt { item, instead } = attempt;
    match (instead, &item.work) {
        (Some(sql), _) => actor.execute(sql, &item.object).await.map(|()| Vec::new()),
        (None, ItemWork::Run(statements)) => {
            let run = |sql: &String| Action::Sql { sql: sql.clone(), object: item.object.clone() };
            let actions: Vec<Action> = statements.iter().map(run).collect();
            actor.run(actions.iter().collect()).await
        }
        (None, ItemWork::Load) => {
            is_empty(actor, &item.object).await?;
            actor.make_fit(&item.object).await?;
            actor.run(vec![&Action::Load(item.object.clone())]).await
        }
        (None, ItemWork::Position) => actor.run(vec![&Action::Position(item.object.clone())]).await,
    }
}

/// Rows that are there already would be there twice.
async fn is_empty(actor: &ScriptRunner<'_>, table: &ObjectKey) -> Result<(), Failure> {
    let sql = format!("SELECT EXISTS (SELECT FROM ONLY {})", qualified(&table.schema, &table.name));
    let found = actor.client.query_one(&sql, &[]).await.and_then(|row| row.try_get::<_, bool>(0));
    if found.map_err(|error| statement_failed(&sql, table, &error))? {
        return Err(Failure::permanent(
            FAILED,
            format!("{table} could not be brought back: it holds rows that could not be removed"),
        ));
    }
    Ok(())
}

/// The differences that stay, each with why, and with the statements that take it away.
///
/// # Errors
/// `backstop::restore::differs` where one of them may not stay.
pub fn remaining(
    differences: &[Change],
    left: Vec<RemainingStatements>,
    then: &Snapshot,
    before: &Snapshot,
    after: &Snapshot,
) -> Result<Vec<RemainingDifference>, Failure> {
    let refused: Vec<String> = differences
        .iter()
        .filter_map(|change| {
            let why = may_remain(change, then, before, after).err()?;
            let said = left.iter().find(|left| left.object == change.object).map(|left| &left.failure.message);
            Some(format!("{}, and {why}{}", in_words(change), said.map(|said| format!(": {said}")).unwrap_or_default()))
        })
        .collect();
    if !refused.is_empty() {
        return Err(differs(&refused));
    }
    let mut remaining: Vec<RemainingDifference> = Vec::new();
    let mut told: BTreeSet<ObjectKey> = BTreeSet::new();
    for RemainingStatements { object, statements, failure } in left {
        if let Some(known) = remaining.iter_mut().find(|known| known.object == object) {
            known.statements.extend(statements);
            continue;
        }
        told.insert(object.clone());
        let change = differences.iter().find(|change| change.object == object);
        remaining.push(RemainingDifference {
            difference: change.map_or_else(|| "a statement of its restore failed".to_owned(), how),
            reason: Some(failure.message),
            sqlstate: failure.sqlstate,
            object,
            statements,
        });
    }
    let unsaid: Vec<&Change> = differences.iter().filter(|change| !told.contains(&change.object)).collect();
    remaining.extend(unsaid.into_iter().map(|change| RemainingDifference {
        object: change.object.clone(),
        difference: how(change),
        reason: None,
        sqlstate: None,
        statements: finishing(&change.object, then, after),
    }));
    Ok(remaining)
}

/// What the run made and others use, as a difference that stays; none for a part, which is told with its table.
pub fn stays(used: InUse) -> Option<RemainingDifference> {
    let (reason, difference) = (Some(used.why()), used.how());
    let InUse { object, is_part, drop, .. } = used;
    (!is_part).then_some(RemainingDifference { object, difference, reason, sqlstate: None, statements: drop })
}

/// A rule of others that does not hold, or not for all rows, as a difference.
pub fn set_aside(SetAside { object, difference, statements }: SetAside) -> RemainingDifference {
    const WHY: &str = "others made it meanwhile, and rows from before may break it";
    RemainingDifference { object, difference, reason: Some(WHY.to_owned()), sqlstate: None, statements }
}

/// The difference without the object's name.
fn how(change: &Change) -> String {
    in_words(change).strip_prefix(&change.object.to_string()).unwrap_or_default().trim_start().to_owned()
}

/// What would make the object as it was, where that takes nothing else along.
fn finishing(object: &ObjectKey, then: &Snapshot, after: &Snapshot) -> Vec<String> {
    let scope = Scope { changed: BTreeSet::from([object.clone()]), ..Scope::default() };
    let Ok(script) = catalog::script(then, after, &scope) else { return Vec::new() };
    let statements = script.actions.into_iter().map(|action| match action {
        Action::Sql { sql, object: of } if of == *object => Some(sql),
        Action::Sql { .. } | Action::Load(_) | Action::Position(_) => None,
    });
    statements.collect::<Option<Vec<String>>>().unwrap_or_default()
}
