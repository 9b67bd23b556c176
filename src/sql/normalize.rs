//! Text → the same without comments and layout.

use super::token::{Token, TokenKind, Tokens};

/// The tokens of the text with one blank between each two, without comments and without semicolons at the end: two texts
/// that differ in comments and layout only come out equal. A text that can't be read stays as it is.
///
/// What stands between quotes, the bodies of functions included, counts as it is.
pub fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending = 0_usize;
    for token in Tokens::of(text) {
        let Ok(Token { kind, start, end }) = token else { return text.to_owned() };
        match kind {
            TokenKind::Space | TokenKind::Comment => {}
            TokenKind::Semicolon => pending += usize::from(!out.is_empty() && pending == 0),
            _ => {
                for _ in 0..std::mem::take(&mut pending) {
                    out.push_str(" ;");
                }
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(&text[start..end]);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::split, *};
    use proptest::prelude::*;

    #[test]
    fn comments_and_layout_do_not_count() {
        let plain = normalized("SELECT a,b FROM t WHERE x=-1; DROP TABLE y");
        for same in [
            "SELECT a , b\n\tFROM t -- c\nWHERE x = -1;;\nDROP/* ; */TABLE y;",
            "; SELECT a,b FROM t WHERE x=-1;DROP TABLE y\n;",
        ] {
            assert_eq!(normalized(same), plain, "{same}");
        }
    }

    #[test]
    fn what_means_something_else_stays_different() {
        for (one, other) in [
            ("SELECT 'a b'", "SELECT 'a  b'"),
            ("SELECT 'a' 'b'", "SELECT 'a'\n'b'"),
            ("SELECT 1 < = 2", "SELECT 1 <= 2"),
            ("SELECT $$--a$$", "SELECT $$--b$$"),
            ("a; b", "a b"),
            ("SELECT \"a\"", "SELECT a"),
        ] {
            assert_ne!(normalized(one), normalized(other), "{one}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(text in r#"(select |[aE'"$;/*\-\n \[(.):1=+é]){0,40}"#) {
            let once = normalized(&text);
            if split(&text).is_ok() {
                prop_assert_eq!(normalized(&once), once);
            }
        }
    }
}
