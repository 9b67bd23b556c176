//! Steps: what is committed, and what is refused with nothing committed.

use std::{collections::BTreeSet, time::Duration};

use backstop::{
    catalog::{Change, ObjectKey, Snapshot, Unrestorable},
    drive::ports::Recorded,
    machine::{CheckOutcome, Event, Failure, FailureClass, StepCommitted},
    plan::{CountBounds, FieldValue, Plan, Rendered, Step, StepTransaction},
    postgres::{
        capture::Memory,
        connection::Connection,
        coverage::Permission,
        interrupt::{Interruption, interruption},
        journal::{self, Claim, Fence},
        progress::{SessionProgress, Watch},
        step::{Frame, StepFault, StepRun, WayBack, find_applied_state, run_outside},
    },
};
use tokio_postgres::Client;
use uuid::Uuid;

use super::{
    database::Database,
    plans::{asked, check, plan, run_started, step, text, texts},
};

const SCHEMA: &str = "
    CREATE TABLE covered (id int PRIMARY KEY, name text);
    CREATE TABLE other (id int, name text);
    CREATE TABLE parts (id int) PARTITION BY RANGE (id);
    CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
    CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM covered;
    INSERT INTO covered SELECT n, 'n' FROM generate_series(1, 10) n;
    INSERT INTO other SELECT n, 'n' FROM generate_series(1, 10) n;
    CREATE SCHEMA backup_pre_migration;
    CREATE TABLE backup_pre_migration.covered_1 AS TABLE covered;
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO other VALUES (NEW.id, NEW.name); RETURN NEW; END';
    CREATE FUNCTION write_other() RETURNS void LANGUAGE sql AS 'DELETE FROM other WHERE id < 3';
";

/// A run that has begun, with its sessions.
struct Stage {
    database: Database,
    session: Connection,
    memory: Memory,
    observer: Connection,
    claim: Claim,
    permission: Permission,
    interruption: Interruption,
}

impl Stage {
    async fn new() -> Self {
        let database = Database::with(SCHEMA).await;
        let (session, observer) = (database.session().await, database.session().await);
        journal::install(&session.client).await.unwrap();
        let run = Uuid::now_v7();
        let claim = journal::claim(&session.client, run, "test").await.unwrap();
        journal::append(&session.client, claim, Fence::Hold, 1, &run_started(run, "p")).await.unwrap();
        let permission = Permission {
            covered: BTreeSet::from(["public.covered".to_owned()]),
            allowed: BTreeSet::new(),
            off_limits: vec!["backstop".to_owned(), "backup_pre_migration".to_owned()],
        };
        Stage { database, session, memory: Memory::default(), observer, claim, permission, interruption: interruption().1 }
    }

    async fn apply(&self, plan: &Plan<Rendered>, seq: u64) -> Result<Recorded, StepFault> {
        self.with(plan, seq, Frame::Own, &|_, _| Ok(BTreeSet::new()), &|_| {}, Work::Apply).await
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a step's run that scenes change")]
    async fn with(
        &self,
        plan: &Plan<Rendered>,
        seq: u64,
        frame: Frame,
        way_back: &WayBack<'_>,
        tell: &(dyn Fn(SessionProgress) + Send + Sync),
        work: Work,
    ) -> Result<Recorded, StepFault> {
        let pid = self.pid().await;
        let run = StepRun {
            client: &self.session.client,
            memory: &self.memory,
            watch: Watch {
                observer: &self.observer.client,
                server_version: 150_000,
                pid,
                lock_timeout: plan.session.lock_timeout,
                tell,
                blocker_termination: None,
            },
            cancel: self.session.cancel(),
            interruption: &self.interruption,
            claim: self.claim,
            plan,
            index: 0,
            seq,
            frame,
            server_version: 150_000,
            permission: &self.permission,
            fenced: &[],
            way_back,
            then: &Snapshot::default(),
        };
        match work {
            Work::Apply => run.apply().await,
            Work::Undo => run.undo().await,
            Work::Outside => run_outside(&run).await,
        }
    }

    async fn pid(&self) -> i32 {
        self.session.client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0)
    }

