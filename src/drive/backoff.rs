//! Pauses before another attempt: exponential, jittered, bounded, and ended at once by a signal.

use std::time::Duration;

use super::{
    driven_run::DrivenRun,
    ports::{Clock, Executor, Interrupt, Observer},
};
use crate::{machine::Failure, plan::BACKOFF_MAX};

/// How often a signal is looked for during a pause.
const SIGNAL_POLL: Duration = Duration::from_millis(100);

impl<W: Executor, C: Clock, O: Observer, I: Interrupt> DrivenRun<'_, W, C, O, I> {
    /// Waits before the attempt with this number, the first being 1. A signal that was not heard yet ends the pause early.
    pub(super) async fn pause(&mut self, base: Duration, attempt: u32, why: &Failure) {
        let time = backoff(base, attempt, self.with.clock.chance());
        self.with.observer.waiting(time, why);
        let mut left = time;
        while !left.is_zero() && self.signal().is_none() {
            let slice = left.min(SIGNAL_POLL);
            self.with.clock.sleep(slice).await;
            left -= slice;
        }
    }
}

/// The pause before an attempt: the base before the second, twice as long before each further one, up to [`BACKOFF_MAX`]; half
/// of it is left to chance, so that runners that failed together don't come back together.
fn backoff(base: Duration, attempt: u32, chance: f64) -> Duration {
    let doublings = attempt.saturating_sub(2).min(u32::BITS - 1);
    let longest = base.saturating_mul(1 << doublings).min(BACKOFF_MAX);
    longest.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_bound() {
        let base = Duration::from_secs(1);
        assert_eq!(backoff(base, 2, 1.0), base);
        assert_eq!(backoff(base, 2, 0.0), base / 2);
        assert_eq!(backoff(base, 5, 1.0), base * 8);
        assert_eq!(backoff(base, u32::MAX, 1.0), BACKOFF_MAX);
        assert_eq!(backoff(Duration::MAX, 9, f64::INFINITY), BACKOFF_MAX);
    }
}
