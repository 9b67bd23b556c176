//! Plans as values.

use backstop::{
    machine::{Event, Outline, RunStarted},
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

pub fn run_started(run: uuid::Uuid, plan: &str) -> Event {
    Event::RunStarted(RunStarted {
        run: run.to_string(),
        plan: plan.to_owned(),
        fingerprint: "f00".to_owned(),
        program: "0".to_owned(),
        outline: Outline { transaction: Transaction::Step, steps: Vec::new(), rollback: Rollback::default() },
        backup_schema: "backup_pre_migration".to_owned(),
        rendered: "name: x".to_owned(),
    })
}
