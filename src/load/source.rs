//! The text of a plan file, and where in it something stands.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{
    format::Format,
    spelling::{self, floor},
};
use crate::plan::{Place, Template};

/// Longest excerpt that a problem shows, in bytes; longer ones (a plan on one line) are cut around the place.
const EXCERPT_BYTES_MAX: usize = 4096;
/// What is shown on either side of a place in an excerpt that is cut, in bytes.
const EXCERPT_MARGIN: usize = 120;

/// A plan file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    name: String,
    text: String,
    format: Format,
    line_starts: Vec<usize>,
}

/// A line and a column, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Source {
    pub(super) fn new(name: &str, text: String, format: Format) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { name: name.to_owned(), text, format, line_starts }
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
    pub fn format(&self) -> Format {
        self.format
    }

    /// The line and column of a byte. Past the end stands the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor(&self.text, offset);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The byte of the file at which a byte of a template's decoded text stands. Where the character is written as an
    /// escape, that is the escape's first byte.
    pub fn locate(&self, template: &Template, offset: usize) -> usize {
        let start = floor(&self.text, template.at.start);
        let end = floor(&self.text, template.at.start.saturating_add(template.at.len)).max(start);
        start + spelling::find(self.format, &self.text[start..end], &template.source, offset)
    }

    /// The part of a place that an excerpt underlines: its first line, shortened.
    pub(super) fn underlined(&self, place: Place) -> SourceSpan {
        let start = floor(&self.text, place.start);
        let end = floor(&self.text, start.saturating_add(place.len.min(EXCERPT_MARGIN))).max(start);
        let first_line = self.text[start..end].lines().next().unwrap_or("");
        SourceSpan::new(start.into(), first_line.trim_end().len())
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = self.text.as_str().read_span(span, before, after)?;
        if whole.data().len() <= EXCERPT_BYTES_MAX {
            return Ok(Box::new(named(&self.name, &*whole, whole.data(), *whole.span(), whole.column())));
        }
        let start = floor(&self.text, span.offset().saturating_sub(EXCERPT_MARGIN));
        let end = floor(&self.text, span.offset().saturating_add(span.len()).saturating_add(EXCERPT_MARGIN));
        let at = self.position(start);
        let cut = SourceSpan::new(start.into(), end - start);
        let data = &self.text.as_bytes()[start..end];
        let lines = self.text[start..end].lines().count();
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, cut, at.line - 1, at.column - 1, lines)))
    }
}

fn named<'a>(
    name: &str,
    whole: &dyn SpanContents<'a>,
    data: &'a [u8],
    span: SourceSpan,
    column: usize,
) -> MietteSpanContents<'a> {
    MietteSpanContents::new_named(name.to_owned(), data, span, whole.line(), column, whole.line_count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("p", "äb\r\nc\n".into(), Format::Yaml);
        for (offset, line, column) in [(0, 1, 1), (2, 1, 2), (1, 1, 1), (5, 2, 1), (7, 3, 1), (99, 3, 1)] {
            assert_eq!(source.position(offset), Position { line, column }, "{offset}");
        }
    }
}
