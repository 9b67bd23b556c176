//! Casts between text and types of the application, which are whatever code their owner made them: a copy's texts become values, and
//! written rows texts, by the types' own input and output.

use super::{
    gate::{WAITS, meanwhile},
    work::{Work, run},
};
use crate::support::{TestDatabase, database, psql};

/// Types and tables of one role, with a cast for each of them that would be taken where a cast is written. Who calls one is caught,
/// also where what he did is rolled back.
const THEIRS: &str = r#"
    CREATE SEQUENCE public.caught; GRANT USAGE ON SEQUENCE public.caught TO PUBLIC;
    CREATE SCHEMA theirs AUTHORIZATION "OWNER"; SET ROLE "OWNER"; SET search_path = theirs, pg_catalog;
    CREATE TYPE mood AS ENUM ('x', 'y "q" \ z', 'NULL', 't');
    CREATE TYPE pair AS (a int, b text, m mood);
    CREATE TYPE span AS RANGE (subtype = numeric);
    CREATE DOMAIN small AS int CHECK (VALUE < 100);
    CREATE TYPE nested AS (s small, more text);
    CREATE DOMAIN needed AS mood NOT NULL;
    CREATE DOMAIN raw_json AS json; CREATE DOMAIN moods AS mood[]; CREATE DOMAIN mail AS text CHECK (VALUE LIKE '%@%');
    CREATE TABLE kept (id int PRIMARY KEY, m mood, p pair, s span, many mood[], n nested, need needed, j raw_json, d moods,
        address mail, word varchar(9), wide char(5), gone mood);
    CREATE TABLE keyed (m mood PRIMARY KEY, n int);
    CREATE TABLE keyless (m mood, n int, wide char(5));
    CREATE TABLE parted (id int, m mood, r int) PARTITION BY RANGE (r);
    CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
    CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (20);
    INSERT INTO kept VALUES
        (1, 'x', '(1,"a ""b"" \\ c",x)', '[1.0,2.50)', '[2:3]={x,NULL}', '(7,)', 'x', ' {"a" : "\u0041"} ', '{{x,x},{t,t}}', 'a@b', 'w', 'c', 'x'),
        (2, 'y "q" \ z', '(,,)', 'empty', '{}', NULL, 'NULL', '"a"', '{}', 'c@d', NULL, NULL, NULL),
        (3, NULL, NULL, NULL, NULL, NULL, 't', NULL, NULL, NULL, '', '', NULL);
    INSERT INTO keyed VALUES ('x', 1), ('y "q" \ z', 2); INSERT INTO keyless VALUES ('x', 1, 'a'), ('t', 2, 'b'), (NULL, NULL, NULL);
    INSERT INTO parted VALUES (1, 'x', 1), (2, 'x', 2), (3, 'x', 11);
    DO $plant$
    DECLARE
        one text;
        trap constant text := 'BEGIN PERFORM pg_catalog.nextval(''public.caught''); RETURN NULL; END';
    BEGIN
        FOREACH one IN ARRAY '{mood,pair,span,mood[],nested,kept,keyed,keyless,parted,parted_low,parted_high}'::text[] LOOP
            EXECUTE format('CREATE FUNCTION theirs.%I(text) RETURNS %s LANGUAGE plpgsql AS %L', 'to ' || one, one, trap);
            EXECUTE format('CREATE FUNCTION theirs.as_text(%s) RETURNS text LANGUAGE plpgsql AS %L', one, trap);
            EXECUTE format('CREATE FUNCTION theirs.as_json(%s) RETURNS json LANGUAGE plpgsql AS %L', one, trap);
            EXECUTE format('CREATE CAST (text AS %s) WITH FUNCTION theirs.%I(text) AS ASSIGNMENT', one, 'to ' || one);
            EXECUTE format('CREATE CAST (%1$s AS text) WITH FUNCTION theirs.as_text(%1$s) AS ASSIGNMENT', one);
            EXECUTE format('CREATE CAST (%1$s AS json) WITH FUNCTION theirs.as_json(%1$s)', one);
        END LOOP;
    END
    $plant$;
    RESET ROLE; RESET search_path;
    CREATE TABLE public.outside (id int PRIMARY KEY, m theirs.mood CONSTRAINT to_keyed REFERENCES theirs.keyed);"#;

