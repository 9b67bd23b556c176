//! Checks that do not hold as annotations of GitHub Actions, each at its line of the plan
//! (<https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>).

use super::workflow_command::command;
use crate::machine::{CheckOutcome, CheckResult};

/// An annotation for each check that does not hold. `line` gives the line, from 1, that a check stands at in the file.
pub fn annotations(results: &[CheckResult], file: &str, line: impl Fn(&str) -> Option<usize>) -> String {
    let one = |result: &CheckResult| {
        let (level, what) = match result.outcome {
            CheckOutcome::Pass => return None,
            CheckOutcome::Warn => ("warning", "does not hold"),
            CheckOutcome::Fail => ("error", "does not hold"),
            CheckOutcome::Error => ("error", "could not be evaluated"),
        };
        let mut properties = vec![("file", file.to_owned())];
        properties.extend(line(&result.id).map(|line| ("line", line.to_string())));
        properties.push(("title", format!("check {} {what}", result.id)));
        let hint = result.hint.as_ref().map(|hint| format!("\n{hint}")).unwrap_or_default();
        Some(command(level, &properties, &format!("{}{hint}", result.message)))
    };
    results.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{machine::CheckPhase, plan::Severity};

    #[test]
    fn nothing_in_an_answer_ends_its_annotation() {
        let check = |id: &str, outcome| CheckResult {
            id: id.to_owned(),
            phase: CheckPhase::Before,
            severity: Severity::Fail,
            outcome,
            message: "100% of\n::error::them".to_owned(),
            count: None,
            answer: None,
            sample: None,
            hint: Some("Fill it.".to_owned()),
        };
        let results =
            [check("good", CheckOutcome::Pass), check("bad", CheckOutcome::Fail), check("odd", CheckOutcome::Warn)];
        let told = annotations(&results, "a,b:c.yaml", |id| (id == "bad").then_some(7));
        assert_eq!(
            told,
            "::error file=a%2Cb%3Ac.yaml,line=7,title=check bad does not hold::100%25 of%0A::error::them%0AFill it.\n\
             ::warning file=a%2Cb%3Ac.yaml,title=check odd does not hold::100%25 of%0A::error::them%0AFill it.\n"
        );
    }
}
