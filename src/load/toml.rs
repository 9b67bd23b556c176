//! TOML → tree.

use ::toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};
use toml_parser::{Source, lexer::TokenKind};

use super::{
    diagnostics::{Diagnostics, problem},
    node::{MapEntry, Meaning, NESTING_MAX, NODES_MAX, NodeKind, Scalar, ValueNode, place},
    problem::LoadProblem,
};

/// What the library says of a key that comes twice; its errors carry no code, and a test holds this text.
const DUPLICATE: &str = "duplicate key";

/// The tree of the text. Keys that come twice are reported and the first one stays; any other mistake ends the reading.
pub(super) fn parse(text: &str, diagnostics: &mut Diagnostics) -> Result<ValueNode, LoadProblem> {
    within_bounds(text)?;
    match DeTable::parse(text) {
        Ok(table) => Ok(map(text, 0..text.len(), table.into_inner())),
        Err(first) if first.message() != DUPLICATE => Err(syntax(text, &first)),
        Err(_) => {
            let (table, errors) = DeTable::parse_recoverable(text);
            if let Some(error) = errors.iter().find(|error| error.message() != DUPLICATE) {
                return Err(syntax(text, error));
            }
            for error in &errors {
                let at = error.span().unwrap_or(0..0);
                let key = text.get(at.clone()).unwrap_or_default();
                let message = format!("the field `{}` stands here a second time", key.trim_matches(['"', '\'']));
                let help = "Keep one of the two.";
                diagnostics.report("backstop::load::duplicate_field", place(at.start, at.len()), message, help);
            }
            Ok(map(text, 0..text.len(), table.into_inner()))
        }
    }
}

/// Counts nesting and values before the parser builds anything: it guards brackets, but not dotted keys, and a tree that
/// is a million keys deep would end the program when it is dropped.
fn within_bounds(text: &str) -> Result<(), LoadProblem> {
    let (mut depths, mut chain, mut values, mut line_is_blank) = (vec![0usize], 0, 0usize, true);
    for token in Source::new(text).lex() {
        let base = depths.last().copied().unwrap_or(0);
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                depths.push(base + chain + 1);
                (chain, values) = (0, values + 1);
            }
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                if depths.len() > 1 {
                    depths.pop();
                }
                chain = 0;
            }
            TokenKind::Comma => (chain, values) = (0, values + 1),
            // A line that isn't blank is an entry, or a mistake that the parser would note.
            TokenKind::Newline => (chain, values) = (0, values + usize::from(!line_is_blank)),
            TokenKind::Dot => chain += 1,
            TokenKind::Equals => values += 1,
            _ => {}
        }
        line_is_blank = match token.kind() {
            TokenKind::Newline => true,
            TokenKind::Whitespace | TokenKind::Comment => line_is_blank,
            _ => false,
        };
        let at = place(token.span().start(), token.span().len());
        if depths.last().copied().unwrap_or(0) + chain > NESTING_MAX {
            let message = format!("lists and maps are nested more than {NESTING_MAX} deep");
            return Err(problem("backstop::load::too_deep", at, message, "No plan needs that; is this the right file?"));
        }
        if values > NODES_MAX {
            let message = format!("the file holds more than {NODES_MAX} values");
            return Err(problem("backstop::load::too_many_values", at, message, "Split the plan."));
        }
    }
    Ok(())
}

fn map(text: &str, span: std::ops::Range<usize>, table: DeTable<'_>) -> ValueNode {
    let mut entries: Vec<MapEntry> = table
        .into_iter()
        .map(|(key, value)| MapEntry {
            key_at: place(key.span().start, key.span().len()),
            key: key.into_inner().into_owned(),
            value: node(text, value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_at.start);
    ValueNode { at: place(span.start, span.len()), kind: NodeKind::Map(entries) }
}

fn node(text: &str, value: Spanned<DeValue<'_>>) -> ValueNode {
    let span = value.span();
    let at = place(span.start, span.len());
    let written = text.get(span.clone()).unwrap_or_default().to_owned();
    let scalar = |text, meaning| ValueNode { at, kind: NodeKind::Scalar(Scalar { text, meaning }) };
    match value.into_inner() {
        DeValue::Table(table) => map(text, span, table),
        DeValue::Array(items) => {
            ValueNode { at, kind: NodeKind::List(items.into_iter().map(|item| node(text, item)).collect()) }
        }
        // A file is the same plan whichever line ends it was checked out with, as in YAML.
        DeValue::String(decoded) if written.contains("\r\n") => scalar(decoded.replace("\r\n", "\n"), Meaning::Text),
        DeValue::String(decoded) => scalar(decoded.into_owned(), Meaning::Text),
        DeValue::Boolean(flag) => scalar(written, Meaning::Flag(flag)),
        DeValue::Integer(integer) => scalar(written, whole(&integer)),
        DeValue::Float(float) => scalar(written, Meaning::Number(float.as_str().parse().unwrap_or(f64::NAN))),
        DeValue::Datetime(_) => scalar(written, Meaning::Date),
    }
}

fn whole(integer: &DeInteger<'_>) -> Meaning {
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(number) => Meaning::Integer(number),
        // Beyond 64 bits; where a count is wanted the message says so.
        Err(_) => Meaning::Number(integer.as_str().parse().unwrap_or(f64::INFINITY)),
    }
}

fn syntax(text: &str, error: &::toml::de::Error) -> LoadProblem {
    let span = error.span().unwrap_or(0..0);
    let at = place(span.start.min(text.len()), span.len());
    let help = "The line isn't TOML; texts need quotes, and texts of several lines stand between `'''` and `'''`.";
    problem("backstop::load::syntax", at, error.message(), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_still_calls_a_key_that_comes_twice_as_we_expect() {
        for text in ["a = 1\na = 2", "[a]\nb = 1\n[a]\nc = 2", "x = {a = 1, a = 2}", "a.b = 1\na.b = 2"] {
            let mut diagnostics = Diagnostics::default();
            parse(text, &mut diagnostics).unwrap();
            let (problems, _) = diagnostics.into_parts();
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].code, "backstop::load::duplicate_field");
        }
    }
}
