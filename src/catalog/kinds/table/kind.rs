//! What the rest of the room asks of tables.

use super::{
    super::{
        catalog_kind::{AlterTerms, CatalogKind, Changing, Making, Nearest},
        constraint::validate,
        same_methods::{column_methods, relation_methods},
    },
    can_stay::can_stay,
    create::{create, set_not_null},
    describe::describe,
    model::{ColumnFacts, NotNull, Table, system_columns},
};
use crate::{
    catalog::kind::{ObjectKey, ObjectKind},
    sql::quote::{ident, qualified},
};

/// From this version on not-null marks have names, and can be NOT VALID.
const NAMED_NOT_NULLS: u32 = 180_000;

impl CatalogKind for Table {
    relation_methods!("TABLE", Tables);
    column_methods!();

    fn create(&self, making: Making<'_>) -> Vec<String> {
        create(making.key, self, making.structure)
    }

    fn can_stay(&self, now: &Self, terms: AlterTerms) -> bool {
        can_stay(self, now, terms)
    }

    fn before(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        self.take_away(now, changing)
    }

    fn after(&self, now: &Self, changing: Changing<'_>) -> Vec<String> {
        let mut statements = self.change_columns(now, changing);
        statements.extend(self.change_rest(now, changing));
        statements
    }

    fn describe(&self, now: &Self, what: &mut Vec<String>) {
        describe(what, self, now);
    }

    fn unspell(&mut self) {
        for column in &mut self.columns {
            column.default.iter_mut().for_each(String::clear);
            if let Some((_, expression)) = &mut column.generated {
                expression.clear();
            }
        }
    }

    fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        let mut remarks = system_remarks(key, &self.column_facts());
        for column in &self.columns {
            remarks.push((column_target(key, &column.name), column.facts.comment.clone()));
            if let Some(NotNull { name: Some(mark), comment, .. }) = &column.not_null {
                remarks.push((format!("CONSTRAINT {} ON {}", ident(mark), self.title(key)), comment.clone()));
            }
        }
        remarks
    }

    fn obstacles(&self) -> Vec<String> {
        self.unmodelled.iter().map(|why| format!("{why}, so it can't be made again")).collect()
    }

    /// Of a not-null mark.
    fn nearest(&self, sql: &str, making: Making<'_>) -> Option<Nearest> {
        if making.structure.server_version() < NAMED_NOT_NULLS {
            return None;
        }
        let (key, title) = (making.key, self.title(making.key));
        self.columns.iter().find_map(|column| {
            let mark = column.not_null.as_ref().filter(|mark| mark.validated)?;
            let name = mark.name.as_ref()?;
            (set_not_null(&title, &column.name, mark) == sql).then(|| Nearest {
                sql: format!("{sql} NOT VALID"),
                finish: vec![validate(&ObjectKey::part(ObjectKind::Constraint, &key.schema, &key.name, name))],
            })
        })
    }
}

impl Table {
    /// What a new table could not have before its rows. A not-null mark that it has from above alone comes with the one above.
    pub(crate) fn finish(&self, key: &ObjectKey) -> Vec<String> {
        let name = self.title(key);
        let mut statements = Vec::new();
        let own = self.unvalidated_marks().filter(|(_, mark)| !mark.is_unvalidated_from_above());
        statements.extend(own.map(|(column, mark)| set_not_null(&name, column, mark)));
        if self.row_security {
            statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
        }
        if self.force_row_security {
            statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
        }
        if let Some(word) = self.identity_clause().filter(|word| *word != "DEFAULT") {
            statements.push(format!("ALTER TABLE {name} REPLICA IDENTITY {word}"));
        }
        statements
    }
}

/// The comments on the columns that every table and materialized view has.
pub(crate) fn system_remarks(key: &ObjectKey, all: &[&ColumnFacts]) -> Vec<(String, Option<String>)> {
    let comment = |name: &str| all.iter().rev().find(|facts| facts.column == name)?.comment.clone();
    system_columns().map(|name| (column_target(key, name), comment(name))).collect()
}

/// A column, as COMMENT ON takes it.
pub(crate) fn column_target(key: &ObjectKey, name: &str) -> String {
    format!("COLUMN {}.{}", qualified(&key.schema, &key.name), ident(name))
}
