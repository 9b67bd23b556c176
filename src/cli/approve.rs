//! `backstop approve`

use std::path::Path;

use super::{
    answer::{self, Answer, KeyAnswer},
    arguments::ApproveArgs,
    console::Console,
    exit::Exit,
};
use crate::{
    operations::{
        Configuration, OperationProblem,
        approve::{Approvals, GivenApproval, approvals, approve, new_key},
    },
    report,
};

/// Shows a saved plan, approves it, or makes a key.
pub fn run(arguments: &ApproveArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let Some(file) = &arguments.file else {
        return match &arguments.new_key {
            Some(path) => tell_key(path, console),
            None => {
                Err(OperationProblem::usage("backstop::cli::nothing_to_approve", "no saved plan is given", "Name its file."))
            }
        };
    };
    let configuration = Configuration::new(arguments.chosen.clone());
    let Some(key) = &arguments.key else {
        let found = approvals(&configuration, file)?;
        let text = format!("{}\n{}", report::saved_plan(&found.saved), found.approval_count());
        console.answer(&text, &answer(&found))?;
        return Ok(Exit::Done);
    };
    let given = approve(&configuration, file, key, arguments.name.as_deref(), console)?;
    let GivenApproval { name, was_there, approvals } = given;
    let what = if was_there { "was approved with this key already" } else { "is approved" };
    let text = format!("{} {what} by {name}: {}", file.display(), approvals.approval_count());
    console.answer(&text, &answer(&approvals))?;
    Ok(Exit::Done)
}

fn tell_key(path: &Path, console: &Console) -> Result<Exit, OperationProblem> {
    let public = new_key(path)?;
    let text = format!("{}\n\nfor backstop.toml:\n[approval.keys]\nyour-name = \"{public}\"", path.display());
    console.answer(&text, &Answer::Key(KeyAnswer { file: path.display().to_string(), public }))?;
    Ok(Exit::Done)
}

fn answer(Approvals { saved, counted, policy }: &Approvals) -> Answer {
    Answer::Approvals(answer::ApprovalsAnswer {
        id: saved.content.id.clone(),
        digest: saved.digest.clone(),
        approved_by: counted.by.iter().cloned().collect(),
        unknown_keys: counted.unknown.iter().cloned().collect(),
        required: policy.required,
        plans: saved.content.plans.iter().map(|plan| plan.name.clone()).collect(),
    })
}
