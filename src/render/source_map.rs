//! Rendered text → where in its template it comes from.

/// Most lines of a template that one rendered line is laid on before the best of them is taken.
const LINES_MAX: usize = 2_000;

/// Where each part of a rendered text comes from: exactly where the template has no expressions, and to the line where it has.
///
/// Rendered lines are laid on the template's lines in their order; a line with expressions fits where all that stands around them
/// is found in it. A line that was made by a macro or a loop belongs to the line that calls or repeats it.
pub struct SourceMap<'t> {
    template: &'t str,
    /// None where both texts are the same.
    laid: Option<Laid<'t>>,
}

struct Laid<'t> {
    /// Lines of the template, with the byte where each begins.
    lines: Vec<(usize, &'t str)>,
    /// Lines of the rendered text: the byte where each begins, the line, and its line of the template.
    rendered: Vec<(usize, &'t str, usize)>,
}

impl<'t> SourceMap<'t> {
    /// Lays a rendered text on its template.
    pub fn of(template: &'t str, rendered: &'t str) -> Self {
        if template == rendered {
            return SourceMap { template, laid: None };
        }
        let lines = lines(template);
        let (mut at, mut passed) = (0_usize, 0_usize);
        let mut laid = Vec::new();
        for line in rendered.split_inclusive('\n') {
            at = best(&lines, line.trim_end(), at).unwrap_or(at);
            laid.push((passed, line, at));
            passed += line.len();
        }
        SourceMap { template, laid: Some(Laid { lines, rendered: laid }) }
    }

    /// The byte of the template that a byte of the rendered text comes from, as far as it can be told.
    pub fn find(&self, offset: usize) -> usize {
        let Some(laid) = &self.laid else { return offset.min(self.template.len()) };
        let nth = laid.rendered.partition_point(|(start, ..)| *start <= offset).saturating_sub(1);
        let Some((passed, line, at)) = laid.rendered.get(nth) else { return self.template.len() };
        let Some((start, text)) = laid.lines.get(*at) else { return self.template.len() };
        start + column_of(text, line, offset.saturating_sub(*passed).min(line.len()))
    }
}

fn lines(template: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in template.split_inclusive('\n') {
        lines.push((start, line.trim_end()));
        start += line.len();
    }
    lines
}

/// The line that says most of what the rendered one says, the nearest one behind the last where several do.
fn best(lines: &[(usize, &str)], rendered: &str, last: usize) -> Option<usize> {
    if rendered.trim().is_empty() {
        return None;
    }
    let fits = |index: &usize| fit(lines.get(*index)?.1, rendered).map(|said| (said, *index));
    let order = (last..lines.len()).chain(0..last).take(LINES_MAX);
    let mut found: Option<(usize, usize)> = None;
    for (said, index) in order.filter_map(|index| fits(&index)) {
        if found.is_none_or(|(most, _)| said > most) {
            found = Some((said, index));
        }
        // No other can say more than all of it: long files are gone through once.
        if said == whole(rendered) {
            break;
        }
    }
    found.map(|(_, index)| index)
}

/// How many bytes of the rendered line the template's line says itself; none where it can't have become it.
fn fit(template: &str, rendered: &str) -> Option<usize> {
    let pieces = pieces(template);
    if pieces.iter().all(|piece| matches!(piece, TemplatePiece::Text(_))) {
        let said = template.trim();
        return (said == rendered.trim() && !said.is_empty()).then_some(whole(rendered));
    }
    if pieces.iter().all(|piece| matches!(piece, TemplatePiece::Control)) {
        // A loop's head or end becomes nothing itself.
        return None;
    }
    let mut rest = rendered.trim();
    let mut said = 0;
    for (nth, piece) in pieces.iter().enumerate() {
        let TemplatePiece::Text(text) = piece else { continue };
        let text = if nth == 0 { text.trim_start() } else { text };
        let text = if nth + 1 == pieces.len() { text.trim_end() } else { text };
        let found = if nth == 0 { rest.starts_with(text).then_some(0) } else { rest.find(text) }?;
        rest = &rest[found + text.len()..];
        said += text.len();
    }
    Some(said)
}

/// What a line counts that says all of the rendered one itself, one more than any other can.
fn whole(rendered: &str) -> usize {
    rendered.len() + 1
}

enum TemplatePiece<'t> {
    Text(&'t str),
    Expression,
    Control,
}

/// A line of a template, cut at its expressions, blocks and comments.
fn pieces(line: &str) -> Vec<TemplatePiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(open) = first_of(rest, &["{{", "{%", "{#"]) {
        if open > 0 {
            pieces.push(TemplatePiece::Text(&rest[..open]));
        }
        pieces.push(if rest[open..].starts_with("{{") { TemplatePiece::Expression } else { TemplatePiece::Control });
        let close = first_of(&rest[open..], &["}}", "%}", "#}"]);
        rest = close.map_or("", |close| &rest[open + close + 2..]);
    }
    if !rest.is_empty() {
        pieces.push(TemplatePiece::Text(rest));
    }
    pieces
}

/// Where the first of the marks stands, in one pass: a line may be a whole file.
fn first_of(text: &str, marks: &[&str; 3]) -> Option<usize> {
    text.as_bytes().windows(2).position(|pair| marks.iter().any(|mark| mark.as_bytes() == pair))
}

/// The byte in the template's line: the same one as long as both are equal, or else where they part.
fn column_of(template: &str, rendered: &str, column: usize) -> usize {
    let same = template.bytes().zip(rendered.bytes()).take_while(|(one, other)| one == other).count();
    if column <= same {
        return column.min(template.len());
    }
    let from_end = rendered.trim_end().len().saturating_sub(column);
    let tail = template.bytes().rev().zip(rendered.trim_end().bytes().rev()).take_while(|(one, other)| one == other).count();
    let at = if from_end <= tail { template.len() - from_end } else { same };
    (0..=at.min(template.len())).rev().find(|at| template.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(template: &str, rendered: &str, found: &str) -> usize {
        let at = SourceMap::of(template, rendered).find(rendered.find(found).unwrap());
        template[..at].matches('\n').count() + 1
    }

    #[test]
    fn places_are_found_in_lines_of_templates() {
        let template = "SELECT 1;\n{% for table in tables %}\nALTER TABLE {{ table | ident }} ENABLE ROW LEVEL SECURITY;\n{% endfor %}\n\
                        {{ tenant.allow(\"a\") | raw }}\nDROP TABLE x;\n";
        let rendered = "SELECT 1;\n\nALTER TABLE \"a\" ENABLE ROW LEVEL SECURITY;\n\nALTER TABLE \"b\" ENABLE ROW LEVEL SECURITY;\n\n\
                        CREATE POLICY p ON t\n    USING (true);\nDROP TABLE x;\n";
        assert_eq!(line(template, rendered, "SELECT"), 1);
        assert_eq!(line(template, rendered, "\"a\""), 3);
        assert_eq!(line(template, rendered, "\"b\""), 3);
        assert_eq!(line(template, rendered, "CREATE POLICY"), 5);
        assert_eq!(line(template, rendered, "USING"), 5);
        assert_eq!(line(template, rendered, "DROP"), 6);
        assert_eq!(SourceMap::of("SELECT 1", "SELECT 1").find(7), 7);
    }

    proptest! {
        #[test]
        fn every_place_is_a_place(template in "[a{}%# \\né]{0,60}", rendered in "[a \\né]{0,60}", offset in 0_usize..80) {
            let at = SourceMap::of(&template, &rendered).find(offset);
            prop_assert!(at <= template.len());
        }
    }
}
