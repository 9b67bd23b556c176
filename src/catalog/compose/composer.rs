//! What all parts of a way back are written into.

use super::{step::ScriptStep, trees::Trees};
use crate::catalog::{
    body_references::BodyReferences,
    kind::ObjectKey,
    kinds::Changing,
    order::{Dependencies, DependencyGraph},
    reconciliation::Reconciliation,
    script::Action,
    statement::ObjectPair,
};

/// Steps, and what must come before each.
pub(super) type ScriptSteps = DependencyGraph<ScriptStep>;

/// Files a step under its usual rank.
pub(super) fn add(steps: &mut ScriptSteps, step: ScriptStep, needs: impl IntoIterator<Item = ScriptStep>) {
    let rank = step.rank();
    steps.insert(step, Dependencies::new(rank, needs.into_iter().collect()));
}

/// Actions in the making.
pub(super) struct Composer<'r, 'a> {
    pub(super) reconciliation: &'r Reconciliation<'a>,
    pub(super) actions: Vec<Action>,
    pub(super) trees: Trees,
    /// What the bodies of functions name.
    pub(super) named: BodyReferences<'a>,
    /// Whether row security holds after the last action.
    pub(super) row_security: bool,
}

impl Composer<'_, '_> {
    pub(super) fn run(&mut self, object: &ObjectKey, statements: impl IntoIterator<Item = String>) {
        self.actions.extend(statements.into_iter().map(|sql| Action::Sql { sql, object: object.clone() }));
    }

    pub(super) fn changing<'p>(&self, pair: ObjectPair<'p>) -> Changing<'p>
    where
        Self: 'p,
    {
        pair.changing(self.reconciliation.then, self.reconciliation.now)
    }
}
