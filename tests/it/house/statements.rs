//! Rules for the SQL that the program sends: what it is written with, and which schemas its names are looked up in.

use backstop::{
    checks::KINDS,
    plan::{FieldValue, Text},
};

use super::{
    qualified::unqualified,
    sql_texts::{SqlText, in_rust, in_sql, rust_files, rust_literals, sql_files},
};

/// What may set another search path than ours, and why.
const OTHER_PATHS: [(&str, &str); 12] = [
    ("src/postgres/search_path.rs", "that of a plan, while the plan's own SQL runs"),
    ("src/postgres/psql_api/validate.sql", "that of a plan, while a query of the plan's own is asked"),
    ("src/postgres/capture/pins.sql", "none, under which definitions are printed"),
    ("src/postgres/preflight/authority.rs", "none"),
    ("src/postgres/digest.rs", "none"),
    ("src/catalog/kinds/database.rs", "no path: all settings of a database are taken back"),
    ("src/postgres/expressions/materialized.rs", "no path: it is looked whether a function has one of its own"),
    ("src/postgres/expressions/path.rs", "that of a table's expressions, which is safe for the runner"),
    ("src/postgres/expressions/safe_path.sql", "that of a backup, to see which schemas it leads to"),
    ("src/postgres/expressions/refusal.rs", "no path: what a user is told to do"),
    ("src/postgres/later_writes/carry_over.sql", "that of a table's expressions, while its rows are written"),
    ("src/postgres/psql_api/ground.sql", "that of a table's expressions, while its rows are read or written"),
];

/// Where a plan's own SQL runs under its path: file, and how often that is put in force there. Statements of ours run there by
/// `PlanPath::query` alone, which takes none but those that are `Qualified`.
const UNDER_PLANS_PATH: [(&str, usize); 8] = [
    ("src/operations/database.rs", 1),
    ("src/postgres/check/ask.rs", 1),
    ("src/postgres/check/query.rs", 1),
    ("src/postgres/search_path.rs", 1),
    ("src/postgres/step/run.rs", 1),
    ("src/postgres/step/applied_state.rs", 1),
    ("src/postgres/step/probe.rs", 1),
    ("src/postgres/step/statements.rs", 1),
];

/// Where sessions are opened: the room that pins the path of each of them, and the one of throwaway servers, which nobody else is in.
/// What is sent there may be sent before the path is pinned.
const SESSIONS_BEGIN: [&str; 2] = ["src/postgres/connection/", "src/sandbox/"];

/// What puts the path of a table's expressions in force, in which its owner may have operators and functions of his own.
const TABLES_PATH: [&str; 6] = [
    "set_path(",
    "PERFORM set_config('search_path'",
    "PERFORM pg_catalog.set_config('search_path'",
    "run_under(",
    "_under(target",
    "_under(source",
];

/// Texts that run under such a path, and are put together elsewhere.
const BUILT_FOR_TABLES_PATH: [&str; 5] = [
    "src/catalog/",
    "src/postgres/backup/load.rs",
    "src/postgres/digest.rs",
    "src/postgres/expressions/find.sql",
    "src/postgres/restore/late_names.rs",
];

/// What looks like SQL there and is none that is run under such a path: file, what it begins with, why.
const NOT_RUN: [(&str, &str, &str); 2] = [
    ("src/postgres/psql_api/restore.sql", "`backstop restore` deals with it.", "a hint, with a statement for people"),
    ("src/postgres/psql_api/ground.sql", "Try again in a moment;", "a hint, with a statement for people"),
];

/// Clauses of CREATE and ALTER in which `IN`, `=` and `OPERATOR` are the statement's own words, and names come with their schema.
const CLAUSES: [(&str, &str); 4] = [
    ("src/catalog/kinds/event_trigger.rs", " WHEN TAG IN ("),
    ("src/catalog/kinds/operator.rs", "CREATE OPERATOR "),
    ("src/catalog/kinds/operator.rs", "OPERATOR("),
    ("src/catalog/kinds/operator.rs", "{word} = OPERATOR("),
];

