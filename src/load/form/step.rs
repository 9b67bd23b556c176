//! The fields of a step.

use serde_json::json;

use super::{
    super::{
        scalar::{Aim, AnyWords, Choice, Listed, Listing, Name, NonBlankText, Pause, Ranged, Timeout},
        shape::shape,
    },
    expect::RowsForm,
    rule::{exactly_one, none_of, when},
};
use crate::plan::{ATTEMPTS_MAX, StepTransaction};

/// Most exceptions that a plan or a step may make.
const EXCEPTIONS_MAX: usize = 1_000;

shape! {
    /// A piece of SQL that commits, or does not, as a whole.
    StepForm, "a step: a map with `id` and `sql`" {
        /// Unique among the steps.
        must id: Name,
        /// For people.
        may description: AnyWords,
        /// The SQL, a template.
        may sql: NonBlankText,
        /// A file of SQL, by path relative to the plan.
        may sql_file: NonBlankText,
        /// none: outside of any transaction, for what PostgreSQL refuses in one (CREATE INDEX CONCURRENTLY).
        may transaction: Choice<StepTransaction>,
        /// Many short transactions, each over a range of a key; `{{ batch.first }}` and `{{ batch.last }}` are its bounds.
        may batch: BatchForm,
        /// What to do about transient failures: lock timeouts, deadlocks, lost connections.
        may retry: RetryForm,
        /// How many rows the step's last row-changing statement must report, looked at before the commit.
        may expect_rows: RowsForm,
        /// After-checks that are also run before this step's commit, by id.
        may checks: Listing<0>,
        /// SQL that takes the step back.
        may undo: NonBlankText,
        /// For `transaction: none`: a query whose boolean says whether the step has been applied.
        may probe: NonBlankText,
        /// Instead of the session's.
        may lock_timeout: Timeout,
        /// Instead of the session's.
        may statement_timeout: Timeout,
        /// Rules of `lint` that don't count in this step, each with its reason.
        may lint: LintForm,
    }
    rules json!([
        exactly_one(&["sql", "sql_file"]),
        when("transaction", json!("none"), none_of(&["expect_rows", "checks", "batch"])),
        {"if": {"required": ["batch"]}, "then": none_of(&["expect_rows"])},
        {"if": {"required": ["probe"]}, "then": {
            "required": ["transaction"], "properties": {"transaction": {"const": "none"}}
        }}
    ]);
}

shape! {
    /// Exceptions from the rules of `lint`.
    LintForm, "a map with `allow`" {
        /// Each with its reason; they are reported.
        must allow: Listed<ExceptionForm, 1, EXCEPTIONS_MAX>,
    }
}

shape! {
    /// One rule that doesn't count.
    ExceptionForm, "a map with `rule` and `reason`" {
        /// The rule's code, as `backstop lint --rules` lists them.
        must rule: NonBlankText,
        /// Why, for those who review the plan.
        must reason: NonBlankText,
    }
}

shape! {
    /// What to do about transient failures.
    RetryForm, "a map with `attempts` and `backoff`" {
        /// How often the step is tried, the first time included (3).
        may attempts: Ranged<1, { ATTEMPTS_MAX as u64 }>,
        /// The pause before the second attempt, doubled before each further one (1s).
        may backoff: Pause,
    }
}

shape! {
    /// How a step is cut into batches.
    BatchForm, "a map with `table` and `key`" {
        /// The table whose rows are gone through.
        must table: NonBlankText,
        /// Its column that orders them: without NULL, at the head of an index.
        must key: NonBlankText,
        /// How many rows the first batch has (1000), a template; what follows is fitted to `target`.
        may size: NonBlankText,
        /// How long a batch is to take (1s), 60 seconds at most.
        may target: Aim,
        /// How far the slowest replica may be behind before the next batch waits.
        may max_lag: Timeout,
    }
}
