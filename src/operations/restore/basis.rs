//! What a restore of a backup goes by: the backup, and what runs did since. It may not change between a look and the restore.

use tokio_postgres::Client;

use crate::{
    machine::{Event, Failure, StepCommitted},
    operations::{
        problem::{OperationProblem, ProblemKind},
        runs::sequences,
    },
    plan::Sequences,
    postgres::{
        backup::{self, BackupInfo, InDatabase},
        journal,
    },
};

/// What was looked at before the question, and is looked at again under the run lock.
#[derive(PartialEq)]
pub(super) struct RestoreBasis {
    pub(super) backup: BackupInfo,
    /// What runs committed since it was taken.
    pub(super) steps: Vec<StepCommitted>,
    pub(super) sequences: Sequences,
}

impl RestoreBasis {
    pub(super) async fn at(client: &Client, id: &str) -> Result<Self, OperationProblem> {
        let backups = backup::list(&InDatabase, client).await.map_err(OperationProblem::unreadable)?;
        let Some(backup) = backups.into_iter().find(|backup| backup.stored.id == id) else {
            return Err(OperationProblem::usage(
                "backstop::cli::unknown_backup",
                format!("there is no backup {id}"),
                "`backstop backup list` lists the backups.",
            ));
        };
        let steps = steps_since(client, &backup).await?;
        let sequences = sequences_of(client, &backup).await?;
        Ok(RestoreBasis { backup, steps, sequences })
    }

    /// Nothing that a run did, or that became of the backup, while a person was asked, may go unseen.
    pub(super) async fn still_so(&self, client: &Client) -> Result<(), OperationProblem> {
        if RestoreBasis::at(client, &self.backup.stored.id).await? == *self {
            return Ok(());
        }
        Err(changed_meanwhile("runs have changed the database, or the backup, since this restore was looked at"))
    }
}

pub(super) fn changed_meanwhile(message: &str) -> OperationProblem {
    let failure = Failure::permanent("backstop::cli::changed_meanwhile", message).hint(
        "Nothing was changed. `backstop history` shows what was done; look again, with `--dry-run`, and then restore.",
    );
    OperationProblem::failure(ProblemKind::Aborted, failure)
}

/// What the runs since the backup committed: what of it is still there is taken back.
async fn steps_since(client: &Client, backup: &BackupInfo) -> Result<Vec<StepCommitted>, OperationProblem> {
    let mut steps = Vec::new();
    for run in journal::runs_since(client, &backup.stored.id).await.map_err(OperationProblem::unreadable)? {
        let is_its_own = backup.stored.run.as_deref() == Some(run.to_string().as_str());
        for recorded in journal::read(client, run, 1).await.map_err(OperationProblem::unreadable)? {
            // Both are RFC 3339 in UTC, the backup's without fractions: a step of that second counts as later.
            let is_later = is_its_own || recorded.at.as_str() > backup.stored.created_at.trim_end_matches('Z');
            if let (Event::StepCommitted(step), true) = (recorded.event, is_later) {
                steps.push(step);
            }
        }
    }
    Ok(steps)
}

/// What the plan of the run said that took the backup.
async fn sequences_of(client: &Client, backup: &BackupInfo) -> Result<Sequences, OperationProblem> {
    let Some(run) = backup.stored.run.as_deref().and_then(|run| run.parse().ok()) else { return Ok(Sequences::default()) };
    Ok(sequences(&journal::read(client, run, 1).await.map_err(OperationProblem::unreadable)?))
}
