//! A database with the tables and a journal, and the program at work in it.

use std::{
    path::PathBuf,
    process::{Child, ExitStatus},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use backstop::{postgres::journal, sandbox::Sandbox};
use tokio_postgres::SimpleQueryMessage;

use super::{
    application::{Application, Turn, awaited},
    proxy::Proxy,
    scene::{COMPARED, Others, Person, Scene, TABLES},
};
use crate::{
    program::work::{Work, until},
    support::{Program, TestDatabase, block_on, database, database_like, psql},
};

/// A struck run has ended by itself, or been taken up, within this time.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(10);
/// How the last run has ended.
const ENDING: &str =
    "SELECT coalesce((SELECT coalesce(outcome, 'open') FROM backstop.runs ORDER BY started_at DESC LIMIT 1), 'none')";

/// A database as it is before any run, from which others are copied.
pub struct Template(TestDatabase);

/// One database, one plan file.
pub struct Stage<'a> {
    pub scene: &'a Scene,
    pub database: TestDatabase,
    pub application: Option<Application>,
    plan: PathBuf,
    _work: Work,
}

/// What a run leaves: structure and rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    structure: String,
    rows: String,
}

impl Template {
    /// On the server that all tests share.
    pub fn shared() -> Self {
        Self::set(database("crash_template"))
    }

    /// On a server of its own.
    pub fn on(sandbox: &Sandbox) -> Self {
        let name = "crash_template".to_owned();
        let url = block_on(sandbox.create_database(&name)).expect("a database");
        Self::set(TestDatabase { name, url })
    }

    fn set(database: TestDatabase) -> Self {
        database.execute(TABLES);
        block_on(async {
            let connection = database.connect().await;
            journal::install(&connection.client).await.expect("a journal");
        });
        // All copies are equal, so that it is looked at once.
        BEFORE.get_or_init(|| Outcome::of(&database));
        Template(database)
    }

    pub fn copy_on(&self, sandbox: &Sandbox) -> TestDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let name = format!("crash_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&sandbox.url(), &format!("CREATE DATABASE {name} TEMPLATE {}", self.0.name)).expect("a copy");
        let url = sandbox.url_of(&name);
        TestDatabase { name, url }
    }

    pub fn copy(&self) -> TestDatabase {
        database_like(&self.0, "crash")
    }
}

/// What there is before any run.
static BEFORE: OnceLock<Outcome> = OnceLock::new();

fn before() -> &'static Outcome {
    BEFORE.get().expect("a template was made")
}

impl<'a> Stage<'a> {
    pub fn set(scene: &'a Scene, database: TestDatabase) -> Self {
        let work = Work::new();
        let plan = work.file("plan.yaml", scene.plan);
        let application = (scene.others == Others::Application).then(|| Application::start(&database));
        Stage { scene, database, application, plan, _work: work }
    }

    /// The program, about to run a command on the plan.
    pub fn program(&self, command: &str, url: &str) -> Program {
        let given = match command {
            "restore" => "--yes",
            _ => self.plan.to_str().unwrap(),
        };
        Program::new().arguments(&[command, given, "--jobs", "1", "--database-url", url])
    }

    /// Plays the scene to its end, with nothing in the way.
    pub fn play(&self, url: &str) {
        for (command, code) in self.scene.commands() {
            self.program(command, url).run().expect_code(code.unwrap_or(self.scene.code));
        }
    }

    /// Takes up what was struck: one command, where the runner did not end the run itself. Then everything must be as if nothing
    /// had happened. A run that was struck before its first step may have given up, and so may one whose only transaction was
    /// lost; nothing of it must be there then, and the next one gets through.
    pub fn survive(&self, expected: &Expected<'_>) {
        let url = &self.database.url;
        let mut ending = self.scene.ending;
        match self.one(ENDING).as_str() {
            gave_up @ ("aborted" | "restored") if ending != Some(gave_up) => {
                let steps = self.one("SELECT count(*) FROM backstop.events WHERE kind LIKE 'step_%'");
                assert_eq!(steps, "0", "{}", self.told());
                self.assert_left(&expected.nothing_run(self.acknowledged()), "an aborted run has changed something");
                self.play(url);
            }
            "none" => self.play(url),
            "open" => match self.scene.person {
                Person::Resumes => drop(self.program("resume", url).run().expect_code(self.scene.code)),
                Person::Restores => {
                    let has_backup = self.one("SELECT count(*) FROM backstop.backups WHERE status = 'complete'") == "1";
                    self.program("restore", url).run().expect_code(0);
                    if !has_backup {
                        ending = Some("aborted");
                    }
                }
            },
            _ => {}
        }
        assert_eq!(self.one(ENDING), ending.unwrap_or("open"), "{}", self.told());
        self.await_application();
        self.assert_left(&expected.all_run(self.acknowledged(), ending), "another outcome");
        assert_eq!(self.one(NONE), "", "{}", self.told());
    }

    /// The application, where there is one, tries to write.
    pub fn others_write(&mut self, turn: Turn) {
        if let Some(application) = &mut self.application {
            application.write(turn);
        }
    }

    /// Where it has begun, it comes to its end.
    fn await_application(&self) {
        let begins = "SELECT count(*) FROM backstop.events WHERE kind = 'backup_completed'";
        if self.application.is_some() && self.one(begins) != "0" {
            until(&self.database, "SELECT count(*) FROM others");
        }
    }

    fn acknowledged(&self) -> &[String] {
        self.application.as_ref().map(Application::acknowledged).unwrap_or_default()
    }

