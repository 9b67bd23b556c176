//! Where sequences are to stand after a restore.

use std::collections::BTreeSet;

use tokio_postgres::{Client, Error};

use super::proof::differs;
use crate::{
    catalog::{Action, Column, Definition, ObjectKey, Script, Sequence, SequencePosition, Snapshot},
    drive::manifest::Manifest,
    machine::Failure,
    plan::Sequences,
    postgres::{
        backup::readable_positions,
        capture::{Positions, positions},
        error_class::failure,
        privileged::privileged,
    },
    sql::quote::{ident, literal, qualified},
};

/// What it takes to move a sequence from where it stands.
const MOVING: [&str; 2] = ["SELECT", "UPDATE"];

/// The positions that the script will set. They are found before it runs: a sequence may be dropped by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SequenceTargets(Positions);

impl SequenceTargets {
    /// Finds them.
    ///
    /// # Errors
    /// The SQLSTATE that the server sent, or the loss of the connection.
    pub async fn find(
        client: &Client,
        manifest: &Manifest,
        now: &Snapshot,
        script: &Script,
        policy: Sequences,
    ) -> Result<Self, Error> {
        let wanted: Vec<&ObjectKey> = script
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::Position(sequence) => Some(sequence),
                _ => None,
            })
            .collect();
        let (there, gone): (Vec<&ObjectKey>, Vec<&ObjectKey>) = wanted.iter().partition(|key| sequence(now, key).is_some());
        let movable: Vec<ObjectKey> = privileged(client, &there, &MOVING).await?.into_iter().cloned().collect();
        let now = positions(client, &movable).await?;
        let target = |key: &&ObjectKey| {
            let definition = sequence(&manifest.snapshot, key)?;
            let policy = if feeds_kept_rows(manifest, key, definition) { Sequences::Forward } else { policy };
            let target = target(definition, manifest.positions.get(key).copied(), now.get(key).copied(), policy)?;
            Some(((*key).clone(), target))
        };
        Ok(SequenceTargets(movable.iter().chain(gone).filter_map(|key| target(&key)).collect()))
    }

    /// Where the sequence is to stand; none where nothing is known.
    pub fn of(&self, sequence: &ObjectKey) -> Option<SequencePosition> {
        self.0.get(sequence).copied()
    }

    /// Proves that those of these sequences that the script positions stand there. Nobody else may get at them.
    ///
    /// # Errors
    /// `backstop::restore::differs`, naming them, or `backstop::restore::failed` with what the server said.
    pub async fn prove(&self, client: &Client, sequences: &[ObjectKey]) -> Result<(), Failure> {
        let found = positions(client, sequences).await.map_err(|error| failure("backstop::restore::failed", &error))?;
        let is_elsewhere = |(key, at): &(&ObjectKey, &SequencePosition)| self.0.get(key).is_some_and(|target| target != *at);
        let differences: Vec<String> =
            found.iter().filter(is_elsewhere).map(|(key, _)| format!("{key} does not stand where others left it")).collect();
        if differences.is_empty() { Ok(()) } else { Err(differs(&differences)) }
    }
}

/// Whether it numbers rows of which the backup has no copy: they stay, whatever becomes of positions.
fn feeds_kept_rows(manifest: &Manifest, key: &ObjectKey, of: &Sequence) -> bool {
    fed_by(&manifest.snapshot, key, of).iter().any(|(table, _)| manifest.tables.iter().all(|copy| copy.key() != **table))
}

/// Where sequences are to stand that the script leaves alone: setval is never rolled back. Those that were moved backwards, whose
/// numbers would be handed out again, stand where they stood; those that may have gone round stay. Where positions are to be exact,
/// all stand where they stood, but for those whose numbers rows bear that stay. Those that the role may not move stay.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn out_of_place(
    client: &Client,
    manifest: &Manifest,
    after: &Snapshot,
    script: &Script,
    policy: Sequences,
) -> Result<Positions, Error> {
    let positioned: BTreeSet<&ObjectKey> = script
        .actions
        .iter()
        .filter_map(|action| if let Action::Position(key) = action { Some(key) } else { None })
        .collect();
    let others: Vec<&ObjectKey> = manifest.positions.keys().filter(|key| !positioned.contains(key)).collect();
    let mut moved = Positions::new();
    for (key, now) in readable_positions(client, &others).await? {
        let (Some(definition), Some(then)) = (sequence(after, &key), manifest.positions.get(&key).copied()) else {
            continue;
        };
        // One that goes round may stand before where it stood; but whoever goes round takes a number.
        if policy == Sequences::Forward && definition.cycle && now.is_called {
            continue;
        }
        let wanted = target(definition, Some(then), Some(now), policy);
        if wanted != Some(now)
            && (definition.min..=definition.max).contains(&then.last_value)
            && !privileged(client, &[&key], &MOVING).await?.is_empty()
            && (policy == Sequences::Forward || !is_borne(client, after, &key, then).await?)
        {
            moved.insert(key, then);
        }
    }
    Ok(moved)
}

