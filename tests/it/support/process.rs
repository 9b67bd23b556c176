//! Processes that are not our children.

use std::fs;

/// Whether a process runs. One that has ended but that nobody has waited for yet does not.
pub fn is_alive(pid: u32) -> bool {
    let Ok(number) = libc::pid_t::try_from(pid) else { return false };
    // SAFETY: signal 0 only asks whether the process exists.
    let exists = unsafe { libc::kill(number, 0) } == 0;
    let ended = fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')));
    exists && !ended
}
