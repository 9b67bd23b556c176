//! The world that a model's run acts on.

use super::shapes::STEPS_MAX;
use crate::machine::run_outcome::RunOutcome;

/// What there is in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct World {
    /// How often each step's effect is there.
    pub applied: [u8; STEPS_MAX],
    /// How many batches are there of the step that is there in part.
    pub half: u8,
    /// A complete backup.
    pub backup: bool,
    /// What is left of a backup that is not complete.
    pub partial: bool,
    /// Writers are fenced off.
    pub fence: bool,
    /// A step or an undo left something behind that is no step's effect.
    pub residue: bool,
    /// A step is running.
    pub running: bool,
    /// The after-checks were found to hold.
    pub validated: bool,
    /// It was found that not everything can be made as it was.
    pub inexact: bool,
    /// A restore left something unfinished.
    pub unfinished: bool,
}

impl World {
    /// All of it, in sixteen bits.
    pub fn bits(&self) -> u64 {
        let Self { backup, partial, fence, residue, running, validated, inexact, unfinished, .. } = *self;
        let flags = [backup, partial, fence, residue, running, validated, inexact, unfinished];
        let applied = self.applied.iter().chain([&self.half]).fold(0, |sum, n| sum << 2 | u64::from(*n & 3));
        flags.iter().fold(applied, |sum, flag| sum << 1 | u64::from(*flag))
    }

    /// A partial backup and its fence, as a crash in the midst of it leaves them.
    pub fn back_up_partly(&mut self) {
        self.partial = true;
        self.fence = true;
    }

    pub fn back_up(&mut self) {
        assert!(self.applied == [0; STEPS_MAX] && self.half == 0, "a backup of a changed database");
        *self = World { backup: true, fence: true, ..World::default() };
    }

    /// A step begins.
    pub fn begin_step(&mut self, index: usize) {
        assert!(self.backup && self.fence, "a step before a complete backup");
        assert!(!self.running, "two steps at once");
        assert!(self.applied[..index].iter().all(|n| *n == 1), "a step before those before it");
        assert!(self.applied[index..].iter().all(|n| *n == 0), "a step twice");
        self.running = true;
    }

    /// Another batch of it is there.
    pub fn apply_batch(&mut self, batch: u64) {
        assert_eq!(u64::from(self.half) + 1, batch, "a batch twice, or one left out");
        self.half += 1;
        self.running = false;
    }

    /// Its effect is there.
    pub fn apply_step(&mut self, index: usize) {
        self.applied[index] += 1;
        self.half = 0;
        self.residue = false;
        self.running = false;
    }

    /// An undo.
    pub fn undo_step(&mut self, index: usize) {
        assert!(self.backup && !self.running, "an undo while a step runs");
        if self.half > 0 {
            self.half = 0;
            return;
        }
        assert_eq!(self.applied[index], 1, "an undo of what is not there");
        self.applied[index] -= 1;
    }

    /// A restore begins.
    pub fn begin_restore(&mut self) {
        assert!(self.backup, "a restore without a backup");
        assert!(!self.running, "a restore while a step runs");
    }

    /// It is done, and takes the fence away.
    pub fn restore(&mut self) {
        *self = World { backup: true, ..World::default() };
    }

    /// It is done but for single objects.
    pub fn restore_nearest(&mut self) {
        assert!(self.inexact, "something was left unfinished that nobody had tried to finish");
        *self = World { backup: true, unfinished: true, ..World::default() };
    }

    /// Whether everything is as it was.
    pub fn is_untouched(&self) -> bool {
        self.applied == [0; STEPS_MAX] && self.half == 0 && !self.residue
    }

    /// The run's last event is stored: fence and partial backup go with it.
    pub fn finish(&mut self) {
        self.fence = false;
        self.partial = false;
    }

    /// What must hold once a run has ended so.
    pub fn assert_fits(&self, outcome: &RunOutcome, steps: usize) {
        assert!(!self.running, "ended while a step runs");
        match outcome {
            RunOutcome::Succeeded => {
                assert!(self.validated, "success without after-checks");
                assert!(self.applied[..steps].iter().all(|n| *n == 1) && self.half == 0, "success without all steps");
                assert!(!self.fence, "a fence after success");
            }
            RunOutcome::Aborted(_) => {
                assert!(self.is_untouched(), "aborted, but changed");
                assert!(!self.fence && !self.partial, "aborted, but something is left");
            }
            RunOutcome::Restored { .. } | RunOutcome::RestoredExcept { .. } => {
                assert!(self.is_untouched(), "restored, but changed");
                assert!(!self.fence, "a fence after a restore");
                let is_named = matches!(outcome, RunOutcome::RestoredExcept { .. });
                assert_eq!(self.unfinished, is_named, "something is unfinished without being named, or the other way round");
            }
            RunOutcome::Accepted => assert!(!self.fence, "a fence after acceptance"),
            RunOutcome::Stuck(_) => assert!(self.backup, "stuck, and the backup is gone"),
        }
    }
}
