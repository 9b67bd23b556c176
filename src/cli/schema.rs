//! `backstop schema`

use super::{console::print, exit::Exit, problem::Problem};

/// Prints the JSON Schema of plan files.
pub fn run() -> Result<Exit, Problem> {
    let text =
        serde_json::to_string_pretty(&crate::load::schema()).map_err(|error| Problem::unexpected(error.to_string()))?;
    print(&text)?;
    Ok(Exit::Done)
}
