//! The checks of a phase → their results.

use tokio_postgres::{Client, error::SqlState};

use super::{
    constraint,
    finding::{Finding, Unevaluated, Verdict},
    query, rows, security, structure,
};
use crate::{
    machine::{CheckPhase, CheckResult, Failure, Outcome},
    plan::{Check, CheckKind, Rendered, Severity, Text},
    postgres::{
        fault,
        relation::{Relation, Relations},
        search_path::PlanPath,
        session::PINNED_FORMATS,
    },
    secrets,
};

const FAILED: &str = "backstop::check::not_evaluated";

/// Evaluates checks in the transaction that the caller has open. What a plan wrote itself, names and queries, means what it means
/// under the plan's path. Under [`CheckPhase::Unchanged`] only the answers are asked for.
///
/// # Errors
/// When the connection is lost or the transaction can't go on. A check that can't be evaluated is no error here, but a
/// result with [`Outcome::Error`].
pub async fn evaluate(
    client: &Client,
    path: &PlanPath,
    checks: &[&Check<Rendered>],
    phase: CheckPhase,
) -> Result<Vec<CheckResult>, Failure> {
    let failed = |error| fault::failure(FAILED, &error);
    if checks.is_empty() {
        return Ok(Vec::new());
    }
    let relations = Relations::read(client, path).await.map_err(failed)?;
    let mut results = Vec::with_capacity(checks.len());
    for check in checks {
        // A step's checks see what it did with its row-level security lifted, or fail: never fewer rows.
        let enter = format!("SAVEPOINT backstop_check; SET LOCAL row_security = off; {PINNED_FORMATS};");
        client.batch_execute(&enter).await.map_err(failed)?;
        // Set last: nothing of ours writes, and the server takes it back with the savepoint.
        client.batch_execute("SET LOCAL transaction_read_only = on").await.map_err(failed)?;
        let found = ask(&Asked { client, path, relations: &relations }, check, phase).await;
        if let Err(Unevaluated::Server(error)) = &found
            && fault::is_connection_lost(error)
        {
            return Err(fault::failure(FAILED, error));
        }
        client
            .batch_execute("ROLLBACK TO SAVEPOINT backstop_check; RELEASE SAVEPOINT backstop_check")
            .await
            .map_err(failed)?;
        results.push(without_secrets(result(check, phase, found)));
    }
    Ok(results)
}

/// The answer as it is stored, so that later ones are compared with what stands there.
fn without_secrets(mut result: CheckResult) -> CheckResult {
    for text in result.texts_mut() {
        *text = secrets::redacted(text).into_owned();
    }
    result
}

/// Holds the second answers of the `unchanged` checks against the first ones.
pub fn compare_unchanged(before: &[CheckResult], after: Vec<CheckResult>) -> Vec<CheckResult> {
    after.into_iter().map(|result| compare(before.iter().find(|first| first.id == result.id), result)).collect()
}

fn compare(first: Option<&CheckResult>, mut second: CheckResult) -> CheckResult {
    if second.phase != CheckPhase::Unchanged || second.outcome == Outcome::Error {
        return second;
    }
    let Some(was) = first.and_then(|first| first.answer.as_deref()) else {
        second.outcome = Outcome::Error;
        second.message = "there is no first answer to compare with".to_owned();
        return second;
    };
    let is = second.answer.as_deref().unwrap_or_default();
    if was == is {
        second.outcome = Outcome::Pass;
        second.message = format!("still {is}");
    } else {
        second.outcome = broken(second.severity);
        second.message = format!("was {was}, is {is}");
    }
    second
}

fn result(check: &Check<Rendered>, phase: CheckPhase, found: Result<Finding, Unevaluated>) -> CheckResult {
    let blank = CheckResult {
        id: check.id.to_string(),
        phase,
        severity: check.severity,
        outcome: Outcome::Pass,
        message: String::new(),
        count: None,
        answer: None,
        sample: None,
        hint: check.hint.clone(),
    };
    match found {
        Ok(found) => CheckResult {
            outcome: match (phase, found.verdict) {
                (CheckPhase::Unchanged, _) | (_, Verdict::Holds) => Outcome::Pass,
                (_, Verdict::Broken) => broken(check.severity),
            },
            answer: (phase == CheckPhase::Unchanged)
                .then(|| query::bounded_answer(found.answer.unwrap_or_else(|| found.message.clone()))),
            message: found.message,
            count: found.count,
            sample: found.sample,
            ..blank
        },
        Err(Unevaluated::Because(why)) => CheckResult { outcome: Outcome::Error, message: why, ..blank },
        Err(Unevaluated::Server(error)) => server_error(&error, blank),
    }
}

fn server_error(error: &tokio_postgres::Error, blank: CheckResult) -> CheckResult {
    let message = match error.as_db_error() {
        Some(db) => format!("{} (SQLSTATE {})", db.message(), db.code().code()),
        None => error.to_string(),
    };
    let own_hint = match error.code() {
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => Some(
            "Let a role run the plan that may read every row: the owner of the table, or one with BYPASSRLS.".to_owned(),
        ),
        Some(code) if *code == SqlState::READ_ONLY_SQL_TRANSACTION => {
            Some("Write a check that only reads: checks run read-only.".to_owned())
        }
        _ => None,
    };
    CheckResult { outcome: Outcome::Error, message, hint: blank.hint.clone().or(own_hint), ..blank }
}

