//! The proof of a restore.

use std::collections::BTreeSet;

use super::{
    change::{Change, ChangeKind},
    diff::{diff, facts},
    foreign_key::hang_alike,
    kind::ObjectKey,
    object::Object,
    scope::holder,
    script::{Comparison, Script},
    snapshot::Snapshot,
};

/// What was made anew and needs no more what it needed: its text is the same, but means something else now. What it needs
/// beside that is none of it: a newer server may write down more.
fn lost_needs<'a>(then: &'a Snapshot, after: &'a Snapshot, script: &'a Script) -> impl Iterator<Item = Change> + 'a {
    script.recreated.iter().filter_map(|key| {
        let (was, is) = (then.objects.get(key)?, after.objects.get(key)?);
        // What differs visibly is told by that.
        let lost: Vec<String> = was
            .depends_on
            .difference(&is.depends_on)
            .filter(|need| after.objects.contains_key(*need) && !script.left_alone.contains(*need))
            .filter(|need| was.hangs_on.as_ref() != Some(*need))
            .map(|need| format!("needs {need} no more"))
            .collect();
        let is_lost = !lost.is_empty() && !script.left_alone.contains(key);
        is_lost.then(|| Change { how: ChangeKind::Changed, object: key.clone(), what: lost })
    })
}

/// What is not as it was, after the script has been run.
///
/// Everything counts but what others had changed before it, what others made meanwhile beside it, and what it left out. Where only the text of
/// an expression differs on an object that the script made of recorded text, the server respelled it
/// (`x IN ('a', 'b')` on a varchar is printed differently after each reading): that is no difference.
pub fn compare(then: &Snapshot, after: &Snapshot, script: &Script) -> Comparison {
    let mut comparison = Comparison::default();
    comparison.differences.extend(lost_needs(then, after, script));
    for change in diff(then, after) {
        if !counts(&change, after, script) {
            continue;
        }
        if script.recreated.contains(&change.object) && is_respelled(&change.object, then, after) {
            comparison.respelled.push(change.object);
        } else {
            comparison.differences.push(change);
        }
    }
    comparison
}

fn counts(change: &Change, after: &Snapshot, script: &Script) -> bool {
    let key = &change.object;
    if script.left_alone.contains(key) {
        return false;
    }
    match change.how {
        ChangeKind::Removed => !script.left_out.contains(key),
        ChangeKind::Changed => true,
        ChangeKind::Added => {
            let holder = after.objects.get(key).and_then(|object| holder(key, object, after));
            script.in_scope.contains(key) || holder.is_some_and(|holder| script.in_scope.contains(&holder))
        }
    }
}

fn is_respelled(key: &ObjectKey, then: &Snapshot, after: &Snapshot) -> bool {
    match (then.objects.get(key), after.objects.get(key)) {
        (Some(then), Some(after)) => facts(&unspelled(then)) == facts(&unspelled(after)) && hang_alike(then, after),
        _ => false,
    }
}

/// The object with every expression's text emptied, so that what is left must be equal. Whether there is an expression stays
/// visible.
fn unspelled(object: &Object) -> Object {
    let mut object = Object { depends_on: BTreeSet::new(), ..object.clone() };
    object.definition.unspell();
    object
}

#[cfg(test)]
mod tests {
    use super::super::{
        example::{object, pair, view},
        kind::{ObjectKey, ObjectKind},
        script::Script,
    };
    use super::compare;

    #[test]
    fn a_text_is_respelled_only_where_the_script_made_it_and_nothing_else_differs() {
        let then = pair();
        let high = ObjectKey::new(ObjectKind::View, "s", "high");
        let mut after = then.clone();
        let low = ObjectKey::new(ObjectKind::View, "s", "low");
        after.objects.insert(high.clone(), object(view(" SELECT (low.id) FROM s.low"), &[&low]));
        assert_eq!(compare(&then, &after, &Script::default()).differences.len(), 1);
        let script = Script { recreated: [high.clone()].into(), ..Script::default() };
        let comparison = compare(&then, &after, &script);
        assert_eq!((comparison.differences, comparison.respelled), (Vec::new(), vec![high.clone()]));
        if let Some(view) = after.objects.get_mut(&high) {
            view.comment = Some("x".to_owned());
        }
        assert_eq!(compare(&then, &after, &script).differences.len(), 1);
    }

    #[test]
    fn what_was_made_again_must_need_what_it_needed() {
        let then = pair();
        let high = ObjectKey::new(ObjectKind::View, "s", "high");
        let mut after = then.clone();
        if let Some(view) = after.objects.get_mut(&high) {
            view.depends_on = [ObjectKey::table("s", "a")].into();
        }
        let script = Script { recreated: [high.clone()].into(), ..Script::default() };
        let differences = compare(&then, &after, &script).differences;
        assert_eq!(differences.len(), 1, "{differences:?}");
        assert_eq!(
            (&differences[0].object, differences[0].what.as_slice()),
            (&high, &["needs view s.low no more".to_owned()][..])
        );
        assert_eq!(compare(&then, &after, &Script::default()).differences, []);
    }

    #[test]
    fn what_others_made_counts_only_in_scope() {
        let then = pair();
        let theirs = ObjectKey::new(ObjectKind::View, "s", "theirs");
        let mut after = then.clone();
        after.objects.insert(theirs.clone(), object(view(" SELECT 1"), &[]));
        assert_eq!(compare(&then, &after, &Script::default()).differences, []);
        let script = Script { in_scope: [theirs].into(), ..Script::default() };
        assert_eq!(compare(&then, &after, &script).differences.len(), 1);
        after.objects.clear();
        assert_eq!(compare(&then, &after, &Script::default()).differences.len(), then.objects.len());
    }
}
