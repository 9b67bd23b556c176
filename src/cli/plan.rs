//! `backstop plan`

use super::{
    arguments::{PlanArgs, ReviewForm},
    console::Console,
    exit::Exit,
    stdio::{print, print_json},
};
use crate::{
    operations::{
        DatabaseAccess, OperationProblem,
        dry_run::{DriftBaseline, DryRunOptions, dry_run, plans_to_look_at, save},
    },
    report::dry_run::{DryRunVerdict, document, markdown, text},
};

/// Says what `apply` would do now, and changes nothing.
pub async fn run(arguments: &PlanArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.database.configuration();
    let since = DriftBaseline::read(configuration.files(), arguments.since.as_deref())?;
    let wanted = DryRunOptions {
        plans: arguments.plans.clone(),
        selection: arguments.part.selection(),
        values: arguments.values.given(),
    };
    let plans = plans_to_look_at(&configuration, &wanted, console)?;
    let database = DatabaseAccess::open(&configuration, &arguments.database.target(), console).await?;
    let mut found = dry_run(&database, plans, since).await?;
    let verdict = found.forecast.verdict();
    let exit = exit_of(verdict, arguments.exit_code);
    if let Some(file) = &arguments.out {
        match verdict {
            DryRunVerdict::NothingToDo | DryRunVerdict::WouldRun => {
                save(&mut found, &configuration, &wanted, file, arguments.expires)?;
            }
            _ => console.warn(&format!("{}: not saved, because it could not be applied", file.display()))?,
        }
    }
    match arguments.reported.or(console.format()) {
        ReviewForm::Text => print(text(&found.forecast, console.style()).trim_end())?,
        ReviewForm::Markdown => print(markdown(&found.forecast).trim_end())?,
        ReviewForm::Json => print_json(&document(&found.forecast, exit.code()))?,
    }
    Ok(exit)
}

/// The exit code that `apply` would end with where it can't begin.
fn exit_of(verdict: DryRunVerdict, wants_exit_code: bool) -> Exit {
    match verdict {
        DryRunVerdict::NothingToDo => Exit::Done,
        DryRunVerdict::WouldRun if wants_exit_code => Exit::Missing,
        DryRunVerdict::WouldRun => Exit::Done,
        DryRunVerdict::InTheWay => Exit::Aborted,
        DryRunVerdict::Changed => Exit::Invalid,
        DryRunVerdict::Unfinished => Exit::Held,
    }
}
