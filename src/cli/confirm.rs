//! Asking a person.

use std::io::{BufRead, BufReader, stdin};

use super::stdio::ask_on_stderr;

/// Asks a person; anything but `y` or `yes` is a no, and so is a standard input that is no terminal.
pub async fn confirm(question: &str) -> bool {
    ask_on_stderr(&format!("{question} [y/N]"));
    let (told, answered) = tokio::sync::oneshot::channel();
    // A thread of its own, which ends with the program: a signal must not wait for somebody to type.
    let asking = std::thread::Builder::new().spawn(move || {
        let mut answer = String::new();
        let read = BufReader::new(stdin()).read_line(&mut answer);
        let is_yes = read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        // Nobody waits for the answer any more where a signal came.
        let _ = told.send(is_yes);
    });
    asking.is_ok() && answered.await.unwrap_or(false)
}