const TABLES: [&str; 5] = ["kept", "keyed", "keyless", "parted", "outside"];

const PLAN: &str = "
format: backstop/v1
name: casts
session: {lock_timeout: 60s}
backup: {targets: [{tables: ['theirs.*']}], writers: capture}
checks:
  before:
    - {id: like, matches: {table: theirs.keyed, column: m, pattern: {regex: 'x|y.*'}}}
    - {id: mail, matches: {table: theirs.kept, column: address, pattern: {regex: '.*@.*'}}}
    - {id: answer, sql: SELECT 't'::theirs.mood, expect: {value: t}}
steps:
";

const CHANGES: &str = "  - {id: change, sql: \"ALTER TABLE theirs.kept ADD more int; ALTER TABLE theirs.keyed ADD more int; UPDATE theirs.keyless SET n = 0; \
    ALTER TABLE theirs.kept ALTER gone TYPE text USING CASE WHEN gone IS NOT NULL THEN concat(gone) END, ALTER word TYPE text; \
    ALTER TABLE theirs.parted ADD more int; ALTER TABLE public.outside DROP CONSTRAINT to_keyed\"}\n";

fn planted(name: &str) -> TestDatabase {
    let database = database(name);
    let owner = database.role("owner", "NOLOGIN");
    database.execute(&THEIRS.replace("OWNER", &owner.name));
    for call in
        ["SELECT ('x'::text)::theirs.mood", "SELECT k::text FROM theirs.kept AS k", "SELECT to_json('x'::theirs.mood)"]
    {
        // It answers NULL, which is an error for some.
        drop(psql(&database.url, call));
        assert_eq!(database.one("SELECT is_called FROM public.caught"), "t", "{call} is not caught");
        database.execute("ALTER SEQUENCE public.caught RESTART");
    }
    database
}

#[track_caller]
fn nobody_was_called(database: &TestDatabase, by: &str) {
    assert_eq!(database.one("SELECT is_called FROM public.caught"), "f", "{by} called a cast of the types' owner");
}

/// All rows, as the types' own output writes them.
fn rows(database: &TestDatabase) -> Vec<String> {
    let query = |table: &&str| {
        let schema = if *table == "outside" { "public" } else { "theirs" };
        format!("SELECT string_agg(concat(t.*), ' ' ORDER BY concat(t.*) COLLATE \"C\") FROM {schema}.{table} AS t")
    };
    TABLES.iter().map(|table| database.one(&query(table))).collect()
}

#[test]
fn a_restore_reads_and_writes_values_as_their_types_do_and_calls_no_cast() {
    let database = planted("casts_restore");
    let before = rows(&database);
    let output =
        Work::new().apply(&database, &format!("{PLAN}{CHANGES}  - {{id: fails, sql: SELECT 1 / 0}}\n")).expect_code(5);
    assert!(output.stdout.contains("verified"), "{}", output.stdout);
    nobody_was_called(&database, "a failed run");
    assert_eq!(rows(&database), before);
    let work = Work::new();
    work.apply(&database, &format!("{}{CHANGES}", PLAN.replace("name: casts", "name: done"))).expect_code(0);
    let backup = database.one("SELECT id FROM backstop.backups ORDER BY created_at DESC LIMIT 1");
    for command in [
        &["backup", "verify"][..],
        &["diff", "--backup", &backup],
        &["restore", "--backup", &backup, "--dry-run"],
        &["restore", "--backup", &backup, "--yes"],
    ] {
        run(&database, command).expect_code(0);
        nobody_was_called(&database, &command.join(" "));
    }
    assert_eq!(rows(&database), before);
}

