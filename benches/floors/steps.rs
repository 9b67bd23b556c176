//! Many small steps, against the same statements with a bookkeeping row each, one transaction a step.

use std::time::{Duration, Instant};

use backstop::{drive::DriveOutcome, machine::RunOutcome};

use super::{
    pairs,
    pairs::Pairs,
    plans,
    run::apply,
    server::{Database, Server},
    size::Size,
};

/// Runs the plan of steps.
pub async fn measure(server: &Server, size: Size) {
    let plan = plans::resolved(&plans::of_steps(size.steps), |_| String::new());
    let floor = "BEGIN, step, INSERT, COMMIT";
    let mut whole = Pairs::new(format!("a run of {} steps", size.steps), floor);
    let mut steps = Pairs::new("its steps alone", floor);
    let mut phases = Vec::new();
    for _ in 0..size.rounds {
        let ours = server.database(None).await;
        ours.session().await.client.batch_execute("CREATE TABLE public.target (id int)").await.expect("a target");
        let course = apply(&ours, &plan).await;
        assert_eq!(course.ended, DriveOutcome::Finished(RunOutcome::Succeeded));
        server.drop(ours).await;
        let by_hand = server.database(None).await;
        let floor = bare(&by_hand, size.steps).await;
        server.drop(by_hand).await;
        whole.add(course.whole, floor);
        steps.add(course.between("backup_completed", "step_committed"), floor);
        phases = course.phases;
    }
    pairs::print("Steps", &[whole, steps]);
    pairs::print_phases("the last run", &phases);
}

async fn bare(database: &Database, steps: usize) -> Duration {
    let session = database.session().await;
    let client = &session.client;
    client.batch_execute("CREATE TABLE public.journal (step text, at timestamptz)").await.expect("a journal");
    let begun = Instant::now();
    for n in 0..steps {
        client.batch_execute("BEGIN").await.expect("BEGIN");
        client.batch_execute(&plans::create_table(n)).await.expect("a table");
        let row = "INSERT INTO public.journal VALUES ($1, now())";
        client.execute(row, &[&format!("step-{n}")]).await.expect("a row");
        client.batch_execute("COMMIT").await.expect("COMMIT");
    }
    begun.elapsed()
}
