//! One situation of the exploration.

use std::hash::{Hash, Hasher};

use super::world::World;
use crate::machine::{
    outline::Outline,
    state::{HeldAt, State},
};

/// How often what comes from outside may come. Each only shrinks, so that a path without end would be a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    pub crashes: u8,
    pub signals: u8,
    pub decisions: u8,
    pub doubts: u8,
}

impl Budget {
    /// Small plans are given more, so that crashes meet crashes.
    pub fn of(outline: &Outline) -> Self {
        match outline.steps.len() {
            0 | 1 => Budget { crashes: 2, signals: 2, decisions: 2, doubts: 2 },
            2 => Budget { crashes: 2, signals: 1, decisions: 1, doubts: 1 },
            _ => Budget { crashes: 1, signals: 1, decisions: 1, doubts: 1 },
        }
    }
}

/// One situation: what the journal says, what the runner knows, what the database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The runner's memory; none after a crash.
    pub live: Option<State>,
    /// The journal's fold.
    pub durable: State,
    /// The effect that the runner is in, its intent being recorded.
    pub acting: bool,
    pub world: World,
    /// What is seen inside the plan's one transaction, where it is open.
    pub inside: Option<World>,
    pub budget: Budget,
}

/// One number is enough to spread the nodes; the checks run unoptimized, where hashing field by field takes most of the time.
impl Hash for Situation {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Budget { crashes, signals, decisions, doubts } = self.budget;
        let mut key = [crashes, signals, decisions, doubts, u8::from(self.acting)].map(u64::from);
        key[4] |= self.live.as_ref().map_or(0, spread) << 1 | spread(&self.durable) << 13;
        key[3] |= self.world.bits() << 2 | self.inside.map_or(0, |inside| inside.bits() + 1) << 28;
        hasher.write_u64(key.iter().fold(0, |sum: u64, part| sum.rotate_left(3) ^ part));
    }
}

/// What tells most states apart, in twelve bits.
pub fn spread(state: &State) -> u64 {
    let (kind, within) = match state {
        State::Preflighting => (1, 0),
        State::Opening => (2, 0),
        State::Checking => (3, 0),
        State::BackingUp(progress) => (4, *progress as u64),
        State::Applying(at) | State::Held { at: HeldAt::Step(at), .. } => {
            let kind = if matches!(state, State::Applying(_)) { 5 } else { 6 };
            (kind, at.index as u64 | u64::from(at.attempt) << 2 | (at.progress as u64) << 4 | at.batches << 6)
        }
        State::Held { at: HeldAt::Validation, .. } => (7, 0),
        State::Held { at: HeldAt::Restore, .. } => (7, 1),
        State::Validating => (8, 0),
        State::Succeeding => (9, 0),
        State::Undoing { remaining, progress, .. } => (10, *remaining as u64 | (*progress as u64) << 2),
        State::Comparing { .. } => (11, 0),
        State::Restoring { fidelity, attempt, progress, .. } => {
            (12, u64::from(*attempt) | (*progress as u64) << 3 | (*fidelity as u64) << 4)
        }
        State::RollingBack { steps, .. } => (13, *steps as u64),
        State::Aborting { .. } => (14, 0),
        State::Finished(_) => (15, 0),
    };
    kind | within << 4
}
