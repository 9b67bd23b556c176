//! What a step changed.

use super::{
    style::{Style, Tone, one_line},
    units::so_many,
};
use crate::{
    catalog::{Change, ChangeKind},
    machine::StepCommitted,
};

/// Most lines that one step's changes take.
const LINES_MAX: usize = 40;

/// What a step changed, a line each: `+` is new, `-` gone, `~` different.
pub(super) fn changes(step: &StepCommitted, style: Style) -> String {
    let mut lines: Vec<String> = step.changes.iter().flat_map(|change| lines(change, style)).collect();
    lines.extend(step.written.iter().map(|(table, rows)| {
        let how = rows.map_or_else(|| "rewritten or emptied".to_owned(), |rows| so_many(rows, "row") + " written");
        format!("{} {}: {how}", style.paint(Tone::Careful, "~"), one_line(table))
    }));
    let more = lines.len().saturating_sub(LINES_MAX);
    lines.truncate(LINES_MAX);
    if more > 0 {
        lines.push(style.paint(Tone::Quiet, &format!("… and {} more", so_many(more as u64, "change"))));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A change, a line for each word of what is different.
pub(super) fn lines(change: &Change, style: Style) -> Vec<String> {
    let object = one_line(&change.object.to_string());
    match change.how {
        ChangeKind::Added => vec![format!("{} {object}", style.paint(Tone::Good, "+"))],
        ChangeKind::Removed => vec![format!("{} {object}", style.paint(Tone::Bad, "-"))],
        ChangeKind::Changed if change.what.is_empty() => vec![format!("{} {object}", style.paint(Tone::Careful, "~"))],
        ChangeKind::Changed => {
            let mark = style.paint(Tone::Careful, "~");
            change.what.iter().map(|what| format!("{mark} {object}: {}", one_line(what))).collect()
        }
    }
}
