//! SIGINT and SIGTERM: the first one stops the run in an orderly way, the second one, or the end of the grace period, at once.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};
use uuid::Uuid;

use super::{console::say_on_stderr, exit::Exit, problem::Problem};
use crate::{
    postgres::interrupt::{Interrupter, Interruption, interruption},
    report,
};

/// The run that this process drives, for the last words of one that stops at once.
static DRIVEN: Mutex<Option<Uuid>> = Mutex::new(None);

/// Listens from now on. What is returned tells the run, which has so long to stop; without a limit it takes its time.
pub fn listen(grace: Option<Duration>) -> Result<Interruption, Problem> {
    let failed = |error: std::io::Error| Problem::unexpected(format!("signals can't be heard: {error}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let (interrupter, interruption) = interruption();
    tokio::spawn(heed(interrupter, Signals { interrupt, terminate }, grace));
    Ok(interruption)
}

/// From now on this process drives this run.
pub fn now_driving(run: Uuid) {
    *DRIVEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(run);
}

async fn heed(interrupter: Interrupter, mut signals: Signals, grace: Option<Duration>) {
    let first = signals.next().await;
    let within = grace.map(|grace| format!(" within {}", report::duration(grace))).unwrap_or_default();
    say_on_stderr(&format!("{first}: the running statement is cancelled and rolled back{within}; once more stops at once"));
    interrupter.raise(first);
    let why = tokio::select! {
        second = signals.next() => second.to_owned(),
        grace = over(grace) => format!("{} have passed", report::duration(grace)),
    };
    say_on_stderr(&format!("{why}: stopped at once. {}", how_to_go_on()));
    std::process::exit(i32::from(Exit::Held.code()));
}

/// Waits until the grace period has passed; for ever where there is none.
async fn over(grace: Option<Duration>) -> Duration {
    match grace {
        Some(grace) => {
            sleep(grace).await;
            grace
        }
        None => std::future::pending().await,
    }
}

fn how_to_go_on() -> String {
    match *DRIVEN.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(run) => format!(
            "Nothing is lost: the server rolls back what was not committed. `backstop resume PLAN` goes on with run {run}, \
             `backstop restore {run}` takes it back, `backstop status` shows how far it is."
        ),
        None => "Nothing had begun.".to_owned(),
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
