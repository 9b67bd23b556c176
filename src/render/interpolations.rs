//! Where quoted values come to stand.
//!
//! Quoting makes a value safe where a statement wants an identifier or a constant. It does not where the template puts it
//! inside of something else: in `-- {{ name | literal }}` a line break ends the comment, in `'{{ table | ident }}'` an
//! apostrophe the string, in `DO $$ … {{ text | literal }} … $$` a `$$` the body. So the filters mark their results with two
//! characters that no text can hold, and the rendered text is read once with a harmless word in each value's place: that tells
//! what the value stands in, and what it may not hold there.

use crate::sql::{TokenKind, Tokens};

/// Before and after a value: two of Unicode's noncharacters.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';
/// Stands in a value's place where the text is read.
const HARMLESS: &str = "x";
/// Most dollar-quoted bodies that may stand in each other around a value.
const BODIES_MAX: usize = 8;

/// A value that ends what it stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Interpolation {
    /// The text without marks.
    pub(super) text: String,
    /// Where in it the value begins, in bytes.
    pub(super) offset: usize,
    /// What the value stands in, with an article.
    pub(super) inside: &'static str,
}

/// The value between marks.
pub(super) fn marked(value: &str) -> String {
    format!("{OPEN}{value}{CLOSE}")
}

/// The text without marks.
pub(super) fn without_marks(text: &str) -> String {
    text.replace([OPEN, CLOSE], "")
}

/// Whether the text holds a character that marks values.
pub(super) fn holds_marks(text: &str) -> bool {
    text.contains([OPEN, CLOSE])
}

/// The values between marks, in order.
pub(super) fn values(text: &str) -> impl Iterator<Item = &str> {
    text.split(OPEN).skip(1).filter_map(|rest| rest.split_once(CLOSE)).map(|(value, _)| value)
}

/// The text without marks, after a look at what each value stands in.
///
/// # Errors
/// The first value that would end what it stands in, or that a template has cut into pieces.
pub(super) fn closed(text: &str) -> Result<String, Interpolation> {
    if !holds_marks(text) {
        return Ok(text.to_owned());
    }
    let mut sound = String::with_capacity(text.len());
    let mut harmless = String::with_capacity(text.len());
    let mut values = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find([OPEN, CLOSE]) {
        sound.push_str(&rest[..open]);
        harmless.push_str(&rest[..open]);
        let value = rest[open..].strip_prefix(OPEN).and_then(|inside| Some(&inside[..inside.find(CLOSE)?]));
        let Some(value) = value.filter(|value| !value.contains(OPEN)) else {
            let offset = sound.len();
            return Err(Interpolation { text: without_marks(text), offset, inside: "a cut text" });
        };
        values.push(InterpolatedValue { at: harmless.len(), text: value, offset: sound.len() });
        sound.push_str(value);
        harmless.push_str(HARMLESS);
        rest = &rest[open + OPEN.len_utf8() + value.len() + CLOSE.len_utf8()..];
    }
    sound.push_str(rest);
    harmless.push_str(rest);
    match check(&harmless, 0, &values, 0) {
        Ok(()) => Ok(sound),
        Err((offset, inside)) => Err(Interpolation { text: sound, offset, inside }),
    }
}

struct InterpolatedValue<'t> {
    /// Where its harmless word stands.
    at: usize,
    text: &'t str,
    /// Where it stands in the text.
    offset: usize,
}

