//! What is written on standard output and standard error, the values of secrets left out.

use std::io::{self, Write};

use crate::{operations::OperationProblem, secrets};

/// Prints a text and a line break on standard output, without the values of secrets. A reader that has gone (`backstop show | head`) is no error.
pub fn print(text: &str) -> Result<(), OperationProblem> {
    write(&mut io::stdout().lock(), text)
}

/// Prints a value on a line of standard output.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), OperationProblem> {
    let mut value = serde_json::to_value(value).map_err(|error| OperationProblem::unexpected(error.to_string()))?;
    // Text by text: a secret may be spelled like what holds them together.
    secrets::redacted_json(&mut value);
    let mut out = io::stdout().lock();
    ended(writeln!(out, "{value}").and_then(|()| out.flush()))
}

/// Prints a line of JSON as [`print_json`] does.
pub fn print_json_line(line: &str) -> Result<(), OperationProblem> {
    match serde_json::from_str::<serde_json::Value>(line) {
        Ok(value) => print_json(&value),
        Err(_) => print(line.trim_end()),
    }
}

/// Says something on standard error, without the values of secrets, where nobody has a console at hand. Nobody can be told that
/// telling failed.
pub fn say_on_stderr(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}

/// Asks something on standard error; the answer follows on the same line.
pub fn ask_on_stderr(question: &str) {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{} ", secrets::redacted(question)).and_then(|()| err.flush());
}

/// Prints bytes on standard output as they are.
pub fn print_bytes(bytes: &[u8]) -> Result<(), OperationProblem> {
    let mut out = io::stdout().lock();
    ended(out.write_all(bytes).and_then(|()| out.flush()))
}

pub fn write(to: &mut impl Write, text: &str) -> Result<(), OperationProblem> {
    ended(writeln!(to, "{}", secrets::redacted(text)).and_then(|()| to.flush()))
}

fn ended(written: io::Result<()>) -> Result<(), OperationProblem> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(OperationProblem::unexpected(error.to_string())),
        _ => Ok(()),
    }
}
