//! A database with the tables and a journal, and the program at work in it.

use std::{
    path::PathBuf,
    process::{Child, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use backstop::{postgres::journal, sandbox::Sandbox};

use super::scene::{COMPARED, Scene, TABLES};
use crate::{
    program::work::{Work, state},
    support::{Program, TestDatabase, block_on, database},
};

/// A struck run has ended by itself, or been taken up, within this time.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(10);

/// One database, one plan file.
pub struct Stage<'a> {
    pub scene: &'a Scene,
    pub database: TestDatabase,
    plan: PathBuf,
    /// What there was before any run.
    before: Outcome,
    _work: Work,
}

/// What a run leaves: structure and rows.
pub type Outcome = (String, Vec<String>);

impl<'a> Stage<'a> {
    /// On the server that all tests share.
    pub fn shared(scene: &'a Scene) -> Self {
        Self::set(scene, database("crash"))
    }

    /// On a server of its own.
    pub fn on(scene: &'a Scene, sandbox: &Sandbox) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let name = format!("crash_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let url = block_on(sandbox.create_database(&name)).expect("a database");
        Self::set(scene, TestDatabase { name, url })
    }

    fn set(scene: &'a Scene, database: TestDatabase) -> Self {
        database.execute(TABLES);
        block_on(async {
            let connection = database.connect().await;
            journal::install(&connection.client).await.expect("a journal");
        });
        let work = Work::new();
        let plan = work.file("plan.yaml", scene.plan);
        let before = outcome(&database);
        Stage { scene, database, plan, before, _work: work }
    }

    /// The program, about to run a command on the plan.
    pub fn program(&self, command: &str, url: &str) -> Program {
        Program::new().arguments(&[command, self.plan.to_str().unwrap(), "--jobs", "1", "--database-url", url])
    }

    /// Runs the plan undisturbed, and gives how many events it stored and what it left.
    pub fn undisturbed(&self, url: &str) -> (i64, Outcome) {
        self.program("apply", url).run().expect_code(self.scene.code);
        (self.one("SELECT count(*) FROM backstop.events").parse().unwrap(), self.outcome())
    }

    fn outcome(&self) -> Outcome {
        outcome(&self.database)
    }

    /// Takes up what was struck: one command, where the runner did not end the run itself. Then everything must be as if nothing
    /// had happened. A run that was struck before its first step may have given up, and so may one whose only transaction was
    /// lost; nothing of it must be there then, and the next one gets through.
    pub fn survive(&self, expected: &Outcome) {
        let ending =
            "SELECT coalesce((SELECT coalesce(ending, 'open') FROM backstop.runs ORDER BY started_at DESC LIMIT 1), 'none')";
        match self.one(ending).as_str() {
            gave_up @ ("aborted" | "restored") if self.scene.ending != Some(gave_up) => {
                let steps = self.one("SELECT count(*) FROM backstop.events WHERE kind LIKE 'step_%'");
                assert_eq!(steps, "0", "{}", self.told());
                assert!(self.outcome() == self.before, "an aborted run has changed something\n{}", self.told());
                self.program("apply", &self.database.url).run().expect_code(self.scene.code);
            }
            "none" => drop(self.program("apply", &self.database.url).run().expect_code(self.scene.code)),
            "open" => drop(self.program("resume", &self.database.url).run().expect_code(self.scene.code)),
            _ => {}
        }
        assert_eq!(self.one(ending), self.scene.ending.unwrap_or("open"), "{}", self.told());
        let (structure, rows) = self.outcome();
        assert_eq!(rows, expected.1, "{}", self.told());
        assert!(structure == expected.0, "another structure:\n{structure}\nexpected:\n{}\n{}", expected.0, self.told());
        for (none, what) in [
            (
                "SELECT count(*) - count(DISTINCT (run, event ->> 'index')) FROM backstop.events WHERE kind = 'step_committed'",
                "steps that were committed twice",
            ),
            ("SELECT count(*) FROM backstop.backups WHERE status <> 'complete'", "partial backups"),
            (
                "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop_fence_%'
                 AND NOT EXISTS (SELECT FROM backstop.runs WHERE ended_at IS NULL)",
                "fences of a run that has ended",
            ),
        ] {
            assert_eq!(self.one(none), "0", "{what}\n{}", self.told());
        }
    }

    fn told(&self) -> String {
        self.database
            .psql("SELECT seq, kind, event ->> 'step', event #>> '{failure,message}' FROM backstop.events ORDER BY seq")
    }

    fn one(&self, sql: &str) -> String {
        self.database.one(sql)
    }
}

/// Structure and rows; a fence that still stands is named after its run, and left out.
fn outcome(database: &TestDatabase) -> Outcome {
    let (dump, rows) = state(database, &COMPARED);
    (dump.lines().filter(|line| !line.contains("backstop_fence_")).collect::<Vec<_>>().join("\n"), rows)
}

/// Waits for the program's end.
pub fn ended(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().expect("the program") {
            return status;
        }
        assert!(Instant::now() < deadline, "the program never ended");
        std::thread::sleep(POLL);
    }
}
