//! What an object is made of.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    companion::Companion,
    database::Database,
    kind::ObjectKey,
    label::SecurityLabel,
    lineage::Descent,
    materialized_view::MaterializedView,
    range::Range,
    sequence::Sequence,
    table::{ColumnFacts, Table},
};

/// One object: what it is, and what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is made of.
    pub definition: Definition,
    /// Its owner; none for parts of tables, which have their table's.
    pub owner: Option<String>,
    /// Its privileges in the recorded order, defaults written out; empty for kinds that have none.
    pub grants: Vec<Grant>,
    /// `COMMENT ON` it.
    pub comment: Option<String>,
    /// Its security labels and those of its columns.
    #[serde(default)]
    pub labels: Vec<SecurityLabel>,
    /// What the server made along with it and was changed since; for an extension, its members' privileges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Companion>,
    /// The extensions with which it is to be dropped (`ALTER … DEPENDS ON EXTENSION`), as the server quotes them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub extensions: BTreeSet<String>,
    /// The key or unique index that a foreign key hangs on: one of what it depends on, and not those of partitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hangs_on: Option<ObjectKey>,
    /// The objects that must exist for this one to exist (`pg_depend`), itself left out; for an extension's object the
    /// extension. What a table's plain defaults need stands at the column instead, for a default can be taken off and set
    /// again while the table stays; the table that owns a sequence stands in [`Sequence::owned_by`].
    pub depends_on: BTreeSet<ObjectKey>,
}

/// One privilege of one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// Who has it; none is PUBLIC.
    pub grantee: Option<String>,
    /// `SELECT`, `EXECUTE`, … as `aclexplode` names them.
    pub privilege: String,
    /// WITH GRANT OPTION.
    pub grantable: bool,
    /// Who gave it.
    pub grantor: String,
}

