//! What a hint says of a plan or of what stands in its way, done: it gets further.

use super::work::{Work, run};
use crate::support::{Output, database};

const SHOP: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, n int, name text); INSERT INTO public.items SELECT g, g, 'a' FROM generate_series(1, 20) AS g;
    CREATE TABLE public.others (id int PRIMARY KEY, n int); INSERT INTO public.others VALUES (1, 1);
    CREATE SCHEMA store; CREATE TABLE store.shelf (id int);
    CREATE VIEW public.seen AS SELECT id FROM public.items;";

/// A plan that changes items, with other targets, fields and steps.
fn plan(targets: &str, fields: &str, steps: &str) -> String {
    format!(
        "format: backstop/v1\nname: p\n{fields}backup: {{targets: [{{tables: [{targets}]}}]}}\nsteps:\n{}\n",
        steps.split('\n').map(|step| format!("  - {step}")).collect::<Vec<_>>().join("\n")
    )
}

fn change(sql: &str) -> String {
    plan("public.items", "", &format!("{{id: s, sql: \"{sql}\"}}"))
}

const CHANGE: &str = "{id: s, sql: UPDATE public.items SET n = 0}";

/// What is there beside the shop, the plan that is refused or fails with the code and the hint, what the hint says to do with the
/// database, and the plan as it says to write it.
struct Case {
    code: &'static str,
    there: &'static str,
    wrong: String,
    words: &'static str,
    done: &'static str,
    right: String,
}

#[track_caller]
fn follows(name: &str, cases: Vec<Case>) {
    for Case { code, there, wrong, words, done, right } in cases {
        let (database, work) = (database(name), Work::new());
        database.execute(SHOP);
        database.execute(there);
        told(work.apply(&database, &wrong), code, words);
        database.execute(done);
        let output = work.apply(&database, &right);
        assert_eq!(output.code, Some(0), "{code}: the hint does not help:\n{}{}", output.stdout, output.stderr);
    }
}

