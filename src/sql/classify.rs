//! Keywords → what a statement does.

use super::{keywords::StatementTokens, kind::StatementKind, token::TokenKind};

/// What the statement does.
pub(super) fn kind(words: &StatementTokens<'_>) -> StatementKind {
    if words.is_kind(0, TokenKind::Open) {
        return StatementKind::Select;
    }
    match words.text(0).to_ascii_uppercase().as_str() {
        "BEGIN" | "START" => StatementKind::Begin,
        "COMMIT" if words.is(1, "PREPARED") => StatementKind::CommitPrepared,
        "COMMIT" | "END" => StatementKind::Commit,
        "ROLLBACK" if words.is(1, "PREPARED") => StatementKind::RollbackPrepared,
        "ROLLBACK" | "ABORT" if words.has_outer("TO") => StatementKind::RollbackTo,
        "ROLLBACK" | "ABORT" => StatementKind::Rollback,
        "SAVEPOINT" => StatementKind::Savepoint,
        "RELEASE" => StatementKind::Release,
        "PREPARE" if words.is(1, "TRANSACTION") => StatementKind::PrepareTransaction,
        "COPY" => of_copy(words),
        "EXPLAIN" => StatementKind::Explain,
        "EXECUTE" => StatementKind::Execute,
        "CREATE" => of_create(words),
        "ALTER" => of_alter(words),
        "DROP" => of_drop(words),
        "REINDEX" => of_reindex(words),
        "CLUSTER" => of_cluster(words),
        "VACUUM" => StatementKind::Vacuum,
        "DISCARD" if words.is(1, "ALL") => StatementKind::DiscardAll,
        "SET" => of_set(words),
        "RESET" | "DISCARD" => StatementKind::SetSession,
        "SELECT" if words.has_outer("INTO") => StatementKind::Ddl,
        "WITH" => of_with(words),
        "DO" => StatementKind::Do,
        "CALL" => StatementKind::Call,
        "TRUNCATE" | "COMMENT" | "GRANT" | "REVOKE" | "REFRESH" | "SECURITY" | "REASSIGN" | "IMPORT" => StatementKind::Ddl,
        _ => of_query_word(words, 0).unwrap_or(StatementKind::Other),
    }
}

fn of_query_word(words: &StatementTokens<'_>, index: usize) -> Option<StatementKind> {
    Some(match words.text(index).to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" => StatementKind::Select,
        "INSERT" => StatementKind::Insert,
        "UPDATE" => StatementKind::Update,
        "DELETE" => StatementKind::Delete,
        "MERGE" => StatementKind::Merge,
        _ => return None,
    })
}

/// The statement after the common table expressions. Their names may be words like `insert`; so may be those of the columns
/// in SEARCH and CYCLE.
fn of_with(words: &StatementTokens<'_>) -> StatementKind {
    let mut is_name = true;
    for index in words.outer().skip(1) {
        if words.is_kind(index, TokenKind::Comma) || words.is_any(index, &["BY", "SET", "USING"]) {
            is_name = true;
        } else if is_name {
            is_name = index == 1 && words.is(1, "RECURSIVE");
        } else if let Some(kind) = of_query_word(words, index) {
            let makes_table = kind == StatementKind::Select && words.has_outer("INTO");
            return if makes_table { StatementKind::Ddl } else { kind };
        } else if words.is_kind(index, TokenKind::Open) && words.is_any(index + 1, &["SELECT", "VALUES", "TABLE", "WITH"]) {
            // Either a body, which AS or MATERIALIZED comes before, or the statement itself in parentheses.
            if !words.is_any(index - 1, &["AS", "MATERIALIZED"]) {
                return StatementKind::Select;
            }
        }
    }
    StatementKind::Other
}

fn of_copy(words: &StatementTokens<'_>) -> StatementKind {
    for index in words.outer().skip(1) {
        // The grammar takes STDIN and STDOUT for one another.
        let client = words.is_any(index + 1, &["STDIN", "STDOUT"]);
        if words.is(index, "FROM") {
            return if client { StatementKind::CopyFromStdin } else { StatementKind::Copy };
        }
        if words.is(index, "TO") {
            return if client { StatementKind::CopyToStdout } else { StatementKind::Copy };
        }
    }
    StatementKind::Other
}

fn of_create(words: &StatementTokens<'_>) -> StatementKind {
    let object = if words.is(1, "UNIQUE") { 2 } else { 1 };
    if words.are(object, &["INDEX", "CONCURRENTLY"]) {
        StatementKind::CreateIndexConcurrently
    } else if words.is(1, "DATABASE") {
        StatementKind::CreateDatabase
    } else if words.is(1, "TABLESPACE") {
        StatementKind::CreateTablespace
    } else if words.is(1, "SUBSCRIPTION") && makes_slot(words) {
        StatementKind::CreateSubscription
    } else {
        StatementKind::Ddl
    }
}

