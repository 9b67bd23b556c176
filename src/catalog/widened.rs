//! Types that a run gave more labels or attributes, and that tables of others are made of by now: values may use these.

use std::collections::BTreeSet;

use super::{
    in_use::InUse,
    kind::{ObjectKey, ObjectKeys},
    kinds::Definition,
    snapshot::Snapshot,
};

/// Lets such types stay as the run made them. tables: those of others that would have to be made anew; covered: those that come back from a
/// backup, which need a composite type as it was. A table of others may hold such a value where no other type could take its place:
/// in a key of partitions, in a generated column, below another table.
pub fn keep_widened(then: &mut Snapshot, now: &Snapshot, tables: &ObjectKeys, covered: &ObjectKeys) -> Vec<InUse> {
    let (made_of, copied) = (all_needed(now, tables), all_needed(then, covered));
    let mut kept = Vec::new();
    for (key, found) in now.objects.iter().filter(|(key, _)| made_of.contains(*key)) {
        let Some(before) = then.objects.get_mut(key) else { continue };
        let Some(gained) = gained(&before.definition, &found.definition, copied.contains(key)) else { continue };
        before.definition = found.definition.clone();
        before.depends_on.extend(found.depends_on.iter().cloned());
        let users = tables.iter().filter(|table| all_needed(now, &[(*table).clone()].into()).contains(key)).cloned();
        kept.push(InUse { object: key.clone(), gained, users: users.collect(), is_part: false, drop: Vec::new() });
    }
    kept
}

/// What a type has beside what it had, in words; none where it lost something, or may not have more.
fn gained(then: &Definition, now: &Definition, is_copied: bool) -> Option<Vec<String>> {
    let gained: Vec<String> = match (then, now) {
        (Definition::Enum(then), Definition::Enum(now)) if then.labels.iter().all(|label| now.labels.contains(label)) => {
            now.labels.iter().filter(|label| !then.labels.contains(label)).map(|label| format!("label '{label}'")).collect()
        }
        (Definition::Composite(then), Definition::Composite(now))
            if !is_copied && now.attributes.starts_with(&then.attributes) =>
        {
            let more = now.attributes.iter().skip(then.attributes.len());
            more.map(|attribute| format!("attribute {}", attribute.name)).collect()
        }
        _ => return None,
    };
    (!gained.is_empty()).then_some(gained)
}

/// What these need, and what that needs in turn.
fn all_needed(snapshot: &Snapshot, of: &ObjectKeys) -> BTreeSet<ObjectKey> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&ObjectKey> = of.iter().collect();
    while let Some(key) = next.pop() {
        let needs = snapshot.objects.get(key).into_iter().flat_map(|object| &object.depends_on);
        next.extend(needs.filter(|need| found.insert((*need).clone())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            example::{object, pair},
            kind::ObjectKind,
            kinds::EnumType,
        },
        *,
    };

    /// What stays where the enum had the first labels, has the second, and is what a table of others is made of.
    fn stays(then: &[&str], now: &[&str]) -> Vec<String> {
        let (mood, theirs) = (ObjectKey::new(ObjectKind::Type, "s", "mood"), ObjectKey::table("s", "theirs"));
        let with = |labels: &[&str]| {
            let mut snapshot = pair();
            let labels = labels.iter().map(|&label| label.to_owned()).collect();
            snapshot.objects.insert(mood.clone(), object(Definition::Enum(EnumType { labels }), &[]));
            snapshot.objects.insert(theirs.clone(), object(Definition::Schema, &[&mood]));
            snapshot
        };
        let (mut before, after) = (with(then), with(now));
        let kept = keep_widened(&mut before, &after, &[theirs.clone()].into(), &ObjectKeys::new());
        assert_eq!(before.objects[&mood] == after.objects[&mood], !kept.is_empty() || then == now);
        kept.into_iter().flat_map(|one| one.gained).collect()
    }

    #[test]
    fn labels_stay_where_none_is_gone() {
        assert_eq!(stays(&["a", "b"], &["a", "c", "b"]), ["label 'c'"]);
        assert_eq!(stays(&["a", "b"], &["a", "d"]), Vec::<String>::new());
        assert_eq!(stays(&["a"], &["a"]), Vec::<String>::new());
    }
}
