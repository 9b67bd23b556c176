//! What a run made and others use by now: to take it away would take their work along.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    change::{Change, ChangeKind},
    hierarchy::table,
    kind::{ObjectKey, ObjectKind},
    kinds::Column,
    object::Object,
    scope::{holder, parts},
    script::{Scope, Unrestorable},
    snapshot::Snapshot,
    statement,
};

/// Something that a run made and that stays when the run is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// What stays.
    pub object: ObjectKey,
    /// What of it stays, in words, where it was there before; empty where the run made all of it.
    pub gained: Vec<String>,
    /// What needs it by the work of others, maybe by way of something else that stays.
    pub users: BTreeSet<ObjectKey>,
    /// Whether it goes with something else that stays: a table, of which it is a part.
    pub is_part: bool,
    /// The statements that drop it, once nothing needs it any more.
    pub drop: Vec<String>,
}

/// How many users are named.
const USERS_MAX: usize = 3;

impl InUse {
    /// What becomes of it: a fragment.
    pub fn how(&self) -> String {
        if self.gained.is_empty() { "stays".to_owned() } else { format!("keeps {}", self.gained.join(", ")) }
    }

    /// Why it stays: a fragment.
    pub fn why(&self) -> String {
        let named = self.users.iter().take(USERS_MAX).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = match self.users.len().saturating_sub(USERS_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("was made by the run and is needed by the work of others now: {named}{more}")
    }
}

impl From<&InUse> for Unrestorable {
    fn from(of: &InUse) -> Self {
        Unrestorable { object: of.object.clone(), why: of.why(), needs_copy: false }
    }
}

/// What the run made and others use, in an order in which it can be dropped. own: everything that the run did; where that is not known,
/// tables alone are the work of others.
pub(super) fn in_use(then: &Snapshot, now: &Snapshot, scope: &Scope, own: Option<&[Change]>) -> Vec<InUse> {
    let is_made = |key: &ObjectKey| scope.changed.contains(key) && !then.objects.contains_key(key);
    // What the run hung on a table that was there goes with what it did to that.
    let is_hung = |key: &ObjectKey, object: &Object| {
        key.kind != ObjectKind::Sequence && holder(key, object, now).is_some_and(|of| !is_made(&of))
    };
    let mut users: BTreeMap<&ObjectKey, BTreeSet<ObjectKey>> = BTreeMap::new();
    let mut next: Vec<(&ObjectKey, &ObjectKey)> = Vec::new();
    for (key, object) in now.objects.iter().filter(|(key, _)| !scope.covered.contains(key) && !scope.changed.contains(key)) {
        if holder(key, object, now).is_none_or(|of| !is_made(&of)) {
            next.extend(needs_of_others(key, object, then, own).into_iter().map(|need| (need, key)));
        }
    }
    let parts = parts(now);
    while let Some((need, user)) = next.pop() {
        let found = now.objects.get_key_value(need).filter(|(need, object)| is_made(need) && !is_hung(need, object));
        let Some((need, object)) = found else { continue };
        if !users.entry(need).or_default().insert(user.clone()) {
            continue;
        }
        let needs = object.depends_on.iter().chain(object.definition.default_needs());
        next.extend(needs.chain(parts.get(need).into_iter().flatten()).map(|need| (need, user)));
        next.extend(holder(need, object, now).and_then(|of| now.objects.get_key_value(&of)).map(|(of, _)| (of, user)));
    }
    in_order(users, now)
}

/// What an object needs by the work of others: all of it where they made it. Of a table that was there it is what came with new columns
/// and defaults: what merely has another name now was given that by the run.
fn needs_of_others<'a>(key: &ObjectKey, object: &'a Object, then: &Snapshot, own: Option<&[Change]>) -> Vec<&'a ObjectKey> {
    let columns = object.definition.columns();
    let Some(before) = then.objects.get(key) else {
        let is_theirs = own.map_or(key.kind == ObjectKind::Table, |own| !is_moved(key, own));
        let needs = object.depends_on.iter().chain(columns.iter().flat_map(|column| &column.default_needs));
        return needs.filter(|_| is_theirs).collect();
    };
    let Some(before) = table(before) else { return Vec::new() };
    let was = |column: &Column| before.columns.iter().find(|other| other.name == column.name);
    let gained = columns.iter().filter(|column| was(column).is_none_or(|was| was.default.is_none()));
    let is_wider = columns.iter().any(|column| was(column).is_none());
    let needs = object.depends_on.iter().filter(|_| is_wider);
    needs.chain(gained.flat_map(|column| &column.default_needs)).collect()
}

/// What nothing else of it needs comes first.
fn in_order(mut users: BTreeMap<&ObjectKey, BTreeSet<ObjectKey>>, now: &Snapshot) -> Vec<InUse> {
    let all: BTreeSet<ObjectKey> = users.keys().copied().cloned().collect();
    let mut ordered = Vec::with_capacity(users.len());
    while let Some(any) = users.keys().next().copied() {
        let is_needed = |key: &&ObjectKey| {
            users
                .keys()
                .filter(|other| *other != key)
                .filter_map(|other| now.objects.get(*other))
                .any(|other| other.depends_on.contains(key) || other.definition.default_needs().any(|need| need == *key))
        };
        let first = users.keys().copied().find(|key| !is_needed(key)).unwrap_or(any);
        let (Some(users), Some(object)) = (users.remove(first), now.objects.get(first)) else { continue };
        let is_part = holder(first, object, now).is_some_and(|of| all.contains(&of));
        ordered.push(InUse {
            object: first.clone(),
            gained: Vec::new(),
            users,
            is_part,
            drop: statement::drop(first, object, now),
        });
    }
    ordered
}

/// Whether a part has come to another table because the run gave that its name: of the part itself nothing changed.
pub(super) fn is_moved(key: &ObjectKey, own: &[Change]) -> bool {
    let was = |change: &Change| {
        change.how == ChangeKind::Removed
            && (change.object.kind, &change.object.name, change.object.of.is_some()) == (key.kind, &key.name, true)
    };
    key.of.is_some() && own.iter().any(was)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        super::{
            example::{object, pair},
            kinds::Definition,
        },
        *,
    };

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    fn with_type(user: &ObjectKey, is_own: bool) -> Vec<InUse> {
        let mut now = pair();
        let (kind, schema) = (ObjectKey::new(ObjectKind::Type, "n", "mood"), ObjectKey::new(ObjectKind::Schema, "", "n"));
        now.objects.insert(schema.clone(), object(Definition::Schema, &[]));
        now.objects.insert(kind.clone(), object(Definition::Schema, &[&schema]));
        now.objects.insert(user.clone(), object(now.objects[&a()].definition.clone(), &[&kind]));
        let mut changed = BTreeSet::from([kind, schema]);
        changed.extend(is_own.then(|| user.clone()));
        let scope = Scope { covered: [a()].into(), changed, ..Scope::default() };
        in_use(&pair(), &now, &scope, None)
    }

    #[test]
    fn what_a_table_of_others_needs_stays_with_what_that_needs_in_turn() {
        let user = ObjectKey::table("s", "theirs");
        let stays: Vec<String> = with_type(&user, false).iter().map(|one| one.object.name.clone()).collect();
        assert_eq!(stays, ["mood", "n"]);
        assert_eq!(with_type(&user, true), Vec::new());
        let view = ObjectKey::new(ObjectKind::View, "s", "theirs");
        assert_eq!(with_type(&view, false), Vec::new());
    }
}
