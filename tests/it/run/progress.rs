//! Progress, seen from another session.

use std::time::Duration;

use backstop::postgres::progress::{SessionProgress, Unit, Watch, look};

use super::database::Database;

#[tokio::test]
async fn an_index_build_is_seen() {
    let database = Database::with("CREATE TABLE t AS SELECT n, md5(n::text) AS h FROM generate_series(1, 400000) n").await;
    let (client, observer) = (database.client().await, database.client().await);
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let version = observer.query_one("SELECT current_setting('server_version_num')::int", &[]).await.unwrap();
    let server_version = version.get::<_, i32>(0).unsigned_abs();
    assert_eq!(look(&observer, server_version, &[pid]).await.unwrap(), []);
    assert_eq!(look(&observer, 130_000, &[pid]).await.unwrap(), []);
    let seen = std::sync::Mutex::new(Vec::new());
    let watch = Watch {
        observer: &observer,
        server_version,
        pid,
        lock_timeout: Duration::from_millis(150),
        tell: &|progress| seen.lock().unwrap().push(progress),
        blocker_termination: None,
    };
    // A writer keeps the build waiting, so that there is something to see however quick the machine is.
    let writer = database.client().await;
    writer.batch_execute("BEGIN; DELETE FROM t WHERE n = 1").await.unwrap();
    let build = async {
        let (built, ()) = tokio::join!(client.batch_execute("CREATE INDEX CONCURRENTLY t_h ON t (h)"), async {
            tokio::time::sleep(Duration::from_millis(400)).await;
            writer.batch_execute("COMMIT").await.unwrap();
        });
        built
    };
    watch.during(build).await.0.unwrap();
    let seen = seen.into_inner().unwrap();
    assert!(
        seen.iter().any(|progress| matches!(progress, SessionProgress::Waiting(blockers) if !blockers.is_empty())),
        "{seen:?}"
    );
    let working = seen
        .iter()
        .filter_map(|progress| if let SessionProgress::Working(progress) = progress { Some(progress) } else { None });
    assert!(working.clone().any(|progress| progress.what.starts_with("building index ")), "{seen:?}");
    assert!(working.clone().any(|progress| progress.unit == Unit::Sessions && progress.total == Some(1)), "{seen:?}");
}
