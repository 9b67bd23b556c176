//! What one check found.

use tokio_postgres::Error;

use crate::machine::RowSample;

/// Most findings that a check over many tables names; the others are counted.
pub const NAMED_MAX: usize = 5;
/// The same where it holds: then an example is enough.
const NAMED_HOLDING_MAX: usize = 1;

/// Whether what was asked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckVerdict {
    Holds,
    Broken,
}

/// What one check found, at one table or at all of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CheckFinding {
    pub(super) verdict: CheckVerdict,
    /// A fragment.
    pub(super) message: String,
    pub(super) count: Option<u64>,
    pub(super) sample: Option<RowSample>,
    /// What `unchanged` compares; the message where there is none.
    pub(super) answer: Option<String>,
}

/// Why a check could not be evaluated.
#[derive(Debug)]
pub(super) enum Unevaluated {
    /// The server refused.
    Server(Error),
    /// What it asks about is not there, or it asks in a way that has no answer.
    Because(String),
}

impl From<Error> for Unevaluated {
    fn from(error: Error) -> Self {
        Unevaluated::Server(error)
    }
}

impl Unevaluated {
    pub(super) fn because<T>(why: impl Into<String>) -> Result<T, Self> {
        Err(Unevaluated::Because(why.into()))
    }
}

impl CheckFinding {
    pub(super) fn when(holds: bool, message: impl Into<String>) -> Self {
        let verdict = if holds { CheckVerdict::Holds } else { CheckVerdict::Broken };
        CheckFinding { verdict, message: message.into(), count: None, sample: None, answer: None }
    }

    pub(super) fn sample(mut self, sample: Option<RowSample>) -> Self {
        self.sample = sample;
        self
    }

    /// One finding out of those at several tables: broken where one is, telling of the broken ones only.
    pub(super) fn all(findings: Vec<CheckFinding>) -> Self {
        let answer = findings.iter().map(|f| f.answer.as_deref().unwrap_or(&f.message)).collect::<Vec<_>>().join("\n");
        let verdict = if findings.iter().all(|f| f.verdict == CheckVerdict::Holds) {
            CheckVerdict::Holds
        } else {
            CheckVerdict::Broken
        };
        let told: Vec<CheckFinding> = findings.into_iter().filter(|f| f.verdict == verdict).collect();
        let named = if verdict == CheckVerdict::Holds { NAMED_HOLDING_MAX } else { NAMED_MAX };
        let mut message = told.iter().take(named).map(|f| f.message.as_str()).collect::<Vec<_>>().join("; ");
        if told.len() > named {
            message.push_str(&format!("; and {} more", told.len() - named));
        }
        let count = told.iter().filter_map(|f| f.count).reduce(u64::saturating_add);
        let sample = told.into_iter().find_map(|f| f.sample);
        CheckFinding { verdict, message, count, sample, answer: Some(answer) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_table_breaks_the_check_and_only_it_is_told() {
        let all = CheckFinding::all(vec![
            CheckFinding::when(true, "a: fine"),
            CheckFinding { count: Some(2), ..CheckFinding::when(false, "b: 2 rows") },
            CheckFinding { count: Some(3), ..CheckFinding::when(false, "c: 3 rows") },
        ]);
        assert_eq!((all.verdict, all.message.as_str(), all.count), (CheckVerdict::Broken, "b: 2 rows; c: 3 rows", Some(5)));
        assert_eq!(all.answer.as_deref(), Some("a: fine\nb: 2 rows\nc: 3 rows"));
        let many = CheckFinding::all((0..8).map(|n| CheckFinding::when(false, n.to_string())).collect());
        assert_eq!(many.message, "0; 1; 2; 3; 4; and 3 more");
    }
}