fn makes_slot(words: &StatementTokens<'_>) -> bool {
    let with = words.outer().filter(|index| words.is(*index, "WITH")).last();
    let option = |name| with.and_then(|with| words.option(with + 1, name));
    option("create_slot").or(option("connect")).unwrap_or(true)
}

fn of_alter(words: &StatementTokens<'_>) -> StatementKind {
    let has = |keywords: &[&str]| words.outer().any(|index| words.are(index, keywords));
    if words.is(1, "SYSTEM") {
        StatementKind::AlterSystem
    } else if words.is(1, "TYPE") && has(&["ADD", "VALUE"]) {
        StatementKind::AlterTypeAddValue
    } else if words.is(1, "DATABASE") && has(&["SET", "TABLESPACE"]) {
        StatementKind::MoveDatabase
    } else if words.is(1, "TABLE") && has(&["DETACH", "PARTITION"]) && has(&["CONCURRENTLY"]) {
        StatementKind::DetachPartitionConcurrently
    } else if words.is(1, "SUBSCRIPTION") && refreshes(words) {
        StatementKind::RefreshSubscription
    } else {
        StatementKind::Ddl
    }
}

fn refreshes(words: &StatementTokens<'_>) -> bool {
    let publication = words.outer().find(|index| words.is(*index, "PUBLICATION"));
    let Some(publication) = publication else { return false };
    let with = words.outer().filter(|index| words.is(*index, "WITH")).last();
    words.is(publication - 1, "REFRESH") || with.and_then(|with| words.option(with + 1, "refresh")).unwrap_or(true)
}

fn of_drop(words: &StatementTokens<'_>) -> StatementKind {
    if words.are(1, &["INDEX", "CONCURRENTLY"]) {
        StatementKind::DropIndexConcurrently
    } else if words.is(1, "DATABASE") {
        StatementKind::DropDatabase
    } else if words.is(1, "TABLESPACE") {
        StatementKind::DropTablespace
    } else {
        StatementKind::Ddl
    }
}

fn of_reindex(words: &StatementTokens<'_>) -> StatementKind {
    let object = words.outer().skip(1).find(|index| words.is_kind(*index, TokenKind::Word)).unwrap_or(1);
    if words.option(1, "CONCURRENTLY").unwrap_or(false) || words.is(object + 1, "CONCURRENTLY") {
        StatementKind::ReindexConcurrently
    } else if words.is_any(object, &["SCHEMA", "DATABASE", "SYSTEM"]) {
        StatementKind::ReindexMany
    } else {
        StatementKind::Ddl
    }
}

fn of_cluster(words: &StatementTokens<'_>) -> StatementKind {
    let named = words.outer().skip(1).any(|index| {
        (words.is_kind(index, TokenKind::Word) && !words.is(index, "VERBOSE"))
            || words.is_kind(index, TokenKind::QuotedIdent)
    });
    if named { StatementKind::Ddl } else { StatementKind::ClusterAll }
}

