//! How large the next batch is, and how far all of them are.

use std::time::{Duration, Instant};

use crate::plan::BATCH_ROWS_MAX;

/// Fewest rows of a batch.
const BATCH_ROWS_MIN: u64 = 1;
/// How many times as many rows as the last one a batch may have.
const GROWTH_MAX: f64 = 2.0;
/// What part of the last one's rows a batch has at least.
const SHRINK_MAX: f64 = 0.5;

/// How large the next batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many rows.
    pub size: u64,
    /// How long it is to take.
    pub target: Duration,
}

impl Pace {
    /// After a batch of so many rows that took so long: fitted to the target, by no more than a factor at a time. One that
    /// was not full says nothing about larger ones.
    pub fn after(self, keys: u64, took: Duration) -> Self {
        let fit = if took.is_zero() { GROWTH_MAX } else { self.target.as_secs_f64() / took.as_secs_f64() };
        let fit = fit.clamp(SHRINK_MAX, GROWTH_MAX);
        if keys < self.size && fit > 1.0 {
            return self;
        }
        let size = (self.size as f64 * fit) as u64;
        Pace { size: size.clamp(BATCH_ROWS_MIN, BATCH_ROWS_MAX), ..self }
    }

    /// After a batch that waited in vain for a lock, or was in others' way.
    pub fn backed_off(self) -> Self {
        Pace { size: (self.size / 2).max(BATCH_ROWS_MIN), ..self }
    }
}

/// How fast the batches of one runner go.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    since: Instant,
    rows: u64,
    done: u64,
    total: Option<u64>,
}

impl Meter {
    /// Begins, with so many rows done by earlier runners, of so many by the server's estimate.
    pub fn start(done: u64, total: Option<u64>) -> Self {
        Meter { since: Instant::now(), rows: 0, done, total }
    }

    /// Another batch is committed.
    pub fn add(&mut self, rows: u64) {
        self.rows += rows;
        self.done += rows;
    }

    /// Rows that are done.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Of how many; never fewer than are done, for an estimate may be old.
    pub fn total(&self) -> Option<u64> {
        self.total.map(|total| total.max(self.done))
    }

    /// Rows a second, waits included.
    pub fn rate(&self) -> f64 {
        rate(self.rows, self.since.elapsed())
    }

    /// How long the rest takes at this rate.
    pub fn left(&self) -> Option<Duration> {
        left(self.total()?.saturating_sub(self.done), self.rate())
    }
}

fn rate(rows: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { rows as f64 / time.as_secs_f64() }
}

fn left(rows: u64, rate: f64) -> Option<Duration> {
    (rate > 0.0).then(|| Duration::try_from_secs_f64(rows as f64 / rate).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_fitted_to_the_target() {
        let pace = Pace { size: 1000, target: Duration::from_secs(1) };
        let after = |keys, millis| pace.after(keys, Duration::from_millis(millis)).size;
        assert_eq!(after(1000, 1000), 1000);
        assert_eq!(after(1000, 800), 1250);
        assert_eq!(after(1000, 1), 2000, "twice as many at most");
        assert_eq!(after(1000, 0), 2000);
        assert_eq!(after(1000, 1250), 800);
        assert_eq!(after(1000, 60_000), 500, "half as many at least");
        assert_eq!(after(10, 1), 1000, "a small last one says nothing");
        assert_eq!(after(10, 4000), 500);
        let one = Pace { size: 1, ..pace };
        assert_eq!(one.after(1, Duration::from_secs(9)).size, 1);
        assert_eq!(one.backed_off().size, 1);
        let most = Pace { size: BATCH_ROWS_MAX, ..pace };
        assert_eq!(most.after(BATCH_ROWS_MAX, Duration::ZERO).size, BATCH_ROWS_MAX);
        assert_eq!(pace.backed_off().size, 500);
    }

    #[test]
    fn what_is_left_follows_from_the_rate() {
        assert_eq!(rate(500, Duration::from_secs(2)), 250.0);
        assert_eq!(rate(500, Duration::ZERO), 0.0);
        assert_eq!(left(1000, 250.0), Some(Duration::from_secs(4)));
        assert_eq!(left(1000, 0.0), None);
        let mut meter = Meter::start(10, Some(12));
        meter.add(5);
        assert_eq!((meter.done(), meter.total()), (15, Some(15)), "the estimate was too small");
        assert_eq!(Meter::start(0, None).left(), None);
    }
}
