//! Applies a plan from a Rust program: `cargo run --example embed -- PLAN [DATABASE_URL]`. Without a URL it is applied to a database on a
//! throwaway server.

use std::{env, process::ExitCode, time::Duration};

use backstop::{
    machine::Failure,
    operations::{
        Configuration, DatabaseAccess, DatabaseTarget, Interrupter, Observer, OperationNotice, OperationProblem, Recorded,
        RunContext, RunOptions, Watcher,
        apply::{self, ApplyOptions, ApplyOutcome, Interrupted},
        interruption,
    },
};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(plan) = arguments.next() else {
        eprintln!("embed PLAN [DATABASE_URL]");
        return ExitCode::from(2);
    };
    match run(plan, arguments.next()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Applies the plan, and says whether it is applied now.
async fn run(plan: String, url: Option<String>) -> Result<bool, OperationProblem> {
    let mut watcher = EventNames;
    let configuration = Configuration::default();
    let target = match url {
        Some(url) => DatabaseTarget::Given(url),
        None => DatabaseTarget::Throwaway { scripts: Vec::new(), bin: None },
    };
    let wanted = ApplyOptions { plans: vec![plan.into()], ..ApplyOptions::default() };
    let plans = apply::plans_to_apply(&configuration, &target, &wanted, &mut watcher)?;
    let (interrupter, interruption) = interruption();
    tokio::spawn(stop_on_control_c(interrupter));
    let database = DatabaseAccess::open(&configuration, &target, &mut watcher).await?;
    let context = RunContext { database: &database, options: &RunOptions::default(), interruption: &interruption };
    let outcomes = apply::apply(&context, plans, Interrupted::GoOn, &mut watcher).await?;
    for plan in &outcomes {
        match &plan.outcome {
            ApplyOutcome::NotBegun => println!("{}: not begun", plan.plan),
            ApplyOutcome::NothingToDo => println!("{}: was applied already", plan.plan),
            ApplyOutcome::Left(left) => println!("{}: run {} {:?}", plan.plan, left.run, left.ended),
            ApplyOutcome::Failed(problem) => println!("{}: {problem}", plan.plan),
        }
    }
    Ok(outcomes.iter().all(|plan| plan.outcome.is_done()))
}

/// A run that is told to stop rolls back what it is at, and does what its plan says is to be done then.
async fn stop_on_control_c(interrupter: Interrupter) {
    if tokio::signal::ctrl_c().await.is_ok() {
        interrupter.raise("SIGINT");
    }
}

/// Prints what happens, an event a line.
struct EventNames;

impl Observer for EventNames {
    fn stored(&mut self, recorded: &Recorded) {
        println!("{:>4} {} {}", recorded.seq, recorded.at, recorded.event.name());
    }

    fn waiting(&mut self, time: Duration, why: &Failure) {
        println!("     waiting {time:?}: {}", why.message);
    }
}

impl Watcher for EventNames {
    fn notice(&mut self, notice: OperationNotice<'_>) -> Result<(), OperationProblem> {
        if let OperationNotice::LockHeld(holder) = notice {
            println!("     waiting for the lock, which is held by {holder}");
        }
        Ok(())
    }
}
