//! SQL that is put together without quoting.

use super::super::{
    example::{Example, sql},
    operation_context::OperationContext,
    rule::{Find, Group, Rule},
};
use crate::plan::RuleLevel;
use crate::sql::facts::{DynamicSqlQuoting, OperationKind};

/// SQL that is put together without quoting.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "dynamic-sql",
    title: "SQL that is put together without quoting",
    group: Group::Security,
    level: RuleLevel::Warning,
    condition: "EXECUTE in a DO block or a function of a text into which a value is put as it is.",
    effect: "A value that holds SQL is run as SQL, with the rights of whoever runs it.",
    remedy: "Use `format` with %I and %L, `quote_ident` and `quote_literal`, or EXECUTE … USING.",
    manual: Some("https://www.postgresql.org/docs/current/plpgsql-statements.html#PLPGSQL-QUOTE-LITERAL-EXAMPLE"),
    claim: None,
    bad: Example::Steps(&[sql("DO $$\n\
            DECLARE t text;\n\
            BEGIN\n\
            \x20 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP\n\
            \x20   EXECUTE 'ANALYZE public.' || t;\n\
            \x20 END LOOP;\n\
            END $$")]),
    good: Example::Steps(&[sql("DO $$\n\
            DECLARE t text;\n\
            BEGIN\n\
            \x20 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP\n\
            \x20   EXECUTE format('ANALYZE public.%I', t);\n\
            \x20 END LOOP;\n\
            END $$")]),
    find: Find::Anywhere(find),
};

fn find(done: &OperationContext<'_>) -> Option<String> {
    match done.action() {
        OperationKind::Execute { built: DynamicSqlQuoting::Raw } => Some("a value is put into the text as it is".to_owned()),
        _ => None,
    }
}
