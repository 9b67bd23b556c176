//! Whether the plans that this one builds on are applied.

use tokio_postgres::Client;

use crate::{
    machine::Failure,
    plan::{Plan, Rendered},
    postgres::journal,
};

pub(super) async fn failures(client: &Client, plan: &Plan<Rendered>) -> Result<Vec<Failure>, Failure> {
    if plan.requires.is_empty() {
        return Ok(Vec::new());
    }
    let applied = journal::applied(client).await?;
    let missing = plan.requires.iter().filter(|(name, _)| applied.iter().all(|one| one.plan != name.as_str()));
    let failure = |name: &str| {
        Failure::permanent(
            "backstop::preflight::required_plan",
            format!("plan {name}, which this one requires, is not applied to this database"),
        )
        .hint(format!("Apply plan {name} first."))
    };
    Ok(missing.map(|(name, _)| failure(name.as_str())).collect())
}
