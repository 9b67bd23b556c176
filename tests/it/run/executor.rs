//! Whole runs: the driver on a real database.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use backstop::{
    drive::{
        DriveError, DriveOutcome, Driver,
        ports::{Clock, Observer, Recorded},
    },
    load::{PlanFormat, load},
    machine::{Cause, Event, Failure, RunOutcome},
    plan::Sequences,
    postgres::{
        backup::Store,
        executor::{ExecutorOptions, OpenError, PostgresExecutor},
        interrupt::{Interrupter, Interruption, interruption},
        journal,
    },
    render::{Inputs, ResolvedPlan, render},
};
use uuid::Uuid;

use super::database::Database;
use crate::support::{BYSTANDERS, Kept, wherever_backups_are_kept};

wherever_backups_are_kept! {
    a_plan_is_applied,
    a_failing_after_check_brings_everything_back,
    one_transaction_commits_as_a_whole,
    an_uncovered_write_leads_to_a_restore,
    a_failing_before_check_changes_nothing,
    the_lock_is_held_for_the_run,
    a_signal_holds_the_run_and_resume_goes_on,
    lost_connections_are_survived,
    undo_is_compared_with_the_backup_and_restored_where_it_differs,
    a_held_run_is_brought_back_or_accepted_without_its_plan,
    a_role_that_owns_the_tables_needs_little_more,
    what_a_restore_could_not_bring_back_is_not_committed,
}

const SCHEMA: &str = "
    CREATE TABLE organizations (id text PRIMARY KEY, slug text UNIQUE);
    CREATE TABLE profiles (id int PRIMARY KEY, org_id text REFERENCES organizations);
    CREATE TABLE other (id int);
    INSERT INTO organizations SELECT gen_random_uuid()::text, 'slug ' || n FROM generate_series(1, 20) n;
    INSERT INTO profiles SELECT n, (SELECT id FROM organizations ORDER BY slug OFFSET n % 20 LIMIT 1) FROM generate_series(1, 200) n;
";

const PLAN: &str = r#"
format: backstop/v1
name: multi-org
TRANSACTION
session: {lock_timeout: 1s}
backup:
  targets: [{tables: [public.organizations, public.profiles]}]
checks:
  before:
    - id: has-data
      row_count: {table: public.organizations, at_least: 1}
    - id: uuid-shaped
      matches: {table: public.organizations, column: id, pattern: uuid}
  unchanged:
    - id: same-people
      sql: SELECT count(*), count(DISTINCT org_id) FROM public.profiles
  after:
    - id: id-is-uuid
      column_type: {table: public.organizations, column: id, type: uuid}
    - id: few
      row_count: {table: public.profiles, AFTER}
steps:
  - id: convert
    sql: |
      ALTER TABLE profiles DROP CONSTRAINT profiles_org_id_fkey;
      ALTER TABLE organizations ALTER COLUMN id TYPE uuid USING id::uuid;
      ALTER TABLE profiles ALTER COLUMN org_id TYPE uuid USING org_id::uuid;
      ALTER TABLE profiles ADD FOREIGN KEY (org_id) REFERENCES organizations;
    checks: [id-is-uuid]
    undo: |
      SELECT 1
  - id: extend
    sql: |
      CREATE TABLE memberships (org_id uuid REFERENCES organizations, profile int);
      INSERT INTO memberships SELECT org_id, id FROM profiles;
      STEP
"#;

struct Real;

impl Clock for Real {
    async fn sleep(&mut self, time: Duration) {
        tokio::time::sleep(time.min(Duration::from_millis(200))).await;
    }

    fn chance(&mut self) -> f64 {
        0.5
    }
}

#[derive(Default)]
struct Noted(Vec<&'static str>);

impl Observer for Noted {
    fn stored(&mut self, recorded: &Recorded) {
        self.0.push(recorded.event.name());
    }

    fn waiting(&mut self, _: Duration, _: &Failure) {}
}

fn resolved(transaction: &str, after: &str, step: &str) -> ResolvedPlan {
    let text = PLAN.replace("TRANSACTION", transaction).replace("AFTER", after).replace("STEP", step);
    let loaded = load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).map_err(|p| format!("{:?}", p.records())).unwrap();
    let inputs = Inputs::builder(&loaded.plan.vars).build().unwrap();
    render(&loaded.plan, &inputs).unwrap()
}

