//! The thread that starts processes.
//!
//! Linux sends a child its parent-death signal when the *thread* that started it ends
//! (<https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html>), so that all are started by one thread that lives as
//! long as the process.

use std::{
    io,
    os::unix::process::CommandExt,
    process::{Child, Command},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
};

type Job = (Command, Sender<io::Result<Child>>);

/// Starts a process that ends when this one ends.
pub(super) fn spawn(mut command: Command) -> io::Result<Child> {
    end_with_parent(&mut command);
    spawn_lasting(command)
}

/// Starts a process in a process group of its own, so that Ctrl-C does not reach it before we have cleaned up.
pub(super) fn spawn_lasting(mut command: Command) -> io::Result<Child> {
    command.process_group(0);
    let (answer, answered) = channel();
    keeper()?.send((command, answer)).map_err(|_| io::Error::other("the thread that starts processes has ended"))?;
    answered.recv().map_err(|_| io::Error::other("the thread that starts processes has ended"))?
}

fn keeper() -> io::Result<&'static Sender<Job>> {
    static KEEPER: OnceLock<Sender<Job>> = OnceLock::new();

    if let Some(sender) = KEEPER.get() {
        return Ok(sender);
    }
    let (sender, jobs) = channel::<Job>();
    thread::Builder::new().name("sandbox-keeper".to_owned()).spawn(move || {
        // A second thread, started by two first callers at once, ends here, before it has any child.
        for (mut command, answer) in jobs {
            // Whoever asked may be gone; the child then is its own, and the warden's, matter.
            let _ = answer.send(command.spawn());
        }
    })?;
    Ok(KEEPER.get_or_init(|| sender))
}

#[cfg(target_os = "linux")]
fn end_with_parent(command: &mut Command) {
    // SAFETY: between fork and exec the closure makes one system call and touches no memory of others. It runs after the
    // account was changed, which would clear the signal.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
            Ok(())
        });
    }
}

/// Elsewhere the warden alone ends what this process leaves behind.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}
