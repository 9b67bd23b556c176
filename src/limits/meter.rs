//! The allocator: the system's, and on metered threads a count of what is left.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicU8, Ordering},
    thread,
    time::Duration,
};

/// That of the tests in here; a program's own is its main file's matter.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: Metered = Metered;

/// How long a stopped thread sleeps at a time; it wakes for nothing.
const SLEEP: Duration = Duration::from_secs(3600);

/// What a metered thread and the one that waits for it both see.
pub(super) struct MeterState {
    /// 0, or what it was stopped for.
    stopped: AtomicU8,
    /// Not 0 where nobody waits any more.
    abandoned: AtomicU8,
}

/// The thread went beyond its memory.
pub(super) const MEMORY: u8 = 1;
/// The thread went beyond its stack.
pub(super) const STACK: u8 = 2;

thread_local! {
    /// Without a destructor and made at compile time, so that the allocator and a signal handler may look at them.
    static METER: Cell<Option<&'static MeterState>> = const { Cell::new(None) };
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

impl MeterState {
    pub(super) const fn new() -> Self {
        MeterState { stopped: AtomicU8::new(0), abandoned: AtomicU8::new(0) }
    }

    /// From here on this thread is metered.
    pub(super) fn begin(&'static self, bytes: usize) {
        LEFT.set(bytes);
        METER.set(Some(self));
    }

    /// No longer.
    pub(super) fn end() {
        METER.set(None);
    }

    /// What the thread was stopped for, or 0.
    pub(super) fn stopped(&self) -> u8 {
        self.stopped.load(Ordering::Acquire)
    }

    /// Stops the thread at its next allocation.
    pub(super) fn abandon(&self) {
        self.abandoned.store(1, Ordering::Release);
    }

    /// Stops the calling thread for good. It gives nothing back: what it was in the middle of may be in any state.
    pub(super) fn stop(&self, why: u8) -> ! {
        self.stopped.store(why, Ordering::Release);
        loop {
            thread::sleep(SLEEP);
        }
    }
}

/// Does something that takes little and holds what others wait for: the thread is not stopped in the middle of it.
pub fn unmetered<T>(work: impl FnOnce() -> T) -> T {
    let meter = METER.take();
    let done = work();
    METER.set(meter);
    done
}

/// The meter of the calling thread.
pub(super) fn current() -> Option<&'static MeterState> {
    METER.get()
}

/// The allocator by which a program bounds the memory of work: its `#[global_allocator]`. In one that has another, work is bounded in
/// stack and time alone.
pub struct Metered;

/// A thread that takes too much must not come back from here: an allocation that fails ends the whole program, and an allocator
/// may not unwind.
fn take(bytes: usize) {
    if let Some(meter) = METER.get() {
        match LEFT.get().checked_sub(bytes) {
            Some(left) if meter.abandoned.load(Ordering::Relaxed) == 0 => LEFT.set(left),
            // What tells of a panic holds locks that everybody needs; the work is at its end anyhow.
            _ if thread::panicking() => {}
            _ => meter.stop(MEMORY),
        }
    }
}

fn give_back(bytes: usize) {
    if METER.get().is_some() {
        LEFT.set(LEFT.get().saturating_add(bytes));
    }
}

// SAFETY: every call goes on to the system's allocator with the same arguments; counting allocates nothing and does not unwind.
unsafe impl GlobalAlloc for Metered {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are there for a moment.
        take(size);
        give_back(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
