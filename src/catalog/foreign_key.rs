//! Which unique index a foreign key hangs on.
//!
//! `FOREIGN KEY … REFERENCES t (a)` doesn't say it. Among the unique indexes over just these columns the server takes the one that
//! was made first (`transformFkeyCheckAttrs` goes by OID), and nobody can drop that one from then on. So a foreign key hangs on
//! the one that it hung on only where that stands, and no other has come before it, when the foreign key is made.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    kind::ObjectKey,
    kinds::{Constraint, Definition, Index},
    object::Object,
    scope::holder,
    snapshot::Snapshot,
};
use crate::sql::{Token, TokenKind, Tokens};

/// Whether both hang on the same; of what earlier programs wrote down that is not known.
pub(super) fn hang_alike(then: &Object, now: &Object) -> bool {
    match (&then.hangs_on, &now.hangs_on) {
        (Some(then), Some(now)) => then == now,
        (None, _) | (_, None) => true,
    }
}

/// The keys and unique indexes of a snapshot that a foreign key could hang on, by table and columns; only those of which there is
/// more than one.
pub(super) struct Rivals(BTreeMap<(ObjectKey, BTreeSet<String>), BTreeSet<ObjectKey>>);

impl Rivals {
    pub fn of(snapshot: &Snapshot) -> Rivals {
        let mut unique: BTreeMap<ObjectKey, Vec<(&ObjectKey, &Definition)>> = BTreeMap::new();
        for (key, object) in snapshot.objects.iter().filter(|(_, object)| is_unique(&object.definition)) {
            if let Some(table) = holder(key, object, snapshot) {
                unique.entry(table).or_default().push((key, &object.definition));
            }
        }
        let mut rivals: BTreeMap<(ObjectKey, BTreeSet<String>), BTreeSet<ObjectKey>> = BTreeMap::new();
        for (table, indexes) in unique.into_iter().filter(|(_, indexes)| indexes.len() > 1) {
            for (key, definition) in indexes {
                if let Some(columns) = unique_columns(definition) {
                    rivals.entry((table.clone(), columns)).or_default().insert(key.clone());
                }
            }
        }
        rivals.retain(|_, keys| keys.len() > 1);
        Rivals(rivals)
    }

    /// Those that the server could take for a foreign key to this table, `bound` left out.
    pub fn of_key(&self, foreign_key: &Object, table: &ObjectKey, bound: &ObjectKey) -> BTreeSet<ObjectKey> {
        let Definition::Constraint(Constraint { definition, .. }) = &foreign_key.definition else { return BTreeSet::new() };
        // Most databases have none.
        let columns = if self.0.is_empty() { None } else { referenced(definition) };
        let found = columns.and_then(|columns| self.0.get(&(table.clone(), columns)));
        found.into_iter().flatten().filter(|key| *key != bound).cloned().collect()
    }
}

/// For each key and unique index the foreign keys that must be made before it, so that they hang on what they hung on.
pub(super) fn bound_before(then: &Snapshot) -> BTreeMap<ObjectKey, BTreeSet<ObjectKey>> {
    let rivals = Rivals::of(then);
    let mut before: BTreeMap<ObjectKey, BTreeSet<ObjectKey>> = BTreeMap::new();
    for (key, object) in &then.objects {
        let Some((bound, table)) = object.hangs_on.as_ref().and_then(|bound| Some((bound, table_of(bound, then)?))) else {
            continue;
        };
        for rival in rivals.of_key(object, &table, bound) {
            before.entry(rival).or_default().insert(key.clone());
        }
    }
    before
}

/// The table of a key or index.
pub(super) fn table_of(index: &ObjectKey, snapshot: &Snapshot) -> Option<ObjectKey> {
    holder(index, snapshot.objects.get(index)?, snapshot)
}

/// The columns that a foreign key refers to, as the server quotes them.
fn referenced(definition: &str) -> Option<BTreeSet<String>> {
    columns(definition, Some("REFERENCES"))
}

