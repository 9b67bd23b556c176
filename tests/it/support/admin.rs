//! Async code from tests that are not, and from `Drop`.

use std::{future::Future, pin::Pin, thread};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio_postgres::Client;

use backstop::postgres::connection::{ConnectOptions, connect};

/// Runs a future to its end on a thread of its own, so that it also works inside of a test that is itself async. The other tasks of
/// such a test go on meanwhile, where it has several threads: a server waits for those that read its answers before it drops a
/// database.
pub fn block_on<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(|| block_on_a_thread(future)),
        _ => block_on_a_thread(future),
    }
}

fn block_on_a_thread<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
        });
        running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Runs statements as superuser.
pub(super) fn execute(url: &str, sql: &str) -> Result<(), String> {
    block_on(async {
        let options = ConnectOptions::from_url(url).map_err(|error| error.to_string())?;
        let connection = connect(&options, "backstop tests").await.map_err(|error| error.to_string())?;
        // What tests write is found where people's statements find it.
        let found_as_by_people = "SET search_path = \"$user\", public";
        connection.client.batch_execute(found_as_by_people).await.map_err(|error| error.to_string())?;
        connection.client.batch_execute(sql).await.map_err(|error| format!("{sql}: {error:?}"))
    })
}

/// What a superuser's session finds out.
pub fn connected<T: Send>(
    url: &str,
    ask: impl for<'c> FnOnce(&'c Client) -> Pin<Box<dyn Future<Output = T> + Send + 'c>> + Send,
) -> T {
    block_on(async {
        let options = ConnectOptions::from_url(url).expect("the URL of the test's database");
        let connection = connect(&options, "backstop tests").await.expect("a session in the test's database");
        ask(&connection.client).await
    })
}
