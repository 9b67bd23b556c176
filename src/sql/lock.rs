//! Keywords → how strongly a statement locks tables that exist already.

use super::{keywords::StatementTokens, kind::StatementKind, token::TokenKind};

/// How strongly a statement locks tables that exist already, as far as its keywords tell
/// (<https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES>). Of the levels that a statement may need
/// the strongest counts. What functions do that it calls is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockLevel {
    /// No table that others use.
    None,
    /// ACCESS SHARE to ROW EXCLUSIVE: reading and writing rows, beside each other.
    Rows,
    /// SHARE UPDATE EXCLUSIVE: beside readers and writers; others of its kind wait.
    Maintenance,
    /// SHARE to EXCLUSIVE: writers wait.
    Writers,
    /// ACCESS EXCLUSIVE: everybody waits.
    Everybody,
}

impl LockLevel {
    /// Whether readers or writers queue up behind a statement that waits for such a lock.
    pub fn makes_others_wait(self) -> bool {
        self >= Self::Writers
    }
}

/// How strongly the statement locks.
pub(super) fn level(kind: StatementKind, words: &StatementTokens<'_>) -> LockLevel {
    use StatementKind as K;
    match kind {
        K::CreateIndexConcurrently | K::DropIndexConcurrently | K::ReindexConcurrently | K::DetachPartitionConcurrently => {
            LockLevel::Maintenance
        }
        K::Vacuum if words.has_outer("FULL") || words.option(1, "FULL") == Some(true) => LockLevel::Everybody,
        K::Vacuum => LockLevel::Maintenance,
        K::ClusterAll => LockLevel::Everybody,
        K::ReindexMany => LockLevel::Writers,
        K::Select | K::Insert | K::Update | K::Delete | K::Merge | K::CopyFromStdin | K::CopyToStdout | K::Copy => {
            LockLevel::Rows
        }
        // What they run is not known.
        K::Do | K::Call | K::Explain | K::Execute => LockLevel::Rows,
        K::Ddl => of_ddl(words),
        K::Other if words.is(0, "LOCK") => of_lock(words),
        K::Other if words.is_any(0, &["ANALYZE", "ANALYSE"]) => LockLevel::Maintenance,
        K::Other => LockLevel::Rows,
        _ => LockLevel::None,
    }
}

fn of_ddl(words: &StatementTokens<'_>) -> LockLevel {
    match words.text(0).to_ascii_uppercase().as_str() {
        "CREATE" => of_create(words),
        "ALTER" => of_alter(words),
        "DROP" if words.is_any(1, &["ROLE", "USER", "GROUP", "SERVER"]) => LockLevel::None,
        "DROP" | "TRUNCATE" | "CLUSTER" | "REASSIGN" => LockLevel::Everybody,
        "REFRESH" if words.has_outer("CONCURRENTLY") => LockLevel::Writers,
        "REFRESH" => LockLevel::Everybody,
        // The index itself is locked for everybody who would use it.
        "REINDEX" => LockLevel::Everybody,
        "COMMENT" | "SECURITY" => LockLevel::Maintenance,
        "GRANT" | "REVOKE" => LockLevel::None,
        // SELECT … INTO, WITH … SELECT … INTO
        _ => LockLevel::Rows,
    }
}

fn of_create(words: &StatementTokens<'_>) -> LockLevel {
    let what = match () {
        () if words.are(1, &["OR", "REPLACE"]) => 3,
        () if words.is_any(1, &["UNIQUE", "CONSTRAINT", "TEMP", "TEMPORARY", "UNLOGGED"]) => 2,
        () => 1,
    };
    let anywhere = |keyword| (0..words.len()).any(|index| words.is(index, keyword));
    match words.text(what).to_ascii_uppercase().as_str() {
        "INDEX" | "TRIGGER" => LockLevel::Writers,
        "RULE" | "POLICY" => LockLevel::Everybody,
        "VIEW" | "RECURSIVE" if what == 3 => LockLevel::Everybody,
        "TABLE" if words.has_outer("PARTITION") && words.has_outer("OF") => LockLevel::Everybody,
        // A foreign key makes triggers on the table that it points to.
        "TABLE" if anywhere("REFERENCES") => LockLevel::Writers,
        "TABLE" | "MATERIALIZED" | "VIEW" | "RECURSIVE" => LockLevel::Rows,
        "STATISTICS" => LockLevel::Maintenance,
        _ => LockLevel::None,
    }
}

fn of_alter(words: &StatementTokens<'_>) -> LockLevel {
    let is_relation = words.is_any(1, &["TABLE", "INDEX", "VIEW", "MATERIALIZED", "SEQUENCE", "TRIGGER", "POLICY", "RULE"])
        || words.are(1, &["FOREIGN", "TABLE"]);
    if !is_relation {
        return of_alter_type(words);
    }
    if words.is(1, "TABLE") && has_one_action(words) {
        let at = |keywords: &[&str]| words.outer().any(|index| words.are(index, keywords));
        if at(&["VALIDATE", "CONSTRAINT"]) || at(&["SET", "STATISTICS"]) {
            return LockLevel::Maintenance;
        }
    }
    LockLevel::Everybody
}

