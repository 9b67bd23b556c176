//! What others set on an object that a restore leads back, where the run said nothing of it: it stays as they set it. So do the columns
//! of a table that no backup holds.

use std::collections::BTreeSet;

use super::{
    change::{Change, ChangeKind},
    kind::ObjectKey,
    kinds::{Column, ColumnFacts, Definition, Table},
    snapshot::Snapshot,
    subject::{Subject, column_names},
};

/// Lets an object have what others set on it: owner, privileges, comments, of tables what no row can break. own: everything that the
/// run did.
pub(super) fn keep_facts(then: &mut Snapshot, key: &ObjectKey, now: &Snapshot, own: &[Change]) {
    let Some(after) = now.objects.get(key) else { return };
    let own: Vec<&Change> = own.iter().filter(|change| change.object == *key).collect();
    if own.iter().any(|change| change.how != ChangeKind::Changed) {
        return;
    }
    let words = OwnWords { said: own.iter().flat_map(|change| &change.what).map(String::as_str).collect() };
    let is_missing = |need: &&ObjectKey| !then.objects.contains_key(*need);
    let missing: BTreeSet<ObjectKey> = after.definition.default_needs().filter(is_missing).cloned().collect();
    let Some(before) = then.objects.get_mut(key) else { return };
    if words.says_nothing_of("owner ") {
        before.owner.clone_from(&after.owner);
    }
    if words.comments() {
        before.comment.clone_from(&after.comment);
    }
    let rights = words.rights() && before.owner == after.owner;
    if rights {
        before.grants.clone_from(&after.grants);
    }
    if let (Definition::Table(before), Definition::Table(after)) = (&mut before.definition, &after.definition) {
        words.of_table(before, after);
        for column in &mut before.columns {
            if let Some(same) = after.columns.iter().find(|other| other.name == column.name) {
                words.facts(&mut column.facts, &same.facts, rights);
                words.default(column, same, &missing);
            }
        }
    }
}

/// Lets a table that no backup holds, and that stands in no tree, have the columns that others gave it, changed or took from it. own:
/// everything that the run did.
pub(super) fn keep_columns(then: &mut Snapshot, key: &ObjectKey, now: &Snapshot, own: &[Change]) {
    let own: Vec<&Change> = own.iter().filter(|change| change.object == *key).collect();
    if own.iter().any(|change| change.how != ChangeKind::Changed) {
        return;
    }
    let names = column_names(key, [then, now]);
    let said: Vec<Subject<'_>> = own.iter().flat_map(|change| &change.what).map(|what| Subject::of(what, &names)).collect();
    let is_theirs = |column: &&Column| !said.contains(&Subject::Column(&column.name));
    let Some(after) = now.objects.get(key) else { return };
    let Some(mut before) = then.objects.remove(key) else { return };
    if let (Definition::Table(was), Definition::Table(is)) = (&mut before.definition, &after.definition) {
        let mut kept: Vec<Column> = Vec::new();
        for column in &was.columns {
            match is.columns.iter().find(|other| other.name == column.name).filter(is_theirs) {
                Some(theirs) => kept.push(theirs.clone()),
                None if is_theirs(&column) => {}
                None => kept.push(column.clone()),
            }
        }
        let is_new = |column: &&Column| was.columns.iter().all(|other| other.name != column.name);
        kept.extend(is.columns.iter().filter(is_new).filter(is_theirs).cloned());
        was.columns = kept;
        before.depends_on.extend(after.depends_on.iter().filter(|need| then.objects.contains_key(*need)).cloned());
    }
    then.objects.insert(key.clone(), before);
}

/// What the run itself changed of an object, in words.
struct OwnWords<'a> {
    said: Vec<&'a str>,
}

