//! What others made on the targets while a run went on, as it is to stand when the run is taken back.
//!
//! A restore leads back to the backup's structure with their work added to it: then nothing of theirs is a difference, and what has to go
//! for a while is made again.

use super::{
    change::{Change, ChangeKind},
    diff::diff,
    feasibility::is_fingerprint_only,
    hierarchy::{lineage, lineage_in, table},
    in_use::{InUse, in_use, is_moved},
    kept_changes::Meanwhile,
    kept_facts::{keep_columns, keep_facts},
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{Column, Constraint, Definition, Index, Table},
    lineage::{Descent, Lineage},
    object::Object,
    scope::{holder, in_scope},
    script::Scope,
    snapshot::Snapshot,
    taken_back::taken_back,
    with_others::{OthersPlace, OthersWork, WithOthers},
};

/// The structure that a restore within the scope leads to, where others have made something since.
pub fn with_others(then: &Snapshot, now: &Snapshot, scope: &Scope, work: OthersWork<'_>, place: OthersPlace) -> WithOthers {
    let changes = diff(then, now);
    let reached = in_scope(then, now, &changes, scope);
    let theirs: Vec<&Change> = changes
        .iter()
        .filter(|change| reached.contains(&change.object) && !scope.changed.contains(&change.object))
        .collect();
    let made = |kind: Option<ObjectKind>| {
        theirs
            .iter()
            .filter(move |change| change.how == ChangeKind::Added && kind.is_none_or(|kind| change.object.kind == kind))
            .filter_map(|change| Some((&change.object, now.objects.get(&change.object)?)))
    };
    let mut with = WithOthers { then: then.clone(), ..WithOthers::default() };
    let tables: ObjectKeys = made(Some(ObjectKind::Table)).map(|(key, _)| key.clone()).collect();
    // Those above come first: whether one fits below them is asked of what they are to be.
    let mut due = tables.clone();
    let is_next = |key: &&ObjectKey, due: &ObjectKeys| {
        lineage_in(now, key).is_none_or(|of| of.parents().all(|above| !due.contains(above)))
    };
    while let Some(key) = due.iter().find(|key| is_next(key, &due)).or(due.first()).cloned() {
        due.remove(&key);
        with.add_table(&key, [then, now], place);
    }
    let is_kept = |key: &ObjectKey, object: &Object| match work {
        OthersWork::Tables => holder(key, object, now).is_some_and(|table| tables.contains(&table)),
        OthersWork::AllBut(_) => true,
    };
    let known = if let OthersWork::AllBut(own) = work { Some(own) } else { None };
    let own = known.unwrap_or_default();
    let rest = made(None).filter(|(key, object)| key.kind != ObjectKind::Table && is_kept(key, object));
    for (key, object) in rest.filter(|(key, _)| !is_moved(key, own)) {
        with.add(key, object, then, now);
    }
    if place == OthersPlace::Apart {
        let is_rule = |key: &&ObjectKey| matches!(key.kind, ObjectKind::Constraint | ObjectKind::Index);
        with.remade.extend(with.made.iter().filter(is_rule).cloned());
        with.set_checks_aside(now);
        with.set_domain_checks_aside(then, now, &scope.covered);
    }
    if known.is_some() {
        with.keep_tables(&theirs, now, scope);
    }
    if known.is_some() {
        let meanwhile = Meanwhile {
            now,
            changes: changes.iter().filter(|change| reached.contains(&change.object)).collect(),
            reached: &reached,
            own,
        };
        with.follow_names(&meanwhile);
        with.keep_changed(&meanwhile, then);
    }
    with.keep_used(in_use(then, now, scope, known), then, now);
    with.leave_out_needy(now, scope);
    with.leave_out_clones(&tables, now);
    if known.is_some() {
        for change in changes.iter().filter(|change| change.how == ChangeKind::Changed && reached.contains(&change.object)) {
            keep_facts(&mut with.then, &change.object, now, own);
            if !scope.covered.contains(&change.object) && stands_apart(&change.object, [then, now]) {
                keep_columns(&mut with.then, &change.object, now, own);
            }
        }
        let mut left = diff(&with.then, now);
        left.retain(|change| reached.contains(&change.object) && !tables.contains(&change.object));
        let more = taken_back(&left, &with.then, now, own);
        with.taken_back.extend(more);
    }
    with
}

