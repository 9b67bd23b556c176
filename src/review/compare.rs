//! Two versions of a plan, part by part.

use super::{
    backup,
    change::{ChangeSubject, Review, TextForm},
    check,
    describe::Description,
    exception,
    findings::{FieldDiff, ReviewFindings},
    session, step, variable,
    weakening::Weakening,
};
use crate::plan::{
    Backup, Checks, OnFailure, OnInterrupt, Plan, PlanName, Rendered, Repeat, Rollback, Sequences, Session, Text,
    Transaction, Verify, Writers,
};

/// What changed from one version of a plan to the other.
pub fn compare(then: &Plan<Rendered>, now: &Plan<Rendered>) -> Review {
    let mut findings = ReviewFindings::default();
    let Plan {
        name,
        name_at: _,
        // For people: the plan does the same with others.
        description: _,
        owner: _,
        links: _,
        requires,
        repeat,
        transaction,
        vars,
        // Their files count by what they render to.
        templates: _,
        session,
        backup: _,
        checks,
        steps: _,
        rollback,
        lint,
    } = then;
    let subject = ChangeSubject::Plan;
    if findings.field(&subject, "name", &name.to_string(), &now.name.to_string()) == FieldDiff::Differs {
        findings.weaker(Weakening::Renamed, &subject, &name.to_string(), &now.name.to_string());
    }
    required(&mut findings, &names(requires), &names(&now.requires));
    findings.ranked(&subject, "repeat", (*repeat, now.repeat), (Weakening::RepeatAllowed, strength_of_repeat));
    let both = (*transaction, now.transaction);
    findings.ranked(&subject, "transaction", both, (Weakening::PlanTransactionDropped, strength_of_transaction));
    variable::compare(&mut findings, vars, &now.vars);
    session::compare(&mut findings, session, &now.session);
    backup::compare(&mut findings, then, now);
    let renamed = check::compare(&mut findings, (checks, &session.search_path), (&now.checks, &now.session.search_path));
    step::compare(&mut findings, then, now, &renamed);
    policy(&mut findings, rollback, &now.rollback);
    exception::compare(&mut findings, &subject, lint, &now.lint);
    findings.into_review()
}

/// What a plan is that was not there before: everything that it has and everything that is not as in a plan that says nothing.
pub fn introduced(plan: &Plan<Rendered>) -> Review {
    let nothing = Plan {
        requires: Vec::new(),
        repeat: Repeat::default(),
        transaction: Transaction::default(),
        session: Session {
            lock_timeout: Session::<Rendered>::LOCK_TIMEOUT,
            statement_timeout: Session::<Rendered>::STATEMENT_TIMEOUT,
            idle_in_transaction_session_timeout: Session::<Rendered>::IDLE_TIMEOUT,
            search_path: Vec::new(),
        },
        backup: Backup {
            schema: Text::plain(Backup::<Rendered>::SCHEMA),
            keep: Backup::<Rendered>::KEEP,
            writers: Writers::default(),
            sequences: Sequences::default(),
            verify: Verify::default(),
            targets: Vec::new(),
            allow_uncovered: Vec::new(),
            execute_role: None,
            admin_role: None,
        },
        checks: Checks { before: Vec::new(), unchanged: Vec::new(), after: Vec::new() },
        steps: Vec::new(),
        rollback: Rollback::default(),
        lint: Vec::new(),
        ..plan.clone()
    };
    Review { weaker: Vec::new(), ..compare(&nothing, plan) }
}

fn names(requires: &[(PlanName, crate::plan::Place)]) -> Vec<String> {
    let mut names: Vec<String> = requires.iter().map(|(name, _)| name.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn required(findings: &mut ReviewFindings, then: &Vec<String>, now: &Vec<String>) {
    if findings.field(&ChangeSubject::Plan, "requires", then, now) == FieldDiff::Same {
        return;
    }
    let gone: Vec<String> = then.iter().filter(|name| !now.contains(name)).cloned().collect();
    if !gone.is_empty() {
        findings.weaker(Weakening::RequiresDropped, &ChangeSubject::Plan, &gone, now);
    }
}

fn policy(findings: &mut ReviewFindings, then: &Rollback, now: &Rollback) {
    let Rollback { on_failure, on_interrupt } = *then;
    let subject = ChangeSubject::Rollback;
    if on_failure != now.on_failure {
        let told = |policy| super::describe::Word(policy).description();
        findings.change(&subject, Some("on_failure"), TextForm::Words, (told(on_failure), told(now.on_failure)));
        if strength_of_failure(now.on_failure) < strength_of_failure(on_failure) {
            let why = match now.on_failure {
                OnFailure::Hold => "A failure leaves the database half-way until a person decides.",
                _ => {
                    "Hand-written SQL comes before the restore: what it gets wrong is found only by the comparison after it."
                }
            };
            let told = |policy| told(policy).unwrap_or_default();
            findings.weaker_because(Weakening::OnFailureLoosened, &subject, (&told(on_failure), &told(now.on_failure)), why);
        }
    }
    let both = (on_interrupt, now.on_interrupt);
    findings.ranked(&subject, "on_interrupt", both, (Weakening::OnInterruptLoosened, strength_of_interrupt));
}

fn strength_of_repeat(repeat: Repeat) -> u8 {
    match repeat {
        Repeat::OnChange => 0,
        Repeat::Never => 1,
    }
}

fn strength_of_transaction(transaction: Transaction) -> u8 {
    match transaction {
        Transaction::Step => 0,
        Transaction::Plan => 1,
    }
}

fn strength_of_failure(policy: OnFailure) -> u8 {
    match policy {
        OnFailure::Hold => 0,
        OnFailure::Undo => 1,
        OnFailure::Restore => 2,
    }
}

fn strength_of_interrupt(policy: OnInterrupt) -> u8 {
    match policy {
        OnInterrupt::Hold => 0,
        OnInterrupt::Restore => 1,
    }
}
