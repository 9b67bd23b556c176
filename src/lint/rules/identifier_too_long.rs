//! A name that the server cuts.

use super::super::{
    example::{Example, sql},
    location::Said,
    rule::{Find, Group, Rule},
    step::StepFacts,
    subject::LintSubject,
};
use crate::plan::RuleLevel;
use crate::sql::{IDENT_BYTES_MAX, Token, TokenKind, Tokens};

/// A name that the server cuts.
pub(in crate::lint) const RULE: Rule = Rule {
    code: "identifier-too-long",
    title: "a name that the server cuts",
    group: Group::Halfway,
    level: RuleLevel::Warning,
    condition: "A name has more than 63 bytes.",
    effect: "The server cuts it and says so in a notice alone: two names that begin alike become one, and whoever looks \
        for the whole name in the catalog doesn't find it.",
    remedy: "Give it a shorter name.",
    manual: Some("https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS"),
    claim: None,
    bad: Example::Steps(&[sql("ALTER TABLE public.orders ADD CONSTRAINT \
            orders_total_is_a_positive_number_or_it_is_not_known_at_the_moment CHECK (total > 0) NOT VALID")]),
    good: Example::Steps(&[sql(
        "ALTER TABLE public.orders ADD CONSTRAINT orders_total_positive CHECK (total > 0) NOT VALID",
    )]),
    find: Find::Step(find),
};

fn find(_: &LintSubject<'_>, step: &StepFacts<'_>, said: &mut Said) {
    let sql = step.step.sql.shown();
    for token in Tokens::of(sql).map_while(Result::ok) {
        let bytes = bytes(&sql[token.range()], token);
        if bytes > IDENT_BYTES_MAX {
            let message = format!("the name has {bytes} bytes, and the server keeps {IDENT_BYTES_MAX} of them");
            said.in_sql(step.index, &token.range(), message);
        }
    }
}

/// How long the name is; of what is none, or is written with escapes, nothing is said.
fn bytes(text: &str, token: Token) -> usize {
    match token.kind {
        TokenKind::Word => text.len(),
        TokenKind::QuotedIdent => match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inside) => inside.replace("\"\"", "\"").len(),
            None => 0,
        },
        _ => 0,
    }
}
