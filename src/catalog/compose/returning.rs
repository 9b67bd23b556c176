//! After everything stands and the rows are there: what stayed is changed back, then privileges and comments.

use std::collections::BTreeSet;

use super::{composer::Composer, drops::owned_by};
use crate::catalog::{
    kind::{Kind, ObjectKey},
    object::{ColumnFacts, Definition, Grant, Object, system_columns},
    statement::{self, Pair, Slate},
};

impl Composer<'_, '_> {
    pub(super) fn change_back(&mut self) {
        let route = self.route;
        for key in &route.create {
            if let Some(object) = route.then.objects.get(key) {
                self.finish_new(key, object);
            }
        }
        for key in &route.alter {
            if let (Some(then), Some(now)) = (route.then.objects.get(key), route.now.objects.get(key)) {
                let pair = Pair { key, then, now };
                let statements = if self.is_shaped(key) {
                    statement::after_columns(pair)
                } else {
                    statement::after(pair, self.moments())
                };
                self.run(key, statements);
                self.change_owner(key, then, now);
            }
        }
        for (key, object) in &route.then.objects {
            self.own_sequence(key, object);
        }
        for table in &route.reload {
            self.wake(table);
        }
        self.persistence();
    }

    /// What a new table or domain could not have before its rows.
    fn finish_new(&mut self, key: &ObjectKey, object: &Object) {
        let name = statement::title(key, &object.definition);
        let mut statements = Vec::new();
        match &object.definition {
            Definition::Table(table) => {
                for column in &table.columns {
                    if let Some(mark) = column.not_null.as_ref().filter(|mark| !mark.validated) {
                        statements.push(statement::set_not_null(&name, &column.name, mark));
                    }
                }
                if table.row_security {
                    statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
                }
                if table.force_row_security {
                    statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
                }
                if let Some(word) = statement::replica_identity(table).filter(|word| *word != "DEFAULT") {
                    statements.push(format!("ALTER TABLE {name} REPLICA IDENTITY {word}"));
                }
            }
            Definition::Domain { checks, .. } => {
                for check in checks.iter().filter(|check| check.definition.ends_with(" NOT VALID")) {
                    let check_name = crate::sql::quote::ident(&check.name);
                    statements.push(format!(
                        "ALTER DOMAIN {name} ADD CONSTRAINT {check_name} {}",
                        statement::source_form(&check.definition)
                    ));
                }
            }
            _ => {}
        }
        self.run(key, statements);
    }

    /// A sequence that a table owns follows the table's owner and takes no other, unless it was set free.
    fn change_owner(&mut self, key: &ObjectKey, then: &Object, now: &Object) {
        let follows = matches!(&now.definition, Definition::Sequence(sequence) if sequence.owned_by.is_some())
            && !self.route.released.contains(key)
            && !self.changes_owner_table(key);
        if then.owner != now.owner && !follows {
            self.run(key, statement::owner(key, then));
        }
    }

    fn own_sequence(&mut self, key: &ObjectKey, object: &Object) {
        let Definition::Sequence(sequence) = &object.definition else { return };
        let Some((table, column)) = sequence.owned_by.as_ref().filter(|_| !sequence.identity) else { return };
        let route = self.route;
        let is_free = route.create.contains(key)
            || route.released.contains(key)
            || (route.alter.contains(key) && self.changes_owner_table(key));
        if is_free {
            let name = statement::title(key, &object.definition);
            self.run(key, [format!("ALTER SEQUENCE {name} OWNED BY {}", owned_by(table, column))]);
        }
    }

