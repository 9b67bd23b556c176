//! What an application meets that has prepared its statements before a plan is applied.

use super::work::Work;
use crate::support::{TestDatabase, block_on, database};

fn with_items(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute("CREATE TABLE public.items (id int PRIMARY KEY, n int); INSERT INTO public.items VALUES (1, 1)");
    database
}

fn plan(after: &str) -> String {
    format!(
        "format: backstop/v1\nname: widen\nbackup: {{targets: [{{tables: [public.items]}}]}}\n{after}\
         steps:\n  - {{id: widen, sql: ALTER TABLE items ALTER COLUMN id TYPE bigint}}\n"
    )
}

/// Applies a plan, and says what the statement, prepared before it, and prepared once more, is answered with.
fn asked_before_and_after(database: &TestDatabase, plan: &str, code: i32) -> (Option<String>, bool) {
    let (work, ask) = (Work::new(), "SELECT id, n FROM public.items");
    block_on(async {
        let application = database.client().await;
        let statement = application.prepare(ask).await.unwrap();
        assert_eq!(application.query(&statement, &[]).await.unwrap().len(), 1);
        work.apply(database, plan).expect_code(code);
        let refused = application.query(&statement, &[]).await.err();
        let again = application.prepare(ask).await.unwrap();
        let state = refused.and_then(|error| error.code().map(|state| state.code().to_owned()));
        (state, application.query(&again, &[]).await.is_ok())
    })
}

#[test]
fn a_statement_whose_columns_have_another_type_is_refused_until_it_is_prepared_again() {
    let applied = asked_before_and_after(&with_items("prepared_applied"), &plan(""), 0);
    assert_eq!(applied, (Some("0A000".to_owned()), true));
}

#[test]
fn a_statement_goes_on_after_a_restore_as_if_nothing_had_been() {
    let never = "checks: {after: [{id: never, sql: SELECT 1 AS broken, expect: {rows: 0}}]}\n";
    let restored = asked_before_and_after(&with_items("prepared_restored"), &plan(never), 5);
    assert_eq!(restored, (None, true));
}