impl WithOthers {
    /// A table of theirs keeps its place where its columns fit there; else it stands alone, with its rows.
    fn add_table(&mut self, key: &ObjectKey, [then, now]: [&Snapshot; 2], place: OthersPlace) {
        let Some(object) = now.objects.get(key) else { return };
        let mut object = object.clone();
        if let Definition::Table(found) = &mut object.definition {
            let parents: Vec<ObjectKey> = found.lineage.parents().cloned().collect();
            if let Some(rival) = self.rival(key, found, now) {
                self.moved.push(format!("{key} stands alone now: its place is that of {rival} again"));
                stand_alone(found);
                object.depends_on.retain(|need| !parents.contains(need));
            } else if place == OthersPlace::Apart
                && found.lineage.partition_of.as_ref().is_some_and(|of| then.objects.contains_key(&of.parent))
            {
                self.moved
                    .push(format!("{key} stands alone now: as a partition it might have kept out rows that came back"));
                stand_alone(found);
                object.depends_on.retain(|need| !parents.contains(need));
            } else if let Some(why) = parents.iter().find_map(|above| self.misfit(above, found, now)) {
                let above = parents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                self.moved.push(format!("{key} stands alone now: it was below {above}, {why}"));
                stand_alone(found);
                object.depends_on.retain(|need| !parents.contains(need));
            } else {
                for above in &parents {
                    self.without_added(found, above, now);
                }
            }
            let is_other = |need: &&ObjectKey| {
                let [before, after] = [&self.then, now].map(|snapshot| snapshot.objects.get(*need).map(|of| &of.definition));
                need.kind == ObjectKind::Type && before != after
            };
            if found.of_type.is_some()
                && let Some(of) = object.depends_on.iter().find(is_other).cloned()
            {
                self.moved
                    .push(format!("{key} is a table of its own now: it was made of {of}, which has other attributes again"));
                found.of_type = None;
                object.depends_on.remove(&of);
            }
        }
        self.then.objects.insert(key.clone(), object);
    }

    /// The partition that comes back to the place that this one has now.
    fn rival(&self, key: &ObjectKey, below: &Table, now: &Snapshot) -> Option<ObjectKey> {
        let of = below.lineage.partition_of.as_ref()?;
        let is_rival = |(other, object): &(&ObjectKey, &Object)| {
            let place = lineage(object).and_then(|lineage| lineage.partition_of.as_ref());
            *other != key
                && !now.objects.contains_key(*other)
                && place.is_some_and(|place| (&place.parent, &place.bound) == (&of.parent, &of.bound))
        };
        self.then.objects.iter().find(is_rival).map(|(other, _)| other.clone())
    }

