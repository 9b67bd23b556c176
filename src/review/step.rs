//! Steps, matched by id, and where an id is new by what they do.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::{
    batch,
    change::{ChangeSubject, TextForm},
    describe::{Description, time},
    exception,
    findings::{FieldDiff, ReviewFindings},
    order::unmoved,
    question::is_wider,
    weakening::Weakening,
};
use crate::{
    plan::{CheckId, OnFailure, Plan, Rendered, Retry, Step, StepTransaction},
    render,
    sql::normalized,
};

type PlanSteps<'p> = &'p [Step<Rendered>];

/// Compares the steps; `renamed` are checks that have another id now.
pub(super) fn compare(
    findings: &mut ReviewFindings,
    then: &Plan<Rendered>,
    now: &Plan<Rendered>,
    renamed: &HashMap<CheckId, CheckId>,
) {
    let (old, new) = (then.steps.as_slice(), now.steps.as_slice());
    let was = matched(old, new);
    let paired: Vec<(usize, usize)> = was.iter().enumerate().filter_map(|(at, old)| Some((at, (*old)?))).collect();
    let positions: Vec<usize> = paired.iter().map(|(_, old)| *old).collect();
    let stayed: HashSet<usize> = unmoved(&positions).into_iter().filter_map(|index| Some(paired.get(index)?.0)).collect();
    let asked: HashSet<&CheckId> = now.checks.after.iter().map(|check| &check.id).collect();
    let context = Context { then, now, renamed, asked };
    for ((at, step), was) in new.iter().enumerate().zip(was) {
        let subject = ChangeSubject::Step(step.id.to_string());
        let Some((from, old_step)) = was.and_then(|from| Some((from, old.get(from)?))) else {
            findings.added(&subject, render::step_yaml(step));
            continue;
        };
        if !stayed.contains(&at) {
            findings.moved(&subject, place(old, from), place(new, at));
        }
        context.pair(findings, &subject, old_step, step);
    }
    let kept: HashSet<usize> = positions.into_iter().collect();
    for (_, step) in old.iter().enumerate().filter(|(at, _)| !kept.contains(at)) {
        findings.removed(&ChangeSubject::Step(step.id.to_string()), render::step_yaml(step));
    }
}

/// For each new step the old one that it is.
fn matched(old: PlanSteps<'_>, new: PlanSteps<'_>) -> Vec<Option<usize>> {
    let by_id: HashMap<&str, usize> = old.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
    let mut was: Vec<Option<usize>> = new.iter().map(|step| by_id.get(step.id.as_str()).copied()).collect();
    let taken: HashSet<usize> = was.iter().flatten().copied().collect();
    let mut left: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, step) in old.iter().enumerate().rev().filter(|(at, _)| !taken.contains(at)) {
        left.entry(normalized(step.sql.shown())).or_default().push(at);
    }
    if left.is_empty() {
        return was;
    }
    for (was, step) in was.iter_mut().zip(new) {
        if was.is_none() {
            *was = left.get_mut(&normalized(step.sql.shown())).and_then(Vec::pop);
        }
    }
    was
}

fn place(steps: PlanSteps<'_>, at: usize) -> String {
    let number = format!("step {} of {}", at + 1, steps.len());
    match at.checked_sub(1).and_then(|before| steps.get(before)) {
        Some(before) => format!("{number}, after {}", before.id),
        None => format!("{number}, the first"),
    }
}

struct Context<'a> {
    then: &'a Plan<Rendered>,
    now: &'a Plan<Rendered>,
    renamed: &'a HashMap<CheckId, CheckId>,
    /// After-checks that there are now.
    asked: HashSet<&'a CheckId>,
}