struct Site {
    database: Database,
    store: Arc<Store>,
    run: Uuid,
    interrupter: Interrupter,
    interruption: Interruption,
}

impl Site {
    async fn new(kept: Kept) -> Self {
        let (interrupter, interruption) = interruption();
        Site { database: Database::with(SCHEMA).await, store: kept.store(), run: Uuid::now_v7(), interrupter, interruption }
    }

    fn opening(&self) -> ExecutorOptions {
        ExecutorOptions {
            options: self.database.options(),
            backups: Arc::clone(&self.store),
            plan: backstop::plan::PlanName::parse("multi-org").unwrap(),
            run: self.run,
            lock_wait: Duration::from_secs(5),
            reconnect: Duration::from_secs(5),
            terminate_blockers_after: None,
            workers: NonZeroUsize::new(2).unwrap(),
            keep: 3,
            sequences: Sequences::Forward,
            interruption: self.interruption.clone(),
            tell: Arc::new(|_| {}),
        }
    }

    async fn open(&self) -> PostgresExecutor {
        PostgresExecutor::open(self.opening(), |_| {}).await.unwrap()
    }

    async fn drive(&self, plan: &ResolvedPlan) -> (Result<DriveOutcome, DriveError>, Vec<&'static str>) {
        self.drive_in(self.open().await, plan).await
    }

    async fn drive_in(
        &self,
        mut executor: PostgresExecutor,
        plan: &ResolvedPlan,
    ) -> (Result<DriveOutcome, DriveError>, Vec<&'static str>) {
        let mut noted = Noted::default();
        let driver =
            Driver { executor: &mut executor, clock: &mut Real, observer: &mut noted, interrupt: &self.interruption };
        let ended = driver.start(plan, &self.run.to_string()).await;
        let _ = executor.close().await;
        (ended, noted.0)
    }

    async fn count(&self, what: &str) -> i64 {
        let client = self.database.client().await;
        client.query_one(&format!("SELECT count(*) FROM {what}"), &[]).await.unwrap().get(0)
    }

    /// Structure and content of the tables in question.
    async fn picture(&self) -> (backstop::catalog::Snapshot, String) {
        let client = self.database.client().await;
        let exclude = ["backup_pre_migration".to_owned(), BYSTANDERS.to_owned()];
        let snapshot = backstop::postgres::capture::snapshot(&client, &exclude).await.unwrap();
        let rows = "SELECT md5(string_agg(t, ',')) FROM (SELECT o::text AS t FROM organizations o UNION ALL SELECT p::text FROM profiles p ORDER BY 1) x";
        (snapshot, client.query_one(rows, &[]).await.unwrap().get(0))
    }
}

async fn a_plan_is_applied(kept: Kept) {
    let site = Site::new(kept).await;
    let (ended, events) = site.drive(&resolved("", "at_least: 1", "")).await;
    assert_eq!(ended.unwrap(), DriveOutcome::Finished(RunOutcome::Succeeded));
    assert_eq!(
        events,
        [
            "run_started",
            "preflight_passed",
            "before_checks_passed",
            "backup_started",
            "backup_completed",
            "step_started",
            "step_committed",
            "step_started",
            "step_committed",
            "after_checks_passed",
            "run_succeeded",
        ]
    );
    assert_eq!(site.count("memberships").await, 200);
    assert_eq!(site.count("pg_trigger WHERE tgname LIKE 'backstop%'").await, 0, "the fence is gone");
    assert_eq!(journal::applied(&site.database.client().await).await.unwrap().len(), 1);
}

