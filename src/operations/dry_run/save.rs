//! A dry run → a saved plan.

use std::{path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    super::{
        configuration::Configuration,
        plan_scope,
        problem::OperationProblem,
        saved_file,
        saved_plan_match::{applied, here, identity},
    },
    run::{DryRun, DryRunOptions},
};
use crate::{
    report::dry_run::Saved,
    saved::{self, NothingPending, PlannedPlan, SavedPlanContent, SavedStructure},
    secrets,
};

/// Saves it into a file, bound to all that it was made of, for so long; for ever where no time is given. Notes that in what is told of it.
///
/// # Errors
/// Why it can't be written, and that it would hold the value of a secret.
pub fn save(
    dry_run: &mut DryRun,
    configuration: &Configuration,
    wanted: &DryRunOptions,
    file: &Path,
    expires: Option<Duration>,
) -> Result<(), OperationProblem> {
    let content = content(dry_run, configuration, wanted, expires)?;
    let (saved, text) = saved::write(content).map_err(|problem| OperationProblem::saved(file, &problem))?;
    if secrets::redacted(&text) != text {
        let message = "a saved plan would hold the value of a secret: a name or a text of the plan is spelled like it";
        let help = "Give the secret another value, or the table, column or text another name.";
        return Err(OperationProblem::usage("backstop::cli::secret_in_saved_plan", message, help));
    }
    saved_file::write(file, &text)?;
    dry_run.forecast.saved = Some(Saved {
        file: file.display().to_string(),
        id: saved.content.id,
        digest: saved.digest,
        expires_at: saved.content.expires_at,
    });
    Ok(())
}

fn content(
    dry_run: &DryRun,
    configuration: &Configuration,
    wanted: &DryRunOptions,
    expires: Option<Duration>,
) -> Result<SavedPlanContent, OperationProblem> {
    let DryRun { forecast, sourced, structure, moment } = dry_run;
    let values_files: Vec<String> = wanted.values.files.iter().map(|path| path.display().to_string()).collect();
    let pending = sourced.iter().zip(&forecast.plans).filter(|(_, plan)| plan.state.is_pending());
    let plans: Vec<PlannedPlan> = pending
        .clone()
        .map(|(sourced, plan)| {
            let targets = plan.backup.iter().flat_map(|backup| &backup.targets).map(|target| target.table.clone());
            here(sourced, &values_files).planned(targets.collect())
        })
        .collect();
    let nothing_pending = plans.is_empty().then(|| NothingPending {
        named: wanted.plans.iter().map(|path| path.display().to_string()).collect(),
        values_files: values_files.clone(),
        plans: sourced.iter().map(applied).collect(),
    });
    let of_these: Vec<_> = pending.map(|(sourced, _)| sourced.resolved.plan()).collect();
    Ok(SavedPlanContent {
        id: Uuid::now_v7().to_string(),
        made_at: moment.now.clone(),
        made_by: moment.role.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        expires_at: expires.map(|time| later(&moment.now, time)).transpose()?,
        environment: configuration.chosen().environment.clone(),
        database: identity(moment),
        plans,
        nothing_pending,
        structure: SavedStructure::of(&plan_scope::of_plans(structure, &of_these)),
    })
}

fn later(now: &str, time: Duration) -> Result<String, OperationProblem> {
    let now: Timestamp = now.parse().map_err(|_| OperationProblem::unexpected(format!("the server's clock says {now}")))?;
    let later = SignedDuration::try_from(time).ok().and_then(|time| now.checked_add(time).ok());
    let help = "Give a time in which people still live, 24h for instance.";
    let later =
        later.ok_or_else(|| OperationProblem::usage("backstop::cli::expires", "`--expires` is too far away", help))?;
    Ok(later.to_string())
}
