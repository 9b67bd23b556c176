//! `backstop diff --backup`

use super::{
    answer::{Answer, Difference},
    arguments::Diff,
    console::Console,
    exit::Exit,
    journals::unreadable,
    place::Database,
    preview::differing,
    problem::Problem,
};
use crate::{
    postgres::{backup as backups, difference::since},
    report::{self, Seen},
};

/// Says what changed since a backup was taken.
pub async fn run(backup: &str, arguments: &Diff, console: &Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let client = &connection.client;
    let manifest = backups::read(client, backup).await.map_err(unreadable)?;
    let found = since(client, &manifest).await.map_err(unreadable)?;
    let text = if found.is_nothing() {
        format!("nothing changed since backup {}", manifest.id)
    } else {
        let structure = report::structure(&found.structure, usize::MAX, console.style());
        let rows = report::rows(&differing(&found.tables), Seen::Since, console.style());
        let no_rows = if rows.is_empty() { "no row of the backup's tables changed\n" } else { "" };
        format!("since backup {}:\n{structure}{rows}{no_rows}", manifest.id)
    };
    let differs = !found.is_nothing();
    let difference = Difference { backup: manifest.id, structure: found.structure, rows: found.tables, differs };
    console.answer(&text, &Answer::Difference(difference))?;
    // As with `git diff --exit-code`, 1 says that there are differences.
    Ok(if arguments.exit_code && differs { Exit::Unexpected } else { Exit::Done })
}
