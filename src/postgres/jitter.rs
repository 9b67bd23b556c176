//! Chance in pauses, so that runners that failed together don't come back together.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Half of the pause is left to chance.
pub fn jittered(pause: Duration) -> Duration {
    // The standard library's randomly keyed hasher is chance enough.
    let chance = RandomState::new().hash_one(pause) as f64 / u64::MAX as f64;
    pause.mul_f64(0.5 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_half_of_a_pause_stays() {
        let pause = Duration::from_secs(2);
        assert!((0..100).map(|_| jittered(pause)).all(|jittered| jittered >= pause / 2 && jittered <= pause));
    }
}
