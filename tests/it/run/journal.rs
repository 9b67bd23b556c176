//! The journal: installed once, appended to, fenced.

use backstop::{
    machine::{Cause, Event, RunAborted, RunAccepted, RunResumed, RunSucceeded, StepStarted, TransactionRolledBack},
    plan::PlanName,
    postgres::journal::{self, Fence, ListedOutcome},
};
use uuid::Uuid;

use super::{database::Database, plans::run_started};

fn step(index: usize) -> Event {
    Event::StepStarted(StepStarted { index, step: format!("s{index}"), attempt: 1 })
}

#[tokio::test]
async fn several_programs_install_it_at_the_same_time() {
    let database = Database::fresh().await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let client = database.client().await;
        tasks.push(tokio::spawn(async move { journal::make(&client).await }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let client = database.client().await;
    assert!(journal::is_installed(&client).await.unwrap());
    client.batch_execute("SELECT * FROM backstop.status; SELECT * FROM backstop.history").await.unwrap();
    let public: i64 = client
        .query_one(
            "SELECT count(*) FROM pg_class, aclexplode(relacl) AS a
             WHERE relnamespace = 'backstop'::regnamespace AND a.grantee = 0",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(public, 0);
}

#[tokio::test]
async fn a_newer_or_foreign_schema_is_refused() {
    let database = Database::fresh().await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    client.batch_execute("UPDATE backstop.meta SET version = 99").await.unwrap();
    assert_eq!(journal::install(&client).await.unwrap_err().code, "backstop::journal::newer_schema");
    client
        .batch_execute("DROP SCHEMA backstop CASCADE; CREATE SCHEMA backstop; CREATE TABLE backstop.other ()")
        .await
        .unwrap();
    assert_eq!(journal::install(&client).await.unwrap_err().code, "backstop::journal::foreign_schema");
}

#[tokio::test]
async fn a_role_that_may_not_install_it_is_told_what_to_grant() {
    let database = Database::fresh().await;
    let role = database.role("app");
    database.client().await.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let failure = journal::install(&database.client_of("app").await).await.unwrap_err();
    assert_eq!(failure.sqlstate.as_deref(), Some("42501"));
    assert!(failure.hint.unwrap().contains("GRANT CREATE ON DATABASE"));
}

#[tokio::test]
async fn the_same_event_is_stored_once_and_another_one_refused() {
    let database = Database::fresh().await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let run = Uuid::now_v7();
    let claim = journal::claim(&client, run, "me").await.unwrap();
    let first = journal::append(&client, claim, Fence::Hold, 1, &run_started(run, "p")).await.unwrap();
    let again = journal::append(&client, claim, Fence::Hold, 1, &run_started(run, "p")).await.unwrap();
    assert_eq!(first, again);
    journal::append(&client, claim, Fence::Hold, 2, &step(0)).await.unwrap();
    let other = journal::append(&client, claim, Fence::Hold, 2, &step(1)).await.unwrap_err();
    assert_eq!(other.code, "backstop::journal::taken_over");
    let gap = journal::append(&client, claim, Fence::Hold, 4, &step(1)).await.unwrap_err();
    assert_eq!(gap.code, "backstop::journal::gap");
    let events = journal::read(&client, run, 1).await.unwrap();
    assert_eq!(events.iter().map(|e| e.seq).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(events[1].event, step(0));
    assert!(events[0].actor.contains(" with backstop "));
    assert_eq!(journal::read(&client, run, 2).await.unwrap().len(), 1);
    for change in ["UPDATE backstop.events SET seq = 9", "DELETE FROM backstop.events", "TRUNCATE backstop.events"] {
        let refused = client.batch_execute(change).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "23001", "{change}");
    }
}

#[tokio::test]
async fn who_was_believed_dead_writes_nothing_after_a_takeover() {
    let database = Database::fresh().await;
    let (old, new) = (database.client().await, database.client().await);
    journal::install(&old).await.unwrap();
    let run = Uuid::now_v7();
    let first = journal::claim(&old, run, "old").await.unwrap();
    journal::append(&old, first, Fence::Hold, 1, &run_started(run, "p")).await.unwrap();
    old.batch_execute("BEGIN; CREATE TABLE half_done ()").await.unwrap();
    journal::check(&old, first, Fence::Look).await.unwrap();
    let second = journal::claim(&new, run, "new").await.unwrap();
    assert_eq!(second.fence, first.fence + 1);
    let refused = journal::append(&old, first, Fence::Hold, 2, &step(0)).await.unwrap_err();
    assert_eq!(refused.code, "backstop::journal::taken_over");
    old.batch_execute("ROLLBACK").await.unwrap();
    let refused = journal::append(&old, first, Fence::Hold, 2, &step(0)).await.unwrap_err();
    assert_eq!(refused.code, "backstop::journal::taken_over");
    journal::append(&new, second, Fence::Hold, 2, &Event::RunResumed(RunResumed {})).await.unwrap();
    assert_eq!(journal::read(&new, run, 1).await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_claim_is_a_sign_of_life_and_the_first_one_too() {
    let database = Database::fresh().await;
    let client = database.client().await;
    journal::install(&client).await.unwrap();
    let mut last = None;
    for holder in ["first", "second"] {
        journal::claim(&client, Uuid::now_v7(), holder).await.unwrap();
        let row = client.query_one("SELECT extract(epoch FROM seen)::float8 FROM backstop.owner", &[]).await.unwrap();
        let seen: Option<f64> = row.get(0);
        assert!(seen > last, "{holder}: {seen:?} after {last:?}");
        last = seen;
    }
}

#[tokio::test]
async fn runs_and_applied_plans_are_listed() {
    let database = Database::fresh().await;
    let client = database.client().await;
    let plan = PlanName::parse("p").unwrap();
    assert!(journal::list_runs(&client, None, 10).await.unwrap().is_empty());
    assert!(journal::applied(&client).await.unwrap().is_empty());
    journal::install(&client).await.unwrap();
    let aborted = Uuid::now_v7();
    let claim = journal::claim(&client, aborted, "me").await.unwrap();
    journal::append(&client, claim, Fence::Hold, 1, &run_started(aborted, "p")).await.unwrap();
    assert_eq!(journal::unfinished_run(&client, &plan).await.unwrap().unwrap().run, aborted);
    let cause = Cause::Checks(vec!["c".into()]);
    let event = Event::RunAborted(RunAborted { cause: cause.clone() });
    journal::append(&client, claim, Fence::Hold, 2, &event).await.unwrap();
    assert!(journal::unfinished_run(&client, &plan).await.unwrap().is_none());
    assert!(journal::applied_plan(&client, &plan).await.unwrap().is_none());

    let good = Uuid::now_v7();
    let claim = journal::claim(&client, good, "me").await.unwrap();
    journal::append(&client, claim, Fence::Hold, 1, &run_started(good, "p")).await.unwrap();
    journal::append(&client, claim, Fence::Hold, 2, &Event::RunSucceeded(RunSucceeded {})).await.unwrap();
    let applied = journal::applied_plan(&client, &plan).await.unwrap().unwrap();
    assert_eq!((applied.run, applied.fingerprint.as_str(), applied.rendered.as_str()), (good, "f00", "name: x"));
    let runs = journal::list_runs(&client, Some(&plan), 10).await.unwrap();
    assert_eq!(runs.iter().map(|r| r.run).collect::<Vec<_>>(), [good, aborted]);
    assert_eq!((runs[0].ended, runs[1].ended), (Some(ListedOutcome::Succeeded), Some(ListedOutcome::Aborted)));
    assert_eq!(journal::find_runs(&client, &good.to_string()[..24]).await.unwrap().len(), 1);
    let states: Vec<String> =
        client.query("SELECT state FROM backstop.status", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(states, ["succeeded", "aborted"]);

    // Accepted with all of its (no) steps: applied; rolled back after a step: not any more.
    let accepted = Uuid::now_v7();
    let claim = journal::claim(&client, accepted, "me").await.unwrap();
    journal::append(&client, claim, Fence::Hold, 1, &run_started(accepted, "p")).await.unwrap();
    let event = Event::RunAccepted(RunAccepted { reason: "fine".into() });
    journal::append(&client, claim, Fence::Hold, 2, &event).await.unwrap();
    assert_eq!(journal::applied_plan(&client, &plan).await.unwrap().unwrap().run, accepted);
    let event =
        Event::TransactionRolledBack(TransactionRolledBack { cause: Cause::Requested, steps: 1, checks: Vec::new() });
    journal::append(&client, claim, Fence::Hold, 3, &event).await.unwrap();
    assert!(journal::applied_plan(&client, &plan).await.unwrap().is_none());
}