impl Context<'_> {
    fn pair(&self, findings: &mut ReviewFindings, subject: &ChangeSubject, then: &Step<Rendered>, now: &Step<Rendered>) {
        let Step {
            id,
            at: _,
            // For people.
            description: _,
            sql,
            transaction,
            batch,
            retry,
            expect_rows,
            checks,
            undo,
            probe,
            lock_timeout,
            statement_timeout,
            lint,
        } = then;
        findings.field(subject, "id", &id.to_string(), &now.id.to_string());
        findings.sql(subject, "sql", Some(sql), Some(&now.sql));
        let both = (*transaction, now.transaction);
        findings.ranked(subject, "transaction", both, (Weakening::StepTransactionDropped, strength_of_transaction));
        if batch.is_none() && now.batch.is_some() && *transaction == StepTransaction::Plan {
            findings.weaker(Weakening::StepCutIntoBatches, subject, &"one transaction".to_owned(), &"batches".to_owned());
        }
        batch::compare(findings, subject, batch.as_ref(), now.batch.as_ref());
        retries(findings, subject, *retry, now.retry);
        if findings.field(subject, "expect_rows", expect_rows, &now.expect_rows) == FieldDiff::Differs {
            match (expect_rows, &now.expect_rows) {
                (Some(_), None) => {
                    findings.weaker(Weakening::ExpectRowsDropped, subject, expect_rows, &now.expect_rows);
                }
                (Some(then), Some(now)) if is_wider(*then, *now) => {
                    findings.weaker(Weakening::ExpectRowsWidened, subject, then, now);
                }
                _ => {}
            }
        }
        let old: Vec<&CheckId> = checks.iter().map(|(id, _)| self.renamed.get(id).unwrap_or(id)).collect();
        self.checks(findings, subject, &old, now);
        let is_used = [self.then, self.now].iter().any(|plan| plan.rollback.on_failure == OnFailure::Undo);
        let undone = findings.sql(subject, "undo", undo.as_ref(), now.undo.as_ref());
        if undone == FieldDiff::Differs && now.undo.is_none() && is_used {
            findings.weaker(Weakening::UndoDropped, subject, undo, &now.undo);
        }
        let probed = findings.sql(subject, "probe", probe.as_ref(), now.probe.as_ref());
        if probed == FieldDiff::Differs && now.probe.is_none() && now.transaction == StepTransaction::None {
            findings.weaker(Weakening::ProbeDropped, subject, probe, &now.probe);
        }
        exception::compare(findings, subject, lint, &now.lint);
        let (old, new) = (&self.then.session, &self.now.session);
        let locks = [(*lock_timeout, old.lock_timeout), (now.lock_timeout, new.lock_timeout)];
        timeout(findings, subject, "lock_timeout", locks, Weakening::LockTimeoutRaised);
        let statements = [(*statement_timeout, old.statement_timeout), (now.statement_timeout, new.statement_timeout)];
        timeout(findings, subject, "statement_timeout", statements, Weakening::StatementTimeoutRaised);
    }

    /// Checks before the commit. One that is gone altogether is told as that.
    fn checks(&self, findings: &mut ReviewFindings, subject: &ChangeSubject, then: &[&CheckId], now: &Step<Rendered>) {
        let sorted = |mut ids: Vec<String>| {
            ids.sort_unstable();
            ids
        };
        let before = sorted(then.iter().map(ToString::to_string).collect());
        let after = sorted(now.checks.iter().map(|(id, _)| id.to_string()).collect());
        if findings.field(subject, "checks", &before, &after) == FieldDiff::Same {
            return;
        }
        for id in then.iter().filter(|id| self.asked.contains(**id) && !now.checks.iter().any(|(other, _)| other == **id)) {
            findings.weaker(Weakening::StepCheckDropped, subject, &id.to_string(), &None::<String>);
        }
    }
}

/// More attempts are no weaker safety: each one is rolled back as a whole before the next.
fn retries(findings: &mut ReviewFindings, subject: &ChangeSubject, then: Retry, now: Retry) {
    let told = |Retry { attempts, backoff }| format!("{attempts} attempts, {} before the second", time(backoff));
    if then != now {
        findings.change(subject, Some("retry"), TextForm::Words, (Some(told(then)), Some(told(now))));
    }
}

/// A timeout of the step's own, or else the session's, then and now. Where only the session's changed, that is told there.
fn timeout(
    findings: &mut ReviewFindings,
    subject: &ChangeSubject,
    field: &'static str,
    [then, now]: [(Option<Duration>, Duration); 2],
    rule: Weakening,
) {
    if findings.field(subject, field, &then.0, &now.0) == FieldDiff::Same {
        return;
    }
    let (before, after) = (then.0.unwrap_or(then.1), now.0.unwrap_or(now.1));
    if after > before {
        let told = |own: Option<Duration>, all: Duration| match own {
            Some(own) => own.description(),
            None => Some(format!("{}, the session's", time(all))),
        };
        findings.weaker(rule, subject, &told(then.0, then.1), &told(now.0, now.1));
    }
}

fn strength_of_transaction(transaction: StepTransaction) -> u8 {
    match transaction {
        StepTransaction::None => 0,
        StepTransaction::Plan => 1,
    }
}
