//! Structure: captured, compared, and brought back, on a real server.

mod server;

use backstop::{
    catalog::{Kind, ObjectKey, diff, fingerprint},
    postgres::capture,
};

use server::Database;

/// A database with everything that is modelled, odd names included.
const MUSEUM: &str = include_str!("catalog/museum.sql");

#[tokio::test]
async fn a_snapshot_is_the_same_in_and_out_of_a_transaction_and_leaves_the_session_alone() {
    let database = Database::create("capture", MUSEUM).await;
    let client = &database.client;
    client.batch_execute("SET search_path = museum, public; SET DateStyle = 'German'").await.unwrap();
    let outside = capture::snapshot(client, &[]).await.unwrap();
    client.batch_execute("BEGIN; SET LOCAL search_path = shop; CREATE TABLE public.brand_new (id int)").await.unwrap();
    let inside = capture::snapshot(client, &[]).await.unwrap();
    let path: String = client.query_one("SHOW search_path", &[]).await.unwrap().get(0);
    assert_eq!(path, "shop");
    client.batch_execute("ROLLBACK").await.unwrap();
    let path: String = client.query_one("SHOW search_path", &[]).await.unwrap().get(0);
    assert_eq!(path, "museum, public");
    let changes = diff(&outside, &inside);
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].object, ObjectKey::table("public", "brand_new"));
    let again = capture::snapshot(client, &[]).await.unwrap();
    assert_eq!(fingerprint(&outside), fingerprint(&again));
    for kind in [Kind::Schema, Kind::Type, Kind::Sequence, Kind::Function, Kind::Table, Kind::Constraint] {
        assert!(outside.objects.keys().any(|key| key.kind == kind), "no {kind:?}");
    }
    let json = serde_json::to_string(&outside).unwrap();
    assert_eq!(serde_json::from_str::<backstop::catalog::Snapshot>(&json).unwrap(), outside);
}
