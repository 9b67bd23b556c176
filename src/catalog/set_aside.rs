//! Rules that others made meanwhile, and that rows from before may break: where nothing else brings these back, they come without being asked.

use std::collections::BTreeSet;

use super::{
    hierarchy::Hierarchy,
    kind::{ObjectKey, ObjectKind},
    kinds::{Constraint, Definition, Domain, DomainCheck},
    scope::holder,
    snapshot::Snapshot,
    statement,
    with_others::{SetAside, WithOthers},
};
use crate::sql::quote::{ident, qualified};

impl WithOthers {
    /// Constraints that others added to tables with tables below: these could not come back below it while rows break it.
    pub(super) fn set_checks_aside(&mut self, now: &Snapshot) {
        let hierarchy = Hierarchy::of(now);
        let is_check = |key: &ObjectKey| {
            let object = now.objects.get(key);
            object.is_some_and(|object| matches!(&object.definition, Definition::Constraint(Constraint { contype: 'c', descent, .. }) if descent.above == 0))
        };
        let checks: Vec<ObjectKey> = self.made.iter().filter(|key| is_check(key)).cloned().collect();
        for key in checks {
            let Some(object) = now.objects.get(&key) else { continue };
            let Some(table) = holder(&key, object, now) else { continue };
            let below = hierarchy.descendants(&table);
            if below.is_empty() {
                continue;
            }
            let statements = statement::create(&key, object, now);
            for of in below.iter().chain([&table]) {
                let same = ObjectKey::part(ObjectKind::Constraint, &of.schema, &of.name, &key.name);
                self.then.objects.remove(&same);
                self.made.remove(&same);
                self.remade.remove(&same);
            }
            self.set_aside.push(SetAside { object: key, difference: "is missing".to_owned(), statements });
        }
    }

    /// Constraints that others added to domains of which the covered tables have columns.
    pub(super) fn set_domain_checks_aside(&mut self, then: &Snapshot, now: &Snapshot, covered: &BTreeSet<ObjectKey>) {
        let needs = covered.iter().filter_map(|table| then.objects.get(table)).flat_map(|object| &object.depends_on);
        let domains: BTreeSet<&ObjectKey> = needs.filter(|need| need.kind == ObjectKind::Type).collect();
        for key in domains {
            let both = then.objects.get(key).zip(now.objects.get(key)).map(|(then, now)| (&then.definition, now));
            let Some((Definition::Domain(before), after)) = both else { continue };
            let Definition::Domain(found) = &after.definition else { continue };
            let is_new = |check: &&DomainCheck| before.checks.iter().all(|known| known.definition != check.definition);
            let added: Vec<&DomainCheck> =
                found.checks.iter().filter(is_new).filter(|check| !check.is_unvalidated()).collect();
            if added.is_empty() {
                continue;
            }
            let loosened = |check: &DomainCheck| {
                let is_added = added.iter().any(|one| one.name == check.name);
                let more = if is_added { " NOT VALID" } else { "" };
                DomainCheck { definition: format!("{}{more}", check.definition), ..check.clone() }
            };
            let domain = Domain { checks: found.checks.iter().map(loosened).collect(), ..found.clone() };
            let mut object = after.clone();
            object.definition = Definition::Domain(domain);
            self.then.objects.insert(key.clone(), object);
            self.loosened.insert(key.clone());
            let title = qualified(&key.schema, &key.name);
            self.set_aside.extend(added.into_iter().map(|check| SetAside {
                object: key.clone(),
                difference: format!("constraint {} is NOT VALID", ident(&check.name)),
                statements: vec![format!("ALTER DOMAIN {title} VALIDATE CONSTRAINT {}", ident(&check.name))],
            }));
        }
    }
}