    /// Gives a table that was filled while it stood its row security and the states of its triggers and rules back.
    fn wake(&mut self, table: &ObjectKey) {
        let route = self.route;
        let (Some(then), Some(now)) = (route.then.objects.get(table), route.now.objects.get(table)) else { return };
        if let (Definition::Table(before), Definition::Table(after)) = (&then.definition, &now.definition)
            && before.force_row_security
            && after.force_row_security
        {
            let name = statement::title(table, &then.definition);
            self.run(table, [format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY")]);
        }
        for (column, mark) in route.loose_marks(table) {
            let name = statement::title(table, &then.definition);
            self.run(table, [statement::set_not_null(&name, column, mark)]);
            if let (Some(mark), Some(text)) = (&mark.name, &mark.comment) {
                let target = format!("CONSTRAINT {} ON {name}", crate::sql::quote::ident(mark));
                self.run(table, [statement::comment(&target, Some(text))]);
            }
        }
        for (key, enabled) in route.firing(Kind::Trigger, table).filter(|(_, enabled)| *enabled != 'D') {
            self.run(key, [statement::trigger_state(key, enabled)]);
        }
        for (key, enabled) in route.firing(Kind::Rule, table).filter(|(_, enabled)| *enabled != 'D') {
            self.run(key, [statement::rule_state(key, enabled)]);
        }
    }

    pub(super) fn give_back(&mut self) {
        let route = self.route;
        let defaults: BTreeSet<String> = route.now.default_grantees.union(&route.then.default_grantees).cloned().collect();
        let mut keys: Vec<&ObjectKey> = route.create.iter().chain(&route.alter).collect();
        // A grantor needs the schema before it can grant on what is in it.
        keys.sort_by_key(|key| (key.kind != Kind::Schema, *key));
        for key in keys {
            let Some(then) = route.then.objects.get(key) else { continue };
            let statements = match route.now.objects.get(key) {
                Some(now) if route.alter.contains(key) => self.grants_of_standing(key, then, now),
                _ => statement::grants(key, then, Slate::Fresh(&defaults), route.now),
            };
            self.run(key, statements);
            let along = route.now.objects.get(key).filter(|_| route.alter.contains(key));
            let along = along.map_or(&[][..], |now| now.companions.as_slice());
            self.run(key, statement::companion_owners(&then.companions, along));
            if let Definition::Range(range) = &then.definition {
                let slate = match route.now.objects.get(key).filter(|_| route.alter.contains(key)) {
                    Some(now) => Slate::Written(now),
                    None => Slate::Fresh(&defaults),
                };
                self.run(key, statement::constructor_grants(range, slate, route.now));
            }
        }
        for key in route.create.iter().chain(&route.alter) {
            self.comment(key);
            self.label(key);
            self.companions(key);
        }
    }

    /// What came along with the object, as it was, and the extensions that it goes with.
    fn companions(&mut self, key: &ObjectKey) {
        let route = self.route;
        let Some(then) = route.then.objects.get(key) else { return };
        let now = route.now.objects.get(key).filter(|_| route.alter.contains(key));
        self.run(key, statement::companions(&then.companions, now.map_or(&[], |now| now.companions.as_slice())));
        let none = BTreeSet::new();
        self.run(key, statement::extensions(key, then, now.map_or(&none, |now| &now.extensions)));
    }

    /// Security labels that are not there, or not as they were.
    fn label(&mut self, key: &ObjectKey) {
        let route = self.route;
        let Some(then) = route.then.objects.get(key) else { return };
        let now = route.now.objects.get(key).filter(|_| route.alter.contains(key));
        self.run(key, statement::labels(key, then, now.map_or(&[], |now| now.labels.as_slice())));
    }

    fn grants_of_standing(&self, key: &ObjectKey, then: &Object, now: &Object) -> Vec<String> {
        let owner = |object: &Object| object.owner.clone().unwrap_or_default();
        if then.grants != after_change_of_owner(&now.grants, &owner(now), &owner(then)) {
            return statement::grants(key, then, Slate::Written(now), self.route.now);
        }
        let facts =
            |object: &Object| -> Vec<ColumnFacts> { object.definition.column_facts().into_iter().cloned().collect() };
        let (before, after) = (facts(then), facts(now));
        let mut statements = Vec::new();
        let names = before.iter().map(|facts| &facts.column);
        let more = after.iter().map(|facts| &facts.column).filter(|name| before.iter().all(|facts| facts.column != **name));
        for name in names.chain(more) {
            let find = |all: &[ColumnFacts]| all.iter().find(|facts| facts.column == *name).cloned();
            let (wanted, has) = (find(&before), find(&after));
            let has = has.map(|facts| after_change_of_owner(&facts.grants, &owner(now), &owner(then))).unwrap_or_default();
            let wanted = wanted.unwrap_or_else(|| ColumnFacts { column: name.clone(), ..Default::default() });
            // A column that the run added is dropped with its privileges.
            if wanted.grants != has && self.has_column(key, name) {
                statements.extend(statement::column_grants(key, then, &wanted, &has));
            }
        }
        statements
    }

    fn has_column(&self, key: &ObjectKey, name: &str) -> bool {
        if system_columns().any(|column| column == name) {
            return true;
        }
        match self.route.then.objects.get(key).map(|object| &object.definition) {
            Some(Definition::Table(table)) => table.columns.iter().any(|column| column.name == name),
            Some(Definition::MaterializedView(view)) => view.columns.iter().any(|column| column.name == name),
            Some(Definition::View { columns, .. }) => columns.iter().any(|column| column == name),
            _ => false,
        }
    }

    /// Sets the recorded comments, where they are not there, and takes others away. What a comment was on that is gone needs
    /// nothing.
    fn comment(&mut self, key: &ObjectKey) {
        let route = self.route;
        let Some(then) = route.then.objects.get(key) else { return };
        let has = match route.now.objects.get(key) {
            Some(now) if route.alter.contains(key) => statement::remarks(key, now),
            _ => Vec::new(),
        };
        let mut statements = Vec::new();
        for (target, wanted) in statement::remarks(key, then) {
            let has = has.iter().find(|(other, _)| *other == target).and_then(|(_, text)| text.clone());
            // A constraint within a table or domain that stayed may have been made anew, and lost its comment by that.
            let may_be_lost = target.starts_with("CONSTRAINT ") && wanted.is_some();
            if wanted != has || may_be_lost {
                statements.push(statement::comment(&target, wanted.as_deref()));
            }
        }
        self.run(key, statements);
    }
}

/// What ALTER … OWNER TO makes of privileges: the new owner takes the old one's place.
fn after_change_of_owner(grants: &[Grant], from: &str, to: &str) -> Vec<Grant> {
    let moved = |role: &str| if role == from { to.to_owned() } else { role.to_owned() };
    grants
        .iter()
        .map(|grant| Grant { grantee: grant.grantee.as_deref().map(moved), grantor: moved(&grant.grantor), ..grant.clone() })
        .collect()
}
