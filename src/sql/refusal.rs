//! Statements that a run can't run where they stand.

use super::{kind::StatementKind, split::Statement};

/// The oldest server that plans run on, as `server_version_num` has it.
const OLDEST: u32 = 130_000;

/// Where statements are to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// In a transaction that the run begins and commits.
    InTransaction {
        /// The server's `server_version_num`: 150018 is 15.18.
        server_version_num: u32,
    },
    /// Outside of any transaction block.
    Outside,
}

/// Why a statement can't be run where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRefusal {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
    /// Where the statement begins in the text that was split, in bytes.
    pub offset: usize,
}

/// Everything that can't be run there, in the order of the text. A text without statements is refused as well.
pub fn refusals(statements: &[Statement], place: Where) -> Vec<StatementRefusal> {
    if statements.is_empty() {
        return vec![empty()];
    }
    let mut refusals: Vec<StatementRefusal> = statements.iter().filter_map(|statement| refusal(statement, place)).collect();
    if let (Where::Outside, [_, second, ..]) = (place, statements) {
        refusals.push(more_than_one(second));
        refusals.sort_by_key(|refusal| refusal.offset);
    }
    refusals
}

fn refusal(statement: &Statement, place: Where) -> Option<StatementRefusal> {
    let (kind, offset) = (statement.kind(), statement.range().start);
    if kind.is_transaction_control() {
        return Some(transaction_control(kind, offset));
    }
    if matches!(kind, StatementKind::CopyFromStdin | StatementKind::CopyToStdout) {
        return Some(copy(kind, offset));
    }
    let version = match place {
        Where::InTransaction { server_version_num } => server_version_num,
        Where::Outside => OLDEST,
    };
    if kind.is_never_run(version) {
        return Some(never_run(kind, offset));
    }
    match place {
        Where::InTransaction { server_version_num } if !kind.runs_in_transaction(server_version_num) => {
            Some(needs_no_transaction(kind, offset))
        }
        _ => None,
    }
}

fn empty() -> StatementRefusal {
    StatementRefusal {
        code: "backstop::sql::empty",
        message: "holds no statement".to_owned(),
        help: "Write the SQL to run, or leave it out altogether.".to_owned(),
        offset: 0,
    }
}

fn transaction_control(kind: StatementKind, offset: usize) -> StatementRefusal {
    StatementRefusal {
        code: "backstop::sql::transaction_control",
        message: format!("{} can't stand in a plan, which has its own transactions", kind.name()),
        help: "Leave it out: each step is a transaction; split the step in two where a commit is wanted.".to_owned(),
        offset,
    }
}

fn never_run(kind: StatementKind, offset: usize) -> StatementRefusal {
    StatementRefusal {
        code: "backstop::sql::never_run",
        message: format!("{} is run by no plan: no transaction takes it, and no restore takes it back", kind.name()),
        help: kind.instead().to_owned(),
        offset,
    }
}

fn copy(kind: StatementKind, offset: usize) -> StatementRefusal {
    let help = match kind {
        StatementKind::CopyFromStdin => {
            "Write the rows as INSERT statements, or let the server read a file with COPY … FROM."
        }
        _ => "Leave it out: a step has nowhere to write rows to.",
    };
    StatementRefusal {
        code: "backstop::sql::copy",
        message: format!("{} can't be run from a plan", kind.name()),
        help: help.to_owned(),
        offset,
    }
}

fn needs_no_transaction(kind: StatementKind, offset: usize) -> StatementRefusal {
    StatementRefusal {
        code: "backstop::sql::needs_no_transaction",
        message: format!("{} can't run in a transaction block", kind.name()),
        help: "Give the statement a step of its own with `transaction: none`.".to_owned(),
        offset,
    }
}

fn more_than_one(second: &Statement) -> StatementRefusal {
    StatementRefusal {
        code: "backstop::sql::more_than_one",
        message: "a second statement in a step without a transaction".to_owned(),
        help: "Give each statement a step of its own, so that a failure between them leaves no doubt about what was done."
            .to_owned(),
        offset: second.range().start,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::split, *};

    fn codes(text: &str, place: Where) -> Vec<(&'static str, usize)> {
        refusals(&split(text).unwrap(), place).iter().map(|refusal| (refusal.code, refusal.offset)).collect()
    }

    #[test]
    fn all_refusals_are_told_at_once() {
        let inside = Where::InTransaction { server_version_num: 150_018 };
        assert_eq!(codes("SELECT 1; UPDATE t SET a = 1", inside), []);
        assert_eq!(
            codes("BEGIN; x; COMMIT; VACUUM; COPY t FROM stdin", inside),
            [
                ("backstop::sql::transaction_control", 0),
                ("backstop::sql::transaction_control", 10),
                ("backstop::sql::needs_no_transaction", 18),
                ("backstop::sql::copy", 26),
            ]
        );
        assert_eq!(codes("-- nothing", inside), [("backstop::sql::empty", 0)]);
        assert_eq!(codes("VACUUM", Where::Outside), []);
        // What is refused wherever it stands is not sent from one place to the other.
        for text in
            ["ALTER SYSTEM SET work_mem = '1GB'", "CREATE DATABASE d", "CREATE TABLESPACE t LOCATION '/t'", "DISCARD ALL"]
        {
            assert_eq!(codes(text, inside), [("backstop::sql::never_run", 0)], "{text}");
            assert_eq!(codes(text, Where::Outside), [("backstop::sql::never_run", 0)], "{text}");
        }
        assert_eq!(
            codes("VACUUM; ROLLBACK", Where::Outside),
            [("backstop::sql::transaction_control", 8), ("backstop::sql::more_than_one", 8),]
        );
    }
}
