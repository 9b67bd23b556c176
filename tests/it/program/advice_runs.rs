//! What a hint says of runs and backups that there are, done: it gets further.

use super::work::{Work, run};
use crate::support::{Output, TestDatabase, database};

const ITEMS: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, n int); INSERT INTO public.items SELECT g, g FROM generate_series(1, 20) AS g;
    CREATE TABLE public.lines (id int PRIMARY KEY, item int REFERENCES public.items); INSERT INTO public.lines SELECT g, g FROM generate_series(1, 20) AS g;";

const PLAN: &str = "
format: backstop/v1
name: p
backup: {targets: [{tables: [public.items, public.lines]}]}
steps: [{id: s, sql: UPDATE public.items SET n = n + 1}]
";

#[track_caller]
fn told(output: Output, code: &str, words: &str) -> String {
    let Output { stdout, stderr, code: exit } = output;
    let said: String = (stdout + &stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(exit != Some(0) && said.contains(code), "{code} is not told:\n{said}");
    assert!(said.contains(words), "{code}: {words} is missing in\n{said}");
    said
}

fn with_items(name: &str) -> (TestDatabase, Work) {
    let (database, work) = (database(name), Work::new());
    database.execute(ITEMS);
    (database, work)
}

/// A run that is held at its second step.
fn held(name: &str) -> (TestDatabase, Work, String) {
    let (database, work) = with_items(name);
    let plan = PLAN
        .replace("steps: [", "rollback: {on_failure: hold}\nsteps: [")
        .replace("n + 1}", "n + 1}, {id: fails, sql: SELECT 1 / 0}");
    work.apply(&database, &plan).expect_code(6);
    let id = database.one("SELECT run FROM backstop.runs");
    (database, work, id)
}

/// A plan that ends before its backup.
fn never() -> String {
    PLAN.replace("steps:", "checks: {before: [{id: never, sql: SELECT 1, expect: {rows: 0}}]}\nsteps:")
}

fn backup(database: &TestDatabase, work: &Work) -> String {
    let path = work.file("plan.yaml", PLAN);
    run(database, &["backup", "create", path.to_str().unwrap()]).expect_code(0);
    database.one("SELECT id FROM backstop.backups ORDER BY created_at DESC, id DESC LIMIT 1")
}

#[test]
fn a_run_whose_id_begins_like_anothers_is_named_with_more_of_it() {
    let (database, work) = with_items("advice_ambiguous");
    work.apply(&database, PLAN).expect_code(0);
    work.apply(&database, &PLAN.replace("name: p", "name: q")).expect_code(0);
    let ids = database.psql("SELECT run FROM backstop.runs ORDER BY run");
    let ids: Vec<&str> = ids.lines().collect();
    let alike = ids[0].chars().zip(ids[1].chars()).take_while(|(a, b)| a == b).count();
    let alike = &ids[0][..alike];
    // Where even the first characters differ, the empty beginning is that of both.
    told(run(&database, &["show", alike]), "cli::ambiguous_run", "Give more of its characters");
    let listed = run(&database, &["history"]).expect_code(0).stdout;
    for id in ids {
        assert!(listed.contains(id), "{listed}");
        run(&database, &["show", id]).expect_code(0);
    }
}

#[test]
fn a_held_run_is_brought_back_whole_or_ended_first() {
    for way in ["whole", "ended"] {
        let (database, _work, id) = held("advice_whole");
        let one = ["restore", &id, "--table", "public.items", "--yes"];
        told(run(&database, &one), "cli::whole_run", "Leave `--table` out, or end the run first (`backstop accept`)");
        if way == "whole" {
            run(&database, &["restore", &id, "--yes"]).expect_code(0);
        } else {
            run(&database, &["accept", "--reason", "so"]).expect_code(0);
            let backup = database.one("SELECT id FROM backstop.backups");
            run(&database, &["restore", "--backup", &backup, "--table", "public.items", "--yes"]).expect_code(0);
        }
        assert_eq!(database.one("SELECT sum(n) FROM public.items"), "210");
    }
}

#[test]
fn where_a_run_stands_is_shown_before_somebody_settles_it() {
    let (database, _work, id) = held("advice_settle");
    let settle = ["settle", &id, "fails", "--as", "applied", "--reason", "so"];
    told(run(&database, &settle), "cli::not_in_doubt", "`backstop show RUN` says where it stands");
    let shown = run(&database, &["show", &id]).expect_code(0).stdout;
    assert!(shown.contains("fails") && shown.contains("division by zero"), "{shown}");
}

#[test]
fn a_run_that_took_no_backup_leads_to_those_that_there_are() {
    let (database, work) = with_items("advice_no_backup");
    let backup = backup(&database, &work);
    work.apply(&database, &never()).expect_code(4);
    let id = database.one("SELECT run FROM backstop.runs");
    told(run(&database, &["restore", &id, "--yes"]), "cli::no_backup", "`backstop backup list` lists the backups");
    let listed = run(&database, &["backup", "list"]).expect_code(0).stdout;
    assert!(listed.contains(&backup), "{listed}");
    run(&database, &["restore", "--backup", &backup, "--yes"]).expect_code(0);
}

#[test]
fn a_backup_is_taken_or_chosen_from_the_list() {
    let (database, work) = with_items("advice_backups");
    work.apply(&database, &never()).expect_code(4);
    told(run(&database, &["backup", "verify"]), "backup::unknown", "Take one with `backstop backup create PLAN`");
    let first = backup(&database, &work);
    run(&database, &["backup", "verify"]).expect_code(0);
    told(
        run(&database, &["backup", "verify", "nothing"]),
        "backup::unknown",
        "`backstop backup list` shows those that there are",
    );
    let second = backup(&database, &work);
    // As a program leaves it that was killed while it copied.
    database.execute(&format!("UPDATE backstop.backups SET status = 'partial' WHERE id = '{second}'"));
    told(
        run(&database, &["backup", "verify", &second]),
        "backup::incomplete",
        "Choose a complete one from `backstop backup list`",
    );
    let listed = run(&database, &["backup", "list"]).expect_code(0).stdout;
    assert!(listed.contains(&first), "{listed}");
    run(&database, &["backup", "verify", &first]).expect_code(0);
}

#[test]
fn a_backup_that_was_tampered_with_is_followed_by_another_one() {
    let (database, work) = with_items("advice_damaged");
    backup(&database, &work);
    let copy = "SELECT copy_name FROM backstop.backup_tables WHERE table_name = 'items'";
    database.execute(&format!("UPDATE backup_pre_migration.\"{}\" SET n = 0", database.one(copy)));
    told(run(&database, &["backup", "verify"]), "backup::damaged", "take another one");
    let another = backup(&database, &work);
    run(&database, &["backup", "verify", &another]).expect_code(0);
}

#[test]
fn a_backup_whose_structure_can_not_be_made_is_followed_by_another_one() {
    let (database, work) = with_items("advice_trial");
    backup(&database, &work);
    let bent = "UPDATE backstop.backups SET catalog = replace(catalog::text, '\"name\": \"n\"', '\"name\": \"m\"')::jsonb";
    database.execute(bent);
    run(&database, &["backup", "verify"]).expect_code(4);
    let another = backup(&database, &work);
    run(&database, &["backup", "verify", &another]).expect_code(0);
}

#[test]
fn a_copy_that_is_gone_is_looked_for_in_another_backup() {
    for (and_the_table, code, words) in [
        (false, "difference::not_compared", "another backup may have one: `backstop backup list`"),
        (true, "restore::copy_missing", "Look for the copy in another backup: `backstop backup list`"),
    ] {
        let (database, work) = with_items("advice_copy_gone");
        let first = backup(&database, &work);
        database.execute("UPDATE public.items SET n = 0");
        let second = backup(&database, &work);
        database.execute("UPDATE public.items SET n = 9");
        let copy =
            format!("SELECT copy_name FROM backstop.backup_tables WHERE table_name = 'items' AND backup = '{second}'");
        database.execute(&format!("DROP TABLE backup_pre_migration.\"{}\"", database.one(&copy)));
        if and_the_table {
            database.execute("DROP TABLE public.items CASCADE");
        }
        let by = |id: &str| run(&database, &["restore", "--backup", id, "--yes"]);
        told(by(&second), code, words);
        if and_the_table {
            told(by(&first), "cli::unfinished_run", "Bring that one back first (`backstop restore`), or accept it");
            run(&database, &["accept", "--reason", "its copy is gone"]).expect_code(0);
        }
        by(&first).expect_code(0);
        assert_eq!(database.one("SELECT sum(n) FROM public.items"), "210");
    }
}

#[test]
fn rows_that_point_to_what_a_restore_takes_away_go_with_it_or_are_deleted() {
    for way in ["both", "deleted"] {
        let (database, work) = with_items("advice_misfit");
        let backup = backup(&database, &work);
        database.execute("INSERT INTO public.items VALUES (21, 21); INSERT INTO public.lines VALUES (21, 21)");
        let by = |tables: &[&str]| {
            let tables: Vec<&str> = tables.iter().flat_map(|table| ["--table", table]).collect();
            run(&database, &[&["restore", "--backup", &backup, "--yes"], tables.as_slice()].concat())
        };
        told(by(&["public.items"]), "restore::rows_do_not_fit", "Bring the other table back, too, or delete these rows");
        assert_eq!(database.one("SELECT count(*) FROM public.items"), "21");
        if way == "both" {
            by(&["public.items", "public.lines"]).expect_code(0);
        } else {
            let changed = run(&database, &["diff", "--backup", &backup]).expect_code(0).stdout;
            assert!(changed.contains("public.lines"), "{changed}");
            database.execute("DELETE FROM public.lines WHERE id = 21");
            by(&["public.items"]).expect_code(0);
        }
        assert_eq!(database.one("SELECT count(*) FROM public.items"), "20");
    }
}

#[test]
fn a_role_that_may_make_no_database_is_given_one_or_the_right_to() {
    for way in ["made", "may"] {
        let (database, work) = with_items("advice_createdb");
        let backup = backup(&database, &work);
        let role = database.role("keeper", "LOGIN");
        let there = database.beside("advice_createdb_into");
        let me = database.one("SELECT current_user");
        database.execute(&format!("GRANT \"{me}\" TO \"{0}\"; ALTER ROLE \"{0}\" SET role = '{0}'", role.name));
        let url = database.url_as(&role);
        let arguments = ["restore", "--backup", &backup, "--into", &there.name, "--database-url", &url];
        let into = || crate::support::Program::new().arguments(&arguments).run();
        database.execute(&format!(
            "GRANT SELECT ON ALL TABLES IN SCHEMA backstop, backup_pre_migration, public TO \"{0}\"; GRANT USAGE ON SCHEMA backstop, backup_pre_migration TO \"{0}\"",
            role.name
        ));
        told(into(), "trial::no_database", "ALTER ROLE ... CREATEDB");
        if way == "made" {
            database.execute(&format!("CREATE DATABASE \"{}\" OWNER \"{}\"", there.name, role.name));
        } else {
            database.execute(&format!("ALTER ROLE \"{}\" CREATEDB", role.name));
        }
        into().expect_code(0);
        drop(there);
        database.execute(&format!("DROP OWNED BY \"{}\"", role.name));
    }
}
