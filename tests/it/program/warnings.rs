//! What goes wrong beside a run: it goes on, and people are told.

use super::work::{Work, run};
use crate::support::database;

fn plan(value: u32) -> String {
    format!(
        "
format: backstop/v1
name: yearly-{value}
repeat: on_change
backup: {{keep: 1, targets: [{{tables: [public.items]}}]}}
steps: [{{id: only, sql: UPDATE public.items SET id = {value}}}]
"
    )
    .replace(&format!("yearly-{value}"), "yearly")
}

#[test]
fn an_old_backup_that_cannot_be_removed_is_told_and_kept_in_the_journal() {
    let (database, work) = (database("warned_prune"), Work::new());
    database.execute("CREATE TABLE public.items AS SELECT 1 AS id");
    work.apply(&database, &plan(1)).expect_code(0);
    let copy =
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'backup_pre_migration' LIMIT 1";
    let copy = database.one(copy);
    database.execute(&format!("CREATE VIEW public.last_year AS SELECT * FROM {copy}"));
    let output = work.apply(&database, &plan(2)).expect_code(0);
    assert!(output.stderr.contains("old backups could not all be removed"), "{}", output.stderr);
    let told = run(&database, &["show"]).expect_code(0);
    assert!(told.stdout.contains("old backups could not all be removed"), "{}", told.stdout);
    let told = run(&database, &["show", "--format", "json"]).expect_code(0);
    assert!(told.stdout.contains("\"kind\":\"warned\""), "{}", told.stdout);
    // What the warning says helps.
    database.execute("DROP VIEW public.last_year");
    run(&database, &["backup", "prune", "--keep", "1"]).expect_code(0);
    assert_eq!(database.one("SELECT count(*) FROM backstop.backups"), "1");
}
