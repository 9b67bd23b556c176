//! What a statement does, as far as it matters for a run.

/// The first version, as `server_version_num` has it, that allows ALTER TYPE … ADD VALUE in a transaction block.
const ADD_VALUE_IN_TRANSACTION: u32 = 120_000;

/// What a statement does, as far as it matters for a run. Told from its keywords; what isn't known is [`Self::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// BEGIN, START TRANSACTION
    Begin,
    /// COMMIT, END
    Commit,
    /// ROLLBACK, ABORT
    Rollback,
    /// SAVEPOINT
    Savepoint,
    /// RELEASE SAVEPOINT
    Release,
    /// ROLLBACK TO SAVEPOINT
    RollbackTo,
    /// PREPARE TRANSACTION
    PrepareTransaction,
    /// COMMIT PREPARED
    CommitPrepared,
    /// ROLLBACK PREPARED
    RollbackPrepared,
    /// COPY … FROM STDIN
    CopyFromStdin,
    /// COPY … TO STDOUT
    CopyToStdout,
    /// COPY … FROM and COPY … TO a file or a program
    Copy,
    /// EXPLAIN, which runs what it explains where it says ANALYZE
    Explain,
    /// EXECUTE of a prepared statement
    Execute,
    /// CREATE INDEX CONCURRENTLY
    CreateIndexConcurrently,
    /// DROP INDEX CONCURRENTLY
    DropIndexConcurrently,
    /// REINDEX … CONCURRENTLY
    ReindexConcurrently,
    /// REINDEX of a schema, a database or the system catalogs
    ReindexMany,
    /// VACUUM
    Vacuum,
    /// CLUSTER without a table
    ClusterAll,
    /// CREATE DATABASE
    CreateDatabase,
    /// DROP DATABASE
    DropDatabase,
    /// ALTER DATABASE … SET TABLESPACE
    MoveDatabase,
    /// CREATE TABLESPACE
    CreateTablespace,
    /// DROP TABLESPACE
    DropTablespace,
    /// ALTER SYSTEM
    AlterSystem,
    /// ALTER TYPE … ADD VALUE
    AlterTypeAddValue,
    /// ALTER TABLE … DETACH PARTITION … CONCURRENTLY
    DetachPartitionConcurrently,
    /// CREATE SUBSCRIPTION that makes its replication slot
    CreateSubscription,
    /// ALTER SUBSCRIPTION … that refreshes
    RefreshSubscription,
    /// DISCARD ALL
    DiscardAll,
    /// SET and RESET that outlive the transaction, SET ROLE and SET SESSION AUTHORIZATION included
    SetSession,
    /// SET that ends with the transaction: SET LOCAL, SET TRANSACTION, SET CONSTRAINTS
    SetLocal,
    /// SELECT, VALUES, TABLE; with data-modifying parts in its WITH maybe
    Select,
    /// INSERT
    Insert,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
    /// MERGE
    Merge,
    /// Any other statement that changes the structure: CREATE, ALTER, DROP, TRUNCATE, GRANT, COMMENT …
    Ddl,
    /// DO
    Do,
    /// CALL
    Call,
    /// Anything else
    Other,
}

