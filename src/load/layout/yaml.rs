//! YAML: entries of block maps are stretches of whole lines, and change places as such.

use super::order::{ValueSchema, order};
use crate::load::node::{MapEntry, NodeKind, ValueNode};

/// The text with the entries of its block maps in order.
pub(super) fn ordered(text: &str, root: &ValueNode, known: ValueSchema<'_>) -> String {
    let lines = Lines::new(text);
    let whole = Stretch { from: 0, to: lines.starts.len() };
    lines.node(root, whole, known, ValueContainer::Document).concat()
}

/// A text and where its lines begin.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

/// Lines from one to before another.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from: usize,
    to: usize,
}

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueContainer {
    /// It is the whole: comments above its first field are the file's.
    Document,
    /// A field's value, on lines of its own.
    Field,
    /// An item of a list, beginning behind its dash.
    Item,
}

/// An entry as lines, and whether its first line that is no comment is behind the dash of a list.
struct Chunk {
    leading: Vec<String>,
    lines: Vec<String>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Lines { text, starts: starts.filter(|start| *start < text.len()).collect() }
    }

    fn line(&self, nth: usize) -> &'t str {
        let end = self.starts.get(nth + 1).copied().unwrap_or(self.text.len());
        self.starts.get(nth).and_then(|start| self.text.get(*start..end)).unwrap_or_default()
    }

    fn copied(&self, stretch: Stretch) -> Vec<String> {
        (stretch.from..stretch.to).map(|nth| self.line(nth).to_owned()).collect()
    }

    /// The line and column of a byte, both from 0, in bytes.
    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        (line, byte - self.starts.get(line).copied().unwrap_or(0))
    }

    /// The lines of a value, in order. What isn't laid out in lines of its own is given back as it is.
    fn node(&self, node: &ValueNode, stretch: Stretch, known: ValueSchema<'_>, holder: ValueContainer) -> Vec<String> {
        let lines = match &node.kind {
            NodeKind::Map(entries) => self.map(entries, stretch, known, holder),
            NodeKind::List(items) => self.list(items, stretch, known),
            NodeKind::Scalar(_) => None,
        };
        lines.unwrap_or_else(|| self.copied(stretch))
    }

    fn map(
        &self,
        entries: &[MapEntry],
        stretch: Stretch,
        known: ValueSchema<'_>,
        holder: ValueContainer,
    ) -> Option<Vec<String>> {
        let places: Vec<(usize, usize)> = entries.iter().map(|entry| self.at(entry.key_at.start)).collect();
        let (first, column) = *places.first()?;
        let is_block = places.iter().enumerate().all(|(nth, (line, col))| {
            let before = self.line(*line).get(..*col).unwrap_or("x");
            let is_alone = before.chars().all(|c| c == ' ');
            let is_behind_dash = nth == 0 && holder == ValueContainer::Item && before.trim() == "-";
            *col == column && (is_alone || is_behind_dash)
        });
        let is_downwards = places.is_sorted_by(|(above, _), (below, _)| above < below);
        if !is_block || !is_downwards || first < stretch.from || places.last()?.0 >= stretch.to {
            return None;
        }
        // Where each entry begins with the comments that stand above it.
        let mut starts: Vec<usize> = Vec::with_capacity(places.len());
        let mut above: Option<(&MapEntry, usize)> = None;
        for (entry, (line, _)) in entries.iter().zip(&places) {
            starts.push(match (above, holder) {
                (None, ValueContainer::Document) => *line,
                (None, ValueContainer::Field | ValueContainer::Item) => stretch.from,
                (Some((entry, key)), _) => self.leading(*line, column, self.end_of(entry).max(key) + 1),
            });
            above = Some((entry, *line));
        }
        let header = self.copied(Stretch { from: stretch.from, to: *starts.first()? });
        let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let ends = starts.iter().skip(1).copied().chain([stretch.to]);
        let stretches = starts.iter().zip(ends).map(|(from, to)| Stretch { from: *from, to });
        let mut chunks: Vec<Option<Chunk>> = entries
            .iter()
            .zip(&places)
            .zip(stretches)
            .map(|((entry, (line, _)), stretch)| Some(self.chunk(entry, stretch, *line, known.field(&entry.key))))
            .collect();
        let order = order(&names, known);
        let dash = (holder == ValueContainer::Item).then(|| self.line(first).get(..column).unwrap_or_default().to_owned());
        if let (Some(dash), Some(Some(chunk))) = (dash.as_deref().filter(|dash| dash.contains('-')), chunks.first_mut()) {
            without_dash(chunk, dash);
        }
        let mut ordered: Vec<Chunk> = order.iter().filter_map(|nth| chunks.get_mut(*nth).and_then(Option::take)).collect();
        blank_lines_stay(&mut ordered, order.first().copied().unwrap_or(0));
        let dash = dash.filter(|dash| dash.contains('-'));
        if let (Some(dash), Some(chunk)) = (dash, ordered.first_mut()) {
            with_dash(chunk, &dash);
        }
        Some(
            header
                .into_iter()
                .chain(ordered.into_iter().flat_map(|chunk| chunk.leading.into_iter().chain(chunk.lines)))
                .collect(),
        )
    }

    fn chunk(&self, entry: &MapEntry, stretch: Stretch, key: usize, known: ValueSchema<'_>) -> Chunk {
        let leading = self.copied(Stretch { from: stretch.from, to: key });
        let begins = self.first_line(&entry.value).filter(|line| *line > key);
        let lines = match (begins, &entry.value.kind) {
            (Some(_), NodeKind::Map(_) | NodeKind::List(_)) => {
                let inner = Stretch { from: key + 1, to: stretch.to };
                let own = std::iter::once(self.line(key).to_owned());
                own.chain(self.node(&entry.value, inner, known, ValueContainer::Field)).collect()
            }
            _ => self.copied(Stretch { from: key, to: stretch.to }),
        };
        Chunk { leading, lines }
    }

    fn list(&self, items: &[ValueNode], stretch: Stretch, known: ValueSchema<'_>) -> Option<Vec<String>> {
        let firsts: Vec<usize> = items.iter().map(|item| self.first_line(item)).collect::<Option<_>>()?;
        let first = *firsts.first()?;
        if first < stretch.from || !firsts.is_sorted_by(|above, below| above < below) || *firsts.last()? >= stretch.to {
            return None;
        }
        let column = self.line(first).find(|c: char| c != ' ').unwrap_or(0);
        let is_dashed = |line: usize| self.line(line).get(column..).is_some_and(|rest| rest.starts_with("- "));
        if !firsts.iter().all(|line| is_dashed(*line)) {
            return None;
        }
        let mut lines = self.copied(Stretch { from: stretch.from, to: first });
        let mut from = first;
        let nexts = firsts.iter().skip(1).map(Some).chain([None]);
        for ((item, dash), next) in items.iter().zip(&firsts).zip(nexts) {
            let next = next.map(|line| self.leading(*line, column, self.end_of_node(item).max(*dash) + 1));
            let to = next.unwrap_or(stretch.to);
            // What stands above the dash stays above it.
            lines.extend(self.copied(Stretch { from, to: *dash }));
            lines.extend(self.node(item, Stretch { from: *dash, to }, known.item(), ValueContainer::Item));
            from = to;
        }
        Some(lines)
    }

    /// The first of the lines above a line that belong to it: comments and blank lines, but for comments that are indented deeper,
    /// which belong to what stands before them. No line before `least` is looked at.
    fn leading(&self, line: usize, column: usize, least: usize) -> usize {
        let is_loose = |nth: usize| {
            let text = self.line(nth).trim();
            text.is_empty() || text.starts_with('#')
        };
        let mut from = line;
        while from > least && is_loose(from - 1) {
            from -= 1;
        }
        let is_deeper = |nth: usize| {
            let indent = self.line(nth).len() - self.line(nth).trim_start_matches(' ').len();
            !self.line(nth).trim().is_empty() && indent > column
        };
        (from..line).rev().find(|nth| is_deeper(*nth)).map_or(from, |nth| nth + 1)
    }

    /// The line on which a value begins; of a map that is its first field's.
    fn first_line(&self, node: &ValueNode) -> Option<usize> {
        let byte = match &node.kind {
            NodeKind::Map(entries) if self.text.as_bytes().get(node.at.start) != Some(&b'{') => {
                entries.first()?.key_at.start
            }
            _ => node.at.start,
        };
        Some(self.at(byte).0)
    }

    fn end_of(&self, entry: &MapEntry) -> usize {
        self.end_of_node(&entry.value)
    }

    /// The last line that holds something of a value.
    fn end_of_node(&self, node: &ValueNode) -> usize {
        match &node.kind {
            NodeKind::Scalar(_) if matches!(self.text.as_bytes().get(node.at.start), Some(b'|' | b'>')) => {
                self.end_of_block(self.at(node.at.start).0)
            }
            NodeKind::Scalar(_) => {
                let end = (node.at.start + node.at.len).saturating_sub(1).max(node.at.start);
                self.at(end).0
            }
            NodeKind::List(items) => {
                items.iter().map(|item| self.end_of_node(item)).max().unwrap_or_else(|| self.at(node.at.start).0)
            }
            NodeKind::Map(entries) => {
                entries.iter().map(|entry| self.end_of(entry)).max().unwrap_or_else(|| self.at(node.at.start).0)
            }
        }
    }

    /// The last line of a block text whose marker stands on this line: blank lines behind it are its own only where it keeps them
    /// (`|+`). Comments behind it are indented less than it is.
    fn end_of_block(&self, marker: usize) -> usize {
        let indent = |nth: usize| {
            let line = self.line(nth);
            (!line.trim().is_empty()).then(|| line.len() - line.trim_start_matches(' ').len())
        };
        let outer = indent(marker).unwrap_or(0);
        let is_kept = self
            .line(marker)
            .split(['|', '>'])
            .next_back()
            .is_some_and(|behind| behind.starts_with(['+', '1', '2', '3', '4']));
        let content = (marker + 1..self.starts.len()).find_map(indent).filter(|content| *content > outer);
        let Some(content) = content else { return marker };
        let mut last = marker;
        for nth in marker + 1..self.starts.len() {
            match indent(nth) {
                Some(found) if found >= content => last = nth,
                None if is_kept => last = nth,
                None => {}
                Some(_) => break,
            }
        }
        last
    }
}

