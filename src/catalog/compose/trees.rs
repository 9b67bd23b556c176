//! Trees of partitions and heirs: taken apart before anything is dropped, put together when each table is as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    composer::{Composer, Steps, add},
    step::Step,
};
use crate::catalog::{
    family::{self, is_exclusion_from_above, is_foreign_key, is_of_partitioned, lineage_in, parent},
    kind::{Kind, ObjectKey},
    lineage::Lineage,
    object::{Definition, Object},
    route::{Keys, Route},
    scope::holder,
    statement::{self, Pair},
};

/// How the table is called below which an heir keeps what it has from above alone, with a number behind it.
const SCAFFOLD: &str = "backstop_scaffold_";

/// What the composer knows of trees before it begins.
#[derive(Default)]
pub(super) struct Trees {
    /// The tables that are tied.
    ties: Keys,
    /// The tables for a while, by their heirs.
    scaffolds: BTreeMap<ObjectKey, ObjectKey>,
    /// Foreign keys that were dropped before anything was loose, and what went with them.
    dropped: Keys,
}

impl Trees {
    pub(super) fn of(route: &Route<'_>) -> Trees {
        let is_below = |key: &&ObjectKey| lineage_in(route.then, key).is_some_and(|of| of.parents().next().is_some());
        let ties: Keys = route
            .loose
            .iter()
            .chain(&route.create)
            .filter(|key| key.kind == Kind::Table)
            .filter(is_below)
            .cloned()
            .collect();
        let mut scaffolds = BTreeMap::new();
        for heir in ties.iter().filter(|key| has_from_above(route, key)) {
            let is_free = |name: &String| {
                let mut all = route.then.objects.keys().chain(route.now.objects.keys());
                all.all(|key| key.schema != heir.schema || key.name != *name)
            };
            let taken = scaffolds.len();
            let name = (taken..).map(|number| format!("{SCAFFOLD}{number}")).find(is_free).unwrap_or_default();
            scaffolds.insert(heir.clone(), ObjectKey::table(&heir.schema, name));
        }
        let dropped = if route.loose.is_empty() { Keys::new() } else { going_foreign_keys(route) };
        Trees { ties, scaffolds, dropped }
    }
}

/// The foreign keys that go, each but those that go with their tables.
fn going_foreign_keys(route: &Route<'_>) -> Keys {
    let goes = |key: &ObjectKey| route.drop.contains(key) || route.gone.contains(key);
    let is_early = |key: &&ObjectKey| {
        let object = route.now.objects.get(*key).filter(|object| is_foreign_key(object));
        object.is_some_and(|object| parent(object).is_none_or(goes))
    };
    route.drop.iter().chain(&route.gone).filter(is_early).cloned().collect()
}

/// Whether an heir has a column, a mark or a CHECK from above alone.
fn has_from_above(route: &Route<'_>, key: &ObjectKey) -> bool {
    let Some(table) = route.then.objects.get(key).and_then(family::table) else { return false };
    let column = |column: &crate::catalog::Column| {
        !column.descent.local || column.not_null.as_ref().is_some_and(|mark| !mark.descent.local)
    };
    let check = |part: &&ObjectKey| route.then.objects.get(*part).is_some_and(is_check_from_above);
    !table.lineage.inherits.is_empty()
        && (table.columns.iter().any(column)
            || route.family_then.parts.get(key).into_iter().flatten().any(|part| check(&part)))
}

fn is_check_from_above(object: &Object) -> bool {
    matches!(&object.definition, Definition::Constraint { contype: 'c', descent, .. } if !descent.local)
}

impl Composer<'_, '_> {
    /// Takes the loose tables from those above them. A partition can't leave while a foreign key points to its rows.
    pub(super) fn take_apart(&self, steps: &mut Steps) {
        let route = self.route;
        for key in &self.trees.dropped {
            // What is attached goes with what it is attached to.
            if route.now.objects.get(key).is_some_and(|object| parent(object).is_none()) {
                add(steps, Step::DropForeignKey(key.clone()), []);
            }
        }
        for table in &route.loose {
            add(steps, Step::Detach(table.clone()), []);
        }
    }

    pub(super) fn write_detach(&mut self, table: &ObjectKey) {
        let route = self.route;
        let Some(now) = route.now.objects.get(table).and_then(family::table) else { return };
        if let (Some(scaffold), Some(then)) =
            (self.trees.scaffolds.get(table).cloned(), route.then.objects.get(table).and_then(family::table))
        {
            let checks = self.checks_to_lose(table);
            self.run(table, statement::hold(table, &scaffold, (then, now), &checks));
        }
        self.run(table, statement::untie(table, &now.lineage));
    }

