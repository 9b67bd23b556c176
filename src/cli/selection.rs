//! Which of the plans a command is about: `--only` and `--until`.

use super::{arguments::Part, problem::Problem};
use crate::load;

/// Those of the ordered plans that the arguments choose; `name` says how one of them is called.
pub fn select<T>(part: &Part, mut plans: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Vec<T>, Problem> {
    for wanted in part.only.iter().chain(&part.until) {
        let names: Vec<&str> = plans.iter().map(&name).collect();
        if !names.contains(&wanted.as_str()) {
            let message = format!("none of the plans is called `{wanted}`");
            return Err(Problem::usage("backstop::cli::unknown_plan", message, load::instead(wanted, &names)));
        }
    }
    if !part.only.is_empty() {
        plans.retain(|plan| part.only.iter().any(|wanted| wanted == name(plan)));
    }
    if let Some(last) = &part.until
        && let Some(at) = plans.iter().position(|plan| last == name(plan))
    {
        plans.truncate(at + 1);
    }
    Ok(plans)
}