impl StatementKind {
    /// How the manual calls the statement.
    pub fn name(self) -> &'static str {
        match self {
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Savepoint => "SAVEPOINT",
            Self::Release => "RELEASE SAVEPOINT",
            Self::RollbackTo => "ROLLBACK TO SAVEPOINT",
            Self::PrepareTransaction => "PREPARE TRANSACTION",
            Self::CommitPrepared => "COMMIT PREPARED",
            Self::RollbackPrepared => "ROLLBACK PREPARED",
            Self::CopyFromStdin => "COPY … FROM STDIN",
            Self::CopyToStdout => "COPY … TO STDOUT",
            Self::Copy => "COPY",
            Self::Explain => "EXPLAIN",
            Self::Execute => "EXECUTE",
            Self::CreateIndexConcurrently => "CREATE INDEX CONCURRENTLY",
            Self::DropIndexConcurrently => "DROP INDEX CONCURRENTLY",
            Self::ReindexConcurrently => "REINDEX CONCURRENTLY",
            Self::ReindexMany => "REINDEX of more than a table",
            Self::Vacuum => "VACUUM",
            Self::ClusterAll => "CLUSTER without a table",
            Self::CreateDatabase => "CREATE DATABASE",
            Self::DropDatabase => "DROP DATABASE",
            Self::MoveDatabase => "ALTER DATABASE … SET TABLESPACE",
            Self::CreateTablespace => "CREATE TABLESPACE",
            Self::DropTablespace => "DROP TABLESPACE",
            Self::AlterSystem => "ALTER SYSTEM",
            Self::AlterTypeAddValue => "ALTER TYPE … ADD VALUE",
            Self::DetachPartitionConcurrently => "DETACH PARTITION … CONCURRENTLY",
            Self::CreateSubscription => "CREATE SUBSCRIPTION",
            Self::RefreshSubscription => "ALTER SUBSCRIPTION with a refresh",
            Self::DiscardAll => "DISCARD ALL",
            Self::SetSession => "SET",
            Self::SetLocal => "SET LOCAL",
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Merge => "MERGE",
            Self::Ddl => "DDL",
            Self::Do => "DO",
            Self::Call => "CALL",
            Self::Other => "a statement",
        }
    }

    /// Whether it begins, ends or divides a transaction.
    pub fn is_transaction_control(self) -> bool {
        matches!(
            self,
            Self::Begin
                | Self::Commit
                | Self::Rollback
                | Self::Savepoint
                | Self::Release
                | Self::RollbackTo
                | Self::PrepareTransaction
                | Self::CommitPrepared
                | Self::RollbackPrepared
        )
    }

    /// Whether a server of this version (`server_version_num`: 150018 is 15.18) runs it in a transaction block. What depends
    /// on the database as well (CLUSTER of a partitioned table, DROP SUBSCRIPTION with a slot) is left to the server.
    ///
    /// The statements are those for which the server calls `PreventInTransactionBlock`.
    pub fn runs_in_transaction(self, server_version_num: u32) -> bool {
        match self {
            Self::AlterTypeAddValue => server_version_num >= ADD_VALUE_IN_TRANSACTION,
            Self::CreateIndexConcurrently
            | Self::DropIndexConcurrently
            | Self::ReindexConcurrently
            | Self::ReindexMany
            | Self::Vacuum
            | Self::ClusterAll
            | Self::CreateDatabase
            | Self::DropDatabase
            | Self::MoveDatabase
            | Self::CreateTablespace
            | Self::DropTablespace
            | Self::AlterSystem
            | Self::DetachPartitionConcurrently
            | Self::CreateSubscription
            | Self::RefreshSubscription
            | Self::DiscardAll
            | Self::CommitPrepared
            | Self::RollbackPrepared => false,
            _ => true,
        }
    }

    /// Whether a plan never runs it, wherever it stands: no transaction takes it, and nobody could take back what it did.
    pub fn is_never_run(self, server_version_num: u32) -> bool {
        let is_guarded = matches!(
            self,
            Self::CreateIndexConcurrently
                | Self::DropIndexConcurrently
                | Self::DetachPartitionConcurrently
                | Self::ReindexConcurrently
                | Self::ReindexMany
                | Self::Vacuum
                | Self::ClusterAll
        );
        !self.runs_in_transaction(server_version_num) && !self.is_transaction_control() && !is_guarded
    }

    /// What to do instead of a statement that a plan never runs, a sentence.
    pub fn instead(self) -> &'static str {
        match self {
            Self::AlterSystem => {
                "Set it where the server is administered, or for this database or role in a step: ALTER DATABASE … SET, ALTER ROLE … SET."
            }
            Self::DiscardAll => "Leave it out: a step's session holds nothing of others.",
            Self::CreateSubscription => {
                "Write it WITH (connect = false) in a step that is a transaction, and make the slot and refresh by hand after the plan."
            }
            _ => "Run it by hand before the plan, or after it.",
        }
    }

    /// Whether its command tag says how many rows it changed.
    pub fn reports_rows(self) -> bool {
        matches!(self, Self::Insert | Self::Update | Self::Delete | Self::Merge)
    }
}

#[cfg(test)]
mod tests {
    use super::StatementKind::*;

    #[test]
    fn versions_and_rows() {
        assert!(AlterTypeAddValue.runs_in_transaction(130_023));
        assert!(!AlterTypeAddValue.runs_in_transaction(110_000));
        assert!(!Vacuum.runs_in_transaction(180_004));
        assert!(Insert.reports_rows() && !Select.reports_rows());
    }
}
