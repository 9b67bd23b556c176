//! SIGINT and SIGTERM: the first one stops the run in an orderly way, the second one at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{exit::Exit, problem::Problem};
use crate::postgres::interrupt::{Interrupter, Interruption, interruption};

/// Listens from now on. What is returned tells the run.
pub fn listen() -> Result<Interruption, Problem> {
    let failed = |error: std::io::Error| Problem::unexpected(format!("signals can't be heard: {error}"));
    let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let (interrupter, interruption) = interruption();
    tokio::spawn(heed(interrupter, interrupt, terminate));
    Ok(interruption)
}

async fn heed(interrupter: Interrupter, mut interrupt: Signal, mut terminate: Signal) {
    let first = next(&mut interrupt, &mut terminate).await;
    eprintln!("{first}: the running statement is cancelled and rolled back; once more stops at once");
    interrupter.raise(first);
    let second = next(&mut interrupt, &mut terminate).await;
    eprintln!("{second}: stopped at once. `backstop status` shows how far the run is, `backstop resume PLAN` goes on.");
    std::process::exit(i32::from(Exit::Held.code()));
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}
