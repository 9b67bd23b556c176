//! Texts → identifiers and literals of SQL. The only way for a value to become a part of a statement.

/// The identifier, always in double quotes, so that no list of keywords is needed. An empty one comes out as `""`, which the
/// server refuses. NUL, which no text in PostgreSQL can hold, is left out.
///
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>
pub fn ident(name: &str) -> String {
    enclosed(name, '"')
}

/// Schema and name, each as [`ident`] has it, joined by a dot.
pub fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", ident(schema), ident(name))
}

/// The string constant. One with a backslash takes the form `E'…'`, so that it means the same whatever
/// `standard_conforming_strings` says. NUL, which no text in PostgreSQL can hold, is left out.
///
/// <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS>
pub fn literal(text: &str) -> String {
    if text.contains('\\') {
        // The blank keeps the E from joining a word that stands before it: `SELECT{{ x | literal }}`.
        format!(" E{}", enclosed(&text.replace('\\', "\\\\"), '\''))
    } else {
        enclosed(text, '\'')
    }
}

/// The string constants, separated by commas; NULL where there is none, because `IN ()` is no SQL and `IN (NULL)` holds for
/// nothing.
pub fn literals<S: AsRef<str>>(texts: &[S]) -> String {
    if texts.is_empty() {
        return "NULL".to_owned();
    }
    texts.iter().map(|text| literal(text.as_ref())).collect::<Vec<_>>().join(", ")
}

fn enclosed(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars().filter(|c| *c != '\0') {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(ident("user"), r#""user""#);
        assert_eq!(ident(r#"a"b"#), r#""a""b""#);
        assert_eq!(ident("a\0b"), r#""ab""#);
        assert_eq!(qualified("public", "Odd Name"), r#""public"."Odd Name""#);
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(""), "''");
        assert_eq!(literals(&["a", "b'c"]), "'a', 'b''c'");
        assert_eq!(literals::<&str>(&[]), "NULL");
    }

    #[test]
    fn backslashes_take_the_escape_form() {
        assert_eq!(literal(r"a\'b"), r" E'a\\''b'");
        assert_eq!(format!("SELECT{}", literal(r"\")), r"SELECT E'\\'");
    }
}
