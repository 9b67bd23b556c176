//! How wide a text is.

/// How many characters a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(pub usize);

impl Width {
    /// Where nobody knows.
    pub const DEFAULT: Width = Width(100);
    /// Less than this is no use.
    pub(super) const LEAST: usize = 40;
}
