//! Constraints of tables.

use serde::{Deserialize, Serialize};

use super::{
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making, Nearest},
    clauses::with_options,
    firing::{firing, word},
    index::marks,
    wording::{comment, excerpt, list, plain, switch},
};
use crate::{
    catalog::{
        kind::ObjectKey,
        lineage::{Descent, describe_attached, describe_descent},
        source_form::source_form,
    },
    sql::quote::{ident, literal, qualified},
};

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// p, u, f, c, x as in `pg_constraint.contype`, or t.
    pub contype: char,
    /// `pg_get_constraintdef`, NOT VALID and DEFERRABLE included.
    pub definition: String,
    /// `convalidated`
    pub validated: bool,
    /// Whether the index behind it is the one that the table is clustered on.
    pub clustered: bool,
    /// Whether the index behind it is the table's replica identity.
    pub replica_identity: bool,
    /// The index behind a primary key, unique or exclusion constraint.
    pub index: Option<ConstraintIndex>,
    /// Whether it comes from tables above.
    #[serde(default)]
    pub descent: Descent,
    /// The constraint, or the index, of the table above that it is attached to; never of a CHECK, which has its name alone.
    pub parent: Option<ObjectKey>,
    /// The triggers behind it that are not in the state O.
    #[serde(default)]
    pub triggers: Vec<ConstraintTrigger>,
}

/// What `pg_get_constraintdef` leaves out of the index behind a constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ConstraintIndex {
    /// `reloptions`
    pub options: Vec<String>,
    /// Where it is not the database's own.
    pub tablespace: Option<String>,
    /// COMMENT ON INDEX, beside the comment on the constraint.
    pub comment: Option<String>,
}

/// A trigger that the server made for a constraint, and that does not fire as usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConstraintTrigger {
    /// The function that it calls; its own name holds a number that is another one each time.
    pub function: String,
    /// `tgenabled`
    pub state: char,
    /// The partition of the referenced table that it is on, quoted; none where it belongs to the constraint itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
}

impl Constraint {
    /// Whether it is a CHECK.
    pub fn is_check(&self) -> bool {
        self.contype == 'c'
    }

    /// Whether it is a foreign key.
    pub fn is_foreign_key(&self) -> bool {
        self.contype == 'f'
    }

    /// Whether it is an exclusion constraint.
    pub fn is_exclusion(&self) -> bool {
        self.contype == 'x'
    }
}

impl CatalogKind for Constraint {
    fn noun(&self, _key: &ObjectKey) -> &'static str {
        "CONSTRAINT"
    }

    fn made(&self) -> CreateOrder {
        match self.contype {
            'p' | 'u' | 'x' => CreateOrder::Keys,
            'f' => CreateOrder::ForeignKeys,
            _ => CreateOrder::Checks,
        }
    }

    fn dropped(&self) -> DropOrder {
        DropOrder::Constraints
    }

    fn create(&self, making: Making<'_>) -> Vec<String> {
        let key = making.key;
        let table = table_of(key);
        let mut text = source_form(&self.definition);
        if let Some(index) = &self.index {
            let is_exclusion = self.contype == 'x';
            // The server prints the options of an exclusion's index, but not those of a key's, which belong behind its columns.
            let mut extra = if is_exclusion { String::new() } else { with_options(&index.options) };
            if let Some(tablespace) = &index.tablespace {
                extra.push_str(&format!(" USING INDEX TABLESPACE {}", ident(tablespace)));
            }
            let place = if is_exclusion { exclusion_tail(&text) } else { text.rfind(')').map_or(text.len(), |at| at + 1) };
            text.insert_str(place, &extra);
        }
        // Each partition has its own, which is attached to this one.
        let is_key = matches!(self.contype, 'p' | 'u');
        let only = if is_key && making.structure.is_of_partitioned(key) { "ONLY " } else { "" };
        let mut statements = vec![format!("ALTER TABLE {only}{table} ADD CONSTRAINT {} {text}", ident(&key.name))];
        statements.extend(marks(&table, &key.name, self.clustered, self.replica_identity));
        if !self.triggers.is_empty() {
            statements.push(internal_triggers(key, &self.triggers));
        }
        statements
    }

    fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        vec![format!("ALTER TABLE {} DROP CONSTRAINT {}", table_of(making.key), ident(&making.key.name))]
    }

    fn can_stay(&self, now: &Self, _terms: AlterTerms) -> bool {
        let index = |of: &Constraint| of.index.clone().map(|index| (index.options, index.tablespace));
        let was_cloned = self.contype == 'x' && self.parent.is_some() && now.parent.is_none();
        !was_cloned && self.definition == now.definition && index(self) == index(now)
    }

    fn before(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let is_unmarked = !self.clustered && now.clustered;
        is_unmarked.then(|| format!("ALTER TABLE {} SET WITHOUT CLUSTER", table_of(changing.key))).into_iter().collect()
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let key = changing.key;
        let clustered = self.clustered && !now.clustered;
        let mut statements = marks(&table_of(key), &key.name, clustered, self.replica_identity && !now.replica_identity);
        statements.extend((self.triggers != now.triggers).then(|| internal_triggers(key, &self.triggers)));
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        excerpt(what, "definition", &self.definition, &now.definition);
        describe_descent(what, "constraint", self.descent, now.descent);
        describe_attached(what, &self.parent, &now.parent);
        switch(what, "validated", self.validated, now.validated);
        switch(what, "cluster mark", self.clustered, now.clustered);
        switch(what, "replica identity", self.replica_identity, now.replica_identity);
        if let (Some(then), Some(now)) = (&self.index, &now.index) {
            list(what, "option", &then.options, &now.options);
            plain(what, "tablespace", &then.tablespace, &now.tablespace);
            comment(what, "comment on the index", &then.comment, &now.comment);
        }
        let on =
            |trigger: &ConstraintTrigger| trigger.partition.as_ref().map(|name| format!(" on {name}")).unwrap_or_default();
        let states = |triggers: &[ConstraintTrigger]| -> Vec<String> {
            triggers.iter().map(|trigger| format!("{}{} {}", trigger.function, on(trigger), firing(trigger.state))).collect()
        };
        list(what, "internal trigger", &states(&self.triggers), &states(&now.triggers));
    }

    fn unspell(&mut self) {
        if matches!(self.contype, 'c' | 'x') {
            self.definition.clear();
        }
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let of = |index: &ConstraintIndex| (format!("INDEX {}", qualified(&key.schema, &key.name)), index.comment.clone());
        self.index.iter().map(of).collect()
    }

    /// That of the index behind it.
    fn extension_target(&self, key: &ObjectKey) -> String {
        format!("INDEX {}", qualified(&key.schema, &key.name))
    }

    fn parent(&self) -> Option<&ObjectKey> {
        self.parent.as_ref()
    }

    fn nearest(&self, sql: &str, making: Making<'_>) -> Option<Nearest> {
        let is_asked = matches!(self.contype, 'c' | 'f') && self.validated;
        (is_asked && self.create(making).first().map(String::as_str) == Some(sql))
            .then(|| Nearest { sql: format!("{sql} NOT VALID"), finish: vec![validate(making.key)] })
    }
}

