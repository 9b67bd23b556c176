//! Whether what is there is what was saved: sources, database, structure, time.

use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    plan_scope,
    problem::{OperationProblem, ProblemKind},
    resolve_plans::Sourced,
};
use crate::{
    machine::Failure,
    postgres::dry_run::{self, Moment},
    saved::{self, AppliedPlan, CurrentSources, DatabaseIdentity, SavedPlan, of_database},
};

/// A plan that is applied, as a saved plan without anything to do knows it.
pub(super) fn applied(sourced: &Sourced) -> AppliedPlan {
    AppliedPlan {
        name: sourced.resolved.plan().name.to_string(),
        path: sourced.path.clone(),
        fingerprint: sourced.resolved.fingerprint().to_owned(),
    }
}

/// A plan's sources, as a saved plan binds them.
pub(super) fn here<'a>(sourced: &'a Sourced, values_files: &'a [String]) -> CurrentSources<'a> {
    CurrentSources {
        files: &sourced.files,
        path: &sourced.path,
        values: &sourced.values,
        values_files,
        resolved: &sourced.resolved,
    }
}

/// By what a saved plan knows the database again.
pub(super) fn identity(moment: &Moment) -> DatabaseIdentity {
    DatabaseIdentity {
        name: moment.database.clone(),
        oid: moment.oid,
        system_identifier: moment.system_identifier.map(|id| id.cast_unsigned().to_string()),
        journal: moment.journal.map(|mark| mark.to_string()),
    }
}

/// A saved plan whose sources are what they were.
#[derive(Clone, Copy)]
pub(super) struct VerifiedSavedPlan<'a> {
    pub saved: &'a SavedPlan,
    pub sourced: &'a [Sourced],
}

impl VerifiedSavedPlan<'_> {
    /// Refuses a database that is another one or not as it was, and a saved plan that is used up or too old. `runs` are those that
    /// it has made just now: what they did is no difference.
    pub async fn refuse(&self, client: &Client, runs: &[Uuid]) -> Result<(), OperationProblem> {
        let content = &self.saved.content;
        let moment = dry_run::moment(client).await.map_err(OperationProblem::unreadable)?;
        let mut differences = Vec::new();
        differences.extend(expired(content, &moment));
        for used in dry_run::uses(client, &content.id).await.map_err(OperationProblem::unreadable)? {
            if !runs.contains(&used.run) {
                differences.push(format!("it was used at {} by run {} of plan {}", used.at, used.run, used.plan));
            }
        }
        if runs.is_empty() {
            // What plans rely on that are applied already is nothing that is to be applied.
            let is_pending = |sourced: &&Sourced| content.plans.iter().any(|plan| plan.path == sourced.path);
            let plans: Vec<_> = self.sourced.iter().filter(is_pending).map(|sourced| sourced.resolved.plan()).collect();
            let structure = plan_scope::structure(client, &plans).await?;
            differences.extend(of_database(content, &identity(&moment), &plan_scope::of_plans(&structure, &plans)));
        }
        refuse(differences)
    }
}

/// Both moments are the server's.
fn expired(content: &saved::SavedPlanContent, moment: &Moment) -> Option<String> {
    let end = content.expires_at.as_ref()?;
    let (Ok(at), Ok(now)) = (end.parse::<jiff::Timestamp>(), moment.now.parse::<jiff::Timestamp>()) else {
        return Some(format!("it was good until {end}, and nobody can tell whether that is past"));
    };
    (now >= at).then(|| format!("it was good until {end}, and it is {}", moment.now))
}

/// Refuses a saved plan, naming each difference, if there is one.
pub(super) fn refuse(differences: Vec<String>) -> Result<(), OperationProblem> {
    if differences.is_empty() {
        return Ok(());
    }
    let message = match differences.len() {
        1 => "the saved plan is not what would run now, in one point".to_owned(),
        count => format!("the saved plan is not what would run now, in {count} points"),
    };
    let failure = Failure::permanent("backstop::saved::differs", message)
        .detail(differences.join("\n"))
        .hint("Nothing was changed. Save the plan again with `backstop plan PLAN -o FILE`, and have it approved again.");
    Err(OperationProblem::failure(ProblemKind::Invalid, failure))
}
