//! The server's text of an expression, in a form that the server reads back as the same.
//!
//! `x IN ('a', 'b')` on a varchar is kept as an array of varchars that is then cast to text[], and printed as
//! `(ARRAY['a'::character varying, 'b'::character varying])::text[]`. Read back, a cast that stands directly behind ARRAY[…]
//! goes to the elements instead, so that another expression comes out, which is printed differently once more. Saying the
//! array's own type first keeps the two casts apart: `(ARRAY[…]::character varying[])::text[]`. No node comes of it, so the
//! server prints the recorded text again.
//!
//! <https://www.postgresql.org/docs/current/sql-expressions.html#SQL-SYNTAX-ARRAY-CONSTRUCTORS>

use crate::sql::{Token, TokenKind, Tokens};

/// The text as it must be given to the server. One in which nothing is recognized stays what it is.
pub(crate) fn source_form(text: &str) -> String {
    let Ok(tokens) = Tokens::of(text).collect::<Result<Vec<Token>, _>>() else { return text.to_owned() };
    let tokens: Vec<Token> = tokens.into_iter().filter(Token::is_significant).collect();
    let reading = TokenCursor { text, tokens: &tokens };
    let mut form = String::with_capacity(text.len());
    let mut copied = 0;
    for at in 0..tokens.len() {
        if let Some((end, element)) = reading.array(at) {
            form.push_str(&text[copied..end]);
            form.push_str(&format!("::{element}[]"));
            copied = end;
        }
    }
    form.push_str(&text[copied..]);
    form
}

struct TokenCursor<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl TokenCursor<'_> {
    /// Where an ARRAY[…] that begins at this token and is cast as a whole ends, and the type of its elements.
    fn array(&self, at: usize) -> Option<(usize, String)> {
        if !self.is(at, "ARRAY") || !self.is(at + 1, "[") {
            return None;
        }
        let close = self.closing(at + 1)?;
        let mut behind = close + 1;
        if at > 0 && self.is(at - 1, "(") && self.is(behind, ")") {
            behind += 1;
        }
        if !self.is(behind, "::") || !self.is_array_type(behind + 1) {
            return None;
        }
        let mut elements = self.elements(at + 2, close).map(|(from, to)| self.type_of(from, to));
        let first = elements.next()??;
        elements.all(|other| other.as_ref() == Some(&first)).then_some((self.tokens.get(close)?.end, first))
    }

    /// First token and end of each element between two tokens.
    fn elements(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
        let mut depth = 0_usize;
        let mut start = from;
        let mut found = Vec::new();
        for (at, token) in self.tokens.iter().enumerate().take(to).skip(from) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => {
                    found.push((start, at));
                    start = at + 1;
                }
                _ => {}
            }
        }
        found.push((start, to));
        found.into_iter()
    }

    /// The type of an element that is nothing but a constant, a column or something in parentheses, and one cast.
    fn type_of(&self, from: usize, to: usize) -> Option<String> {
        let mut at = match self.tokens.get(from)?.kind {
            TokenKind::Open => self.closing(from)? + 1,
            TokenKind::Str | TokenKind::Number | TokenKind::Word | TokenKind::QuotedIdent => from + 1,
            _ => return None,
        };
        while self.is(at, ".") {
            at += 2;
        }
        if !self.is(at, "::") || at + 1 >= to {
            return None;
        }
        let mut words = String::new();
        at += 1;
        while at < to {
            let token = *self.tokens.get(at)?;
            match token.kind {
                // Its modifier is the element's, not the array's.
                TokenKind::Open if self.is(at, "(") => {
                    at = self.closing(at)? + 1;
                    continue;
                }
                TokenKind::Word | TokenKind::QuotedIdent => {
                    if !words.is_empty() && !words.ends_with('.') {
                        words.push(' ');
                    }
                    words.push_str(&self.text[token.range()]);
                }
                TokenKind::Dot => words.push('.'),
                _ => return None,
            }
            at += 1;
        }
        Some(words).filter(|words| !words.is_empty())
    }

    /// Whether a type's name begins here and ends in `[]`.
    fn is_array_type(&self, from: usize) -> bool {
        let is_name = |at: &usize| {
            let kind = self.tokens.get(*at).map(|token| token.kind);
            matches!(kind, Some(TokenKind::Word | TokenKind::QuotedIdent | TokenKind::Dot))
        };
        let end = (from..).find(|at| !is_name(at)).unwrap_or(from);
        end > from && self.is(end, "[") && self.is(end + 1, "]")
    }

    /// The token that closes what this one opens.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| &self.text[token.range()] == word)
    }
}

#[cfg(test)]
mod tests {
    use super::source_form;

    #[test]
    fn an_array_that_is_cast_as_a_whole_says_its_own_type_first() {
        let cases = [
            (
                "CHECK (((x)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
                "CHECK (((x)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying]::character varying[])::text[])))",
            ),
            (
                "b::text <> ALL (ARRAY['it''s, (ARRAY['::character varying(9), (y)::character varying]::text[])",
                "b::text <> ALL (ARRAY['it''s, (ARRAY['::character varying(9), (y)::character varying]::character varying[]::text[])",
            ),
            (
                "((n)::inet = ANY ((ARRAY['10.0.0.0/8'::cidr])::inet[]) AND (d)::s.t = ANY ((ARRAY[NULL::\"S\".\"d d\"])::s.t[]))",
                "((n)::inet = ANY ((ARRAY['10.0.0.0/8'::cidr]::cidr[])::inet[]) AND (d)::s.t = ANY ((ARRAY[NULL::\"S\".\"d d\"]::\"S\".\"d d\"[])::s.t[]))",
            ),
        ];
        for (printed, expected) in cases {
            assert_eq!(source_form(printed), expected);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "",
            "(x > 5)",
            "(x = ANY (ARRAY['a'::text, 'b'::text]))",
            "(x = ANY ((ARRAY['a'::character varying, b])::text[]))",
            "(x = ANY ((ARRAY[('a'::character varying)::text, 'b'::character varying])::text[]))",
            "(x = ANY ((ARRAY[a + 'b'::character varying])::text[]))",
            "(x = ANY ((ARRAY[])::text[]))",
            "(array[1, 2])::text[]",
            "'(ARRAY[''a''::character varying])::text[]'::text",
            "$$ (ARRAY['a'::character varying])::text[] $$",
            "(ARRAY['a'::character varying])::text",
            "(ARRAY['a'::character varying",
            "ARRAY[",
            "'never closed",
            "]) ARRAY[)]::text[]",
            "x IN (ARRAY[ARRAY['a'::character varying], ARRAY['b'::character varying]])::text[]",
        ] {
            assert_eq!(source_form(text), text);
        }
    }
}
