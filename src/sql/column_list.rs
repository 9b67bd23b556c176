//! Lists of columns in the server's own text of a constraint.

/// What a constraint says of columns: `PRIMARY KEY (a, b)`, `FOREIGN KEY (a) REFERENCES s.t(x)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyText {
    /// The constraint's own columns, unquoted.
    pub columns: Vec<String>,
    /// The columns that they refer to, unquoted, where it is a foreign key.
    pub references: Option<Vec<String>>,
}

impl KeyText {
    /// Reads `pg_get_constraintdef`; none for what is no plain list of columns, `PERIOD` for instance.
    pub fn parse(definition: &str) -> Option<KeyText> {
        let (columns, rest) = first_list(definition)?;
        let references = match rest.strip_prefix(" REFERENCES ") {
            Some(rest) => Some(first_list(rest)?.0),
            None => None,
        };
        Some(KeyText { columns, references })
    }
}

/// The first list in parentheses, and what follows it. Parentheses in quoted names are none.
fn first_list(text: &str) -> Option<(Vec<String>, &str)> {
    let open = outside_quotes(text, '(')? + 1;
    let close = open + outside_quotes(&text[open..], ')')?;
    let mut names = Vec::new();
    let mut rest = &text[open..close];
    while let Some(comma) = outside_quotes(rest, ',') {
        names.push(unquoted(&rest[..comma])?);
        rest = &rest[comma + 1..];
    }
    names.push(unquoted(rest)?);
    Some((names, &text[close + 1..]))
}

fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// A name as `quote_ident` writes it; none where it is more than a name.
fn unquoted(text: &str) -> Option<String> {
    let text = text.trim();
    match text.strip_prefix('"') {
        Some(rest) => {
            let inner = rest.strip_suffix('"')?.replace("\"\"", "\u{0}");
            (!inner.contains('"')).then(|| inner.replace('\u{0}', "\""))
        }
        None => (!text.is_empty() && !text.contains([' ', '('])).then(|| text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::KeyText;

    fn key(text: &str) -> Option<(Vec<String>, Option<Vec<String>>)> {
        KeyText::parse(text).map(|key| (key.columns, key.references))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn columns_are_read_from_the_servers_text() {
        assert_eq!(key("PRIMARY KEY (id)"), Some((names(&["id"]), None)));
        assert_eq!(key("PRIMARY KEY (id) INCLUDE (note)"), Some((names(&["id"]), None)));
        assert_eq!(
            key("FOREIGN KEY (\"a, (\"\"x\", b) REFERENCES s.\"t (2)\"(x, \"y)\") ON DELETE CASCADE"),
            Some((names(&["a, (\"x", "b"]), Some(names(&["x", "y)"]))))
        );
    }

    #[test]
    fn what_is_no_plain_list_is_left_alone() {
        assert_eq!(key("FOREIGN KEY (a, PERIOD b) REFERENCES s.t(a, PERIOD b)"), None);
        assert_eq!(key("PRIMARY KEY (id, valid WITHOUT OVERLAPS)"), None);
        assert_eq!(key("CHECK"), None);
    }
}
