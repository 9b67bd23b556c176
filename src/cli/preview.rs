//! What a restore would do, told before it is done.

use tokio_postgres::Client;

use super::{
    answer::{Answer, DroppedTable, MisfitRecord, RestorePreview, StatementRecord},
    console::Console,
    exit::Exit,
    problem::Problem,
};
use crate::{
    machine::Failure,
    postgres::{
        backup::Manifest,
        difference::{By, How, TableDelta},
        restore::{Misfit, Order, Preview, Statement, preview},
    },
    report::{self, RowChange, RowsOfTable, Seen, Style},
};

/// What is looked at before a restore.
pub struct Sight {
    /// What it would do.
    pub preview: Preview,
    /// The backup.
    pub backup: String,
    /// The database.
    pub database: String,
}

impl Sight {
    /// Looks.
    ///
    /// # Errors
    /// What stood in the way of looking.
    pub async fn of(client: &Client, order: &Order<'_>, database: &str) -> Result<Self, Failure> {
        let Manifest { id, .. } = order.manifest;
        Ok(Sight { preview: preview(client, order).await?, backup: id.clone(), database: database.to_owned() })
    }

    /// What would be overwritten, for people who are asked then.
    pub fn summary(&self, style: Style) -> String {
        let head = format!("backup {} → database {}", self.backup, self.database);
        if self.preview.is_nothing() {
            return format!("{head}: structure and rows are as they were\n");
        }
        format!("{head}, what the restore changes:\n{}", self.differences(report::LINES_BEFORE_A_QUESTION_MAX, style))
    }

    fn differences(&self, max: usize, style: Style) -> String {
        let Preview { structure, tables, dropped, misfits, .. } = &self.preview;
        let mut text = report::structure(structure, max, style);
        text += &report::rows(&differing(tables), Seen::Undone, style);
        for (table, rows) in dropped {
            text += &format!("- {table}: made since, dropped with {} rows\n", report::count(*rows));
        }
        for misfit in misfits {
            text += &format!("! {}\n", misfit.told());
        }
        text
    }

    /// What stands in the way of a restore that is not begun yet.
    pub fn obstacles(&self) -> Result<(), Problem> {
        let mut failures: Vec<Failure> = self.preview.blocked.iter().cloned().collect();
        failures.extend(self.preview.misfits.iter().map(|misfit| {
            Failure::permanent("backstop::restore::rows_do_not_fit", misfit.told()).hint(
                "Nothing was changed. Bring the other table back, too, or delete these rows; `backstop diff --backup ID` shows what \
                 changed since.",
            )
        }));
        if failures.is_empty() { Ok(()) } else { Err(Problem::failures(Exit::Aborted, failures)) }
    }

    /// The whole of it, statements included: they can be run as they stand.
    pub fn tell(&self, console: &Console) -> Result<(), Problem> {
        let mut text = match self.preview.is_nothing() {
            true => self.summary(console.style()),
            false => format!(
                "backup {} → database {}, what the restore would change:\n{}",
                self.backup,
                self.database,
                self.differences(usize::MAX, console.style())
            ),
        };
        if self.preview.blocked.is_none() {
            text += "\nBEGIN;\n";
            let statements = self.preview.statements.iter().map(|statement| &statement.sql);
            for sql in Preview::settings().iter().chain(statements) {
                text += &format!("{sql};\n");
            }
            text += "COMMIT;\n\nnothing was changed (--dry-run)";
        }
        console.answer(&text, &Answer::RestorePreview(self.record()))
    }

    fn record(&self) -> RestorePreview {
        let Preview { structure, tables, dropped, statements, blocked, misfits } = &self.preview;
        let table = |(table, rows): &(String, u64)| DroppedTable { table: table.clone(), rows: *rows };
        let statement = |s: &Statement| StatementRecord { object: s.object.to_string(), sql: s.sql.clone() };
        let misfit = |m: &Misfit| MisfitRecord {
            constraint: m.constraint.to_string(),
            missing_in: m.missing_in.clone(),
            rows: m.rows,
            keys: m.keys.clone(),
        };
        RestorePreview {
            backup: Some(self.backup.clone()),
            database: self.database.clone(),
            structure: structure.clone(),
            rows: tables.clone(),
            dropped: dropped.iter().map(table).collect(),
            settings: Preview::settings().iter().map(ToString::to_string).collect(),
            statements: statements.iter().map(statement).collect(),
            blocked: blocked.clone(),
            misfits: misfits.iter().map(misfit).collect(),
        }
    }
}

/// The tables whose rows differ, as reports show them.
pub fn differing(tables: &[TableDelta]) -> Vec<RowsOfTable> {
    tables.iter().filter(|delta| !delta.is_nothing()).map(shown).collect()
}

fn shown(delta: &TableDelta) -> RowsOfTable {
    let row = |how| match how {
        How::Added => RowChange::Added,
        How::Removed => RowChange::Removed,
        How::Changed => RowChange::Changed,
    };
    let changes = match (delta.added, delta.removed, delta.changed) {
        (Some(added), Some(removed), Some(changed)) => Some([added, removed, changed]),
        _ => None,
    };
    RowsOfTable {
        table: delta.table.clone(),
        then: delta.then,
        now: delta.now,
        changes,
        remark: match delta.by {
            By::Digest | By::Key | By::Gone => "",
            By::KeyInCommonColumns => "compared in the columns that are what they were",
            By::Multiset => "no primary key: a changed row counts as removed and added",
            By::Count => "of another shape: only counted",
        },
        sample: delta.sample.iter().map(|sampled| (row(sampled.how), sampled.key.clone())).collect(),
    }
}
