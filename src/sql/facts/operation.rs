//! The operations of statements.

use std::ops::Range;

use super::{
    super::{lock::LockLevel, name::QualifiedName},
    table_action::TableAction,
};

/// One thing that a statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its bytes in the text that was read.
    pub at: Range<usize>,
    /// When it is done.
    pub when: When,
    /// How strongly the statement that does it locks tables that exist already.
    pub lock: LockLevel,
    /// With what it is done to.
    pub action: OperationKind,
}

/// When a operation is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When the statement is run.
    Now,
    /// When the statement is run and its body (DO) comes to it.
    InBlock,
    /// When somebody calls the function that it stands in.
    InRoutine,
}

/// With what it is done to, as far as the statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationKind {
    /// CREATE TABLE, CREATE TABLE AS, SELECT INTO
    CreateTable {
        /// As it is written, with or without a schema.
        table: QualifiedName,
        /// Whether it is there for the session only.
        temporary: bool,
        /// Whether an existing one is left alone.
        if_not_exists: bool,
        /// Tables that its foreign keys point to.
        references: Vec<QualifiedName>,
        /// The table that it is a partition of.
        partition_of: Option<QualifiedName>,
    },
    /// CREATE VIEW, CREATE MATERIALIZED VIEW
    CreateView {
        /// As it is written, with or without a schema.
        view: QualifiedName,
        /// Whether it holds rows of its own.
        materialized: bool,
    },
    /// CREATE SCHEMA
    CreateSchema {
        /// Folded to lower case where it was not quoted.
        schema: String,
    },
    /// CREATE TYPE … AS ENUM and other types
    CreateType {
        /// As it is written, with or without a schema.
        name: QualifiedName,
    },
    /// CREATE INDEX
    CreateIndex {
        /// The indexed table.
        table: QualifiedName,
        /// The index, where it is named.
        index: Option<QualifiedName>,
        /// Whether writers may go on.
        concurrently: bool,
        /// Whether an existing one is left alone.
        if_not_exists: bool,
    },
    /// CREATE FUNCTION, CREATE PROCEDURE
    CreateRoutine(Routine),
    /// ALTER FUNCTION … SECURITY DEFINER and the like
    AlterRoutine(Routine),
    /// CREATE POLICY, ALTER POLICY
    Policy(PolicyStatement),
    /// CREATE TRIGGER
    CreateTrigger {
        /// As it is written, with or without a schema.
        table: QualifiedName,
    },
    /// One action of ALTER TABLE
    AlterTable {
        /// As it is written, with or without a schema.
        table: QualifiedName,
        /// The action.
        action: TableAction,
    },
    /// ALTER DOMAIN … ADD CONSTRAINT without NOT VALID, VALIDATE CONSTRAINT, SET NOT NULL: rows that are there are looked at.
    TightenDomain {
        /// The domain.
        domain: QualifiedName,
    },
    /// ALTER … RENAME of something that is no table, or of a part of it.
    Rename {
        /// What it is called so far.
        name: QualifiedName,
        /// The part of it; none where it gets another name itself.
        part: Option<String>,
    },
    /// ALTER TYPE … ADD VALUE
    AddEnumValue {
        /// The type.
        name: QualifiedName,
        /// The value.
        value: String,
    },
    /// DROP
    Drop {
        /// What kind of object.
        what: DroppedKind,
        /// Which ones.
        names: Vec<QualifiedName>,
        /// Whether all that depends on them goes, too.
        cascade: bool,
        /// Whether writers may go on.
        concurrently: bool,
    },
    /// TRUNCATE
    Truncate {
        /// The tables.
        tables: Vec<QualifiedName>,
        /// Whether tables that refer to them are emptied, too.
        cascade: bool,
    },
    /// INSERT, UPDATE, DELETE, MERGE
    Write {
        /// Which of them.
        write: Write,
        /// As it is written, with or without a schema.
        table: QualifiedName,
        /// Which rows.
        rows: WrittenRows,
        /// The columns of rows that are there that get other values: of UPDATE, of ON CONFLICT DO UPDATE, of MERGE. Folded to lower
        /// case where they were not quoted.
        set: Vec<String>,
    },
    /// LOCK TABLE; how strongly stands in the operation.
    LockTable {
        /// The tables.
        tables: Vec<QualifiedName>,
    },
    /// REFRESH MATERIALIZED VIEW
    Refresh {
        /// As it is written, with or without a schema.
        view: QualifiedName,
        /// Whether readers may go on.
        concurrently: bool,
    },
    /// REINDEX
    Reindex {
        /// The table or index; none is a schema or a database.
        name: Option<QualifiedName>,
        /// Whether writers may go on.
        concurrently: bool,
    },
    /// CLUSTER
    Cluster {
        /// The table; none is all of them.
        table: Option<QualifiedName>,
    },
    /// VACUUM FULL
    VacuumFull {
        /// The tables; none is all of them.
        tables: Vec<QualifiedName>,
    },
    /// GRANT
    Grant {
        /// Whether PUBLIC is among those who get it.
        to_public: bool,
        /// Whether it is all privileges.
        all: bool,
    },
    /// REVOKE … FROM PUBLIC
    RevokeFromPublic {
        /// What it is revoked on, as names.
        names: Vec<QualifiedName>,
    },
    /// ALTER SUBSCRIPTION … CONNECTION
    ReconnectSubscription {
        /// The subscription.
        subscription: String,
    },
    /// CREATE ROLE, ALTER ROLE that gives what few should have
    Empower {
        /// What is given.
        powers: Vec<Power>,
    },
    /// COMMIT or ROLLBACK in a body
    EndTransaction {
        /// Whether it stands under IF, under CASE, or behind an exception.
        is_conditional: bool,
    },
    /// CALL
    Call {
        /// The procedure.
        procedure: QualifiedName,
    },
    /// A password in clear
    Password,
    /// ALTER … OWNER TO, REASSIGN OWNED
    ChangeOwner,
    /// SET and RESET
    Set {
        /// The setting, in lower case.
        setting: String,
        /// Whether it ends with the transaction.
        local: bool,
    },
    /// EXECUTE of a text in a body
    Execute {
        /// How the text is made.
        built: DynamicSqlQuoting,
    },
}

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routine {
    /// As it is written, without its argument types.
    pub name: QualifiedName,
    /// Whether it has its owner's rights.
    pub definer: bool,
    /// Whether it brings its own search path.
    pub search_path: bool,
    /// Its language, in lower case, where it is said.
    pub language: Option<String>,
}

