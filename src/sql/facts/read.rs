//! Texts → facts.

use std::{ops::Range, panic::AssertUnwindSafe, thread};

use squawk_syntax::SourceFile;

use super::{
    super::{
        kind::StatementKind,
        lock::LockLevel,
        name::QualifiedName,
        problem::SqlProblem,
        split::{Statement, split},
    },
    bound::{self, STACK_BYTES},
    operation::Operation,
    places::NodePlaces,
    walk::StatementWalk,
};

/// What one statement does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFacts {
    /// Its bytes in the text that was read.
    pub range: Range<usize>,
    /// What kind of statement it is.
    pub kind: StatementKind,
    /// How strongly it locks tables that exist already, what a body does included.
    pub lock: LockLevel,
    /// What it does, in the order of the text.
    pub operations: Vec<Operation>,
    /// Relations that it reads, those of bodies that it runs included.
    pub reads: Vec<QualifiedName>,
    /// Why its operations are not known, where they are not.
    pub unread: Option<UnreadReason>,
}

/// Why the operations of a statement are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadReason {
    /// It is nested more deeply than is read.
    TooDeep,
    /// The parser doesn't know what stands at these bytes.
    Unknown {
        /// Where in the text.
        at: Range<usize>,
        /// What the parser says.
        message: String,
    },
}

/// Reads texts of SQL, each on its own: every statement is parsed once.
///
/// # Errors
/// For each text the [`SqlProblem`] that keeps it from being split.
pub fn read(texts: &[&str]) -> Vec<Result<Vec<StatementFacts>, SqlProblem>> {
    let all = || texts.iter().map(|text| of_text(text)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let reader = thread::Builder::new().name("sql".to_owned()).stack_size(STACK_BYTES).spawn_scoped(scope, all);
        match reader.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            // No thread is to be had: nothing is known of what the statements do, but they are split all the same.
            _ => texts.iter().map(|text| Ok(split(text)?.iter().map(unknown).collect())).collect(),
        }
    })
}

fn of_text(text: &str) -> Result<Vec<StatementFacts>, SqlProblem> {
    Ok(split(text)?.iter().map(of_statement).collect())
}

fn unknown(statement: &Statement) -> StatementFacts {
    StatementFacts {
        range: statement.range(),
        kind: statement.kind(),
        lock: statement.lock(),
        operations: Vec::new(),
        reads: Vec::new(),
        unread: Some(UnreadReason::TooDeep),
    }
}

fn of_statement(statement: &Statement) -> StatementFacts {
    if bound::is_too_deep(statement.text()) {
        return unknown(statement);
    }
    // The parser is tried with what nobody has written yet; where it gives up, the statement is unread.
    std::panic::catch_unwind(AssertUnwindSafe(|| parsed(statement))).unwrap_or_else(|_| unknown(statement))
}

fn parsed(statement: &Statement) -> StatementFacts {
    let base = statement.range().start;
    let parse = SourceFile::parse(statement.text());
    let error = parse.errors().into_iter().next().map(|error| UnreadReason::Unknown {
        at: base + usize::from(error.range().start())..base + usize::from(error.range().end()),
        message: error.message().to_owned(),
    });
    let mut walk = StatementWalk::new(statement.lock());
    walk.of_tree(&parse.syntax_node(), &NodePlaces::Statement { base });
    let (operations, reads) = walk.finish();
    let run = operations.iter().filter(|operation| operation.when != super::operation::When::InRoutine);
    let lock = run.map(|operation| operation.lock).max().unwrap_or(LockLevel::None).max(statement.lock());
    StatementFacts { range: statement.range(), kind: statement.kind(), lock, operations, reads, unread: error }
}
