//! What others changed of what a restore leads back, and dropped of it.

use super::{
    change::{Change, ChangeKind},
    kind::ObjectKind,
    scope::holder,
    snapshot::Snapshot,
    subject::{Subject, column_names},
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
        own.iter().any(|one| one.how != ChangeKind::Changed && (one.object == *key || Some(&one.object) == of.as_ref()));
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
    let said: Vec<Subject<'_>> = about.iter().flat_map(|one| &one.what).map(|what| Subject::of(what, &names)).collect();
    let is_theirs = |what: &&String| {
        let mut renamed = own.iter().filter(|one| one.how != ChangeKind::Changed && one.object.of.is_none());
        !said.contains(&Subject::of(what, &names)) && !renamed.any(|one| names_it(what, &one.object.name))
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

/// Whether the name stands in a difference in words, and not as a part of another one.
fn names_it(what: &str, name: &str) -> bool {
    let is_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    what.match_indices(name).any(|(at, _)| {
        let (before, after) = (what.get(..at), what.get(at + name.len()..));
        !is_of_name(before.and_then(|text| text.chars().next_back()))
            && !is_of_name(after.and_then(|text| text.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            diff,
            example::{column, pair},
            kind::ObjectKey,
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
