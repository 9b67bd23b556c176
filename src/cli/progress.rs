//! One line on the terminal that says what takes long: copies, index builds, locks that are waited for.

use std::{
    collections::BTreeSet,
    io::IsTerminal,
    mem::{Discriminant, discriminant},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::stdio::say_on_stderr;
use crate::{
    operations::watcher::{Brake, SessionProgress, StatementProgress, Tell, Unit},
    report, secrets,
};

/// The size of a block, as servers are built by default.
const BLOCK_BYTES: u64 = 8192;
/// How often the line moves.
const TICK: Duration = Duration::from_millis(120);

/// The line; nothing where standard error is no terminal.
#[derive(Debug, Clone)]
pub struct ProgressLine(ProgressBar);

impl ProgressLine {
    /// A line, empty yet.
    pub fn new() -> Self {
        let target =
            if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {wide_msg}") {
            bar.set_style(style);
        }
        ProgressLine(bar)
    }

    /// Lets something be printed above the line, which begins anew.
    pub fn above<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.set_message("");
        self.0.disable_steady_tick();
        self.0.suspend(print)
    }

    /// What moves the line.
    pub fn tell(&self) -> Tell {
        let bar = self.0.clone();
        let announced = Mutex::new(Announced::default());
        Arc::new(move |progress| {
            for line in lasting(&progress, &mut announced.lock().unwrap_or_else(PoisonError::into_inner)) {
                bar.suspend(|| say_on_stderr(&format!("  {line}")));
            }
            bar.set_message(secrets::redacted(&words(&progress)).into_owned());
            bar.enable_steady_tick(TICK);
        })
    }
}

/// What was announced in lines that stay.
#[derive(Default)]
struct Announced {
    /// The processes that the run waited for.
    blockers: BTreeSet<i32>,
    /// Why the batches wait now.
    brake: Option<Discriminant<Brake>>,
}

/// What is worth a line that stays, also where there is no terminal: what the run waits for, once, and whom it ended.
fn lasting(progress: &SessionProgress, announced: &mut Announced) -> Vec<String> {
    match progress {
        SessionProgress::Working(_) => Vec::new(),
        SessionProgress::Batches { .. } => {
            announced.brake = None;
            Vec::new()
        }
        SessionProgress::HeldBack(brake) => {
            let is_new = announced.brake.replace(discriminant(brake)) != Some(discriminant(brake));
            if is_new { vec![brake.to_string()] } else { Vec::new() }
        }
        SessionProgress::Waiting(blockers) => {
            let new = blockers.iter().filter(|blocker| announced.blockers.insert(blocker.pid));
            new.map(|blocker| format!("waiting for a lock of {blocker}")).collect()
        }
        SessionProgress::Ended(ended) => {
            ended.iter().map(|blocker| format!("ended after too long a wait: {blocker}")).collect()
        }
        SessionProgress::OutOfReach { .. } => vec![words(progress)],
        SessionProgress::Trouble(failure) => vec![report::failure(failure, report::Style::Plain)],
    }
}

fn words(progress: &SessionProgress) -> String {
    match progress {
        SessionProgress::Ended(ended) => format!("{} sessions ended that were in the way", ended.len()),
        SessionProgress::Working(progress) => working(progress),
        SessionProgress::Batches { step, done, total, rate, left } => batches(step, *done, *total, *rate, *left),
        SessionProgress::HeldBack(brake) => brake.to_string(),
        SessionProgress::OutOfReach { why, left } => {
            format!("{why}: the server is looked for, for up to {}", report::duration(*left))
        }
        SessionProgress::Trouble(failure) => format!("warning: {}", failure.message),
        SessionProgress::Waiting(blockers) => {
            let who = blockers.first().map(ToString::to_string).unwrap_or_default();
            match blockers.len() {
                0 | 1 => format!("waiting for {who}"),
                more => format!("waiting for {who} and {} more", more - 1),
            }
        }
    }
}

fn batches(step: &str, done: u64, total: Option<u64>, rate: f64, left: Option<Duration>) -> String {
    let mut out = format!("step {step}: {}", report::count(done));
    if let Some(total) = total {
        let percent = u128::from(done) * 100 / u128::from(total).max(1);
        out += &format!(" of about {} rows, {percent} %", report::count(total));
    } else {
        out += " rows";
    }
    out += &format!(", {} rows/s", report::count(rate as u64));
    if let Some(left) = left {
        out += &format!(", about {} left", report::duration(left));
    }
    out
}

fn working(StatementProgress { what, done, total, unit, .. }: &StatementProgress) -> String {
    let amount = |n: u64| match unit {
        Unit::Blocks => report::bytes(n.saturating_mul(BLOCK_BYTES)),
        Unit::Bytes => report::bytes(n),
        Unit::Rows => format!("{} rows", report::count(n)),
        Unit::Sessions => format!("{n} sessions"),
    };
    match total {
        Some(total) => {
            let percent = u128::from(*done) * 100 / u128::from(*total).max(1);
            format!("{what}: {} of {}, {percent} %", amount(*done), amount(*total))
        }
        None => format!("{what}: {}", amount(*done)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_tell_how_fast_they_are_and_what_is_left() {
        let line = batches("fill", 1000, Some(2000), 250.4, Some(Duration::from_secs(240)));
        assert_eq!(line, "step fill: 1,000 of about 2,000 rows, 50 %, 250 rows/s, about 4 min 00 s left");
        assert_eq!(batches("fill", 1000, None, 250.0, None), "step fill: 1,000 rows, 250 rows/s");
    }

    #[test]
    fn what_holds_batches_back_is_told_once_until_they_go_on() {
        let mut announced = Announced::default();
        let behind =
            |by| SessionProgress::HeldBack(Brake::Behind { by: Duration::from_secs(by), most: Duration::from_secs(1) });
        assert_eq!(lasting(&behind(2), &mut announced), ["a replica is 2.0 s behind, waiting until it is less than 1 s"]);
        assert!(lasting(&behind(3), &mut announced).is_empty());
        let paused = SessionProgress::HeldBack(Brake::Paused { by: "ann".to_owned() });
        assert_eq!(lasting(&paused, &mut announced).len(), 1);
        let on = SessionProgress::Batches { step: "fill".to_owned(), done: 1, total: None, rate: 1.0, left: None };
        assert!(lasting(&on, &mut announced).is_empty());
        assert_eq!(lasting(&behind(2), &mut announced).len(), 1);
    }
}
