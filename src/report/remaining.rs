//! What a restore could not make as it was, and the statements that finish it.

use super::{
    style::{Style, Tone, indented, one_line, printable},
    units::so_many,
};
use crate::machine::RemainingDifference;

/// Each difference with its reason, then the statements in the order in which they are to be run.
pub fn unfinished(remaining: &[RemainingDifference], style: Style) -> String {
    let mut out = String::new();
    for one in remaining {
        out += &format!("{} {} {}\n", style.careful(), one_line(&one.object.to_string()), one_line(&one.difference));
        if let Some(reason) = &one.reason {
            let state = one.sqlstate.as_ref().map(|state| format!(" [SQLSTATE {state}]")).unwrap_or_default();
            out += &indented(&format!("{}{}", printable(reason), style.paint(Tone::Quiet, &state)), 2);
        }
    }
    let statements: Vec<&String> = remaining.iter().flat_map(|one| &one.statements).collect();
    if !statements.is_empty() {
        let what = so_many(statements.len() as u64, "statement");
        out += &format!("{what} to finish it, once what is in the way is gone; nothing more is asked of this program:\n");
    }
    for statement in statements {
        out += &indented(&format!("{};", printable(statement)), 2);
    }
    let unknown = remaining.iter().filter(|one| one.statements.is_empty());
    for one in unknown {
        out += &format!("no statement is known that makes {} as it was\n", one_line(&one.object.to_string()));
    }
    out
}
