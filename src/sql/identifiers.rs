//! Names that stand in a text, wherever: more than it uses, never less, as far as they stand there and are not made.

use std::collections::BTreeSet;

use super::token::{TokenKind, Tokens};

/// How deep bodies of functions may stand in each other.
const DEPTH_MAX: usize = 4;

/// Every word and every dotted pair of words of a text, as schema and name, bodies between dollar signs included. What names a
/// table stands among them; keywords and columns do, too.
pub fn mentions(text: &str) -> BTreeSet<(Option<String>, String)> {
    let mut found = BTreeSet::new();
    collect(text, 0, &mut found);
    found
}

/// Where a word, in small letters, stands in a text first, in bytes: in a name, a string or a body, but not in a comment.
pub fn place_of(text: &str, word: &str) -> Option<usize> {
    let mut tokens = Tokens::of(text).map_while(Result::ok).filter(|token| token.is_significant());
    tokens.find(|token| text[token.range()].to_ascii_lowercase().contains(word)).map(|token| token.range().start)
}

fn collect(text: &str, depth: usize, found: &mut BTreeSet<(Option<String>, String)>) {
    let mut last: Option<String> = None;
    let mut after_dot = false;
    for token in Tokens::of(text).map_while(Result::ok).filter(|token| token.is_significant()) {
        let written = &text[token.range()];
        match token.kind {
            TokenKind::Word | TokenKind::QuotedIdent => {
                let name = name(token.kind, written);
                if after_dot && last.is_some() {
                    found.insert((last.take(), name.clone()));
                }
                found.insert((None, name.clone()));
                last = Some(name);
            }
            TokenKind::Dollar if depth < DEPTH_MAX => {
                collect(body(written), depth + 1, found);
                last = None;
            }
            TokenKind::Dot => {}
            _ => last = None,
        }
        after_dot = token.kind == TokenKind::Dot;
    }
}

fn name(kind: TokenKind, written: &str) -> String {
    match kind {
        TokenKind::QuotedIdent => {
            let inner = written.trim_start_matches(|c| c != '"').trim_matches('"');
            inner.replace("\"\"", "\"")
        }
        _ => written.to_lowercase(),
    }
}

/// What stands between the tags.
fn body(written: &str) -> &str {
    let tag = written[1..].find('$').map_or(written.len(), |end| end + 2);
    written.get(tag..written.len().saturating_sub(tag)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_wherever_they_stand() {
        let found = mentions(
            "UPDATE Public.Orders SET x = 'not.this' FROM \"Odd \"\"Name\"; DO $x$ BEGIN DELETE FROM app.gone; END $x$",
        );
        let has = |schema: Option<&str>, name: &str| found.contains(&(schema.map(str::to_owned), name.to_owned()));
        assert!(has(Some("public"), "orders") && has(None, "Odd \"Name") && has(Some("app"), "gone"));
        assert!(!has(Some("not"), "this"));
        assert_eq!(place_of("SELECT 1; -- a_b\n SET A_B = off", "a_b"), Some(22));
        assert_eq!(place_of("DO 'a_b'", "a_b").or(place_of("DO $x$ SET \"A_b\" $x$", "a_b")), Some(3));
        assert_eq!(place_of("/* a_b */ SELECT 1", "a_b"), None);
        assert!(mentions("$$").is_empty() && mentions("$é$ x").is_empty());
    }
}
