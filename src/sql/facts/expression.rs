//! What rules need to know of expressions.

use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::{
    node::{child, find, string, words},
    operation::{DynamicSqlQuoting, OperationKind, Truth},
    table_action::Default,
};

/// Functions of the server and of its extensions whose value is another one for each row
/// (<https://www.postgresql.org/docs/current/xfunc-volatility.html>).
const VOLATILE: [&str; 16] = [
    "random",
    "random_normal",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "gen_random_bytes",
    "gen_salt",
    "clock_timestamp",
    "timeofday",
    "nextval",
    "currval",
    "setval",
    "pg_notify",
];

/// The default of a column.
pub(super) fn default(node: &SyntaxNode) -> Default {
    let volatile = node.descendants().filter(|below| below.kind() == SyntaxKind::CALL_EXPR).find_map(|call| {
        let called = words(&call.first_child()?).to_ascii_lowercase();
        let bare = called.rsplit('.').next().unwrap_or_default().trim();
        VOLATILE.contains(&bare).then(|| bare.to_owned())
    });
    volatile.map_or(Default::Constant, Default::Volatile)
}

/// The column of `CHECK (column IS NOT NULL)`.
pub(super) fn not_null(check: &SyntaxNode) -> Option<String> {
    let compared = child(check, SyntaxKind::BIN_EXPR)?;
    let [subject, is_not, null] = compared.children().collect::<Vec<_>>().try_into().ok()?;
    let says = is_not.kind() == SyntaxKind::IS_NOT && words(&null).eq_ignore_ascii_case("null");
    (says && subject.kind() == SyntaxKind::NAME_REF).then(|| super::node::name(&subject))?.map(|name| name.name)
}

/// What is known of the condition in a clause.
pub(super) fn truth(clause: &SyntaxNode) -> Truth {
    let inside = words(clause).to_ascii_lowercase();
    let inside =
        inside.split_once('(').map_or("", |(_, rest)| rest).trim_end_matches([')', ' ']).trim_start_matches(['(', ' ']);
    match inside {
        "true" | "1 = 1" | "'true'" | "not false" => Truth::Always,
        _ => Truth::Depends,
    }
}

/// Whether the expression is more than a name with casts.
pub(super) fn computes(expression: &SyntaxNode) -> bool {
    expression.descendants().any(|below| {
        matches!(
            below.kind(),
            SyntaxKind::BIN_EXPR
                | SyntaxKind::CALL_EXPR
                | SyntaxKind::CASE_EXPR
                | SyntaxKind::PREFIX_EXPR
                | SyntaxKind::POSTFIX_EXPR
                | SyntaxKind::SELECT
        )
    })
}

/// EXECUTE, FOR … IN EXECUTE and RETURN QUERY EXECUTE.
pub(super) fn executed(node: &SyntaxNode) -> Option<OperationKind> {
    let query = child(node, SyntaxKind::PLPGSQL_EXPR)?;
    Some(OperationKind::Execute { built: built(&query) })
}

fn built(query: &SyntaxNode) -> DynamicSqlQuoting {
    let joined = query.descendants().filter(|below| below.kind() == SyntaxKind::BIN_EXPR).any(|pair| {
        let joins = words(&pair).contains("| |") || words(&pair).contains("||");
        joins && pair.children().any(|side| is_raw(&side))
    });
    let formats = |call: &SyntaxNode| call.first_child().is_some_and(|called| words(&called).eq_ignore_ascii_case("format"));
    let mut calls = query.descendants().filter(|below| below.kind() == SyntaxKind::CALL_EXPR);
    let formatted = calls.any(|call| formats(&call) && format_puts_in_raw(&call));
    let whole = find(query, SyntaxKind::TARGET).and_then(|target| target.first_child());
    let is_variable = whole.is_some_and(|whole| matches!(whole.kind(), SyntaxKind::FIELD_EXPR));
    if joined || formatted || is_variable { DynamicSqlQuoting::Raw } else { DynamicSqlQuoting::Safely }
}

/// Whether one side of `||` is neither written out nor quoted.
fn is_raw(side: &SyntaxNode) -> bool {
    match side.kind() {
        SyntaxKind::LITERAL | SyntaxKind::BIN_EXPR | SyntaxKind::CUSTOM_OP => false,
        SyntaxKind::CALL_EXPR => {
            let called = side.first_child().map(|called| words(&called).to_ascii_lowercase()).unwrap_or_default();
            !matches!(called.as_str(), "quote_ident" | "quote_literal" | "quote_nullable" | "format")
        }
        SyntaxKind::CAST_EXPR => {
            let data_type = words(side).to_ascii_lowercase();
            !["regclass", "regproc", "regprocedure", "regtype", "regrole", "int", "integer", "bigint"]
                .iter()
                .any(|safe| data_type.contains(&format!(": : {safe}")) || data_type.contains(&format!(":: {safe}")))
        }
        SyntaxKind::PAREN_EXPR => side.children().any(|inner| is_raw(&inner)),
        _ => true,
    }
}

/// Whether `format` has a `%s` among its places.
fn format_puts_in_raw(call: &SyntaxNode) -> bool {
    let Some(first) = find(call, SyntaxKind::LITERAL) else { return false };
    let text = string(&first).unwrap_or_else(|| words(&first));
    let text = text.replace("%%", "");
    text.match_indices('%').any(|(at, _)| {
        let place = text[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '$' | '-' | '*'));
        place.starts_with('s')
    })
}
