//! Restores that can't be exact: they say why, each reason, change nothing, and succeed once the reason is gone.

use super::work::{Work, run, state};
use crate::support::{TestDatabase, database, psql};

const SHOP: &str = "
    CREATE TABLE public.items (id int PRIMARY KEY, name text);
    INSERT INTO public.items SELECT i, 'item ' || i FROM generate_series(1, 10) AS i;
    CREATE TABLE public.orders (id int PRIMARY KEY, item int REFERENCES public.items);
    INSERT INTO public.orders SELECT i, i FROM generate_series(1, 10) AS i;";
const TABLES: [&str; 2] = ["items", "orders"];

fn plan(sql: &str) -> String {
    format!(
        "format: backstop/v1\nname: change\nbackup: {{targets: [{{tables: [public.items, public.orders]}}]}}\n\
         checks: {{after: [{{id: never, sql: SELECT 1 AS broken, expect: {{rows: 0}}}}]}}\n\
         steps:\n  - {{id: change, sql: \"{sql}\"}}\nrollback: {{on_failure: hold}}\n"
    )
}

/// A run that is held, and what was before it.
struct Held {
    database: TestDatabase,
    before: (String, Vec<String>),
    run: String,
}

impl Held {
    fn new(name: &str, setup: &str, sql: &str) -> Held {
        let database = database(name);
        database.execute(SHOP);
        database.execute(setup);
        let before = state(&database, &TABLES);
        Work::new().apply(&database, &plan(sql)).expect_code(6);
        let run = database.one("SELECT DISTINCT run FROM backstop.events");
        Held { database, before, run }
    }

    fn copy_of(&self, table: &str) -> String {
        self.database.one(&format!(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'backup_pre_migration' AND tablename LIKE '{table}%'"
        ))
    }

    /// The restore fails, names all of this, and leaves everything as it is.
    #[track_caller]
    fn is_stuck(&self, words: &[&str]) {
        let now = self.database.dump_others_schema();
        let rows =
            |table: &&str| self.database.one(&format!("SELECT coalesce(to_regclass('public.{table}')::text, 'gone')"));
        let there: Vec<String> = TABLES.iter().map(rows).collect();
        let output = run(&self.database, &["restore", &self.run, "--yes"]).expect_code(7);
        let said = format!("{}{}", output.stdout, output.stderr);
        for word in words {
            assert!(said.contains(word), "{word} is missing in\n{said}");
        }
        assert_eq!(self.database.dump_others_schema(), now);
        assert_eq!(TABLES.iter().map(rows).collect::<Vec<_>>(), there);
        assert!(run(&self.database, &["status"]).expect_code(0).stdout.contains("stuck"));
        let copies = self.database.one("SELECT count(*) FROM pg_tables WHERE schemaname = 'backup_pre_migration'");
        assert!(copies.parse::<u32>().unwrap() > 0);
    }

    fn comes_back(&self) {
        run(&self.database, &["restore", &self.run, "--yes"]).expect_code(0);
        assert_eq!(state(&self.database, &TABLES), self.before);
    }
}

#[test]
fn copies_that_somebody_changed_are_all_named() {
    let held = Held::new("stuck_tampered", "", "DROP TABLE orders; DROP TABLE items");
    let (items, orders) = (held.copy_of("items"), held.copy_of("orders"));
    let change = |value: &str| {
        held.database.execute(&format!(
            "UPDATE backup_pre_migration.\"{items}\" SET name = '{value}' WHERE id = 3;
             UPDATE backup_pre_migration.\"{orders}\" SET item = {} WHERE id = 4",
            if value == "item 3" { 4 } else { 5 }
        ));
    };
    change("theirs");
    held.is_stuck(&["public.items", "public.orders", "digest"]);
    change("item 3");
    held.comes_back();
}

#[test]
fn a_role_that_is_gone_is_named_and_the_rows_come_back_without_it() {
    let name = format!("stuck_keeper_{}", std::process::id());
    let setup = format!(
        "CREATE ROLE {name}; ALTER TABLE public.items OWNER TO {name}; CREATE ROLE {name}_2; GRANT SELECT ON public.orders TO {name}_2"
    );
    let held = Held::new("stuck_role", &setup, "DROP TABLE orders; DROP TABLE items");
    held.database.execute(&format!("DROP ROLE {name}, {name}_2"));
    let output = run(&held.database, &["restore", &held.run, "--yes"]).expect_code(10);
    let said = format!("{}{}", output.stdout, output.stderr);
    for word in ["backstop::restore::role_missing", "table public.items", &format!("role {name}_2")] {
        assert!(said.contains(word), "{word} is missing in\n{said}");
    }
    assert_eq!(state(&held.database, &TABLES).1, held.before.1);
    held.database.execute(&format!("CREATE ROLE {name}; CREATE ROLE {name}_2"));
    let finishing = "SELECT string_agg(statement, '; ' ORDER BY place) FROM backstop.remaining_differences";
    held.database.execute(&held.database.one(finishing));
    assert_eq!(state(&held.database, &TABLES), held.before);
    held.database.execute(&format!(
        "REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}, {name}_2; DROP ROLE {name}, {name}_2"
    ));
}

#[test]
fn an_object_in_the_way_is_named() {
    let held = Held::new("stuck_in_the_way", "", "DROP TABLE items CASCADE");
    held.database.execute("CREATE VIEW public.items AS SELECT 1 AS theirs");
    for _ in 0..3 {
        held.is_stuck(&["items", "backstop accept"]);
    }
    assert_eq!(held.database.one("SELECT theirs FROM items"), "1");
    held.database.execute("DROP VIEW public.items");
    held.comes_back();
}

#[test]
fn the_application_may_write_again_once_the_stuck_run_is_accepted() {
    let held = Held::new("stuck_accepted", "", "DROP TABLE items CASCADE");
    held.database.execute("CREATE VIEW public.items AS SELECT 1 AS theirs");
    held.is_stuck(&["backstop accept"]);
    let write = "UPDATE public.orders SET item = 7 WHERE id = 1";
    assert!(psql(&held.database.url, write).unwrap_err().contains("frozen"));
    run(&held.database, &["accept", &held.run, "--reason", "by hand"]).expect_code(0);
    held.database.execute(write);
}

#[test]
fn a_copy_that_is_gone_is_named() {
    let held = Held::new("stuck_copy", "", "TRUNCATE items CASCADE");
    let items = held.copy_of("items");
    held.database.execute(&format!("ALTER TABLE backup_pre_migration.\"{items}\" RENAME TO hidden"));
    held.is_stuck(&["public.items", &items]);
    held.database.execute(&format!("ALTER TABLE backup_pre_migration.hidden RENAME TO \"{items}\""));
    held.comes_back();
}