impl OwnWords<'_> {
    fn says_nothing_of(&self, words: &str) -> bool {
        !self.said.iter().any(|what| what.contains(words))
    }

    fn comments(&self) -> bool {
        self.says_nothing_of("comment ")
    }

    fn rights(&self) -> bool {
        self.says_nothing_of("grant ") && self.says_nothing_of("revoke ")
    }

    /// What is forced upon the owner is not kept: it would hide the rows from who brings them back.
    fn of_table(&self, before: &mut Table, after: &Table) {
        if self.says_nothing_of("row security") {
            before.row_security = after.row_security;
        }
        // An index may be the run's, or have to go.
        let is_plain = before.replica_identity != 'i' && after.replica_identity != 'i';
        if is_plain && self.says_nothing_of("replica identity") {
            before.replica_identity = after.replica_identity;
        }
        if self.says_nothing_of("option ") {
            before.options.clone_from(&after.options);
        }
    }

    fn facts(&self, before: &mut ColumnFacts, after: &ColumnFacts, rights: bool) {
        if self.comments() {
            before.comment.clone_from(&after.comment);
        }
        if rights {
            before.grants.clone_from(&after.grants);
        }
    }

    /// A default, where all that it needs is there afterwards.
    fn default(&self, before: &mut Column, after: &Column, missing: &BTreeSet<ObjectKey>) {
        let is_alike = (&before.data_type, before.identity, &before.generated)
            == (&after.data_type, after.identity, &after.generated)
            && before.generated.is_none();
        let is_whole = after.default_needs.is_disjoint(missing);
        if is_alike && is_whole && self.says_nothing_of(&format!("column {} ", before.name)) {
            before.default.clone_from(&after.default);
            before.default_needs.clone_from(&after.default_needs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::example::{column, grant, pair},
        *,
    };

    /// What others set stays, of which the run's own words, if any, say nothing.
    fn kept(own: &[&str]) -> Table {
        let key = ObjectKey::table("s", "a");
        let (mut then, mut now) = (pair(), pair());
        if let Some(object) = now.objects.get_mut(&key) {
            object.comment = Some("theirs".to_owned());
            object.owner = Some("other".to_owned());
            object.grants.push(grant("SELECT", Some("reader")));
            if let Definition::Table(table) = &mut object.definition {
                (table.row_security, table.force_row_security, table.replica_identity) = (true, true, 'f');
                table.options.push("fillfactor=70".to_owned());
                table.columns[1].default = Some("'theirs'".to_owned());
                table.columns.push(column("more", "integer"));
            }
        }
        let what = own.iter().map(|&what| what.to_owned()).collect();
        keep_facts(&mut then, &key, &now, &[Change { how: ChangeKind::Changed, object: key.clone(), what }]);
        let object = then.objects.remove(&key).unwrap();
        let is_kept = own.iter().all(|what| !what.contains("grant") && !what.contains("owner"));
        assert_eq!(object.owner.as_deref() == Some("other"), own.iter().all(|what| !what.contains("owner")));
        assert_eq!(object.grants.len() == 1, is_kept);
        assert_eq!(object.comment.as_deref(), Some("theirs"));
        let Definition::Table(table) = object.definition else { panic!("no table") };
        *table
    }

    #[test]
    fn what_the_run_did_not_touch_stays_as_others_set_it_but_for_what_rows_may_break() {
        let table = kept(&["added column own text"]);
        assert!(table.row_security && !table.force_row_security);
        assert_eq!((table.replica_identity, table.options.len(), table.columns.len()), ('f', 1, 2));
        assert_eq!(table.columns[1].default.as_deref(), Some("'theirs'"));
    }

    #[test]
    fn what_the_run_touched_comes_back() {
        let own = ["row security off -> on", "grant INSERT to api", "column v default none -> 1"];
        let table = kept(&own);
        assert!(!table.row_security && table.columns[1].default.is_none());
        assert_eq!(table.replica_identity, 'f');
        assert_eq!(kept(&["owner owner -> third", "option fillfactor=10"]).options, Vec::<String>::new());
    }
}
