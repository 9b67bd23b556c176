//! Annotations, read back as GitHub's runner reads them: what the toolkit writes, undone
//! (<https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>).

use std::collections::BTreeMap;

use crate::{
    program::work::{Work, run},
    support::{Program, database},
};

/// A command, its properties, and what it says.
type Command = (String, BTreeMap<String, String>, String);

fn commands(text: &str) -> Vec<Command> {
    text.lines().map(command).collect()
}

fn command(line: &str) -> Command {
    let rest = line.strip_prefix("::").unwrap_or_else(|| panic!("no command: {line}"));
    let (head, data) = rest.split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap();
    let property = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (
            name.to_owned(),
            value.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"),
        )
    };
    let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    (name.to_owned(), properties.split(',').map(property).collect(), data)
}

const HINT: &str = "100% of it, a: b";

#[test]
fn what_plans_and_databases_say_ends_no_annotation() {
    let (database, work) = (database("published_github"), Work::new());
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, name text)");
    let plan = format!(
        "format: backstop/v1
name: told
checks:
  before:
    - {{id: fine, sql: SELECT 1, expect: {{rows: 1}}}}
    - {{id: bad, sql: \"SELECT E'a\\\\r\\\\n::error::b'\", expect: {{value: '1'}}, hint: '{HINT}'}}
steps: [{{id: s, sql: \"DROP TABLE \\\"x\\\\n::warning file=a,line=1::y\\\"\"}}]
"
    );
    work.file("a,b: 100%/plan.yaml", &plan);
    let folder = work.path("a,b: 100%");
    let output = run(&database, &["check", folder.to_str().unwrap(), "--report", "github"]).expect_code(4);
    let told = commands(&output.stdout);
    assert_eq!(told.len(), 1, "{}", output.stdout);
    let (name, properties, data) = &told[0];
    assert_eq!((name.as_str(), properties["line"].as_str()), ("error", "6"));
    assert!(properties["file"].ends_with("a,b: 100%/plan.yaml"), "{properties:?}");
    assert!(data.ends_with(HINT), "{data}");

    let output = Program::new().directory(&folder).arguments(&["lint", "plan.yaml", "--report", "github"]).run();
    let told = commands(&output.stdout);
    assert!(!told.is_empty(), "{}", output.stderr);
    for (name, properties, data) in &told {
        assert!(["error", "warning", "notice"].contains(&name.as_str()), "{name}");
        assert!(properties["title"].starts_with("backstop: "), "{properties:?}");
        assert_eq!(properties["file"], "plan.yaml");
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{properties:?}");
        assert!(data.contains('\n'), "{data}");
    }
    // Where nothing is to be said, nothing is.
    work.file("a,b: 100%/plan.yaml", &plan.replace("expect: {value: '1'}", "expect: {rows: 1}"));
    let output = run(&database, &["check", folder.to_str().unwrap(), "--report", "github"]).expect_code(0);
    assert_eq!(output.stdout, "");
}
