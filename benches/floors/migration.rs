//! The example migration, against the bare SQL of its steps in one transaction.

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

/// Applies it, each time to a fresh copy of the example database.
pub async fn measure(server: &Server, size: Size) {
    let example = server.example(size.profiles).await;
    let plan = plans::example("multi-org-security.yaml", "", "");
    let sql = plans::bare(&plan);
    let floor = "its SQL in one transaction";
    let mut whole = Pairs::new(format!("a run, {} people", size.profiles), floor);
    let mut steps = Pairs::new("its steps alone", floor);
    let mut phases = Vec::new();
    for _ in 0..size.rounds {
        let ours = server.database(Some(&example.name)).await;
        let course = apply(&ours, &plan).await;
        assert_eq!(course.ended, DriveOutcome::Finished(RunOutcome::Succeeded));
        server.drop(ours).await;
        let by_hand = server.database(Some(&example.name)).await;
        let floor = bare(&by_hand, &sql).await;
        server.drop(by_hand).await;
        whole.add(course.whole, floor);
        steps.add(course.between("backup_completed", "step_committed"), floor);
        phases = course.phases;
    }
    server.drop(example).await;
    pairs::print("Migration", &[whole, steps]);
    pairs::print_phases("the last run", &phases);
}

async fn bare(database: &Database, sql: &str) -> Duration {
    let session = database.session().await;
    let script = format!("BEGIN;\nSET LOCAL search_path = public;\n{sql}COMMIT");
    let begun = Instant::now();
    session.client.batch_execute(&script).await.expect("the bare SQL");
    begun.elapsed()
}
