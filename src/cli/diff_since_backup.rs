//! `backstop diff --backup`

use super::{
    answer::{Answer, Difference},
    arguments::DiffArgs,
    console::Console,
    exit::Exit,
    restore_preview::differing,
};
use crate::{
    operations::{
        DatabaseAccess, OperationProblem,
        difference::{SinceBackup, since_backup},
    },
    report::{self, DifferenceView},
};

/// Says what changed since a backup was taken.
pub async fn run(backup: &str, arguments: &DiffArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let SinceBackup { backup, difference: found } = since_backup(&database, backup).await?;
    let text = if found.is_nothing() {
        format!("nothing changed since backup {backup}")
    } else {
        let structure = report::structure(&found.structure, usize::MAX, console.style());
        let rows = report::rows(&differing(&found.tables), DifferenceView::Since, console.style());
        let no_rows = if rows.is_empty() { "no row of the backup's tables changed\n" } else { "" };
        format!("since backup {backup}:\n{structure}{rows}{no_rows}")
    };
    let differs = !found.is_nothing();
    let difference = Difference { backup, structure: found.structure, rows: found.tables, differs };
    console.answer(&text, &Answer::Difference(difference))?;
    // As with `git diff --exit-code`, 1 says that there are differences.
    Ok(if arguments.exit_code && differs { Exit::Unexpected } else { Exit::Done })
}
