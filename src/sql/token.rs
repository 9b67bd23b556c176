//! Text → tokens, by the rules of PostgreSQL's own lexer (`src/backend/parser/scan.l`) with `standard_conforming_strings` on.
//!
//! It is our own because two rules decide where a statement ends that parsers for tools leave out: a string that goes on after
//! a line break keeps its kind (`E'a'⏎'b\''`), and an operator ends where a comment begins.

use std::ops::Range;

use super::problem::SqlProblem;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks, tabs, line breaks; a byte order mark at the start.
    Space,
    /// `-- …` or `/* … */`.
    Comment,
    /// A keyword or an unquoted identifier.
    Word,
    /// `"…"` or `U&"…"`.
    QuotedIdent,
    /// `'…'`, with or without a prefix, and what continues it on further lines.
    Str,
    /// `$tag$…$tag$`.
    Dollar,
    /// A number.
    Number,
    /// `$1`.
    Param,
    /// `;`
    Semicolon,
    /// `(` or `[`.
    Open,
    /// `)` or `]`.
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// An operator, `::` and `:=` included, or any other character.
    Operator,
}

/// A token and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte after its last one.
    pub(crate) end: usize,
}

impl Token {
    /// Its bytes.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether it says anything to the server.
    pub(crate) fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }
}

/// The tokens of a text, one after the other without gaps; ends after the first problem.
pub(crate) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    /// The tokens of the text.
    pub(crate) fn of(text: &'t str) -> Self {
        Tokens { text, at: 0 }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Result<Token, SqlProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let read = Scan { bytes: self.text.as_bytes(), start }.token();
        self.at = match &read {
            Ok((_, end)) => *end,
            Err(_) => self.text.len(),
        };
        Some(read.map(|(kind, end)| Token { kind, start, end }))
    }
}

/// Reads one token that starts at `start`. All ends lie at ASCII characters or after whole runs of others, so that they are
/// boundaries of characters.
struct Scan<'t> {
    bytes: &'t [u8],
    start: usize,
}

type TokenResult = Result<(TokenKind, usize), SqlProblem>;

