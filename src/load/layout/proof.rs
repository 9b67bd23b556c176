//! Whether two texts say the same: equal values wherever they stand, and equal comments.

use serde_yaml::granit_parser::{Event, Options, Parser};
use toml_parser::{Source, lexer::TokenKind};

use crate::load::{
    PlanFormat,
    node::{NodeKind, ValueNode},
};

/// Whether two values are the same, whatever the order of fields in maps; lists must have the same order.
pub(super) fn is_same(one: &ValueNode, other: &ValueNode) -> bool {
    match (&one.kind, &other.kind) {
        (NodeKind::Scalar(one), NodeKind::Scalar(other)) => one == other,
        (NodeKind::List(one), NodeKind::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (NodeKind::Map(one), NodeKind::Map(other)) => {
            let found = |key: &str| other.iter().find(|entry| entry.key == key);
            one.len() == other.len()
                && one.iter().all(|entry| found(&entry.key).is_some_and(|other| is_same(&entry.value, &other.value)))
        }
        _ => false,
    }
}

/// The comments of a text, sorted; nothing where it can't be read.
pub(super) fn comments(text: &str, format: PlanFormat) -> Option<Vec<String>> {
    let mut found = match format {
        PlanFormat::Yaml => of_yaml(text)?,
        PlanFormat::Toml => of_toml(text),
    };
    found.sort_unstable();
    Some(found)
}

fn of_yaml(text: &str) -> Option<Vec<String>> {
    let mut options = Options::default();
    options.set_emit_comments(true);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut found = Vec::new();
    while let Some(next) = parser.next_event() {
        if let (Event::Comment(comment, ..), _) = next.ok()? {
            found.push(comment.trim_end().to_owned());
        }
    }
    Some(found)
}

fn of_toml(text: &str) -> Vec<String> {
    let comment = |token: toml_parser::lexer::Token| {
        let written = text.get(token.span().start()..token.span().end()).unwrap_or_default();
        (token.kind() == TokenKind::Comment).then(|| written.trim_end().to_owned())
    };
    Source::new(text).lex().filter_map(comment).collect()
}
