//! Changing a table back while it stands.

use super::{
    super::{catalog_kind::Changing, clauses::change_options},
    column::{self, change_column},
    model::{Column, Table},
};
use crate::sql::quote::{ident, qualified};

impl Table {
    /// What is taken away before anything is dropped or loaded.
    pub(super) fn take_away(&self, now: &Table, changing: Changing<'_>) -> Vec<String> {
        let table = qualified(&changing.key.schema, &changing.key.name);
        let off = self.of_type != now.of_type && now.of_type.is_some();
        let off = off.then(|| format!("ALTER TABLE {table} NOT OF"));
        let columns = self.in_both(now).into_iter();
        off.into_iter().chain(columns.filter_map(|(then, now)| column::before(then, now, changing))).collect()
    }

    /// The columns whose not-null marks must go before rows come, or for another mark.
    pub(in crate::catalog) fn dropped_marks(&self, now: &Table) -> Vec<String> {
        let drops = |(then, now): &(&Column, &Column)| column::drops_not_null(then, now);
        self.in_both(now).into_iter().filter(drops).map(|(then, _)| then.name.clone()).collect()
    }

    /// The columns that it did not have.
    pub(in crate::catalog) fn added_columns(&self, now: &Table) -> Vec<String> {
        let is_new = |column: &&Column| self.columns.iter().all(|other| other.name != column.name);
        now.columns.iter().filter(is_new).map(|column| column.name.clone()).collect()
    }

    /// The columns that it has in both states.
    fn in_both<'a>(&'a self, now: &'a Table) -> Vec<(&'a Column, &'a Column)> {
        let in_now =
            |column: &'a Column| now.columns.iter().find(|other| other.name == column.name).map(|other| (column, other));
        self.columns.iter().filter_map(in_now).collect()
    }

    /// Gives the columns that stay back what was recorded.
    pub(in crate::catalog) fn change_columns(&self, now: &Table, changing: Changing<'_>) -> Vec<String> {
        let both = self.in_both(now);
        let mut statements = column::renames(&qualified(&changing.key.schema, &changing.key.name), &both);
        statements.extend(both.into_iter().flat_map(|(then, now)| change_column(then, now, changing)));
        statements
    }

    /// What is given back after everything stands, when the columns have come back.
    pub(in crate::catalog) fn change_rest(&self, now: &Table, changing: Changing<'_>) -> Vec<String> {
        let alter = format!("ALTER TABLE {}", qualified(&changing.key.schema, &changing.key.name));
        let mut statements = change_options(&alter, &self.options, &now.options);
        if let Some(of) = self.of_type.as_ref().filter(|_| self.of_type != now.of_type) {
            statements.push(format!("{alter} OF {of}"));
        }
        if self.unlogged != now.unlogged {
            statements.push(format!("{alter} SET {}", if self.unlogged { "UNLOGGED" } else { "LOGGED" }));
        }
        if self.tablespace != now.tablespace {
            let tablespace = self.tablespace.as_deref().unwrap_or("pg_default");
            statements.push(format!("{alter} SET TABLESPACE {}", ident(tablespace)));
        }
        if self.row_security != now.row_security {
            statements.push(format!("{alter} {} ROW LEVEL SECURITY", if self.row_security { "ENABLE" } else { "DISABLE" }));
        }
        if self.force_row_security != now.force_row_security {
            let word = if self.force_row_security { "FORCE" } else { "NO FORCE" };
            statements.push(format!("{alter} {word} ROW LEVEL SECURITY"));
        }
        if self.replica_identity != now.replica_identity {
            statements.extend(self.identity_clause().map(|word| format!("{alter} REPLICA IDENTITY {word}")));
        }
        statements
    }

    /// What is its replica identity, as ALTER TABLE takes it; none where an index is it, which is said at the index.
    pub(super) fn identity_clause(&self) -> Option<&'static str> {
        match self.replica_identity {
            'd' => Some("DEFAULT"),
            'n' => Some("NOTHING"),
            'f' => Some("FULL"),
            _ => None,
        }
    }
}
