//! A metered thread that reaches the end of its stack is stopped; for every other thread the fault is what it was.

use std::{
    mem::MaybeUninit,
    ptr,
    sync::{Once, OnceLock},
};

use super::meter::{STACK, current};

/// What the signals were handled by before.
static BEFORE: OnceLock<[libc::sigaction; 2]> = OnceLock::new();
/// A page that can't be touched is the one or the other, as the system has it.
const SIGNALS: [libc::c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// Handles faults from here on. The threads of the standard library have the alternate stack that this needs.
pub(super) fn watch() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        let before = SIGNALS.map(|signal| {
            let mut before = MaybeUninit::<libc::sigaction>::zeroed();
            // SAFETY: asks only, into a place of the right size; zeroes are a valid sigaction where it fails.
            unsafe {
                libc::sigaction(signal, ptr::null(), before.as_mut_ptr());
                before.assume_init()
            }
        });
        if BEFORE.set(before).is_ok() {
            for signal in SIGNALS {
                // SAFETY: the handler does nothing that a handler may not: it reads a thread's variable, stores an atomic and sleeps,
                // or puts back what was there before.
                unsafe {
                    let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
                    action.sa_sigaction = handle as *const () as libc::sighandler_t;
                    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                    libc::sigemptyset(&raw mut action.sa_mask);
                    libc::sigaction(signal, &raw const action, ptr::null_mut());
                }
            }
        }
    });
}

/// What runs on a metered thread is safe code, which touches no page that is not its own: its only fault is the end of the stack.
extern "C" fn handle(signal: libc::c_int, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
    if let Some(meter) = current() {
        meter.stop(STACK);
    }
    let nth = SIGNALS.iter().position(|known| *known == signal).unwrap_or_default();
    if let Some(before) = BEFORE.get().and_then(|before| before.get(nth)) {
        // SAFETY: what was there before is put back; the fault comes again on return, and is handled by it.
        unsafe { libc::sigaction(signal, ptr::from_ref(before), ptr::null_mut()) };
    }
}
