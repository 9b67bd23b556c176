//! Where in the files of a plan something stands.

/// Which file: 0 is the plan itself, the others are the SQL and macro files that it names, in order of first mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileIndex(pub usize);

/// A stretch of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// Which of the plan's files: its own, or one that it names.
    pub file: FileIndex,
    /// First byte.
    pub start: usize,
    /// Length in bytes.
    pub len: usize,
}