    /// Why a table can't stay below another one: a fragment. Every column that the one above had must be there, in its type, and a place among
    /// its partitions. One that stays as it is asks for nothing.
    fn misfit(&self, above: &ObjectKey, below: &Table, now: &Snapshot) -> Option<&'static str> {
        const COLUMNS: &str = "whose columns are others again";
        let [before, after] = [&self.then, now].map(|snapshot| snapshot.objects.get(above).and_then(table));
        let (Some(before), Some(after)) = (before, after) else { return Some(COLUMNS) };
        let has = |column: &Column| {
            let same = below.columns.iter().find(|other| other.name == column.name);
            same.is_some_and(|same| {
                (&same.data_type, &same.collation, &same.generated)
                    == (&column.data_type, &column.collation, &column.generated)
            })
        };
        if !before.columns.iter().all(has) {
            return Some(COLUMNS);
        }
        (before.lineage.partition_key != after.lineage.partition_key).then_some("which is partitioned otherwise again")
    }

    /// Columns that came from above go with those there.
    fn without_added(&self, below: &mut Table, above: &ObjectKey, now: &Snapshot) {
        let names = |snapshot: &Snapshot| {
            let found = snapshot.objects.get(above).and_then(table);
            found.map(|found| found.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()).unwrap_or_default()
        };
        let (before, after) = (names(&self.then), names(now));
        let is_partition = below.lineage.partition_of.is_some();
        below.columns.retain(|column| {
            let is_added = after.contains(&column.name) && !before.contains(&column.name);
            !is_added || column.descent.local && !is_partition
        });
    }

    fn add(&mut self, key: &ObjectKey, object: &Object, then: &Snapshot, now: &Snapshot) {
        // What a build that failed has left is of no use to anybody.
        if matches!(&object.definition, Definition::Index(Index { valid: false, partitioned: false, .. })) {
            return;
        }
        if is_fingerprint_only(&object.definition) || !object.definition.obstacles().is_empty() {
            self.unmade.insert(key.clone());
            return;
        }
        self.insert(key, object, then, now);
        self.made.insert(key.clone());
    }

    /// What others did to tables that no backup holds: nobody could bring back what their columns hold. What comes from tables above goes
    /// with those.
    fn keep_tables(&mut self, theirs: &[&Change], now: &Snapshot, scope: &Scope) {
        for Change { object: key, .. } in theirs.iter().filter(|change| change.how == ChangeKind::Changed) {
            if !scope.covered.contains(key)
                && stands_apart(key, [&self.then, now])
                && let Some(after) = now.objects.get(key)
            {
                self.then.objects.insert(key.clone(), after.clone());
            }
        }
    }

    /// What the run made and others use stays as it is, and so do their tables that use it: nobody could bring back their rows.
    fn keep_used(&mut self, used: Vec<InUse>, then: &Snapshot, now: &Snapshot) {
        for InUse { object: key, users, .. } in &used {
            if let Some(object) = now.objects.get(key) {
                self.insert(key, &released(object, then), then, now);
            }
            for user in users.iter().filter(|user| user.kind == ObjectKind::Table && then.objects.contains_key(*user)) {
                if let Some(object) = now.objects.get(user) {
                    self.then.objects.insert(user.clone(), object.clone());
                }
            }
        }
        self.in_use = used;
    }

    /// What needs something of the run's, or what nobody can make again, goes with that.
    fn leave_out_needy(&mut self, now: &Snapshot, scope: &Scope) {
        loop {
            let is_lost = |need: &ObjectKey| {
                !self.then.objects.contains_key(need) && (scope.changed.contains(need) || self.unmade.contains(need))
            };
            let is_needy =
                |key: &&ObjectKey| now.objects.get(*key).is_some_and(|object| object.depends_on.iter().any(is_lost));
            let needy: Vec<ObjectKey> = self.made.iter().filter(is_needy).cloned().collect();
            if needy.is_empty() {
                return;
            }
            for key in needy {
                self.made.remove(&key);
                self.remade.remove(&key);
                self.then.objects.remove(&key);
                self.unmade.insert(key);
            }
        }
    }

    /// Parts of their tables that came from above, from what is not there or from where the table is no more.
    fn leave_out_clones(&mut self, tables: &ObjectKeys, now: &Snapshot) {
        let mut left_out = ObjectKeys::new();
        let mut alone: Vec<(ObjectKey, Object)> = Vec::new();
        for (key, object) in &self.then.objects {
            let Some(of) = holder(key, object, &self.then).filter(|of| tables.contains(of)) else { continue };
            let Some(lineage) = self.then.objects.get(&of).and_then(table).map(|of| &of.lineage) else { continue };
            let is_apart = lineage.parents().next().is_none();
            if let Some(above) = object.definition.parent() {
                let is_clone = matches!(&object.definition, Definition::Trigger(_));
                if is_apart && !is_clone {
                    alone.push((key.clone(), without_parent(object)));
                } else if is_apart || !self.then.objects.contains_key(above) {
                    left_out.insert(key.clone());
                }
            } else if let Definition::Constraint(Constraint { contype: 'c', descent, .. }) = &object.definition
                && descent.above > 0
            {
                let has_it = lineage.parents().any(|above| {
                    let same = ObjectKey::part(ObjectKind::Constraint, &above.schema, &above.name, &key.name);
                    self.then.objects.contains_key(&same)
                });
                if is_apart {
                    alone.push((key.clone(), without_parent(object)));
                } else if !has_it && now.objects.contains_key(key) && !descent.local {
                    left_out.insert(key.clone());
                }
            }
        }
        self.then.objects.extend(alone);
        for key in left_out {
            self.then.objects.remove(&key);
            self.remade.remove(&key);
        }
    }
}

/// Takes a table from those above it.
fn stand_alone(found: &mut Table) {
    found.lineage = Lineage { partition_key: found.lineage.partition_key.take(), ..Lineage::default() };
    for column in &mut found.columns {
        column.descent = Descent::OWN;
        column.not_null.iter_mut().for_each(|mark| mark.descent = Descent::OWN);
    }
}

/// Whether it is a table then and now, below no other one.
fn stands_apart(key: &ObjectKey, snapshots: [&Snapshot; 2]) -> bool {
    snapshots
        .into_iter()
        .all(|snapshot| snapshot.objects.get(key).and_then(lineage).is_some_and(|of| of.parents().next().is_none()))
}

/// A sequence that a column of the run's owns outlives that one.
fn released(object: &Object, then: &Snapshot) -> Object {
    let mut object = object.clone();
    if let Definition::Sequence(sequence) = &mut object.definition {
        let outlives = |(of, column): &(ObjectKey, String)| {
            then.objects.get(of).and_then(table).is_some_and(|of| of.columns.iter().all(|known| known.name != *column))
        };
        sequence.owned_by = sequence.owned_by.take().filter(|owner| !outlives(owner));
    }
    object
}

