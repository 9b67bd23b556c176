//! `backstop plan`

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    approve,
    arguments::{Plan, ReviewForm},
    console::{Console, print, print_json},
    exit::Exit,
    place::Database,
    plan_drift::Since,
    plan_files,
    plan_look::{Look, Looked},
    problem::Problem,
    reading::{Sourced, read_ordered, resolve_sourced},
    scope, selection,
};
use crate::{
    postgres::outlook::{self, Moment},
    report::outlook::{Outlook, Saved, Verdict, document, markdown, text},
    saved::{self, AppliedPlan, Content, DatabaseIdentity, Here, NothingPending, PlannedPlan, Structure},
    secrets,
};

/// Says what `apply` would do now, and changes nothing.
pub async fn run(arguments: &Plan, console: &Console) -> Result<Exit, Problem> {
    let since = Since::read(arguments.since.as_deref())?;
    let loaded = read_ordered(&plan_files::collect(&arguments.plans, &arguments.values.chosen, console)?)?;
    let sourced = resolve_sourced(&loaded, &arguments.values)?;
    let sourced = selection::select(&arguments.part, sourced, |plan| plan.resolved.plan().name.as_str())?;
    let database = Database::open(&arguments.place).await?;
    let connection = outlook::connect(database.options()).await?;
    let look = Look::new(&connection.client, database.options().to_string()).await?;
    let Looked { mut outlook, structure } = look.at(&sourced, since).await?;
    let verdict = outlook.verdict();
    let exit = exit_of(verdict, arguments.exit_code);
    if let Some(file) = &arguments.out {
        match verdict {
            Verdict::NothingToDo | Verdict::WouldRun => {
                let content = content(arguments, &sourced, &outlook, &look.moment, &structure)?;
                outlook.saved = Some(save(file, content)?);
            }
            _ => console.warn(&format!("{}: not saved, because it could not be applied", file.display()))?,
        }
    }
    match arguments.reported.or(console.format()) {
        ReviewForm::Text => print(text(&outlook, console.style()).trim_end())?,
        ReviewForm::Markdown => print(markdown(&outlook).trim_end())?,
        ReviewForm::Json => print_json(&document(&outlook, exit.code()))?,
    }
    Ok(exit)
}

/// The exit code that `apply` would end with where it can't begin.
fn exit_of(verdict: Verdict, wants_exit_code: bool) -> Exit {
    match verdict {
        Verdict::NothingToDo => Exit::Done,
        Verdict::WouldRun if wants_exit_code => Exit::Missing,
        Verdict::WouldRun => Exit::Done,
        Verdict::InTheWay => Exit::Aborted,
        Verdict::Changed => Exit::Invalid,
        Verdict::Unfinished => Exit::Held,
    }
}

fn content(
    arguments: &Plan,
    sourced: &[Sourced],
    outlook: &Outlook,
    moment: &Moment,
    structure: &crate::catalog::Snapshot,
) -> Result<Content, Problem> {
    let values_files: Vec<String> = arguments.values.values.iter().map(|path| path.display().to_string()).collect();
    let pending = sourced.iter().zip(&outlook.plans).filter(|(_, plan)| plan.standing.is_pending());
    let plans: Vec<PlannedPlan> = pending
        .clone()
        .map(|(sourced, plan)| {
            let targets = plan.backup.iter().flat_map(|backup| &backup.targets).map(|target| target.table.clone());
            here(sourced, &values_files).planned(targets.collect())
        })
        .collect();
    let nothing_pending = plans.is_empty().then(|| NothingPending {
        named: arguments.plans.iter().map(|path| path.display().to_string()).collect(),
        values_files: values_files.clone(),
        plans: sourced.iter().map(applied).collect(),
    });
    let of_these: Vec<_> = pending.map(|(sourced, _)| sourced.resolved.plan()).collect();
    Ok(Content {
        id: Uuid::now_v7().to_string(),
        made_at: moment.now.clone(),
        made_by: moment.role.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        expires_at: arguments.expires.map(|time| later(&moment.now, time)).transpose()?,
        environment: arguments.values.chosen.environment.clone(),
        database: identity(moment),
        plans,
        nothing_pending,
        structure: Structure::of(&scope::of_plans(structure, &of_these)),
    })
}

/// A plan that is applied, as a saved plan without anything to do knows it.
pub fn applied(sourced: &Sourced) -> AppliedPlan {
    AppliedPlan {
        name: sourced.resolved.plan().name.to_string(),
        path: sourced.path.clone(),
        fingerprint: sourced.resolved.fingerprint().to_owned(),
    }
}

/// A plan's sources, as a saved plan binds them.
pub fn here<'a>(sourced: &'a Sourced, values_files: &'a [String]) -> Here<'a> {
    Here { files: &sourced.files, path: &sourced.path, values: &sourced.values, values_files, resolved: &sourced.resolved }
}

/// By what a saved plan knows the database again.
pub fn identity(moment: &Moment) -> DatabaseIdentity {
    DatabaseIdentity {
        name: moment.database.clone(),
        oid: moment.oid,
        system_identifier: moment.system_identifier.map(|id| id.cast_unsigned().to_string()),
        journal: moment.journal.map(|mark| mark.to_string()),
    }
}

fn later(now: &str, time: std::time::Duration) -> Result<String, Problem> {
    let now: Timestamp = now.parse().map_err(|_| Problem::unexpected(format!("the server's clock says {now}")))?;
    let later = SignedDuration::try_from(time).ok().and_then(|time| now.checked_add(time).ok());
    let help = "Give a time in which people still live, 24h for instance.";
    let later = later.ok_or_else(|| Problem::usage("backstop::cli::expires", "`--expires` is too far away", help))?;
    Ok(later.to_string())
}

fn save(file: &Path, content: Content) -> Result<Saved, Problem> {
    let (saved, text) = saved::write(content).map_err(|problem| Problem::saved(file, &problem))?;
    if secrets::redacted(&text) != text {
        let message = "a saved plan would hold the value of a secret: a name or a text of the plan is spelled like it";
        let help = "Give the secret another value, or the table, column or text another name.";
        return Err(Problem::usage("backstop::cli::secret_in_saved_plan", message, help));
    }
    approve::write(file, &text)?;
    Ok(Saved {
        file: file.display().to_string(),
        id: saved.content.id,
        digest: saved.digest,
        expires_at: saved.content.expires_at,
    })
}
