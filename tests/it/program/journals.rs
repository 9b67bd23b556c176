//! Journals that older versions wrote: brought forward, and gone on with.

use std::{fs, path::PathBuf};

use backstop::postgres::{
    journal::{VERSION, install},
    psql_api::{Callers, install_in},
};

use super::work::run;
use crate::support::{TestDatabase, block_on, database, pg_dump_schema};

const FRESH_NAMES: &str = "SELECT count(*) FROM items WHERE name = 'item ' || id";

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/journals"))
}

/// A database as it was recorded with this journal.
fn recorded(name: &str) -> TestDatabase {
    let database = database(&format!("journal_{name}"));
    let version = name.split('-').next().unwrap();
    // What all journals of a version begin with stands once.
    let part = |name: &str| fs::read_to_string(folder().join(format!("{name}.sql"))).expect("the recorded journal");
    database.psql(&(part(version) + &part(name)));
    database
}

fn plan(name: &str) -> String {
    folder().join(name).display().to_string()
}

fn bring_forward(database: &TestDatabase) {
    block_on(async { install(&database.connect().await.client).await.unwrap() });
}

/// With the functions for psql, which each run brings forward where it needs them.
fn schema(database: &TestDatabase) -> String {
    const COPIES: &str = "backup_pre_migration";
    database.execute(&format!("CREATE SCHEMA IF NOT EXISTS {COPIES}"));
    block_on(async { install_in(&database.connect().await.client, COPIES, &Callers::default()).await.unwrap() });
    pg_dump_schema(&database.url, &["--schema=backstop", "--no-owner"])
}

#[test]
fn every_older_version_becomes_the_newest() {
    let fresh = database("journal_fresh");
    bring_forward(&fresh);
    let newest = schema(&fresh);
    let files: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    for version in 1..VERSION {
        let mut names: Vec<&str> = files.iter().filter_map(|name| name.strip_suffix(".sql")).collect();
        names.retain(|name| name.starts_with(&format!("{version}-")));
        assert!(!names.is_empty(), "no journal of version {version} is recorded: tests/it/journals/record.sh");
        for name in names {
            let old = recorded(name);
            let events = "SELECT md5(string_agg(e::text, ',' ORDER BY run, seq)) FROM backstop.events AS e";
            let before = old.one(events);
            assert_eq!(old.one("SELECT version FROM backstop.meta"), version.to_string());
            bring_forward(&old);
            assert_eq!(old.one("SELECT version FROM backstop.meta"), VERSION.to_string());
            assert_eq!(schema(&old), newest, "{name}: what upgrades/ makes is not what a new journal is");
            assert_eq!(old.one(events), before, "{name}: events are facts");
            bring_forward(&old);
        }
    }
}

#[test]
fn an_older_journal_is_read_as_it_is() {
    let database = recorded("1-held");
    let status = run(&database, &["status"]).expect_code(0).stdout;
    assert!(status.contains("held"), "{status}");
    let history = run(&database, &["history"]).expect_code(0).stdout;
    for plan in ["first", "fails", "aborts", "accepted", "held"] {
        assert!(history.contains(plan), "{plan} is missing in\n{history}");
    }
    run(&database, &["show"]).expect_code(0);
    run(&database, &["backup", "list"]).expect_code(0);
    assert_eq!(database.one("SELECT version FROM backstop.meta"), "1", "who only looks changes nothing");
}

#[test]
fn a_run_that_an_older_program_held_is_taken_back() {
    if !(14..18).contains(&crate::support::server_major()) {
        // The recorded digests are those of a server that has hash_record_extended, from version 14 on; and of one that does not
        // name not-null constraints, as versions from 18 on do.
        return;
    }
    for journal in ["1-held", "2-held"] {
        let database = recorded(journal);
        assert_eq!(database.one(FRESH_NAMES), "0");
        run(&database, &["restore", "--yes"]).expect_code(0);
        assert_eq!(database.one(FRESH_NAMES), "5");
        assert_eq!(database.one("SELECT version FROM backstop.meta"), VERSION.to_string());
    }
}

#[test]
fn a_run_that_was_killed_with_an_older_program_goes_on() {
    for journal in ["1-killed", "2-killed"] {
        let database = recorded(journal);
        database.execute("CREATE TABLE public.brake ()");
        run(&database, &["resume", &plan("killed.yaml")]).expect_code(0);
        assert_eq!(database.one("SELECT count(*) FROM items WHERE note = 'end' AND name = upper(name)"), "5");
        assert_eq!(database.one("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'backstop%'"), "0");
    }
}

#[test]
fn a_run_that_an_older_program_could_not_restore_stays_stuck_or_is_accepted() {
    let database = recorded("1-stuck");
    run(&database, &["restore", "--yes"]).expect_code(7);
    run(&database, &["accept", "--reason", "looked at by hand"]).expect_code(0);
    assert!(run(&database, &["status"]).expect_code(0).stdout.contains("no run waits"));
}