#[track_caller]
fn told(output: Output, code: &str, words: &str) {
    let Output { stdout, stderr, code: exit } = output;
    let said: String = (stdout + &stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(exit != Some(0) && said.contains(code), "{code} is not told:\n{said}");
    assert!(said.contains(words), "{code}: {words} is missing in\n{said}");
}

#[test]
fn targets_are_named_as_it_says() {
    let same = || plan("public.items", "", CHANGE);
    let case = |code, wrong: String, words, right| Case { code, there: "SELECT 1", wrong, words, done: "SELECT 1", right };
    follows(
        "advice_targets",
        vec![
            case("preflight::unknown_table", plan("public.itmes", "", CHANGE), "Write public.items", same()),
            case("preflight::unknown_table", plan("public.items, nowhere_*", "", CHANGE), "Leave the pattern out", same()),
            case(
                "preflight::unknown_table",
                plan("shelf", "", "{id: s, sql: SELECT 1}"),
                "Write store.shelf",
                plan("store.shelf", "", "{id: s, sql: SELECT 1}"),
            ),
            Case {
                done: "CREATE TABLE public.zebras ()",
                ..case(
                    "preflight::unknown_table",
                    plan("zebras", "", "{id: s, sql: SELECT 1}"),
                    "Correct the name, or make the table first",
                    plan("zebras", "", "{id: s, sql: SELECT 1}"),
                )
            },
            case("preflight::not_a_table", plan("public.seen", "", CHANGE), "Name the tables that it reads from", same()),
            case("preflight::off_limits", plan("public.items, backstop.events", "", CHANGE), "Leave it out", same()),
            Case {
                code: "preflight::not_restorable",
                there: "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;
                    CREATE TABLE public.parts (id int) PARTITION BY RANGE (id);
                    CREATE FOREIGN TABLE public.parts_1 PARTITION OF public.parts FOR VALUES FROM (0) TO (9) SERVER far",
                wrong: plan("public.items, public.parts", "", CHANGE),
                words: "Leave it out of the backup's targets",
                done: "SELECT 1",
                right: same(),
            },
        ],
    );
}

#[test]
fn rows_that_break_a_key_are_mended_or_the_key_holds_for_them_no_more() {
    let broken = "CREATE TABLE public.child (id int PRIMARY KEY, item int CONSTRAINT known REFERENCES public.items);
        SET session_replication_role = replica; INSERT INTO public.child VALUES (1, 1), (2, 99); SET session_replication_role = origin";
    let case = |done| Case {
        code: "preflight::foreign_key_broken",
        there: broken,
        wrong: plan("public.child", "", "{id: s, sql: UPDATE public.child SET id = id + 10}"),
        words: "ADD CONSTRAINT with NOT VALID",
        done,
        right: plan("public.child", "", "{id: s, sql: UPDATE public.child SET id = id + 10}"),
    };
    let anew = "ALTER TABLE public.child DROP CONSTRAINT known;
        ALTER TABLE public.child ADD CONSTRAINT known FOREIGN KEY (item) REFERENCES public.items NOT VALID";
    follows("advice_key", vec![case("DELETE FROM public.child WHERE item = 99"), case(anew)]);
}

#[test]
fn steps_are_written_as_it_says() {
    let case = |code, wrong, words, right| Case { code, there: "SELECT 1", wrong, words, done: "SELECT 1", right };
    let expects = |rows: u32| {
        plan("public.items", "", &format!("{{id: s, expect_rows: {rows}, sql: UPDATE public.items SET n = 0 WHERE id = 1}}"))
    };
    let both = "UPDATE public.others SET n = 2; UPDATE public.items SET n = 2";
    let enumerated = |steps: &str| plan("public.items, public.moods", "", steps);
    follows(
        "advice_steps",
        vec![
            case(
                "preflight::counters_changed",
                change("SET LOCAL track_counts = off; UPDATE public.items SET n = 0"),
                "Leave it out",
                change("UPDATE public.items SET n = 0"),
            ),
            case(
                "run::no_way_back",
                plan("public.items", "", "{id: s, transaction: none, sql: DELETE FROM public.items}"),
                "Leave `transaction: none` out",
                change("DELETE FROM public.items"),
            ),
            case("run::unexpected_rows", expects(5), "change its condition or `expect_rows`", expects(1)),
            case(
                "run::uncovered_write",
                change(both),
                "Add these tables to the backup's targets",
                plan("public.items, public.others", "", &format!("{{id: s, sql: {both}}}")),
            ),
            Case {
                code: "run::statement_failed",
                there: "CREATE TYPE public.mood AS ENUM ('a'); CREATE TABLE public.moods (m public.mood); INSERT INTO public.moods VALUES ('a')",
                wrong: enumerated("{id: s, sql: \"ALTER TYPE public.mood ADD VALUE 'b'; UPDATE public.moods SET m = 'b'\"}"),
                words: "add it in a step of its own before this one",
                done: "SELECT 1",
                right: enumerated(
                    "{id: s, sql: \"ALTER TYPE public.mood ADD VALUE 'b'\"}\n{id: t, sql: \"UPDATE public.moods SET m = 'b'\"}",
                ),
            },
        ],
    );
}

#[test]
fn batches_go_through_keys_and_change_rows_as_it_says() {
    let batch = |key: &str, column: &str| {
        let sql = format!(
            "UPDATE public.items SET name = 'b' WHERE {column} BETWEEN {{{{ batch.first }}}} AND {{{{ batch.last }}}}"
        );
        plan("public.items", "", &format!("{{id: s, batch: {{table: public.items, key: {key}, size: 5}}, sql: \"{sql}\"}}"))
    };
    let case = |there, words, done| Case {
        code: "run::batch_key",
        there,
        wrong: batch("n", "n"),
        words,
        done,
        right: batch("n", "n"),
    };
    let locks = "CREATE FUNCTION public.locks() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN LOCK TABLE public.items IN ACCESS EXCLUSIVE MODE; RETURN NEW; END';
        CREATE TRIGGER locks BEFORE UPDATE ON public.items FOR EACH ROW EXECUTE FUNCTION public.locks()";
    follows(
        "advice_batches",
        vec![
            case("SELECT 1", "make an index on the column", "CREATE INDEX ON public.items (n)"),
            Case { right: batch("id", "id"), ..case("SELECT 1", "Name the primary key", "SELECT 1") },
            Case {
                right: batch("id", "id"),
                ..case(
                    "CREATE INDEX ON public.items (n); UPDATE public.items SET n = NULL WHERE id = 7",
                    "Use a key without NULL",
                    "SELECT 1",
                )
            },
            Case {
                code: "run::batch_structure",
                there: locks,
                wrong: batch("id", "id"),
                words: "look for functions and triggers that change or lock tables",
                done: "DROP TRIGGER locks ON public.items",
                right: batch("id", "id"),
            },
        ],
    );
}

#[test]
fn a_schema_of_that_name_is_renamed() {
    let case = |there| Case {
        code: "journal::foreign_schema",
        there,
        wrong: change("UPDATE public.items SET n = 0"),
        words: "Rename that schema",
        done: "ALTER SCHEMA backstop RENAME TO theirs",
        right: change("UPDATE public.items SET n = 0"),
    };
    follows(
        "advice_schema",
        vec![
            case("CREATE SCHEMA backstop; CREATE TABLE backstop.other (a int)"),
            case("CREATE SCHEMA backstop; CREATE TABLE backstop.meta (a int)"),
        ],
    );
}

#[test]
fn a_backup_is_restored_into_a_database_that_fits() {
    let (database, work) = (database("advice_into"), Work::new());
    database.execute(SHOP);
    work.apply(&database, &change("UPDATE public.items SET n = 0")).expect_code(0);
    let id = database.one("SELECT id FROM backstop.backups");
    let into = |name: &str| run(&database, &["restore", "--backup", &id, "--into", name]);
    told(into(&database.name), "trial::not_empty", "without `--into` brings this one back");
    let (full, fresh) = (crate::support::database("advice_into_full"), database.beside("advice_into_fresh"));
    full.execute("CREATE TABLE public.items ()");
    told(into(&full.name), "trial::not_empty", "does not exist yet");
    into(&fresh.name).expect_code(0);
    assert_eq!(fresh.one("SELECT sum(n) FROM public.items"), "210");
    run(&database, &["restore", "--backup", &id, "--yes"]).expect_code(0);
    assert_eq!(database.one("SELECT sum(n) FROM public.items"), "210");
}
