//! A case that went wrong, with everything left out that it goes wrong without.

use super::case::{Arena, Case, Outcome};

/// Most attempts; each is a whole case.
const ATTEMPTS_MAX: usize = 250;

/// A smaller case that still goes wrong, and how.
pub async fn shrink(arena: &Arena, case: Case, how: String) -> (Case, String) {
    let (mut case, mut how, mut attempts) = (case, how, 0);
    for part in [Part::Migration, Part::Setup] {
        let mut step = part.of(&mut case).len().div_ceil(2);
        while step > 0 && attempts < ATTEMPTS_MAX {
            let mut start = 0;
            while start < part.of(&mut case).len() && attempts < ATTEMPTS_MAX {
                let mut smaller = case.clone();
                let statements = part.of(&mut smaller);
                let end = (start + step).min(statements.len());
                statements.drain(start..end);
                attempts += 1;
                match arena.run(&smaller).await {
                    Outcome::Wrong(still) => (case, how) = (smaller, still),
                    Outcome::Back(_) | Outcome::Refused(_) => start += step,
                }
            }
            step = if step == 1 { 0 } else { step.div_ceil(2) };
        }
    }
    (case, how)
}

#[derive(Clone, Copy)]
enum Part {
    Setup,
    Migration,
}

impl Part {
    fn of(self, case: &mut Case) -> &mut Vec<String> {
        match self {
            Part::Setup => &mut case.setup,
            Part::Migration => &mut case.migration,
        }
    }
}
