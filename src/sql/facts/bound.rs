//! What gets to the parser: it calls itself for what is nested, and so its stack is bounded before it is asked.

use super::super::token::{TokenKind, Tokens};

/// Deepest nesting that is read: of parentheses, and of operators and keywords that stand one behind the other in them.
const DEPTH_MAX: usize = 2_000;
/// The stack of the thread that parses, in bytes: enough for [`DEPTH_MAX`] with a wide margin, in builds without optimization too.
pub(super) const STACK_BYTES: usize = 512 << 20;

/// Whether the statement is nested more deeply than is read. An operator may hold all that stands before it, so that each counts
/// until a comma or the parenthesis ends its list.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut open = vec![0_usize];
    let mut depth = 0_usize;
    for token in Tokens::of(text) {
        let Ok(token) = token else { return true };
        match token.kind {
            TokenKind::Open => {
                open.push(0);
                depth += 1;
            }
            TokenKind::Close => depth = depth.saturating_sub(1 + if open.len() > 1 { open.pop().unwrap_or(0) } else { 0 }),
            TokenKind::Comma | TokenKind::Semicolon => {
                if let Some(last) = open.last_mut() {
                    depth = depth.saturating_sub(std::mem::take(last));
                }
            }
            TokenKind::Operator | TokenKind::Word | TokenKind::Dot => {
                if let Some(last) = open.last_mut() {
                    *last += 1;
                    depth += 1;
                }
            }
            TokenKind::Dollar | TokenKind::Str if is_too_deep_inside(&text[token.range()]) => return true,
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// The same of a text that may be a body, quotes included; bodies in bodies are texts to the parser. Blocks are open until their END,
/// operators until their statement ends.
fn is_too_deep_inside(quoted: &str) -> bool {
    let inside = inside(quoted);
    let (mut parentheses, mut blocks, mut operators) = (0_usize, 0_usize, 0_usize);
    let mut after_end = false;
    for token in Tokens::of(inside) {
        // What our own lexer can't read the parser's may: so it counts as if all of it were nested.
        let Ok(token) = token else { return inside.matches(['(', '[']).count() > DEPTH_MAX || inside.len() > DEPTH_MAX * 8 };
        let word = &inside[token.range()];
        match token.kind {
            TokenKind::Open => parentheses += 1,
            TokenKind::Close => parentheses = parentheses.saturating_sub(1),
            TokenKind::Semicolon => operators = 0,
            TokenKind::Comma if parentheses == 0 => operators = 0,
            TokenKind::Word if word.eq_ignore_ascii_case("end") => blocks = blocks.saturating_sub(1),
            TokenKind::Word if opens_block(word) && !after_end => blocks += 1,
            TokenKind::Word | TokenKind::Operator | TokenKind::Dot => operators += 1,
            _ => {}
        }
        if token.is_significant() {
            after_end = word.eq_ignore_ascii_case("end");
        }
        if parentheses + blocks + operators > DEPTH_MAX {
            return true;
        }
    }
    false
}

fn inside(quoted: &str) -> &str {
    if let Some(rest) = quoted.strip_prefix('$') {
        let tag = rest.find('$').map_or(quoted.len(), |at| at + 2);
        return quoted.get(tag..quoted.len().saturating_sub(tag)).unwrap_or_default();
    }
    quoted.split_once('\'').and_then(|(_, rest)| rest.strip_suffix('\'')).unwrap_or_default()
}

fn opens_block(word: &str) -> bool {
    ["begin", "if", "loop", "case"].iter().any(|other| word.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_not_deep() {
        for text in [
            format!("INSERT INTO t VALUES {}(1)", "(1, 'a', now()), ".repeat(20_000)),
            format!("DO $$ BEGIN {} END $$", "IF true THEN NULL; END IF; PERFORM f(1 + 2);".repeat(20_000)),
            format!("SELECT '{}'", "some words of a long text ".repeat(300)),
            format!("SELECT 1 WHERE x IN ({}1)", "1, ".repeat(100_000)),
        ] {
            assert!(!is_too_deep(&text), "{}", &text[..60]);
        }
        for text in [
            format!("SELECT {}", "(".repeat(20_000)),
            format!("DO $$ BEGIN {} END $$", "IF true THEN NULL; ".repeat(20_000)),
            format!("DO 'BEGIN PERFORM {}1; END'", "(".repeat(20_000)),
        ] {
            assert!(is_too_deep(&text), "{}", &text[..60]);
        }
    }
}
