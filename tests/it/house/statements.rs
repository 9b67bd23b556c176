//! Rules for the SQL that the program sends: what it is written with, and which schemas its names are looked up in.

use std::path::Path;

use backstop::{
    checks::KINDS,
    plan::{FieldValue, Text},
};

use super::{code, files_below, root, sources};

/// What may set another search path than ours, and why.
const OTHER_PATHS: [(&str, &str); 11] = [
    ("src/postgres/search_path.rs", "that of a plan, while the plan's own SQL runs"),
    ("src/postgres/surface/validate.sql", "that of a plan, while a query of the plan's own is asked"),
    ("src/postgres/capture/pins.sql", "none, under which definitions are printed"),
    ("src/postgres/preflight/authority.rs", "none"),
    ("src/postgres/digest.rs", "none"),
    ("src/catalog/statement/database.rs", "no path: all settings of a database are taken back"),
    ("src/postgres/expressions/materialized.rs", "no path: it is looked whether a function has one of its own"),
    ("src/postgres/expressions/path.rs", "that of a table's expressions, which is safe for the runner"),
    ("src/postgres/expressions/refusal.rs", "no path: what a user is told to do"),
    ("src/postgres/later_writes/carry_over.sql", "that of a table's expressions, while its rows are written"),
    ("src/postgres/surface/ground.sql", "that of a table's expressions, while its rows are read or written"),
];

/// Where statements of ours run under a plan's path: file, and how often it is put in force there.
const UNDER_PLANS_PATH: [(&str, usize); 8] = [
    ("src/cli/place.rs", 1),
    ("src/postgres/check/ask.rs", 1),
    ("src/postgres/check/query.rs", 1),
    ("src/postgres/relation.rs", 1),
    ("src/postgres/search_path.rs", 2),
    ("src/postgres/step/run.rs", 1),
    ("src/postgres/step/settle.rs", 2),
    ("src/postgres/step/statements.rs", 1),
];

/// Functions without a path of their own, so that the planner can put them into the queries of those that have one; nobody else
/// may call them.
const INLINED: [&str; 5] = ["backstop.key(", "backstop.key_of(", "backstop.title(", "backstop.plain(", "backstop.labels("];

fn sql_files() -> Vec<(String, String)> {
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    files_below(&root().join("src"), "sql").into_iter().map(read).collect()
}

/// The code of Rust files and the text of SQL files that run on a server, by path.
fn all() -> Vec<(String, String)> {
    let rust = sources().into_iter().map(|(path, text)| (Path::new("src").join(path).display().to_string(), code(&text)));
    let rust = rust.filter(|(path, _)| !path.starts_with("src/lint"));
    rust.chain(sql_files()).collect()
}

