//! The text of a plan file, and where in it something stands.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{
    format::PlanFormat,
    source_offsets::{self, floor},
};
use crate::plan::{Place, Template};

/// Longest excerpt that a problem shows, in bytes; longer ones (a plan on one line) are cut around the place.
const EXCERPT_BYTES_MAX: usize = 4096;
/// What is shown on either side of a place in an excerpt that is cut, in bytes.
const EXCERPT_MARGIN: usize = 120;

/// A plan file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanSource {
    name: String,
    text: String,
    format: PlanFormat,
    line_starts: Vec<usize>,
}

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn {
    /// From 1.
    pub line: usize,
    /// From 1; counts characters, not bytes.
    pub column: usize,
}

impl PlanSource {
    /// A file that was read. `name` is how messages call it.
    pub fn new(name: &str, text: String, format: PlanFormat) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        PlanSource { name: name.to_owned(), text, format, line_starts }
    }

    /// How messages call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that places count in, without the byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The notation.
    pub fn format(&self) -> PlanFormat {
        self.format
    }

    /// The line and column of a byte. Past the end stands the end.
    pub fn position(&self, offset: usize) -> LineColumn {
        let offset = floor(&self.text, offset);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        LineColumn { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The byte of the file at which a byte of a template's decoded text stands. Where the character is written as an
    /// escape, that is the escape's first byte.
    pub fn locate(&self, template: &Template, offset: usize) -> usize {
        let start = floor(&self.text, template.at.start);
        let end = floor(&self.text, template.at.start.saturating_add(template.at.len)).max(start);
        start + source_offsets::find(self.format, &self.text[start..end], &template.source, offset)
    }

    /// The same with stars in a place, so that every other byte stays where it is.
    pub(super) fn concealed(&self, place: Place) -> PlanSource {
        let start = floor(&self.text, place.start);
        let end = floor(&self.text, place.start.saturating_add(place.len)).max(start);
        let star = |c: char| if matches!(c, '\n' | '\r') { c.to_string() } else { "*".repeat(c.len_utf8()) };
        let hidden: String = self.text[start..end].chars().map(star).collect();
        let text = [&self.text[..start], &hidden, &self.text[end..]].concat();
        PlanSource { name: self.name.clone(), text, format: self.format, line_starts: self.line_starts.clone() }
    }

    /// The part of a place that an excerpt underlines: its first line, shortened.
    pub(super) fn underlined(&self, place: Place) -> SourceSpan {
        let start = floor(&self.text, place.start);
        let end = floor(&self.text, start.saturating_add(place.len.min(EXCERPT_MARGIN))).max(start);
        let first_line = self.text[start..end].lines().next().unwrap_or("");
        SourceSpan::new(start.into(), first_line.trim_end().len())
    }
}

impl SourceCode for PlanSource {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Only the lines around the place are looked at: there may be thousands of places in a long file.
        let line_of = |offset: usize| self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let first = line_of(span.offset()).saturating_sub(before);
        let last = line_of(span.offset().saturating_add(span.len())).saturating_add(after).saturating_add(1);
        let from = self.line_starts.get(first).copied().unwrap_or(0);
        let to = self.line_starts.get(last).copied().unwrap_or(self.text.len());
        let here = SourceSpan::new(span.offset().saturating_sub(from).into(), span.len());
        let window = self.text.get(from..to).unwrap_or_default();
        let whole = window.read_span(&here, before, after)?;
        if whole.data().len() <= EXCERPT_BYTES_MAX {
            let there = SourceSpan::new((whole.span().offset() + from).into(), whole.span().len());
            let (name, line, count) = (self.name.clone(), whole.line() + first, whole.line_count());
            let shown = MietteSpanContents::new_named(name, whole.data(), there, line, whole.column(), count);
            return Ok(Box::new(shown));
        }
        let start = floor(&self.text, span.offset().saturating_sub(EXCERPT_MARGIN));
        let end = floor(&self.text, span.offset().saturating_add(span.len()).saturating_add(EXCERPT_MARGIN));
        let at = self.position(start);
        let cut = SourceSpan::new(start.into(), end - start);
        let shown = self.text.get(start..end).unwrap_or_default();
        let (data, lines) = (shown.as_bytes(), shown.lines().count());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, cut, at.line - 1, at.column - 1, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = PlanSource::new("p", "äb\r\nc\n".into(), PlanFormat::Yaml);
        for (offset, line, column) in [(0, 1, 1), (2, 1, 2), (1, 1, 1), (5, 2, 1), (7, 3, 1), (99, 3, 1)] {
            assert_eq!(source.position(offset), LineColumn { line, column }, "{offset}");
        }
    }
}
