//! What befalls a run in front of its gate.

use std::process::Child;

use backstop::sandbox::{Sandbox, Stop};
use tokio_postgres::Client;

use super::{
    gate,
    stage::{Stage, ended},
};
use crate::support::block_on;

/// What befalls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// `kill -9` of the program; what the server is doing goes on.
    KillRunner,
    /// `pg_terminate_backend` of all of the program's sessions.
    EndSessions,
}

/// Strikes the program that waits at the gate, opens it, and waits until the program has ended.
pub async fn strike(blow: Blow, client: &Client, child: &mut Child) {
    match blow {
        Blow::KillRunner => {
            child.kill().expect("the program is killed");
            ended(child);
        }
        Blow::EndSessions => {
            let sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database() AND application_name LIKE 'backstop%' AND pid <> pg_backend_pid()
                            AND application_name <> 'backstop tests'";
            client.execute(sessions, &[]).await.expect("sessions end");
        }
    }
    gate::open(client).await;
    ended(child);
}

/// Crashes the server under the program that waits at the gate, starts it again, and waits until the program has ended.
pub fn crash(sandbox: &mut Sandbox, stage: &Stage<'_>, child: &mut Child) {
    sandbox.stop(Stop::Immediate).expect("the server crashes");
    sandbox.restart().expect("the server recovers");
    block_on(async { gate::remove(&stage.database.connect().await.client).await });
    ended(child);
}

/// Plays the scene until the program stands before the gate.
///
/// # Panics
/// Where it came to the scene's end without.
pub async fn to_the_gate(stage: &Stage<'_>, client: &Client) -> Child {
    for (command, _) in stage.scene.commands() {
        let mut child = stage.program(command, &stage.database.url).spawn();
        if gate::reached(client, || child.try_wait().unwrap().is_some()).await {
            return child;
        }
    }
    panic!("the run ended before the gate");
}
