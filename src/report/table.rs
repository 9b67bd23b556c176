//! Aligned columns.

use super::style::{Style, Tone, one_line, shortened};
use crate::{plan::SAMPLE_CELL_CHARS_MAX, secrets};

/// Where the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// The table, a rule under its head. Cells are cut at [`SAMPLE_CELL_CHARS_MAX`] characters; rows that are short are filled up.
pub(super) fn table(head: &[(&str, Align)], rows: &[Vec<String>], style: Style) -> String {
    let head_cells: Vec<String> = head.iter().map(|(name, _)| cell(name)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let widths: Vec<usize> = head_cells
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|text| width(text));
            cells.fold(width(name), usize::max)
        })
        .collect();
    let line = |cells: &[String]| {
        let padded = widths
            .iter()
            .zip(head)
            .enumerate()
            .map(|(column, (wide, (_, align)))| pad(cells.get(column).map_or("", String::as_str), *wide, *align));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let rule = widths.iter().map(|wide| "─".repeat(*wide)).collect::<Vec<_>>().join("  ");
    let mut out = vec![style.paint(Tone::Strong, &line(&head_cells)), style.paint(Tone::Quiet, &rule)];
    out.extend(rows.iter().map(|row| line(row)));
    out.iter().map(|line| format!("{line}\n")).collect()
}

fn cell(text: &str) -> String {
    shortened(&one_line(&secrets::redacted(text)), SAMPLE_CELL_CHARS_MAX)
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn pad(text: &str, wide: usize, align: Align) -> String {
    let space = " ".repeat(wide.saturating_sub(width(text)));
    match align {
        Align::Left => format!("{text}{space}"),
        Align::Right => format!("{space}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_cells_bounded() {
        let rows =
            [vec!["ä".to_owned(), "1".to_owned()], vec!["x".repeat(100), "12\n3".to_owned()], vec!["short".to_owned()]];
        let text = table(&[("name", Align::Left), ("n", Align::Right)], &rows, Style::Plain);
        let long = format!("{}…", "x".repeat(79));
        let wide = " ".repeat(80 - 5);
        assert_eq!(text, format!("name{wide}      n\n{}  ────\nä{wide}         1\n{long}  12⏎3\nshort\n", "─".repeat(80),));
    }
}
