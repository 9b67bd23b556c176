//! Running a piece of work within bounds.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::meter::{self, MeterState};

/// How often the work is looked after while it runs, beside being told of its end.
const LOOK: Duration = Duration::from_millis(20);
/// Most bytes that stopped threads may keep.
const STOPPED_BYTES_MAX: usize = 1 << 30;

/// What a piece of work may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Memory beyond what it was given, in bytes.
    pub memory: usize,
    /// Its stack, in bytes.
    pub stack: usize,
    /// How long it may run.
    pub time: Duration,
}

/// Why a piece of work has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overrun {
    /// It took more memory than it may.
    Memory,
    /// It was nested deeper than its stack has room for.
    Stack,
    /// It took longer than it may.
    Time,
    /// It gave up by itself.
    Panic,
    /// There is no thread for it, or too many stopped ones already.
    Thread,
}

impl fmt::Display for Overrun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Overrun::Memory => "takes too much memory",
            Overrun::Stack => "is nested too deeply",
            Overrun::Time => "takes too long",
            Overrun::Panic => "can't be worked on",
            Overrun::Thread => "can't be worked on for want of a thread",
        })
    }
}

/// What stopped threads may have taken at most.
static STOPPED_BYTES: AtomicUsize = AtomicUsize::new(0);

type Slot<T> = Arc<Mutex<Option<Result<T, Box<dyn Any + Send>>>>>;

/// Runs the work on a thread of its own and waits for it.
///
/// # Errors
/// Which bound it went beyond. Its thread then stays where it is, with what it had taken, until the program ends.
pub fn within<T: Send + 'static>(bounds: Bounds, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Overrun> {
    if STOPPED_BYTES.load(Ordering::Relaxed) >= STOPPED_BYTES_MAX {
        return Err(Overrun::Thread);
    }
    #[cfg(unix)]
    super::overflow::watch();
    // A few bytes that are never given back, so that a stopped thread may look at them for ever.
    let meter: &'static MeterState = Box::leak(Box::new(MeterState::new()));
    let slot: Slot<T> = Arc::default();
    let (out, waiter) = (Arc::clone(&slot), thread::current());
    let body = move || {
        meter.begin(bounds.memory);
        let done = catch_unwind(AssertUnwindSafe(work));
        MeterState::end();
        *out.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        waiter.unpark();
    };
    let spawned = thread::Builder::new().name("bounded".to_owned()).stack_size(bounds.stack).spawn(body);
    if spawned.is_err() {
        return Err(Overrun::Thread);
    }
    let until = Instant::now() + bounds.time;
    loop {
        if let Some(done) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return done.map_err(|_| Overrun::Panic);
        }
        let overrun = match meter.stopped() {
            meter::MEMORY => Some(Overrun::Memory),
            meter::STACK => Some(Overrun::Stack),
            _ => (Instant::now() >= until).then_some(Overrun::Time),
        };
        if let Some(overrun) = overrun {
            meter.abandon();
            STOPPED_BYTES.fetch_add(bounds.memory, Ordering::Relaxed);
            return Err(overrun);
        }
        thread::park_timeout(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { memory: 8 << 20, stack: 1 << 20, time: Duration::from_secs(20) };

    fn depth(n: u64) -> u64 {
        if n == 0 { 0 } else { std::hint::black_box(depth(std::hint::black_box(n - 1))) + 1 }
    }

    #[test]
    fn work_within_its_bounds_has_its_result() {
        // What is given back counts no more: all in all this takes more than it may.
        let sum = within(BOUNDS, || (0..100_u64).map(|n| vec![n; 100_000][0]).sum::<u64>());
        assert_eq!(sum, Ok(4950));
        assert_eq!(within(BOUNDS, || depth(100)), Ok(100));
    }

    #[test]
    fn work_beyond_its_bounds_is_stopped_and_the_bound_is_named() {
        assert_eq!(within(BOUNDS, || vec![1_u8; 9 << 20].len()), Err(Overrun::Memory));
        assert_eq!(within(BOUNDS, || depth(10_000_000)), Err(Overrun::Stack));
        let short = Bounds { time: Duration::from_millis(50), ..BOUNDS };
        let endless = || while std::hint::black_box(true) {};
        assert_eq!(within(short, endless), Err(Overrun::Time));
        assert_eq!(within(BOUNDS, || assert!(std::hint::black_box(false), "given up")), Err(Overrun::Panic));
    }
}