/// Whether a foreign key could hang on it.
fn is_unique(definition: &Definition) -> bool {
    if let Definition::Index(Index { create, valid, has_expressions, .. }) = definition {
        return *valid && !has_expressions && create.starts_with("CREATE UNIQUE INDEX");
    }
    matches!(definition, Definition::Constraint(Constraint { contype: 'p' | 'u', definition, .. }) if !definition.contains(" DEFERRABLE"))
}

/// The columns of a key or unique index.
fn unique_columns(definition: &Definition) -> Option<BTreeSet<String>> {
    if let Definition::Index(Index { create, .. }) = definition {
        return columns(create, Some("USING"));
    }
    let Definition::Constraint(Constraint { definition, .. }) = definition else { return None };
    columns(definition, None)
}

/// The columns in the first list in parentheses behind a word. PERIOD may stand before one, and much behind.
fn columns(text: &str, behind: Option<&str>) -> Option<BTreeSet<String>> {
    let tokens: Vec<Token> = Tokens::of(text).collect::<Result<_, _>>().ok()?;
    let mut tokens = tokens.into_iter().filter(Token::is_significant);
    let slice = |token: &Token| text.get(token.range()).unwrap_or_default();
    if let Some(word) = behind {
        tokens.find(|token| token.kind == TokenKind::Word && slice(token) == word)?;
    }
    tokens.find(|token| token.kind == TokenKind::Open)?;
    let list: Vec<Token> = tokens.take_while(|token| token.kind != TokenKind::Close).collect();
    let column = |part: &[Token]| match part {
        [period, column, ..] if slice(period) == "PERIOD" => Some(slice(column).to_owned()),
        [column, ..] => Some(slice(column).to_owned()),
        [] => None,
    };
    list.split(|token| token.kind == TokenKind::Comma).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{
        example::{constraint, foreign_key, index, object, snapshot, table},
        kind::ObjectKind,
    };
    use super::*;

    #[test]
    fn a_foreign_key_could_hang_on_any_unique_index_over_its_columns() {
        let (a, b) = (ObjectKey::table("s", "a"), ObjectKey::table("s", "b"));
        let part = |name: &str| ObjectKey::part(ObjectKind::Constraint, "s", "a", name);
        let plain = |name: &str| ObjectKey::new(ObjectKind::Index, "s", name);
        let of_a = |definition| object(definition, &[&a]);
        let (key, foreign) = (part("a_pkey"), ObjectKey::part(ObjectKind::Constraint, "s", "b", "b_fkey"));
        let reference = r#"FOREIGN KEY (x) REFERENCES s.a("Id", n) ON DELETE CASCADE"#;
        let then = snapshot([
            (a.clone(), object(Definition::Table(Box::new(table(&[("Id", "integer"), ("n", "integer")]))), &[])),
            (b.clone(), object(Definition::Table(Box::new(table(&[("x", "integer")]))), &[])),
            (key.clone(), of_a(constraint('p', r#"PRIMARY KEY (n, "Id")"#))),
            (part("later"), of_a(constraint('u', r#"UNIQUE ("Id", n) DEFERRABLE"#))),
            (plain("cover"), of_a(index("a", r#"CREATE UNIQUE INDEX cover ON s.a USING btree ("Id" DESC, n) INCLUDE (z)"#))),
            (plain("some"), of_a(index("a", r#"CREATE INDEX some ON s.a USING btree ("Id", n)"#))),
            (plain("more"), of_a(index("a", r#"CREATE UNIQUE INDEX more ON s.a USING btree ("Id", n, z)"#))),
            (foreign.clone(), foreign_key(reference, &[&a, &b, &key])),
        ]);
        let object = &then.objects[&foreign];
        let rivals = Rivals::of(&then);
        assert_eq!(rivals.of_key(object, &a, &key), BTreeSet::from([plain("cover")]));
        assert_eq!(rivals.of_key(object, &b, &key), BTreeSet::new());
        assert_eq!(bound_before(&then), BTreeMap::from([(plain("cover"), BTreeSet::from([foreign]))]));
    }
}