/// Looks at the tokens of a stretch of the harmless text that begins at `base`. What can't be read is no SQL, and no value of
/// ours is to blame for it: that is left to the server.
fn check(
    stretch: &str,
    base: usize,
    mut values: &[InterpolatedValue<'_>],
    depth: usize,
) -> Result<(), (usize, &'static str)> {
    for token in Tokens::of(stretch) {
        let Ok(token) = token else { return Ok(()) };
        let (here, later) = values.split_at(values.partition_point(|value| value.at < base + token.end));
        values = later;
        let Some(first) = here.first() else { continue };
        let text = &stretch[token.range()];
        let ended_by = |(inside, ends): (&'static str, Vec<&str>)| {
            let value = here.iter().find(|value| ends.iter().any(|end| value.text.contains(end)))?;
            Some((value.offset, inside))
        };
        if let Some(interpolation) = stands_in(token.kind, text).and_then(ended_by) {
            return Err(interpolation);
        }
        if token.kind == TokenKind::Dollar {
            if depth == BODIES_MAX {
                return Err((first.offset, "a dollar-quoted text"));
            }
            let delimiter = delimiter(text).len();
            let body = &text[delimiter..text.len() - delimiter];
            check(body, base + token.start + delimiter, here, depth + 1)?;
        }
        if values.is_empty() {
            break;
        }
    }
    Ok(())
}

/// What the token is that a value stands in, and what would end it. None where the value is a token itself.
fn stands_in(kind: TokenKind, text: &str) -> Option<(&'static str, Vec<&str>)> {
    match kind {
        TokenKind::Comment if text.starts_with("--") => Some(("a comment", vec!["\n", "\r"])),
        TokenKind::Comment => Some(("a comment", vec!["*/", "/*"])),
        TokenKind::Str => Some(("single quotes", vec!["'", "\\"])),
        TokenKind::QuotedIdent => Some(("double quotes", vec!["\""])),
        TokenKind::Dollar => Some(("a dollar-quoted text", vec![delimiter(text)])),
        _ => None,
    }
}

fn delimiter(dollar: &str) -> &str {
    &dollar[..dollar[1..].find('$').map_or(dollar.len(), |at| at + 2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(before: &str, value: &str, after: &str) -> Option<&'static str> {
        match closed(&format!("{before}{}{after}", marked(value))) {
            Ok(text) => {
                assert_eq!(text, format!("{before}{value}{after}"));
                None
            }
            Err(interpolation) => {
                assert_eq!(interpolation.text, format!("{before}{value}{after}"));
                assert_eq!(interpolation.offset, before.len());
                Some(interpolation.inside)
            }
        }
    }

    #[test]
    fn values_may_stand_where_they_end_nothing() {
        assert_eq!(inside("SELECT ", "'a''; --'", " -- x"), None);
        assert_eq!(inside("SELECT '", "\"a\".\"b\"", "'::regclass"), None);
        assert_eq!(inside("-- ", "'a'", "\nSELECT 1"), None);
        assert_eq!(inside("DO $$ BEGIN EXECUTE ", "'DROP TABLE \"x\"'", "; END $$"), None);
        assert_eq!(inside("DO $a$ BEGIN PERFORM ", "'$$'", "; END $a$"), None);
        assert_eq!(inside("DO $$ # don't\n plpy.execute(", "'x'", ") $$"), None);
        assert_eq!(inside("SELECT 'unfinished ", "'x'", ""), None);
    }

    #[test]
    fn values_that_end_what_they_stand_in_are_refused() {
        assert_eq!(inside("-- ", "'a\nDROP TABLE x; --'", "\nSELECT 1"), Some("a comment"));
        assert_eq!(inside("/* ", "'*/ DROP TABLE x; /*'", " */"), Some("a comment"));
        assert_eq!(inside("SELECT '", "\"a'; DROP TABLE x; --\"", "'::regclass"), Some("single quotes"));
        assert_eq!(inside("SELECT '", "'x'", "'"), Some("single quotes"));
        assert_eq!(inside("SELECT \"", "\"x\"", "\""), Some("double quotes"));
        assert_eq!(inside("DO $$ BEGIN PERFORM ", "'$$; DROP TABLE x; --'", "; END $$"), Some("a dollar-quoted text"));
        assert_eq!(inside("DO $$ BEGIN PERFORM '", "\"it's\"", "'::regclass; END $$"), Some("single quotes"));
        assert_eq!(inside("DO $a$ EXECUTE $b$ -- ", "\"x\ny\"", "\n $b$ $a$"), Some("a comment"));
    }

    #[test]
    fn a_value_that_was_cut_is_refused() {
        let value = marked("'abc'");
        let cut: String = value.chars().take(3).collect();
        assert_eq!(closed(&format!("SELECT {cut}")).unwrap_err().inside, "a cut text");
        let reversed: String = value.chars().rev().collect();
        assert_eq!(closed(&reversed).unwrap_err().inside, "a cut text");
        assert_eq!(closed(&format!("{cut}{value}")).unwrap_err().inside, "a cut text");
    }

    #[test]
    fn bodies_within_bodies_have_a_bound() {
        let open: String = (0..20).map(|i| format!("$a{i}$ ")).collect();
        let close: String = (0..20).rev().map(|i| format!(" $a{i}$")).collect();
        assert_eq!(inside(&open, "'x'", &close), Some("a dollar-quoted text"));
    }
}
