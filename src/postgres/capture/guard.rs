//! For tests: whether an amended snapshot is what a whole one would be. `BACKSTOP_TEST_SNAPSHOTS=compare` looks each time, which takes
//! twice the time; `BACKSTOP_TEST_SNAPSHOTS=whole` reads every one whole.

use crate::catalog::{Change, Snapshot, diff};

/// How often it is looked again where both differ.
const LOOKS: usize = 3;

pub(super) fn reads_whole() -> bool {
    is("whole")
}

pub(super) fn compares() -> bool {
    is("compare")
}

fn is(word: &str) -> bool {
    std::env::var("BACKSTOP_TEST_SNAPSHOTS").is_ok_and(|asked| asked == word)
}

/// Whether both are the same; where they differ every time, the test fails.
pub(super) fn is_whole(amended: &Snapshot, whole: &Snapshot, looks: usize) -> bool {
    if amended == whole {
        return true;
    }
    let differing: Vec<String> = diff(whole, amended).iter().map(|change| show(change, whole, amended)).collect();
    assert!(looks < LOOKS, "an amended snapshot is not what a whole one is:\n{}", differing.join("\n"));
    false
}

fn show(change: &Change, whole: &Snapshot, amended: &Snapshot) -> String {
    let object = &change.object;
    format!("{object}:\n    whole   {:?}\n    amended {:?}", whole.objects.get(object), amended.objects.get(object))
}
