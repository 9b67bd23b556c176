//! `backstop restore`

use std::io::IsTerminal;

use super::{
    answer::{Answer, RestorePreview, RestoredBeside},
    arguments::RestoreArgs,
    confirm::confirm,
    console::Console,
    exit::Exit,
    restore_preview::PreviewText,
    signals,
};
use crate::{
    machine::RunOutcome,
    operations::{
        DatabaseAccess, DriveOutcome, Interruption, OperationProblem, RunContext,
        restore::{self, ConfirmationSubject, LaterWrites, RestoreOptions, RestoredInto, look, restore_into},
        unless_stopped,
    },
    report,
};

/// Brings a run back that has not ended, or a backup, and proves it.
pub async fn run(arguments: &RestoreArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(arguments.running.grace)?;
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let options = arguments.running.options();
    let context = RunContext { database: &database, options: &options, interruption: &interruption };
    let wanted =
        RestoreOptions { run: arguments.run.clone(), backup: arguments.backup.clone(), tables: arguments.tables.clone() };
    if let Some(into) = &arguments.into {
        return tell_beside(restore_into(&context, &wanted, into, console).await?, console);
    }
    let found = look(&context, &wanted, console).await?;
    if arguments.dry_run {
        return preview(&found, console);
    }
    if let Some(forecast) = &found.forecast {
        console.say(&PreviewText { forecast, database: &found.database }.summary(console.style()));
    }
    found.refuse_obstacles()?;
    if !arguments.yes {
        agree(&interruption, &question(&found)).await?;
    }
    let later_writes = if arguments.overwrite_later_writes { LaterWrites::Overwrite } else { LaterWrites::default() };
    let left = restore::restore(&context, found, later_writes, console).await?;
    // A restore that was asked for and done is a success.
    Ok(match &left.ended {
        DriveOutcome::Finished(RunOutcome::Restored { .. } | RunOutcome::Aborted(_)) => Exit::Done,
        ended => Exit::of_run(ended),
    })
}

fn preview(found: &restore::Restore, console: &Console) -> Result<Exit, OperationProblem> {
    match &found.forecast {
        Some(forecast) => PreviewText { forecast, database: &found.database }.tell(console)?,
        None => {
            let text = "the run has no complete backup: it changed nothing, and there is nothing to bring back";
            let preview = RestorePreview { database: found.database.clone(), ..RestorePreview::default() };
            console.answer(text, &Answer::RestorePreview(preview))?;
        }
    }
    found.obstacles().map(|()| Exit::Done)
}

fn question(found: &restore::Restore) -> String {
    let database = &found.database;
    match found.subject() {
        ConfirmationSubject::Run { run, plan } => format!("Bring run {run} of plan {plan} back in database {database}?"),
        ConfirmationSubject::Backup { tables, rows, taken } => format!(
            "Bring {tables} tables with {} rows of database {database} back to {taken}? Everything that was written to them since is lost.",
            report::count(rows),
        ),
    }
}

/// Somebody said yes.
async fn agree(interruption: &Interruption, question: &str) -> Result<(), OperationProblem> {
    let asked = async { Ok(std::io::stdin().is_terminal() && confirm(question).await) };
    if unless_stopped(interruption, asked).await? {
        return Ok(());
    }
    Err(OperationProblem::usage("backstop::cli::not_agreed", format!("not agreed: {question}"), "Say it with `--yes`."))
}

fn tell_beside(restored: RestoredInto, console: &Console) -> Result<Exit, OperationProblem> {
    let RestoredInto { backup, database, filled } = restored;
    let mut text = format!(
        "backup {backup} is in database {database}{}: {} tables with {} rows, {} objects, compared and equal\n",
        if filled.made { ", which was made for it" } else { "" },
        filled.tables,
        report::count(filled.rows),
        filled.objects
    );
    for what in &filled.unproven {
        text += &format!("  not as in the backup: {what}\n");
    }
    let restored = RestoredBeside {
        backup,
        database,
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
