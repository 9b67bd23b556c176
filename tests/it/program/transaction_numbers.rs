//! Runs in a cluster that has used more than half of the numbers that a row has for its transaction.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    process::Command,
};

use backstop::sandbox::{Options, Sandbox, Stop};

use super::work::Work;
use crate::support::{Output, Program, client_program, psql};

/// No row may be further behind than 2^31, so that it takes two leaps.
const LEAPS: [u32; 2] = [1_400_000_000, 2_400_000_000];
/// As many transactions have their state in a file of `pg_xact` of this length.
const PER_SEGMENT: u32 = 1_048_576;
const SEGMENT_BYTES: usize = 262_144;

const BEFORE: &str = "CREATE TABLE public.old (i int); CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items VALUES (1, 'one')";

/// A server of the version of which there is a pg_resetwal: not everybody who packs a server brings it.
fn server() -> Sandbox {
    let bin = client_program("pg_resetwal", 0).canonicalize().unwrap().parent().unwrap().to_owned();
    let config = vec![("autovacuum".to_owned(), "off".to_owned())];
    Sandbox::start(&Options { bin: Some(bin), config, label: "transaction numbers".to_owned(), ..Options::default() })
        .unwrap()
}

fn freeze(server: &Sandbox) {
    psql(&server.url(), "UPDATE pg_database SET datallowconn = true").unwrap();
    for database in ["template0", "template1", "postgres"] {
        psql(&server.url_of(database), "VACUUM FREEZE").unwrap();
    }
}

/// Lets the next transaction have this number.
fn leap(server: &mut Sandbox, next: u32) {
    freeze(server);
    server.stop(Stop::Fast).unwrap();
    let segment = server.data().join(format!("pg_xact/{:04X}", next / PER_SEGMENT));
    fs::write(&segment, vec![0; SEGMENT_BYTES]).unwrap();
    server.give(&segment).unwrap();
    let owner = fs::metadata(server.data()).unwrap();
    let output = Command::new(server.bin().join("pg_resetwal"))
        .args(["-x", &next.to_string(), "-D"])
        .arg(server.data())
        .current_dir(server.data())
        .uid(owner.uid())
        .gid(owner.gid())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.restart().unwrap();
}

/// Applies a plan with a step that adds a column to a table that is no target.
fn apply(server: &Sandbox, column: &str, checks: &str) -> Output {
    let work = Work::new();
    let plan = format!(
        "format: backstop/v1\nname: {column}\nbackup: {{targets: [{{tables: [public.items]}}]}}\n{checks}steps:\n\
         \x20 - {{id: touch, sql: UPDATE items SET name = name || '!'}}\n\
         \x20 - {{id: add, sql: ALTER TABLE old ADD COLUMN {column} int}}\n"
    );
    let plan = work.file("plan.yaml", &plan);
    Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", &server.url()]).run()
}

#[test]
fn what_was_made_before_the_numbers_went_halfway_round_is_changed_and_restored() {
    let mut server = server();
    psql(&server.url(), BEFORE).unwrap();
    LEAPS.into_iter().for_each(|next| leap(&mut server, next));
    freeze(&server);
    let one = |sql: &str| psql(&server.url(), sql).unwrap();
    assert_eq!(one("SELECT pg_current_xact_id()::text::bigint > 2147483648"), "t");
    assert_eq!(one("SELECT xmin::text::bigint < 1000000 FROM pg_class WHERE oid = 'old'::regclass"), "t");
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
                   WHERE attrelid = 'old'::regclass AND attnum > 0 AND NOT attisdropped";

    let fails = "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
    let output = apply(&server, "k", fails).expect_code(5);
    assert!(output.stdout.contains("never"), "the steps came through: {}", output.stdout);
    assert_eq!((one(columns), one("SELECT name FROM items")), ("i".to_owned(), "one".to_owned()));

    apply(&server, "l", "").expect_code(0);
    assert_eq!((one(columns), one("SELECT name FROM items")), ("i l".to_owned(), "one!".to_owned()));
}