    async fn sql(&self, sql: &str) {
        // Where people's statements find what they name.
        self.session.client.batch_execute(&format!("SET search_path = public; {sql}")).await.unwrap();
    }

    async fn count(&self, what: &str) -> i64 {
        count(&self.observer.client, what).await
    }
}

enum Work {
    Apply,
    Undo,
    Outside,
}

async fn count(client: &Client, what: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).await.unwrap().get(0)
}

fn one(sql: &str) -> Plan<Rendered> {
    plan(vec![step("s", sql)])
}

fn with(change: impl FnOnce(&mut Step<Rendered>), sql: &str) -> Plan<Rendered> {
    let mut step = step("s", sql);
    change(&mut step);
    plan(vec![step])
}

fn committed(recorded: Recorded) -> StepCommitted {
    match recorded.event {
        Event::StepCommitted(committed) => committed,
        other => panic!("{other:?}"),
    }
}

fn failed(result: Result<Recorded, StepFault>) -> Failure {
    match result.unwrap_err() {
        StepFault::Failed(failure, _) => *failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_step_commits_with_its_event_and_what_it_did() {
    let stage = Stage::new().await;
    let plan = one("CREATE TABLE fresh (id int);
         INSERT INTO fresh SELECT id FROM covered; -- ten
         UPDATE covered SET name = 'x' WHERE id <= 4;
         ALTER TABLE covered ADD COLUMN more int");
    let recorded = stage.apply(&plan, 2).await.unwrap();
    assert_eq!(recorded.seq, 2);
    let done = committed(recorded);
    assert_eq!(done.rows, [10, 4]);
    assert_eq!(done.written, [("public.covered".to_owned(), Some(4)), ("public.fresh".to_owned(), Some(10))]);
    let changed: BTreeSet<ObjectKey> = done.changes.into_iter().map(|change| change.object).collect();
    assert_eq!(changed, BTreeSet::from([ObjectKey::table("public", "covered"), ObjectKey::table("public", "fresh")]));
    assert_eq!(journal::read(&stage.observer.client, stage.claim.run, 1).await.unwrap().len(), 2);
    let name: String = stage
        .observer
        .client
        .query_one("SELECT application_name FROM pg_stat_activity WHERE pid = $1", &[&stage.pid().await])
        .await
        .unwrap()
        .get(0);
    assert_ne!(name, "backstop p/s", "settings end with the transaction");
}

#[tokio::test]
async fn an_uncovered_write_is_refused_and_nothing_committed() {
    let stage = Stage::new().await;
    stage.sql("CREATE TRIGGER note AFTER UPDATE ON covered FOR EACH ROW EXECUTE FUNCTION note()").await;
    for (sql, how) in [
        ("INSERT INTO other VALUES (11, 'x')", "public.other: 1 row changed"),
        ("UPDATE covered SET name = 'y' WHERE id < 3", "public.other: 2 rows changed"),
        ("SELECT write_other()", "public.other: 2 rows changed"),
        ("DO $$ BEGIN EXECUTE 'DEL' || 'ETE FROM other'; END $$", "public.other: 10 rows changed"),
        ("TRUNCATE other", "public.other: truncated or rewritten"),
        ("ALTER TABLE other ALTER COLUMN id TYPE bigint", "public.other: truncated or rewritten"),
        ("DROP TABLE other", "public.other: dropped"),
        ("ALTER TABLE other RENAME TO another", "public.other: renamed to public.another"),
        ("INSERT INTO parts VALUES (1)", "public.parts_1: 1 row changed"),
        ("REFRESH MATERIALIZED VIEW seen", "public.seen: truncated or rewritten"),
        ("SELECT lo_from_bytea(0, 'x')", "pg_catalog.pg_largeobject: 1 row changed"),
        (
            "CREATE TABLE made (id int); WITH gone AS (DELETE FROM other RETURNING id) INSERT INTO made SELECT id FROM gone",
            "public.other: 10 rows changed",
        ),
    ] {
        let failure = failed(stage.apply(&one(&format!("CREATE TABLE trace (); {sql}")), 2).await);
        assert_eq!(failure.code, "backstop::run::uncovered_write", "{sql}");
        assert_eq!(failure.detail.as_deref(), Some(how), "{sql}");
        assert_eq!(failure.class, FailureClass::Permanent);
    }
    assert_eq!(stage.count("pg_class WHERE relname IN ('trace', 'made', 'another')").await, 0);
    assert_eq!((stage.count("other").await, stage.count("covered WHERE name = 'n'").await), (10, 10));
    assert_eq!(journal::read(&stage.observer.client, stage.claim.run, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_allowed_or_made_by_the_run_may_be_written() {
    let mut stage = Stage::new().await;
    let sql = "SELECT 'other'::regclass::oid, 'parts'::regclass::oid";
    let row = stage.observer.client.query_one(sql, &[]).await.unwrap();
    let allowed: [u32; 2] = [row.get(0), row.get(1)];
    stage.permission.allowed.extend(allowed);
    let done = committed(stage.apply(&one("DELETE FROM other; INSERT INTO parts VALUES (1)"), 2).await.unwrap());
    assert_eq!(done.written, [("public.other".to_owned(), Some(10)), ("public.parts_1".to_owned(), Some(1))]);
    // What looks like a write and touches no row is none.
    stage.permission.allowed.clear();
    let done = committed(
        stage.apply(&one("UPDATE other SET id = 1 WHERE false; SELECT * FROM other FOR UPDATE"), 3).await.unwrap(),
    );
    assert_eq!(done.written, []);
    let done =
        committed(stage.apply(&one("CREATE TEMP TABLE scratch AS TABLE covered; TRUNCATE covered"), 4).await.unwrap());
    assert_eq!(done.written, [("public.covered".to_owned(), None)]);
}

#[tokio::test]
async fn the_way_back_itself_is_off_limits() {
    let stage = Stage::new().await;
    for sql in [
        "DELETE FROM backup_pre_migration.covered_1",
        "DROP TABLE backup_pre_migration.covered_1",
        "CREATE TABLE backup_pre_migration.mine (id int)",
        "ALTER TABLE backstop.events DISABLE TRIGGER append_only",
        "UPDATE backstop.owner SET holder = 'me'",
        "DROP SCHEMA backstop CASCADE",
    ] {
        let failure = failed(stage.apply(&one(sql), 2).await);
        assert_eq!(failure.code, "backstop::run::touches_backup", "{sql}: {failure:?}");
    }
    assert_eq!(stage.count("backup_pre_migration.covered_1").await, 10);
}

#[tokio::test]
async fn rows_are_counted_before_the_commit() {
    let stage = Stage::new().await;
    let expecting = |rows, sql: &str| with(|step| step.expect_rows = Some(CountBounds::exactly(rows)), sql);
    let sql = "DELETE FROM covered WHERE id < 4; SELECT * FROM covered";
    let failure = failed(stage.apply(&expecting(1, sql), 2).await);
    assert_eq!(failure.code, "backstop::run::unexpected_rows");
    assert_eq!(failure.message, "the last statement changed 3 rows, not exactly 1");
    assert_eq!(stage.count("covered").await, 10);
    assert_eq!(committed(stage.apply(&expecting(3, sql), 2).await.unwrap()).rows, [3]);
    let failure = failed(stage.apply(&expecting(0, "SELECT 1"), 3).await);
    assert_eq!(failure.code, "backstop::run::unexpected_rows");
}

#[tokio::test]
async fn a_step_may_drop_what_the_session_has_prepared() {
    let stage = Stage::new().await;
    for seq in 2..4 {
        let sql = format!("CREATE TABLE first_{seq} (id int); DEALLOCATE ALL; CREATE TABLE second_{seq} (id int)");
        assert_eq!(committed(stage.apply(&one(&sql), seq).await.unwrap()).changes.len(), 2);
    }
}

#[tokio::test]
async fn a_steps_checks_see_what_it_did_before_it_is_committed() {
    let stage = Stage::new().await;
    let mut plan = one("DELETE FROM covered WHERE id = 1");
    plan.checks.after = vec![check(
        "few",
        asked(
            "row_count",
            vec![
                ("tables", FieldValue::Tables(texts(&["covered"]))),
                ("bounds", FieldValue::Bounds(CountBounds { at_least: None, at_most: Some(8) })),
            ],
        ),
    )];
    plan.steps[0].checks = vec![(plan.checks.after[0].id.clone(), Default::default())];
    let StepFault::Failed(failure, checks) = stage.apply(&plan, 2).await.unwrap_err() else { panic!() };
    assert_eq!(failure.code, "backstop::run::check_failed");
    assert_eq!((checks[0].outcome, checks[0].count), (CheckOutcome::Fail, Some(9)));
    assert_eq!(stage.count("covered").await, 10);
    plan.steps[0].sql = text("DELETE FROM covered WHERE id < 3");
    let done = committed(stage.apply(&plan, 2).await.unwrap());
    assert_eq!((done.checks[0].outcome, stage.count("covered").await), (CheckOutcome::Pass, 8));
}

#[tokio::test]
async fn a_step_without_a_way_back_is_not_committed() {
    let stage = Stage::new().await;
    let none = |_: &Snapshot, changes: &[Change]| {
        Err(changes
            .iter()
            .map(|c| Unrestorable { object: c.object.clone(), why: "of no known kind".into(), needs_copy: false })
            .collect())
    };
    let result = stage.with(&one("CREATE TABLE fresh ()"), 2, Frame::Own, &none, &|_| {}, Work::Apply).await;
    let failure = failed(result);
    assert_eq!(failure.code, "backstop::run::no_way_back");
    assert_eq!(failure.detail.as_deref(), Some("table public.fresh: of no known kind"));
    assert_eq!(stage.count("pg_class WHERE relname = 'fresh'").await, 0);
}

#[tokio::test]
async fn an_error_shows_its_place() {
    let stage = Stage::new().await;
    let failure = failed(stage.apply(&one("SELECT 1;\n\nSELECT id,\n  nonsense FROM covered"), 2).await);
    assert_eq!(failure.sqlstate.as_deref(), Some("42703"));
    assert_eq!(failure.detail.as_deref(), Some("line 4, column 3:\n  nonsense FROM covered\n  ^"));
    let inside = failed(stage.apply(&one("DO $$ BEGIN PERFORM nonsense FROM covered; END $$"), 2).await);
    let detail = inside.detail.unwrap();
    assert!(detail.contains("in the query that it ran:\nSELECT nonsense FROM covered\n       ^"), "{detail}");
    for (sql, code) in [
        ("COMMIT", "backstop::sql::transaction_control"),
        ("VACUUM", "backstop::sql::needs_no_transaction"),
        ("", "backstop::sql::empty"),
        ("SELECT 'a", "backstop::run::not_split"),
    ] {
        assert_eq!(failed(stage.apply(&one(sql), 2).await).code, code, "{sql}");
    }
}

#[tokio::test]
async fn secrets_are_in_no_failure() {
    let stage = Stage::new().await;
    let mut plan = one("");
    plan.steps[0].sql = backstop::plan::Text::redacted("SELECT '***'::int", "SELECT 'hunter2'::int");
    let failure = failed(stage.apply(&plan, 2).await);
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    assert!(failure.message.starts_with("invalid input syntax"));
}

#[tokio::test]
async fn a_lock_timeout_is_transient_and_names_who_is_in_the_way() {
    let stage = Stage::new().await;
    let other = stage.database.client().await;
    other.batch_execute("SET application_name = 'report'; BEGIN; LOCK TABLE covered IN ACCESS SHARE MODE").await.unwrap();
    let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let mut plan = one("ALTER TABLE covered ADD COLUMN more int");
    plan.session.lock_timeout = Duration::from_millis(600);
    let all_progress = std::sync::Mutex::new(Vec::new());
    let tell = |progress| all_progress.lock().unwrap().push(progress);
    let failure = failed(stage.with(&plan, 2, Frame::Own, &|_, _| Ok(BTreeSet::new()), &tell, Work::Apply).await);
    assert_eq!((failure.class, failure.sqlstate.as_deref()), (FailureClass::Transient, Some("55P03")));
    let detail = failure.detail.unwrap();
    assert!(detail.contains(&format!("waited for pid {pid}, role {}", stage.database.superuser())), "{detail}");
    assert!(detail.contains("application report, idle in transaction for "), "{detail}");
    assert!(detail.contains("SELECT pg_backend_pid()"), "{detail}");
    assert!(failure.hint.unwrap().contains(&format!("pg_terminate_backend({pid})")));
    assert!(matches!(all_progress.lock().unwrap().first(), Some(SessionProgress::Waiting(_))));
    other.batch_execute("ROLLBACK").await.unwrap();
    stage.apply(&plan, 2).await.unwrap();
}

#[tokio::test]
async fn a_signal_cancels_the_statement() {
    let mut stage = Stage::new().await;
    let (interrupter, interruption) = interruption();
    stage.interruption = interruption;
    let raise = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        interrupter.raise("SIGINT");
    };
    let sleeping = one("UPDATE covered SET name = 'z'; SELECT pg_sleep(30)");
    let started = std::time::Instant::now();
    let (result, ()) = tokio::join!(stage.apply(&sleeping, 2), raise);
    assert!(started.elapsed() < Duration::from_secs(25));
    let failure = failed(result);
    assert_eq!((failure.class, failure.message.as_str()), (FailureClass::Interrupted, "SIGINT stopped it"));
    assert_eq!(stage.count("covered WHERE name = 'z'").await, 0);
    stage.interruption = self::interruption().1;
    stage.apply(&one("UPDATE covered SET name = 'z'"), 2).await.expect("the session can go on");
}

#[tokio::test]
async fn a_takeover_while_a_step_runs_stops_it_from_committing() {
    let stage = Stage::new().await;
    let take_over = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        journal::claim(&stage.observer.client, Uuid::now_v7(), "new").await.unwrap();
    };
    let plan = one("UPDATE covered SET name = 'z'; SELECT pg_sleep(1)");
    let (result, ()) = tokio::join!(stage.apply(&plan, 2), take_over);
    assert_eq!(failed(result).code, "backstop::journal::taken_over");
    assert_eq!(stage.count("covered WHERE name = 'z'").await, 0);
}

#[tokio::test]
async fn roles_and_settings_of_a_step_end_with_it() {
    let stage = Stage::new().await;
    let role = stage.database.role("app");
    stage.sql(&format!("CREATE ROLE {role}; GRANT ALL ON SCHEMA public TO {role}")).await;
    let sql = format!(
        "SET ROLE {role}; SET search_path = pg_catalog; CREATE TABLE public.theirs (); SET statement_timeout = 1000"
    );
    stage.apply(&one(&sql), 2).await.unwrap();
    let row = stage.session.client.query_one("SELECT current_user::text, session_user::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), row.get::<_, String>(1));
    let done = committed(stage.apply(&one("SELECT pg_sleep(1.1); CREATE TABLE mine ()"), 3).await.unwrap());
    assert_eq!(done.changes[0].object, ObjectKey::table("public", "mine"));
    let owner = stage.count(&format!("pg_tables WHERE tablename = 'theirs' AND tableowner = '{role}'")).await;
    assert_eq!(owner, 1);
    stage.sql(&format!("DROP OWNED BY {role}")).await;
}

#[tokio::test]
async fn a_deferred_constraint_speaks_before_the_commit() {
    let stage = Stage::new().await;
    stage.sql("ALTER TABLE covered ADD COLUMN up int REFERENCES covered DEFERRABLE INITIALLY DEFERRED").await;
    let failure = failed(stage.apply(&one("UPDATE covered SET up = 99"), 2).await);
    assert_eq!((failure.code.as_str(), failure.sqlstate.as_deref()), ("backstop::run::constraint_violated", Some("23503")));
    stage.apply(&one("UPDATE covered SET up = 99; UPDATE covered SET up = 1"), 2).await.unwrap();
}

#[tokio::test]
async fn in_the_plans_transaction_a_failed_step_leaves_it_usable() {
    let stage = Stage::new().await;
    stage.sql("BEGIN").await;
    let savepoint = |plan: Plan<Rendered>, seq| {
        let stage = &stage;
        async move { stage.with(&plan, seq, Frame::Savepoint, &|_, _| Ok(BTreeSet::new()), &|_| {}, Work::Apply).await }
    };
    savepoint(one("CREATE TABLE first (id int); INSERT INTO first VALUES (1)"), 2).await.unwrap();
    let failure = failed(savepoint(one("DELETE FROM other"), 3).await);
    assert_eq!(failure.code, "backstop::run::uncovered_write");
    failed(savepoint(one("SELECT 1/0"), 3).await);
    let done = committed(savepoint(one("DELETE FROM covered WHERE id = 1"), 3).await.unwrap());
    assert_eq!(done.written, [("public.covered".to_owned(), Some(1))], "earlier steps are not counted again");
    assert_eq!(stage.count("pg_class WHERE relname = 'first'").await, 0);
    stage.sql("COMMIT").await;
    assert_eq!((stage.count("first").await, stage.count("other").await), (1, 10));
    assert_eq!(journal::read(&stage.observer.client, stage.claim.run, 1).await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_undo_is_guarded_too() {
    let stage = Stage::new().await;
    let undoing = |sql: &str| with(|step| step.undo = Some(text(sql)), "SELECT 1");
    let undo = |plan: Plan<Rendered>| {
        let stage = &stage;
        async move { stage.with(&plan, 2, Frame::Own, &|_, _| Ok(BTreeSet::new()), &|_| {}, Work::Undo).await }
    };
    assert_eq!(failed(undo(undoing("DELETE FROM other")).await).code, "backstop::run::uncovered_write");
    let recorded = undo(undoing("DELETE FROM covered")).await.unwrap();
    assert!(matches!(recorded.event, Event::UndoCommitted(_)));
    assert_eq!((stage.count("covered").await, stage.count("other").await), (0, 10));
}

#[tokio::test]
async fn outside_a_transaction() {
    let stage = Stage::new().await;
    let outside = |plan: Plan<Rendered>, seq| {
        let stage = &stage;
        async move { stage.with(&plan, seq, Frame::Own, &|_, _| Ok(BTreeSet::new()), &|_| {}, Work::Outside).await }
    };
    let build = one("CREATE UNIQUE INDEX CONCURRENTLY covered_name ON covered (name)");
    assert_eq!(find_applied_state(&stage.observer.client, &build, 0).await.unwrap(), Some(false));
    let failure = failed(outside(build.clone(), 2).await);
    assert_eq!(failure.sqlstate.as_deref(), Some("23505"));
    assert_eq!(stage.count("pg_class WHERE relname = 'covered_name'").await, 0, "no invalid index is left");
    stage.sql("UPDATE covered SET name = id").await;
    let done = committed(outside(build.clone(), 2).await.unwrap());
    assert_eq!(done.changes.len(), 1);
    assert_eq!(find_applied_state(&stage.observer.client, &build, 0).await.unwrap(), Some(true));

    let drop = one("DROP INDEX CONCURRENTLY covered_name");
    assert_eq!(find_applied_state(&stage.observer.client, &drop, 0).await.unwrap(), Some(false));
    outside(drop.clone(), 3).await.unwrap();
    assert_eq!(find_applied_state(&stage.observer.client, &drop, 0).await.unwrap(), Some(true));

    for (sql, code) in [
        ("DELETE FROM other", "backstop::run::no_way_back"),
        ("DROP TABLE other", "backstop::run::no_way_back"),
        ("CREATE DATABASE elsewhere", "backstop::sql::never_run"),
        ("VACUUM; VACUUM", "backstop::sql::more_than_one"),
    ] {
        assert_eq!(failed(outside(one(sql), 4).await).code, code, "{sql}");
    }
    outside(one("VACUUM FULL other"), 4).await.unwrap();
    let probing = |sql: &str| with(|step| step.probe = Some(text(sql)), "VACUUM");
    assert_eq!(find_applied_state(&stage.observer.client, &probing("SELECT true"), 0).await.unwrap(), Some(true));
    assert_eq!(find_applied_state(&stage.observer.client, &probing("SELECT NULL::boolean"), 0).await.unwrap(), None);
    assert_eq!(find_applied_state(&stage.observer.client, &probing("SELECT true, 1"), 0).await.unwrap(), None);
}

#[tokio::test]
async fn what_an_earlier_runner_left_running_is_ended_before_settling() {
    let stage = Stage::new().await;
    let left = stage.database.client().await;
    left.batch_execute("SET application_name = 'backstop p/s'; BEGIN; DELETE FROM public.covered").await.unwrap();
    let mut plan = one("VACUUM covered");
    plan.steps[0].transaction = StepTransaction::None;
    assert_eq!(find_applied_state(&stage.observer.client, &plan, 0).await.unwrap(), Some(false));
    assert!(left.batch_execute("COMMIT").await.is_err());
    assert_eq!(stage.count("public.covered").await, 10);
}

/// A backend is ended somewhere around the COMMIT, again and again: what is said must be what is there.
#[tokio::test]
async fn a_session_that_is_ended_around_the_commit_is_never_misjudged() {
    let (mut done, mut doubtful, mut failures) = (0, 0, 0);
    let stage = Stage::new().await;
    let started = std::time::Instant::now();
    stage.apply(&one("DELETE FROM covered WHERE id = 1"), 2).await.unwrap();
    let usual = started.elapsed();
    for round in 0..16_u32 {
        let stage = Stage::new().await;
        let pid = stage.pid().await;
        let terminate = stage.observer.client.prepare("SELECT pg_terminate_backend($1)").await.unwrap();
        let end = async {
            tokio::time::sleep(usual.mul_f64(0.6 + f64::from(round) / 32.0)).await;
            stage.observer.client.execute(&terminate, &[&pid]).await.unwrap();
        };
        let plan = one("DELETE FROM covered WHERE id = 1");
        let (result, ()) = tokio::join!(stage.apply(&plan, 2), end);
        let fresh = stage.database.client().await;
        let events = journal::read(&fresh, stage.claim.run, 2).await.unwrap().len();
        let rows = count(&fresh, "covered").await;
        match result {
            Ok(_) => {
                assert_eq!((events, rows), (1, 9));
                done += 1;
            }
            Err(StepFault::InDoubt { transaction: Some(transaction), .. }) => {
                let status = fresh.query_one("SELECT pg_xact_status($1::text::xid8)", &[&transaction]).await.unwrap();
                let is_there = status.get::<_, &str>(0) == "committed";
                assert_eq!((events == 1, rows == 9), (is_there, is_there));
                doubtful += 1;
            }
            Err(StepFault::InDoubt { transaction: None, .. }) => panic!("there was a transaction"),
            Err(StepFault::Failed(failure, _)) => {
                assert_eq!((events, rows), (0, 10), "{failure:?}");
                assert_eq!(failure.class, FailureClass::Transient, "{failure:?}");
                failures += 1;
            }
        }
    }
    println!("{done} committed, {doubtful} in doubt, {failures} failed");
}
