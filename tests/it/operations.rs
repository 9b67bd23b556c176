//! The use cases as another program calls them: values in, values out.

use std::{fs, path::PathBuf, time::Duration};

use backstop::{
    machine::{Failure, RunOutcome},
    operations::{
        Configuration, DatabaseAccess, DatabaseTarget, DriveOutcome, Interruption, Observer, OperationNotice,
        OperationProblem, ProblemKind, Recorded, RunContext, RunOptions, Silent, VariableValues, Watcher,
        apply::{self, ApplyOptions, ApplyOutcome, Interrupted, PlanOutcome},
        backup, history, interruption, read_resolved, resume, runs,
    },
};
use tempfile::TempDir;

use crate::support::database;

fn block_on<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// What a program remembers of what it was told.
#[derive(Default)]
struct Heard {
    events: Vec<&'static str>,
    notices: Vec<String>,
}

impl Observer for Heard {
    fn stored(&mut self, recorded: &Recorded) {
        self.events.push(recorded.event.name());
    }

    fn waiting(&mut self, _: Duration, _: &Failure) {}
}

impl Watcher for Heard {
    fn notice(&mut self, notice: OperationNotice<'_>) -> Result<(), OperationProblem> {
        let told = match notice {
            OperationNotice::RunBegun { plan, .. } => format!("begun {plan}"),
            OperationNotice::RunLeft(left) => format!("left {:?}", left.ended),
            OperationNotice::NothingToDo { plan, .. } => format!("nothing {plan}"),
            other => format!("{other:?}"),
        };
        self.notices.push(told);
        Ok(())
    }
}

/// A folder of plans beside a database.
struct Here {
    folder: TempDir,
    target: DatabaseTarget,
    configuration: Configuration,
}

impl Here {
    fn new(url: &str) -> Self {
        let target = DatabaseTarget::Given(url.to_owned());
        Here { folder: tempfile::tempdir().unwrap(), target, configuration: Configuration::default() }
    }

    fn plan(&self, name: &str, rest: &str) -> PathBuf {
        let path = self.folder.path().join(format!("{name}.yaml"));
        fs::write(&path, format!("format: backstop/v1\nname: {name}\n{rest}")).unwrap();
        path
    }

    async fn apply(
        &self,
        plans: &[&PathBuf],
        interruption: &Interruption,
        watcher: &mut dyn Watcher,
    ) -> Result<Vec<PlanOutcome>, OperationProblem> {
        let wanted = ApplyOptions { plans: plans.iter().map(|path| (*path).clone()).collect(), ..ApplyOptions::default() };
        let plans = apply::plans_to_apply(&self.configuration, &self.target, &wanted, watcher)?;
        let database = DatabaseAccess::open(&self.configuration, &self.target, watcher).await?;
        let context = RunContext { database: &database, options: &RunOptions::default(), interruption };
        apply::apply(&context, plans, Interrupted::Refuse, watcher).await
    }
}

const TABLE: &str =
    "CREATE TABLE public.items (id int PRIMARY KEY, title text); INSERT INTO public.items VALUES (1, 'one');";
const TARGETS: &str = "backup: {targets: [{tables: [public.items]}]}\n";

#[test]
fn a_program_applies_plans_and_is_given_what_became_of_each() {
    let database = database("operations_apply");
    database.execute(TABLE);
    let here = Here::new(&database.url);
    let good = here.plan("a-good", &format!("{TARGETS}steps: [{{id: s, sql: \"UPDATE public.items SET title = 'two'\"}}]"));
    let check = "checks: {after: [{id: none, sql: SELECT 1, expect: {rows: 0}}]}\n";
    let bad = here.plan("b-bad", &format!("{TARGETS}{check}steps: [{{id: s, sql: DELETE FROM public.items}}]"));
    let later = here.plan("c-later", "steps: [{id: s, sql: CREATE TABLE public.later (id int)}]");
    let (_interrupter, interruption) = interruption();
    let mut heard = Heard::default();
    let outcomes = block_on(here.apply(&[&good, &bad, &later], &interruption, &mut heard)).unwrap();
    let [first, second, third] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert!(
        matches!(&first.outcome, ApplyOutcome::Left(left) if left.ended == DriveOutcome::Finished(RunOutcome::Succeeded)),
        "{first:?}"
    );
    assert!(
        matches!(&second.outcome, ApplyOutcome::Left(left) if matches!(left.ended, DriveOutcome::Finished(RunOutcome::Restored { .. })))
    );
    assert!(matches!(third.outcome, ApplyOutcome::NotBegun), "{third:?}");
    assert_eq!((first.outcome.is_done(), second.outcome.is_done()), (true, false));
    assert_eq!(database.one("SELECT title FROM public.items"), "two");
    assert_eq!(heard.events.iter().filter(|event| **event == "run_started").count(), 2);
    assert!(heard.notices.contains(&"begun a-good".to_owned()), "{:?}", heard.notices);

    let again = block_on(here.apply(&[&good], &interruption, &mut heard)).unwrap();
    assert!(matches!(again[0].outcome, ApplyOutcome::NothingToDo), "{again:?}");
    assert_eq!(heard.notices.last().map(String::as_str), Some("nothing a-good"));
}

