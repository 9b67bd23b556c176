//! Which partition an ALTER TABLE … DETACH PARTITION … CONCURRENTLY takes away: one that was cut off is pending, and whoever
//! finds out what became of it must know where to look
//! (<https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION>).

use super::{
    keywords::StatementTokens,
    kind::StatementKind,
    name::QualifiedName,
    split::Statement,
    token::{Token, TokenKind, Tokens},
};

/// A partition that is detached concurrently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetachedPartition {
    /// The partitioned table, as the statement names it.
    pub table: QualifiedName,
    /// The partition, as the statement names it.
    pub partition: QualifiedName,
}

impl DetachedPartition {
    /// What the statement is about; none where it is another statement, or one whose names can't be told.
    pub fn of(statement: &Statement) -> Option<Self> {
        if statement.kind() != StatementKind::DetachPartitionConcurrently {
            return None;
        }
        let text = statement.text();
        let tokens: Vec<Token> = Tokens::of(text).filter_map(Result::ok).filter(Token::is_significant).collect();
        let words = StatementTokens::of(text, &tokens);
        let at = if words.are(2, &["IF", "EXISTS"]) { 4 } else { 2 };
        let (table, at) = name_at(&words, at)?;
        if !words.are(at, &["DETACH", "PARTITION"]) {
            return None;
        }
        let (partition, _) = name_at(&words, at + 2)?;
        Some(DetachedPartition { table, partition })
    }

    /// The statement that ends a detachment that was cut off.
    pub fn finalize(&self) -> String {
        format!("ALTER TABLE {} DETACH PARTITION {} FINALIZE", self.table.quoted(), self.partition.quoted())
    }
}

fn name_at(words: &StatementTokens<'_>, index: usize) -> Option<(QualifiedName, usize)> {
    let first = words.text(index);
    if words.is_kind(index + 1, TokenKind::Dot) {
        let name = QualifiedName::parse(&format!("{first}.{}", words.text(index + 2))).ok()?;
        Some((name, index + 3))
    } else {
        Some((QualifiedName::parse(first).ok()?, index + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::split, *};

    #[test]
    fn the_partition_is_named() {
        let of = |text: &str| DetachedPartition::of(&split(text).unwrap()[0]);
        let name = |text: &str| QualifiedName::parse(text).unwrap();
        let found = of("alter table if exists public . \"T\" detach partition t_1 concurrently").unwrap();
        assert_eq!((&found.table, &found.partition), (&name("public.\"T\""), &name("t_1")));
        assert_eq!(found.finalize(), "ALTER TABLE \"public\".\"T\" DETACH PARTITION \"t_1\" FINALIZE");
        assert_eq!(of("ALTER TABLE t DETACH PARTITION p"), None);
    }
}