/// The code of Rust files and the text of SQL files that run on a server, by path.
fn all() -> Vec<(String, String)> {
    let rust = rust_files().into_iter();
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

/// Without a path the planner can put a function of SQL into the queries that call it; those and `execute_safe_migration`, which
/// runs a migration under its caller's path, name everything with its schema.
#[test]
fn every_function_of_ours_has_our_search_path_or_names_everything_with_its_schema() {
    let (mut broken, mut seen) = (Vec::new(), 0);
    for (path, text) in sql_files() {
        for made in text.split("CREATE ").skip(1).map(|made| made.trim_start_matches("OR REPLACE ")) {
            let Some(made) = made.strip_prefix("FUNCTION ") else { continue };
            seen += 1;
            let (head, quote) = match made.split_once(" AS {quote}") {
                Some((head, _)) => (head, "{quote}"),
                None => (made.split(" AS $").next().unwrap_or(made), "$$"),
            };
            if head.contains("SET search_path = pg_catalog, pg_temp") || head.contains("{pinned}") {
                continue;
            }
            let body = made.split(quote).nth(1).unwrap_or(made);
            let found = unqualified(&body.replace("{execution}", ""));
            if !found.is_empty() {
                broken.push(format!("{path}: {}: {}", made.lines().next().unwrap_or_default(), found.join("  ")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(seen > 60, "the scan reads {seen} functions: it misses some");
}

/// A session of psql, or of an application whose writes call a trigger of ours, reads constants as its database says.
#[test]
fn functions_of_ours_that_hold_a_backslash_say_how_constants_are_read() {
    let (mut broken, mut seen) = (Vec::new(), 0);
    for (path, text) in sql_files() {
        for made in text.split("FUNCTION backstop.").skip(1) {
            let (head, Some(body)) = (made.split(" AS $").next().unwrap_or(made), made.split("$$").nth(1)) else { continue };
            let body: String = body.lines().map(|line| line.split("--").next().unwrap_or(line)).collect();
            if !body.replace("E'\\n'", "").contains('\\') {
                continue;
            }
            seen += 1;
            if !["{pinned}", "SET standard_conforming_strings = on"].iter().any(|pin| head.contains(pin)) {
                broken.push(format!("{path}: {}", made.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(seen > 3, "the scan sees {seen} functions: it misses some");
}

/// A cast of what others made to text, or of a text to a type that they made, is whatever function its owner wrote.
#[test]
fn values_and_types_of_others_meet_no_cast() {
    /// Why nothing of others is called there.
    const KNOWN: [(&str, &str, &str); 9] = [
        ("src/catalog/source_form.rs", "::{element}[]", "how a definition may have been spelled"),
        ("src/postgres/check/ask.rs", "{missing}::", "a text of ours"),
        ("src/postgres/expressions/find.sql", "(%I)::%s AS value", "from a domain to what it is made of, which is no cast"),
        ("src/catalog/kinds/view.rs", "NULL::{data_type}", "a constant of no type yet is read by the type's input"),
        ("src/postgres/step/batch/key.rs", "{}::{}", "likewise"),
        ("src/postgres/backup/load.rs", "{name}::{data_type}", "a type of the server's own"),
        ("src/postgres/digest.rs", "{name}::pg_catalog.text", "a type of the server's own"),
        ("src/checks/matches.rs", "{value}::text", "a type of the server's own, under its domains"),
        (
            "src/postgres/later_writes/carry_over.sql",
            "pg_catalog.concat(%s::%s)",
            "from one type of the server's own to another",
        ),
    ];
    let mut broken = Vec::new();
    let rooms = ["src/catalog/", "src/checks/", "src/postgres/", "src/operations/"];
    for (path, text) in all().into_iter().filter(|(path, _)| rooms.iter().any(|room| path.starts_with(room))) {
        let text = if path.ends_with(".rs") { rust_literals(&text).join("\n") } else { text };
        for line in text.lines().map(|line| line.split("--").next().unwrap_or(line)) {
            let casts = line.match_indices("::").any(|(at, _)| is_cast_of_others(&line[..at], &line[at + 2..]));
            if casts && !KNOWN.iter().any(|(file, known, _)| path == *file && line.contains(known)) {
                broken.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    for (value, target) in [
        ("NEW", "text"),
        ("(row_.*)", "text"),
        ("%1$I", "text"),
        ("{name}", "text"),
        ("$1", "%s"),
        ("{name}", "{data_type}"),
    ] {
        assert!(is_cast_of_others(value, target), "{value}::{target}");
    }
}

/// Whether a value of a row, or of a column whose name is put in later, is cast; or anything to a type that is.
fn is_cast_of_others(before: &str, target: &str) -> bool {
    let is_row = ["NEW", "OLD", ".*)", "%I", "$I"].iter().any(|end| before.ends_with(end));
    let is_text = ["text", "pg_catalog.text"].iter().any(|text| target.starts_with(text)) && !target.contains("text[]");
    let is_column = before.ends_with('}') && !before.ends_with("{}") && is_text;
    // Codes of errors are written with colons, too.
    let is_put_in = target.starts_with(['%', '{']) && !before.contains("backstop::");
    is_row || is_column || is_put_in
}

#[test]
fn a_plans_path_is_put_in_force_for_its_own_sql_alone() {
    let mut broken = Vec::new();
    for (path, text) in rust_files() {
        let puts = text.matches(".during(").count()
            - text.matches("watch.during(").count()
            - text.matches("watch().during(").count();
        let known = UNDER_PLANS_PATH.iter().find(|(known, _)| *known == path).map_or(0, |(_, count)| *count);
        if puts != known && text.contains("PlanPath") {
            broken.push(format!("{path}: puts a plan's path in force {puts} times, {known} are known to this test"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Only there a session could have another path than ours from its first statement on.
#[test]
fn sessions_are_opened_where_their_path_is_pinned_and_nowhere_else() {
    const OPENS: [&str; 4] = ["tokio_postgres::connect(", "config.connect(", ".connect_raw(", "Manager::new("];
    let mut opened = 0;
    for (path, text) in rust_files() {
        let opens = OPENS.iter().map(|open| text.matches(open).count()).sum::<usize>();
        assert!(opens == 0 || SESSIONS_BEGIN.iter().any(|room| path.starts_with(room)), "{path} opens sessions");
        opened += opens;
    }
    assert!(opened > 0, "nothing opens a session in a way that this test knows");
}

/// Every text of SQL runs in a session whose path is pinned from its beginning on, or names everything with its schema. That the
/// others are pinned is what the tests beside this one show: who opens sessions, and who sets a path.
#[test]
fn what_runs_under_another_path_than_ours_names_everything_with_its_schema() {
    let (rust, sql) = (rust_files(), sql_files());
    let is_under_another = |path: &str, text: &str| {
        SESSIONS_BEGIN.iter().chain(&BUILT_FOR_TABLES_PATH).any(|known| path.starts_with(known))
            || TABLES_PATH.iter().any(|mark| text.contains(mark))
            || UNDER_PLANS_PATH.iter().any(|(known, _)| path == *known)
    };
    let (mut pinned, mut others) = (sql.len(), Vec::new());
    for (path, text) in &rust {
        let texts = in_rust(path, text);
        if is_under_another(path, text) { others.extend(texts) } else { pinned += texts.len() }
    }
    for (path, text) in sql.iter().filter(|(path, text)| is_under_another(path, text)) {
        others.extend(in_sql(path, text));
        others.extend(after_another_path(path, text));
    }
    others.extend(rust.iter().flat_map(|(path, text)| qualified_ones(path, text)));
    others.retain(|text| !CLAUSES.iter().any(|(file, begin)| text.file == *file && text.sql.starts_with(begin)));
    others.retain(|text| !NOT_RUN.iter().any(|(file, begin, _)| text.file == *file && text.sql.starts_with(begin)));
    let mut broken: Vec<String> = others
        .iter()
        .filter_map(|text| match unqualified(&text.sql) {
            found if found.is_empty() => None,
            found => Some(format!("{}: {} in {}", text.file, found.join("  "), text.sql)),
        })
        .collect();
    broken.sort();
    broken.dedup();
    assert!(broken.is_empty(), "{} of {}:\n{}", broken.len(), others.len(), broken.join("\n"));
    assert!(pinned > 400 && others.len() > 100, "the scan reads {pinned} and {} texts: it misses some", others.len());
}

/// The arguments of `Qualified::new`.
fn qualified_ones(path: &str, text: &str) -> Vec<SqlText> {
    text.split("Qualified::new(")
        .skip(1)
        .filter_map(|rest| in_rust(path, rest.split(");").next()?).into_iter().next())
        .collect()
}

/// What follows, in the body of a function, on a path that is not ours.
fn after_another_path(path: &str, text: &str) -> Vec<SqlText> {
    let bodies = text.split(" FUNCTION ").skip(1).flat_map(|made| made.split("$$").nth(1));
    let after = bodies.filter_map(|body| {
        let (_, rest) = body.split_once("set_config('search_path'")?;
        let until_ours = rest.split("set_config('search_path', ''").next()?;
        Some(until_ours.split_once(';')?.1.trim_end().trim_end_matches("END").to_owned())
    });
    after.map(|sql| SqlText { file: path.to_owned(), sql }).collect()
}

#[test]
fn what_checks_ask_under_a_plans_path_names_everything_with_its_schema() {
    for (path, sql) in questions_under_path() {
        assert_eq!(unqualified(&sql), Vec::<String>::new(), "{path}: {sql}");
    }
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
