//! The house rules, as tests: what each room may import, what face files hold, names, sizes, and what must never be there.

mod circles;
mod comments;
mod names;
mod qualified;
mod sql_texts;
mod statements;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each room and the rooms it may import. A room that is not here may not exist.
const ROOMS: [(&str, &[&str]); 19] = [
    ("plan", &[]),
    ("sql", &[]),
    ("limits", &[]),
    ("secrets", &["limits"]),
    ("catalog", &["sql", "secrets"]),
    ("checks", &["plan", "sql"]),
    ("load", &["plan", "checks"]),
    ("render", &["plan", "sql", "limits", "secrets"]),
    ("lint", &["plan", "render", "sql", "checks"]),
    ("machine", &["plan", "render", "catalog"]),
    ("drive", &["machine", "catalog", "render", "plan"]),
    ("postgres", &["drive", "machine", "catalog", "checks", "sql", "plan", "render", "secrets"]),
    ("sandbox", &[]),
    ("saved", &["plan", "render", "catalog"]),
    ("review", &["plan", "render", "sql", "checks"]),
    ("report", &["machine", "lint", "review", "saved", "catalog", "plan", "secrets"]),
    (
        "operations",
        &[
            "plan", "sql", "catalog", "load", "render", "lint", "machine", "drive", "postgres", "sandbox", "saved",
            "review", "report", "limits", "secrets",
        ],
    ),
    ("cli", &["plan", "catalog", "load", "render", "lint", "machine", "saved", "review", "report", "operations", "secrets"]),
    ("lib", &[]),
];
/// Files longer than this hold more than one subject.
const FILE_LINES_MAX: usize = 500;
/// Functions longer than this don't fit a screen. The machine's transitions are one table, and stay one.
const FUNCTION_LINES_MAX: usize = 90;
/// What is shortened without a look for secrets, and why: file, how, why.
const SHORTENED_OTHERWISE: [(&str, &str, &str); 2] = [
    ("src/postgres/backup/copy_name.rs", ".chars().take(", "digits of a digest"),
    ("src/catalog/kinds/wording.rs", "char_indices().nth(", "the rest of a text without secrets"),
];
const NAMES_THAT_SAY_NOTHING: [&str; 8] = ["utils", "util", "helpers", "common", "imp", "types", "manager", "misc"];
const TOP_LEVEL: [&str; 25] = [
    "docs",
    "clippy.toml",
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "plans",
    "schemas",
    "tests",
    "examples",
    "README.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "CHANGELOG.md",
    "justfile",
    ".github",
    ".ci",
    "benches",
    ".gitignore",
    "rustfmt.toml",
    ".git",
    "target",
    ".config",
    "deploy",
    "action.yml",
    ".pre-commit-hooks.yaml",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every Rust file of `src`, by path relative to it, with its text; modules that are only compiled for tests are left out.
fn sources() -> BTreeMap<PathBuf, String> {
    let src = root().join("src");
    let read = |path: PathBuf| (path.strip_prefix(&src).unwrap().to_owned(), fs::read_to_string(&path).unwrap());
    let all: BTreeMap<PathBuf, String> = files_below(&src, "rs").into_iter().map(read).collect();
    let tests: Vec<PathBuf> = all.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    all.into_iter()
        .filter(|(path, _)| !tests.iter().any(|test| path.starts_with(test) || *path == test.with_extension("rs")))
        .collect()
}

/// Paths, without an ending, of the modules that a file declares for tests alone.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    text.split("#[cfg(test)]\nmod ")
        .skip(1)
        .filter_map(|rest| rest.split_once(';'))
        .filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .map(|(name, _)| path.with_extension("").join(name))
        .collect()
}

