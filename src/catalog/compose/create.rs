//! Making what is missing, each thing after what it needs, and the rows between a table and its parts.

use std::collections::BTreeSet;

use super::{
    composer::{Composer, ScriptSteps, add},
    remove::canonical_of,
    step::ScriptStep,
};
use crate::{
    catalog::{
        foreign_key,
        hierarchy::{self, is_partitioned},
        kind::{ObjectKey, ObjectKind},
        kinds::{CreateOrder, Definition, set_default},
        object::Object,
        order::Dependencies,
        scope::holder,
        statement,
    },
    sql::quote::qualified,
};

impl Composer<'_, '_> {
    pub(super) fn make(&self, steps: &mut ScriptSteps) {
        let reconciliation = self.reconciliation;
        let replaced = reconciliation.alter.iter().filter(|key| self.is_replaced(key));
        let made: BTreeSet<&ObjectKey> = reconciliation.create.iter().chain(replaced).collect();
        for key in &made {
            let step = ScriptStep::Make((*key).clone());
            let place = reconciliation.then.objects.get(*key).map_or(CreateOrder::Rest, |object| object.definition.made());
            let rank = step.made(place);
            steps.insert(step, Dependencies::new(rank, self.needs(key, &made)));
            if key.kind == ObjectKind::Table
                && reconciliation.create.contains(*key)
                && !is_partitioned(reconciliation.then, key)
            {
                add(steps, ScriptStep::Load((*key).clone()), [ScriptStep::Make((*key).clone())]);
            }
        }
        for table in &reconciliation.reload {
            let marks = Self::dropped_marks(table, steps);
            add(steps, ScriptStep::Load(table.clone()), self.needs(table, &made).into_iter().chain(marks));
        }
        for table in reconciliation.alter.iter().filter(|table| reconciliation.is_reshaped(table)) {
            let makers = self.needs_of_defaults(table).into_iter().filter_map(|need| self.maker(&need, &made));
            let marks = Self::dropped_marks(table, steps);
            add(steps, ScriptStep::Shape(table.clone()), makers.chain(marks).chain([ScriptStep::Load(table.clone())]));
        }
        let detached = reconciliation
            .dropped_defaults
            .iter()
            .map(|(table, _)| table)
            .filter(|table| !reconciliation.drop.contains(*table));
        for table in reconciliation.create.iter().filter(|key| key.kind == ObjectKind::Table).chain(detached) {
            let needs = self.needs_of_defaults(table).into_iter().chain([table.clone()]);
            add(steps, ScriptStep::SetDefaults(table.clone()), needs.filter_map(|need| self.maker(&need, &made)));
        }
        self.attach_tables(steps);
        for (index, foreign_keys) in foreign_key::bound_before(reconciliation.then) {
            if let Some(place) = steps.get_mut(&ScriptStep::Make(index)) {
                place.needs.extend(foreign_keys.iter().filter_map(|key| self.maker(key, &made)));
            }
        }
    }

    /// What must be done before the object is made: what it needs is made, and tables whose parts it is or points to are full and
    /// have their columns.
    fn needs(&self, key: &ObjectKey, made: &BTreeSet<&ObjectKey>) -> BTreeSet<ScriptStep> {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.then.objects.get(key) else { return BTreeSet::new() };
        // A part of a table below comes before the one that it is attached to.
        let of_shell = self.shell_before(key);
        let needed =
            object.depends_on.iter().filter(|need| hierarchy::parent(object) != Some(*need) && of_shell != Some(*need));
        let mut needs: BTreeSet<ScriptStep> = needed.filter_map(|need| self.maker(need, made)).collect();
        if let Some((table, _)) = object.definition.owner_column()
            && object.definition.is_of_identity()
        {
            needs.extend(self.maker(table, made));
        }
        if is_part(key.kind) {
            for table in object.depends_on.iter().filter(|need| need.kind == ObjectKind::Table) {
                needs.extend([ScriptStep::Load(table.clone()), ScriptStep::Shape(table.clone())]);
            }
        }
        needs
    }

