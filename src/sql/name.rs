//! Names of relations as people write them: `orders`, `public.orders`, `public."Odd Name"`.

use std::fmt;

use super::quote;

/// Longest identifier that PostgreSQL keeps, in bytes (NAMEDATALEN - 1); what is longer it would cut silently.
pub const IDENT_BYTES_MAX: usize = 63;

/// A name, with or without its schema. Unquoted parts were folded to lower case, as the server does it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QualifiedName {
    /// The schema, where one is named.
    pub schema: Option<String>,
    /// Folded to lower case where it was not quoted.
    pub name: String,
}

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// A part has nothing in it.
    Empty,
    /// A quoted part has no end.
    Unterminated,
    /// More parts than schema and name.
    TooManyParts,
    /// This character can't stand outside quotes.
    Character(char),
    /// A part is longer than [`IDENT_BYTES_MAX`] bytes.
    TooLong,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::Empty => f.write_str("has an empty part"),
            NameError::Unterminated => f.write_str("has a quote without its end"),
            NameError::TooManyParts => f.write_str("has more parts than schema and name"),
            NameError::Character(c) => write!(f, "holds {c:?} outside double quotes"),
            NameError::TooLong => write!(f, "has a part of more than {IDENT_BYTES_MAX} bytes"),
        }
    }
}

impl std::error::Error for NameError {}

impl QualifiedName {
    /// Parses a name as people write it. Blanks around it and around the dot don't count.
    ///
    /// # Errors
    /// [`NameError`] where it isn't one.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parts = parts(text, "")?;
        let name = parts.pop().ok_or(NameError::Empty)?.text;
        Ok(QualifiedName { schema: parts.pop().map(|part| part.text), name })
    }

    /// The name, quoted, for SQL.
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => quote::qualified(schema, &self.name),
            None => quote::ident(&self.name),
        }
    }
}

/// For people: quoted only where it must be.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", plain_or_quoted(schema))?;
        }
        f.write_str(&plain_or_quoted(&self.name))
    }
}

/// One part of a dotted name.
pub(super) struct NamePart {
    /// Without quotes; folded to lower case where it had none.
    pub(super) text: String,
    /// Whether it stood in quotes, where wildcards are plain characters.
    pub(super) quoted: bool,
}

/// One or two parts of a dotted name; `wild` are characters that may also stand in an unquoted one.
pub(super) fn parts(text: &str, wild: &str) -> Result<Vec<NamePart>, NameError> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = part(rest, wild)?;
        parts.push(part);
        if parts.len() > 2 {
            return Err(NameError::TooManyParts);
        }
        let after = after.trim_start();
        match after.chars().next() {
            None => return Ok(parts),
            Some('.') => rest = after[1..].trim_start(),
            Some(c) => return Err(NameError::Character(c)),
        }
    }
}

fn part<'t>(text: &'t str, wild: &str) -> Result<(NamePart, &'t str), NameError> {
    let (part, rest) = match text.strip_prefix('"') {
        Some(inside) => quoted_part(inside)?,
        None => bare_part(text, wild)?,
    };
    match part.text.len() {
        0 => Err(NameError::Empty),
        n if n > IDENT_BYTES_MAX => Err(NameError::TooLong),
        _ => Ok((part, rest)),
    }
}

fn quoted_part(inside: &str) -> Result<(NamePart, &str), NameError> {
    let mut text = String::new();
    let mut chars = inside.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\0' => return Err(NameError::Character(c)),
            '"' if chars.next_if(|(_, next)| *next == '"').is_some() => text.push('"'),
            '"' => return Ok((NamePart { text, quoted: true }, &inside[at + 1..])),
            _ => text.push(c),
        }
    }
    Err(NameError::Unterminated)
}

fn bare_part<'t>(text: &'t str, wild: &str) -> Result<(NamePart, &'t str), NameError> {
    let is_part = |c: char| c == '_' || c == '$' || c.is_ascii_alphanumeric() || !c.is_ascii() || wild.contains(c);
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let (bare, rest) = text.split_at(end);
    match bare.chars().next() {
        Some(c) if c.is_ascii_digit() || c == '$' => Err(NameError::Character(c)),
        _ => Ok((NamePart { text: bare.to_ascii_lowercase(), quoted: false }, rest)),
    }
}

fn plain_or_quoted(name: &str) -> String {
    let plain = name.chars().enumerate().all(|(i, c)| c == '_' || c.is_ascii_lowercase() || (i > 0 && c.is_ascii_digit()));
    if plain && !name.is_empty() { name.to_owned() } else { quote::ident(name) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(schema: Option<&str>, name: &str) -> Result<QualifiedName, NameError> {
        Ok(QualifiedName { schema: schema.map(str::to_owned), name: name.to_owned() })
    }

    #[test]
    fn names_are_read_as_the_server_reads_them() {
        assert_eq!(QualifiedName::parse("Orders"), name(None, "orders"));
        assert_eq!(QualifiedName::parse(" public . orders "), name(Some("public"), "orders"));
        assert_eq!(QualifiedName::parse(r#"public."Odd Name""#), name(Some("public"), "Odd Name"));
        assert_eq!(QualifiedName::parse(r#""a.b"."c""d""#), name(Some("a.b"), "c\"d"));
        assert_eq!(QualifiedName::parse("straße.größe"), name(Some("straße"), "größe"));
    }

    #[test]
    fn what_is_no_name_is_said() {
        for (text, why) in [
            ("", NameError::Empty),
            ("a.", NameError::Empty),
            (".a", NameError::Empty),
            (r#""""#, NameError::Empty),
            (r#""a"#, NameError::Unterminated),
            ("a.b.c", NameError::TooManyParts),
            ("a-b", NameError::Character('-')),
            ("a; drop", NameError::Character(';')),
            ("1a", NameError::Character('1')),
            ("audit_*", NameError::Character('*')),
            (r#""a"b"#, NameError::Character('b')),
        ] {
            assert_eq!(QualifiedName::parse(text), Err(why), "{text}");
        }
        assert_eq!(QualifiedName::parse(&"x".repeat(64)), Err(NameError::TooLong));
    }

    proptest! {
        #[test]
        fn quoting_and_parsing_are_inverse(schema in proptest::option::of("[^\0]{1,15}"), name in "[^\0]{1,15}") {
            let name = QualifiedName { schema, name };
            prop_assert_eq!(QualifiedName::parse(&name.quoted()), Ok(name.clone()));
            prop_assert_eq!(QualifiedName::parse(&name.to_string()), Ok(name));
        }
    }
}
