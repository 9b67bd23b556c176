//! The fields of checks.

use serde_json::json;

use super::{
    super::{
        leaf::{AnyWords, Choice, Name, Words},
        shape::{Refusal, shape},
    },
    expect::{BOUNDS, ExpectForm},
    kind::{
        ColumnTypeForm, ColumnsForm, ConstraintForm, ExtensionForm, ForeignKeyForm, FunctionForm, IndexForm, MatchesForm,
        PolicyForm, PrivilegeForm, ReferencesForm, RowCountForm, RowSecurityForm, TableExistsForm, TablesForm,
    },
    rule::{any_of, exactly_one},
};
use crate::plan::Severity;

/// The kinds that a check may have; exactly one of them.
pub(in crate::load) const KINDS: [&str; 16] = [
    "table_exists",
    "column_type",
    "row_count",
    "not_null",
    "unique",
    "matches",
    "references",
    "foreign_key",
    "index",
    "row_security",
    "policy",
    "function",
    "constraint",
    "privilege",
    "extension",
    "sql",
];

shape! {
    /// A check: an id and exactly one kind.
    CheckForm, "a check: a map with `id` and what it asks" {
        /// Unique among the checks.
        must id: Name,
        /// What a failure means: fail (default), warn, or info, which only records the answer.
        may severity: Choice<Severity>,
        /// What to do about a failure.
        may hint: AnyWords,
        /// The tables exist, with at least these columns.
        may table_exists: TableExistsForm,
        /// The column has this type.
        may column_type: ColumnTypeForm,
        /// The number of rows lies in bounds.
        may row_count: RowCountForm,
        /// No row has NULL in any of the columns.
        may not_null: ColumnsForm,
        /// No two rows agree in all of the columns.
        may unique: ColumnsForm,
        /// Every value has the pattern.
        may matches: MatchesForm,
        /// Every row has its row in the other table: no orphans.
        may references: ReferencesForm,
        /// A validated foreign key from exactly these columns to the other table exists.
        may foreign_key: ForeignKeyForm,
        /// A valid index exists, of this name or with exactly these leading columns.
        may index: IndexForm,
        /// Row-level security is enabled, and forced, or not.
        may row_security: RowSecurityForm,
        /// Policies exist, of this name or at least so many.
        may policy: PolicyForm,
        /// Functions of these names exist, optionally with argument types: `is_member_of(uuid)`.
        may function: FunctionForm,
        /// A validated constraint exists, of this name, or of this kind over exactly these columns.
        may constraint: ConstraintForm,
        /// The role has, or has not, all of the privileges.
        may privilege: PrivilegeForm,
        /// The extension is installed.
        may extension: ExtensionForm,
        /// A query, whose answer must be as `expect` says.
        may sql: Words,
        /// What the answer of `sql` must be.
        may expect: ExpectForm,
    }
    rules json!([
        exactly_one(&KINDS),
        {"if": {"required": ["expect"]}, "then": {"required": ["sql"]}},
        {
            "if": {"not": {"required": ["severity"], "properties": {"severity": {"const": "info"}}}},
            "then": {
                "if": {"required": ["sql"]},
                "then": {"required": ["expect"]},
                "else": {"properties": {"row_count": any_of(&BOUNDS)}}
            }
        }
    ]);
}

shape! {
    /// What must be equal before and after: an id, and a query or a number of rows.
    InvariantForm, "a check: a map with `id` and `sql`" {
        /// Unique among the checks.
        must id: Name,
        /// What a difference means: fail (default), warn, or info, which only records the answers.
        may severity: Choice<Severity>,
        /// What to do about a difference.
        may hint: AnyWords,
        /// The number of rows.
        may row_count: TablesForm,
        /// A query, whose answer must stay equal.
        may sql: Words,
    }
    rules json!([exactly_one(&["row_count", "sql"])]);
    refuses |field| {
        let help = match field {
            "expect" => "Leave `expect` out: the answers before and after are compared with each other.",
            kind if KINDS.contains(&kind) => "Here only `sql` and `row_count` are asked; put this check under `before` or `after`.",
            _ => return None,
        };
        let message = format!("`{field}` means nothing under `unchanged`");
        Some(Refusal { code: "backstop::load::meaningless", message, help })
    };
}
