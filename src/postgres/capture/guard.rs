//! For tests: whether an amended snapshot is what a whole one would be. `BACKSTOP_TEST_SNAPSHOTS=compare` looks each time, which takes
//! twice the time; `BACKSTOP_TEST_SNAPSHOTS=whole` reads every one whole.

use std::sync::Arc;

use tokio_postgres::{Client, Error};

use super::{
    memory::Memory,
    own_changes::Places,
    read::{located_by, snapshot},
};
use crate::catalog::{Snapshot, diff};

/// How often it is looked again where both differ: others may have changed something in between.
const LOOKS: usize = 3;

type Located = Result<(Arc<Snapshot>, Places), Error>;

/// What is to be given instead of an amended snapshot that nobody looks at.
pub(super) async fn located(client: &Client, exclude: &[String], memory: &Memory) -> Option<Located> {
    match std::env::var("BACKSTOP_TEST_SNAPSHOTS").as_deref() {
        Ok("whole") => {
            drop(memory.take());
            None
        }
        Ok("compare") => Some(compared(client, exclude, memory).await),
        Ok(_) | Err(_) => None,
    }
}

async fn compared(client: &Client, exclude: &[String], memory: &Memory) -> Located {
    let mut looks = 0;
    loop {
        let (amended, places) = located_by(client, exclude, memory).await?;
        let whole = snapshot(client, exclude).await?;
        looks += 1;
        if *amended == whole {
            return Ok((amended, places));
        }
        let changes = diff(&whole, &amended);
        let differing: Vec<String> = changes.iter().map(|change| show(change, &whole, &amended)).collect();
        assert!(looks < LOOKS, "an amended snapshot is not what a whole one is:\n{}", differing.join("\n"));
    }
}

fn show(change: &crate::catalog::Change, whole: &Snapshot, amended: &Snapshot) -> String {
    let object = &change.object;
    format!("{object}:\n    whole   {:?}\n    amended {:?}", whole.objects.get(object), amended.objects.get(object))
}
