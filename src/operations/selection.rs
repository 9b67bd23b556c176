//! Which of the plans an operation is about.

use super::problem::OperationProblem;
use crate::load;

/// A choice among plans: all, where it names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only plans of these names.
    pub only: Vec<String>,
    /// Only the plans up to this one, in their order.
    pub until: Option<String>,
}

impl Selection {
    /// Whether all plans are meant.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.until.is_none()
    }
}

/// Those of the ordered plans that are chosen; `name` says how one of them is called.
///
/// # Errors
/// A name that none of the plans has.
pub fn select<T>(selection: &Selection, mut plans: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Vec<T>, OperationProblem> {
    for wanted in selection.only.iter().chain(&selection.until) {
        let names: Vec<&str> = plans.iter().map(&name).collect();
        if !names.contains(&wanted.as_str()) {
            let message = format!("none of the plans is called `{wanted}`");
            return Err(OperationProblem::usage("backstop::cli::unknown_plan", message, load::instead(wanted, &names)));
        }
    }
    if !selection.only.is_empty() {
        plans.retain(|plan| selection.only.iter().any(|wanted| wanted == name(plan)));
    }
    if let Some(last) = &selection.until
        && let Some(at) = plans.iter().position(|plan| last == name(plan))
    {
        plans.truncate(at + 1);
    }
    Ok(plans)
}