    /// The CHECKs of an heir that its scaffold must not hold.
    fn checks_to_lose(&self, table: &ObjectKey) -> Vec<String> {
        let route = self.route;
        let is_held = |key: &ObjectKey| {
            [route.then, route.now].iter().all(|snapshot| snapshot.objects.get(key).is_some_and(is_check_from_above))
                && !self.is_going(key)
        };
        let checks = |key: &&ObjectKey| {
            matches!(
                route.now.objects.get(*key).map(|object| &object.definition),
                Some(Definition::Constraint { contype: 'c', .. })
            )
        };
        let parts = route.family_now.parts.get(table).into_iter().flatten();
        parts.filter(checks).filter(|key| !is_held(key)).map(|key| key.name.clone()).collect()
    }

    pub(super) fn is_going(&self, key: &ObjectKey) -> bool {
        self.route.drop.contains(key) || self.route.gone.contains(key)
    }

    /// Whether it was dropped with the foreign keys.
    pub(super) fn is_dropped_early(&self, key: &ObjectKey) -> bool {
        self.trees.dropped.contains(key)
    }

    /// A part that would have gone with the one that it is attached to, had its table not been loose by then.
    pub(super) fn stands_alone(&self, part: &ObjectKey) -> bool {
        let route = self.route;
        let Some(object) = route.now.objects.get(part) else { return false };
        matches!(part.kind, Kind::Constraint | Kind::Index)
            && parent(object).is_some()
            && holder(part, object, route.now).is_some_and(|table| route.loose.contains(&table))
    }

    /// A part that goes with the same part of the table above, and can't be dropped without that.
    pub(super) fn goes_along(&self, part: &ObjectKey) -> bool {
        let route = self.route;
        let Some(object) = route.now.objects.get(part) else { return false };
        let Some(table) = holder(part, object, route.now) else { return false };
        let of_above = |table: &ObjectKey| ObjectKey::part(Kind::Constraint, &table.schema, &table.name, &part.name);
        let is_loose = route.loose.contains(&table);
        // The clone of a trigger goes when its table is taken from the one above, too.
        parent(object).is_some_and(|above| part.kind == Kind::Trigger || self.is_going(above) && !is_loose)
            || family::is_inherited_check(object)
                && !is_loose
                && lineage_in(route.now, &table).into_iter().flat_map(Lineage::parents).any(|t| self.is_going(&of_above(t)))
    }

    /// What is done for trees, and what else has to wait for it.
    pub(super) fn tie_trees(&self, steps: &mut Steps) {
        for table in &self.trees.ties {
            add(steps, Step::Attach(table.clone()), self.before_tie(table));
        }
        for (step, place) in steps.iter_mut() {
            if let Step::Make(key) = step {
                place.needs.extend(self.after_ties(key));
            }
        }
    }

    /// Both tables are there, full, and in shape; CHECKs of both are there; and the indexes of the lower one, lest the server
    /// make others.
    fn before_tie(&self, table: &ObjectKey) -> BTreeSet<Step> {
        let route = self.route;
        let above: Vec<&ObjectKey> = lineage_in(route.then, table).into_iter().flat_map(Lineage::parents).collect();
        let mut needs: BTreeSet<Step> = above
            .iter()
            .copied()
            .chain([table])
            .flat_map(|table| [Step::Make(table.clone()), Step::Load(table.clone()), Step::Shape(table.clone())])
            .collect();
        let parts = |table: &ObjectKey| route.family_then.parts.get(table).into_iter().flatten();
        let definition = |part: &ObjectKey| route.then.objects.get(part).map(|object| &object.definition);
        for part in above.into_iter().flat_map(parts) {
            if let Some(Definition::Constraint { contype: 'c', .. }) = definition(part) {
                needs.insert(Step::Make(part.clone()));
            }
        }
        for part in parts(table) {
            let is_needed = match definition(part) {
                Some(Definition::Index { .. } | Definition::Constraint { contype: 'c' | 'p' | 'u' | 'x', .. }) => true,
                Some(Definition::Constraint { contype: 'f', parent: Some(above), .. }) => {
                    above.name != part.name && !route.create.contains(above)
                }
                _ => false,
            };
            if is_needed {
                needs.insert(Step::Make(part.clone()));
            }
        }
        needs
    }

