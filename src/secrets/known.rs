//! The secrets that this process has seen, and texts without them.

use std::{
    borrow::Cow,
    sync::{PoisonError, RwLock},
};

use serde_json::Value;

use super::spellings::{Spelling, spellings};
use crate::limits::unmetered;

/// Stands where a secret stood.
const STARS: &str = "***";
/// The spellings of all secrets, the longest first: where one holds another, all of it goes.
static KNOWN: RwLock<Vec<Spelling>> = RwLock::new(Vec::new());

/// Remembers a secret for as long as the process lives.
pub fn keep(secret: &str) {
    // What is empty, blank or made of stars can't be told from what is no secret.
    if secret.trim().trim_matches('*').is_empty() || secret.starts_with(STARS) {
        return;
    }
    // Secrets come to be known where plans are rendered, within bounds; everybody else waits for this lock.
    unmetered(|| {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        for spelling in spellings(secret) {
            if !known.contains(&spelling) {
                known.push(spelling);
            }
        }
        known.sort_by(|one, other| other.text.len().cmp(&one.text.len()).then_with(|| one.text.cmp(&other.text)));
    });
}

/// The text with stars where a secret stood.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let mut out = Cow::Borrowed(text);
    for spelling in known.iter() {
        if let Some(without) = spelling.taken_out(&out, STARS) {
            out = Cow::Owned(without);
        }
    }
    out
}

/// The first characters of the text without secrets, and whether there are more. Everything that shortens what is shown shortens it here:
/// cut first, a secret would not be known again.
pub fn beginning(text: &str, chars_max: usize) -> (String, bool) {
    let text = redacted(text);
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => (text.get(..end).unwrap_or_default().to_owned(), true),
        None => (text.into_owned(), false),
    }
}

/// [`redacted`] of a text that somebody else may have cut: with stars, too, where it ends with the beginning of a secret.
pub fn redacted_cut(text: &str) -> String {
    let text = redacted(text);
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    match known.iter().filter_map(|spelling| spelling.begun_at_end_of(&text)).min() {
        Some(at) => text.get(..at).unwrap_or_default().to_owned() + STARS,
        None => text.into_owned(),
    }
}

/// The same as [`redacted`] of every text in a value; the names of fields stay.
pub fn redacted_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(without) = redacted(text) {
                *text = without;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redacted_json),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| redacted_json(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_in_every_spelling() {
        let secret = "pa'ss\\wo\"rd <ü> 1";
        keep(secret);
        let json = serde_json::to_string(&[secret]).unwrap();
        for text in [
            format!("bad token: {secret} given"),
            format!("SET x = '{}'", secret.replace('\'', "''")),
            format!("SET x = E'{}'", secret.replace('\\', "\\\\").replace('\'', "''")),
            format!("role \"{}\"", secret.replace('"', "\"\"")),
            format!("{{\"{}\"}}", secret.replace('\\', "\\\\").replace('"', "\\\"")),
            format!("(1,\"{}\")", secret.replace('\\', "\\\\").replace('"', "\"\"")),
            json,
            "?x=pa%27ss%5Cwo%22rd%20%3C%C3%BC%3E%201".to_owned(),
            "?x=pa%27ss%5Cwo%22rd+%3C%C3%BC%3E+1".to_owned(),
            "x=pa%27ss%5cwo%22rd%20%3c%c3%bc%3e%201".to_owned(),
            "cGEnc3Ncd28icmQgPMO8PiAx".to_owned(),
            "<failure message=\"pa&apos;ss\\wo&quot;rd &lt;ü&gt; 1\"/>".to_owned(),
        ] {
            let without = redacted(&text);
            assert!(without.contains(STARS), "{text} -> {without}");
            assert!(!without.contains("pa"), "{text} -> {without}");
        }
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(redacted(&format!("\\x{hex}")), "\\x***");
    }

    #[test]
    fn short_secrets_are_taken_out_where_they_stand_alone() {
        keep("q7z");
        assert_eq!(redacted("bad token: q7z given"), "bad token: *** given");
        assert_eq!(redacted("'q7z'"), "'***'");
        assert_eq!(redacted("table q7zone"), "table q7zone");
    }

    #[test]
    fn lines_of_a_long_secret_are_secrets() {
        keep("-----BEGIN-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END-----\n");
        assert_eq!(redacted("  MIIEvQIBADANBg\n  x"), "  ***\n  x");
    }

    #[test]
    fn nothing_of_a_secret_is_left_where_a_text_is_cut() {
        keep("sk-cut-9f1c33e07a");
        let text = "SET key = 'sk-cut-9f1c33e07a' and more";
        for chars in 0..text.len() {
            let (shown, _) = beginning(text, chars);
            assert!(!shown.contains("sk-"), "{chars}: {shown}");
        }
        assert_eq!(beginning("SET key = 'sk-cut-9f1c33e07a'", 14), ("SET key = '***".to_owned(), true));
        assert_eq!(beginning("short", 5), ("short".to_owned(), false));
        for chars in 0..=text.len() {
            let shown = redacted_cut(&text[..chars]);
            assert!(!shown.contains("sk-c"), "{chars}: {shown}");
        }
        assert_eq!(redacted_cut("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn fields_of_json_keep_their_names() {
        keep("field-of-a-secret");
        let mut value = serde_json::json!({"field-of-a-secret": ["field-of-a-secret", 1, null]});
        redacted_json(&mut value);
        assert_eq!(value, serde_json::json!({"field-of-a-secret": ["***", 1, null]}));
    }
}
