//! How a value can be spelled in what is said of it.

use base64::{
    Engine,
    engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

use super::{
    json_parts,
    plain_form::{Blanks, PlainForm},
    typed_values::as_written,
};

/// Shorter ones are taken out only where they stand alone, and have no encoded spellings: as parts of words they would be anywhere.
const CHARS_MIN: usize = 4;
/// A part of a secret (a line, a string of a JSON document) that is shorter is taken out only where it stands alone.
const PART_CHARS_MIN: usize = 8;
/// From this length on a spelling is known with line breaks at any place in it.
const BROKEN_CHARS_MIN: usize = 16;
/// A name of at least as many bytes may be one that the server has cut: at 63 bytes, or before a character that does not fit
/// (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>).
const CUT_NAME_BYTES_MIN: usize = 60;
/// A beginning of a secret of as many characters is no chance, whatever it stands in.
const BEGINNING_CHARS_MIN: usize = 16;

/// One spelling of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    /// In its plain form.
    text: String,
    /// Whether it must stand alone.
    stands_alone: bool,
    /// Whether a name may hold it, of which the server keeps a beginning.
    is_of_name: bool,
}

/// A text that secrets are looked for in.
pub(super) struct Searched<'a> {
    text: &'a str,
    with_blanks: PlainForm,
    without_blanks: PlainForm,
}

impl<'a> Searched<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Searched {
            text,
            with_blanks: PlainForm::of(text, Blanks::One),
            without_blanks: PlainForm::of(text, Blanks::Nothing),
        }
    }
}

impl Spelling {
    fn of(text: &str, stands_alone: bool, is_of_name: bool) -> Option<Self> {
        let plain = PlainForm::of(text, Blanks::One).text.trim().to_owned();
        let may_be_broken = plain.chars().count() >= BROKEN_CHARS_MIN;
        let text = if may_be_broken { plain.replace(' ', "") } else { plain };
        (!text.is_empty()).then_some(Spelling { text, stands_alone, is_of_name })
    }

    /// The form of the text that it is looked for in.
    fn form<'s>(&self, searched: &'s Searched<'_>) -> &'s PlainForm {
        let may_be_broken = self.text.chars().count() >= BROKEN_CHARS_MIN;
        if may_be_broken { &searched.without_blanks } else { &searched.with_blanks }
    }

    /// Where it stands, whole or as the beginning that is left of it in a name.
    pub(super) fn places(&self, searched: &Searched<'_>) -> Vec<(usize, usize)> {
        let form = self.form(searched);
        let whole = form.text.match_indices(self.text.as_str()).filter_map(|(at, found)| form.place(at, at + found.len()));
        let mut places: Vec<(usize, usize)> =
            whole.filter(|place| !self.stands_alone || is_alone(searched.text, *place)).collect();
        if let (true, Some((needle, _))) = (self.is_of_name, self.text.char_indices().nth(CHARS_MIN)) {
            let begun = form.text.match_indices(self.text.get(..needle).unwrap_or_default()).filter_map(|(at, _)| {
                let rest = form.text.get(at..)?;
                let common = rest.chars().zip(self.text.chars()).take_while(|(one, other)| one == other);
                let (chars, bytes) = common.fold((0, 0), |(chars, bytes), (one, _)| (chars + 1, bytes + one.len_utf8()));
                let place = form.place(at, at + bytes)?;
                (chars >= BEGINNING_CHARS_MIN || name_bytes(searched.text, place) >= CUT_NAME_BYTES_MIN).then_some(place)
            });
            places.extend(begun);
        }
        places
    }