fn broken(severity: Severity) -> Outcome {
    match severity {
        Severity::Fail => Outcome::Fail,
        Severity::Warn => Outcome::Warn,
        Severity::Info => Outcome::Pass,
    }
}

/// Where checks are asked.
pub(super) struct Asked<'a> {
    pub(super) client: &'a Client,
    /// Where names of the plan are looked up.
    pub(super) path: &'a PlanPath,
    pub(super) relations: &'a Relations,
}

async fn ask(asked: &Asked<'_>, check: &Check<Rendered>, phase: CheckPhase) -> Result<Finding, Unevaluated> {
    let Asked { client, path, relations } = *asked;
    let mut found = Vec::new();
    match &check.kind {
        CheckKind::TableExists { tables, columns } => {
            return structure::tables_exist(client, relations, tables, columns).await;
        }
        CheckKind::Function { names, returns } => return structure::functions(client, path, names, returns.as_ref()).await,
        CheckKind::Extension { name, at_least } => return structure::extension(client, name, at_least.as_ref()).await,
        CheckKind::Sql { sql, expect } => {
            let answer = query::ask(client, path, sql.sent()).await?;
            return query::judge(answer, expect.as_ref(), phase, check.severity);
        }
        CheckKind::ColumnType { tables, column, data_type } => {
            return structure::column_types(asked, tables, column, data_type).await;
        }
        CheckKind::RowCount { tables, bounds } => {
            for table in each(relations, tables)? {
                found.push(rows::row_count(client, table, bounds).await?);
            }
        }
        CheckKind::NotNull { tables, columns } => {
            for table in each(relations, tables)? {
                found.push(rows::not_null(client, table, columns).await?);
            }
        }
        CheckKind::Unique { tables, columns } => {
            for table in each(relations, tables)? {
                found.push(rows::unique(client, table, columns).await?);
            }
        }
        CheckKind::Matches { tables, column, pattern } => {
            for table in each(relations, tables)? {
                found.push(rows::matches(client, table, column, pattern).await?);
            }
        }
        CheckKind::References { tables, columns, to, to_columns } => {
            let to = one(relations, to)?;
            for table in each(relations, tables)? {
                found.push(rows::references(client, table, columns, to, to_columns).await?);
            }
        }
        CheckKind::ForeignKey { tables, columns, to } => {
            let to = one(relations, to)?;
            for table in each(relations, tables)? {
                found.push(constraint::foreign_key(client, table, columns, to).await?);
            }
        }
        CheckKind::Constraint { tables, name, kind, columns } => {
            for table in each(relations, tables)? {
                found.push(constraint::constraint(client, table, name.as_ref(), *kind, columns).await?);
            }
        }
        CheckKind::Index { tables, columns, name, unique } => {
            for table in each(relations, tables)? {
                found.push(constraint::index(client, table, columns, name.as_ref(), *unique).await?);
            }
        }
        CheckKind::RowSecurity { tables, enabled, forced } => {
            for table in each(relations, tables)? {
                found.push(security::row_security(client, table, *enabled, *forced).await?);
            }
        }
        CheckKind::Policy { tables, name, at_least } => {
            for table in each(relations, tables)? {
                found.push(security::policies(client, table, name.as_ref(), *at_least).await?);
            }
        }
        CheckKind::Privilege { tables, role, privileges, granted } => {
            for table in each(relations, tables)? {
                found.push(security::privileges(client, table, role, privileges, *granted).await?);
            }
        }
    }
    Ok(Finding::all(found))
}

/// Every relation that the names and patterns mean, once.
pub(super) fn each<'r>(relations: &'r Relations, names: &[Text]) -> Result<Vec<&'r Relation>, Unevaluated> {
    let mut all: Vec<&Relation> = Vec::new();
    for name in names {
        let found = relations.find(name.sent()).map_err(|why| Unevaluated::Because(why.message(name.shown())))?;
        let new: Vec<_> = found.into_iter().filter(|relation| !all.contains(relation)).collect();
        all.extend(new);
    }
    if all.is_empty() { Unevaluated::because("it names no table") } else { Ok(all) }
}

fn one<'r>(relations: &'r Relations, name: &Text) -> Result<&'r Relation, Unevaluated> {
    match relations.find(name.sent()) {
        Ok(found) if found.len() == 1 => Ok(found[0]),
        Ok(_) => Unevaluated::because(format!("`{name}` means more than one table")),
        Err(why) => Unevaluated::because(why.message(name.shown())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unchanged(id: &str, severity: Severity, answer: Option<&str>) -> CheckResult {
        CheckResult {
            id: id.to_owned(),
            phase: CheckPhase::Unchanged,
            severity,
            outcome: Outcome::Pass,
            message: String::new(),
            count: None,
            answer: answer.map(str::to_owned),
            sample: None,
            hint: None,
        }
    }

    #[test]
    fn unchanged_answers_are_held_against_the_first_ones() {
        let before = [unchanged("a", Severity::Fail, Some("3")), unchanged("b", Severity::Warn, Some("3"))];
        let after = vec![
            unchanged("a", Severity::Fail, Some("4")),
            unchanged("b", Severity::Warn, Some("4")),
            unchanged("a", Severity::Fail, Some("3")),
            unchanged("c", Severity::Info, Some("3")),
        ];
        let outcomes: Vec<_> = compare_unchanged(&before, after).into_iter().map(|result| result.outcome).collect();
        assert_eq!(outcomes, [Outcome::Fail, Outcome::Warn, Outcome::Pass, Outcome::Error]);
    }
}
