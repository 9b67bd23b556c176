//! A gate in the journal: the session that brings an event under a chosen number waits in front of it.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

/// The advisory lock that keeps the gate shut.
const KEY: i64 = 4711;
/// A run reaches its gate within this time, or never.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);

/// Builds the gate in front of event `seq` and shuts it; it is shut while this session lives and does not open it.
pub async fn shut(client: &Client, seq: i64) {
    let sql = format!(
        "CREATE FUNCTION backstop.gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 SET statement_timeout = 0 AS
         $$ BEGIN PERFORM pg_catalog.pg_advisory_xact_lock({KEY}); RETURN NEW; END $$;
         CREATE TRIGGER gate BEFORE INSERT ON backstop.events FOR EACH ROW WHEN (NEW.seq = {seq})
         EXECUTE FUNCTION backstop.gate();
         GRANT EXECUTE ON FUNCTION backstop.gate() TO PUBLIC;
         SELECT pg_advisory_lock({KEY})"
    );
    client.batch_execute(&sql).await.expect("a gate");
}

/// Waits until somebody stands in front of the gate; false where the run ended without.
pub async fn reached(client: &Client, mut has_ended: impl FnMut() -> bool) -> bool {
    let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4711
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    let deadline = Instant::now() + PATIENCE;
    loop {
        if client.query_one(waiting, &[]).await.expect("an answer").get(0) {
            return true;
        }
        if has_ended() {
            return false;
        }
        assert!(Instant::now() < deadline, "nobody came to the gate");
        tokio::time::sleep(POLL).await;
    }
}

/// Opens it and takes it away.
pub async fn open(client: &Client) {
    client.batch_execute(&format!("SELECT pg_advisory_unlock_all(), {KEY}")).await.expect("the gate opens");
    remove(client).await;
}

/// Takes away what is left of it after its session was lost.
pub async fn remove(client: &Client) {
    client
        .batch_execute("DROP TRIGGER IF EXISTS gate ON backstop.events; DROP FUNCTION IF EXISTS backstop.gate()")
        .await
        .expect("the gate goes");
}
