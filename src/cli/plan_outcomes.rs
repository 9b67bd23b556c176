//! What became of all plans that one call was given.

use super::{
    answer::{Announcement, Overall as Record, PlanOutcomeRecord},
    console::Console,
    exit::Exit,
};
use crate::operations::{
    OperationProblem,
    apply::{self, ApplyOutcome},
};

/// Says what became of each, where there are several, leaves those that were not begun to the reports, and gives the exit code.
pub fn tell(outcomes: Vec<apply::PlanOutcome>, console: &mut Console) -> Result<Exit, OperationProblem> {
    for not_begun in outcomes.iter().filter(|plan| matches!(plan.outcome, ApplyOutcome::NotBegun)) {
        console.telemetry().not_begun(&not_begun.plan);
    }
    let exit = exit_of(&outcomes);
    if outcomes.len() > 1 {
        let outcome =
            |plan: &apply::PlanOutcome| PlanOutcomeRecord { plan: plan.plan.clone(), outcome: word(&plan.outcome) };
        let record = Record { plans: outcomes.iter().map(outcome).collect(), exit_code: exit.code() };
        console.announce(&text(&outcomes), &Announcement::Overall(record))?;
    }
    match outcomes
        .into_iter()
        .find_map(|plan| if let ApplyOutcome::Failed(problem) = plan.outcome { Some(problem) } else { None })
    {
        Some(problem) => Err(problem),
        None => Ok(exit),
    }
}

/// That of the plan that ended it.
fn exit_of(outcomes: &[apply::PlanOutcome]) -> Exit {
    outcomes.iter().map(|plan| exit(&plan.outcome)).find(|exit| *exit != Exit::Done).unwrap_or(Exit::Done)
}

fn exit(outcome: &ApplyOutcome) -> Exit {
    match outcome {
        ApplyOutcome::NotBegun | ApplyOutcome::NothingToDo => Exit::Done,
        ApplyOutcome::Left(left) => Exit::of_run(&left.ended),
        ApplyOutcome::Failed(problem) => Exit::of(problem),
    }
}

fn word(outcome: &ApplyOutcome) -> &'static str {
    match (outcome, exit(outcome)) {
        (ApplyOutcome::NotBegun, _) => "not_begun",
        (ApplyOutcome::NothingToDo, _) => "nothing_to_do",
        (_, Exit::Done) => "applied",
        (_, Exit::Restored) => "restored",
        (_, Exit::Aborted) => "aborted",
        (_, Exit::Held) => "held",
        (_, Exit::Stuck) => "stuck",
        (_, Exit::Busy) => "busy",
        (_, Exit::Unexpected | Exit::Usage | Exit::Invalid | Exit::Missing | Exit::RestoredExcept) => "failed",
    }
}

/// `overall: applied p1, p2; restored p3; not begun p4, p5`
fn text(outcomes: &[apply::PlanOutcome]) -> String {
    let mut groups: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for plan in outcomes {
        let word = word(&plan.outcome);
        match groups.iter_mut().find(|(known, _)| *known == word) {
            Some((_, plans)) => plans.push(&plan.plan),
            None => groups.push((word, vec![&plan.plan])),
        }
    }
    let group = |(word, plans): &(&str, Vec<&str>)| format!("{} {}", word.replace('_', " "), plans.join(", "));
    format!("overall: {}", groups.iter().map(group).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        machine::{Cause, RunOutcome},
        operations::{DriveOutcome, RunLeft},
    };

    #[test]
    fn every_plan_is_named_with_what_became_of_it() {
        let left = |outcome| ApplyOutcome::Left(RunLeft { run: uuid::Uuid::nil(), ended: DriveOutcome::Finished(outcome) });
        let outcomes = |third: ApplyOutcome| -> Vec<apply::PlanOutcome> {
            let all = [
                ApplyOutcome::NothingToDo,
                left(RunOutcome::Succeeded),
                third,
                ApplyOutcome::NotBegun,
                ApplyOutcome::NotBegun,
            ];
            let plan = |(plan, outcome): (&str, ApplyOutcome)| apply::PlanOutcome { plan: plan.to_owned(), outcome };
            ["a", "b", "c", "d", "e"].into_iter().zip(all).map(plan).collect()
        };
        let failed = outcomes(ApplyOutcome::Failed(OperationProblem::unexpected("it broke")));
        assert_eq!(text(&failed), "overall: nothing to do a; applied b; failed c; not begun d, e");
        assert_eq!(exit_of(&failed), Exit::Unexpected);
        let restored = outcomes(left(RunOutcome::restored(Cause::Requested)));
        assert_eq!(text(&restored), "overall: nothing to do a; applied b; restored c; not begun d, e");
        assert_eq!(exit_of(&restored), Exit::Restored);
    }
}
