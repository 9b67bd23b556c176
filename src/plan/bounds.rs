//! A name for every bound that a plan must keep.

use std::time::Duration;

/// Longest id of a step, check or plan, in bytes: it appears in `application_name`, which PostgreSQL cuts at 63 bytes.
pub const ID_BYTES_MAX: usize = 63;
/// Largest plan, SQL or macro file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most steps that one plan may hold.
pub const STEPS_MAX: usize = 10_000;
/// Most attempts that `retry` may ask for.
pub const ATTEMPTS_MAX: u32 = 100;
/// Longest pause between two attempts, whatever the exponential backoff would say.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// Longest timeout that a plan may set; PostgreSQL's own limit is 2^31-1 milliseconds.
pub const TIMEOUT_MAX: Duration = Duration::from_millis(i32::MAX as u64);
/// Most rows that a batch may have.
pub const BATCH_ROWS_MAX: u64 = 1_000_000;
/// Longest time that a batch may be meant to take.
pub const BATCH_TARGET_MAX: Duration = Duration::from_secs(60);
/// Most rows that a failing check shows.
pub const SAMPLE_ROWS_MAX: usize = 10;
/// Longest cell of a shown row, in characters.
pub const SAMPLE_CELL_CHARS_MAX: usize = 80;