    /// The range type that must be there as a shell before the function can be made, because the function takes its values and
    /// the type needs the function (CANONICAL).
    fn shell_before(&self, key: &ObjectKey) -> Option<&ObjectKey> {
        let reconciliation = self.reconciliation;
        let range = reconciliation.create.get(key).and_then(|key| canonical_of(reconciliation.then, key))?;
        reconciliation.create.contains(range).then_some(range)
    }

    /// The step that makes an object: its own, or that of the table that it comes with.
    pub(super) fn maker(&self, key: &ObjectKey, made: &BTreeSet<&ObjectKey>) -> Option<ScriptStep> {
        let object = self.reconciliation.then.objects.get(key)?;
        if object.definition.is_of_identity() {
            let table = holder(key, object, self.reconciliation.then)?;
            return made.contains(&table).then_some(ScriptStep::Make(table));
        }
        made.contains(key).then(|| ScriptStep::Make(key.clone()))
    }

    /// Whether it is a function that stays and gets its recorded body back.
    pub(super) fn is_replaced(&self, key: &ObjectKey) -> bool {
        let reconciliation = self.reconciliation;
        let create = |object: Option<&Object>| {
            if let Definition::Function(function) = &object?.definition { Some(function.create.clone()) } else { None }
        };
        key.kind == ObjectKind::Function
            && create(reconciliation.then.objects.get(key)) != create(reconciliation.now.objects.get(key))
    }

    pub(super) fn write_make(&mut self, key: &ObjectKey) {
        let Some(object) = self.reconciliation.then.objects.get(key) else { return };
        if let Some(range) = self.shell_before(key) {
            let shell = format!("CREATE TYPE {}", qualified(&range.schema, &range.name));
            self.run(key, [shell]);
        }
        let statements =
            self.make_in_tree(key, object).unwrap_or_else(|| statement::create(key, object, self.reconciliation.then));
        self.run(key, statements);
        if self.reconciliation.create.contains(key) {
            self.run(key, statement::owner(key, object));
        }
    }

    pub(super) fn needs_of_defaults(&self, table: &ObjectKey) -> BTreeSet<ObjectKey> {
        let object = self.reconciliation.then.objects.get(table);
        object.map(|object| object.definition.default_needs().cloned().collect()).unwrap_or_default()
    }

    /// Of a table that was made: the defaults that were left out; of one that stayed: those that were taken off.
    pub(super) fn write_defaults(&mut self, key: &ObjectKey) {
        let reconciliation = self.reconciliation;
        let Some(object) = reconciliation.then.objects.get(key) else { return };
        let Definition::Table(table) = &object.definition else { return };
        for column in &table.columns {
            let wanted = if reconciliation.create.contains(key) {
                !column.default_needs.is_empty()
            } else {
                // Where the default itself differs, `after` sets it.
                reconciliation.dropped_defaults.contains(&(key.clone(), column.name.clone()))
                    && !self.default_differs(key, &column.name)
            };
            if let (true, Some(default)) = (wanted, &column.default) {
                self.run(key, [set_default(key, &column.name, Some(default))]);
            }
        }
    }

    fn default_differs(&self, key: &ObjectKey, name: &str) -> bool {
        let default = |object: Option<&Object>| {
            let columns = object?.definition.columns();
            columns.iter().find(|column| column.name == name).and_then(|column| column.default.clone())
        };
        self.reconciliation.alter.contains(key)
            && default(self.reconciliation.then.objects.get(key)) != default(self.reconciliation.now.objects.get(key))
    }
}

/// What hangs on a table, and is made when its rows are there.
fn is_part(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Constraint
            | ObjectKind::Index
            | ObjectKind::Trigger
            | ObjectKind::Policy
            | ObjectKind::Rule
            | ObjectKind::Statistics
            | ObjectKind::Published
    )
}