#[test]
fn sql_of_ours_and_what_is_stored_are_plain_ascii() {
    let mut broken = Vec::new();
    for (path, text) in all() {
        let rooms = ["src/checks", "src/postgres", "src/machine", "src/drive", "src/catalog"];
        if !rooms.iter().any(|room| path.starts_with(room)) {
            continue;
        }
        for line in text.lines().map(|line| if path.ends_with(".rs") { before_comment(line) } else { line }) {
            if !line.is_ascii() {
                broken.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "not every encoding of a database has these characters:\n{}", broken.join("\n"));
}

fn before_comment(line: &str) -> &str {
    line.find("// ").map_or(line, |at| &line[..at])
}

#[test]
fn only_a_plans_own_sql_runs_under_another_search_path_than_ours() {
    let mut broken = Vec::new();
    for (path, text) in all() {
        if OTHER_PATHS.iter().any(|(allowed, _)| *allowed == path) {
            continue;
        }
        for line in text.lines() {
            let sets =
                ["SET search_path", "SET LOCAL search_path", "set_config('search_path'"].iter().any(|s| line.contains(s));
            if sets && !line.contains("pg_catalog, pg_temp") {
                broken.push(format!("{path}: {}", line.trim()));
            }
            if line.contains("RESET ALL") && !text.contains("RESET ALL; SET search_path = pg_catalog, pg_temp") {
                broken.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_function_of_ours_has_our_search_path() {
    let mut broken = Vec::new();
    for (path, text) in sql_files() {
        for made in text.split("CREATE ").skip(1).map(|made| made.trim_start_matches("OR REPLACE ")) {
            let Some(made) = made.strip_prefix("FUNCTION ") else { continue };
            let head = made.split(" AS $").next().unwrap_or(made).split(" AS {quote}").next().unwrap_or(made);
            let is_pinned = head.contains("SET search_path = pg_catalog, pg_temp") || head.contains("{pinned}");
            let is_callers = made.starts_with("{schema}.execute_safe_migration(");
            if !is_pinned && !is_callers && !INLINED.iter().any(|name| made.starts_with(name)) {
                broken.push(format!("{path}: {}", made.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_runs_under_a_plans_search_path_names_nothing_without_its_schema() {
    let mut broken = Vec::new();
    for (path, text) in all() {
        let puts = text.matches(".during(").count()
            - text.matches("watch.during(").count()
            - text.matches("watch().during(").count();
        let known = UNDER_PLANS_PATH.iter().find(|(known, _)| *known == path).map_or(0, |(_, count)| *count);
        if path.ends_with(".rs") && puts != known && text.contains("PlanPath") {
            broken.push(format!("{path}: puts a plan's path in force {puts} times, {known} are known to this test"));
        }
    }
    let mut statements = Vec::new();
    let sources = sources();
    let source = |path: &str| code(&sources[Path::new(path)]);
    for (path, marks) in
        [("postgres/search_path.rs", &["\"SELECT"][..]), ("postgres/relation.rs", &["VISIBLE: &str = \"SELECT"])]
    {
        let text = source(path);
        for mark in marks {
            let found: Vec<&str> =
                text.match_indices(mark).map(|(at, _)| &text[at + mark.len() - "SELECT".len()..]).collect();
            assert!(!found.is_empty(), "{path} has no {mark}");
            statements
                .extend(found.iter().map(|rest| (path.to_owned(), rest.split('"').next().unwrap().replace('\\', " "))));
        }
    }
    let validate = include_str!("../../../src/postgres/surface/validate.sql");
    let asked = validate.match_indices("'SELECT ").map(|(at, _)| validate[at + 1..].split('\'').next().unwrap().to_owned());
    statements.extend(asked.map(|sql| ("validate.sql".to_owned(), sql.replace("%s", "1").replace("%L", "1"))));
    statements.extend(questions_under_path());
    let wrappers = include_str!("../../../src/postgres/surface/wrappers.sql");
    let migration = wrappers.split("execute_safe_migration(migration_sql").nth(1).unwrap();
    let body = migration.split("{quote}").nth(1).unwrap();
    statements.push(("execute_safe_migration".to_owned(), body.replace(['{', '}'], " ")));
    for (path, sql) in &statements {
        broken.extend(unqualified(sql).into_iter().map(|what| format!("{path}: {what} in {sql}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What kinds of checks ask under a plan's path.
fn questions_under_path() -> Vec<(String, String)> {
    let text = |field| (field, FieldValue::Text(Text::plain("a")));
    let found = KINDS.into_iter().filter_map(|kind| {
        let values = vec![
            ("tables", FieldValue::Tables(vec![Text::plain("a")])),
            ("columns", FieldValue::Texts(vec![Text::plain("a")])),
            ("names", FieldValue::Objects(vec![Text::plain("a"), Text::plain("a.b"), Text::plain("a(b)")])),
            text("column"),
            text("type"),
            text("returns"),
        ];
        let question = (kind.question)(&kind.of(values)).ok().filter(|question| question.is_under_path)?;
        Some((format!("checks/{}", kind.name), question.sql))
    });
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), 2, "{found:?}");
    found
}

#[test]
fn the_scan_sees_functions_operators_and_types_without_schema() {
    for (sql, found) in [
        ("SELECT lower(a) FROM pg_catalog.pg_class", "lower()"),
        ("SELECT pg_catalog.lower(a) = 'x'", "="),
        ("SELECT a::text", "::text"),
        ("SELECT a LIKE 'x%'", "LIKE"),
        ("SELECT a IN (1, 2)", "IN"),
        ("SELECT 1 FROM t WHERE a OPERATOR(public.=) b", "OPERATOR(public.=)"),
    ] {
        assert_eq!(unqualified(sql), [found], "{sql}");
    }
    let clean = "SELECT pg_catalog.count(*), coalesce(a, 'b = c(d)')::pg_catalog.text FROM x AS y WHERE a OPERATOR(pg_catalog.=) ANY ($1)";
    assert_eq!(unqualified(clean), Vec::<String>::new());
}

/// What in a statement, or in the body of a function, is looked up in the search path.
fn unqualified(sql: &str) -> Vec<String> {
    /// Grammar, not functions.
    const GRAMMAR: [&str; 15] = [
        "lateral", "coalesce", "any", "all", "array", "exists", "from", "as", "and", "or", "where", "select", "values",
        "raise", "execute",
    ];
    /// Operators that have no name to qualify.
    const NAMELESS: [&str; 8] = ["like", "ilike", "similar", "between", "nullif", "distinct", "overlaps", "in"];
    /// What stands before an equals sign that is no operator: options of RAISE, and targets of GET DIAGNOSTICS.
    const ASSIGNED: [&str; 7] = ["errcode", "detail", "hint", "state", "said", "more", "advice"];
    let tokens = tokens(sql);
    let mut found = Vec::new();
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    let mut at = 0;
    while at < tokens.len() {
        let token = word(at);
        let lower = token.to_ascii_lowercase();
        let before = at.checked_sub(1).map(word).unwrap_or_default().to_ascii_lowercase();
        if lower == "operator" {
            let end = (at..tokens.len()).find(|end| word(*end) == ")").unwrap_or(tokens.len());
            let operator = tokens[at..=end.min(tokens.len() - 1)].concat();
            if !operator.to_ascii_lowercase().starts_with("operator(pg_catalog.") {
                found.push(operator);
            }
            at = end;
        } else if token == "::" {
            if !word(at + 1).starts_with("pg_catalog.") {
                found.push(format!("::{}", word(at + 1)));
            }
            at += 1;
        } else if NAMELESS.contains(&lower.as_str()) && !(lower == "in" && before == "c") {
            found.push(token.to_owned());
        } else if token.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let is_call = word(at + 1) == "("
                && before != "as"
                && !is_named_query(&tokens, at + 1)
                && !token.contains('.')
                && !GRAMMAR.contains(&lower.as_str());
            let is_foreign = word(at + 1) == "("
                && token.contains('.')
                && !["pg_catalog.", "backstop."].iter().any(|s| token.starts_with(s));
            if is_call || is_foreign {
                found.push(format!("{token}()"));
            }
        } else if token.chars().all(is_of_operator)
            && !(token == "*" && before == "(")
            && token != ":="
            && !(token == "=" && ASSIGNED.contains(&before.as_str()))
        {
            found.push(token.to_owned());
        }
        at += 1;
    }
    found
}

/// Whether columns stand in the parentheses, and a query behind them: `name (a, b) AS (SELECT …)`.
fn is_named_query(tokens: &[String], open: usize) -> bool {
    let close = (open..tokens.len()).find(|at| tokens[*at] == ")").unwrap_or(open);
    let behind: Vec<&str> = tokens.iter().skip(close + 1).take(2).map(String::as_str).collect();
    behind.len() == 2 && behind[0].eq_ignore_ascii_case("as") && behind[1] == "("
}

fn is_of_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?:".contains(c)
}

/// Words with their dots, operators, single other characters; constants and comments left out.
fn tokens(sql: &str) -> Vec<String> {
    let lines: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or(line)).collect();
    let text: Vec<char> = lines.join("\n").chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = text.get(at) {
        let kind: Box<dyn Fn(char) -> bool> = match c {
            '\'' => {
                at += 1 + text[at + 1..].iter().position(|c| *c == '\'').unwrap_or(text.len() - at - 1) + 1;
                continue;
            }
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            c if c.is_ascii_alphanumeric() || c == '_' || c == '$' => {
                Box::new(|c| c.is_ascii_alphanumeric() || "_.$".contains(c))
            }
            c if is_of_operator(c) => Box::new(is_of_operator),
            _ => Box::new(|_| false),
        };
        let end = (at + 1..text.len()).find(|end| !kind(text[*end])).unwrap_or(text.len());
        let end = if kind(c) { end } else { at + 1 };
        tokens.push(text[at..end].iter().collect());
        at = end;
    }
    tokens
}
