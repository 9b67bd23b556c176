//! `backstop diff`

use std::path::PathBuf;

use super::{
    arguments::{DiffArgs, ReviewForm},
    console::Console,
    diff_since_backup,
    exit::Exit,
    stdio::{print, print_json},
};
use crate::{
    operations::{OperationProblem, confined, of_files, of_git},
    report::{self, Layout},
    review::Reviews,
};

/// Says what changed: between two versions of plans, or in the database since a backup.
pub async fn run(arguments: &DiffArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    if let Some(backup) = &arguments.backup {
        return diff_since_backup::run(backup, arguments, console).await;
    }
    let (configuration, values) = (arguments.values.configuration(), arguments.values.given());
    let reviews = match (&arguments.git, arguments.paths.as_slice()) {
        (Some(range), paths) => of_git(&configuration, range, paths, &values)?,
        (None, [old, new]) => {
            let configuration = confined(&configuration, &arguments.paths, &values, arguments.base.as_deref())?;
            of_files(&configuration, old, new, &values)?
        }
        (None, _) => {
            let help =
                "Give the old and the new file, or two commits with `--git BASE..HEAD`, or a backup with `--backup ID`.";
            return Err(OperationProblem::usage(
                "backstop::cli::versions",
                "two versions are needed to say what changed",
                help,
            ));
        }
    };
    let exit = exit_of(&reviews, arguments);
    tell(&reviews, exit, arguments, console)?;
    Ok(exit)
}

fn exit_of(reviews: &Reviews, arguments: &DiffArgs) -> Exit {
    let is_weaker = reviews.weaker() > 0 && !arguments.allow_weaker;
    if reviews.is_broken() || is_weaker || reviews.failing_findings() > 0 {
        Exit::Invalid
    } else if arguments.exit_code && !reviews.is_nothing() {
        // As with `git diff --exit-code`, 1 says that there are differences.
        Exit::Unexpected
    } else {
        Exit::Done
    }
}

fn tell(reviews: &Reviews, exit: Exit, arguments: &DiffArgs, console: &Console) -> Result<(), OperationProblem> {
    match arguments.reported.or(console.format()) {
        ReviewForm::Text => {
            let width = console.width();
            let layout = if arguments.side_by_side { Layout::SideBySide(width) } else { Layout::Unified };
            print(report::review_text(reviews, width, layout, console.style()).trim_end())?
        }
        ReviewForm::Json => print_json(&report::review_document(reviews, exit.code()))?,
        ReviewForm::Markdown => print(report::markdown(reviews, &command(arguments)).trim_end())?,
    }
    if reviews.weaker() > 0 && !arguments.allow_weaker {
        console.warn("help: where weaker safety is meant, say so with `--allow-weaker`; without it the exit code is 3")?;
    }
    if reviews.failing_findings() > 0 {
        console.warn("help: mend what lint finds, or make an exception of it in the plan, with the reason; until then the exit code is 3")?;
    }
    Ok(())
}

/// The command that shows everything.
fn command(arguments: &DiffArgs) -> String {
    let paths: Vec<String> = arguments.paths.iter().map(|path: &PathBuf| path.display().to_string()).collect();
    let git = arguments.git.as_ref().map(|range| format!("--git {range}"));
    let words: Vec<String> = ["backstop diff".to_owned()].into_iter().chain(git).chain(paths).collect();
    words.join(" ")
}
