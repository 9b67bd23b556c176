//! What ALTER TABLE does, and what columns and constraints are made of.

use super::super::name::QualifiedName;

/// One action of ALTER TABLE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableAction {
    /// ADD COLUMN
    AddColumn(NewColumn),
    /// DROP COLUMN
    DropColumn {
        /// Folded to lower case where it was not quoted.
        column: String,
        /// Whether all that depends on it goes, too.
        cascade: bool,
    },
    /// ALTER COLUMN … TYPE
    SetType {
        /// Folded to lower case where it was not quoted.
        column: String,
        /// The type, as it is written.
        data_type: String,
        /// Whether the values become others: by more than casts of the column.
        computed: bool,
    },
    /// ALTER COLUMN … SET NOT NULL
    SetNotNull {
        /// Folded to lower case where it was not quoted.
        column: String,
    },
    /// ALTER COLUMN … ADD GENERATED … AS IDENTITY
    AddIdentity,
    /// ADD CONSTRAINT
    AddConstraint(AddedConstraint),
    /// VALIDATE CONSTRAINT
    Validate {
        /// The constraint.
        constraint: String,
    },
    /// DROP CONSTRAINT
    DropConstraint {
        /// The constraint.
        constraint: String,
        /// Whether all that depends on it goes, too.
        cascade: bool,
    },
    /// ATTACH PARTITION
    Attach {
        /// The partition to be.
        partition: QualifiedName,
    },
    /// DETACH PARTITION
    Detach {
        /// The partition.
        partition: QualifiedName,
        /// Whether others may go on.
        concurrently: bool,
    },
    /// ENABLE TRIGGER, DISABLE TRIGGER
    Triggers(TriggerState),
    /// ENABLE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY
    RowSecurity {
        /// Whether it is enabled.
        enabled: bool,
    },
    /// SET LOGGED, SET UNLOGGED
    SetLogged {
        /// Whether it is logged from now on.
        logged: bool,
    },
    /// SET TABLESPACE
    SetTablespace,
    /// SET ACCESS METHOD
    SetAccessMethod,
    /// ALTER COLUMN … SET EXPRESSION
    SetExpression {
        /// Folded to lower case where it was not quoted.
        column: String,
    },
    /// RENAME TO
    Rename {
        /// The new name.
        to: String,
    },
    /// RENAME COLUMN
    RenameColumn {
        /// Folded to lower case where it was not quoted.
        column: String,
    },
    /// SET SCHEMA
    SetSchema,
    /// Anything else
    Other,
}

/// A column of ADD COLUMN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewColumn {
    /// Folded to lower case where it was not quoted.
    pub name: String,
    /// Its default.
    pub default: Default,
    /// Whether it may not be NULL.
    pub not_null: bool,
    /// Whether it counts: serial, or an identity.
    pub counts: bool,
    /// Whether it is generated and stored.
    pub stored: bool,
    /// Constraints beside NOT NULL.
    pub constraints: Vec<ConstraintKind>,
}

impl NewColumn {
    /// Whether the server makes a value of its own for each row.
    pub fn has_own_value(&self) -> bool {
        self.counts || self.stored
    }
}

/// The default of a new column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Default {
    /// None is given.
    None,
    /// One value for all rows.
    Constant,
    /// A value for each row; the function that makes it.
    Volatile(String),
}

/// A constraint that is added to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedConstraint {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What it asks.
    pub kind: ConstraintKind,
    /// Whether rows that are there already are left unchecked.
    pub not_valid: bool,
}

/// What a constraint asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintKind {
    /// CHECK
    Check {
        /// The column that it says is not NULL, where that is all it says.
        not_null: Option<String>,
    },
    /// NOT NULL, as a constraint with a name
    NotNull {
        /// Folded to lower case where it was not quoted.
        column: String,
    },
    /// FOREIGN KEY, REFERENCES
    ForeignKey {
        /// The other table.
        to: QualifiedName,
    },
    /// PRIMARY KEY
    PrimaryKey {
        /// Whether an index that exists becomes its own.
        using_index: bool,
    },
    /// UNIQUE
    Unique {
        /// Whether an index that exists becomes its own.
        using_index: bool,
    },
    /// EXCLUDE
    Exclude,
}

/// The triggers that an action switches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerState {
    /// The trigger; none is ALL or USER.
    pub trigger: Option<String>,
    /// Whether it fires from now on.
    pub enabled: bool,
}
