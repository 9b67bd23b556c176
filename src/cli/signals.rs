//! SIGINT and SIGTERM: the first one stops the run in an orderly way, the second one, or the end of the grace period, at once.

use std::time::Duration;

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use super::{current_run::driven, exit::Exit, stdio::say_on_stderr};
use crate::{
    operations::{Interrupter, Interruption, OperationProblem, cancel_statements, interruption},
    report,
};

/// How long a run that was told to stop may do nothing, where no grace period is given.
const STANDSTILL_MAX: Duration = Duration::from_secs(30);

/// Listens from now on. What is returned tells the run, which has so long to stop; without a limit it takes its time.
pub fn listen(grace: Option<Duration>) -> Result<Interruption, OperationProblem> {
    let failed = |error: std::io::Error| OperationProblem::unexpected(format!("signals can't be heard: {error}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let (interrupter, interruption) = interruption();
    tokio::spawn(heed(interrupter, interruption.clone(), SignalStreams { interrupt, terminate }, grace));
    Ok(interruption)
}

async fn heed(interrupter: Interrupter, interruption: Interruption, mut signals: SignalStreams, grace: Option<Duration>) {
    let first = signals.next().await;
    let within = grace.map(|grace| format!(" within {}", report::duration(grace))).unwrap_or_default();
    say_on_stderr(&format!("{first}: the running statement is cancelled and rolled back{within}; once more stops at once"));
    interrupter.raise(first);
    let why = tokio::select! {
        second = signals.next() => second.to_owned(),
        passed = over(grace, &interruption) => format!("{} have passed", report::duration(passed)),
    };
    say_on_stderr(&format!("{why}: stopped at once. {}", how_to_go_on()));
    cancel_statements().await;
    let exit = if driven().is_some() { Exit::Held } else { Exit::Aborted };
    std::process::exit(i32::from(exit.code()));
}

/// Waits until the grace period has passed; where there is none, until the run has done nothing for as long as nobody waits for a
/// server that does not answer. A restore that the plan wants then takes the time that it takes.
async fn over(grace: Option<Duration>, interruption: &Interruption) -> Duration {
    match grace {
        Some(grace) => {
            sleep(grace).await;
            grace
        }
        None => {
            interruption.stands_still(STANDSTILL_MAX).await;
            STANDSTILL_MAX
        }
    }
}

fn how_to_go_on() -> String {
    match driven() {
        Some(run) => format!(
            "Nothing is lost: the server rolls back what was not committed. `backstop resume PLAN` goes on with run {run}, \
             `backstop restore {run}` takes it back, `backstop status` shows how far it is."
        ),
        None => "Nothing had begun.".to_owned(),
    }
}

struct SignalStreams {
    interrupt: Signal,
    terminate: Signal,
}

impl SignalStreams {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
