//! A disk that is full: during the backup, a step, a restore, and where the journal itself is to be written. Nothing is lost, what
//! is said names the reason and the way on, and that way leads to the end once there is space.

use std::process::Child;

use super::work::{Work, state, until};
use crate::support::{Output, Program, SmallDisk, TestDatabase, TestRole, database, psql};

const MEGABYTES: u32 = 32;
/// Space for the journal, not for another copy of the table.
const KILOBYTES: u64 = 512;
const TABLES: [&str; 1] = ["public.items"];

/// About 4 MB.
const ITEMS: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, name text NOT NULL);
    INSERT INTO public.items SELECT i, repeat(md5(i::text), 6) FROM generate_series(1, 18000) AS i;
    CREATE TABLE public.brake AS SELECT 1;
    CREATE FUNCTION public.brake() RETURNS void LANGUAGE plpgsql AS
        'BEGIN WHILE EXISTS (SELECT FROM public.brake) LOOP PERFORM pg_sleep(0.05); END LOOP; END';";

fn plan(on_failure: &str, steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: full\nbackup: {{targets: [{{tables: [public.items]}}]}}\n\
         rollback: {{on_failure: {on_failure}}}\nsteps:\n{steps}"
    )
}

const FIRST: &str =
    "  - {id: first, sql: \"UPDATE items SET name = name || '!'; ALTER TABLE items ADD COLUMN note text\"}\n";
const WAIT: &str = "  - {id: wait, sql: SELECT brake()}\n";
const REWRITE: &str = "  - {id: rewrite, sql: ALTER TABLE items ALTER id TYPE bigint}\n";
const FAIL: &str = "  - {id: fail, sql: SELECT 1 / 0}\n";

/// A database on a small disk, and a run in it.
struct Cramped {
    disk: SmallDisk,
    database: TestDatabase,
    role: TestRole,
    work: Work,
}

impl Cramped {
    fn new(name: &str) -> Self {
        let database = database(name);
        let (disk, role) = (SmallDisk::of(&database, MEGABYTES), database.runner());
        psql(&database.url_as(&role), ITEMS).unwrap();
        Cramped { disk, database, role, work: Work::new() }
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let url = self.database.url_as(&self.role);
        Program::new().arguments(arguments).arguments(&["--database-url", &url])
    }

    fn command(&self, command: &str, plan: &str) -> Output {
        let path = self.work.file("plan.yaml", plan);
        self.program(&[command, path.to_str().unwrap()]).run()
    }

    /// Applies the plan up to its step `wait`, fills the disk, and lets it go on.
    fn filled_meanwhile(&self, plan: &str, fill: impl FnOnce(&SmallDisk)) -> Output {
        let path = self.work.file("plan.yaml", plan);
        let child = self.program(&["apply", path.to_str().unwrap()]).spawn();
        until(
            &self.database,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'backstop full/wait'
             AND state = 'active' AND query LIKE '%brake%'",
        );
        fill(&self.disk);
        self.database.execute("DELETE FROM public.brake");
        output(child)
    }

    fn rows_of_first(&self, count: &str) {
        let each_once = "SELECT count(*) FROM items WHERE name = repeat(md5(id::text), 6) || '!'";
        assert_eq!(self.database.one(each_once), count);
    }

    fn end(self) {
        drop(self.database);
        self.disk.remove();
    }
}

fn output(child: Child) -> Output {
    let output = child.wait_with_output().unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What was said has the server's reason, and the way on.
#[track_caller]
fn says(output: &Output, way_on: &str) {
    let said = format!("{}{}", output.stdout, output.stderr);
    for words in ["No space left on device", "53100", way_on] {
        assert!(said.contains(words), "{words} is missing in\n{said}");
    }
}

#[test]
fn during_the_backup_nothing_is_left_and_the_next_run_gets_through() {
    let cramped = Cramped::new("disk_backup");
    let plan = plan("restore", &format!("{FIRST}{REWRITE}"));
    cramped.disk.fill(&cramped.database, KILOBYTES);
    let before = state(&cramped.database, &TABLES);
    says(&cramped.command("apply", &plan).expect_code(4), "backstop::backup::disk_full");
    assert_eq!(state(&cramped.database, &TABLES), before);
    assert_eq!(cramped.database.one("SELECT count(*) FROM backstop.backups"), "0");
    let copies = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('backup_pre_migration')";
    assert_eq!(cramped.database.one(copies), "0");
    assert_eq!(cramped.database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
    cramped.disk.free(&cramped.database);
    cramped.command("apply", &plan).expect_code(0);
    cramped.rows_of_first("18000");
    cramped.end();
}

#[test]
fn during_a_step_the_run_is_held_and_goes_on_when_there_is_space() {
    let cramped = Cramped::new("disk_step");
    let plan = plan("hold", &format!("{FIRST}{WAIT}{REWRITE}"));
    let held = cramped.filled_meanwhile(&plan, |disk| disk.fill(&cramped.database, KILOBYTES)).expect_code(6);
    says(&held, "backstop resume PLAN");
    assert_eq!(cramped.database.one("SELECT pg_typeof(id) FROM items LIMIT 1"), "integer");
    cramped.rows_of_first("18000");
    cramped.disk.free(&cramped.database);
    cramped.command("resume", &plan).expect_code(0);
    assert_eq!(cramped.database.one("SELECT pg_typeof(id) FROM items LIMIT 1"), "bigint");
    cramped.rows_of_first("18000");
    cramped.end();
}

#[test]
fn during_a_restore_nothing_more_is_changed_and_the_next_one_brings_everything_back() {
    let cramped = Cramped::new("disk_restore");
    let before = state(&cramped.database, &TABLES);
    let plan = plan("restore", &format!("{FIRST}{WAIT}{FAIL}"));
    let stuck = cramped.filled_meanwhile(&plan, |disk| disk.fill(&cramped.database, KILOBYTES)).expect_code(7);
    says(&stuck, "backstop restore");
    cramped.rows_of_first("18000");
    cramped.program(&["restore", "--yes"]).run().expect_code(7);
    cramped.disk.free(&cramped.database);
    cramped.program(&["restore", "--yes"]).run().expect_code(0);
    assert_eq!(state(&cramped.database, &TABLES), before);
    cramped.end();
}

#[test]
fn where_the_journal_can_not_be_written_nothing_is_committed_and_resume_goes_on() {
    let cramped = Cramped::new("disk_journal");
    let plan = plan("restore", &format!("{FIRST}{WAIT}{REWRITE}"));
    let stopped = cramped.filled_meanwhile(&plan, |disk| disk.fill_journal(&cramped.database)).expect_code(1);
    says(&stopped, "`backstop resume PLAN`");
    let last = "SELECT kind FROM backstop.events WHERE kind <> '' ORDER BY seq DESC LIMIT 1";
    assert_eq!(cramped.database.one(last), "step_started");
    cramped.disk.free(&cramped.database);
    cramped.command("resume", &plan).expect_code(0);
    cramped.rows_of_first("18000");
    assert_eq!(cramped.database.one("SELECT pg_typeof(id) FROM items LIMIT 1"), "bigint");
    let twice = "SELECT count(*) - count(DISTINCT event ->> 'index') FROM backstop.events WHERE kind = 'step_committed'";
    assert_eq!(cramped.database.one(twice), "0");
    cramped.end();
}
