//! What others changed of what a restore leads back, and dropped of it.

use super::{
    change::{Change, ChangeKind},
    hierarchy::table,
    kind::{ObjectKey, ObjectKind},
    scope::holder,
    snapshot::Snapshot,
};

/// What others changed of the tables that a restore answers for, and dropped of all that it does, and that it takes back: a sentence
/// for each. Told by the columns and facts of which the run's own changes say nothing.
pub(super) fn taken_back(changes: &[Change], then: &Snapshot, now: &Snapshot, own: &[Change]) -> Vec<String> {
    changes
        .iter()
        .filter_map(|change| match change.how {
            ChangeKind::Changed if change.object.kind == ObjectKind::Table => changed(change, [then, now], own),
            ChangeKind::Removed => dropped(change, then, now, own),
            ChangeKind::Changed | ChangeKind::Added => None,
        })
        .collect()
}

/// What is gone with its table is told with that.
fn dropped(change: &Change, then: &Snapshot, now: &Snapshot, own: &[Change]) -> Option<String> {
    let key = &change.object;
    let of = then.objects.get(key).and_then(|object| holder(key, object, then));
    let stands = of.as_ref().is_none_or(|of| now.objects.contains_key(of));
    let is_own =
        own.iter().any(|one| one.object == *key || Some(&one.object) == of.as_ref() && one.how != ChangeKind::Changed);
    let rows = if key.kind == ObjectKind::Table { ", with the rows of the backup" } else { "" };
    (stands && !is_own)
        .then(|| format!("{key}: others dropped it meanwhile, or gave it another name; it is made again{rows}"))
}

fn changed(change: &Change, [then, now]: [&Snapshot; 2], own: &[Change]) -> Option<String> {
    let about: Vec<&Change> = own.iter().filter(|one| one.object == change.object).collect();
    if about.iter().any(|one| one.how != ChangeKind::Changed) {
        return None;
    }
    let names = column_names(&change.object, [then, now]);
    let said: Vec<&str> = about.iter().flat_map(|one| &one.what).map(|what| subject(what, &names)).collect();
    let is_theirs = |what: &&String| {
        let mut renamed = own.iter().filter(|one| one.how != ChangeKind::Changed && one.object.of.is_none());
        !said.contains(&subject(what, &names)) && !renamed.any(|one| names_it(what, &one.object.name))
    };
    let theirs: Vec<&str> = change.what.iter().filter(is_theirs).map(String::as_str).collect();
    (!theirs.is_empty()).then(|| {
        format!(
            "{}: others changed it meanwhile, which is taken back with what the columns held: {}",
            change.object,
            theirs.join(", ")
        )
    })
}

fn column_names(key: &ObjectKey, snapshots: [&Snapshot; 2]) -> Vec<String> {
    let tables = snapshots.into_iter().filter_map(|snapshot| snapshot.objects.get(key).and_then(table));
    tables.flat_map(|table| table.columns.iter().map(|column| column.name.clone())).collect()
}

/// Whether the name stands in a difference in words, and not as a part of another one.
fn names_it(what: &str, name: &str) -> bool {
    let is_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    what.match_indices(name).any(|(at, _)| {
        let (before, after) = (what.get(..at), what.get(at + name.len()..));
        !is_of_name(before.and_then(|text| text.chars().next_back()))
            && !is_of_name(after.and_then(|text| text.chars().next()))
    })
}

/// What a difference in words is about: a column, or the fact that its first word names.
fn subject<'a>(what: &'a str, columns: &[String]) -> &'a str {
    let bare = ["added ", "removed "].into_iter().find_map(|word| what.strip_prefix(word)).unwrap_or(what);
    if let Some(rest) = bare.strip_prefix("column ") {
        let names =
            columns.iter().filter(|name| rest.strip_prefix(name.as_str()).is_some_and(|after| after.starts_with(' ')));
        let longest = names.map(String::len).max();
        return longest.and_then(|length| rest.get(..length)).or_else(|| rest.split(' ').next()).unwrap_or(rest);
    }
    bare.split(' ').next().unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            diff,
            example::{column, pair},
            kinds::Definition,
        },
        *,
    };

    fn a() -> ObjectKey {
        ObjectKey::table("s", "a")
    }

    #[test]
    fn what_others_changed_of_a_table_is_told_from_what_the_run_did() {
        let mut now = pair();
        if let Some(Definition::Table(found)) = now.objects.get_mut(&a()).map(|object| &mut object.definition) {
            found.columns.push(column("more", "integer"));
            found.columns.push(column("more still", "text"));
        }
        let changes = diff(&pair(), &now);
        let own = Change { how: ChangeKind::Changed, object: a(), what: vec!["added column more integer".to_owned()] };
        let told = taken_back(&changes, &pair(), &now, &[own]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].ends_with(": added column more still text"), "{told:?}");
        let all = Change { what: changes[0].what.clone(), ..changes[0].clone() };
        assert_eq!(taken_back(&changes, &pair(), &now, &[all]), Vec::<String>::new());
        let made = |name: &str| Change { how: ChangeKind::Added, object: ObjectKey::table("s", name), what: Vec::new() };
        let told = |name| taken_back(&changes, &pair(), &now, &[made(name)]).len();
        assert_eq!((told("e"), told("mor"), told("more")), (1, 1, 0));
    }

    #[test]
    fn what_others_dropped_is_told_once_with_all_that_it_had() {
        let mut now = pair();
        now.objects.retain(|key, _| *key != a() && key.of.as_deref() != Some("a"));
        let changes = diff(&pair(), &now);
        let told = |own: &[Change]| taken_back(&changes, &pair(), &now, own).join("; ");
        assert!(told(&[]).starts_with("table s.a: others dropped it meanwhile"), "{}", told(&[]));
        assert!(told(&[]).contains("with the rows of the backup") && !told(&[]).contains("a_pkey"), "{}", told(&[]));
        assert_eq!(told(&changes), "");
    }
}
