//! The tokens of one statement, asked for keywords.

use super::token::{Token, TokenKind};

/// The significant tokens of one statement.
#[derive(Clone, Copy)]
pub(super) struct StatementTokens<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl<'t> StatementTokens<'t> {
    /// The tokens, which hold neither white space nor comments, of the text.
    pub(super) fn of(text: &'t str, tokens: &'t [Token]) -> Self {
        StatementTokens { text, tokens }
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token's text; empty past the end.
    pub(super) fn text(&self, index: usize) -> &'t str {
        self.tokens.get(index).map_or("", |token| &self.text[token.range()])
    }

    /// Whether the token is of this kind.
    pub(super) fn is_kind(&self, index: usize, kind: TokenKind) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind == kind)
    }

    /// Whether the token is this keyword.
    pub(super) fn is(&self, index: usize, keyword: &str) -> bool {
        self.is_kind(index, TokenKind::Word) && self.text(index).eq_ignore_ascii_case(keyword)
    }

    /// Whether the token is one of these keywords.
    pub(super) fn is_any(&self, index: usize, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(index, keyword))
    }

    /// Whether these keywords stand one after the other from the token on.
    pub(super) fn are(&self, index: usize, keywords: &[&str]) -> bool {
        keywords.iter().enumerate().all(|(i, keyword)| self.is(index + i, keyword))
    }

    /// The tokens that stand outside of parentheses, parentheses included.
    pub(super) fn outer(&self) -> impl Iterator<Item = usize> + '_ {
        let mut depth = 0_usize;
        let tokens = self.tokens.iter().enumerate();
        let outer = tokens.filter(move |(_, token)| match token.kind {
            TokenKind::Open => {
                depth += 1;
                depth == 1
            }
            TokenKind::Close => {
                depth = depth.saturating_sub(1);
                depth == 0
            }
            _ => depth == 0,
        });
        outer.map(|(index, _)| index)
    }

    /// Whether the keyword stands outside of parentheses.
    pub(super) fn has_outer(&self, keyword: &str) -> bool {
        self.outer().any(|index| self.is(index, keyword))
    }

    /// Whether an option between parentheses right after the token, `(CONCURRENTLY, VERBOSE false)` for instance, is on.
    /// `None` where it isn't named.
    pub(super) fn option(&self, open: usize, name: &str) -> Option<bool> {
        if !self.is_kind(open, TokenKind::Open) {
            return None;
        }
        let inside = (open + 1..self.len()).take_while(|index| !self.is_kind(*index, TokenKind::Close));
        let at = inside.filter(|index| self.is(*index, name)).last()?;
        let value = if self.text(at + 1) == "=" { at + 2 } else { at + 1 };
        let off = self.is_any(value, &["FALSE", "OFF", "NO"]) || matches!(self.text(value), "0" | "'false'" | "'off'");
        Some(!off)
    }

    /// Whether this is the beginning of a CREATE RULE.
    pub(super) fn is_create_rule(&self) -> bool {
        self.are(0, &["CREATE", "RULE"]) || self.are(0, &["CREATE", "OR", "REPLACE", "RULE"])
    }
}