    /// Where a beginning of the spelling is the end of the text, if it is long enough to tell something.
    pub(super) fn begun_at_end_of(&self, searched: &Searched<'_>) -> Option<usize> {
        let form = self.form(searched);
        let ends = self.text.char_indices().map(|(end, _)| end).skip(CHARS_MIN);
        let starts = ends.filter_map(|end| form.text.strip_suffix(self.text.get(..end)?)).map(str::len);
        starts.min().and_then(|start| form.place(start, form.text.len())).map(|(start, _)| start)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_alone(text: &str, (start, end): (usize, usize)) -> bool {
    let before = text.get(..start).is_some_and(|before| before.ends_with(is_word));
    let after = text.get(end..).is_some_and(|after| after.starts_with(is_word));
    !before && !after
}

/// The length of the name that a place belongs to: between double quotes, or what may stand in a name without any.
fn name_bytes(text: &str, (start, end): (usize, usize)) -> usize {
    let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
    let in_name = |c: char| is_word(c) || matches!(c, '$' | '-');
    let quotes = |text: &str| text.starts_with('"');
    let bare = before.len() - before.trim_end_matches(in_name).len() + after.len() - after.trim_start_matches(in_name).len();
    let quoted = match (before.rfind(['"', '\n']), after.find(['"', '\n'])) {
        (Some(open), Some(close)) if before.get(open..).is_some_and(quotes) && after.get(close..).is_some_and(quotes) => {
            before.len() - open - 1 + close
        }
        _ => 0,
    };
    end - start + bare.max(quoted)
}

/// Every spelling, but for quotes, letter case and white space, in which all texts are compared alike: as it is, each of its lines, and
/// the values in it where it is a JSON document; encoded, and decoded; as the server writes values of types down.
pub(super) fn spellings(secret: &str) -> Vec<Spelling> {
    let mut all = of_value(secret, secret.chars().count() < CHARS_MIN);
    for part in json_parts::parts(secret).into_iter().filter(|part| part.chars().count() >= CHARS_MIN) {
        all.extend(of_value(&part, part.chars().count() < PART_CHARS_MIN));
    }
    all
}

fn of_value(secret: &str, stands_alone: bool) -> Vec<Spelling> {
    let is_document = secret.trim_start().starts_with(['{', '[']);
    let mut all: Vec<Option<Spelling>> = [secret.to_owned(), secret.to_lowercase(), secret.to_uppercase()]
        .iter()
        .map(|text| Spelling::of(text, stands_alone, !is_document))
        .collect();
    if secret.chars().count() >= CHARS_MIN {
        let lines = secret.lines().map(str::trim).filter(|line| line.chars().count() >= PART_CHARS_MIN);
        let encoded = encoded(secret.as_bytes(), secret).into_iter().chain(decoded(secret)).filter(|text| text != secret);
        all.extend(lines.map(str::to_owned).chain(encoded).map(|text| Spelling::of(&text, false, false)));
        all.extend(
            as_written(secret)
                .into_iter()
                .filter(|text| text.chars().count() >= CHARS_MIN)
                .map(|text| Spelling::of(&text, true, false)),
        );
    }
    all.into_iter().flatten().collect()
}

/// Hexadecimal and base64 of its bytes, and what URLs, `bytea_output = escape` and JSON in ASCII make of the text.
fn encoded(bytes: &[u8], text: &str) -> Vec<String> {
    let mut all = vec![hexadecimal(bytes)];
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        all.push(engine.encode(bytes));
        // Behind something else (`user:password`), and before something else: what does not depend on that.
        all.extend((0..3).map(|before| in_the_middle(engine, bytes, before)).filter(|core| core.len() >= PART_CHARS_MIN));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let percent: String = text
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect();
    all.extend([percent.replace("%20", "+"), percent]);
    if !text.is_ascii() {
        let octal = |byte: u8| if byte.is_ascii() { char::from(byte).to_string() } else { format!("{byte:03o}") };
        let ascii = |c: char| if c.is_ascii() { c.to_string() } else { utf16(c) };
        all.extend([text.bytes().map(octal).collect(), text.chars().map(ascii).collect()]);
    }
    all
}

fn utf16(c: char) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("u{unit:04x}")).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The characters of base64 that are the same whatever stands around: a character holds six bits.
fn in_the_middle(engine: &GeneralPurpose, bytes: &[u8], before: usize) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    engine.encode(&padded).get(first..last).unwrap_or_default().to_owned()
}

/// A key that is written as hexadecimal or base64 is shown as the bytes that it means, or as their text.
fn decoded(secret: &str) -> Vec<String> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent);
    let compact: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.strip_prefix("\\x").unwrap_or(&compact);
    let from_hex: Option<Vec<u8>> = (0..digits.len())
        .step_by(2)
        .map(|at| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let alphabets = [&base64::alphabet::STANDARD, &base64::alphabet::URL_SAFE];
    let from_base64 =
        alphabets.into_iter().find_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(compact.as_bytes()).ok());
    let mut all = Vec::new();
    for bytes in [from_hex, from_base64].into_iter().flatten().filter(|bytes| bytes.len() >= CHARS_MIN) {
        all.extend([hexadecimal(&bytes), STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)]);
        all.extend(String::from_utf8(bytes).ok().filter(|text| text.chars().count() >= PART_CHARS_MIN));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_known_behind_and_before_something_else() {
        for (before, after) in [("", ":x"), ("a", ""), ("ab", "c"), ("abc", "de")] {
            let text = STANDARD.encode(format!("{before}correct-horse{after}"));
            let known = spellings("correct-horse").iter().any(|spelling| !spelling.places(&Searched::of(&text)).is_empty());
            assert!(known, "{before} {after}: {text}");
        }
    }
}
