//! Template constructs that stand within constants of SQL.

use std::ops::Range;

use crate::sql::{TokenKind, Tokens};

/// Most dollar-quoted bodies in each other that are looked into.
const BODIES_MAX: usize = 8;

/// Comments and blocks of the template language between the quotes of a constant or a name, in order. Expressions there are looked at
/// when they are rendered.
pub fn in_literals(template: &str) -> Vec<Range<usize>> {
    let constructs = constructs(template);
    if constructs.iter().all(|(_, kind)| *kind == LiteralKind::Expression) {
        return Vec::new();
    }
    let mut masked = String::with_capacity(template.len());
    for (range, _) in &constructs {
        masked.push_str(&template[masked.len()..range.start]);
        // A word in place of each, so that quotes in it end nothing and every other byte stays where it is.
        masked.extend(std::iter::repeat_n('x', range.len()));
    }
    masked.push_str(&template[masked.len()..]);
    let mut found = Vec::new();
    look(&masked, 0, &constructs, 0, &mut found);
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiteralKind {
    Expression,
    Taken,
}

fn look(text: &str, base: usize, constructs: &[(Range<usize>, LiteralKind)], depth: usize, found: &mut Vec<Range<usize>>) {
    for token in Tokens::of(text) {
        let Ok(token) = token else { return };
        let (start, end) = (base + token.start, base + token.end);
        let first = constructs.partition_point(|(range, _)| range.start < start);
        let last = constructs.partition_point(|(range, _)| range.start < end);
        let inside = constructs.get(first..last).unwrap_or_default();
        match token.kind {
            TokenKind::Str | TokenKind::QuotedIdent => {
                found.extend(inside.iter().filter(|(_, kind)| *kind == LiteralKind::Taken).map(|(range, _)| range.clone()));
            }
            TokenKind::Dollar if depth < BODIES_MAX && !inside.is_empty() => {
                let whole = &text[token.range()];
                let delimiter = whole[1..].find('$').map_or(whole.len(), |at| at + 2);
                let body = whole.get(delimiter..whole.len().saturating_sub(delimiter)).unwrap_or_default();
                look(body, start + delimiter, constructs, depth + 1, found);
            }
            _ => {}
        }
    }
}

/// Expressions, blocks and comments in order; what `raw` keeps is none.
fn constructs(template: &str) -> Vec<(Range<usize>, LiteralKind)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(open) = first_of(&template[at..], &["{{", "{%", "{#"]).map(|open| at + open) {
        let (close, kind) = match &template[open..open + 2] {
            "{{" => ("}}", LiteralKind::Expression),
            "{%" => ("%}", LiteralKind::Taken),
            _ => ("#}", LiteralKind::Taken),
        };
        let Some(end) = template[open..].find(close).map(|end| open + end + 2) else { break };
        let word = template[open + 2..end - 2].trim_matches(['-', '+', ' ']);
        if kind == LiteralKind::Taken && word == "raw" && close == "%}" {
            at = template[end..].find("endraw").map_or(template.len(), |kept| end + kept);
            at = template[at..].find("%}").map_or(template.len(), |end| at + end + 2);
            continue;
        }
        found.push((open..end, kind));
        at = end;
    }
    found
}

fn first_of(text: &str, marks: &[&str; 3]) -> Option<usize> {
    text.as_bytes().windows(2).position(|pair| marks.iter().any(|mark| mark.as_bytes() == pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(template: &str) -> Vec<&str> {
        in_literals(template).into_iter().map(|range| &template[range]).collect()
    }

    #[test]
    fn what_would_vanish_from_a_constant_is_found() {
        assert_eq!(found("UPDATE m SET t = '{# keep this #} end'"), ["{# keep this #}"]);
        assert_eq!(found("SELECT 'a{% if x %}b{% endif %}', \"{# c #}\""), ["{% if x %}", "{% endif %}", "{# c #}"]);
        assert_eq!(found("DO $$ BEGIN PERFORM '{# it''s #}'; END $$"), ["{# it''s #}"]);
    }

    #[test]
    fn what_stands_outside_of_constants_is_what_it_is() {
        for template in [
            "{# a comment's apostrophe #} SELECT 1",
            "{% for t in tables %}SELECT '{{ t }}';{% endfor %}",
            "DO $$ BEGIN {% if x %} PERFORM 'y'; {% endif %} END $$",
            "SELECT '{% raw %}{# kept #}{% endraw %}'",
            "SELECT {{ '{# kept #}' | literal }}",
            "-- '{# x #}'\nSELECT 1",
            "SELECT 'é' {# ü #}",
        ] {
            assert!(found(template).is_empty(), "{template}: {:?}", found(template));
        }
    }
}
