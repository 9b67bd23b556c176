//! `backstop restore --into`: a backup's state in another database.

use super::{
    answer::{Answer, RestoredBeside},
    console::Console,
    exit::Exit,
    journals::unreadable,
    problem::Problem,
    running::Site,
};
use crate::{
    postgres::{
        backup::Manifest,
        connection::Connection,
        trial::{Beside, into_database},
    },
    report,
};

/// Makes it and says what it is not.
pub async fn run(
    site: &Site<'_>,
    connection: &Connection,
    manifest: &Manifest,
    into: &str,
    console: &Console,
) -> Result<Exit, Problem> {
    let options = site.database.options();
    let beside = Beside {
        manifest,
        options,
        live: &connection.client,
        cancel: connection.cancel(),
        database: into,
        interruption: site.interruption,
    };
    let filled = into_database(&beside).await.map_err(unreadable)?;
    let mut text = format!(
        "backup {} is in database {into}{}: {} tables with {} rows, {} objects, compared and equal\n",
        manifest.id,
        if filled.made { ", which was made for it" } else { "" },
        filled.tables,
        report::count(filled.rows),
        filled.objects
    );
    for what in &filled.unproven {
        text += &format!("  not as in the backup: {what}\n");
    }
    let restored = RestoredBeside {
        backup: manifest.id.clone(),
        database: into.to_owned(),
        made: filled.made,
        tables: filled.tables,
        rows: filled.rows,
        objects: filled.objects,
        respelled: filled.respelled,
        not_as_in_the_backup: filled.unproven,
    };
    console.answer(&text, &Answer::RestoredBeside(restored))?;
    Ok(Exit::Done)
}