/// Asks the rows that are there whether they keep a rule that was made NOT VALID: a constraint of a table, or a named not-null mark.
pub(super) fn validate(key: &ObjectKey) -> String {
    format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", table_of(key), ident(&key.name))
}

fn table_of(key: &ObjectKey) -> String {
    qualified(&key.schema, key.of.as_deref().unwrap_or_default())
}

/// Where an exclusion constraint's text goes on with its predicate or its deferrability, before which a tablespace is named.
fn exclusion_tail(text: &str) -> usize {
    [" WHERE (", " DEFERRABLE", " INITIALLY DEFERRED"].iter().filter_map(|tail| text.find(tail)).min().unwrap_or(text.len())
}

/// What brings the triggers behind a constraint into their recorded states, all others into the usual one. Their names hold
/// numbers that are different each time, so they are looked up by the function that they call, and by the partition that the
/// constraint leads to.
fn internal_triggers(key: &ObjectKey, triggers: &[ConstraintTrigger]) -> String {
    let table = literal(&qualified(&key.schema, key.of.as_deref().unwrap_or_default()));
    let recorded = |value: &dyn Fn(char) -> String, usual: char| match triggers {
        [] => value(usual),
        triggers => {
            let when = |trigger: &ConstraintTrigger| {
                let on = match &trigger.partition {
                    Some(name) => format!("t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass({})", literal(name)),
                    None => "led.is_itself".to_owned(),
                };
                let function = literal(&trigger.function);
                format!(" WHEN {on} AND p.proname OPERATOR(pg_catalog.=) {function} THEN {}", value(trigger.state))
            };
            format!("CASE{} ELSE {} END", triggers.iter().map(when).collect::<String>(), value(usual))
        }
    };
    let words = recorded(&|state| literal(word(state)), 'O');
    let letters = recorded(&|state| literal(&state.to_string()), 'O');
    let body = format!(
        "DECLARE command text;
BEGIN
  FOR command IN
    WITH RECURSIVE led (oid, is_itself) AS (
      SELECT k.oid, true FROM pg_catalog.pg_constraint k
      WHERE k.conrelid OPERATOR(pg_catalog.=) {table}::pg_catalog.regclass AND k.conname OPERATOR(pg_catalog.=) {}
      UNION ALL
      SELECT b.oid, false FROM led JOIN pg_catalog.pg_constraint b ON b.conparentid OPERATOR(pg_catalog.=) led.oid
      WHERE b.conrelid OPERATOR(pg_catalog.=) {table}::pg_catalog.regclass)
    SELECT pg_catalog.format('ALTER TABLE ONLY %s %s TRIGGER %I', t.tgrelid::pg_catalog.regclass, {words}, t.tgname)
    FROM led
    JOIN pg_catalog.pg_trigger t ON t.tgconstraint OPERATOR(pg_catalog.=) led.oid
    JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
    WHERE t.tgisinternal AND t.tgenabled OPERATOR(pg_catalog.<>) {letters}
  LOOP
    EXECUTE command;
  END LOOP;
END",
        literal(&key.name)
    );
    format!("DO {}", literal(&body))
}
