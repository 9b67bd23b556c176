//! What a restore would do, told before it is done.

use super::{
    answer::{Answer, DroppedTable, MisfitRecord, RestorePreview, StatementRecord},
    console::Console,
};
use crate::{
    operations::{
        OperationProblem,
        difference::{By, RowDelta, TableDelta},
        restore::{Misfit, Preview, PreviewStatement, RestoreForecast},
    },
    report::{self, DifferenceView, RowChange, RowsOfTable, Style},
};

/// What is told of a restore before it is made.
pub struct PreviewText<'a> {
    /// What it would do.
    pub forecast: &'a RestoreForecast,
    /// By name, for the question.
    pub database: &'a str,
}

impl PreviewText<'_> {
    /// What would be overwritten, for people who are asked then.
    pub fn summary(&self, style: Style) -> String {
        let head = format!("backup {} → database {}", self.forecast.backup, self.database);
        if self.forecast.preview.is_nothing() {
            return format!("{head}: structure and rows are as they were\n");
        }
        format!("{head}, what the restore changes:\n{}", self.differences(report::LINES_BEFORE_A_QUESTION_MAX, style))
    }

    fn differences(&self, max: usize, style: Style) -> String {
        let Preview { structure, tables, dropped, misfits, .. } = &self.forecast.preview;
        let mut text = report::structure(structure, max, style);
        text += &report::rows(&differing(tables), DifferenceView::Undone, style);
        for (table, rows) in dropped {
            text += &format!("- {table}: made since, dropped with {} rows\n", report::count(*rows));
        }
        for misfit in misfits {
            text += &format!("! {}\n", misfit.told());
        }
        text
    }

    /// The whole of it, statements included: they can be run as they stand.
    pub fn tell(&self, console: &Console) -> Result<(), OperationProblem> {
        let mut text = match self.forecast.preview.is_nothing() {
            true => self.summary(console.style()),
            false => format!(
                "backup {} → database {}, what the restore would change:\n{}",
                self.forecast.backup,
                self.database,
                self.differences(usize::MAX, console.style())
            ),
        };
        if self.forecast.preview.blocked.is_none() {
            text += "\nBEGIN;\n";
            let Preview { settings, statements, .. } = &self.forecast.preview;
            for sql in settings.iter().chain(statements.iter().map(|statement| &statement.sql)) {
                text += &format!("{sql};\n");
            }
            text += "COMMIT;\n\nnothing was changed (--dry-run)";
        }
        console.answer(&text, &Answer::RestorePreview(self.record()))
    }

    fn record(&self) -> RestorePreview {
        let Preview { structure, tables, dropped, settings, statements, blocked, misfits } = &self.forecast.preview;
        let table = |(table, rows): &(String, u64)| DroppedTable { table: table.clone(), rows: *rows };
        let statement = |s: &PreviewStatement| StatementRecord { object: s.object.to_string(), sql: s.sql.clone() };
        let misfit = |m: &Misfit| MisfitRecord {
            constraint: m.constraint.to_string(),
            missing_in: m.missing_in.clone(),
            rows: m.rows,
            keys: m.keys.clone(),
        };
        RestorePreview {
            backup: Some(self.forecast.backup.clone()),
            database: self.database.to_owned(),
            structure: structure.clone(),
            rows: tables.clone(),
            dropped: dropped.iter().map(table).collect(),
            settings: settings.clone(),
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
        RowDelta::Added => RowChange::Added,
        RowDelta::Removed => RowChange::Removed,
        RowDelta::Changed => RowChange::Changed,
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
