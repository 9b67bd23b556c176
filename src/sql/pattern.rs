//! Patterns for tables as people write them: `public.orders`, `public.audit_*`, `*`.

use std::fmt;

use super::name::{self, NameError, QualifiedName};

/// A pattern for tables. Outside double quotes `*` stands for any characters, none included, and `?` for one; they don't
/// reach over the dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePattern {
    schema: Option<Glob>,
    name: Glob,
}

impl TablePattern {
    /// Parses a pattern as people write it.
    ///
    /// # Errors
    /// [`NameError`] where it can't be a name, wildcards aside.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parts = name::parts(text, "*?")?;
        let name = Glob::of(parts.pop().ok_or(NameError::Empty)?);
        Ok(TablePattern { schema: parts.pop().map(Glob::of), name })
    }

    /// Whether the table is meant. A pattern without a schema looks at the name only: the caller offers it the tables of
    /// the search path and no others.
    pub fn matches(&self, schema: &str, name: &str) -> bool {
        self.schema.as_ref().is_none_or(|glob| glob.matches(schema)) && self.name.matches(name)
    }

    /// Whether every table that the other pattern means is meant by this one, too. Where one names a schema and the other does
    /// not, that can't be told, and the answer is no.
    pub fn covers(&self, other: &TablePattern) -> bool {
        let schemas = match (&self.schema, &other.schema) {
            (Some(own), Some(other)) => own.covers(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        schemas && self.name.covers(&other.name)
    }

    /// Regular expressions of PostgreSQL that match what the pattern does: for the schema, where one is named, and for the name.
    pub fn regexes(&self) -> (Option<String>, String) {
        (self.schema.as_ref().map(Glob::regex), self.name.regex())
    }

    /// Whether a schema is named.
    pub fn has_schema(&self) -> bool {
        self.schema.is_some()
    }

    /// The one name that is meant, where there are no wildcards.
    pub fn exact(&self) -> Option<QualifiedName> {
        let schema = match &self.schema {
            Some(glob) => Some(glob.exact()?),
            None => None,
        };
        Some(QualifiedName { schema, name: self.name.exact()? })
    }
}

impl fmt::Display for TablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        write!(f, "{}", self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Glob(Vec<PatternPiece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternPiece {
    Char(char),
    One,
    Any,
}

impl Glob {
    fn of(part: name::NamePart) -> Self {
        let piece = |c| match c {
            '*' if !part.quoted => PatternPiece::Any,
            '?' if !part.quoted => PatternPiece::One,
            _ => PatternPiece::Char(c),
        };
        Glob(part.text.chars().map(piece).collect())
    }

    fn regex(&self) -> String {
        let piece = |piece: &PatternPiece| match piece {
            PatternPiece::Any => ".*".to_owned(),
            PatternPiece::One => ".".to_owned(),
            PatternPiece::Char(c) if c.is_alphanumeric() || *c == '_' => c.to_string(),
            PatternPiece::Char(c) => format!("\\{c}"),
        };
        format!("^{}$", self.0.iter().map(piece).collect::<String>())
    }

    fn exact(&self) -> Option<String> {
        self.0.iter().map(|piece| if let PatternPiece::Char(c) = piece { Some(*c) } else { None }).collect()
    }

    fn matches(&self, text: &str) -> bool {
        self.covers(&Glob(text.chars().map(PatternPiece::Char).collect()))
    }

    /// Walks both from left to right and goes back to the last `*` only, so that the time is bounded by the product of the
    /// lengths. A wildcard of the other is met by one that means as much.
    fn covers(&self, other: &Glob) -> bool {
        let text = &other.0;
        let (mut t, mut p) = (0, 0);
        let mut last_any: Option<(usize, usize)> = None;
        while let Some(part) = text.get(t) {
            match self.0.get(p) {
                Some(PatternPiece::Any) => {
                    last_any = Some((p, t));
                    p += 1;
                }
                Some(PatternPiece::One) if *part != PatternPiece::Any => (t, p) = (t + 1, p + 1),
                Some(piece @ PatternPiece::Char(_)) if piece == part => (t, p) = (t + 1, p + 1),
                _ => match last_any {
                    Some((any, from)) => {
                        last_any = Some((any, from + 1));
                        (p, t) = (any + 1, from + 1);
                    }
                    None => return false,
                },
            }
        }
        self.0.iter().skip(p).all(|piece| *piece == PatternPiece::Any)
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.exact() {
            return write!(f, "{}", QualifiedName { schema: None, name });
        }
        self.0.iter().try_for_each(|piece| match piece {
            PatternPiece::Char(c) => write!(f, "{c}"),
            PatternPiece::One => f.write_str("?"),
            PatternPiece::Any => f.write_str("*"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, schema, name, expected) in [
            ("public.audit_*", "public", "audit_log", true),
            ("public.audit_*", "public", "audit_", true),
            ("public.audit_*", "public", "my_audit_log", false),
            ("public.audit_*", "other", "audit_log", false),
            ("*", "anything", "at all", true),
            ("*.orders", "a", "orders", true),
            ("o?ders", "a", "orders", true),
            ("o?ders", "a", "oders", false),
            ("a*b*c", "x", "aXXbYYbc", true),
            ("a*b*c", "x", "aXXbYY", false),
            ("Orders", "x", "orders", true),
            (r#""Orders""#, "x", "orders", false),
            (r#"public."a*""#, "public", "abc", false),
            (r#"public."a*""#, "public", "a*", true),
        ] {
            assert_eq!(TablePattern::parse(pattern).unwrap().matches(schema, name), expected, "{pattern} {schema}.{name}");
        }
    }

    #[test]
    fn a_pattern_is_a_regular_expression_too() {
        let regexes = |text| TablePattern::parse(text).unwrap().regexes();
        assert_eq!(regexes("public.audit_*"), (Some("^public$".to_owned()), "^audit_.*$".to_owned()));
        assert_eq!(regexes(r#""a.b*""#), (None, r"^a\.b\*$".to_owned()));
    }

    #[test]
    fn only_a_pattern_without_wildcards_is_exact() {
        let exact = |text| TablePattern::parse(text).unwrap().exact().map(|name| name.to_string());
        assert_eq!(exact("public.orders").as_deref(), Some("public.orders"));
        assert_eq!(exact(r#"public."*""#).as_deref(), Some(r#"public."*""#));
        assert_eq!(exact("public.*"), None);
        assert_eq!(exact("*.orders"), None);
        assert_eq!(TablePattern::parse("public.a-*"), Err(NameError::Character('-')));
    }

    #[test]
    fn a_pattern_covers_what_means_less() {
        for (wide, narrow, expected) in [
            ("public.*", "public.audit_*", true),
            ("public.audit_*", "public.audit_log", true),
            ("public.audit_*", "public.*", false),
            ("public.a?", "public.ab", true),
            ("public.a?", "public.a*", false),
            ("public.a*", "public.a?", true),
            ("public.a*c", "public.a*b*c", true),
            ("*.orders", "public.orders", true),
            ("public.orders", "*.orders", false),
            ("orders", "public.orders", false),
            ("orders", "orders", true),
            (r#"public."a*""#, "public.a*", false),
        ] {
            let parsed = |text| TablePattern::parse(text).unwrap();
            assert_eq!(parsed(wide).covers(&parsed(narrow)), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn many_wildcards_take_no_exponential_time() {
        let pattern = TablePattern::parse(&format!("{}b", "a*".repeat(25))).unwrap();
        assert!(!pattern.matches("public", &"a".repeat(63)));
    }
}