    /// What a part waits for: what goes down from it must find the tables below.
    fn after_ties(&self, key: &ObjectKey) -> BTreeSet<Step> {
        let route = self.route;
        let Some(object) = route.then.objects.get(key) else { return BTreeSet::new() };
        let table = holder(key, object, route.then);
        let tie = |table: &ObjectKey| Step::Attach(table.clone());
        let below = |table: &ObjectKey| route.family_then.descendants(table).into_iter().map(Step::Attach);
        let attached = || route.family_then.attached.get(key).into_iter().flatten().cloned().map(Step::Make);
        match &object.definition {
            Definition::Index { partitioned: true, .. } | Definition::Constraint { contype: 'p' | 'u' | 'x', .. } => {
                table.iter().flat_map(|table| route.family_then.children(table)).map(tie).chain(attached()).collect()
            }
            // One that a standing constraint above would make under another name comes before its table is tied.
            Definition::Constraint { contype: 'f', parent: Some(above), .. } if !route.create.contains(above) => {
                BTreeSet::new()
            }
            Definition::Constraint { contype: 'f', .. } => {
                let tables: Vec<&ObjectKey> = object.depends_on.iter().filter(|need| need.kind == Kind::Table).collect();
                tables.iter().flat_map(|table| below(table).chain([tie(table)])).chain(attached()).collect()
            }
            Definition::Trigger { .. } => table.iter().flat_map(below).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// The statements that make an object whose making a tree has to do with; none where they are the usual ones.
    pub(super) fn make_in_tree(&self, key: &ObjectKey, object: &Object) -> Option<Vec<String>> {
        let route = self.route;
        let scaffold = |table: &ObjectKey| self.trees.scaffolds.get(table);
        match &object.definition {
            Definition::Table(table) => scaffold(key).map(|scaffold| statement::heir(key, table, route.then, scaffold)),
            // It comes with the one above, or when its table is tied.
            Definition::Trigger { parent: Some(_), .. } => Some(Vec::new()),
            Definition::Constraint { contype: 'x', parent: Some(_), .. } => Some(Vec::new()),
            Definition::Constraint { contype: 'f', parent: Some(above), .. } if above.name == key.name => Some(Vec::new()),
            Definition::Constraint { contype: 'c', descent, .. } if !descent.local => {
                let table = holder(key, object, route.then)?;
                let part = statement::of_scaffold(key, scaffold(&table)?);
                Some(statement::create(&part, object, route.then))
            }
            Definition::Constraint { contype: 'p' | 'u', .. } | Definition::Index { .. }
                if is_of_partitioned(route.then, key) =>
            {
                let below = route.family_then.attached.get(key).into_iter().flatten();
                let attach = below.map(|below| statement::attach_index(key, below));
                Some(statement::create(key, object, route.then).into_iter().chain(attach).collect())
            }
            _ => None,
        }
    }

    /// Gives a table that stays its columns back.
    pub(super) fn write_shape(&mut self, key: &ObjectKey) {
        let route = self.route;
        if let (Some(then), Some(now)) = (route.then.objects.get(key), route.now.objects.get(key)) {
            let statements = statement::columns(Pair { key, then, now }, self.moments());
            self.run(key, statements);
        }
    }

    /// Puts a table below those that it had above it. Indexes that the server would not have chosen for it are attached by
    /// name; those of a constraint or index that is yet to be made are when it is.
    pub(super) fn write_attach(&mut self, key: &ObjectKey) {
        let route = self.route;
        let Some(lineage) = lineage_in(route.then, key) else { return };
        self.run(key, statement::tie(key, lineage));
        if let Some(scaffold) = self.trees.scaffolds.get(key).cloned() {
            self.run(key, statement::let_go(key, &scaffold));
        }
        for part in route.family_then.parts.get(key).into_iter().flatten() {
            let Some(object) = route.then.objects.get(part) else { continue };
            if let Some(above) = parent(object)
                && matches!(part.kind, Kind::Index | Kind::Constraint)
                && !is_foreign_key(object)
                && !is_exclusion_from_above(object)
                && !route.create.contains(above)
            {
                self.run(part, [statement::attach_index(above, part)]);
            }
        }
    }

    /// Whether it is the clone of a trigger, and had a state of its own, or a name of its constraint: it comes in the state of the
    /// one above, and its constraint is called like it.
    pub(super) fn is_clone_in_another_state(&self, key: &ObjectKey) -> bool {
        match self.route.then.objects.get(key).map(|object| &object.definition) {
            Some(Definition::Trigger { enabled, parent: Some(above), constraint, .. }) => {
                self.state_of_clone(above) != *enabled || constraint.is_some()
            }
            _ => false,
        }
    }

    pub(super) fn write_clone(&mut self, key: &ObjectKey) {
        let Some(then) = self.route.then.objects.get(key).map(|object| &object.definition) else { return };
        if let Definition::Trigger { create, parent: Some(above), .. } = then {
            let came = Definition::Trigger {
                create: create.clone(),
                enabled: self.state_of_clone(above),
                parent: Some(above.clone()),
                constraint: None,
                constraint_comment: None,
            };
            self.run(key, statement::trigger_as(key, then, &came));
        }
    }

    /// The state in which a clone came: a trigger that is made is enabled; one that stands has cloned the state that it has.
    fn state_of_clone(&self, above: &ObjectKey) -> char {
        let route = self.route;
        match route.now.objects.get(above).map(|object| &object.definition) {
            _ if self.is_cloned_itself(above) => self.state_of_clone(&self.cloned_from(above)),
            Some(Definition::Trigger { enabled, .. }) if !route.create.contains(above) => *enabled,
            _ => 'O',
        }
    }

    fn is_cloned_itself(&self, key: &ObjectKey) -> bool {
        self.route.create.contains(key) && self.cloned_from(key) != *key
    }

    fn cloned_from(&self, key: &ObjectKey) -> ObjectKey {
        self.route.then.objects.get(key).and_then(parent).unwrap_or(key).clone()
    }
}