/// Spaces in place of the dash before an entry that may not stay the first one.
fn without_dash(chunk: &mut Chunk, dash: &str) {
    if let Some(rest) = chunk.lines.first().and_then(|line| line.strip_prefix(dash)) {
        let line = format!("{}{rest}", " ".repeat(dash.len()));
        if let Some(first) = chunk.lines.first_mut() {
            *first = line;
        }
    }
}

/// The dash before what is now the first entry; comments above it stand above the item then.
fn with_dash(chunk: &mut Chunk, dash: &str) {
    let indent = " ".repeat(dash.find('-').unwrap_or(0));
    for line in &mut chunk.leading {
        if !line.trim().is_empty() {
            *line = format!("{indent}{}", line.trim_start_matches(' '));
        }
    }
    if let Some(first) = chunk.lines.first_mut()
        && let Some(rest) = first.get(dash.len()..)
    {
        *first = format!("{dash}{rest}");
    }
}

/// Blank lines above what is now the first entry would stand where none stood: they stay where it came from.
fn blank_lines_stay(ordered: &mut [Chunk], came_from: usize) {
    let blank = |chunk: &Chunk| chunk.leading.iter().take_while(|line| line.trim().is_empty()).count();
    let count = ordered.first().map_or(0, blank);
    if came_from == 0 || count == 0 {
        return;
    }
    let lines: Vec<String> = ordered.first_mut().map(|first| first.leading.drain(..count).collect()).unwrap_or_default();
    if let Some(chunk) = ordered.get_mut(came_from).filter(|chunk| blank(chunk) == 0) {
        chunk.leading.splice(0..0, lines);
    }
}