/// What an object is made of, by kind. Expressions and types are the server's own text (`pg_get_expr`, `format_type`, …),
/// printed under an empty `search_path`, so that every name in them is qualified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// A schema.
    Schema,
    /// An enum type.
    Enum {
        /// In sort order.
        labels: Vec<String>,
    },
    /// A domain.
    Domain {
        /// The underlying type.
        base: String,
        /// COLLATE, where it is not the type's own.
        collation: Option<String>,
        /// DEFAULT
        default: Option<String>,
        /// NOT NULL
        not_null: bool,
        /// The name of its not-null constraint, where the server keeps one (from PostgreSQL 18 on).
        not_null_name: Option<String>,
        /// Its CHECK constraints.
        checks: Vec<DomainCheck>,
    },
    /// A composite type that is no table's row type.
    Composite {
        /// In order.
        attributes: Vec<CompositeAttribute>,
    },
    /// A range type.
    Range(Box<Range>),
    /// A sequence.
    Sequence(Sequence),
    /// A function or procedure.
    Function {
        /// Function or procedure.
        routine: Routine,
        /// Its bare name.
        name: String,
        /// The types of its input arguments, as `oidvectortypes` prints them: what identifies it in statements.
        arguments: String,
        /// `pg_get_functiondef`: CREATE OR REPLACE …
        create: String,
        /// What CREATE OR REPLACE can't change: kind, result, argument names and the number of defaults.
        signature: String,
    },
    /// An aggregate function.
    Aggregate {
        /// Its bare name.
        name: String,
        /// `pg_get_function_arguments`, or `*`: what CREATE takes.
        parameters: String,
        /// `pg_get_function_identity_arguments`, or `*`: what DROP, ALTER and COMMENT take.
        arguments: String,
        /// The types of its arguments, as `oidvectortypes` prints them: what GRANT takes.
        argument_types: String,
        /// `pg_get_function_result`
        result: String,
        /// What stands in the parentheses behind it: `SFUNC = int4pl`, `STYPE = integer`, …
        options: Vec<String>,
    },
    /// A table.
    Table(Box<Table>),
    /// A constraint of a table.
    Constraint {
        /// p, u, f, c, x as in `pg_constraint.contype`, or t.
        contype: char,
        /// `pg_get_constraintdef`, NOT VALID and DEFERRABLE included.
        definition: String,
        /// `convalidated`
        validated: bool,
        /// Whether the index behind it is the one that the table is clustered on.
        clustered: bool,
        /// Whether the index behind it is the table's replica identity.
        replica_identity: bool,
        /// The index behind a primary key, unique or exclusion constraint.
        index: Option<ConstraintIndex>,
        /// Whether it comes from tables above.
        #[serde(default)]
        descent: Descent,
        /// The constraint, or the index, of the table above that it is attached to; never of a CHECK, which has its name alone.
        parent: Option<ObjectKey>,
        /// The triggers behind it that are not in the state O.
        #[serde(default)]
        triggers: Vec<ConstraintTrigger>,
    },
    /// An index that belongs to no constraint.
    Index {
        /// Its table.
        table: String,
        /// `pg_get_indexdef`
        create: String,
        /// `indisvalid`
        valid: bool,
        /// Where it is not the database's own.
        tablespace: Option<String>,
        /// `indisclustered`
        clustered: bool,
        /// `indisreplident`
        replica_identity: bool,
        /// Statistics targets of expression columns, by column number.
        statistics: Vec<(i32, i32)>,
        /// Whether its text holds expressions or a predicate, which the server may respell.
        has_expressions: bool,
        /// The index of the table above that it is attached to.
        parent: Option<ObjectKey>,
        /// Whether it is a partitioned table's, and holds nothing itself.
        #[serde(default)]
        partitioned: bool,
    },
    /// A view.
    View {
        /// Column names.
        columns: Vec<String>,
        /// `pg_get_viewdef`, without the last semicolon.
        query: String,
        /// `reloptions`: security_barrier, security_invoker, check_option.
        options: Vec<String>,
        /// Grants and comments of single columns.
        column_facts: Vec<ColumnFacts>,
        /// Defaults of columns (`ALTER VIEW … ALTER COLUMN … SET DEFAULT`).
        defaults: Vec<(String, String)>,
        /// Where the query reads the view itself, `format_type` of each column, with its collation where that is not the type's: such a
        /// view is made in two moves.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        own_types: Vec<String>,
    },
    /// A materialized view.
    MaterializedView(Box<MaterializedView>),
    /// A rule of a table or view.
    Rule {
        /// `pg_get_ruledef`, without the last semicolon.
        create: String,
        /// O, D, R, A as in `pg_rewrite.ev_enabled`.
        enabled: char,
    },
    /// Extended statistics.
    Statistics {
        /// The table or materialized view that they are about.
        on: ObjectKey,
        /// `pg_get_statisticsobjdef`
        create: String,
        /// SET STATISTICS, where it was set.
        target: Option<i32>,
    },
    /// A trigger.
    Trigger {
        /// `pg_get_triggerdef`
        create: String,
        /// O, D, R, A as in `pg_trigger.tgenabled`.
        enabled: char,
        /// The trigger of the table above that it is a clone of.
        parent: Option<ObjectKey>,
        /// Of a constraint trigger: its constraint's name, where that is another one than its own.
        #[serde(default)]
        constraint: Option<String>,
        /// Of a constraint trigger: COMMENT ON CONSTRAINT.
        #[serde(default)]
        constraint_comment: Option<String>,
    },
    /// A row-level security policy.
    Policy {
        /// PERMISSIVE or RESTRICTIVE.
        permissive: bool,
        /// ALL, SELECT, INSERT, UPDATE or DELETE.
        command: String,
        /// Roles; empty is PUBLIC.
        roles: Vec<String>,
        /// USING
        using: Option<String>,
        /// WITH CHECK
        check: Option<String>,
    },
    /// A publication without its members.
    Publication {
        /// FOR ALL TABLES
        all_tables: bool,
        /// `publish` and its like, as `name=value`.
        options: Vec<String>,
    },
    /// A table in a publication.
    Published {
        /// The columns that are published; empty is all.
        columns: Vec<String>,
        /// WHERE
        filter: Option<String>,
    },
    /// A schema in a publication.
    PublishedSchema,
    /// Default privileges (`ALTER DEFAULT PRIVILEGES`), which stand in [`Object::grants`].
    DefaultPrivileges {
        /// Whose new objects they are for.
        role: String,
        /// In which schema alone; none is everywhere.
        schema: Option<String>,
        /// TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS or LARGE OBJECTS.
        objects: String,
    },
    /// The database itself.
    Database(Database),
    /// A fingerprint of the object's catalog row; owner, privileges and comment are not in it.
    Other {
        /// Hex; stable while the object is not changed.
        fingerprint: String,
        /// What makes it again; nothing where it can't be made again.
        #[serde(default, deserialize_with = "or_empty", skip_serializing_if = "Vec::is_empty")]
        statements: Vec<String>,
    },
}