/// A part as it is when its table has none above it.
fn without_parent(object: &Object) -> Object {
    let mut object = object.clone();
    let mut above = None;
    if let Definition::Constraint(constraint) = &mut object.definition {
        above = constraint.parent.take();
        constraint.descent = Descent::OWN;
    } else if let Definition::Index(index) = &mut object.definition {
        above = index.parent.take();
    }
    object.depends_on.retain(|need| Some(need) != above.as_ref());
    object
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        super::{
            example::{column, index, object, pair},
            lineage::PartitionOf,
        },
        *,
    };

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    fn widened() -> (Snapshot, Change) {
        let mut now = pair();
        if let Some(Definition::Table(found)) = now.objects.get_mut(&a()).map(|object| &mut object.definition) {
            found.columns.push(column("more", "integer"));
        }
        let change = Change { how: ChangeKind::Changed, object: a(), what: vec!["added column more integer".to_owned()] };
        (now, change)
    }

    fn scope(change: &Change) -> Scope {
        Scope { covered: [a()].into(), changed: [change.object.clone()].into(), ..Scope::default() }
    }

    /// A partition or child of `s.a`, with its columns as they are now.
    fn below(now: &Snapshot, lineage: Lineage) -> Object {
        let mut found = now.objects.get(&a()).and_then(table).expect("s.a").clone();
        found.columns.iter_mut().for_each(|column| column.descent = Descent { local: false, above: 1 });
        found.lineage = lineage;
        object(Definition::Table(Box::new(found)), &[&a()])
    }

    #[test]
    fn a_table_below_loses_the_columns_that_its_table_loses() {
        let (mut now, change) = widened();
        let key = ObjectKey::table("s", "below");
        let lineage = Lineage {
            partition_of: Some(PartitionOf { parent: a(), bound: "DEFAULT".to_owned(), detaching: false }),
            ..Lineage::default()
        };
        now.objects.insert(key.clone(), below(&now, lineage.clone()));
        let with = with_others(&pair(), &now, &scope(&change), OthersWork::Tables, OthersPlace::Kept);
        let kept = with.then.objects.get(&key).and_then(table).expect("it is kept");
        let names: Vec<&str> = kept.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((names, &kept.lineage, with.moved.len()), (vec!["id", "v"], &lineage, 0));
    }

    #[test]
    fn a_table_whose_columns_do_not_fit_stands_alone() {
        let (mut now, change) = widened();
        if let Some(Definition::Table(found)) = now.objects.get_mut(&a()).map(|object| &mut object.definition) {
            found.columns[1].data_type = "varchar".to_owned();
        }
        let key = ObjectKey::table("s", "below");
        let object = below(&now, Lineage { inherits: vec![a()], ..Lineage::default() });
        now.objects.insert(key.clone(), object);
        let with = with_others(&pair(), &now, &scope(&change), OthersWork::Tables, OthersPlace::Kept);
        let kept = with.then.objects.get(&key).expect("it is kept");
        assert!(kept.depends_on.is_empty() && table(kept).is_some_and(|found| found.lineage == Lineage::default()));
        assert!(with.moved[0].starts_with("table s.below stands alone"), "{:?}", with.moved);
    }

    #[test]
    fn parts_stay_where_the_runs_own_changes_are_known_and_are_made_again_on_a_table_that_loses_columns() {
        let (mut now, change) = widened();
        let (theirs, own) =
            (ObjectKey::new(ObjectKind::Index, "s", "theirs"), ObjectKey::new(ObjectKind::Index, "s", "own"));
        for key in [&theirs, &own] {
            now.objects.insert(key.clone(), object(index("a", "CREATE INDEX"), &[&a()]));
        }
        let made = Change { how: ChangeKind::Added, object: own.clone(), what: Vec::new() };
        let scope = Scope { changed: [a(), own.clone()].into(), ..scope(&change) };
        let changes = [change, made];
        let with = with_others(&pair(), &now, &scope, OthersWork::AllBut(&changes), OthersPlace::Kept);
        assert_eq!((with.then.objects.contains_key(&theirs), with.then.objects.contains_key(&own)), (true, false));
        assert_eq!(with.remade, BTreeSet::from([theirs.clone()]));
        let with = with_others(&pair(), &now, &scope, OthersWork::Tables, OthersPlace::Kept);
        assert!(!with.then.objects.contains_key(&theirs));
    }
}
