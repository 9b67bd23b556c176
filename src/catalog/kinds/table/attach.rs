//! Taking tables from those above them, and attaching them again.

use super::{
    super::{catalog_kind::StructureLookup, clauses::with_options, sequence::Sequence},
    create::{definition_of, identity, set_default, set_not_null, storage},
    model::{Column, Table},
};
use crate::{
    catalog::{kind::ObjectKey, lineage::Lineage},
    sql::quote::{ident, qualified},
};

fn named(key: &ObjectKey) -> String {
    qualified(&key.schema, &key.name)
}

/// Takes a table from those above it.
pub(crate) fn detach(key: &ObjectKey, lineage: &Lineage) -> Vec<String> {
    let table = named(key);
    let detach = lineage.partition_of.iter().map(|of| {
        let finish = if of.detaching { " FINALIZE" } else { "" };
        format!("ALTER TABLE {} DETACH PARTITION {table}{finish}", named(&of.parent))
    });
    let leave = lineage.inherits.iter().map(|above| format!("ALTER TABLE {table} NO INHERIT {}", named(above)));
    detach.chain(leave).collect()
}

/// Puts a table below those that it had above it.
pub(crate) fn attach(key: &ObjectKey, lineage: &Lineage) -> Vec<String> {
    let table = named(key);
    let attach = lineage
        .partition_of
        .iter()
        .map(|of| format!("ALTER TABLE {} ATTACH PARTITION {table} {}", named(&of.parent), of.bound));
    let inherit = lineage.inherits.iter().map(|above| format!("ALTER TABLE {table} INHERIT {}", named(above)));
    attach.chain(inherit).collect()
}

/// Gives a table the marks that it has from above alone and that were never validated: what it is put below asks for them. `above` is the
/// scaffold over it; a partition has none, and what it has is from above once it is attached.
pub(crate) fn mark_from_above(key: &ObjectKey, above: Option<&ObjectKey>, then: &Table) -> Vec<String> {
    let table = named(above.unwrap_or(key));
    let marks = then.unvalidated_marks().filter(|(_, mark)| mark.is_unvalidated_from_above());
    marks.map(|(column, mark)| set_not_null(&table, column, mark)).collect()
}

/// Makes an index that of a partition, or leaves it so.
pub(crate) fn attach_index(above: &ObjectKey, below: &ObjectKey) -> String {
    format!("ALTER INDEX {} ATTACH PARTITION {}", named(above), named(below))
}

/// A table for a while, below which an inheritance child keeps what it has from above alone while it is detached. It is made of the inheritance child
/// itself, so that expressions are the same to the last node, and then loses what is not to be kept. `checks` are the
/// constraints that go.
pub(crate) fn scaffold_for(
    key: &ObjectKey,
    scaffold: &ObjectKey,
    (then, now): (&Table, &Table),
    checks: &[String],
) -> Vec<String> {
    let (table, scaffold) = (named(key), named(scaffold));
    let mut statements = vec![format!("CREATE TABLE {scaffold} (LIKE {table} INCLUDING CONSTRAINTS INCLUDING GENERATED)")];
    let mut lose = |what: String| statements.push(format!("ALTER TABLE {scaffold} {what}"));
    for check in checks {
        lose(format!("DROP CONSTRAINT IF EXISTS {}", ident(check)));
    }
    for column in &now.columns {
        let name = ident(&column.name);
        let before = then.columns.iter().find(|other| other.name == column.name);
        let is_kept = before.is_some_and(|before| !before.descent.local || column.descent.local);
        let is_mark_kept = match (before.and_then(|before| before.not_null.as_ref()), &column.not_null) {
            // LIKE takes a mark as one that holds.
            (Some(before), Some(after)) => [before, after].iter().all(|mark| !mark.descent.local && mark.validated),
            _ => false,
        };
        if !is_kept {
            // Nothing else hangs on the scaffold than what was copied with it.
            lose(format!("DROP COLUMN {name} CASCADE"));
        } else if column.not_null.is_some() && !is_mark_kept {
            lose(format!("ALTER COLUMN {name} DROP NOT NULL"));
        }
    }
    statements.push(format!("ALTER TABLE {table} INHERIT {scaffold}"));
    statements
}

