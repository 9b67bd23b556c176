//! Who must have approved what is applied, as the repository says.

use super::{
    arguments::{Chosen, Place},
    exit::Exit,
    problem::Problem,
    repository::{FILE, Repository},
};
use crate::{machine::Failure, plan::ApprovalPolicy};

/// The policy of the repository; without one nothing is asked for.
pub fn of_repository(chosen: &Chosen) -> Result<ApprovalPolicy, Problem> {
    Ok(Repository::find(chosen)?.map(|found| found.loaded.repository.approval).unwrap_or_default())
}

/// Refuses what nobody has approved where the repository wants approvals. A throwaway server is nobody's.
pub fn refuse_unapproved(place: &Place, what: &str) -> Result<(), Problem> {
    let ApprovalPolicy { required, .. } = of_repository(&place.chosen)?;
    if required == 0 || place.sandbox {
        return Ok(());
    }
    let failure = Failure::permanent(
        "backstop::saved::approval_required",
        format!("{what} can't be applied by itself: {FILE} wants {required} approvals of a saved plan"),
    )
    .hint("Save it with `backstop plan PLAN -o FILE`, have it approved with `backstop approve FILE --key KEY`, and `apply FILE`.");
    Err(Problem::failure(Exit::Invalid, failure))
}
