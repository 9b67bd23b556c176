//! Both ends of a run, on a throwaway server.

use std::path::PathBuf;

use uuid::Uuid;

use super::{
    apply::{ApplyOutcome, Beforehand},
    database::{DatabaseAccess, run_script},
    interruption::Interruption,
    problem::{OperationProblem, ProblemKind},
    resolve_plans::resolve_with,
    run_context::{RunContext, RunOptions},
    watcher::{DemoPart, OperationNotice, RunLeft, Watcher},
};
use crate::{
    drive::DriveOutcome,
    load::{self, PlanFormat},
    machine::RunOutcome,
    postgres,
    render::{Inputs, ResolvedPlan},
};

const SCHEMA: &str = include_str!("../../examples/multi-org/schema.sql");
const GENERATE: &str = include_str!("../../examples/multi-org/generate.sql");
const SUCCEEDS: (&str, &str) = ("plans/multi-org-security.yaml", include_str!("../../plans/multi-org-security.yaml"));
const FAILS: (&str, &str) =
    ("plans/multi-org-security-failing.yaml", include_str!("../../plans/multi-org-security-failing.yaml"));

/// The files that the plans name.
const FILES: [(&str, &str); 7] = [
    ("macros/tenant.sql.j2", include_str!("../../plans/macros/tenant.sql.j2")),
    ("sql/convert-ids.sql.j2", include_str!("../../plans/sql/convert-ids.sql.j2")),
    ("sql/foreign-keys.sql.j2", include_str!("../../plans/sql/foreign-keys.sql.j2")),
    ("sql/indexes.sql.j2", include_str!("../../plans/sql/indexes.sql.j2")),
    ("sql/membership-functions.sql.j2", include_str!("../../plans/sql/membership-functions.sql.j2")),
    ("sql/rls.sql.j2", include_str!("../../plans/sql/rls.sql.j2")),
    ("sql/views.sql.j2", include_str!("../../plans/sql/views.sql.j2")),
];

/// Runs a migration that succeeds, and one whose last check fails and that is restored. Gives the run that ended otherwise, if one did.
///
/// # Errors
/// What keeps the server from being made, and what keeps a run from being driven.
pub async fn demo(
    bin: Option<PathBuf>,
    people: u32,
    interruption: &Interruption,
    watcher: &mut dyn Watcher,
) -> Result<Option<RunLeft>, OperationProblem> {
    let options = RunOptions { reconnect: RunOptions::default().lock_wait, ..RunOptions::default() };
    watcher.notice(OperationNotice::Demo(DemoPart::Starting))?;
    let first = DatabaseAccess::fresh(bin).await?;
    let second = first.another("second").await?;
    for (database, plan, part) in [(&first, SUCCEEDS, DemoPart::Succeeds), (&second, FAILS, DemoPart::Fails)] {
        watcher.notice(OperationNotice::Demo(part))?;
        watcher.notice(OperationNotice::Demo(DemoPart::Filling(people)))?;
        fill(database, people).await?;
        let context = RunContext { database, options: &options, interruption };
        let outcome = context.begin(&resolved(plan)?, Uuid::now_v7(), &Beforehand::default(), watcher).await?;
        if let ApplyOutcome::Left(left) = outcome
            && !is_expected(part, &left.ended)
        {
            return Ok(Some(left));
        }
    }
    Ok(None)
}

fn is_expected(part: DemoPart, ended: &DriveOutcome) -> bool {
    match part {
        DemoPart::Fails => matches!(ended, DriveOutcome::Finished(RunOutcome::Restored { .. })),
        DemoPart::Starting | DemoPart::Succeeds | DemoPart::Filling(_) => {
            matches!(ended, DriveOutcome::Finished(RunOutcome::Succeeded | RunOutcome::Accepted))
        }
    }
}

async fn fill(database: &DatabaseAccess, people: u32) -> Result<(), OperationProblem> {
    let connection = database.connect().await?;
    let script = format!("SET backstop_demo.profiles = '{people}';\n{SCHEMA}\n{GENERATE}");
    run_script(&connection.client, &script).await.map_err(|error| {
        OperationProblem::failure(ProblemKind::Unexpected, postgres::failure("backstop::cli::demo", &error))
    })
}

fn resolved((name, text): (&str, &str)) -> Result<ResolvedPlan, OperationProblem> {
    let loaded = load::load(name, text.as_bytes(), PlanFormat::Yaml)?;
    let inputs = Inputs::builder(&loaded.plan.vars).build()?;
    resolve_with(&loaded, inputs, |file| {
        let found = FILES.iter().find(|(known, _)| *known == file);
        found
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| OperationProblem::unexpected(format!("the demo has no file {file}")))
    })
}
