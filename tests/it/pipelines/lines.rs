//! Every command line of the program that stands in a pipeline's file is one that the program understands.

use std::{fs, path::PathBuf};

use super::manifests::{documents, root};

/// What stands for variables when a line is looked at.
const VALUES: [(&str, &str); 10] = [
    ("${PLANS:-}", "plans"),
    ("$BACKSTOP_PLANS", "plans"),
    ("\"$BACKSTOP_ENVIRONMENT\"", "production"),
    ("\"$BASE...$HEAD\"", "a...b"),
    ("\"$CI_MERGE_REQUEST_DIFF_BASE_SHA...$CI_COMMIT_SHA\"", "a...b"),
    ("\"$report\"", "report"),
    ("$allow", "--allow-weaker"),
    ("\"", ""),
    ("|| lint=$?", ""),
    ("|| diff=$?", ""),
];

fn check(line: &str, place: &str, told: &mut Vec<String>) {
    let mut text = line.to_owned();
    for (variable, value) in VALUES {
        text = text.replace(variable, value);
    }
    let text = text.split(['>', '|', ';', '#']).next().unwrap_or_default();
    assert!(!text.contains('$'), "{place}: the test has no value for a variable of {line}");
    let words: Vec<&str> = text.split_whitespace().collect();
    if let Err(error) = backstop::cli::understand(&words) {
        told.push(format!("{place}: {line}\n{error}"));
    }
}

#[test]
fn every_command_line_is_understood() {
    let (mut told, mut seen) = (Vec::new(), 0);
    for script in ["deploy/github/review.sh", "deploy/github/apply.sh"] {
        let text = fs::read_to_string(root().join(script)).unwrap();
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("backstop ")) {
            check(line, script, &mut told);
            seen += 1;
        }
    }
    for file in files("deploy", &["yaml", "yml"]).into_iter().chain([root().join(".pre-commit-hooks.yaml")]) {
        let place = file.strip_prefix(root()).unwrap().display().to_string();
        for document in documents(&file) {
            for line in lines_of(&document) {
                check(&line, &place, &mut told);
                seen += 1;
            }
        }
    }
    assert!(seen >= 11, "only {seen} command lines were found");
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The program's command lines in a document: texts that begin with its name, and arguments of containers with its image.
fn lines_of(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => {
            text.lines().map(str::trim).filter(|line| line.starts_with("backstop ")).map(str::to_owned).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(lines_of).collect(),
        serde_json::Value::Object(fields) => {
            let arguments = fields.get("args").and_then(|args| args.as_array());
            let own = arguments.map(|args| {
                let words = args.iter().filter_map(|arg| arg.as_str()).collect::<Vec<_>>().join(" ");
                format!("backstop {words}")
            });
            let inner = fields.iter().filter(|(name, _)| *name != "name" && *name != "expose_as" && *name != "description");
            inner.flat_map(|(_, value)| lines_of(value)).chain(own).collect()
        }
        _ => Vec::new(),
    }
}

/// The files below a folder with one of these endings.
pub fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
