//! Names of types: whoever searches for one finds what it means, and nothing else.

use std::{collections::BTreeMap, fs, path::PathBuf};

use super::{files_below, leading_name, root};

const ITEMS: [&str; 5] = ["struct", "enum", "trait", "type", "union"];

#[test]
fn a_name_is_that_of_one_type() {
    let mut defined: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in files_below(&root().join("src"), "rs") {
        for name in types(&fs::read_to_string(&path).unwrap()) {
            defined.entry(name).or_default().push(path.strip_prefix(root()).unwrap().to_owned());
        }
    }
    assert!(defined.len() > 900, "the scan finds {} types: it misses some", defined.len());
    let repeated: Vec<String> = defined
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| {
            let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            format!("{name}: {}", files.join(", "))
        })
        .collect();
    assert!(repeated.is_empty(), "name each for what it is:\n{}", repeated.join("\n"));
}

#[test]
fn types_are_found_with_any_visibility_and_inside_of_functions() {
    let text = "pub(in crate::a) struct A<'a> {\nenum B {\n    struct C;\npub type D = u8;\nimpl X for Y {\n    type Out = u8;\n// struct E";
    assert_eq!(types(text), ["A", "B", "C", "D"]);
}

/// Types that formatted code defines. An indented `type` belongs to a trait and its implementations, where the name is given.
fn types(text: &str) -> Vec<String> {
    let item = |line: &str| {
        let code = line.trim_start();
        let behind = code.strip_prefix("pub").map_or(code, |rest| {
            let rest = if rest.starts_with('(') { rest.split_once(')').map_or("", |(_, rest)| rest) } else { rest };
            rest.trim_start()
        });
        let (word, rest) = behind.strip_prefix("unsafe ").unwrap_or(behind).split_once(' ')?;
        let is_type = ITEMS.contains(&word) && (word != "type" || code.len() == line.len());
        is_type.then(|| leading_name(rest)).filter(|name| !name.is_empty())
    };
    text.lines().filter_map(item).collect()
}
