//! Positions in a text, for people.

/// Most characters of a line that an excerpt shows; of a longer line it shows the part around the place.
const LINE_CHARS_MAX: usize = 100;

/// The byte where the character at the server's 1-based position stands
/// (<https://www.postgresql.org/docs/current/protocol-error-fields.html>); the end of the text where it has fewer.
pub fn byte_offset(text: &str, position: usize) -> usize {
    text.char_indices().nth(position.saturating_sub(1)).map_or(text.len(), |(at, _)| at)
}

/// Line and column of a byte, both from 1; the column counts characters.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..boundary(text, offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The line that a byte stands in, and a caret under it.
pub fn excerpt(text: &str, offset: usize) -> String {
    let offset = boundary(text, offset);
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let end = text[offset..].find('\n').map_or(text.len(), |length| offset + length);
    let before: Vec<char> = text[start..offset].chars().map(shown).collect();
    let after: Vec<char> = text[offset..end].trim_end().chars().map(shown).collect();
    // Half of the width for what comes before, more where what follows is short.
    let room_before = LINE_CHARS_MAX - after.len().min(LINE_CHARS_MAX / 2);
    let cut = before.len().saturating_sub(room_before);
    let kept = LINE_CHARS_MAX - (before.len() - cut);
    let (head, tail) = (if cut > 0 { "…" } else { "" }, if after.len() > kept { "…" } else { "" });
    let line: String = before.iter().skip(cut).chain(after.iter().take(kept)).collect();
    let indent = " ".repeat(head.chars().count() + before.len() - cut);
    format!("{head}{line}{tail}\n{indent}^")
}

/// The last boundary of a character at or before the byte.
fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// One column a character, so that the caret stands right.
fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_caret_stands_under_the_character() {
        let text = "SELECT 1;\n\tSELEKT 'ü', x\nFROM t";
        assert_eq!(excerpt(text, 11), " SELEKT 'ü', x\n ^");
        let offset = byte_offset(text, 24);
        assert_eq!(&text[offset..=offset], "x");
        assert_eq!(excerpt(text, offset), " SELEKT 'ü', x\n             ^");
        assert_eq!(line_column(text, offset), (2, 14));
        assert_eq!(excerpt("", 0), "\n^");
        assert_eq!(byte_offset("ab", 99), 2);
        assert_eq!(byte_offset("ab", 0), 0);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, 500);
        let (line, caret) = shown.split_once('\n').unwrap();
        assert_eq!(line.chars().count(), LINE_CHARS_MAX + 2);
        assert_eq!(line.chars().nth(caret.chars().count() - 1), Some('X'));
    }

    proptest! {
        #[test]
        fn any_offset_has_an_excerpt(text in "\\PC{0,300}", offset in 0_usize..400) {
            let shown = excerpt(&text, offset);
            let (line, caret) = shown.split_once('\n').unwrap();
            prop_assert!(caret.chars().count() <= line.chars().count() + 1);
            prop_assert!(line.chars().count() <= LINE_CHARS_MAX + 2);
        }
    }
}
