//! Where in a text the template language stands, by its marks alone.

use std::ops::Range;

/// What opens an expression or a block, and what closes one.
const OPEN: [&str; 2] = ["{{", "{%"];
const CLOSE: [&str; 2] = ["}}", "%}"];

/// The bytes of every expression and block, marks left out, in order; one that has no end goes to the end of the text.
pub fn expressions(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = next(text, at, OPEN) {
        let end = next(text, open + 2, CLOSE);
        found.push(open + 2..end.unwrap_or(text.len()));
        match end {
            Some(end) => at = end + 2,
            None => break,
        }
    }
    found
}

/// Whether one of the ranges holds the byte.
pub fn is_inside(expressions: &[Range<usize>], at: usize) -> bool {
    let nth = expressions.partition_point(|range| range.end <= at);
    expressions.get(nth).is_some_and(|range| range.start <= at)
}

/// Where the first of the marks stands.
fn next(text: &str, from: usize, marks: [&str; 2]) -> Option<usize> {
    let mut bytes = text.as_bytes().get(from..)?.windows(2);
    bytes.position(|pair| marks.iter().any(|mark| mark.as_bytes() == pair)).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_what_stands_between_marks() {
        let text = "a {{ b }} c {% d %} e {{ f";
        assert_eq!(expressions(text), [4..7, 14..17, 24..26]);
        let inside = |what: &str| is_inside(&expressions(text), text.find(what).unwrap());
        assert!(inside("b") && inside("d") && inside("f"));
        assert!(!inside("a") && !inside("c") && !inside("e"));
        assert!(expressions("").is_empty());
    }
}
