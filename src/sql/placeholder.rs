//! Values that are not known yet, and what comes to stand in their places.
//!
//! A placeholder is a whole token: inside of a string, a body or a comment nothing is ever put in its place.

use super::token::{TokenKind, Tokens};

/// How often a text has a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholders {
    /// As a value.
    pub values: usize,
    /// Inside of a string, a dollar-quoted body or another identifier.
    pub quoted: usize,
}

impl Placeholders {
    /// How often the text has this one, an identifier in double quotes.
    pub fn of(text: &str, placeholder: &str) -> Self {
        let mut found = Placeholders { values: 0, quoted: 0 };
        for token in Tokens::of(text).map_while(Result::ok) {
            let text = &text[token.range()];
            match token.kind {
                TokenKind::QuotedIdent if text == placeholder => found.values += 1,
                TokenKind::Str | TokenKind::Dollar | TokenKind::QuotedIdent if text.contains(placeholder) => {
                    found.quoted += 1
                }
                _ => {}
            }
        }
        found
    }
}

/// The text with each placeholder's value in its place, in parentheses so that a cast belongs to nothing else.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for token in Tokens::of(text).map_while(Result::ok) {
        let known = &text[token.range()];
        let value = values.iter().find(|(name, _)| token.kind == TokenKind::QuotedIdent && *name == known);
        if let Some((_, value)) = value {
            out.push_str(&text[rest..token.start]);
            out.push('(');
            out.push_str(value);
            out.push(')');
            rest = token.end;
        }
    }
    out.push_str(&text[rest..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_filled() {
        let text = r#"UPDATE t SET a = '"x"', b = $$ "x" $$ /* "x" */ WHERE id >= "x" AND "x" <= id -- "x""#;
        assert_eq!(Placeholders::of(text, "\"x\""), Placeholders { values: 2, quoted: 2 });
        let filled =
            r#"UPDATE t SET a = '"x"', b = $$ "x" $$ /* "x" */ WHERE id >= ('1'::bigint) AND ('1'::bigint) <= id -- "x""#;
        assert_eq!(fill(text, &[("\"x\"", "'1'::bigint")]), filled);
        assert_eq!(fill("SELECT 'open \"x\"", &[("\"x\"", "1")]), "SELECT 'open \"x\"");
    }
}
