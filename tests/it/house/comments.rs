//! Comments: what a reader can see without them needs none.

use super::{files_below, root};

/// Comments that say what the name below them says. Where one stands, it says nothing of units, of ranges, of when there is none, or of where
/// a value comes from.
const SAY_NOTHING: [&str; 22] = [
    "Its name.",
    "Its id.",
    "Its file.",
    "Its number.",
    "Its plan.",
    "Its role.",
    "The backup.",
    "The backup's id.",
    "The column.",
    "The database.",
    "The driver's.",
    "The object.",
    "The plan's name.",
    "The run.",
    "The run's id.",
    "The table.",
    "What changed.",
    "What git says.",
    "What happened.",
    "What the server said.",
    "Where.",
    "Why.",
];

#[test]
fn comments_say_more_than_the_name_below_them() {
    let mut found = Vec::new();
    for path in files_below(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for (line, comment) in
            text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.trim().strip_prefix("/// ")?)))
        {
            if SAY_NOTHING.contains(&comment) {
                found.push(format!("{}:{line}: {comment}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "say what can't be seen, or nothing:\n{}", found.join("\n"));
}