/// Whether rows bear numbers of the sequence that it would hand out again if it stood there: numbers of an application that went on
/// writing to tables that no restore touches. Where that can't be read, they may.
///
/// # Errors
/// The driver's, where the transaction can't go on.
async fn is_borne(client: &Client, snapshot: &Snapshot, key: &ObjectKey, then: SequencePosition) -> Result<bool, Error> {
    const INTEGERS: [&str; 4] = ["smallint", "integer", "bigint", "numeric"];
    let Some(definition) = sequence(snapshot, key) else { return Ok(false) };
    let operator = match (definition.increment > 0, then.is_called) {
        (true, true) => ">",
        (true, false) => ">=",
        (false, true) => "<",
        (false, false) => "<=",
    };
    for (table, column) in fed_by(snapshot, key, definition) {
        if !INTEGERS.contains(&column.data_type.as_str()) {
            continue;
        }
        let (table, column) = (qualified(&table.schema, &table.name), ident(&column.name));
        let borne = format!(
            "SELECT EXISTS (SELECT FROM {table} WHERE {column} OPERATOR(pg_catalog.{operator}) {})",
            then.last_value
        );
        client.batch_execute("SAVEPOINT backstop_numbers").await?;
        let answer = client.query_one(&borne, &[]).await.and_then(|row| row.try_get::<_, bool>(0));
        client.batch_execute("ROLLBACK TO SAVEPOINT backstop_numbers; RELEASE SAVEPOINT backstop_numbers").await?;
        if answer.unwrap_or(true) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The columns that the sequence gives numbers to, with their tables.
fn fed_by<'a>(snapshot: &'a Snapshot, key: &ObjectKey, of: &'a Sequence) -> Vec<(&'a ObjectKey, &'a Column)> {
    let is_fed = |table: &ObjectKey, column: &Column| {
        column.default_needs.contains(key)
            || of.owned_by.as_ref().is_some_and(|(owner, name)| owner == table && *name == column.name)
    };
    let columns = snapshot.objects.iter().flat_map(|(table, object)| {
        let columns = if let Definition::Table(found) = &object.definition { found.columns.as_slice() } else { &[] };
        columns.iter().map(move |column| (table, column))
    });
    columns.filter(|(table, column)| is_fed(table, column)).collect()
}

/// Of a run that left nothing but what no rollback takes back: sequences that it moved backwards stand where they stood, and where
/// positions are to be exact, all of them.
///
/// # Errors
/// `backstop::restore::failed` with what the server said.
pub async fn keep_numbers(client: &Client, manifest: &Manifest, policy: Sequences) -> Result<(), Failure> {
    let failed = |error: Error| failure("backstop::restore::failed", &error);
    let moved = out_of_place(client, manifest, &manifest.snapshot, &Script::default(), policy).await.map_err(failed)?;
    for (sequence, position) in moved {
        client.batch_execute(&setval(&sequence, position)).await.map_err(failed)?;
    }
    Ok(())
}

fn sequence<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a Sequence> {
    match &snapshot.objects.get(key)?.definition {
        Definition::Sequence(sequence) => Some(sequence),
        _ => None,
    }
}

/// The further one of the two, in the direction in which the sequence runs. A number outside of the bounds that it had was
/// handed out by other rules, and does not come again by the old ones.
fn target(
    sequence: &Sequence,
    then: Option<SequencePosition>,
    now: Option<SequencePosition>,
    policy: Sequences,
) -> Option<SequencePosition> {
    let now = now.filter(|now| (sequence.min..=sequence.max).contains(&now.last_value));
    match (then, now, policy) {
        (Some(then), Some(now), Sequences::Forward) => {
            let now_is_further = match now.last_value.cmp(&then.last_value) {
                std::cmp::Ordering::Equal => now.is_called,
                order => (order == std::cmp::Ordering::Greater) == (sequence.increment > 0),
            };
            Some(if now_is_further { now } else { then })
        }
        (then, now, Sequences::Forward) => then.or(now),
        (then, now, Sequences::Exact) => then.or(now),
    }
}

/// The statement that lets a sequence stand there.
pub fn setval(sequence: &ObjectKey, position: SequencePosition) -> String {
    let name = literal(&qualified(&sequence.schema, &sequence.name));
    format!("SELECT pg_catalog.setval({name}, {}, {})", position.last_value, position.is_called)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(increment: i64) -> Sequence {
        Sequence {
            data_type: "bigint".to_owned(),
            start: 1,
            increment,
            min: -1000,
            max: 1000,
            cache: 1,
            cycle: false,
            unlogged: false,
            owned_by: None,
            identity: false,
        }
    }

    fn at(last_value: i64, is_called: bool) -> Option<SequencePosition> {
        Some(SequencePosition { last_value, is_called })
    }

    #[test]
    fn numbers_that_were_handed_out_are_not_handed_out_again() {
        let target = |increment, then, now| target(&sequence(increment), then, now, Sequences::Forward);
        assert_eq!(target(1, at(5, true), at(9, true)), at(9, true));
        assert_eq!(target(1, at(9, true), at(5, true)), at(9, true));
        assert_eq!(target(1, at(5, false), at(5, true)), at(5, true));
        assert_eq!(target(1, at(5, true), at(5, false)), at(5, true));
        assert_eq!(target(-1, at(-5, true), at(-9, true)), at(-9, true));
        assert_eq!(target(-1, at(-9, true), at(-5, true)), at(-9, true));
        assert_eq!(target(1, at(5, true), at(5000, true)), at(5, true));
        assert_eq!(target(1, None, at(7, true)), at(7, true));
        assert_eq!(target(1, None, None), None);
    }

    #[test]
    fn exact_is_exact() {
        assert_eq!(target(&sequence(1), at(5, true), at(9, true), Sequences::Exact), at(5, true));
        assert_eq!(target(&sequence(1), None, at(9, true), Sequences::Exact), at(9, true), "what is not known stays");
    }
}
