//! `backstop fmt`

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use super::{
    answer::{Answer, Formatted},
    arguments::Fmt,
    console::Console,
    exit::Exit,
    files, plan_files,
    problem::Problem,
    reading::read_plan,
};
use crate::{
    load::{self, Unordered},
    machine::Failure,
};

/// Puts the fields of plans in order; or only says which plans aren't. All files are read and proven before the first is written.
pub fn run(arguments: &Fmt, console: &Console) -> Result<Exit, Problem> {
    files::confine(&arguments.plans, &[])?;
    let (mut others, mut failures, mut count) = (Vec::new(), Vec::new(), 0);
    for path in plan_files::collect(&arguments.plans, &arguments.chosen, console)? {
        let loaded = read_plan(&path)?;
        count += 1;
        match load::ordered(&loaded) {
            Ok(text) if text == loaded.source.text() => {}
            Ok(text) => others.push((path, text)),
            Err(why) => failures.push(refused(&path, why)),
        }
    }
    if !failures.is_empty() {
        return Err(Problem::failures(Exit::Invalid, failures));
    }
    if !arguments.check {
        for (path, text) in &others {
            replace(path, text).map_err(|error| Problem::file(path, &error))?;
        }
    }
    tell(arguments, &others, count, console)
}

fn tell(arguments: &Fmt, others: &[(PathBuf, String)], count: usize, console: &Console) -> Result<Exit, Problem> {
    let names: Vec<String> = others.iter().map(|(path, _)| path.display().to_string()).collect();
    let exit = if arguments.check && !others.is_empty() { Exit::Invalid } else { Exit::Done };
    let word = if arguments.check { "not in order" } else { "put in order" };
    let text = match names.len() {
        0 if count == 1 => "the plan is in order".to_owned(),
        0 => format!("{count} plans are in order"),
        _ => names.iter().map(|name| format!("{word}: {name}\n")).collect(),
    };
    let formatted = Formatted { files: names, written: !arguments.check, exit_code: exit.code() };
    console.answer(&text, &Answer::Formatted(formatted))?;
    Ok(exit)
}

fn refused(path: &Path, why: Unordered) -> Failure {
    let (code, what) = match why {
        Unordered::Values => ("backstop::fmt::values", "would hold other values"),
        Unordered::Comments => ("backstop::fmt::comments", "would lose or change a comment"),
        Unordered::Unreadable => ("backstop::fmt::unreadable", "could not be read any more"),
    };
    Failure::permanent(code, format!("{}: with its fields in order the plan {what}, so nothing is written", path.display()))
        .hint("Put the fields in order by hand; anchors, `---`, `...` and a last line without a line break are what stands in the way.")
}

/// Writes the whole file beside the old one first: nobody ever sees half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Of a link, what it leads to.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let marked = fs::read(&path)?.starts_with(BYTE_ORDER_MARK);
    if marked {
        file.write_all(BYTE_ORDER_MARK)?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|error| error.error)
}

/// What some editors write at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
