//! How a value can be spelled in what is said of it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Shorter ones are taken out only where they stand alone, and have no encoded spellings: as parts of words they would be anywhere.
const CHARS_MIN: usize = 4;
/// Longest name that the server says back; it cuts longer ones (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>).
const NAME_BYTES_MAX: usize = 63;
/// Shortest line of a secret that is taken out by itself: texts of several lines are printed indented.
const LINE_CHARS_MIN: usize = 8;

/// One spelling of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) text: String,
    /// Whether it must stand alone.
    is_short: bool,
}

impl Spelling {
    /// The text without the spelling; none where it isn't there.
    pub(super) fn taken_out(&self, text: &str, instead: &str) -> Option<String> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let (mut out, mut from) = (String::new(), 0);
        for (at, found) in text.match_indices(self.text.as_str()) {
            let end = at + found.len();
            let is_part = self.is_short && (text[..at].ends_with(is_word) || text[end..].starts_with(is_word));
            if !is_part {
                out.push_str(&text[from..at]);
                out.push_str(instead);
                from = end;
            }
        }
        (from > 0).then(|| out + &text[from..])
    }
}

impl Spelling {
    /// Where a beginning of the spelling is the end of the text, if it is long enough to tell something.
    pub(super) fn begun_at_end_of(&self, text: &str) -> Option<usize> {
        let ends = self.text.char_indices().map(|(end, _)| end).skip(CHARS_MIN);
        ends.filter_map(|end| text.strip_suffix(self.text.get(..end)?)).map(str::len).min()
    }
}

/// Every spelling: as it is; as SQL quotes it, in constants with and without `E`, in names, in arrays and rows; in JSON, XML and URLs;
/// as hexadecimal and base64; cut like a name; and each of its lines.
pub(super) fn spellings(secret: &str) -> Vec<Spelling> {
    let is_short = secret.chars().count() < CHARS_MIN;
    let backslashes = secret.replace('\\', "\\\\");
    let json = serde_json::to_string(secret).unwrap_or_default();
    let mut texts = vec![
        secret.to_owned(),
        secret.trim().to_owned(),
        secret.replace('\'', "''"),
        secret.replace('"', "\"\""),
        backslashes.clone(),
        backslashes.replace('\'', "''"),
        backslashes.replace('"', "\\\""),
        backslashes.replace('"', "\"\""),
        backslashes.replace('\'', "\\'"),
        json.trim_matches('"').to_owned(),
        secret.escape_debug().to_string(),
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;"),
    ];
    if !is_short {
        texts.extend(encoded(secret));
        texts.extend(secret.lines().map(str::trim).filter(|line| line.chars().count() >= LINE_CHARS_MIN).map(str::to_owned));
        texts.push(secret.replace(['\n', '\r', '\t'], " "));
        if secret.len() > NAME_BYTES_MAX {
            let end = (0..=NAME_BYTES_MAX).rev().find(|end| secret.is_char_boundary(*end)).unwrap_or(0);
            texts.push(secret[..end].to_owned());
        }
    }
    texts.sort();
    texts.dedup();
    texts.retain(|text| !text.trim().is_empty());
    texts.into_iter().map(|text| Spelling { text, is_short }).collect()
}

fn encoded(secret: &str) -> Vec<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let percent = |upper: bool| -> String {
        let code = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        secret.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { code(byte) }).collect()
    };
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![
        percent(true).replace("%20", "+"),
        percent(true),
        percent(false),
        hexadecimal.to_ascii_uppercase(),
        hexadecimal,
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}
