//! Where the later writes of others have their place in a restore.

use std::collections::BTreeSet;

use tokio_postgres::Client;

use crate::{
    catalog::{Action, Definition, ObjectKey, ObjectKind, Script, Snapshot},
    drive::manifest::Manifest,
    machine::Failure,
    postgres::{
        fence::Capturing,
        later_writes::{ForeignKey, LaterWrites, are_captured, counted, refusal},
    },
    sql::KeyText,
};

/// What is known of them before anything is brought back, and once nobody can write any more.
pub struct Later {
    /// Whether they are captured and made again, be it that there were none.
    pub are_captured: bool,
    /// Tables whose noted writes are overwritten, as `schema.table`, with how many transactions wrote.
    pub overwritten: Vec<(String, u64)>,
}

/// Looks for writes of others since the backup.
///
/// # Errors
/// `backstop::restore::later_writes`, undecided, where some would be overwritten and are to be spared; or what the server said.
pub async fn later_writes_of(
    client: &Client,
    manifest: &Manifest,
    wanted: LaterWrites,
    fence: Capturing,
) -> Result<Later, Failure> {
    let Some(run) = &manifest.run else { return Ok(Later { are_captured: false, overwritten: Vec::new() }) };
    let noted = counted(client, manifest).await?;
    if wanted == LaterWrites::Spare && !noted.is_empty() {
        return Err(refusal(&noted, run));
    }
    let overwritten = noted.into_iter().map(|one| (one.table, one.transactions)).collect();
    let are_captured = fence == Capturing::Yes || are_captured(client, manifest).await?;
    Ok(Later { are_captured, overwritten })
}

/// A script's actions before and after captured writes are made again.
pub struct Parted<'a> {
    /// Before.
    pub first: Vec<&'a Action>,
    /// After.
    pub afterwards: Vec<&'a Action>,
}

impl<'a> Parted<'a> {
    /// Rows of tables that the backup does not hold may point to rows that only the captured writes bring, and rows of the backup
    /// to rows of such tables that others deleted together with them: these foreign keys are made again when the writes are there. So
    /// are those that point to a partitioned table: a row that moved to another partition was captured as one that was deleted and one
    /// that came, and under its key that would take along what points to it.
    pub fn of(script: &'a Script, then: &Snapshot, covered: &BTreeSet<ObjectKey>, is_parted: bool) -> Self {
        let last_load = script.actions.iter().rposition(|action| matches!(action, Action::Load(_)));
        let waits = |(at, action): &(usize, &'a Action)| match action {
            Action::Sql { object, .. } => {
                is_parted && last_load.is_none_or(|load| *at > load) && waits_for_writes(object, then, covered)
            }
            Action::Load(_) | Action::Position(_) => false,
        };
        let (afterwards, first): (Vec<_>, Vec<_>) = script.actions.iter().enumerate().partition(waits);
        let actions = |parts: Vec<(usize, &'a Action)>| parts.into_iter().map(|(_, action)| action).collect();
        Parted { first: actions(first), afterwards: actions(afterwards) }
    }

    /// The foreign keys among what comes afterwards that are checked against the rows that are there.
    pub fn keys(&self, then: &Snapshot) -> Vec<ForeignKey> {
        let objects: BTreeSet<&ObjectKey> = self.afterwards.iter().filter_map(|action| made_by(action)).collect();
        objects.into_iter().filter_map(|key| foreign_key(key, then)).collect()
    }
}

fn made_by(action: &Action) -> Option<&ObjectKey> {
    match action {
        Action::Sql { object, .. } => Some(object),
        Action::Load(_) | Action::Position(_) => None,
    }
}

/// None where it is no foreign key, or one of which the server doesn't ask anything of rows that are there.
fn foreign_key(key: &ObjectKey, then: &Snapshot) -> Option<ForeignKey> {
    let object = then.objects.get(key)?;
    let constraint = object.definition.foreign_key().filter(|key| key.validated)?;
    let own = ObjectKey::table(&key.schema, key.of.as_ref()?);
    let other = object.depends_on.iter().find(|need| need.kind == ObjectKind::Table && **need != own).unwrap_or(&own);
    let text = KeyText::parse(&constraint.definition)?;
    Some(ForeignKey {
        name: key.name.clone(),
        own: (own.schema.clone(), own.name.clone()),
        columns: text.columns,
        other: (other.schema.clone(), other.name.clone()),
        referred: text.references?,
    })
}

/// Whether it is a foreign key between a table of the backup and one that it does not hold, or to a partitioned table.
fn waits_for_writes(key: &ObjectKey, then: &Snapshot, covered: &BTreeSet<ObjectKey>) -> bool {
    let Some(object) = then.objects.get(key) else { return false };
    let is_outside = |table: &ObjectKey| table.kind == ObjectKind::Table && !covered.contains(table);
    let of_outside = key.of.as_ref().is_some_and(|of| is_outside(&ObjectKey::table(&key.schema, of)));
    object.definition.foreign_key().is_some()
        && (of_outside || object.depends_on.iter().any(|need| is_outside(need) || is_partitioned(need, then)))
}

fn is_partitioned(table: &ObjectKey, then: &Snapshot) -> bool {
    let definition = then.objects.get(table).map(|object| &object.definition);
    matches!(definition, Some(Definition::Table(found)) if found.lineage.partition_key.is_some())
}
