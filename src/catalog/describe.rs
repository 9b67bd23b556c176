//! What is different about an object, in words.

use super::{
    companion::Companion,
    foreign_key::hang_alike,
    kinds::wording::{comment, grants, list, plain},
    label::SecurityLabel,
    object::Object,
};

/// The differences between two states of one object; never empty for two that differ.
pub(crate) fn of(then: &Object, now: &Object) -> Vec<String> {
    let mut what = Vec::new();
    then.definition.describe(&now.definition, &mut what);
    plain(&mut what, "owner", &then.owner, &now.owner);
    grants(&mut what, "", &then.grants, &now.grants);
    comment(&mut what, "comment", &then.comment, &now.comment);
    list(&mut what, "security label", &labels(then), &labels(now));
    companions(&mut what, &then.companions, &now.companions);
    let extensions = |object: &Object| object.extensions.iter().cloned().collect::<Vec<_>>();
    list(&mut what, "dependence on extension", &extensions(then), &extensions(now));
    if !hang_alike(then, now) {
        plain(&mut what, "hangs on", &then.hangs_on, &now.hangs_on);
    }
    if what.is_empty() {
        what.push("definition differs".to_owned());
    }
    what
}

/// What came along with it.
fn companions(what: &mut Vec<String>, then: &[Companion], now: &[Companion]) {
    let of = |all: &'_ [Companion], one: &Companion| {
        all.iter().find(|other| (&other.noun, &other.identity) == (&one.noun, &one.identity)).cloned()
    };
    let more = now.iter().filter(|one| of(then, one).is_none());
    for one in then.iter().chain(more) {
        let on = format!("{} {}", one.noun.to_lowercase(), one.identity);
        let (before, after) = (of(then, one), of(now, one));
        let list = |one: &Option<Companion>| one.as_ref().and_then(|one| one.grants.clone()).unwrap_or_default();
        grants(what, &format!(" on {on}"), &list(&before), &list(&after));
        let text = |one: &Option<Companion>| one.as_ref().and_then(|one| one.comment.clone());
        comment(what, &format!("comment on {on}"), &text(&before), &text(&after));
        let owner = |one: &Option<Companion>| one.as_ref().filter(|one| one.own_owner).and_then(|one| one.owner.clone());
        plain(what, &format!("owner of {on}"), &owner(&before), &owner(&after));
    }
}

fn labels(object: &Object) -> Vec<String> {
    let label = |label: &SecurityLabel| {
        let on = label.column.as_ref().map(|column| format!(" on column {column}")).unwrap_or_default();
        format!("{}{on} {}", label.provider, label.label)
    };
    object.labels.iter().map(label).collect()
}
