//! `backstop apply`

use std::path::Path;

use super::{
    answer::{Announcement, NothingToDo},
    arguments::ApplyArgs,
    console::Console,
    exit::Exit,
    plan_outcomes, signals,
};
use crate::operations::{
    Configuration, DatabaseAccess, OperationProblem, RunContext,
    apply::{ApplyOptions, Interrupted, apply, plans_to_apply},
    saved_plan::{ToApply, named},
};

/// Runs plans in the order of what they require. The first one that doesn't succeed ends it.
pub async fn run(arguments: &ApplyArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let configuration = arguments.database.configuration();
    if let Some(file) = named(&arguments.plans)? {
        return saved(file, &configuration, arguments, console).await;
    }
    let wanted = ApplyOptions {
        plans: arguments.plans.clone(),
        selection: arguments.part.selection(),
        values: arguments.values.given(),
    };
    let target = arguments.database.target();
    let plans = plans_to_apply(&configuration, &target, &wanted, console)?;
    let interruption = signals::listen(arguments.running.grace)?;
    let database = DatabaseAccess::open(&configuration, &target, console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let interrupted = if arguments.resume { Interrupted::GoOn } else { Interrupted::Refuse };
    let outcomes = apply(&context, plans, interrupted, console).await?;
    plan_outcomes::tell(outcomes, console)
}

/// Applies a saved plan, or refuses and names each difference.
async fn saved(
    file: &Path,
    configuration: &Configuration,
    arguments: &ApplyArgs,
    console: &mut Console,
) -> Result<Exit, OperationProblem> {
    if !arguments.part.selection().is_everything() {
        let help = "Choose the plans when you save them.";
        return Err(OperationProblem::usage("backstop::cli::part_of_saved", "a saved plan is applied as a whole", help));
    }
    let saved = ToApply::read(configuration, file, &arguments.values.given(), console)?;
    let interruption = signals::listen(arguments.running.grace)?;
    let configuration = configuration.or_in(saved.environment());
    let database = DatabaseAccess::open(&configuration, &arguments.database.target(), console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let outcomes = saved.apply(&context, console).await?;
    if outcomes.is_empty() {
        let nothing = NothingToDo { saved_plan: Some(saved.id().to_owned()), ..NothingToDo::default() };
        let text = "nothing to do: nothing was pending when it was saved, and nothing is";
        console.announce(text, &Announcement::NothingToDo(nothing))?;
    }
    plan_outcomes::tell(outcomes, console)
}
