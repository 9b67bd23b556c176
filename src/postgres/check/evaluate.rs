//! The checks of a phase → their results.

use tokio_postgres::{Client, error::SqlState};

use super::{
    ask::CheckContext,
    finding::{CheckFinding, CheckVerdict, Unevaluated},
    query::{Expected, bounded_answer},
};
use crate::{
    checks,
    machine::{CheckOutcome, CheckPhase, CheckResult, Failure},
    plan::{Check, Expect, FieldValue, Rendered, Severity},
    postgres::{error_class, relation::Relations, search_path::PlanPath, session::PINNED_FORMATS},
    secrets,
};

const FAILED: &str = "backstop::check::not_evaluated";

/// Evaluates checks in the transaction that the caller has open. What a plan wrote itself, names and queries, means what it means
/// under the plan's path. Under [`CheckPhase::Unchanged`] only the answers are asked for.
///
/// # Errors
/// When the connection is lost or the transaction can't go on. A check that can't be evaluated is no error here, but a
/// result with [`CheckOutcome::Error`].
pub async fn evaluate(
    client: &Client,
    path: &PlanPath,
    checks: &[&Check<Rendered>],
    phase: CheckPhase,
) -> Result<Vec<CheckResult>, Failure> {
    let failed = |error| error_class::failure(FAILED, &error);
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
        let found = ask(&CheckContext { client, path, relations: &relations }, check, phase).await;
        if let Err(Unevaluated::Server(error)) = &found
            && error_class::is_connection_lost(error)
        {
            return Err(error_class::failure(FAILED, error));
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
    if second.phase != CheckPhase::Unchanged || second.outcome == CheckOutcome::Error {
        return second;
    }
    let Some(was) = first.and_then(|first| first.answer.as_deref()) else {
        second.outcome = CheckOutcome::Error;
        second.message = "there is no first answer to compare with".to_owned();
        return second;
    };
    let is = second.answer.as_deref().unwrap_or_default();
    if was == is {
        second.outcome = CheckOutcome::Pass;
        second.message = format!("still {is}");
    } else {
        second.outcome = broken(second.severity);
        second.message = format!("was {was}, is {is}");
    }
    second
}

fn result(check: &Check<Rendered>, phase: CheckPhase, found: Result<CheckFinding, Unevaluated>) -> CheckResult {
    let blank = CheckResult {
        id: check.id.to_string(),
        phase,
        severity: check.severity,
        outcome: CheckOutcome::Pass,
        message: String::new(),
        count: None,
        answer: None,
        sample: None,
        hint: check.hint.clone(),
    };
    match found {
        Ok(found) => CheckResult {
            outcome: match (phase, found.verdict) {
                (CheckPhase::Unchanged, _) | (_, CheckVerdict::Holds) => CheckOutcome::Pass,
                (_, CheckVerdict::Broken) => broken(check.severity),
            },
            answer: (phase == CheckPhase::Unchanged)
                .then(|| bounded_answer(found.answer.unwrap_or_else(|| found.message.clone()))),
            message: found.message,
            count: found.count,
            sample: found.sample,
            ..blank
        },
        Err(Unevaluated::Because(why)) => CheckResult { outcome: CheckOutcome::Error, message: why, ..blank },
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
    CheckResult { outcome: CheckOutcome::Error, message, hint: blank.hint.clone().or(own_hint), ..blank }
}

fn broken(severity: Severity) -> CheckOutcome {
    match severity {
        Severity::Fail => CheckOutcome::Fail,
        Severity::Warn => CheckOutcome::Warn,
        Severity::Info => CheckOutcome::Pass,
    }
}

async fn ask(asked: &CheckContext<'_>, check: &Check<Rendered>, phase: CheckPhase) -> Result<CheckFinding, Unevaluated> {
    let question = checks::question(check).map_err(Unevaluated::Because)?;
    let expected = match check.kind.fields.iter().find_map(|(_, value)| expectation(value)) {
        Some(Expect::Rows(_)) => Expected::Rows,
        Some(Expect::Value(_) | Expect::Number(_)) => Expected::Cell,
        None => Expected::Nothing,
    };
    let is_heard = phase != CheckPhase::Unchanged && check.severity != Severity::Info;
    if check.kind.query().is_some() && expected == Expected::Nothing && is_heard {
        return Unevaluated::because("it says nothing of what to expect");
    }
    asked.ask(&question, expected).await
}

fn expectation(value: &FieldValue<Rendered>) -> Option<&Expect<Rendered>> {
    if let FieldValue::Expect(expect) = value { Some(expect) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unchanged(id: &str, severity: Severity, answer: Option<&str>) -> CheckResult {
        CheckResult {
            id: id.to_owned(),
            phase: CheckPhase::Unchanged,
            severity,
            outcome: CheckOutcome::Pass,
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
        assert_eq!(outcomes, [CheckOutcome::Fail, CheckOutcome::Warn, CheckOutcome::Pass, CheckOutcome::Error]);
    }
}