#[test]
fn what_is_read_comes_back_as_values() {
    let database = database("operations_values");
    database.execute(TABLE);
    let here = Here::new(&database.url);
    let good = here.plan("good", &format!("{TARGETS}steps: [{{id: s, sql: \"UPDATE public.items SET title = 'two'\"}}]"));
    let (_interrupter, interruption) = interruption();
    block_on(async {
        here.apply(&[&good], &interruption, &mut Silent).await.unwrap();
        let found = DatabaseAccess::open(&here.configuration, &here.target, &mut Silent).await.unwrap();
        let runs = history::history(&found, None, 10).await.unwrap();
        assert_eq!(runs.iter().map(|found| runs::state_word(&found.run)).collect::<Vec<_>>(), ["succeeded"]);
        let backups = backup::list(&found, Some("good")).await.unwrap();
        assert_eq!(backups.iter().map(|backup| backup.stored.rows).collect::<Vec<_>>(), [1]);
        let verified = backup::verify(&found, None, backup::Proof::Digests, &interruption).await.unwrap();
        assert_eq!((verified.tables, verified.rows, verified.trial.is_none()), (1, 1, true));

        let plan = read_resolved(&here.configuration, &good, &VariableValues::default()).unwrap();
        let context = RunContext { database: &found, options: &RunOptions::default(), interruption: &interruption };
        let refused = resume::resume(&context, &plan, resume::Amendment::Refuse, &mut Silent).await;
        let problem = refused.expect_err("there is nothing to go on with");
        assert_eq!(problem.kind, ProblemKind::Usage);
        assert_eq!(problem.to_string(), "no run of the plan good waits to go on");
    });
}

#[test]
fn whoever_holds_the_other_end_stops_an_operation_before_it_changes_anything() {
    let database = database("operations_stopped");
    database.execute(TABLE);
    let here = Here::new(&database.url);
    let good = here.plan("good", "steps: [{id: s, sql: CREATE TABLE public.later (id int)}]");
    let (interrupter, interruption) = interruption();
    interrupter.raise("somebody");
    let problem = block_on(here.apply(&[&good], &interruption, &mut Silent)).expect_err("it was stopped");
    assert_eq!(problem.kind, ProblemKind::Aborted);
    assert_eq!(database.one("SELECT to_regclass('public.later') IS NULL"), "t");
}

#[test]
fn who_stops_an_operation_cancels_nothing_of_another_one() {
    let database = database("operations_two");
    database.execute(TABLE);
    let here = Here::new(&database.url);
    let (_one, goes_on) = interruption();
    let (another, is_stopped) = interruption();
    let slow = here.plan(
        "a-slow",
        &format!("{TARGETS}steps: [{{id: s, sql: \"SELECT pg_sleep(2); UPDATE public.items SET title = 'two'\"}}]"),
    );
    let look = here.plan("b-look", "steps: [{id: s, sql: CREATE TABLE public.later (id int)}]");
    let plans = [&slow];
    let (mut silent, mut also) = (Silent, Silent);
    let (done, stopped) = block_on(async {
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            another.raise("somebody");
            here.apply(&[&look], &is_stopped, &mut also).await
        };
        tokio::join!(here.apply(&plans, &goes_on, &mut silent), stopping)
    });
    let done = done.unwrap();
    assert!(done[0].outcome.is_done(), "{done:?}");
    assert_eq!(database.one("SELECT title FROM public.items"), "two");
    assert_eq!(stopped.expect_err("it was stopped").kind, ProblemKind::Aborted);
}
