//! Plans as values.

use backstop::{
    machine::{Event, Outline, RunStarted, Untouched},
    plan::*,
};

pub fn text(text: &str) -> Text {
    Text::plain(text)
}

pub fn texts(list: &[&str]) -> Vec<Text> {
    list.iter().copied().map(text).collect()
}

pub fn check(id: &str, kind: CheckKind<Rendered>) -> Check<Rendered> {
    Check { id: CheckId::parse(id).unwrap(), at: Place::default(), kind, severity: Severity::Fail, hint: None }
}

/// What a check of this kind asks; fields that the kind has not are left out.
pub fn asked(kind: &str, values: Vec<(&str, FieldValue<Rendered>)>) -> CheckKind<Rendered> {
    backstop::checks::find(kind).unwrap().of(values)
}

pub fn run_started(run: uuid::Uuid, plan: &str) -> Event {
    Event::RunStarted(RunStarted {
        run: run.to_string(),
        plan: plan.to_owned(),
        fingerprint: "f00".to_owned(),
        program: "0".to_owned(),
        outline: Outline {
            transaction: Transaction::Step,
            steps: Vec::new(),
            rollback: Rollback::default(),
            untouched: Untouched::default(),
        },
        backup_schema: "backup_pre_migration".to_owned(),
        rendered: "name: x".to_owned(),
        sequences: Default::default(),
        restores: None,
        saved_plan: None,
    })
}

pub fn step(id: &str, sql: &str) -> Step<Rendered> {
    Step {
        id: StepId::parse(id).unwrap(),
        at: Place::default(),
        description: None,
        sql: text(sql),
        transaction: StepTransaction::Plan,
        retry: Retry::default(),
        expect_rows: None,
        checks: Vec::new(),
        undo: None,
        probe: None,
        batch: None,
        lock_timeout: None,
        statement_timeout: None,
        lint: Vec::new(),
    }
}

pub fn plan(steps: Vec<Step<Rendered>>) -> Plan<Rendered> {
    Plan {
        name: PlanName::parse("p").unwrap(),
        name_at: Place::default(),
        description: None,
        owner: None,
        links: Vec::new(),
        requires: Vec::new(),
        repeat: Repeat::Never,
        transaction: Transaction::Step,
        vars: Default::default(),
        templates: Vec::new(),
        session: Session {
            lock_timeout: std::time::Duration::from_secs(5),
            statement_timeout: std::time::Duration::from_secs(60),
            idle_in_transaction_session_timeout: std::time::Duration::from_secs(60),
            search_path: texts(&["public"]),
        },
        backup: Backup {
            schema: text("backup_pre_migration"),
            keep: 3,
            writers: Writers::Block,
            sequences: Default::default(),
            verify: Default::default(),
            targets: Vec::new(),
            allow_uncovered: Vec::new(),
            execute_role: None,
            admin_role: None,
        },
        checks: Checks { before: Vec::new(), unchanged: Vec::new(), after: Vec::new() },
        steps,
        rollback: Rollback::default(),
        lint: Vec::new(),
    }
}