async fn a_failing_after_check_brings_everything_back(kept: Kept) {
    for transaction in ["", "transaction: plan"] {
        let site = Site::new(kept).await;
        let before = site.picture().await;
        let (ended, events) = site.drive(&resolved(transaction, "at_most: 3", "")).await;
        let DriveOutcome::Finished(RunOutcome::Restored { cause: Cause::Checks(checks), .. }) = ended.unwrap() else {
            panic!("{events:?}")
        };
        assert_eq!(checks, ["few"]);
        assert_eq!(site.count("pg_class WHERE relname = 'memberships'").await, 0);
        assert_eq!(site.picture().await.1, before.1);
        assert_eq!(
            backstop::catalog::diff(&before.0, &site.picture().await.0)
                .into_iter()
                .filter(
                    |change| change.object.name != "backup_pre_migration" && change.object.schema != "backup_pre_migration"
                )
                .collect::<Vec<_>>(),
            []
        );
        assert_eq!(site.count("pg_trigger WHERE tgname LIKE 'backstop%'").await, 0, "the fence is gone");
        assert_eq!(site.count("backstop.runs WHERE outcome = 'restored'").await, 1);
    }
}

async fn one_transaction_commits_as_a_whole(kept: Kept) {
    let site = Site::new(kept).await;
    let (ended, events) = site.drive(&resolved("transaction: plan", "at_least: 1", "")).await;
    assert_eq!(ended.unwrap(), DriveOutcome::Finished(RunOutcome::Succeeded), "{events:?}");
    assert_eq!((site.count("memberships").await, site.count("backstop.applied").await), (200, 1));
}

async fn an_uncovered_write_leads_to_a_restore(kept: Kept) {
    let site = Site::new(kept).await;
    let (ended, _) = site.drive(&resolved("", "at_least: 1", "INSERT INTO other VALUES (1)")).await;
    let DriveOutcome::Finished(RunOutcome::Restored { cause: Cause::Step { step, failure }, .. }) = ended.unwrap() else {
        panic!()
    };
    assert_eq!((step.as_str(), failure.code.as_str()), ("extend", "backstop::run::uncovered_write"));
    assert_eq!((site.count("other").await, site.count("pg_class WHERE relname = 'memberships'").await), (0, 0));
    let id_type =
        "pg_attribute WHERE attrelid = 'organizations'::regclass AND attname = 'id' AND atttypid = 'text'::regtype";
    assert_eq!(site.count(id_type).await, 1);
}

async fn a_failing_before_check_changes_nothing(kept: Kept) {
    let site = Site::new(kept).await;
    site.database.client().await.batch_execute("INSERT INTO organizations VALUES ('nope', 'x')").await.unwrap();
    let (ended, events) = site.drive(&resolved("", "at_least: 1", "")).await;
    assert_eq!(ended.unwrap(), DriveOutcome::Finished(RunOutcome::Aborted(Cause::Checks(vec!["uuid-shaped".into()]))));
    assert_eq!(*events.last().unwrap(), "run_aborted");
    assert_eq!(site.count("pg_namespace WHERE nspname = 'backup_pre_migration'").await, 0);
}

async fn the_lock_is_held_for_the_run(kept: Kept) {
    let site = Site::new(kept).await;
    let executor = site.open().await;
    let other = ExecutorOptions { lock_wait: Duration::from_millis(300), run: Uuid::now_v7(), ..site.opening() };
    let refused = PostgresExecutor::open(other, |_| {}).await;
    let Err(OpenError::Busy(Some(holder))) = refused else { panic!() };
    assert_eq!(holder.application.as_deref(), Some("backstop multi-org"));
    executor.close().await.unwrap();
    site.open().await;
}

async fn a_signal_holds_the_run_and_resume_goes_on(kept: Kept) {
    let site = Site::new(kept).await;
    let plan = resolved("", "at_least: 1", "SELECT pg_sleep(1)");
    let raise = async {
        while site.count("pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()").await == 0
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        site.interrupter.raise("SIGINT");
    };
    let ((ended, events), ()) = tokio::join!(site.drive(&plan), raise);
    assert_eq!(ended.unwrap(), DriveOutcome::Held(Cause::Interrupted("SIGINT".into())), "{events:?}");
    assert_eq!(site.count("pg_class WHERE relname = 'memberships'").await, 0);
    let site = Site { interruption: interruption().1, ..site };
    let mut executor = site.open().await;
    let events = journal::read(&executor.session().client, site.run, 1).await.unwrap();
    let mut noted = Noted::default();
    let driver = Driver { executor: &mut executor, clock: &mut Real, observer: &mut noted, interrupt: &site.interruption };
    assert_eq!(driver.resume(&plan, events).await.unwrap(), DriveOutcome::Finished(RunOutcome::Succeeded), "{:?}", noted.0);
    assert_eq!(site.count("memberships").await, 200);
}

