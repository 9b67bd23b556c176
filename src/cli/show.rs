//! `backstop show`

use super::{arguments::Show, console::Console, exit::Exit, journals::one, place::Database, problem::Problem};
use crate::{drive::port::Observer, machine::State, report::Closing};

/// Tells a run again, as it happened.
pub async fn run(arguments: &Show, console: &mut Console) -> Result<Exit, Problem> {
    let database = Database::open(&arguments.place).await?;
    let connection = database.connect().await?;
    let found = one(&connection.client, arguments.run.as_deref()).await?;
    for recorded in &found.events {
        console.stored(recorded);
    }
    match &found.run.state {
        State::Finished(ending) => console.close(&found.run.id, &Closing::Finished(ending), Exit::Done)?,
        State::Held { cause, .. } => console.close(&found.run.id, &Closing::Held(cause), Exit::Done)?,
        state => console.say(&format!("the run is not at its end: {}", state.name())),
    }
    Ok(Exit::Done)
}
