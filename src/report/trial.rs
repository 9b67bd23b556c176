//! What a trial restore proved, and what it did not.

use super::{style::one_line, units::so_many};
use crate::machine::{Trial, TrialForm};

/// One line of what was proven, and one for each thing that was not.
pub fn trial(trial: &Trial) -> String {
    let mut out = format!("trial restore {}\n", proven(trial));
    if !trial.respelled.is_empty() {
        out += &format!("  equal but for the server's spelling: {}\n", one_line(&trial.respelled.join(", ")));
    }
    for what in &trial.unproven {
        out += &format!("  not proven: {}\n", one_line(what));
    }
    out
}

/// What was proven, in a line.
fn proven(trial: &Trial) -> String {
    let place = match trial.form {
        TrialForm::Database => "in a database of its own",
        TrialForm::Schema => "in a schema that was rolled back",
    };
    format!(
        "{place}: {} with {} and {}, compared and equal",
        so_many(trial.tables as u64, "table"),
        so_many(trial.rows, "row"),
        so_many(trial.objects as u64, "object")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_proven_is_said() {
        let text = trial(&Trial {
            form: TrialForm::Database,
            tables: 1,
            rows: 2000,
            objects: 3,
            respelled: vec!["constraint c on s.t".to_owned()],
            unproven: vec!["constraint f on s.t: made, but not validated".to_owned()],
        });
        assert_eq!(
            text,
            "trial restore in a database of its own: 1 table with 2,000 rows and 3 objects, compared and equal\n  \
             equal but for the server's spelling: constraint c on s.t\n  not proven: constraint f on s.t: made, but not \
             validated\n"
        );
    }
}
