//! Exceptions that a plan makes, and whether they are needed.

use super::{
    finding::Finding,
    levels,
    location::At,
    rule::Rule,
    rules::{IDLE_EXCEPTION, RULES, rule_called},
};
use crate::plan::{LintException, LintSettings, Place, Plan, RuleLevel, StepId, Written};

/// How alike two codes must be for one to be suggested in place of the other (Jaro-Winkler, from 0 to 1).
const LIKENESS_MIN: f64 = 0.75;

/// A rule that a plan or a repository names and that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule {
    /// What it is called.
    pub code: String,
    /// Where it is named.
    pub at: Place,
}

/// The exceptions of a plan and its steps.
pub(super) struct Exceptions<'p> {
    all: Vec<Exception<'p>>,
}

struct Exception<'p> {
    written: &'p LintException,
    /// The step that it is for; none is the whole plan.
    step: Option<(usize, &'p StepId)>,
    used: bool,
}

impl<'p> Exceptions<'p> {
    /// All of them.
    ///
    /// # Errors
    /// Those whose rule there is not.
    pub(super) fn of(plan: &'p Plan<Written>) -> Result<Self, Vec<UnknownRule>> {
        let of_plan = plan.lint.iter().map(|written| Exception { written, step: None, used: false });
        let of_steps = plan.steps.iter().enumerate().flat_map(|(index, step)| {
            step.lint.iter().map(move |written| Exception { written, step: Some((index, &step.id)), used: false })
        });
        let all: Vec<Exception<'p>> = of_steps.chain(of_plan).collect();
        let unknown = all.iter().filter(|exception| rule_called(&exception.written.rule).is_none());
        let unknown: Vec<UnknownRule> = unknown.map(|exception| unknown_rule(exception.written)).collect();
        if unknown.is_empty() { Ok(Exceptions { all }) } else { Err(unknown) }
    }

    /// Why the plan makes an exception of a finding in the step; a step's own word goes before the plan's.
    pub(super) fn reason(&mut self, rule: &Rule, step: Option<usize>) -> Option<String> {
        let means = |exception: &&mut Exception<'_>| {
            let here = exception.step.is_none_or(|(index, _)| Some(index) == step);
            here && exception.written.rule == rule.code
        };
        let exception = self.all.iter_mut().find(means)?;
        exception.used = true;
        Some(exception.written.reason.clone())
    }
}

/// A finding for each exception that was not needed.
pub(super) fn idle(exceptions: &Exceptions<'_>, settings: &LintSettings) -> Vec<Finding> {
    let rule: &'static Rule = &IDLE_EXCEPTION;
    let level = levels::level(rule, settings);
    let is_off = |code: &str| rule_called(code).is_none_or(|rule| levels::level(rule, settings) == RuleLevel::Off);
    let idle = exceptions
        .all
        .iter()
        .filter(|exception| level != RuleLevel::Off && !exception.used && !is_off(&exception.written.rule));
    let finding = |exception: &Exception<'_>| Finding {
        rule,
        level,
        message: format!(
            "nothing of `{}` is found here, and so there is nothing to make an exception of",
            exception.written.rule
        ),
        at: At::Plan(exception.written.at),
        step: exception.step.map(|(_, id)| id.clone()),
        excepted: None,
    };
    idle.map(finding).collect()
}

fn unknown_rule(written: &LintException) -> UnknownRule {
    UnknownRule { code: written.rule.clone(), at: written.at }
}

/// The rule whose code is nearest to what somebody wrote.
pub fn nearest(code: &str) -> Option<&'static str> {
    let likeness = |rule: &&'static Rule| (strsim::jaro_winkler(&code.to_ascii_lowercase(), rule.code), rule.code);
    let nearest = RULES.iter().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 >= LIKENESS_MIN).then_some(nearest.1)
}
