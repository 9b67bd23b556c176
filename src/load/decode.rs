//! Bytes → text that both parsers can take, or one clear problem.

use super::{diagnostics::problem, node::place, problem::LoadProblem};
use crate::plan::FILE_BYTES_MAX;

/// Bytes that are still shown after the first one that is no text.
const SHOWN_AFTER: usize = 80;

/// The text without its byte order mark; or as much of it as an excerpt needs, and what is wrong.
pub(super) fn decode(bytes: &[u8]) -> Result<String, (String, LoadProblem)> {
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("{} bytes are more than a plan may have", bytes.len());
        let help = format!("A plan has at most {FILE_BYTES_MAX} bytes; move long SQL to files and name them in `sql_file`.");
        return Err((String::new(), problem("backstop::load::too_large", place(0, 0), message, help)));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let message = "the file is UTF-16, not UTF-8";
        return Err((String::new(), problem("backstop::load::not_utf8", place(0, 0), message, "Save it as UTF-8.")));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    match text.char_indices().find(|(_, c)| is_control(*c)) {
        None => Ok(text.to_owned()),
        Some((at, c)) => {
            let message = format!("the control character U+{:04X} can't stand in a plan", u32::from(c));
            let help = "Is this a plan? Plans are text; in a quoted text write such a character as an escape.";
            let shown = format!("{}\u{FFFD}", &text[..at]);
            Err((shown, problem("backstop::load::control_character", place(at, '\u{FFFD}'.len_utf8()), message, help)))
        }
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> (String, LoadProblem) {
    let shown = String::from_utf8_lossy(bytes.get(..at + SHOWN_AFTER).unwrap_or(bytes)).into_owned();
    let message = format!("the byte 0x{:02X} is no UTF-8", bytes.get(at).copied().unwrap_or(0));
    (shown, problem("backstop::load::not_utf8", place(at, '\u{FFFD}'.len_utf8()), message, "Save the file as UTF-8."))
}

/// The characters that TOML forbids, and YAML as well but for the two separators that it tolerates.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}