#[test]
fn writes_that_are_carried_over_are_kept_as_rows_and_call_no_cast() {
    const WRITES: &str = r#"
        INSERT INTO theirs.kept (id, m, p, need, many, word, gone) VALUES (4, 't', '(2,"b ""q""",t)', 'x', '{x,"y \"q\" \\ z"}', 'late', 't');
        UPDATE theirs.kept SET m = 't', word = 'other' WHERE id = 1; DELETE FROM theirs.kept WHERE id = 2;
        UPDATE theirs.keyed SET n = 9 WHERE n = 1; DELETE FROM theirs.keyed WHERE n = 2; INSERT INTO theirs.keyed VALUES ('t', 3);
        UPDATE theirs.keyless SET m = 'NULL' WHERE wide = 'a'; DELETE FROM theirs.keyless WHERE wide = 'b';
        UPDATE theirs.parted SET r = 15 WHERE id = 1; INSERT INTO theirs.parted VALUES (4, 't', 4);"#;
    let database = planted("casts_capture");
    // Updates of what the step has written already carry nothing over but what the writer changed.
    let changes = CHANGES.replace("UPDATE theirs.keyless SET n = 0; ", "");
    let output = meanwhile(&database, &format!("{PLAN}{changes}{WAITS}  - {{id: fails, sql: SELECT 1 / 0}}\n"), || {
        database.psql(WRITES);
        database.psql("INSERT INTO public.outside VALUES (1, 't'), (2, 'NULL')");
    });
    let output = output.expect_code(5);
    assert!(output.stdout.contains("changes of others carried over"), "{}", output.stdout);
    nobody_was_called(&database, "a run that carries writes over");
    assert_eq!(
        rows(&database),
        [
            r#"(1,t,"(1,""a """"b"""" \\\\ c"",x)","[1.0,2.50)","[2:3]={x,NULL}","(7,)",x," {""a"" : ""\\u0041""} ","{{x,x},{t,t}}",a@b,other,"c    ",x) (3,,,,,,t,,,,"","     ",) (4,t,"(2,""b """"q"""""",t)",,"{x,""y \\""q\\"" \\\\ z""}",,x,,,,late,,t)"#,
            "(t,3) (x,9)",
            r#"(,,) (NULL,1,"a    ")"#,
            "(1,x,15) (2,x,2) (3,x,11) (4,t,4)",
            "(1,t)",
        ]
    );
    assert_eq!(database.psql("SELECT table_name, new_row FROM backstop.quarantine"), r#"outside|{"m": "NULL", "id": "2"}"#);
}

#[test]
fn functions_for_psql_read_values_as_their_types_do_and_call_no_cast() {
    let database = planted("casts_psql");
    database.send_bystanders_away();
    let before = rows(&database);
    // Partitioned tables are nothing that psql brings back.
    let plan = PLAN.replace("capture", "block").replace("'theirs.*'", "theirs.kept, theirs.keyed, theirs.keyless") + CHANGES;
    let work = Work::new();
    run(&database, &["install", work.file("plan.yaml", &plan).to_str().unwrap()]).expect_code(0);
    for call in [
        "FROM backup_pre_migration.validate_pre_migration() WHERE status <> 'PASS'",
        "FROM backup_pre_migration.create_table_backups()",
        "FROM backup_pre_migration.execute_safe_migration('UPDATE theirs.kept SET m = NULL; UPDATE theirs.keyed SET n = 0; ALTER TABLE theirs.keyless ADD more int')",
        "FROM backup_pre_migration.restore_from_backup()",
    ] {
        let answer = psql(&database.url, &format!("SELECT * {call}")).unwrap();
        assert_eq!(answer.is_empty(), call.contains("WHERE"), "{call}: {answer}");
        nobody_was_called(&database, call);
    }
    assert_eq!(rows(&database), before);
}
