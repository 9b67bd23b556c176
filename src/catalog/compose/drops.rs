//! Before anything is made: what is taken off, and what is dropped in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::composer::Composer;
use crate::{
    catalog::{
        family::parent,
        kind::{Kind, ObjectKey},
        object::Definition,
        order,
        scope::holder,
        script::Unrestorable,
        snapshot::Snapshot,
        statement::{self, Pair},
    },
    sql::quote::ident,
};

impl Composer<'_, '_> {
    /// Takes off defaults, ownership of sequences, forced row security and triggers that would be in the way, and what
    /// altered objects must lose before they can be as they were.
    pub(super) fn take_off(&mut self) {
        let route = self.route;
        for table in &route.reload {
            self.quiet(table);
        }
        for (table, column) in &route.detached {
            if route.now.objects.contains_key(table) {
                self.run(table, [statement::set_default(table, column, None)]);
            }
        }
        let moved = route.alter.iter().filter(|key| self.changes_owner_table(key));
        let freed: BTreeSet<&ObjectKey> = route.released.iter().chain(moved).collect();
        for sequence in freed {
            if let Some(object) = route.now.objects.get(sequence)
                && matches!(&object.definition, Definition::Sequence(sequence) if sequence.owned_by.is_some())
            {
                let name = statement::title(sequence, &object.definition);
                self.run(sequence, [format!("ALTER SEQUENCE {name} OWNED BY NONE")]);
            }
        }
        for key in &route.alter {
            if let (Some(then), Some(now)) = (route.then.objects.get(key), route.now.objects.get(key)) {
                let statements = statement::before(Pair { key, then, now }, self.moments());
                self.run(key, statements);
            }
        }
    }

    /// A table that is filled while it stands fires no triggers or rules, hides no rows from its owner, and takes rows that break what
    /// was never validated.
    fn quiet(&mut self, table: &ObjectKey) {
        let Some(object) = self.route.now.objects.get(table) else { return };
        let Definition::Table(facts) = &object.definition else { return };
        let alter = format!("ALTER TABLE {}", statement::title(table, &object.definition));
        let only = format!("ALTER TABLE ONLY {}", statement::title(table, &object.definition));
        if facts.force_row_security {
            self.run(table, [format!("{alter} NO FORCE ROW LEVEL SECURITY")]);
        }
        for (column, _) in self.route.loose_marks(table) {
            self.run(table, [format!("{alter} ALTER COLUMN {} DROP NOT NULL", ident(column))]);
        }
        if self.route.firing(Kind::Trigger, table).next().is_some() {
            self.run(table, [format!("{only} DISABLE TRIGGER USER")]);
        }
        for (rule, _) in self.route.firing(Kind::Rule, table) {
            self.run(rule, [statement::rule_state(rule, 'D')]);
        }
    }

    /// Whether the sequence, which stays, belongs to another table's column now than then.
    pub(super) fn changes_owner_table(&self, key: &ObjectKey) -> bool {
        let owner = |object: Option<&crate::catalog::Object>| match object.map(|object| &object.definition) {
            Some(Definition::Sequence(sequence)) if !sequence.identity => sequence.owned_by.clone(),
            _ => None,
        };
        owner(self.route.then.objects.get(key)) != owner(self.route.now.objects.get(key))
    }

    /// Drops, dependents first.
    pub(super) fn drop(&mut self) -> Result<(), Vec<Unrestorable>> {
        let route = self.route;
        let dropped: BTreeSet<ObjectKey> = route
            .drop
            .iter()
            .cloned()
            .chain(route.gone.iter().filter(|part| self.must_go_first(part) || self.stands_alone(part)).cloned())
            .filter(|key| !self.is_identity_now(key) && !self.is_dropped_early(key) && self.goes_with_range(key).is_none())
            .collect();
        let taking: BTreeSet<ObjectKey> = route.drop.iter().filter_map(|key| self.goes_with_range(key).cloned()).collect();
        let mut things: order::Needs<ObjectKey> =
            dropped.iter().map(|key| (key.clone(), (rank(key), BTreeSet::new()))).collect();
        for key in route.drop.iter().chain(&route.gone) {
            let Some(object) = route.now.objects.get(key).filter(|_| !self.is_dropped_early(key)) else { continue };
            let node = self.dropped_with(key, &dropped);
            // What is attached goes with what it is attached to, or its table is loose by then.
            for need in object.depends_on.iter().filter(|need| parent(object) != Some(*need)) {
                let need = self.dropped_with(need, &dropped);
                if need != node
                    && dropped.contains(&node)
                    && let Some((_, dependents)) = things.get_mut(&need)
                {
                    dependents.insert(node.clone());
                }
            }
        }
        let order = order::sort(&things).map_err(|circle| in_a_circle(&circle))?;
        for key in order {
            if let Some(object) = route.now.objects.get(&key) {
                let cascade = if taking.contains(&key) { " CASCADE" } else { "" };
                self.run(&key, statement::drop(&key, object).into_iter().map(|sql| sql + cascade));
            }
        }
        Ok(())
    }

