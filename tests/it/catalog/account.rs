//! Every column of every catalog is accounted for: compared, brought back, or left out with the reason.

use std::collections::BTreeMap;

use super::server::Database;

const ACCOUNT: &str = include_str!("account.txt");

/// The columns of the catalogs with what becomes of each; `*` stands for all of a catalog.
fn account() -> BTreeMap<(String, String), String> {
    let mut account = BTreeMap::new();
    let mut catalog = "";
    for line in ACCOUNT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(entry) = line.strip_prefix("  ") else {
            catalog = line;
            continue;
        };
        let (verdict, columns) = entry.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        let (word, reason) = verdict.split_once(" (").unwrap_or((verdict, ""));
        let needs_reason = matches!(word, "left out" | "derived");
        assert!(needs_reason || matches!(word, "identity" | "restored" | "seen"), "{line}");
        assert_eq!(needs_reason, reason.trim_end_matches(')').len() > 3, "{line}");
        for column in columns.split_whitespace() {
            let before = account.insert((catalog.to_owned(), column.to_owned()), verdict.to_owned());
            assert_eq!(before, None, "{catalog}.{column} stands twice");
        }
    }
    account
}

#[tokio::test]
async fn every_column_of_every_catalog_is_accounted_for() {
    const COLUMNS: &str = "SELECT c.relname::text, a.attname::text
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped";
    let database = Database::create("account", "").await;
    let account = account();
    let rows = database.client.query(COLUMNS, &[]).await.unwrap();
    assert!(rows.len() > 500, "{}", rows.len());
    let missing: Vec<String> = rows
        .iter()
        .map(|row| (row.get::<_, String>(0), row.get::<_, String>(1)))
        .filter(|(catalog, column)| {
            let all = (catalog.clone(), "*".to_owned());
            !account.contains_key(&all) && !account.contains_key(&(catalog.clone(), column.clone()))
        })
        .map(|(catalog, column)| format!("{catalog}.{column}"))
        .collect();
    assert!(missing.is_empty(), "nobody says what becomes of {missing:#?}");
}