fn of_set(words: &StatementTokens<'_>) -> StatementKind {
    if words.is_any(1, &["LOCAL", "TRANSACTION", "CONSTRAINTS"]) {
        StatementKind::SetLocal
    } else {
        StatementKind::SetSession
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        StatementKind::{self, *},
        split,
    };

    fn kind(text: &str) -> StatementKind {
        let statements = split(text).unwrap();
        assert_eq!(statements.len(), 1, "{text}");
        statements[0].kind()
    }

    #[test]
    fn kinds_are_told_from_keywords() {
        for (expected, texts) in [
            (Begin, &["begin", "BEGIN ISOLATION LEVEL SERIALIZABLE", "START TRANSACTION"][..]),
            (Commit, &["commit and chain", "END"]),
            (Rollback, &["rollback work", "ABORT"]),
            (RollbackTo, &["ROLLBACK TO x", "rollback transaction to savepoint x"]),
            (Savepoint, &["SAVEPOINT x"]),
            (Release, &["RELEASE x"]),
            (PrepareTransaction, &["PREPARE TRANSACTION 'x'"]),
            (CommitPrepared, &["COMMIT PREPARED 'x'"]),
            (RollbackPrepared, &["ROLLBACK PREPARED 'x'"]),
            (CopyFromStdin, &["COPY t (a, b) FROM STDIN WITH (FORMAT csv)", "copy binary t from stdout"]),
            (CopyToStdout, &["COPY (SELECT a FROM stdin) TO STDOUT", "COPY t TO stdout"]),
            (
                CreateIndexConcurrently,
                &["CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "create/**/index concurrently on t (a)"],
            ),
            (DropIndexConcurrently, &["DROP INDEX CONCURRENTLY IF EXISTS i"]),
            (ReindexConcurrently, &["REINDEX TABLE CONCURRENTLY t", "REINDEX (VERBOSE, CONCURRENTLY) INDEX i"]),
            (ReindexMany, &["REINDEX SCHEMA s", "REINDEX (VERBOSE) DATABASE d"]),
            (Vacuum, &["VACUUM", "VACUUM (ANALYZE) t"]),
            (ClusterAll, &["CLUSTER", "CLUSTER (VERBOSE)", "CLUSTER VERBOSE"]),
            (CreateDatabase, &["CREATE DATABASE d"]),
            (DropDatabase, &["DROP DATABASE d"]),
            (MoveDatabase, &["ALTER DATABASE d SET TABLESPACE t"]),
            (CreateTablespace, &["CREATE TABLESPACE t LOCATION '/x'"]),
            (DropTablespace, &["DROP TABLESPACE t"]),
            (AlterSystem, &["ALTER SYSTEM SET a = b"]),
            (AlterTypeAddValue, &["ALTER TYPE s.t ADD VALUE IF NOT EXISTS 'x'"]),
            (DetachPartitionConcurrently, &["ALTER TABLE t DETACH PARTITION p CONCURRENTLY"]),
            (CreateSubscription, &["CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (enabled = false)"]),
            (RefreshSubscription, &["ALTER SUBSCRIPTION s REFRESH PUBLICATION", "ALTER SUBSCRIPTION s SET PUBLICATION p"]),
            (DiscardAll, &["DISCARD ALL"]),
            (SetSession, &["SET a = b", "SET SESSION a TO b", "SET ROLE r", "RESET ALL", "SET TIME ZONE 'UTC'"]),
            (SetLocal, &["SET LOCAL a = b", "SET TRANSACTION READ ONLY", "SET CONSTRAINTS ALL DEFERRED"]),
            (Do, &["DO $$ BEGIN END $$"]),
            (Call, &["CALL p()"]),
            (Copy, &["COPY t FROM '/x'", "COPY (SELECT 1) TO PROGRAM 'x'"]),
            (Explain, &["EXPLAIN (ANALYZE) SELECT 1"]),
            (Execute, &["EXECUTE p (1)"]),
            (Other, &["LISTEN x", "frobnicate", "PREPARE p AS SELECT 1", "+"]),
        ] {
            for text in texts {
                assert_eq!(kind(text), expected, "{text}");
            }
        }
    }

    #[test]
    fn queries_are_told_behind_their_common_table_expressions() {
        for (expected, texts) in [
            (
                Select,
                &["SELECT 1", "((SELECT 1))", "VALUES (1)", "TABLE t", "WITH a AS (INSERT INTO t VALUES (1)) SELECT 1"][..],
            ),
            (Insert, &["INSERT INTO t SELECT 1", "WITH a(x) AS (SELECT 1), b AS (SELECT 2) INSERT INTO t SELECT 1"]),
            (Update, &["UPDATE t SET a = 1", "WITH RECURSIVE update AS (SELECT 1) UPDATE t SET a = 1"]),
            (Delete, &["DELETE FROM t", "WITH insert AS MATERIALIZED (SELECT 1), values AS (SELECT 1) DELETE FROM t"]),
            (Merge, &["MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE"]),
            (
                Select,
                &[
                    "WITH a AS (SELECT 1) (SELECT 2)",
                    "WITH RECURSIVE a AS (SELECT 1) SEARCH DEPTH FIRST BY insert SET o SELECT 1",
                ],
            ),
            (Ddl, &["SELECT 1 INTO t", "WITH a AS (SELECT 1) SELECT 1 AS x INTO t FROM a", "TRUNCATE t", "GRANT a TO b"]),
            (
                Ddl,
                &[
                    "CREATE INDEX concurrently_i ON t (a)",
                    "CREATE TABLE t (a int)",
                    "ALTER TABLE t DETACH PARTITION p FINALIZE",
                ],
            ),
            (Ddl, &["REINDEX (CONCURRENTLY off) TABLE t", "REINDEX TABLE t", "CLUSTER t", "ALTER SUBSCRIPTION s ENABLE"]),
            (Ddl, &["CREATE SUBSCRIPTION s CONNECTION 'c' PUBLICATION p WITH (create_slot = false)"]),
        ] {
            for text in texts {
                assert_eq!(kind(text), expected, "{text}");
            }
        }
    }
}
