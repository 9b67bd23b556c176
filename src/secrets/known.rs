//! The secrets that this process has seen, and texts without them.

use std::{
    borrow::Cow,
    sync::{PoisonError, RwLock},
};

use serde_json::Value;

use super::spellings::{Searched, Spelling, spellings};
use crate::limits::unmetered;

/// Stands where a secret stood.
const STARS: &str = "***";
/// The spellings of all secrets.
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
    });
}

/// The text with stars where a secret stood.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if known.is_empty() || text.is_empty() {
        return Cow::Borrowed(text);
    }
    let searched = Searched::of(text);
    let mut places: Vec<(usize, usize)> = known.iter().flat_map(|spelling| spelling.places(&searched)).collect();
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_unstable();
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (start, end) in places {
        // What overlaps is one.
        if start >= from {
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(STARS);
        }
        from = from.max(end);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
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
    let searched = Searched::of(&text);
    match known.iter().filter_map(|spelling| spelling.begun_at_end_of(&searched)).min() {
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
    fn a_document_is_known_as_the_server_writes_it_and_so_are_its_strings() {
        keep(r#"{"user":"dev_svc","password":"hunter2-Hunter2","nested":{"keys":["short1","a"]}}"#);
        for (text, without) in [
            (
                r#"DEFAULT '{"user": "dev_svc", "nested": {"keys": ["short1", "a"]}, "password": "hunter2-Hunter2"}'::jsonb"#,
                "DEFAULT '***'::jsonb",
            ),
            (r#"{"password": "hunter2-Hunter2"}"#, r#"{"password": "***"}"#),
            ("role \"dev_svc\" and dev_svc_two", "role \"***\" and dev_svc_two"),
            ("a short1 value", "a *** value"),
        ] {
            assert_eq!(redacted(text), without);
        }
    }

    #[test]
    fn what_is_left_of_a_secret_in_a_name_is_taken_out() {
        let secret = format!("Sk_{}", "Qwertyuiop".repeat(6));
        keep(&secret);
        let folded = secret.to_lowercase();
        for name in [format!("app_{secret}"), format!("app_{folded}"), format!("longer_prefix_of_a_table_{folded}")] {
            let cut = &name[..63];
            let without = redacted(cut).into_owned();
            assert!(without.ends_with("_***") && !without.to_lowercase().contains("qwe"), "{cut} -> {without}");
            let told = redacted(&format!("index {}_pkey, column x", &name[..58])).into_owned();
            assert!(told.contains("***_pkey, column x") && !told.to_lowercase().contains("qwe"), "{told}");
        }
        // Short names are what they are.
        assert_eq!(redacted("table sk_qwe"), "table sk_qwe");
    }

    #[test]
    fn what_types_make_of_a_secret_is_taken_out() {
        keep("A0EEBC999C0B4EF8BB6D6BB9BD380A11");
        assert_eq!(redacted("(a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11)"), "(***)");
        keep("c2VjcmV0LWtleS1ieXRlcw==");
        assert_eq!(redacted("\\x7365637265742d6b65792d6279746573"), "\\x***");
        keep("+0049170998");
        assert_eq!(redacted("(1,49170998)"), "(1,***)");
    }

    #[test]
    fn line_breaks_and_quotes_within_quotes_hide_nothing() {
        keep("one two\n\tthree 'four' \"five\"");
        let text = "in:\n    one two\n      three ''four'' \\\\\"five\\\\\"; and more";
        assert_eq!(redacted(text), "in:\n    ***\\\\\"; and more");
        let encoded = "qyJxm3Rk0ZtWuPvBnLsDfGhJkAoXcEwQ";
        keep(encoded);
        assert_eq!(redacted(&format!("{}\n{}", &encoded[..20], &encoded[20..])), "***");
    }

    #[test]
    fn fields_of_json_keep_their_names() {
        keep("field-of-a-secret");
        let mut value = serde_json::json!({"field-of-a-secret": ["field-of-a-secret", 1, null]});
        redacted_json(&mut value);
        assert_eq!(value, serde_json::json!({"field-of-a-secret": ["***", 1, null]}));
    }
}