/// All of the run's sessions are ended, again and again, wherever it happens to be: it goes on, or back, and what the
/// journal says is what is there.
async fn lost_connections_are_survived(kept: Kept) {
    let mut outcomes = std::collections::BTreeMap::new();
    for round in 0..8_u64 {
        let site = Site::new(kept).await;
        let transaction = if round % 2 == 0 { "" } else { "transaction: plan" };
        let plan = resolved(transaction, "at_least: 1", "SELECT pg_sleep(0.2)");
        let end = async {
            tokio::time::sleep(Duration::from_millis(20 + round * 120)).await;
            let client = site.database.client().await;
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND application_name LIKE 'backstop%'";
            client.execute(all, &[]).await.unwrap();
        };
        let executor = site.open().await;
        let ((ended, events), ()) = tokio::join!(site.drive_in(executor, &plan), end);
        let ended = ended.unwrap_or_else(|error| panic!("round {round}: {error:?} after {events:?}"));
        let memberships = site.count("pg_class WHERE relname = 'memberships'").await;
        let cut = outcomes.entry(format!("{ended:?}").chars().take(28).collect::<String>()).or_insert(0);
        *cut += 1;
        match ended {
            DriveOutcome::Finished(RunOutcome::Succeeded) => assert_eq!(memberships, 1),
            DriveOutcome::Finished(RunOutcome::Aborted(_) | RunOutcome::Restored { .. }) => assert_eq!(memberships, 0),
            other => panic!("round {round}: {other:?} after {events:?}"),
        }
        let stored = journal::read(&site.database.client().await, site.run, 1).await.unwrap();
        assert!(matches!(stored[0].event, Event::RunStarted(_)));
        assert_eq!(stored.last().unwrap().event.name(), *events.last().unwrap());
        assert_eq!(site.count("pg_trigger WHERE tgname LIKE 'backstop%'").await, 0, "round {round}: the fence is gone");
    }
    println!("{outcomes:?}");
}

async fn undo_is_compared_with_the_backup_and_restored_where_it_differs(kept: Kept) {
    for (undo, last) in [("DROP TABLE memberships", "undo_verified"), ("TRUNCATE memberships", "restore_completed")] {
        let site = Site::new(kept).await;
        let text = PLAN.replace("AFTER", "at_most: 3").replace("TRANSACTION", "rollback: {on_failure: undo}").replace(
            "SELECT 1\n",
            "ALTER TABLE profiles DROP CONSTRAINT profiles_org_id_fkey;
      ALTER TABLE organizations ALTER COLUMN id TYPE text;
      ALTER TABLE profiles ALTER COLUMN org_id TYPE text;
      ALTER TABLE profiles ADD FOREIGN KEY (org_id) REFERENCES organizations;\n",
        );
        let text = text.replace("      STEP\n", &format!("    undo: {undo}\n"));
        let loaded = load("plan.yaml", text.as_bytes(), PlanFormat::Yaml).map_err(|p| format!("{:?}", p.records())).unwrap();
        let plan = render(&loaded.plan, &Inputs::builder(&loaded.plan.vars).build().unwrap()).unwrap();
        let before = site.picture().await.1;
        let (ended, events) = site.drive(&plan).await;
        assert!(matches!(ended.unwrap(), DriveOutcome::Finished(RunOutcome::Restored { .. })), "{events:?}");
        assert_eq!(*events.last().unwrap(), last, "{events:?}");
        assert_eq!(site.picture().await.1, before);
        assert_eq!(site.count("pg_class WHERE relname = 'memberships'").await, 0);
        assert_eq!(site.count("pg_trigger WHERE tgname LIKE 'backstop%'").await, 0);
        assert_eq!(site.count("backstop.runs WHERE outcome = 'restored'").await, 1);
    }
}

