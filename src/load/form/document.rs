//! The plan's own fields, and those of its sections.

use serde_json::json;

use super::{
    super::{
        scalar::{AnyWords, Choice, FormatTag, Listed, Listing, Name, NamedShapes, NonBlankText, Ranged, Timeout},
        shape::shape,
    },
    check::{CheckForm, InvariantForm},
    rule::when,
    step::{LintForm, StepForm},
    variable::VarForm,
};
use crate::plan::{OnFailure, OnInterrupt, Repeat, STEPS_MAX, Sequences, Transaction, Verify, Writers};

/// Most checks in a phase, targets in a backup.
const LIST_MAX: usize = STEPS_MAX;

shape! {
    /// What to change in a PostgreSQL database, how to know that it went well, and the way back.
    PlanForm, "a plan: a map with `format`, `name` and `steps`" {
        /// The version of this format.
        must format: FormatTag,
        /// How the journal knows the plan; a plan of a name is applied once.
        must name: Name,
        /// For people.
        may description: AnyWords,
        /// Who answers for it.
        may owner: AnyWords,
        /// Tickets, design documents.
        may links: Listing<0>,
        /// Names of plans that must have been applied before.
        may requires: Listing<0>,
        /// What happens when the content of an applied plan changed: never (default) refuses, on_change runs it again.
        may repeat: Choice<Repeat>,
        /// One transaction a step (default), or one for the whole plan.
        may transaction: Choice<Transaction>,
        /// Variables that templates use.
        may vars: NamedShapes<VarForm>,
        /// Files of macros, by path relative to the plan.
        may templates: Listing<0>,
        /// Settings of every session of the run.
        may session: SessionForm,
        /// What is copied before the first step.
        may backup: BackupForm,
        /// What must hold before and after, and stay equal.
        may checks: ChecksForm,
        /// What is done, in order.
        must steps: Listed<StepForm, 1, STEPS_MAX>,
        /// What a failure or an interruption leads to.
        may rollback: RollbackForm,
        /// Rules of `lint` that don't count in this plan, each with its reason.
        may lint: LintForm,
    }
    rules json!([
        when("transaction", json!("plan"), json!({
            "properties": {"steps": {"items": {
                "properties": {"transaction": {"not": {"const": "none"}}}, "not": {"required": ["batch"]}
            }}}
        })),
        {
            "if": {"required": ["rollback"], "properties": {"rollback": {
                "required": ["on_failure"], "properties": {"on_failure": {"const": "undo"}}
            }}},
            "then": {"properties": {"steps": {"items": {"required": ["undo"]}}}}
        }
    ]);
}

shape! {
    /// Settings of every session of the run.
    SessionForm, "a map of settings" {
        /// How long a statement may wait for a lock (5s).
        may lock_timeout: Timeout,
        /// How long a statement may run (30min).
        may statement_timeout: Timeout,
        /// How long a transaction may stand idle (10min).
        may idle_in_transaction_session_timeout: Timeout,
        /// Schemas that unqualified names are looked up in ([public]).
        may search_path: Listing<0>,
    }
}

shape! {
    /// What is copied before the first step, and what may change without a copy.
    BackupForm, "a map" {
        /// The schema that holds the copies (backup_pre_migration).
        may schema: NonBlankText,
        /// How many complete backups of this plan to keep (3).
        may keep: Ranged<1, { u32::MAX as u64 }>,
        /// Whether writes of the application to the targets are refused while the run goes on (block) or go through (allow).
        may writers: Choice<Writers>,
        /// Whether a restore lets sequences move backwards: forward (default) doesn't, exact does.
        may sequences: Choice<Sequences>,
        /// How far the backup is verified before the first step: digests (default) of the copies, or also a trial restore beside the live tables.
        may verify: Choice<Verify>,
        /// What is copied.
        may targets: Listed<TargetForm, 0, LIST_MAX>,
        /// Tables that steps may write to without a copy.
        may allow_uncovered: Listing<0>,
        /// The role that may call the functions for psql in the schema of the copies. They have their owner's rights then.
        may execute_role: NonBlankText,
        /// The role that may call them, read the copies and the journal, and make things in that schema.
        may admin_role: NonBlankText,
    }
}

shape! {
    /// Some tables that are copied the same way.
    TargetForm, "a map with `tables`" {
        /// Names or globs (`public.audit_*`), resolved when the run starts.
        must tables: Listing<1>,
        /// Names or globs of those of them that are left out.
        may exclude: Listing<0>,
    }
}

shape! {
    /// What must hold before and after, and stay equal.
    ChecksForm, "a map with `before`, `unchanged` and `after`" {
        /// Before the backup; a failure changes nothing.
        may before: Listed<CheckForm, 0, LIST_MAX>,
        /// Asked before and after; the answers must be equal.
        may unchanged: Listed<InvariantForm, 0, LIST_MAX>,
        /// After the last step; a failure leads to `rollback`.
        may after: Listed<CheckForm, 0, LIST_MAX>,
    }
}

shape! {
    /// What a failure or an interruption leads to.
    RollbackForm, "a map" {
        /// When a step or an after-check failed: restore (default) the backup, undo the steps, or hold for a person.
        may on_failure: Choice<OnFailure>,
        /// When a signal stopped the run: hold (default) for `resume`, or restore the backup.
        may on_interrupt: Choice<OnInterrupt>,
    }
}
