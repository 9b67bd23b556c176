//! What others changed of objects that hang on the targets, or of what these need, where the run said nothing of it.

use std::collections::BTreeSet;

use super::{
    change::{Change, ChangeKind},
    feasibility::is_fingerprint_only,
    hierarchy::table,
    in_use::is_moved,
    kind::{ObjectKey, ObjectKeys, ObjectKind},
    kinds::{Definition, Table},
    object::Object,
    scope::holder,
    snapshot::Snapshot,
    statement,
    subject::{Subject, column_names},
    with_others::WithOthers,
};
use crate::sql::mentions;

/// Two structures, and what stands between them.
pub(super) struct Meanwhile<'a> {
    pub now: &'a Snapshot,
    /// All differences that a restore answers for.
    pub changes: Vec<&'a Change>,
    pub reached: &'a BTreeSet<ObjectKey>,
    /// Everything that the run did.
    pub own: &'a [Change],
}

impl Meanwhile<'_> {
    /// What the run did last to an object.
    fn last(&self, key: &ObjectKey) -> Option<ChangeKind> {
        self.own.iter().rfind(|change| change.object == *key).map(|change| change.how)
    }

    fn is_silent_of(&self, key: &ObjectKey) -> bool {
        self.last(key).is_none() && !is_moved(key, self.own)
    }
}

impl WithOthers {
    /// Objects that others changed stay so, where they can stand on what is as it was; else they are told of.
    pub(super) fn keep_changed(&mut self, meanwhile: &Meanwhile<'_>, then: &Snapshot) {
        let changed = meanwhile.changes.iter().filter(|change| {
            change.how == ChangeKind::Changed
                && change.object.kind != ObjectKind::Table
                && self.then.objects.get(&change.object) == then.objects.get(&change.object)
        });
        for Change { object: key, what, .. } in changed.copied().collect::<Vec<_>>() {
            let (Some(before), Some(after)) = (then.objects.get(key), meanwhile.now.objects.get(key)) else { continue };
            if before.definition == after.definition || follows_from_parts(before, after) {
                continue;
            }
            if meanwhile.last(key) == Some(ChangeKind::Removed) {
                self.taken_back.push(replaced(key, after, meanwhile.now));
            } else if meanwhile.is_silent_of(key) {
                let is_whole = after.depends_on.iter().all(|need| self.then.objects.contains_key(need));
                if is_whole
                    && !is_fingerprint_only(&after.definition)
                    && !names_gone_columns(key, after, then, meanwhile.now)
                {
                    self.insert(key, after, then, meanwhile.now);
                } else {
                    let what = what.join(", ");
                    self.taken_back.push(format!("{key}: others changed it meanwhile, which is taken back: {what}"));
                }
            }
        }
    }

    /// What others gave another name or place is called so in what needs it; what they dropped takes along what they dropped with it.
    pub(super) fn follow_names(&mut self, meanwhile: &Meanwhile<'_>) {
        let now = meanwhile.now;
        let needs = |object: &Object| {
            object.depends_on.iter().chain(object.definition.default_needs()).cloned().collect::<ObjectKeys>()
        };
        let is_lost = |need: &ObjectKey| {
            !now.objects.contains_key(need) && !meanwhile.reached.contains(need) && meanwhile.last(need).is_none()
        };
        let needy: Vec<(ObjectKey, ObjectKeys)> = meanwhile
            .reached
            .iter()
            .filter_map(|key| Some((key, needs(self.then.objects.get(key)?))))
            .map(|(key, needs)| (key.clone(), needs.into_iter().filter(is_lost).collect::<ObjectKeys>()))
            .filter(|(_, lost)| !lost.is_empty())
            .collect();
        for (key, lost) in needy {
            match (now.objects.get(&key), meanwhile.last(&key)) {
                (Some(after), _) if key.kind == ObjectKind::Table => self.follow_columns(&key, after, meanwhile),
                (Some(after), None) => _ = self.then.objects.insert(key, after.clone()),
                (None, None) if key.kind != ObjectKind::Table => {
                    let lost = lost.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    self.taken_back
                        .push(format!("{key}: others dropped it with {lost}, which it needs; it is not made again"));
                    self.then.objects.remove(&key);
                }
                _ => {}
            }
        }
    }

    /// The columns of which the run said nothing, as they are called and written now.
    fn follow_columns(&mut self, key: &ObjectKey, after: &Object, meanwhile: &Meanwhile<'_>) {
        let names = column_names(key, [&self.then, meanwhile.now]);
        let about = meanwhile.own.iter().filter(|change| change.object == *key);
        let said: Vec<Subject<'_>> = about.flat_map(|change| &change.what).map(|what| Subject::of(what, &names)).collect();
        let Some(before) = self.then.objects.get_mut(key) else { return };
        let (Definition::Table(was), Some(is)) = (&mut before.definition, table(after)) else { return };
        let is_said = |name: &str| said.contains(&Subject::Column(name));
        for column in was.columns.iter_mut().filter(|column| !is_said(&column.name)) {
            if let Some(now) = is.columns.iter().find(|now| now.name == column.name) {
                column.data_type.clone_from(&now.data_type);
                column.collation.clone_from(&now.collation);
                column.default.clone_from(&now.default);
                column.default_needs.clone_from(&now.default_needs);
                column.generated.clone_from(&now.generated);
            }
        }
        let needs: Vec<ObjectKey> = after.depends_on.iter().cloned().collect();
        before.depends_on.retain(|need| meanwhile.now.objects.contains_key(need) || meanwhile.reached.contains(need));
        before.depends_on.extend(needs.into_iter().filter(|need| meanwhile.last(need).is_none()));
    }
}

/// Whether an index of a tree is valid follows from what is attached to it.
fn follows_from_parts(before: &Object, after: &Object) -> bool {
    match (&before.definition, &after.definition) {
        (Definition::Index(before), Definition::Index(after)) => before.valid != after.valid,
        _ => false,
    }
}

/// An object that others made under a name that the run had freed, and that gives way to the one from before.
fn replaced(key: &ObjectKey, after: &Object, now: &Snapshot) -> String {
    let made = statement::create(key, after, now).join("; ");
    format!(
        "{key}: others made another one of this name meanwhile, which gives way to the one from before; theirs was: {made}"
    )
}

/// Whether an object may use columns that its table, or a table that it reads, loses.
fn names_gone_columns(key: &ObjectKey, object: &Object, then: &Snapshot, now: &Snapshot) -> bool {
    let columns = |of: &ObjectKey, snapshot: &Snapshot| -> BTreeSet<String> {
        let found: Option<&Table> = snapshot.objects.get(of).and_then(table);
        found.map(|found| found.columns.iter().map(|column| column.name.clone()).collect()).unwrap_or_default()
    };
    let tables = object.depends_on.iter().cloned().chain(holder(key, object, now));
    let gone: BTreeSet<String> =
        tables.flat_map(|of| columns(&of, now).difference(&columns(&of, then)).cloned().collect::<Vec<_>>()).collect();
    let text = statement::create(key, object, now).join(" ");
    !gone.is_empty() && mentions(&text).iter().any(|(_, name)| gone.contains(name))
}
