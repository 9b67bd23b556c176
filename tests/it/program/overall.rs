//! What became of a folder as a whole, of a saved plan without anything to do, of checks that only warn, and of blocks that commit.

use serde_json::Value;

use super::work::{Work, run};
use crate::support::{Program, TestDatabase, database};

fn plan(name: &str, column: &str, rows: &str) -> String {
    format!(
        "format: backstop/v1\nname: {name}\nbackup: {{targets: [{{tables: [public.t]}}]}}\n\
         checks: {{after: [{{id: c, sql: \"SELECT id FROM public.t\", expect: {{rows: {rows}}}}}]}}\n\
         steps: [{{id: s, sql: ALTER TABLE public.t ADD COLUMN {column} int}}]\n"
    )
}

fn with_table(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
    database
}

#[test]
fn every_plan_of_a_folder_is_named_with_what_became_of_it() {
    let (database, work) = (with_table("overall"), Work::new());
    for (nth, rows) in ["1", "1", "0", "1", "1"].iter().enumerate() {
        work.file(&format!("plans/{nth}.yaml"), &plan(&format!("p{nth}"), &format!("c{nth}"), rows));
    }
    let (plans, junit) = (work.path("plans"), work.path("junit.xml"));
    let plans = plans.to_str().unwrap();
    run(&database, &["apply", plans, "--until", "p0"]).expect_code(0);
    let output = run(&database, &["apply", plans, "--junit", junit.to_str().unwrap()]).expect_code(5);
    let said = "overall: nothing to do p0; applied p1; restored p2; not begun p3, p4";
    assert_eq!(output.stdout.trim_end().lines().last(), Some(said), "{}", output.stdout);
    let xml = std::fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("testsuite name=\"p4\"") && xml.matches("<skipped").count() == 2, "{xml}");

    let output = run(&database, &["--format", "json", "apply", plans]).expect_code(5);
    let last: Value = serde_json::from_str(output.stdout.trim_end().lines().last().unwrap()).unwrap();
    assert_eq!((last["kind"].as_str(), last["exit_code"].as_u64()), (Some("overall"), Some(5)));
    let outcomes: Vec<&str> = last["plans"].as_array().unwrap().iter().filter_map(|plan| plan["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["nothing_to_do", "nothing_to_do", "restored", "not_begun", "not_begun"]);
    // A single plan says it in its own words.
    let alone = run(&database, &["apply", &format!("{plans}/3.yaml")]).expect_code(0);
    assert!(!alone.stdout.contains("overall:"), "{}", alone.stdout);
}

#[test]
fn a_saved_plan_without_anything_to_do_is_looked_at_like_any_other() {
    let (database, other, work) = (with_table("saved_empty"), with_table("saved_empty_other"), Work::new());
    let first = work.file("plans/p.yaml", &plan("p", "c", "1"));
    let (plans, saved) = (work.path("plans"), work.path("saved.json"));
    let (plans, saved) = (plans.to_str().unwrap(), saved.to_str().unwrap());
    run(&database, &["apply", plans]).expect_code(0);
    run(&database, &["plan", plans, "-o", saved]).expect_code(0);
    let output = run(&database, &["apply", saved]).expect_code(0);
    assert!(output.stdout.contains("nothing to do"), "{}", output.stdout);

    let refused = run(&other, &["apply", saved]).expect_code(3);
    assert!(refused.stderr.contains("it was saved for"), "{}", refused.stderr);
    let text = std::fs::read_to_string(saved).unwrap();
    let changed = work.file(
        "changed.json",
        &text.replace("\"name\": \"p\"", "\"name\": \"q\"").replace("\"name\":\"p\"", "\"name\":\"q\""),
    );
    run(&database, &["apply", changed.to_str().unwrap()]).expect_code(3);
    Program::new().arguments(&["apply", saved, "--database-url", "host=/nowhere"]).run().expect_code(4);

    work.file("plans/later.yaml", &plan("later", "d", "1"));
    let refused = run(&database, &["apply", saved]).expect_code(3);
    assert!(refused.stderr.contains("later"), "{}", refused.stderr);
    std::fs::remove_file(work.path("plans/later.yaml")).unwrap();
    std::fs::write(first, plan("p", "c", "{at_most: 4}")).unwrap();
    let refused = run(&database, &["apply", saved]).expect_code(3);
    assert!(refused.stderr.contains("plan p (") && refused.stderr.contains("was changed"), "{}", refused.stderr);
}

#[test]
fn a_check_that_only_warns_leads_to_no_restore_where_it_cannot_be_evaluated() {
    let (database, work) = (with_table("warn_error"), Work::new());
    let text = "format: backstop/v1\nname: p\nbackup: {targets: [{tables: [public.t]}]}\nchecks:\n  after:\n\
                \x20   - {id: counts, sql: SELECT count(*) FROM public.t, expect: {value: 1}}\n\
                \x20   - {id: divides, severity: warn, sql: SELECT 1 / 0, expect: {number: {at_least: 1}}}\n\
                \x20   - {id: misspelt, severity: info, sql: SELECT nobody FROM public.t, expect: {rows: 0}}\n\
                steps: [{id: s, sql: ALTER TABLE public.t ADD COLUMN c int}]\n";
    let output = work.apply(&database, text).expect_code(0);
    assert!(output.stdout.contains("division by zero") && output.stdout.contains("nobody"), "{}", output.stdout);
    let outcomes =
        "SELECT string_agg(r ->> 'outcome', ',') FROM backstop.events, jsonb_array_elements(event -> 'results') AS r
                    WHERE kind = 'after_checks_passed'";
    assert_eq!(database.one(outcomes), "pass,error,error");
    // One that counts still leads back.
    let output = work.apply(
        &database,
        &text.replace("name: p", "name: q").replace("severity: warn, ", "").replace("COLUMN c", "COLUMN d"),
    );
    output.expect_code(5);
}

#[test]
fn a_block_or_procedure_that_commits_is_told_with_a_way_out_that_works() {
    let (database, work) = (with_table("commits"), Work::new());
    database.execute("CREATE PROCEDURE chunks() LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET id = id; COMMIT; END $$");
    let plan = |name: &str, more: &str, sql: &str| {
        format!(
            "format: backstop/v1\nname: {name}\nbackup: {{targets: [{{tables: [public.t]}}]}}\nsteps: [{{id: s, {more}sql: \"{sql}\"}}]\n"
        )
    };
    let output = work.apply(&database, &plan("called", "", "CALL public.chunks()")).expect_code(4);
    assert!(output.stdout.contains("commit_in_body") && output.stdout.contains("`batch:`"), "{}", output.stdout);
    let outside = plan("outside", "transaction: none, probe: SELECT true, ", "CALL public.chunks()");
    let output = work.apply(&database, &outside).expect_code(4);
    assert!((output.stdout.clone() + &output.stderr).contains("`batch:`"), "{}{}", output.stdout, output.stderr);
    let batched = "format: backstop/v1\nname: batched\nbackup: {targets: [{tables: [public.t]}]}\n\
                   steps: [{id: s, batch: {table: public.t, key: id}, sql: \"UPDATE public.t SET id = id WHERE id BETWEEN {{ batch.first }} AND {{ batch.last }}\"}]\n";
    work.apply(&database, batched).expect_code(0);
}

#[test]
fn what_no_plan_runs_is_refused_with_the_same_words_wherever_it_stands() {
    let (database, work) = (with_table("never_run"), Work::new());
    for (nth, more) in ["", "transaction: none, probe: SELECT true, "].iter().enumerate() {
        let plan = format!(
            "format: backstop/v1\nname: p{nth}\nsteps: [{{id: s, {more}sql: \"ALTER SYSTEM SET work_mem = '5MB'\"}}]\n"
        );
        let path = work.file("never.yaml", &plan);
        let lint = Program::new().arguments(&["lint", path.to_str().unwrap()]).run().expect_code(3);
        assert!(lint.stdout.contains("never-run"), "{}", lint.stdout);
        let output = run(&database, &["apply", path.to_str().unwrap()]).expect_code(4);
        let all = output.stdout + &output.stderr;
        assert!(all.contains("backstop::sql::never_run") && all.contains("ALTER DATABASE … SET"), "{all}");
        assert!(!lint.stdout.contains("needs-no-transaction") && !all.contains("`transaction: none`"), "{all}");
    }
    let both =
        "format: backstop/v1\nname: both\nbackup: {targets: [{tables: [public.t]}]}\nsteps: [{id: s, sql_file: both.sql}]\n";
    work.file("both.sql", "-- +goose Up\nCREATE TABLE w (id int);\n\n-- +goose Down\nDROP TABLE w;\n");
    let output = work.apply(&database, both).expect_code(4);
    let all = output.stdout + &output.stderr;
    assert!(all.contains("-- +goose Up") && all.contains("-- +goose Down"), "{all}");
}
