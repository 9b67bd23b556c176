//! Which run, backup and tables somebody means.

use tokio_postgres::Client;

use crate::{
    drive::manifest::Manifest,
    operations::{
        problem::OperationProblem,
        runs::{self, ReplayedRun},
    },
};

/// What is to be brought back; the only run that has not ended where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// The run to take back: its id or its first characters.
    pub run: Option<String>,
    /// The backup to bring back, whatever came after it. A run goes before it.
    pub backup: Option<String>,
    /// Only these tables of it, as `schema.table`; all where none is named.
    pub tables: Vec<String>,
}

/// What is meant.
pub(super) enum RestoreTarget {
    Run(Box<ReplayedRun>),
    Backup(String),
}

pub(super) async fn found(client: &Client, wanted: &RestoreOptions) -> Result<RestoreTarget, OperationProblem> {
    match (&wanted.run, &wanted.backup) {
        (Some(id), _) => Ok(RestoreTarget::Run(Box::new(runs::one(client, Some(id)).await?))),
        (None, Some(id)) => Ok(RestoreTarget::Backup(id.clone())),
        (None, None) => match runs::unfinished(client).await? {
            Some(found) => Ok(RestoreTarget::Run(Box::new(found))),
            None => Err(OperationProblem::usage(
                "backstop::cli::no_run",
                "no run waits to be brought back",
                "Name a run (`backstop history`) or a backup (`--backup ID`, `backstop backup list`).",
            )),
        },
    }
}

pub(super) fn backup_of(found: ReplayedRun) -> Result<String, OperationProblem> {
    let ReplayedRun { run, .. } = found;
    run.backup.ok_or_else(|| {
        OperationProblem::usage(
            "backstop::cli::no_backup",
            format!("run {} took no backup: it changed nothing", run.id),
            "`backstop backup list` lists the backups.",
        )
    })
}

/// The tables that are meant, as `schema.table`; the schema may be left out where only one table of the backup has the name.
pub(super) fn chosen(manifest: &Manifest, names: &[String]) -> Result<Vec<String>, OperationProblem> {
    let mut tables = Vec::new();
    for name in names {
        let found: Vec<String> =
            manifest.tables.iter().filter(|t| t.title() == *name || t.name == *name).map(|t| t.title()).collect();
        match found.as_slice() {
            [one] => tables.push(one.clone()),
            _ => {
                let titles: Vec<String> = manifest.tables.iter().map(|table| table.title()).collect();
                let message = match found.as_slice() {
                    [] => format!("the backup {} does not hold {name}", manifest.id),
                    some => format!("{name} could be {}", some.join(" or ")),
                };
                return Err(OperationProblem::usage(
                    "backstop::cli::unknown_table",
                    message,
                    format!("It holds {}.", titles.join(", ")),
                ));
            }
        }
    }
    tables.sort();
    tables.dedup();
    Ok(tables)
}
