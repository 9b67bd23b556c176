//! What gets to the parser: it calls itself for what is nested, and so its stack is bounded before it is asked.

use super::super::token::{TokenKind, Tokens};

/// Deepest nesting that is read: of parentheses, and of operators and keywords that stand one behind the other in them.
const DEPTH_MAX: usize = 4_000;
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
            TokenKind::Dollar if is_too_deep_inside(&text[token.range()]) => return true,
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// The same of a body between dollars; bodies in bodies are texts to the parser.
fn is_too_deep_inside(dollar: &str) -> bool {
    let tag = dollar[1..].find('$').map_or(dollar.len(), |at| at + 2);
    let inside = dollar.get(tag..dollar.len().saturating_sub(tag)).unwrap_or_default();
    let mut levels = 0_usize;
    for token in Tokens::of(inside) {
        let Ok(token) = token else { return false };
        match token.kind {
            TokenKind::Open | TokenKind::Operator => levels += 1,
            TokenKind::Word if is_opening(&inside[token.range()]) => levels += 1,
            TokenKind::Close => levels = levels.saturating_sub(1),
            TokenKind::Semicolon | TokenKind::Comma => levels = levels.saturating_sub(levels / 2),
            _ => {}
        }
        if levels > DEPTH_MAX {
            return true;
        }
    }
    false
}

fn is_opening(word: &str) -> bool {
    ["begin", "if", "loop", "case", "not", "select", "and", "or", "union"]
        .iter()
        .any(|other| word.eq_ignore_ascii_case(other))
}
