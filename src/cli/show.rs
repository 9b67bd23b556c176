//! `backstop show`

use super::{
    answer::{self, Announcement},
    arguments::ShowArgs,
    console::Console,
    exit::Exit,
};
use crate::{
    machine::State,
    operations::{
        DatabaseAccess, Observer, OperationProblem,
        history::{RunDetails, Termination, Warning, show},
    },
    report::{Closing, EndedSession, ended_session, run_warning},
};

/// Tells a run again, as it happened.
pub async fn run(arguments: &ShowArgs, console: &mut Console) -> Result<Exit, OperationProblem> {
    let database = DatabaseAccess::open(&arguments.database.configuration(), &arguments.database.target(), console).await?;
    let RunDetails { found, terminations, warnings } = show(&database, arguments.run.as_deref()).await?;
    let mut ended = terminations.iter().peekable();
    for recorded in &found.events {
        // Both are times of the same server, written alike.
        while let Some(session) = ended.next_if(|session| session.at < recorded.at) {
            tell(session, &found.run.id, console)?;
        }
        console.stored(recorded);
    }
    for session in ended {
        tell(session, &found.run.id, console)?;
    }
    for Warning { at, code, message, detail } in warnings {
        let text = run_warning(&at, &code, &message, console.style());
        console.announce(
            &text,
            &Announcement::Warned(answer::RunWarning { run: found.run.id.clone(), at, code, message, detail }),
        )?;
    }
    match &found.run.state {
        State::Finished(outcome) => console.close(&found.run.id, &Closing::Finished(outcome), Exit::Done)?,
        State::Held { cause, .. } => console.close(&found.run.id, &Closing::Held(cause), Exit::Done)?,
        state => console.say(&format!("the run is not at its end: {}", state.name())),
    }
    Ok(Exit::Done)
}

fn tell(session: &Termination, run: &str, console: &Console) -> Result<(), OperationProblem> {
    let Termination { at, actor, pid, role, application, address, query } = session;
    let shown =
        EndedSession { at, pid: *pid, role: role.as_deref(), application: application.as_deref(), query: query.as_deref() };
    let record = answer::EndedSessionRecord {
        run: run.to_owned(),
        at: at.clone(),
        actor: actor.clone(),
        pid: *pid,
        role: role.clone(),
        application: application.clone(),
        address: address.clone(),
        query: query.clone(),
    };
    console.announce(&ended_session(&shown, console.style()), &Announcement::SessionEnded(record))
}
