//! All SQL that the program sends, wherever it is written: files, literals of Rust, and literals in functions of ours.

use std::path::Path;

use super::{code, files_below, root, sources};

/// A text of SQL, or a part of one, with the file that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlText {
    pub file: String,
    pub sql: String,
}

/// What a statement begins with.
const VERBS: [&str; 37] = [
    "ABORT",
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CLOSE",
    "CLUSTER",
    "COMMENT",
    "COMMIT",
    "COPY",
    "CREATE",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DISCARD",
    "DO",
    "DROP",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "GRANT",
    "INSERT",
    "LOCK",
    "MERGE",
    "PREPARE",
    "REFRESH",
    "REINDEX",
    "RELEASE",
    "RESET",
    "REVOKE",
    "ROLLBACK",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "SHOW",
    "TRUNCATE",
    "UPDATE",
];
/// What only a part of a statement has.
const PARTS: [&str; 9] =
    ["CASE ", " FROM ", " WHERE ", "WHEN ", "OPERATOR(", "pg_catalog.", "WITH RECURSIVE ", " COLLATE ", " AS MATERIALIZED "];

/// The text of the SQL files below `src`, by path.
pub fn sql_files() -> Vec<(String, String)> {
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    files_below(&root().join("src"), "sql").into_iter().map(read).collect()
}

/// The code of Rust files that may send SQL, by path. What `lint` reads is never sent.
pub fn rust_files() -> Vec<(String, String)> {
    let rust = sources().into_iter().map(|(path, text)| (Path::new("src").join(path).display().to_string(), code(&text)));
    rust.filter(|(path, _)| !path.starts_with("src/lint")).collect()
}

/// The literals of a Rust file that are SQL.
pub fn in_rust(file: &str, code: &str) -> Vec<SqlText> {
    rust_literals(code).into_iter().filter(|text| is_sql(text)).map(|sql| SqlText { file: file.to_owned(), sql }).collect()
}

/// The literals in a SQL file that are SQL themselves.
pub fn in_sql(file: &str, text: &str) -> Vec<SqlText> {
    sql_literals(text).into_iter().filter(|text| is_sql(text)).map(|sql| SqlText { file: file.to_owned(), sql }).collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start();
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_statement = VERBS.contains(&first) && !text[first.len()..].starts_with(['_', '-']);
    is_statement || PARTS.iter().any(|part| text.contains(part))
}

/// What stands between quotes in Rust code, without the escapes.
pub fn rust_literals(code: &str) -> Vec<String> {
    let text: Vec<char> = code.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(&c) = text.get(at) {
        match (c, text.get(at + 1)) {
            ('/', Some('/')) => at += text[at..].iter().position(|c| *c == '\n').unwrap_or(text.len() - at),
            ('\'', Some('\\')) => at += 3 + text[at + 3..].iter().position(|c| *c == '\'').unwrap_or(0),
            ('\'', Some(_)) if text.get(at + 2) == Some(&'\'') => at += 2,
            ('r', Some('"' | '#')) if at == 0 || !is_part_of_word(text[at - 1]) => {
                let marks = text[at + 1..].iter().take_while(|c| **c == '#').count();
                if text.get(at + 1 + marks) == Some(&'"') {
                    let rest: String = text[at + 2 + marks..].iter().collect();
                    let end = format!("\"{}", "#".repeat(marks));
                    let inside = rest.split(end.as_str()).next().unwrap_or_default();
                    at += 1 + marks + inside.chars().count() + end.len();
                    found.push(inside.to_owned());
                }
            }
            ('"', _) => {
                let (literal, end) = rust_literal(&text, at + 1);
                found.push(literal);
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// A literal whose quote is already passed, and where its other quote stands.
fn rust_literal(text: &[char], from: usize) -> (String, usize) {
    let (mut literal, mut at) = (String::new(), from);
    while let Some(&c) = text.get(at) {
        match (c, text.get(at + 1)) {
            ('"', _) => break,
            ('\\', Some('\n')) => {
                at += 1 + text[at + 1..].iter().take_while(|c| c.is_whitespace()).count();
                continue;
            }
            ('\\', Some(escaped)) => {
                literal.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    other => *other,
                });
                at += 1;
            }
            _ => literal.push(c),
        }
        at += 1;
    }
    (literal, at)
}

fn is_part_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What stands between single quotes in SQL; neighbours that only blanks part are one.
fn sql_literals(sql: &str) -> Vec<String> {
    let text: Vec<char> = sql.chars().collect();
    let (mut found, mut at, mut last_end) = (Vec::<String>::new(), 0, None);
    while let Some(&c) = text.get(at) {
        if c == '-' && text.get(at + 1) == Some(&'-') {
            at += text[at..].iter().position(|c| *c == '\n').unwrap_or(text.len() - at);
            continue;
        }
        if c != '\'' {
            at += 1;
            continue;
        }
        let start = at;
        let mut literal = String::new();
        at += 1;
        while let Some(&c) = text.get(at) {
            if c == '\'' && text.get(at + 1) != Some(&'\'') {
                break;
            }
            at += if c == '\'' { 2 } else { 1 };
            literal.push(c);
        }
        at += 1;
        let goes_on = last_end.is_some_and(|end: usize| text[end..start].iter().all(|c| c.is_whitespace()) && end < start);
        match found.last_mut() {
            Some(before) if goes_on => before.push_str(&literal),
            _ => found.push(literal),
        }
        last_end = Some(at);
    }
    found
}

#[test]
fn literals_are_read_as_the_compiler_and_the_server_read_them() {
    let code = "let a = \"SELECT \\\"x\\\" \\\n    FROM t\"; // \"no\"\nlet q = '\"'; let b = r#\"SET a = \"b\"\"#; let l: &'a str = \"plain\";";
    assert_eq!(rust_literals(code), ["SELECT \"x\" FROM t", "SET a = \"b\"", "plain"]);
    let sql = "SELECT 'it''s', -- 'no'\n format('SELECT a '\n   'FROM b', 'c')";
    assert_eq!(sql_literals(sql), ["it's", "SELECT a FROM b", "c"]);
    assert_eq!(in_sql("f", sql), [SqlText { file: "f".to_owned(), sql: "SELECT a FROM b".to_owned() }]);
    assert_eq!(in_rust("f", code).len(), 2);
}
