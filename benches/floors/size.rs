//! How much is measured.

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// People in the example database.
    pub profiles: u32,
    /// Steps of the plan of steps.
    pub steps: usize,
    /// Steps of the plan that is only read.
    pub read_steps: usize,
    /// Rounds of each pair.
    pub rounds: usize,
}

impl Size {
    /// Enough to show that it works.
    pub const TINY: Size = Size { profiles: 100, steps: 3, read_steps: 10, rounds: 1 };

    /// As the environment says, or the defaults.
    pub fn of_environment() -> Self {
        Size {
            profiles: number("BACKSTOP_BENCH_PROFILES", 20_000),
            steps: 200,
            read_steps: 1_000,
            rounds: number("BACKSTOP_BENCH_ROUNDS", 3),
        }
    }
}

fn number<N: std::str::FromStr>(name: &str, default: N) -> N {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")),
        _ => default,
    }
}