    fn assert_left(&self, expected: &Outcome, what: &str) {
        let left = Outcome::of(&self.database);
        assert_eq!(left.rows, expected.rows, "{what}\n{}", self.told());
        assert!(
            left.structure == expected.structure,
            "{what}:\n{}\nexpected:\n{}\n{}",
            left.structure,
            expected.structure,
            self.told()
        );
    }

    fn told(&self) -> String {
        let events = "SELECT seq, kind, event ->> 'step', event #>> '{failure,message}' FROM backstop.events ORDER BY seq";
        format!("{}\nacknowledged: {:#?}", self.database.psql(events), self.acknowledged())
    }

    /// The first column of the first row as text; nothing where there is none. Cheaper than starting psql for it.
    pub fn one(&self, sql: &str) -> String {
        block_on(async {
            let session = self.database.connect().await;
            let answer = session.client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let row = answer.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            row.unwrap_or_default().to_owned()
        })
    }
}

/// What must be there in no case, one line each.
const NONE: &str = "
    SELECT what FROM (
        SELECT 'steps that were committed twice', count(*) - count(DISTINCT (run, event ->> 'index'))
          FROM backstop.events WHERE kind = 'step_committed'
        UNION ALL
        SELECT 'batches that were committed twice', count(*) - count(DISTINCT (run, event ->> 'index', event ->> 'batch'))
          FROM backstop.events WHERE kind = 'batch_committed'
        UNION ALL
        SELECT 'partial backups', count(*) FROM backstop.backups WHERE status <> 'complete'
        UNION ALL
        SELECT 'fences of a run that has ended', count(*) FROM pg_trigger
         WHERE tgname LIKE 'backstop_%' AND tgrelid NOT IN
               (SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('backstop'))
           AND NOT EXISTS (SELECT FROM backstop.runs WHERE ended_at IS NULL)
        UNION ALL
        SELECT 'writes of others that were not made again', count(*) FROM backstop.quarantine
        UNION ALL
        SELECT 'writes of others that were kept after the end', count(*) FROM backstop.later_writes
         WHERE NOT EXISTS (SELECT FROM backstop.runs WHERE ended_at IS NULL)
    ) AS t (what, n) WHERE n <> 0";

/// What a scene leaves when nothing happens to it, and the databases in which that can be looked up.
pub struct Rehearsal<'a> {
    /// How many events it stores.
    pub events: i64,
    /// How many transactions of its sessions it commits.
    pub commits: usize,
    outcome: Outcome,
    stage: Stage<'a>,
}

/// What is to be there in the end.
pub struct Expected<'a> {
    rehearsal: &'a Rehearsal<'a>,
    /// A database in which nothing was run.
    template: &'a Template,
}

impl<'a> Rehearsal<'a> {
    /// Plays the scene undisturbed.
    pub fn of(scene: &'a Scene, template: &Template) -> Self {
        let stage = Stage::set(scene, template.copy());
        let proxy = Proxy::before(&stage.database, None);
        stage.play(&proxy.url);
        assert_eq!(stage.one(ENDING), scene.ending.unwrap_or("open"), "{}", stage.told());
        let events = stage.one("SELECT count(*) FROM backstop.events").parse().unwrap();
        let outcome = Outcome::of(&stage.database);
        if scene.ending == Some("restored") {
            let others = if stage.application.is_some() { awaited() } else { Vec::new() };
            assert_eq!(
                outcome,
                before().and(&others, &template.0),
                "{}: what was restored is not what was before",
                scene.name
            );
        }
        Rehearsal { events, commits: proxy.commits(), outcome, stage }
    }

    pub fn scene(&self) -> &'a Scene {
        self.stage.scene
    }

    pub fn expected(&'a self, template: &'a Template) -> Expected<'a> {
        Expected { rehearsal: self, template }
    }
}

impl Expected<'_> {
    /// All that the scene leaves, with what others have written.
    fn all_run(&self, acknowledged: &[String], ending: Option<&str>) -> Outcome {
        let Rehearsal { outcome, stage, .. } = self.rehearsal;
        // Nothing was brought back where nothing had begun; and the application had nothing to wait for.
        if ending == Some("aborted") { self.nothing_run(acknowledged) } else { outcome.and(acknowledged, &stage.database) }
    }

    fn nothing_run(&self, acknowledged: &[String]) -> Outcome {
        before().and(acknowledged, &self.template.0)
    }
}

impl Outcome {
    /// Structure and rows; a fence that still stands is named after its run, and left out.
    fn of(database: &TestDatabase) -> Self {
        let dump = database.dump_others_schema();
        let lines: Vec<&str> = dump.lines().filter(|line| !line.contains("backstop_")).collect();
        Outcome { structure: lines.join("\n"), rows: rows(database, &[]) }
    }

    /// The same with these writes on top; `database` holds what this is the outcome of.
    fn and(&self, writes: &[String], database: &TestDatabase) -> Self {
        if writes.is_empty() { self.clone() } else { Outcome { rows: rows(database, writes), ..self.clone() } }
    }
}

/// Digests of the compared tables as they would be after these writes, which are rolled back.
fn rows(database: &TestDatabase, writes: &[String]) -> String {
    let digests = COMPARED.map(|table| {
        format!(
            "SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(hash, '' ORDER BY hash)), '')
             FROM (SELECT md5(row_text.*::text) AS hash FROM ONLY {table} AS row_text) AS hashes;"
        )
    });
    let writes: String = writes.iter().map(|write| format!("{write};\n")).collect();
    database.psql(&format!("BEGIN;\n{writes}{}ROLLBACK;", digests.concat()))
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
