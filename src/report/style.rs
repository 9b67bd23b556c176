//! Colours, or none; and texts on one line.

use crate::secrets;

/// Whether a text may hold escape sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Letters and nothing else: for files and pipes.
    #[default]
    Plain,
    /// With colours (ECMA-48, Select Graphic Rendition): for terminals.
    Coloured,
}

/// What a colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Careful,
    Quiet,
    Strong,
}

impl Style {
    /// The text in this tone.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match (self, tone) {
            (Style::Plain, _) => return text.to_owned(),
            (Style::Coloured, Tone::Good) => "32",
            (Style::Coloured, Tone::Bad) => "31",
            (Style::Coloured, Tone::Careful) => "33",
            (Style::Coloured, Tone::Quiet) => "2",
            (Style::Coloured, Tone::Strong) => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    pub(super) fn good(self) -> String {
        self.paint(Tone::Good, "✓")
    }

    pub(super) fn bad(self) -> String {
        self.paint(Tone::Bad, "✗")
    }

    pub(super) fn careful(self) -> String {
        self.paint(Tone::Careful, "!")
    }

    pub(super) fn back(self) -> String {
        self.paint(Tone::Good, "↶")
    }
}

/// The text with characters that a terminal would act on written out: what comes from a database may hold any. Line breaks
/// and tabs stay.
pub(super) fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\n' => out.push(c),
            '\t' => out.push_str("    "),
            c if c.is_control() || is_direction(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        out
    })
}

/// The same on one line.
pub(super) fn one_line(text: &str) -> String {
    printable(text).replace('\n', "⏎")
}

/// The text without secrets, cut to so many characters, with … at its end where it is longer.
pub(super) fn shortened(text: &str, chars_max: usize) -> String {
    match secrets::beginning(text, chars_max) {
        (whole, false) => whole,
        (_, true) => secrets::beginning(text, chars_max - 1).0 + "…",
    }
}

/// Marks that turn the direction of the text after them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Every line of the text moved to the right.
pub(super) fn indented(text: &str, by: usize) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', by));
            out.push_str(line);
        }
        out.push('\n');
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_does_not_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\nc\\u{202e}d");
        assert_eq!(one_line("a\nb"), "a⏎b");
    }

    #[test]
    fn plain_is_plain() {
        assert_eq!(Style::Plain.good(), "✓");
        assert_eq!(Style::Coloured.good(), "\u{1b}[32m✓\u{1b}[0m");
    }
}