/// The end of it.
pub(crate) fn drop_scaffold(key: &ObjectKey, scaffold: &ObjectKey) -> Vec<String> {
    let scaffold = named(scaffold);
    vec![format!("ALTER TABLE {} NO INHERIT {scaffold}", named(key)), format!("DROP TABLE {scaffold}")]
}

/// Makes an inheritance child below a scaffold: a column that it has from above alone is one that was added there, and so it can stand at
/// any place.
pub(crate) fn inheritance_child(
    key: &ObjectKey,
    table: &Table,
    then: &dyn StructureLookup,
    scaffold: &ObjectKey,
) -> Vec<String> {
    let (name, above) = (named(key), named(scaffold));
    let is_own = |column: &&Column| column.descent.local;
    let lead: Vec<String> = table.columns.iter().take_while(|column| !is_own(column)).map(inherited).collect();
    let own: Vec<String> =
        table.columns.iter().skip(lead.len()).take_while(is_own).map(|column| definition_of(key, column, then)).collect();
    let mut create = format!(
        "CREATE {}TABLE {name} ({}) INHERITS ({above})",
        if table.unlogged { "UNLOGGED " } else { "" },
        own.join(", ")
    );
    if let Some(method) = &table.access_method {
        create.push_str(&format!(" USING {}", ident(method)));
    }
    create.push_str(&with_options(&table.options));
    if let Some(tablespace) = &table.tablespace {
        create.push_str(&format!(" TABLESPACE {}", ident(tablespace)));
    }
    let mut statements = vec![format!("CREATE TABLE {above} ({})", lead.join(", ")), create];
    for column in table.columns.iter().skip(lead.len() + own.len()) {
        statements.push(if is_own(&column) {
            format!("ALTER TABLE {name} ADD COLUMN {}", definition_of(key, column, then))
        } else {
            format!("ALTER TABLE {above} ADD COLUMN {}", inherited(column))
        });
    }
    // What it declares as well as those above it.
    for column in table.columns.iter().filter(|column| column.descent.local && column.descent.above > 0) {
        statements.push(format!("ALTER TABLE {above} ADD COLUMN {}", inherited(column)));
    }
    for column in &table.columns {
        statements.extend(beside(key, column, then));
        statements.extend(storage(&name, column));
    }
    statements
}

/// A column as it stands in the scaffold: with what comes from above, and nothing else.
fn inherited(column: &Column) -> String {
    let bare = Column {
        default: None,
        identity: None,
        not_null: column.not_null.clone().filter(|mark| !mark.descent.local),
        ..column.clone()
    };
    definition_of(&ObjectKey::table("", ""), &bare, &Nothing)
}

/// What an inheritance child says of a column that it has from above alone.
fn beside(key: &ObjectKey, column: &Column, then: &dyn StructureLookup) -> Vec<String> {
    if column.descent.local {
        return Vec::new();
    }
    let name = named(key);
    let mut statements = Vec::new();
    if let Some(mark) = column.not_null.as_ref().filter(|mark| mark.descent.local && mark.validated) {
        statements.push(set_not_null(&name, &column.name, mark));
    }
    if let (Some(default), true) = (&column.default, column.default_needs.is_empty()) {
        statements.push(set_default(key, &column.name, Some(default)));
    }
    if let Some(identity) = identity(key, column, then) {
        statements.push(format!("ALTER TABLE {name} ALTER COLUMN {} ADD {identity}", ident(&column.name)));
    }
    statements
}

/// The same part, of the scaffold: the inheritance child below it has it from above.
pub(crate) fn of_scaffold(part: &ObjectKey, scaffold: &ObjectKey) -> ObjectKey {
    ObjectKey { schema: scaffold.schema.clone(), of: Some(scaffold.name.clone()), ..part.clone() }
}

/// A structure in which nothing is.
struct Nothing;

impl StructureLookup for Nothing {
    fn server_version(&self) -> u32 {
        0
    }

    fn identity_sequence(&self, _table: &ObjectKey, _column: &str) -> Option<(&ObjectKey, &Sequence)> {
        None
    }

    fn is_of_partitioned(&self, _part: &ObjectKey) -> bool {
        false
    }
}
