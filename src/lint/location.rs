//! Where something is found.

use std::ops::Range;

use crate::plan::Place;

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// In the plan's file.
    Plan(Place),
    /// In the rendered SQL of a step.
    Sql {
        /// The step's position.
        step: usize,
        /// Which of its texts.
        part: StepPart,
        /// The bytes.
        range: Range<usize>,
    },
}

/// A text of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepPart {
    /// `sql`, or the file.
    Sql,
    /// `undo`
    Undo,
}

/// What a rule has to say.
#[derive(Debug, Default)]
pub(super) struct Said(pub(super) Vec<(At, String)>);

impl Said {
    /// Of a place in the plan.
    pub(super) fn at(&mut self, place: Place, message: impl Into<String>) {
        self.0.push((At::Plan(place), message.into()));
    }

    /// Of a place in a step's SQL.
    pub(super) fn in_sql(&mut self, step: usize, range: &Range<usize>, message: impl Into<String>) {
        self.0.push((At::Sql { step, part: StepPart::Sql, range: range.clone() }, message.into()));
    }
}
