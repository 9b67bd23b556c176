//! Plans for the tests.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    plan::*,
    render::{Inputs, RenderProblem, ResolvedPlan, render},
};

/// A template at some place of the plan.
pub fn template(source: &str) -> Template {
    Template { source: source.to_owned(), at: Place { file: FileIndex(0), start: 100, len: source.len() } }
}

pub fn items(texts: &[&str]) -> List {
    List::Items(texts.iter().map(|text| template(text)).collect())
}

pub fn variable(kind: VarType) -> Variable {
    Variable { kind, default: None, required: false, description: None, at: Place { file: FileIndex(0), start: 5, len: 1 } }
}

pub fn step(sql: &str) -> Step<Written> {
    Step {
        id: StepId::parse("one").unwrap(),
        at: Place::default(),
        description: None,
        sql: SqlSource::Inline(template(sql)),
        transaction: StepTransaction::Plan,
        retry: Retry::default(),
        expect_rows: None,
        checks: vec![],
        undo: None,
        probe: None,
        batch: None,
        lock_timeout: None,
        statement_timeout: None,
        lint: Vec::new(),
    }
}

pub fn check(kind: CheckKind<Written>) -> Check<Written> {
    let id = CheckId::parse("a-check").unwrap();
    Check { id, at: Place::default(), kind, severity: Severity::Fail, hint: None }
}

/// What a check of this kind asks, with these values in its fields.
pub fn asked(kind: &str, values: Vec<(&str, FieldValue<Written>)>) -> CheckKind<Written> {
    crate::checks::find(kind).unwrap().of(values)
}

/// A plan of one step, with a few variables.
pub fn plan(sql: &str) -> Plan {
    let vars = [
        ("name", VarType::String),
        ("tables", VarType::List),
        ("size", VarType::Integer),
        ("unset", VarType::String),
        ("password", VarType::Secret),
    ];
    Plan {
        name: PlanName::parse("sample").unwrap(),
        name_at: Place::default(),
        description: None,
        owner: None,
        links: vec![],
        requires: vec![],
        repeat: Repeat::Never,
        transaction: Transaction::Step,
        vars: vars.into_iter().map(|(name, kind)| (VarName::parse(name).unwrap(), variable(kind))).collect(),
        templates: vec![],
        session: Session {
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(1800),
            idle_in_transaction_session_timeout: Duration::from_secs(600),
            search_path: items(&["public"]),
        },
        backup: Backup {
            schema: template("backup_pre_migration"),
            keep: 3,
            writers: Writers::Block,
            sequences: Sequences::Forward,
            verify: Verify::Digests,
            targets: vec![Target { tables: items(&["public.orders"]), exclude: items(&[]), at: Place::default() }],
            allow_uncovered: items(&[]),
            execute_role: None,
            admin_role: None,
        },
        checks: Checks { before: vec![], unchanged: vec![], after: vec![] },
        steps: vec![step(sql)],
        rollback: Rollback::default(),
        lint: Vec::new(),
    }
}

pub fn inputs() -> Inputs {
    let text = |text: &str| Value::String(text.to_owned());
    let name = |name: &str| VarName::parse(name).unwrap();
    Inputs {
        values: BTreeMap::from([
            (name("name"), text("it's; DROP TABLE x; --")),
            (name("tables"), Value::List(vec![text("public.orders"), text("Odd Name")])),
            (name("size"), Value::Integer(-5)),
            (name("password"), Value::Secret(SecretSource::Env("PW".to_owned()))),
        ]),
        secrets: BTreeMap::from([(name("password"), "hunter'2".to_owned())]),
        files: BTreeMap::new(),
    }
}

pub fn rendered(plan: &Plan) -> ResolvedPlan {
    render(plan, &inputs()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The SQL that a template of a step comes out as.
pub fn sql(template: &str) -> String {
    rendered(&plan(template)).plan().steps[0].sql.shown().to_owned()
}

pub fn problems(plan: &Plan) -> Vec<RenderProblem> {
    render(plan, &inputs()).expect_err("it rendered")
}

/// The last part of the code of the one problem of a step's template, and what it points at.
pub fn problem(template: &str) -> (String, String) {
    let problems = problems(&plan(template));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = &problems[0];
    let pointed = problem.offset.map_or("", |offset| &template[offset..]);
    (problem.code.rsplit("::").next().unwrap().to_owned(), pointed.chars().take(12).collect())
}
