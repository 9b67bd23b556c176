//! What several commands are given: where the database is, values, how a run behaves, one plan.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::Args;

use crate::operations::{self, Chosen, Configuration, DatabaseTarget, RunOptions, Selection};

/// Where the database is.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct DatabaseArgs {
    /// URL or key=value string, as libpq understands it. Without it the environment that is named with `--environment` says where
    /// the database is, else DATABASE_URL, else libpq's own variables, service file and password file.
    #[arg(short, long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Use a throwaway PostgreSQL server, started for this command and removed after it.
    #[arg(long, conflicts_with = "database_url")]
    pub sandbox: bool,
    /// SQL that the throwaway server runs first; can be given several times.
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    pub sandbox_sql: Vec<PathBuf>,
    /// Folder that holds `postgres` and `initdb` for the throwaway server.
    #[arg(long, value_name = "DIR", env = "BACKSTOP_PG_BIN")]
    pub pg_bin: Option<PathBuf>,
    /// The environment, which may say where the database is.
    #[command(flatten)]
    pub chosen: Chosen,
}

/// Values of the plan's variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Variables")]
pub struct VariableArgs {
    /// File with values, YAML or TOML; later files win.
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
    /// One value; wins over files and over BACKSTOP_VAR_NAME.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// The environment, whose values files win over.
    #[command(flatten)]
    pub chosen: Chosen,
}

/// How a run behaves.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Run")]
pub struct RunningArgs {
    /// How long to wait for another run to end.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub lock_wait: Duration,
    /// How long a server that can't be reached is waited for: at the beginning, also where its name or port is wrong, and once the
    /// connection is lost, through a restart or failover, before the run is left for `resume`. 0s is a single attempt.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub wait: Duration,
    /// End sessions that keep the run waiting for a lock so long; each one is recorded. Left alone where it is not given. The
    /// role needs pg_signal_backend and pg_read_all_stats.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub terminate_blockers_after: Option<Duration>,
    /// How long after SIGINT or SIGTERM the run may take to roll back and to write down where it stands; then it stops at once.
    /// Give it less than Kubernetes' terminationGracePeriodSeconds, 25s for 30.
    #[arg(long, value_name = "TIME", value_parser = duration, env = "BACKSTOP_GRACE")]
    pub grace: Option<Duration>,
    /// How many tables are copied side by side.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub jobs: u8,
}

/// One plan and where it runs.
#[derive(Debug, Args)]
pub struct OnePlanArgs {
    /// Plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    #[command(flatten)]
    pub values: VariableArgs,
    #[command(flatten)]
    pub running: RunningArgs,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Which of the plans that a command was given it is about.
#[derive(Debug, Clone, Default, Args)]
pub struct SelectionArgs {
    /// Only this one of the plans; can be given several times. What it requires must be applied, or chosen, too, before it can run.
    #[arg(long, value_name = "NAME", conflicts_with = "until")]
    pub only: Vec<String>,
    /// Only the plans up to this one, in their order.
    #[arg(long, value_name = "NAME")]
    pub until: Option<String>,
}

impl DatabaseArgs {
    /// The configuration that is chosen.
    pub fn configuration(&self) -> Configuration {
        Configuration::new(self.chosen.clone())
    }

    /// The database that is meant.
    pub fn target(&self) -> DatabaseTarget {
        match (&self.database_url, self.sandbox) {
            (_, true) => DatabaseTarget::Throwaway { scripts: self.sandbox_sql.clone(), bin: self.pg_bin.clone() },
            (Some(given), false) => DatabaseTarget::Given(given.clone()),
            (None, false) => DatabaseTarget::Configured,
        }
    }
}

impl VariableArgs {
    /// The configuration that is chosen.
    pub fn configuration(&self) -> Configuration {
        Configuration::new(self.chosen.clone())
    }

    /// The values that are given.
    pub fn given(&self) -> operations::VariableValues {
        operations::VariableValues { files: self.values.clone(), assignments: self.vars.clone() }
    }
}

impl RunningArgs {
    /// How a run behaves.
    pub fn options(&self) -> RunOptions {
        RunOptions {
            lock_wait: self.lock_wait,
            reconnect: self.wait,
            terminate_blockers_after: self.terminate_blockers_after,
            workers: NonZeroUsize::new(self.jobs.into()).unwrap_or(NonZeroUsize::MIN),
        }
    }
}

impl SelectionArgs {
    /// The plans that are chosen.
    pub fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), until: self.until.clone() }
    }
}

/// Reads `500ms`, `5s`, `30min`, `2h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    crate::load::duration(text).map_err(|why| format!("{why}, for instance 500ms, 10s, 5min"))
}
