//! Which backups go, which stay, and how large they are.

use serde_json::Value;

use super::{
    shop::{backup, plan, shop},
    work::{Work, run},
};
use crate::support::TestDatabase;

fn ids(database: &TestDatabase) -> Vec<String> {
    database.psql("SELECT id FROM backstop.backups ORDER BY created_at, id").lines().map(str::to_owned).collect()
}

fn prune(database: &TestDatabase, more: &[&str]) -> Value {
    let mut arguments = vec!["backup", "prune", "--keep", "1", "--format", "json"];
    arguments.extend(more);
    serde_json::from_str(run(database, &arguments).expect_code(0).stdout.trim()).unwrap()
}

#[test]
fn sizes_are_listed_with_their_total() {
    let (database, work) = (shop("retention_sizes"), Work::new());
    backup(&database, &work, "items");
    backup(&database, &work, "items");
    let value: Value =
        serde_json::from_str(run(&database, &["backup", "list", "--format", "json"]).expect_code(0).stdout.trim()).unwrap();
    let each: Vec<u64> = value["backups"].as_array().unwrap().iter().map(|b| b["bytes"].as_u64().unwrap()).collect();
    let real = database.one(
        "SELECT sum(pg_table_size(format('backup_pre_migration.%I', copy_name)::regclass)) FROM backstop.backup_tables",
    );
    assert_eq!((each.len(), value["bytes"].to_string()), (2, real));
    assert!(each.iter().all(|bytes| *bytes > 0));
    let text = run(&database, &["backup", "list"]).expect_code(0).stdout;
    assert!(text.contains("KiB") && text.contains("2 backups, "), "{text}");
}

#[test]
fn each_plan_keeps_its_newest_and_its_only_backup() {
    let (database, work) = (shop("retention_plans"), Work::new());
    for name in ["shop", "shop", "other", "shop"] {
        let path = work.file("plan.yaml", &plan("items", "").replace("name: shop", &format!("name: {name}")));
        run(&database, &["backup", "create", path.to_str().unwrap()]).expect_code(0);
    }
    let all = ids(&database);
    let value = prune(&database, &["--dry-run"]);
    assert_eq!(value["kind"], "would_remove");
    let named: Vec<&str> = value["backups"].as_array().unwrap().iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(named, [all[1].as_str(), all[0].as_str()]);
    assert!(value["bytes"].as_u64().unwrap() > 0);
    assert_eq!(ids(&database), all);
    prune(&database, &["--plan", "other"]);
    assert_eq!(ids(&database), all);
    prune(&database, &[]);
    assert_eq!(ids(&database), [all[2].clone(), all[3].clone()]);
    assert_eq!(
        database.one(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'backup_pre_migration'::regnamespace AND relkind = 'r'"
        ),
        "2"
    );
    prune(&database, &[]);
    assert_eq!(ids(&database).len(), 2);
}

#[test]
fn what_was_made_on_a_copy_keeps_that_backup_alone_and_is_named() {
    let (database, work) = (shop("retention_view"), Work::new());
    for _ in 0..4 {
        backup(&database, &work, "items");
    }
    let all = ids(&database);
    let newest_surplus = format!(
        "SELECT format('%I.%I', 'backup_pre_migration', copy_name) FROM backstop.backup_tables WHERE backup = '{}' LIMIT 1",
        all[2]
    );
    let copy = database.one(&newest_surplus);
    database.execute(&format!("CREATE VIEW public.old_items AS SELECT * FROM {copy}"));
    let output = run(&database, &["backup", "prune", "--keep", "1"]);
    assert_ne!(output.code, Some(0));
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains(&all[2]) && said.contains("old_items") && said.contains("Drop what was made"), "{said}");
    assert_eq!(ids(&database), [all[2].clone(), all[3].clone()]);
    database.execute("DROP VIEW public.old_items");
    prune(&database, &[]);
    assert_eq!(ids(&database), [all[3].clone()]);
}

#[test]
fn a_run_that_ends_well_keeps_what_its_plan_says() {
    let (database, work) = (shop("retention_keep"), Work::new());
    for step in 1..=4 {
        let text = plan("items", "keep: 2, ").replace("SELECT 1}", &format!("SELECT {step}}}")) + "repeat: on_change\n";
        work.apply(&database, &text).expect_code(0);
    }
    assert_eq!(ids(&database).len(), 2);
}

#[test]
fn the_backup_of_an_unfinished_run_stays() {
    let (database, work) = (shop("retention_pinned"), Work::new());
    let held = plan("items", "").replace("SELECT 1}", "SELECT 1/0}") + "rollback: {on_failure: hold}\n";
    work.apply(&database, &held).expect_code(6);
    let pinned = ids(&database);
    for _ in 0..2 {
        backup(&database, &work, "items");
    }
    let list = run(&database, &["backup", "list"]).expect_code(0).stdout;
    assert_eq!(list.matches("pinned").count(), 1, "{list}");
    let value = prune(&database, &[]);
    assert_eq!(value["pinned"], serde_json::json!(pinned));
    assert_eq!(ids(&database).len(), 2);
    assert!(ids(&database).contains(&pinned[0]));
    run(&database, &["restore", "--yes"]).expect_code(0);
    prune(&database, &[]);
    assert!(!ids(&database).contains(&pinned[0]));
}

#[test]
fn the_backup_that_a_stuck_restore_needs_stays() {
    let (database, work) = (shop("retention_stuck"), Work::new());
    let id = backup(&database, &work, "items");
    for _ in 0..2 {
        backup(&database, &work, "items");
    }
    let copy = database.one(&format!("SELECT copy_name FROM backstop.backup_tables WHERE backup = '{id}'"));
    database.execute(&format!("UPDATE backup_pre_migration.\"{copy}\" SET name = 'tampered' WHERE id = 3"));
    database.execute("UPDATE items SET name = ''");
    run(&database, &["restore", "--backup", &id, "--yes"]).expect_code(7);
    let value = prune(&database, &[]);
    assert_eq!(value["pinned"], serde_json::json!([id]));
    assert!(ids(&database).contains(&id));
}
