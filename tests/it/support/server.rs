//! The server that all tests share.

use std::{
    any::Any,
    path::PathBuf,
    sync::{Mutex, Once, OnceLock, PoisonError},
};

use backstop::sandbox::{Options, Sandbox};

use super::shared;

/// Settings that some test needs; whoever brings a server of his own must set them too.
const SETTINGS: [(&str, &str); 6] = [
    ("max_connections", "200"),
    ("wal_level", "logical"),
    ("max_prepared_transactions", "40"),
    ("max_locks_per_transaction", "256"),
    ("max_replication_slots", "30"),
    ("max_logical_replication_workers", "20"),
];

/// The server that all tests share.
pub struct Server {
    /// A superuser's way into the database `postgres`, or into that of `BACKSTOP_TEST_URL`.
    pub url: String,
    /// Where the server's binaries are, if it is ours.
    pub bin: Option<PathBuf>,
}

/// The server that all tests share, started at the first call.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();

    SERVER.get_or_init(|| match std::env::var("BACKSTOP_TEST_URL") {
        Ok(url) if !url.is_empty() => Server { url, bin: None },
        _ => match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => shared::server(&run),
            Err(_) => {
                let (server, sandbox) = start();
                at_exit(sandbox);
                server
            }
        },
    })
}

impl Server {
    /// The superuser's way into another database.
    pub fn url_of(&self, database: &str) -> String {
        let (place, query) = self.url.split_once('?').map_or((self.url.as_str(), None), |(a, b)| (a, Some(b)));
        let (scheme, rest) = place.split_once("://").expect("BACKSTOP_TEST_URL must be a postgresql:// URL");
        let servers = rest.split_once('/').map_or(rest, |(servers, _)| servers);
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        format!("{scheme}://{servers}/{database}{query}")
    }
}

/// Starts a server, or fails with the command that installs one.
pub(super) fn start() -> (Server, Sandbox) {
    let options = Options {
        config: SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        label: "backstop tests".to_owned(),
        ..Options::default()
    };
    let sandbox = Sandbox::start(&options).unwrap_or_else(|error| {
        panic!(
            "the tests need a PostgreSQL server: {error}\n{}\nor set BACKSTOP_TEST_URL to a superuser's URL",
            error.help()
        )
    });
    (Server { url: sandbox.url(), bin: Some(sandbox.bin().to_owned()) }, sandbox)
}

/// Keeps a server, or a database in it, until this process ends. Statics are never dropped in Rust; the C library's exit handlers
/// are run.
pub fn at_exit(kept_until_then: impl Send + 'static) {
    static REGISTERED: Once = Once::new();

    REGISTERED.call_once(|| {
        // SAFETY: the handler neither unwinds nor uses what is gone at exit.
        let status = unsafe { libc::atexit(drop_all) };
        assert_eq!(status, 0, "no exit handler could be registered");
    });
    kept().push(Box::new(kept_until_then));
}

/// The last one first: a database goes before its server.
extern "C" fn drop_all() {
    let mut all = std::mem::take(&mut *kept());
    while let Some(last) = all.pop() {
        drop(last);
    }
}

fn kept() -> std::sync::MutexGuard<'static, Vec<Box<dyn Any + Send>>> {
    static KEPT: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());

    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}
