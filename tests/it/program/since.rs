//! `backstop diff --backup`: what changed since.

use serde_json::Value;

use super::{
    shop::{backup, shop},
    work::{Work, run},
};
use crate::support::TestDatabase;

fn diff(database: &TestDatabase, id: &str) -> Value {
    let output = run(database, &["diff", "--backup", id, "--format", "json"]).expect_code(0);
    serde_json::from_str(output.stdout.trim()).unwrap()
}

fn counts(value: &Value, table: &str) -> (String, [Option<u64>; 4]) {
    let row =
        value["rows"].as_array().unwrap().iter().find(|row| row["table"] == table).unwrap_or_else(|| panic!("{value:#}"));
    let number = |name: &str| row[name].as_u64();
    (row["by"].as_str().unwrap().to_owned(), [number("added"), number("removed"), number("changed"), number("now")])
}

#[test]
fn rows_are_counted_by_key_and_as_multisets() {
    let (database, work) = (shop("since_counts"), Work::new());
    let id = backup(&database, &work, "items, public.customers, public.notes");
    assert_eq!(diff(&database, &id)["differs"], false);
    let text = run(&database, &["diff", "--backup", &id, "--exit-code"]).expect_code(0).stdout;
    assert!(text.contains("nothing changed"), "{text}");
    database.execute(
        "INSERT INTO items (id, shop, name) SELECT i, 1, 'n' FROM generate_series(201, 207) AS i;
         DELETE FROM items WHERE id IN (11, 12, 13);
         UPDATE items SET mood = 'bad' WHERE id BETWEEN 21 AND 31;
         UPDATE items SET name = name WHERE id = 50;
         INSERT INTO notes VALUES ('x'), (NULL); DELETE FROM notes WHERE body = 'y'",
    );
    let value = diff(&database, &id);
    let some = |numbers: [u64; 4]| numbers.map(Some);
    assert_eq!(counts(&value, "public.items"), ("key".to_owned(), some([7, 3, 11, 104])));
    assert_eq!(counts(&value, "public.notes"), ("multiset".to_owned(), some([2, 1, 0, 5])));
    assert_eq!(counts(&value, "public.customers"), ("digest".to_owned(), some([0, 0, 0, 3])));
    let sample = value["rows"][1]["sample"].as_array().unwrap();
    assert!(sample.len() <= 15 && sample.iter().any(|s| s["how"] == "removed" && s["key"] == "12"), "{value:#}");
    let text = run(&database, &["diff", "--backup", &id, "--exit-code"]).expect_code(1).stdout;
    assert!(text.contains("public.items: 7 rows added, 3 rows removed, 11 rows changed"), "{text}");
    assert!(text.contains("- 11; 12; 13\n"), "{text}");
}

#[test]
fn structure_is_told_in_words_and_rows_as_far_as_they_can_be() {
    let (database, work) = (shop("since_structure"), Work::new());
    let id = backup(&database, &work, "items, public.customers, public.notes");
    database.execute(
        "ALTER TABLE items ADD COLUMN region text DEFAULT 'x'; UPDATE items SET name = 'other' WHERE id = 1;
         ALTER TABLE notes ADD COLUMN extra int;
         DROP TABLE customers; CREATE TABLE public.made (id int)",
    );
    let value = diff(&database, &id);
    assert_eq!(counts(&value, "public.items"), ("key_in_common_columns".to_owned(), [Some(0), Some(0), Some(1), Some(100)]));
    assert_eq!(counts(&value, "public.notes"), ("count".to_owned(), [None, None, None, Some(4)]));
    assert_eq!(counts(&value, "public.customers"), ("gone".to_owned(), [None, Some(3), None, None]));
    let text = run(&database, &["diff", "--backup", &id]).expect_code(0).stdout;
    for said in
        ["added column region text", "- table public.customers", "+ table public.made", "the table is gone, with 3 rows"]
    {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    run(&database, &["diff", "--backup", "1999_01_01_00_00_00"]).expect_code(4);
    run(&database, &["diff"]).expect_code(2);
}

#[test]
fn keys_of_every_type_are_compared() {
    let (database, work) = (shop("since_keys"), Work::new());
    database.execute(
        "DROP TABLE notes; CREATE TYPE public.kind AS ENUM ('a', 'b');
         CREATE TABLE public.notes (t timestamptz, n numeric, k public.kind, \"odd \"\"name, (x)\" text, v jsonb, f float8,
                                    PRIMARY KEY (t, n, k, \"odd \"\"name, (x)\"));
         INSERT INTO notes SELECT '2020-01-01', 1.0, k, 'q', '{}', 'NaN' FROM unnest('{a,b}'::public.kind[]) AS k",
    );
    let id = backup(&database, &work, "notes");
    database.execute("UPDATE notes SET v = '[]' WHERE k = 'a'; INSERT INTO notes VALUES ('2020-01-01', 1.1, 'a', 'q')");
    assert_eq!(counts(&diff(&database, &id), "public.notes"), ("key".to_owned(), [Some(1), Some(0), Some(1), Some(3)]));
}