impl Scan<'_> {
    fn token(&self) -> TokenResult {
        let start = self.start;
        let next = self.byte(start + 1);
        // There is one: the caller looks whether the text is at its end.
        match self.byte(start).unwrap_or_default() {
            0 => Err(SqlProblem::nul(start)),
            b'\xef' if start == 0 && self.bytes.starts_with("\u{feff}".as_bytes()) => Ok((TokenKind::Space, 3)),
            c if is_space(c) => Ok((TokenKind::Space, self.run(start, is_space))),
            b'-' if next == Some(b'-') => Ok((TokenKind::Comment, self.line_end(start))),
            b'/' if next == Some(b'*') => self.block_comment(),
            b'\'' => self.string(start, Escapes::Quotes),
            b'"' => self.quoted_ident(start),
            b'$' => self.dollar(),
            b'e' | b'E' if next == Some(b'\'') => self.string(start + 1, Escapes::QuotesAndBackslashes),
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if next == Some(b'\'') => self.string(start + 1, Escapes::Quotes),
            b'u' | b'U' if next == Some(b'&') && self.byte(start + 2) == Some(b'\'') => {
                self.string(start + 2, Escapes::Quotes)
            }
            b'u' | b'U' if next == Some(b'&') && self.byte(start + 2) == Some(b'"') => self.quoted_ident(start + 2),
            c if is_word_start(c) => Ok((TokenKind::Word, self.run(start, is_word))),
            c if c.is_ascii_digit() => Ok((TokenKind::Number, self.number())),
            b'.' if next.is_some_and(|c| c.is_ascii_digit()) => Ok((TokenKind::Number, self.number())),
            b'\\' => Err(self.psql_command()),
            c => Ok(self.mark(c)),
        }
    }

    fn mark(&self, c: u8) -> (TokenKind, usize) {
        let one = self.start + 1;
        match c {
            b';' => (TokenKind::Semicolon, one),
            b'(' | b'[' => (TokenKind::Open, one),
            b')' | b']' => (TokenKind::Close, one),
            b',' => (TokenKind::Comma, one),
            b'.' if self.byte(one) == Some(b'.') => (TokenKind::Operator, one + 1),
            b'.' => (TokenKind::Dot, one),
            b':' if matches!(self.byte(one), Some(b':' | b'=')) => (TokenKind::Operator, one + 1),
            c if is_operator(c) => (TokenKind::Operator, self.operator()),
            _ => (TokenKind::Operator, one),
        }
    }

    /// The longest run of operator characters that ends before a comment; a trailing sign belongs to what follows unless one
    /// of the characters that are rare in SQL stands in it.
    fn operator(&self) -> usize {
        let mut end = self.run(self.start, is_operator);
        let run = self.part(self.start, end);
        if let Some(comment) = run.windows(2).skip(1).position(|pair| pair == b"--" || pair == b"/*") {
            end = self.start + 1 + comment;
        }
        while end > self.start + 1 && matches!(self.byte(end - 1), Some(b'+' | b'-')) {
            if self.part(self.start, end - 1).iter().any(|c| b"~!@#^&|`?%".contains(c)) {
                break;
            }
            end -= 1;
        }
        end
    }

    fn block_comment(&self) -> TokenResult {
        let mut depth = 0_usize;
        let mut at = self.start;
        while let Some(byte) = self.byte(at) {
            match (byte, self.byte(at + 1)) {
                (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
                (b'*', Some(b'/')) => {
                    (depth, at) = (depth - 1, at + 2);
                    if depth == 0 {
                        return Ok((TokenKind::Comment, at));
                    }
                }
                (0, _) => return Err(SqlProblem::nul(at)),
                _ => at += 1,
            }
        }
        Err(SqlProblem::unterminated("the comment", "`*/`, once for each `/*`", self.start))
    }

    fn string(&self, quote: usize, escapes: Escapes) -> TokenResult {
        let mut at = quote + 1;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' if escapes == Escapes::QuotesAndBackslashes => at += 2,
                b'\'' if self.byte(at + 1) == Some(b'\'') => at += 2,
                b'\'' => match self.continuation(at + 1) {
                    Some(next) => at = next + 1,
                    None => return Ok((TokenKind::Str, at + 1)),
                },
                0 => return Err(SqlProblem::nul(at)),
                _ => at += 1,
            }
        }
        Err(SqlProblem::unterminated("the string", "a single quote", self.start))
    }

    /// Where the string that ended here goes on: after white space with a line break in it, comments to the line's end
    /// included.
    fn continuation(&self, mut at: usize) -> Option<usize> {
        let mut line_break = false;
        loop {
            match self.byte(at)? {
                b'\n' | b'\r' => (line_break, at) = (true, at + 1),
                c if is_space(c) => at += 1,
                b'-' if self.byte(at + 1) == Some(b'-') => at = self.line_end(at),
                b'\'' if line_break => return Some(at),
                _ => return None,
            }
        }
    }

    fn quoted_ident(&self, quote: usize) -> TokenResult {
        let mut at = quote + 1;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'"' if self.byte(at + 1) == Some(b'"') => at += 2,
                b'"' => return Ok((TokenKind::QuotedIdent, at + 1)),
                0 => return Err(SqlProblem::nul(at)),
                _ => at += 1,
            }
        }
        Err(SqlProblem::unterminated("the quoted identifier", "a double quote", self.start))
    }

    fn dollar(&self) -> TokenResult {
        let one = self.start + 1;
        if self.byte(one).is_some_and(|c| c.is_ascii_digit()) {
            return Ok((TokenKind::Param, self.run(one, |c| c.is_ascii_digit())));
        }
        let tag_end = match self.byte(one) {
            Some(c) if is_word_start(c) => self.run(one, |c| is_word(c) && c != b'$'),
            _ => one,
        };
        if self.byte(tag_end) != Some(b'$') {
            return Ok((TokenKind::Operator, one));
        }
        let body = tag_end + 1;
        let delimiter = self.part(self.start, body);
        match find(self.part(body, self.bytes.len()), delimiter) {
            Some(length) => match self.part(body, body + length).iter().position(|c| *c == 0) {
                Some(nul) => Err(SqlProblem::nul(body + nul)),
                None => Ok((TokenKind::Dollar, body + length + delimiter.len())),
            },
            None => {
                let tag = String::from_utf8_lossy(delimiter);
                Err(SqlProblem::unterminated("the dollar-quoted string", &format!("`{tag}`"), self.start))
            }
        }
    }

    fn number(&self) -> usize {
        let digit = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
        let radix = matches!(self.byte(self.start + 1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
        if self.byte(self.start) == Some(b'0') && radix {
            return self.run(self.start + 2, digit);
        }
        let decimal = |c: u8| c.is_ascii_digit() || c == b'_';
        let mut at = self.run(self.start, decimal);
        if self.byte(at) == Some(b'.') && self.byte(at + 1) != Some(b'.') {
            at = self.run(at + 1, decimal);
        }
        if matches!(self.byte(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
            if self.byte(at + 1 + sign).is_some_and(|c| c.is_ascii_digit()) {
                at = self.run(at + 1 + sign, decimal);
            }
        }
        at
    }

    fn psql_command(&self) -> SqlProblem {
        let word = self.run(self.start + 1, |c| !is_space(c) && c != b';');
        let command = String::from_utf8_lossy(self.part(self.start, word));
        SqlProblem::psql_command(&command.chars().take(20).collect::<String>(), self.start)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Nothing where the text ends before that.
    fn part(&self, from: usize, to: usize) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    fn run(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.part(from, self.bytes.len());
        rest.iter().position(|c| !wanted(*c)).map_or(self.bytes.len(), |length| from + length)
    }

    fn line_end(&self, from: usize) -> usize {
        self.run(from, |c| c != b'\n' && c != b'\r')
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Quotes,
    QuotesAndBackslashes,
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word_start(c: u8) -> bool {
    c == b'_' || c.is_ascii_alphabetic() || !c.is_ascii()
}

fn is_word(c: u8) -> bool {
    is_word_start(c) || c.is_ascii_digit() || c == b'$'
}

fn is_operator(c: u8) -> bool {
    b"~!@#^&|`?+-*/%<>=".contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<&str> {
        Tokens::of(text).map(|token| &text[token.unwrap().range()]).filter(|text| !text.trim().is_empty()).collect()
    }

    #[test]
    fn tokens_are_those_of_the_server() {
        assert_eq!(texts("a$b$c $1 1.5e-3 1..10"), ["a$b$c", "$1", "1.5e-3", "1", "..", "10"]);
        assert_eq!(texts("x=-1 y<=-z @-1 a->>'b'"), ["x", "=", "-", "1", "y", "<=", "-", "z", "@-", "1", "a", "->>", "'b'"]);
        assert_eq!(texts("2*/*c*/3 4+--c\n5"), ["2", "*", "/*c*/", "3", "4", "+", "--c", "5"]);
        assert_eq!(texts(r"E'a\'b' 'a\' N'x' U&'y' b'01'"), [r"E'a\'b'", r"'a\'", "N'x'", "U&'y'", "b'01'"]);
        assert_eq!(texts("E'a' -- c\n 'b\\'' 'c'"), ["E'a' -- c\n 'b\\''", "'c'"]);
        assert_eq!(texts("'a' 'b'"), ["'a'", "'b'"]);
        assert_eq!(texts("$a$ $$ $b$a$ $$x$$ $ $é$y$é$"), ["$a$ $$ $b$a$", "$$x$$", "$", "$é$y$é$"]);
        assert_eq!(texts("\u{feff}straße::text :=x"), ["\u{feff}", "straße", "::", "text", ":=", "x"]);
        assert_eq!(texts("/* a /* b */ c */ d"), ["/* a /* b */ c */", "d"]);
    }

    #[test]
    fn what_has_no_end_is_said_where_it_begins() {
        for (text, offset) in
            [("a 'b", 2), ("a \"b", 2), ("a /* /* */", 2), ("a $x$ $y$", 2), ("a E'\\'", 2), ("a \\d t", 2), ("a \0", 2)]
        {
            assert_eq!(Tokens::of(text).find_map(Result::err).map(|problem| problem.offset), Some(offset), "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_leave_no_gap_and_never_panic(text in r#"([aEe'"$\\;/*\-\n \[(.:0-9xuU&éß<>=+]|\PC){0,60}"#) {
            let mut at = 0;
            for token in Tokens::of(&text) {
                let Ok(token) = token else { return Ok(()) };
                prop_assert_eq!(token.start, at);
                prop_assert!(token.end > token.start);
                prop_assert!(text.is_char_boundary(token.end));
                at = token.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