    /// A part of a dropped table that needs something else that is dropped: it has a statement of its own, so that tables
    /// which need each other through their parts can be dropped at all.
    fn must_go_first(&self, part: &ObjectKey) -> bool {
        let route = self.route;
        let Some(object) = route.now.objects.get(part) else { return false };
        let own = holder(part, object, route.now);
        let has_drop = [Kind::Constraint, Kind::Policy, Kind::Trigger, Kind::Index, Kind::Rule, Kind::Statistics];
        has_drop.contains(&part.kind)
            && !self.goes_along(part)
            && object.depends_on.iter().any(|need| {
                let of = route.now.objects.get(need).and_then(|object| holder(need, object, route.now));
                Some(need) != own.as_ref() && of != own && (route.drop.contains(need) || route.gone.contains(need))
            })
    }

    /// The object whose DROP takes this one along: its own, or its table's.
    fn dropped_with(&self, key: &ObjectKey, dropped: &BTreeSet<ObjectKey>) -> ObjectKey {
        if dropped.contains(key) {
            return key.clone();
        }
        if let Some(range) = self.goes_with_range(key) {
            return range.clone();
        }
        let route = self.route;
        route.now.objects.get(key).and_then(|object| holder(key, object, route.now)).unwrap_or_else(|| key.clone())
    }

    /// The range type that the function makes canonical. Each needs the other, so that neither can be dropped alone: the function goes with
    /// the type, by CASCADE, when everything else that is known to need them is gone.
    fn goes_with_range(&self, key: &ObjectKey) -> Option<&ObjectKey> {
        let route = self.route;
        route.drop.get(key).and_then(|key| canonical_of(route.now, key)).filter(|range| route.drop.contains(*range))
    }

    /// Identity sequences have no DROP of their own.
    fn is_identity_now(&self, key: &ObjectKey) -> bool {
        let object = self.route.now.objects.get(key);
        matches!(object.map(|object| &object.definition), Some(Definition::Sequence(sequence)) if sequence.identity)
    }
}

/// The range type whose CANONICAL function this is.
pub(super) fn canonical_of<'a>(snapshot: &'a Snapshot, key: &ObjectKey) -> Option<&'a ObjectKey> {
    let function = snapshot.objects.get(key).filter(|_| key.kind == Kind::Function)?;
    function.depends_on.iter().find(|need| {
        let is_range = |definition: &Definition| matches!(definition, Definition::Range(range) if range.canonical.is_some());
        snapshot.objects.get(*need).is_some_and(|object| is_range(&object.definition) && object.depends_on.contains(key))
    })
}

/// Foreign keys first, schemas last.
fn rank(key: &ObjectKey) -> u8 {
    match key.kind {
        Kind::Constraint | Kind::Published => 0,
        Kind::Policy => 1,
        Kind::Trigger | Kind::Rule => 2,
        Kind::View | Kind::MaterializedView => 3,
        Kind::Other | Kind::Publication => 4,
        Kind::Index | Kind::Statistics => 5,
        Kind::Table => 6,
        Kind::Function | Kind::Aggregate => 7,
        Kind::Sequence => 8,
        Kind::Type => 9,
        Kind::Schema => 10,
    }
}

/// Things that can be neither first nor last.
pub(super) fn in_a_circle(circle: &BTreeSet<ObjectKey>) -> Vec<Unrestorable> {
    let names: BTreeMap<&ObjectKey, String> = circle.iter().map(|key| (key, key.to_string())).collect();
    names
        .iter()
        .map(|(key, name)| {
            let others: Vec<&str> = names.values().filter(|other| *other != name).map(String::as_str).collect();
            Unrestorable {
                object: (*key).clone(),
                why: format!("needs itself in a circle, by way of {}", others.join(", ")),
            }
        })
        .collect()
}

/// `"table"."column"`, as OWNED BY takes it.
pub(super) fn owned_by(table: &ObjectKey, column: &str) -> String {
    format!("{}.{}", crate::sql::quote::qualified(&table.schema, &table.name), ident(column))
}