/// What `CREATE`, `ALTER` and `DROP` call a callable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routine {
    /// FUNCTION
    Function,
    /// PROCEDURE
    Procedure,
}

/// What `pg_get_constraintdef` leaves out of the index behind a constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConstraintIndex {
    /// `reloptions`
    pub options: Vec<String>,
    /// Where it is not the database's own.
    pub tablespace: Option<String>,
    /// COMMENT ON INDEX, beside the comment on the constraint.
    pub comment: Option<String>,
}

/// A trigger that the server made for a constraint, and that does not fire as usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstraintTrigger {
    /// The function that it calls; its own name holds a number that is another one each time.
    pub function: String,
    /// `tgenabled`
    pub state: char,
    /// The partition of the referenced table that it is on, quoted; none where it belongs to the constraint itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
}

/// A CHECK of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainCheck {
    /// Its name.
    pub name: String,
    /// `pg_get_constraintdef`
    pub definition: String,
    /// COMMENT ON CONSTRAINT … ON DOMAIN
    pub comment: Option<String>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompositeAttribute {
    /// Its name.
    pub name: String,
    /// `format_type`
    pub data_type: String,
    /// COLLATE, where it is not the type's own.
    pub collation: Option<String>,
    /// COMMENT ON COLUMN
    pub comment: Option<String>,
}

impl Definition {
    /// Grants and comments of single columns, those of the system included.
    pub fn column_facts(&self) -> Vec<&ColumnFacts> {
        let (columns, system_columns) = match self {
            Definition::Table(table) => (&table.columns, &table.system_columns),
            Definition::MaterializedView(view) => (&view.columns, &view.system_columns),
            Definition::View { column_facts, .. } => return column_facts.iter().collect(),
            Definition::Schema
            | Definition::Enum { .. }
            | Definition::Domain { .. }
            | Definition::Composite { .. }
            | Definition::Range(_)
            | Definition::Sequence(_)
            | Definition::Function { .. }
            | Definition::Aggregate { .. }
            | Definition::Constraint { .. }
            | Definition::Index { .. }
            | Definition::Rule { .. }
            | Definition::Statistics { .. }
            | Definition::Trigger { .. }
            | Definition::Policy { .. }
            | Definition::Publication { .. }
            | Definition::Published { .. }
            | Definition::PublishedSchema
            | Definition::DefaultPrivileges { .. }
            | Definition::Database(_)
            | Definition::Other { .. } => return Vec::new(),
        };
        columns.iter().map(|column| &column.facts).chain(system_columns).collect()
    }

    /// The same, to be changed.
    pub fn column_facts_mut(&mut self) -> Vec<&mut ColumnFacts> {
        let (columns, system_columns) = match self {
            Definition::Table(table) => (&mut table.columns, &mut table.system_columns),
            Definition::MaterializedView(view) => (&mut view.columns, &mut view.system_columns),
            Definition::View { column_facts, .. } => return column_facts.iter_mut().collect(),
            Definition::Schema
            | Definition::Enum { .. }
            | Definition::Domain { .. }
            | Definition::Composite { .. }
            | Definition::Range(_)
            | Definition::Sequence(_)
            | Definition::Function { .. }
            | Definition::Aggregate { .. }
            | Definition::Constraint { .. }
            | Definition::Index { .. }
            | Definition::Rule { .. }
            | Definition::Statistics { .. }
            | Definition::Trigger { .. }
            | Definition::Policy { .. }
            | Definition::Publication { .. }
            | Definition::Published { .. }
            | Definition::PublishedSchema
            | Definition::DefaultPrivileges { .. }
            | Definition::Database(_)
            | Definition::Other { .. } => return Vec::new(),
        };
        columns.iter_mut().map(|column| &mut column.facts).chain(system_columns).collect()
    }
}

/// A list that the server's JSON gives as null where nothing is in it.
pub(super) fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}
