//! A text without what its surroundings put into it: quotes, backslashes, letter case, breaks of lines.

/// The characters that XML has names for, but for `&` itself.
const NAMED: [(&str, char); 4] = [("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("apos;", '\'')];

/// What XML makes of `&`, again at each level.
const AMPERSAND: &str = "amp;";

/// The longest number of a character, with its `x` and `;`: `x10FFFF;`, and some zeros before it.
const NUMBER_BYTES: usize = 12;

/// What becomes of white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blanks {
    /// However much there is at a place, it is one blank: texts are indented and laid out.
    One,
    /// None of it is left: long texts are broken anywhere (base64 after 76 characters).
    Nothing,
}

/// A text in its plain form, and where each part of that stood.
#[derive(Debug, Clone, Default)]
pub(super) struct PlainForm {
    /// In lower case as to ASCII, which is how the server folds names; quotes and backslashes left out.
    pub(super) text: String,
    /// For each byte of it, the range of the text that its character stood in.
    places: Vec<(usize, usize)>,
}

impl PlainForm {
    pub(super) fn of(text: &str, blanks: Blanks) -> Self {
        let mut plain = PlainForm::default();
        let mut at = 0;
        while let Some((character, length)) = text.get(at..).and_then(next) {
            let end = at + length;
            match character {
                Some(character) if character.is_whitespace() => plain.push_blank(blanks, (at, end)),
                Some(character) => plain.push(character, (at, end)),
                None => {}
            }
            at = end;
        }
        plain
    }

    /// Where a range of the plain form stood in the text; none for one that is empty.
    pub(super) fn place(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let (first, _) = self.places.get(start)?;
        let (_, last) = self.places.get(end.checked_sub(1)?)?;
        (first < last).then_some((*first, *last))
    }

    fn push(&mut self, character: char, place: (usize, usize)) {
        self.text.push(character.to_ascii_lowercase());
        self.places.resize(self.text.len(), place);
    }

    fn push_blank(&mut self, blanks: Blanks, place: (usize, usize)) {
        if blanks == Blanks::One && !self.text.ends_with(' ') {
            self.push(' ', place);
        }
    }
}

/// What the text begins with, and its length in bytes; no character where it only quotes.
fn next(text: &str) -> Option<(Option<char>, usize)> {
    let first = text.chars().next()?;
    match first {
        '"' | '\'' => Some((None, 1)),
        '\\' => match text.as_bytes().get(1) {
            Some(b'n' | b'r' | b't') => Some((Some(' '), 2)),
            _ => Some((None, 1)),
        },
        '&' => Some(reference(text)),
        _ => Some((Some(first), first.len_utf8())),
    }
}

/// What XML writes in place of a character, escaped however often; likewise.
fn reference(text: &str) -> (Option<char>, usize) {
    let mut at = 1;
    while text.get(at..).is_some_and(|rest| rest.starts_with(AMPERSAND)) {
        at += AMPERSAND.len();
    }
    let rest = text.get(at..).unwrap_or_default();
    let named = NAMED.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, character)| (*character, name.len()));
    match named.or_else(|| numbered(rest)) {
        Some(('"' | '\'' | '\\', length)) => (None, at + length),
        Some((character, length)) => (Some(character), at + length),
        None => (Some('&'), at),
    }
}

/// The character that `#228;` or `#xE4;` stands for, and the length of that.
fn numbered(text: &str) -> Option<(char, usize)> {
    let number = text.strip_prefix('#')?;
    let end = number.bytes().take(NUMBER_BYTES).position(|byte| byte == b';')?;
    let digits = number.get(..end)?;
    let code = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some((char::from_u32(code.ok()?)?, "#;".len() + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_quotes_is_left_out_and_places_are_known() {
        let text = "x E'A''\\\\b\"\"' &lt;ü&amp;";
        let plain = PlainForm::of(text, Blanks::One);
        assert_eq!(plain.text, "x eab <ü&");
        let (start, end) = plain.place(3, 5).unwrap();
        assert_eq!(&text[start..end], "A''\\\\b");
        let (start, end) = plain.place(6, 10).unwrap();
        assert_eq!(&text[start..end], "&lt;ü&amp;");
        assert_eq!(plain.place(3, 3), None);
    }

    #[test]
    fn what_xml_writes_in_place_of_a_character_is_that_character() {
        let plain = |text| PlainForm::of(text, Blanks::One).text;
        assert_eq!(plain("P&#xE4;ss&#228;&#x000E4;w&#10;x"), "pässääw x");
        assert_eq!(plain("a&lt;b &amp;lt; &amp;amp;lt; &amp;#xe4;"), "a<b < < ä");
        assert_eq!(plain("&quot;a&#34;&#39;&#x27;&#92;b&amp;quot;"), "ab");
        for text in ["&", "&&", "&#;", "&#x;", "&#xD800;", "&#1114112;", "&#99999999999999;", "&#ü", "&amp"] {
            assert_eq!(plain(text), text.to_lowercase());
        }
    }

    #[test]
    fn blanks_and_their_escapes_are_alike() {
        assert_eq!(PlainForm::of("a\n   b\\tc  d", Blanks::One).text, "a b c d");
        assert_eq!(PlainForm::of("a\n   b\\tc  d", Blanks::Nothing).text, "abcd");
    }
}
