//! What statements do, as values: which object, what of it, with which lock, under which conditions; bodies of DO blocks and of
//! functions included.
//!
//! The parser, its trees and its places stay in this folder. It is lenient, as the server stays the judge of what is valid;
//! what it can't read is said to be unread and has no operations. Statements are split by our own lexer, so that there is one way to
//! split, and none that is nested too deeply for the parser gets to it.

mod alter;
mod body;
mod bound;
mod change;
mod create;
mod drop;
mod expression;
mod maintenance;
mod node;
mod operation;
mod places;
mod privileges;
mod read;
mod table_action;
mod walk;

pub use operation::{
    DroppedKind, DynamicSqlQuoting, Operation, OperationKind, PolicyCommand, PolicyStatement, Power, Routine, Truth, When,
    Write, WrittenRows,
};
pub use read::{StatementFacts, UnreadReason, read};
pub use table_action::{AddedConstraint, ConstraintKind, Default, NewColumn, TableAction, TriggerState};
