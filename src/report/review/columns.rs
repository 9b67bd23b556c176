//! Two texts beside each other.

use similar::{ChangeTag, DiffOp, TextDiff};

use super::{
    super::style::{Style, Tone},
    lines::CONTEXT,
    width::Width,
};

/// Least width of a column, in characters.
const COLUMN_MIN: usize = 20;
/// Stands between the columns.
const BETWEEN: usize = 3;

/// The old text in the left column, the new one in the right one; `-` and `+` stand at what is gone and new. Of what is equal only the neighbours of what differs are shown; long lines go on in the next one.
pub(super) fn side_by_side(before: &str, after: &str, Width(width): Width, style: Style) -> String {
    let column = (width.saturating_sub(BETWEEN) / 2).max(COLUMN_MIN);
    // A line break at the end is no part of what is meant.
    let (before, after) = (format!("{}\n", before.trim_end()), format!("{}\n", after.trim_end()));
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut out = String::new();
    for (nth, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if nth > 0 {
            out += &format!("{}\n", style.paint(Tone::Quiet, "⋮"));
        }
        for op in group {
            out += &rows(op, (&old, &new), column, style);
        }
    }
    out
}

fn rows(op: &DiffOp, (old, new): (&[&str], &[&str]), column: usize, style: Style) -> String {
    let mut out = String::new();
    let (left, right) = (old.get(op.old_range()).unwrap_or_default(), new.get(op.new_range()).unwrap_or_default());
    let is_equal = matches!(op, DiffOp::Equal { .. });
    for nth in 0..left.len().max(right.len()) {
        let left = left.get(nth).map(|line| (if is_equal { ChangeTag::Equal } else { ChangeTag::Delete }, *line));
        let right = right.get(nth).map(|line| (if is_equal { ChangeTag::Equal } else { ChangeTag::Insert }, *line));
        let (left, right) = (cells(left, column), cells(right, column));
        for part in 0..left.len().max(right.len()) {
            let (tag, text) = left.get(part).cloned().unwrap_or((ChangeTag::Equal, String::new()));
            let padding = " ".repeat(column.saturating_sub(text.chars().count()));
            let other = right.get(part).map(|(tag, text)| painted(*tag, text, style)).unwrap_or_default();
            let row = format!("{}{padding} │ {other}", painted(tag, &text, style));
            out += row.trim_end();
            out.push('\n');
        }
    }
    out
}

/// A line of one side in as many lines of the column as it takes.
fn cells(line: Option<(ChangeTag, &str)>, column: usize) -> Vec<(ChangeTag, String)> {
    let Some((tag, line)) = line else { return Vec::new() };
    let mark = match tag {
        ChangeTag::Equal => "  ",
        ChangeTag::Delete => "- ",
        ChangeTag::Insert => "+ ",
    };
    let letters: Vec<char> = line.chars().collect();
    if letters.is_empty() {
        return vec![(tag, mark.to_owned())];
    }
    // The mark stands where the line begins; below it the line goes on.
    let marks = std::iter::once(mark).chain(std::iter::repeat("  "));
    let parts = letters.chunks(column.saturating_sub(mark.len()).max(1));
    marks.zip(parts).map(|(mark, part)| (tag, format!("{mark}{}", part.iter().collect::<String>()))).collect()
}

fn painted(tag: ChangeTag, text: &str, style: Style) -> String {
    match tag {
        ChangeTag::Equal => text.to_owned(),
        ChangeTag::Delete => style.paint(Tone::Bad, text),
        ChangeTag::Insert => style.paint(Tone::Good, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_beside_what_became_of_them() {
        let before = "a\nb\nc\nUPDATE accounts\nSET closed_at = now()\nWHERE product = 'legacy'\nd\ne\nf\ng\nh";
        let after = "a\nb\nc\nUPDATE accounts\nSET closed_at = now() - interval '1 day'\n    AND x\nWHERE product = 'legacy'\nd\ne\nf\ng\nh\ni";
        insta::assert_snapshot!(side_by_side(before, after, Width(63), Style::Plain));
    }

    #[test]
    fn every_row_has_its_line_between_the_columns() {
        for (before, after) in
            [("", "x"), ("x", ""), ("\n\nx", "y\n\n\nz"), ("ä".repeat(90).as_str(), "é".repeat(7).as_str())]
        {
            let text = side_by_side(before, after, Width(0), Style::Plain);
            assert!(text.lines().all(|line| line.chars().position(|c| c == '│') == Some(COLUMN_MIN + 1)), "{text}");
        }
        assert_eq!(side_by_side("x\n\n", "x", Width(80), Style::Plain), "");
    }
}
