//! From the command line to a command, and from its end to an exit code.

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, error::ErrorKind};

use super::{
    accept, apply, approve,
    arguments::{Arguments, BackupCommand, CommandArgs},
    backup, check, completions,
    console::Console,
    demo, diff,
    exit::Exit,
    fmt, history, install, lint, man, new, pause, plan, render, restore, resume, schema, settle, show, signals, status,
};
use crate::operations::{OperationProblem, unless_stopped};

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where neither output is there, the exit code still says it.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
                _ => Exit::Usage.into(),
            };
        }
    };
    let mut console = Console::new(arguments.format, arguments.color);
    let exit = match runtime() {
        Ok(runtime) => runtime.block_on(async {
            let exit = dispatch(&arguments.command, &mut console).await;
            for trouble in console.telemetry().hand_over(arguments.metrics_file.as_deref(), arguments.junit.as_deref()).await
            {
                // How the run ended counts more than who is told of it.
                let _ = console.warn(&format!("warning: {trouble}"));
            }
            exit
        }),
        Err(error) => Err(OperationProblem::unexpected(format!("the program can't start its threads: {error}"))),
    };
    exit.unwrap_or_else(|problem| console.tell(&problem)).into()
}

/// Threads that work, beside the one that waits and the one that looks up names.
const WORKERS: usize = 2;

/// What runs the program's tasks. It would panic where the system gives it no thread, so threads are asked for before.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    std::thread::scope(|scope| {
        let threads = (0..=WORKERS).map(|_| std::thread::Builder::new().spawn_scoped(scope, || {}).map(drop));
        threads.collect::<std::io::Result<Vec<()>>>()
    })?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()
}

/// Whether the program understands a command line, its own name first. Nothing is run.
///
/// # Errors
/// What is wrong with it, or that help or the version was asked for.
pub fn understand<T: Into<OsString> + Clone>(line: impl IntoIterator<Item = T>) -> Result<(), clap::Error> {
    Arguments::try_parse_from(line).map(drop)
}

/// A command that changes nothing: a signal ends it, and what the server does for it.
async fn stoppable(command: impl Future<Output = Result<Exit, OperationProblem>>) -> Result<Exit, OperationProblem> {
    let interruption = signals::listen(None)?;
    unless_stopped(&interruption, command).await
}

async fn dispatch(command: &CommandArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    match command {
        CommandArgs::Apply(arguments) => apply::run(arguments, console).await,
        CommandArgs::Plan(arguments) => stoppable(plan::run(arguments, console)).await,
        CommandArgs::Approve(arguments) => approve::run(arguments, console),
        CommandArgs::Render(arguments) => render::run(arguments, console),
        CommandArgs::Lint(arguments) => lint::run(arguments, console),
        CommandArgs::Check(arguments) => stoppable(check::run(arguments, console)).await,
        CommandArgs::Status(arguments) => stoppable(status::run(arguments, console)).await,
        CommandArgs::History(arguments) => stoppable(history::run(arguments, console)).await,
        CommandArgs::Show(arguments) => stoppable(show::run(arguments, console)).await,
        CommandArgs::Resume(arguments) => resume::run(arguments, console).await,
        CommandArgs::Pause(arguments) => pause::run(arguments, console).await,
        CommandArgs::Continue(arguments) => pause::go_on(arguments, console).await,
        CommandArgs::Settle(arguments) => settle::run(arguments, console).await,
        CommandArgs::Restore(arguments) => restore::run(arguments, console).await,
        CommandArgs::Accept(arguments) => accept::run(arguments, console).await,
        CommandArgs::Backup(arguments) => match &arguments.command {
            BackupCommand::Create(arguments) => backup::create(arguments, console).await,
            BackupCommand::List(arguments) => stoppable(backup::list(arguments, console)).await,
            BackupCommand::Verify(arguments) => backup::verify(arguments, console).await,
            BackupCommand::Prune(arguments) => backup::prune(arguments, console).await,
        },
        CommandArgs::Install(arguments) => install::run(arguments, console).await,
        CommandArgs::Diff(arguments) => stoppable(diff::run(arguments, console)).await,
        CommandArgs::Fmt(arguments) => fmt::run(arguments, console),
        CommandArgs::Init(arguments) => new::init(arguments, console),
        CommandArgs::New(arguments) => new::run(arguments, console),
        CommandArgs::Demo(arguments) => demo::run(arguments, console).await,
        CommandArgs::Schema(arguments) => schema::run(arguments),
        CommandArgs::Completions(arguments) => completions::run(arguments),
        CommandArgs::Man(arguments) => man::run(arguments),
    }
}
