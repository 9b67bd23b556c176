//! Which index a CREATE or DROP INDEX CONCURRENTLY is about: an interrupted one leaves an invalid index behind, and whoever
//! finds out what became of it must know where to look
//! (<https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY>).

use super::{
    keywords::StatementTokens,
    kind::StatementKind,
    name::QualifiedName,
    split::Statement,
    token::{Token, TokenKind, Tokens},
};

/// The index that a statement makes or drops concurrently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConcurrentIndex {
    /// CREATE INDEX CONCURRENTLY
    Create {
        /// Its name; it lies in the table's schema. None where the server chooses one.
        name: Option<String>,
        /// The table, as the statement names it.
        table: QualifiedName,
    },
    /// DROP INDEX CONCURRENTLY, which takes one index only.
    Drop {
        /// The index, as the statement names it.
        index: QualifiedName,
    },
}

impl ConcurrentIndex {
    /// What the statement is about; none where it is another statement, or one whose names can't be told.
    pub fn of(statement: &Statement) -> Option<Self> {
        let text = statement.text();
        let tokens: Vec<Token> = Tokens::of(text).filter_map(Result::ok).filter(Token::is_significant).collect();
        let words = StatementTokens::of(text, &tokens);
        match statement.kind() {
            StatementKind::CreateIndexConcurrently => create(&words),
            StatementKind::DropIndexConcurrently => {
                let at = after_concurrently(&words)?;
                let at = if words.are(at, &["IF", "EXISTS"]) { at + 2 } else { at };
                Some(ConcurrentIndex::Drop { index: name_at(&words, at)? })
            }
            _ => None,
        }
    }
}

fn create(words: &StatementTokens<'_>) -> Option<ConcurrentIndex> {
    let at = after_concurrently(words)?;
    let at = if words.are(at, &["IF", "NOT", "EXISTS"]) { at + 3 } else { at };
    // ON is a reserved word: as a name it stands in quotes.
    let (name, on) = if words.is(at, "ON") { (None, at) } else { (Some(name_at(words, at)?.name), at + 1) };
    if !words.is(on, "ON") {
        return None;
    }
    let table = if words.is(on + 1, "ONLY") { on + 2 } else { on + 1 };
    Some(ConcurrentIndex::Create { name, table: name_at(words, table)? })
}

fn after_concurrently(words: &StatementTokens<'_>) -> Option<usize> {
    (0..words.len()).find(|index| words.is(*index, "CONCURRENTLY")).map(|index| index + 1)
}

fn name_at(words: &StatementTokens<'_>, index: usize) -> Option<QualifiedName> {
    let first = words.text(index);
    if words.is_kind(index + 1, TokenKind::Dot) {
        QualifiedName::parse(&format!("{first}.{}", words.text(index + 2))).ok()
    } else {
        QualifiedName::parse(first).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::split, *};

    fn of(text: &str) -> Option<ConcurrentIndex> {
        ConcurrentIndex::of(&split(text).unwrap()[0])
    }

    fn name(text: &str) -> QualifiedName {
        QualifiedName::parse(text).unwrap()
    }

    #[test]
    fn indexes_are_named() {
        let create = |index: Option<&str>, table| {
            Some(ConcurrentIndex::Create { name: index.map(str::to_owned), table: name(table) })
        };
        assert_eq!(of("CREATE INDEX CONCURRENTLY I ON Public.T (a)"), create(Some("i"), "public.t"));
        assert_eq!(of("create unique index concurrently /* x */ on only t using gin (a)"), create(None, "t"));
        assert_eq!(of(r#"CREATE INDEX CONCURRENTLY IF NOT EXISTS "On" ON "S" . "T" (a)"#), create(Some("On"), r#""S"."T""#));
        let drop = |index| Some(ConcurrentIndex::Drop { index: name(index) });
        assert_eq!(of("DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE"), drop("s.i"));
        assert_eq!(of("DROP INDEX CONCURRENTLY i"), drop("i"));
        assert_eq!(of("DROP INDEX i"), None);
        assert_eq!(of("CREATE INDEX CONCURRENTLY"), None);
        assert_eq!(of(r#"DROP INDEX CONCURRENTLY U&"i""#), None);
    }
}
