//! What went wrong beside a run and did not change how it went on.

use super::{
    style::{Style, one_line},
    units::moment,
};

/// One line about it, with its time, RFC 3339.
pub fn run_warning(at: &str, code: &str, message: &str, style: Style) -> String {
    format!("{} warning at {}: {} ({code})", style.careful(), moment(at), one_line(message))
}