/// The code of a file: without comment lines and without its unit tests.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn room_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Rooms named behind `crate::`, alone or in a braced list.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            rooms.extend(first_names(list));
        } else {
            rooms.push(leading_name(rest));
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first name of each element of a braced import list whose opening brace is already taken off.
fn first_names(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut expect) = (0usize, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expect = true,
            c if expect && depth == 0 && !c.is_whitespace() => {
                names.push(leading_name(&list[at..]));
                expect = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn rooms_import_only_what_stands_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let room = room_of(&path);
        if room == "main" || room == "lib" {
            continue;
        }
        let Some(may) = allowed.get(room.as_str()) else {
            broken.push(format!("{}: no such room", path.display()));
            continue;
        };
        for import in imports(&code(&text)) {
            if import != room && !may.contains(&import.as_str()) {
                broken.push(format!("{}: imports {import}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_import_guard_sees_every_form_of_import() {
    assert_eq!(imports("use crate::plan::Plan;"), ["plan"]);
    assert_eq!(imports("use crate::{catalog::{Kind, Snapshot}, plan::Plan,\n    sql};"), ["catalog", "plan", "sql"]);
    assert_eq!(imports("let x = crate::render::f();"), ["render"]);
}

#[test]
fn every_room_is_there_and_none_is_empty() {
    for (room, _) in ROOMS {
        let lines = sources()
            .iter()
            .filter(|(path, _)| room_of(path) == room)
            .map(|(_, text)| code(text).lines().count())
            .sum::<usize>();
        assert!(lines > 5, "the room {room} is empty");
    }
}

#[test]
fn face_files_hold_their_invariant_and_nothing_else() {
    let sources = sources();
    let mut broken = Vec::new();
    for (path, text) in &sources {
        let folder = path.with_extension("");
        let is_face = sources.keys().any(|other| other.parent() == Some(folder.as_path()));
        if !is_face {
            continue;
        }
        if !text.starts_with("//!") {
            broken.push(format!("{}: a face begins with what the room does, and what it does not know", path.display()));
        }
        for line in code(text).lines().filter(|line| !line.starts_with([' ', '}']) && !line.is_empty()) {
            if ![
                "mod ",
                "pub mod ",
                "pub(crate) mod ",
                "pub use ",
                "pub(crate) use ",
                "pub(super) use ",
                "#[",
                "#![deny(",
                "#![allow(",
            ]
            .iter()
            .any(|start| line.starts_with(start))
            {
                broken.push(format!("{}: {line}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_and_functions_stay_small_and_have_names_that_say_something() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let body = code(&text);
        if body.lines().count() > FILE_LINES_MAX {
            broken.push(format!("{}: {} lines", path.display(), body.lines().count()));
        }
        for part in path.components() {
            let name = part.as_os_str().to_string_lossy();
            if NAMES_THAT_SAY_NOTHING.contains(&name.trim_end_matches(".rs")) {
                broken.push(format!("{}: the name says nothing", path.display()));
            }
        }
        for (name, lines) in functions(&body) {
            let is_table = (path.as_path(), name.as_str()) == (Path::new("machine/apply.rs"), "apply");
            if lines > FUNCTION_LINES_MAX && !is_table {
                broken.push(format!("{}: fn {name} has {lines} lines", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Functions of formatted code and how many lines each has: from its `fn` to the closing brace at the same indentation.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(at) = line.find("fn ").filter(|at| line[..*at].split_whitespace().all(is_fn_qualifier)) else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|l| *l == closing) {
            found.push((leading_name(&line[at + 3..]), length + 1));
        }
    }
    found
}

fn is_fn_qualifier(word: &str) -> bool {
    word.starts_with("pub") || ["const", "async", "unsafe", "extern"].contains(&word)
}

#[test]
fn the_top_level_is_what_the_house_says() {
    for entry in fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(TOP_LEVEL.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}

#[test]
fn nothing_is_left_open_or_skipped() {
    let marks =
        [["to", "do!("].concat(), ["unimple", "mented!("].concat(), ["FIX", "ME"].concat(), ["#[ig", "nore"].concat()];
    let mut found = Vec::new();
    for path in files_below(&root().join("src"), "rs").into_iter().chain(files_below(&root().join("tests"), "rs")) {
        let text = fs::read_to_string(&path).unwrap();
        for mark in &marks {
            if text.contains(mark.as_str()) {
                found.push(format!("{}: {mark}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_is_shown_is_shortened_in_one_place() {
    let marks = [".chars().take(", ".chars().skip(", "char_indices().nth("];
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let file = format!("src/{}", path.display()).replace('\\', "/");
        // The rooms below these see files and templates, in which secrets are references.
        let shows = ["catalog", "machine", "drive", "postgres", "saved", "report", "operations", "cli"];
        let is_excused = |mark: &&str| SHORTENED_OTHERWISE.iter().any(|(other, what, _)| *other == file && *what == *mark);
        for mark in marks.iter().filter(|mark| !is_excused(mark)) {
            if shows.contains(&room_of(&path).as_str()) && code(&text).contains(mark) {
                broken.push(format!("{file}: {mark}"));
            }
        }
    }
    assert!(broken.is_empty(), "secrets::beginning takes secrets out first\n{}", broken.join("\n"));
}

#[test]
fn only_the_command_line_prints_and_reads_the_environment() {
    let mut broken = Vec::new();
    for (path, text) in sources() {
        let room = room_of(&path);
        for mark in ["println!(", "print!(", "dbg!(", "process::exit("] {
            if !["cli", "main"].contains(&room.as_str()) && code(&text).contains(mark) {
                broken.push(format!("{}: {mark}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
