//! What the rest of the room asks of a kind of objects.

use super::{
    sequence::Sequence,
    table::{Column, ColumnFacts},
};
use crate::{
    catalog::{kind::ObjectKey, privilege::Grant},
    sql::quote::{ident, qualified},
};

/// One kind of objects: how its statements read, what can be changed while it stands, what is said of a difference.
///
/// Names in statements are quoted; expressions and types are the server's own text. Owner, privileges, comments and labels are the
/// same for all kinds, and in none of the statements here.
pub(in crate::catalog) trait CatalogKind: PartialEq {
    /// The word after ALTER, DROP and COMMENT ON.
    fn noun(&self, key: &ObjectKey) -> &'static str;

    /// Its name, as DROP and COMMENT ON take it: `"s"."t"`, `"s"."f"(integer)`, `"c" ON "s"."t"`.
    fn title(&self, key: &ObjectKey) -> String {
        match &key.of {
            Some(table) => format!("{} ON {}", ident(&key.name), qualified(&key.schema, table)),
            None => qualified(&key.schema, &key.name),
        }
    }

    /// The table that a part is altered through.
    fn table_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        key.of.as_deref()
    }

    /// What it is called in expressions and queries; none for what isn't named there.
    fn bare_name<'a>(&'a self, _key: &'a ObjectKey) -> Option<&'a str> {
        None
    }

    /// Where it comes among what is made, as far as needs leave a choice.
    fn made(&self) -> CreateOrder;

    /// Where it comes among what is dropped, as far as needs leave a choice.
    fn dropped(&self) -> DropOrder;

    /// The statements that make it; none for what comes with another object, as an identity column's sequence does.
    fn create(&self, making: Making<'_>) -> Vec<String>;

    /// The statements that drop it, never with CASCADE: what is unknown makes the server refuse instead of being lost.
    fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("DROP {} {}", self.noun(making.key), self.title(making.key))]
    }

    /// Whether statements can change what it is `now` back without dropping it.
    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        self == now
    }

    /// What is taken away before anything is dropped or loaded.
    fn before(&self, _now: &Self, _changing: Changing<'_>) -> Vec<String> {
        Vec::new()
    }

    /// What is given back after everything stands and the rows are there.
    fn after(&self, _now: &Self, _changing: Changing<'_>) -> Vec<String> {
        Vec::new()
    }

    /// Adds what is different about it, in words.
    fn describe(&self, now: &Self, what: &mut Vec<String>);

    /// Empties every expression's text, which the server may spell in other words. Whether there is one stays visible.
    fn unspell(&mut self) {}

    /// What COMMENT ON takes of everything in it that has a comment of its own, and the text where there is one.
    fn remarks(&self, _key: &ObjectKey) -> Vec<(String, Option<String>)> {
        Vec::new()
    }

    /// Whether COMMENT ON can be said of it.
    fn has_comment(&self, _key: &ObjectKey) -> bool {
        true
    }

    /// Whether ALTER … OWNER TO can be said of it, where it has an owner.
    fn has_owner(&self, _key: &ObjectKey) -> bool {
        true
    }

    /// What GRANT … ON takes; none where it has no privileges.
    fn granted(&self, _key: &ObjectKey) -> Option<String> {
        None
    }

    /// The privileges that a new one has, in the server's order (`acldefault`).
    fn built_in(&self, _owner: &str, _server_version: u32) -> Vec<Grant> {
        Vec::new()
    }

    /// What ALTER … DEPENDS ON EXTENSION is said of.
    fn extension_target(&self, key: &ObjectKey) -> String {
        format!("{} {}", self.noun(key), self.title(key))
    }

    /// Roles that its definition names.
    fn roles(&self) -> Vec<&String> {
        Vec::new()
    }

    /// Grants and comments of single columns, those of the system included.
    fn column_facts(&self) -> Vec<&ColumnFacts> {
        Vec::new()
    }

    /// The same, to be changed.
    fn column_facts_mut(&mut self) -> Vec<&mut ColumnFacts> {
        Vec::new()
    }

    /// Its columns, where more than their names is known.
    fn columns(&self) -> &[Column] {
        &[]
    }

    /// Whether it has a column or attribute of this name, those of the system left out.
    fn has_column(&self, _name: &str) -> bool {
        false
    }

    /// The part of the table above that it is attached to.
    fn parent(&self) -> Option<&ObjectKey> {
        None
    }

    /// The column that owns it, with its table: it goes with them, and takes the table's owner.
    fn owner_column(&self) -> Option<&(ObjectKey, String)> {
        None
    }

    /// Whether it is made and dropped with a column's identity, and has no statements of its own for that.
    fn is_of_identity(&self) -> bool {
        false
    }

    /// When a trigger or rule of a table fires, as in `pg_trigger.tgenabled`.
    fn fires(&self) -> Option<char> {
        None
    }

    /// Why it can't be made again: fragments; none where it can.
    fn obstacles(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether it can at least be dropped, if the run made it.
    fn can_drop(&self, _key: &ObjectKey) -> bool {
        true
    }

    /// What comes near a statement that makes it, or a part of it, and that failed.
    fn nearest(&self, _sql: &str, _making: Making<'_>) -> Option<Nearest> {
        None
    }
}

/// An object that is made or dropped.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct Making<'a> {
    pub key: &'a ObjectKey,
    pub grants: &'a [Grant],
    /// The structure that it stands in.
    pub structure: &'a dyn StructureLookup,
}

/// An object that is changed while it stands.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct Changing<'a> {
    pub key: &'a ObjectKey,
    pub then_grants: &'a [Grant],
    pub now_grants: &'a [Grant],
    pub then: &'a dyn StructureLookup,
    pub now: &'a dyn StructureLookup,
}

/// What decides whether a changed object can stay.
#[derive(Debug, Clone, Copy)]
pub(in crate::catalog) struct AlterTerms {
    pub rows: RowBackup,
    pub server_version: u32,
}

/// What there is of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog) enum RowBackup {
    /// A copy, so that the table can be made anew.
    Copied,
    /// Only the table itself, which must stay.
    Kept,
}

/// What one object's statements say of others.
pub(in crate::catalog) trait StructureLookup {
    /// `server_version_num`
    fn server_version(&self) -> u32;

    /// The sequence behind a column's identity.
    fn identity_sequence(&self, table: &ObjectKey, column: &str) -> Option<(&ObjectKey, &Sequence)>;

    /// Whether the part's table is partitioned.
    fn is_of_partitioned(&self, part: &ObjectKey) -> bool;
}

/// A statement that comes near another one, which failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// What to run instead.
    pub sql: String,
    /// What makes it whole once what is in the way is gone.
    pub finish: Vec<String>,
}

/// In which order things are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog) enum CreateOrder {
    Schemas,
    Types,
    Sequences,
    Routines,
    Tables,
    Defaults,
    /// The rows: everything later is easier with them in place.
    Rows,
    Indexes,
    Keys,
    Checks,
    ForeignKeys,
    Views,
    Statistics,
    Triggers,
    Policies,
    Members,
    Rest,
    /// When everything else is done, privileges and comments included: what acts on all that comes after it.
    Last,
}

/// In which order things are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog) enum DropOrder {
    /// Before anything else is done: what acts on all that comes after it.
    First,
    Constraints,
    Policies,
    Triggers,
    Views,
    Rest,
    Indexes,
    Tables,
    Routines,
    Sequences,
    Types,
    Schemas,
}
