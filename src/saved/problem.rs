//! What is wrong with a saved plan's file.

use std::fmt;

/// What is wrong with a saved plan's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SavedProblem {
    /// It is larger than any saved plan may be.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is no saved plan.
    NoSavedPlan {
        /// Why not.
        why: String,
    },
    /// It has a format that this program doesn't know.
    OtherFormat {
        /// That format.
        format: String,
    },
    /// Its content is not what was saved.
    OtherDigest {
        /// The digest that it names.
        named: String,
        /// The digest that it has.
        is: String,
    },
    /// An approval's signature does not fit.
    WrongSignature {
        /// Whose approval it claims to be.
        name: String,
    },
    /// Its text is not the one that is written for what it says.
    OtherText,
}

impl SavedProblem {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SavedProblem::TooLarge { .. } => "backstop::saved::too_large",
            SavedProblem::NoSavedPlan { .. } => "backstop::saved::no_saved_plan",
            SavedProblem::OtherFormat { .. } => "backstop::saved::other_format",
            SavedProblem::OtherDigest { .. } => "backstop::saved::changed",
            SavedProblem::WrongSignature { .. } => "backstop::saved::wrong_signature",
            SavedProblem::OtherText => "backstop::saved::changed",
        }
    }

    /// What to do, as a sentence.
    pub fn help(&self) -> &'static str {
        match self {
            SavedProblem::TooLarge { .. } => "Plan fewer plans at a time.",
            SavedProblem::NoSavedPlan { .. } => "Save one with `backstop plan PLAN -o FILE`.",
            SavedProblem::OtherFormat { .. } => "Use the backstop that wrote it, or save the plan again with this one.",
            SavedProblem::OtherDigest { .. } | SavedProblem::WrongSignature { .. } | SavedProblem::OtherText => {
                "Take the file as it was saved and approved, or save the plan again and have it approved."
            }
        }
    }
}

impl fmt::Display for SavedProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SavedProblem::TooLarge { bytes } => write!(f, "a saved plan of {bytes} bytes is too large"),
            SavedProblem::NoSavedPlan { why } => write!(f, "it is no saved plan: {why}"),
            SavedProblem::OtherFormat { format } => write!(f, "the format `{format}` is not known to this program"),
            SavedProblem::OtherDigest { named, is } => {
                write!(f, "the saved plan was changed after it was saved: it has the digest {is}, and names {named}")
            }
            SavedProblem::WrongSignature { name } => {
                write!(f, "the approval of `{name}` was not given to this saved plan: its signature does not fit")
            }
            SavedProblem::OtherText => f.write_str("the file was changed after it was written"),
        }
    }
}

impl std::error::Error for SavedProblem {}