async fn a_held_run_is_brought_back_or_accepted_without_its_plan(kept: Kept) {
    for accept in [false, true] {
        let site = Site::new(kept).await;
        let (ended, events) = site.drive(&resolved("rollback: {on_failure: hold}", "at_most: 3", "")).await;
        assert!(matches!(ended.unwrap(), DriveOutcome::Held(Cause::Checks(_))), "{events:?}");
        let mut executor = site.open().await;
        let events = journal::read(&executor.session().client, site.run, 1).await.unwrap();
        let mut noted = Noted::default();
        let driver =
            Driver { executor: &mut executor, clock: &mut Real, observer: &mut noted, interrupt: &site.interruption };
        let ended = if accept { driver.accept("fine", events).await } else { driver.go_back(events).await };
        let memberships = site.count("pg_class WHERE relname = 'memberships'").await;
        match ended.unwrap() {
            DriveOutcome::Finished(RunOutcome::Accepted) if accept => assert_eq!(memberships, 1),
            DriveOutcome::Finished(RunOutcome::Restored { .. }) if !accept => assert_eq!(memberships, 0),
            other => panic!("{other:?}"),
        }
        assert_eq!(site.count("backstop.applied").await, i64::from(accept));
        assert_eq!(site.count("pg_trigger WHERE tgname LIKE 'backstop%'").await, 0, "the fence is gone");
    }
}

async fn a_role_that_owns_the_tables_needs_little_more(kept: Kept) {
    let site = Site::new(kept).await;
    let role = site.database.role("app");
    let admin = site.database.client().await;
    admin
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {} TO {role}; GRANT USAGE, CREATE ON SCHEMA public TO {role};
             ALTER TABLE organizations OWNER TO {role}; ALTER TABLE profiles OWNER TO {role}",
            site.database.name
        ))
        .await
        .unwrap();
    let options = site.database.options_as("app");
    let before = site.picture().await.1;
    let executor = PostgresExecutor::open(ExecutorOptions { options, ..site.opening() }, |_| {}).await.unwrap();
    let (ended, events) = site.drive_in(executor, &resolved("", "at_most: 3", "")).await;
    assert!(matches!(ended.as_ref().unwrap(), DriveOutcome::Finished(RunOutcome::Restored { .. })), "{ended:?} {events:?}");
    assert_eq!(site.picture().await.1, before);
    admin.batch_execute(&format!("REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}")).await.unwrap();
}

async fn what_a_restore_could_not_bring_back_is_not_committed(kept: Kept) {
    for (sql, code) in [
        ("ALTER TABLE other DROP COLUMN id", Some("backstop::run::no_way_back")),
        ("ALTER TABLE other ALTER COLUMN id TYPE text", Some("backstop::run::uncovered_write")),
        ("CREATE CAST (text AS organizations) WITH INOUT", None),
        ("ALTER TABLE other ADD COLUMN more int; CREATE INDEX ON other (id)", None),
    ] {
        let site = Site::new(kept).await;
        let before = site.picture().await.0;
        let (ended, events) = site.drive(&resolved("", "at_most: 3", sql)).await;
        let DriveOutcome::Finished(RunOutcome::Restored { cause, .. }) = ended.unwrap() else { panic!("{sql}: {events:?}") };
        match (cause, code) {
            (Cause::Step { failure, .. }, Some(code)) => assert_eq!(failure.code, code, "{sql}: {failure:?}"),
            (Cause::Checks(_), None) => {}
            (cause, _) => panic!("{sql}: {cause:?}"),
        }
        assert_eq!(site.count("pg_cast WHERE casttarget = 'organizations'::regtype").await, 0);
        let key = backstop::catalog::ObjectKey::table("public", "other");
        assert_eq!(site.picture().await.0.objects.get(&key), before.objects.get(&key), "{sql}");
    }
}