/// ALTER DOMAIN that looks at rows of tables, and ALTER TYPE that changes typed tables.
fn of_alter_type(words: &StatementTokens<'_>) -> LockLevel {
    let has = |keyword| words.has_outer(keyword);
    // `CONSTRAINT name` may be left out.
    let looks = has("ADD") || has("VALIDATE") || (has("SET") && has("NOT"));
    match () {
        () if words.is(1, "DOMAIN") && looks && !has("VALID") => LockLevel::Writers,
        () if words.is(1, "TYPE") && has("ATTRIBUTE") && has("CASCADE") => LockLevel::Everybody,
        () => LockLevel::None,
    }
}

/// Whether no comma divides several actions.
fn has_one_action(words: &StatementTokens<'_>) -> bool {
    words.outer().all(|index| !words.is_kind(index, TokenKind::Comma))
}

/// LOCK [TABLE] … [IN … MODE]
fn of_lock(words: &StatementTokens<'_>) -> LockLevel {
    let Some(mode) = words.outer().find(|index| words.is(*index, "IN")) else { return LockLevel::Everybody };
    let is = |keywords: &[&str]| words.are(mode + 1, keywords);
    if is(&["ACCESS", "EXCLUSIVE"]) {
        LockLevel::Everybody
    } else if is(&["SHARE", "UPDATE"]) {
        LockLevel::Maintenance
    } else if is(&["ACCESS", "SHARE"]) || words.is(mode + 1, "ROW") {
        LockLevel::Rows
    } else {
        LockLevel::Writers
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::split,
        LockLevel::{self, *},
    };

    fn level(text: &str) -> LockLevel {
        let statements = split(text).unwrap();
        assert_eq!(statements.len(), 1, "{text}");
        statements[0].lock()
    }

    #[test]
    fn levels_are_told_from_keywords() {
        for (expected, texts) in [
            (
                Everybody,
                &[
                    "ALTER TABLE t ADD COLUMN x int",
                    "alter table t validate constraint c, add column y int",
                    "ALTER INDEX i RENAME TO j",
                    "DROP TABLE t",
                    "TRUNCATE t",
                    "CREATE POLICY p ON t USING (true)",
                    "CREATE OR REPLACE VIEW v AS SELECT 1",
                    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
                    "REFRESH MATERIALIZED VIEW m",
                    "REINDEX TABLE t",
                    "LOCK t",
                    "LOCK TABLE t IN ACCESS EXCLUSIVE MODE",
                    "VACUUM FULL t",
                    "VACUUM (ANALYZE, FULL) t",
                ][..],
            ),
            (
                Writers,
                &[
                    "CREATE UNIQUE INDEX i ON t (a)",
                    "CREATE CONSTRAINT TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
                    "CREATE TABLE c (a int REFERENCES t)",
                    "REFRESH MATERIALIZED VIEW CONCURRENTLY m",
                    "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)",
                    "ALTER DOMAIN d ADD CHECK (VALUE > 0)",
                    "ALTER DOMAIN d VALIDATE CONSTRAINT c",
                    "ALTER DOMAIN d SET NOT NULL",
                    "LOCK t IN SHARE ROW EXCLUSIVE MODE",
                    "LOCK t IN EXCLUSIVE MODE",
                ],
            ),
            (
                Maintenance,
                &[
                    "CREATE INDEX CONCURRENTLY i ON t (a)",
                    "ALTER TABLE t VALIDATE CONSTRAINT c",
                    "ALTER TABLE t ALTER COLUMN a SET STATISTICS 100",
                    "VACUUM t",
                    "ANALYZE t",
                    "COMMENT ON TABLE t IS 'x'",
                    "LOCK t IN SHARE UPDATE EXCLUSIVE MODE",
                ],
            ),
            (
                Rows,
                &[
                    "SELECT 1",
                    "UPDATE t SET a = 1",
                    "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
                    "DO $$ BEGIN END $$",
                    "CREATE TABLE n AS SELECT * FROM t",
                    "SELECT * INTO n FROM t",
                    "LOCK t IN ROW EXCLUSIVE MODE",
                ],
            ),
            (
                None,
                &[
                    "SET LOCAL work_mem = '1GB'",
                    "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
                    "GRANT SELECT ON t TO r",
                    "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID",
                    "ALTER DOMAIN d SET DEFAULT 1",
                    "ALTER TYPE t ADD VALUE 'x'",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(level(text), expected, "{text}");
            }
        }
        assert!(Everybody.makes_others_wait() && Writers.makes_others_wait() && !Maintenance.makes_others_wait());
    }
}
