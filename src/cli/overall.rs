//! What became of all plans that one call was given.

use super::{
    answer::{Aside, Overall as Record, PlanOutcome},
    console::Console,
    exit::Exit,
    problem::Problem,
};

/// The plans of a call in their order, and what became of each so far.
pub struct Overall {
    plans: Vec<(String, Outcome)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    NotBegun,
    Applied,
    NothingToDo,
    Ended(Exit),
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Outcome::NotBegun => "not_begun",
            Outcome::Applied => "applied",
            Outcome::NothingToDo => "nothing_to_do",
            Outcome::Ended(Exit::Restored) => "restored",
            Outcome::Ended(Exit::Aborted) => "aborted",
            Outcome::Ended(Exit::Held) => "held",
            Outcome::Ended(Exit::Stuck) => "stuck",
            Outcome::Ended(Exit::Busy) => "busy",
            Outcome::Ended(_) => "failed",
        }
    }

    fn title(self) -> String {
        self.word().replace('_', " ")
    }
}

impl Overall {
    /// Nothing has begun.
    pub fn new(plans: impl IntoIterator<Item = String>) -> Self {
        Overall { plans: plans.into_iter().map(|plan| (plan, Outcome::NotBegun)).collect() }
    }

    /// A plan was applied already.
    pub fn nothing_to_do(&mut self, plan: &str) {
        self.set(plan, Outcome::NothingToDo);
    }

    /// What a plan's run ended with. Gives it back, so that it can be passed on.
    pub fn ended(&mut self, plan: &str, result: Result<Exit, Problem>) -> Result<Exit, Problem> {
        let exit = match &result {
            Ok(exit) => *exit,
            Err(problem) => problem.exit,
        };
        self.set(plan, if exit == Exit::Done { Outcome::Applied } else { Outcome::Ended(exit) });
        result
    }

    fn set(&mut self, plan: &str, outcome: Outcome) {
        if let Some((_, known)) = self.plans.iter_mut().find(|(name, _)| name == plan) {
            *known = outcome;
        }
    }

    /// Says what became of each, where there are several, and leaves those that were not begun to the reports.
    pub fn tell(&self, exit: Exit, console: &mut Console) -> Result<(), Problem> {
        for (plan, _) in self.plans.iter().filter(|(_, outcome)| *outcome == Outcome::NotBegun) {
            console.telemetry().not_begun(plan);
        }
        if self.plans.len() < 2 {
            return Ok(());
        }
        let outcome = |(plan, outcome): &(String, Outcome)| PlanOutcome { plan: plan.clone(), outcome: outcome.word() };
        let record = Record { plans: self.plans.iter().map(outcome).collect(), exit_code: exit.code() };
        console.aside(&self.text(), &Aside::Overall(record))
    }

    /// `overall: applied p1, p2; restored p3; not begun p4, p5`
    fn text(&self) -> String {
        let mut groups: Vec<(Outcome, Vec<&str>)> = Vec::new();
        for (plan, outcome) in &self.plans {
            match groups.iter_mut().find(|(known, _)| known == outcome) {
                Some((_, plans)) => plans.push(plan),
                None => groups.push((*outcome, vec![plan])),
            }
        }
        let group = |(outcome, plans): &(Outcome, Vec<&str>)| format!("{} {}", outcome.title(), plans.join(", "));
        format!("overall: {}", groups.iter().map(group).collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plan_is_named_with_what_became_of_it() {
        let mut overall = Overall::new(["a", "b", "c", "d", "e"].map(str::to_owned));
        overall.nothing_to_do("a");
        assert!(overall.ended("b", Ok(Exit::Done)).is_ok());
        let failed = overall.ended("c", Err(Problem::unexpected("it broke")));
        assert!(failed.is_err());
        assert_eq!(overall.text(), "overall: nothing to do a; applied b; failed c; not begun d, e");
        assert!(overall.ended("c", Ok(Exit::Restored)).is_ok());
        assert_eq!(overall.text(), "overall: nothing to do a; applied b; restored c; not begun d, e");
    }
}
