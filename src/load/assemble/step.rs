//! Steps.

use super::check::bounds;
use crate::{
    load::{
        diagnostics::Diagnostics,
        form::{BatchForm, ExceptionForm, LintForm, RetryForm, StepForm},
        scalar::{Aim, AnyWords, Choice, Listed, Listing, Name, NonBlankText, Pause, Ranged, Timeout, id},
        shape::ShapeField,
    },
    plan::{
        Batch, CheckId, LintException, OnFailure, Place, Retry, SqlSource, Step, StepId, StepTransaction, Template,
        Transaction, Written,
    },
};

/// The steps; bad ones are left out.
pub(super) fn steps(
    forms: Vec<StepForm>,
    plan: Transaction,
    on_failure: OnFailure,
    diagnostics: &mut Diagnostics,
) -> Vec<Step<Written>> {
    forms
        .into_iter()
        .filter_map(|form| {
            combinations(&form, plan, on_failure, diagnostics);
            step(form, diagnostics)
        })
        .collect()
}

fn step(form: StepForm, diagnostics: &mut Diagnostics) -> Option<Step<Written>> {
    let name = form.id.value.and_then(|Name(name)| id(&name, StepId::parse, ", `-`, `_` and `.`", diagnostics));
    let sql = source(form.sql, form.sql_file, form.at, diagnostics);
    let checks = form.checks.value.map(Listing::into_items).unwrap_or_default();
    let checks = checks.iter().filter_map(|check| id(check, CheckId::parse, ", `-`, `_` and `.`", diagnostics)).collect();
    let expect_rows = form.expect_rows.value.and_then(|rows| bounds(rows, diagnostics));
    let (name, at) = name?;
    Some(Step {
        id: name,
        at,
        description: form.description.value.map(|AnyWords(text)| text.source),
        sql: sql?,
        transaction: form.transaction.value.map(|Choice(choice)| choice).unwrap_or_default(),
        batch: form.batch.value.and_then(|batch| batch_of(batch, form.batch.at)),
        retry: retry(form.retry.value),
        expect_rows,
        checks,
        undo: form.undo.value.map(|NonBlankText(undo)| undo),
        probe: form.probe.value.map(|NonBlankText(probe)| probe),
        lock_timeout: form.lock_timeout.value.map(|Timeout(duration)| duration),
        statement_timeout: form.statement_timeout.value.map(|Timeout(duration)| duration),
        lint: exceptions(form.lint.value),
    })
}

fn source(
    sql: ShapeField<NonBlankText>,
    file: ShapeField<NonBlankText>,
    at: Place,
    diagnostics: &mut Diagnostics,
) -> Option<SqlSource> {
    if let (Some(_), Some(key)) = (sql.key, file.key) {
        let help = "Leave out `sql` or `sql_file`, or make two steps of it.";
        diagnostics.report("backstop::load::conflict", key, "a step has one SQL, but here are `sql` and `sql_file`", help);
        return None;
    }
    if !sql.is_given() && !file.is_given() {
        let help = "Add `sql`, or `sql_file` with a path.";
        diagnostics.report("backstop::load::missing_field", at, "the step has neither `sql` nor `sql_file`", help);
    }
    match (sql.value, file.value) {
        (Some(NonBlankText(sql)), _) => Some(SqlSource::Inline(sql)),
        (None, Some(NonBlankText(file))) => Some(SqlSource::File(file)),
        (None, None) => None,
    }
}

fn batch_of(form: BatchForm, at: Option<Place>) -> Option<Batch<Written>> {
    let at = at.unwrap_or(form.at);
    let NonBlankText(table) = form.table.value?;
    let NonBlankText(key) = form.key.value?;
    let size = form
        .size
        .value
        .map_or_else(|| Template { source: Batch::<Written>::SIZE.to_string(), at }, |NonBlankText(size)| size);
    Some(Batch {
        at,
        table,
        key,
        size,
        target: form.target.value.map_or(Batch::<Written>::TARGET, |Aim(target)| target),
        max_lag: form.max_lag.value.map(|Timeout(lag)| lag),
    })
}

/// Exceptions from the rules of `lint`.
pub(super) fn exceptions(form: Option<LintForm>) -> Vec<LintException> {
    let forms = form.and_then(|form| form.allow.value).map(|Listed(forms)| forms).unwrap_or_default();
    let exception = |form: ExceptionForm| {
        let (NonBlankText(rule), NonBlankText(reason)) = (form.rule.value?, form.reason.value?);
        Some(LintException { rule: rule.source.trim().to_owned(), at: rule.at, reason: reason.source })
    };
    forms.into_iter().filter_map(exception).collect()
}

fn retry(form: Option<RetryForm>) -> Retry {
    let default = Retry::default();
    let Some(form) = form else { return default };
    Retry {
        attempts: form.attempts.value.and_then(|Ranged(n)| u32::try_from(n).ok()).unwrap_or(default.attempts),
        backoff: form.backoff.value.map_or(default.backoff, |Pause(duration)| duration),
    }
}

/// What can't stand together.
fn combinations(form: &StepForm, plan: Transaction, on_failure: OnFailure, diagnostics: &mut Diagnostics) {
    const CODE: &str = "backstop::load::impossible";
    let outside = matches!(form.transaction.value, Some(Choice(StepTransaction::None)));
    // A bad `transaction` has been reported; what would follow from it is anyone's guess.
    let inside = !outside && (form.transaction.value.is_some() || !form.transaction.is_given());
    if let (true, Transaction::Plan, Some(at)) = (outside, plan, form.transaction.at) {
        let message = "a step without a transaction can't be part of the plan's one transaction";
        diagnostics.report(
            CODE,
            at,
            message,
            "Use `transaction: step` for the plan, or move the step to a plan of its own.",
        );
    }
    if let (true, Some(key)) = (outside, form.expect_rows.key) {
        let message = "`expect_rows` is looked at before the commit, and a step with `transaction: none` has none";
        diagnostics.report(CODE, key, message, "Leave `expect_rows` out, and check the outcome under `checks: after`.");
    }
    if let (true, Some(key)) = (outside, form.checks.key) {
        let message = "a step's checks are run before its commit, and a step with `transaction: none` has none";
        diagnostics.report(CODE, key, message, "Leave `checks` out: after-checks are run at the end anyway.");
    }
    if let (true, Some(key)) = (inside, form.probe.key) {
        let message = "`probe` is for steps with `transaction: none`; of others the journal knows whether they were applied";
        diagnostics.report(CODE, key, message, "Leave `probe` out, or add `transaction: none`.");
    }
    if let Some(key) = form.batch.key {
        if outside {
            let message = "a step in batches has a transaction for each, and `transaction: none` says that it has none";
            diagnostics.report(CODE, key, message, "Leave `transaction` or `batch` out.");
        }
        if plan == Transaction::Plan {
            let message = "a step in batches commits many times, and the plan is one transaction";
            diagnostics.report(CODE, key, message, "Leave `batch` out, or use `transaction: step` for the plan.");
        }
        if let Some(key) = form.expect_rows.key {
            let message = "`expect_rows` is looked at before the commit, and a step in batches has many";
            diagnostics.report(CODE, key, message, "Leave `expect_rows` out, and check the outcome under `checks: after`.");
        }
    }
    if on_failure == OnFailure::Undo && !form.undo.is_given() {
        let at = form.id.at.unwrap_or(form.at);
        let message = "the plan says `on_failure: undo`, but the step has no `undo`";
        diagnostics.report(CODE, at, message, "Add `undo` with SQL that takes the step back, or use `on_failure: restore`.");
    }
}