/// A policy of row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStatement {
    /// Its table.
    pub table: QualifiedName,
    /// Whether it narrows what others allow.
    pub restrictive: bool,
    /// For which commands.
    pub command: PolicyCommand,
    /// What it asks of rows that are there.
    pub using: Option<Truth>,
    /// What it asks of new rows.
    pub check: Option<Truth>,
    /// Whether an existing one is changed.
    pub altered: bool,
}

/// For which commands a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyCommand {
    /// All, the default
    All,
    /// SELECT
    Select,
    /// INSERT
    Insert,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
}

/// What is known of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds for every row.
    Always,
    /// It depends.
    Depends,
}

/// A kind of object that is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DroppedKind {
    /// TABLE
    Table,
    /// VIEW
    View,
    /// MATERIALIZED VIEW
    MaterializedView,
    /// INDEX
    Index,
    /// SCHEMA; names are those of schemas
    Schema,
    /// OWNED BY; there are no names
    Owned,
    /// Anything else; names are left out where they have arguments
    Other,
}

/// A statement that changes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// INSERT
    Insert,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
    /// MERGE
    Merge,
}

/// Which rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenRows {
    /// Those that are written out.
    Listed,
    /// As many as a query answers.
    OfQuery,
    /// Those that a condition names.
    Where,
    /// All of them.
    All,
}

/// What few roles should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// SUPERUSER
    Superuser,
    /// BYPASSRLS
    BypassRls,
    /// CREATEROLE
    CreateRole,
    /// REPLICATION
    Replication,
}

/// How a text that is executed is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DynamicSqlQuoting {
    /// It is written out, or a value is put in by quoting it: `format` with `%I` and `%L`, `quote_ident`, `quote_literal`.
    Safely,
    /// A value is put in as it is.
    Raw,
}
