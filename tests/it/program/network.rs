//! A server that is there no more without having said so.

use std::{
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Options, Reach, Sandbox};

use super::{
    waits::{BRAKED, EACH_ONCE, ITEMS, WAITS, apply, output},
    work::{Work, until_at},
};
use crate::support::{Network, Program, psql};

/// By then it is noticed: [`Network::NOTICING`].
const NOTICED_WITHIN: Duration = Duration::from_secs(4);
/// What a busy machine adds.
const TOLERANCE: Duration = Duration::from_secs(8);

/// A server behind a network that can vanish, and a run that stands still in its second step.
struct Away {
    server: Sandbox,
    network: Network,
    url: String,
    work: Work,
}

impl Away {
    /// To be called in a thread of its own.
    fn new() -> Self {
        let own = Network::of_this_thread();
        let options = Options { reach: Reach::SocketAndTcp, label: "network".to_owned(), ..Options::default() };
        let server = Sandbox::start(&options).unwrap();
        let network = own.unwrap_or_else(|| Network::played(server.socket_directory(), server.port()));
        let port = network.port().unwrap_or(server.port());
        let url = format!(
            "postgresql://postgres:{}@127.0.0.1:{port}/postgres?sslmode=disable&{}",
            server.password(),
            Network::NOTICING
        );
        psql(&server.url(), ITEMS).unwrap();
        Away { server, network, url, work: Work::new() }
    }

    /// The lock is held by the lost session until the server has noticed, too.
    fn resume(&self) {
        psql(&self.server.url(), "DELETE FROM public.brake").unwrap();
        let plan = self.work.file("plan.yaml", BRAKED);
        let arguments = ["resume", plan.to_str().unwrap(), "--database-url", &self.url, "--lock-wait", "2min"];
        Program::new().arguments(&arguments).run().expect_code(0);
    }

    fn one(&self, sql: &str) -> String {
        psql(&self.server.url(), sql).unwrap()
    }
}

fn in_a_thread(test: impl FnOnce() + Send + 'static) {
    if let Err(panic) = thread::spawn(test).join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn a_run_notices_that_its_server_is_away_and_goes_on_when_it_is_back() {
    in_a_thread(|| {
        let away = Away::new();
        let run = apply(&away.work, &away.url, "120s");
        until_at(&away.server.url(), WAITS);
        away.network.vanish();
        thread::sleep(NOTICED_WITHIN + Duration::from_secs(4));
        away.network.come_back();
        // A connection that was only slow would have gone on, and nothing would be tried again.
        until_at(&away.server.url(), "SELECT count(*) FROM backstop.events WHERE kind = 'step_failed'");
        until_at(&away.server.url(), WAITS);
        psql(&away.server.url(), "DELETE FROM public.brake").unwrap();
        output(run).expect_code(0);
        assert_eq!(away.one(EACH_ONCE), "100");
        assert_eq!(away.one("SELECT count(*) FROM backstop.runs"), "1");
    });
}

#[test]
fn a_run_whose_server_stays_away_ends_within_its_bounds() {
    const WAIT: Duration = Duration::from_secs(3);

    in_a_thread(|| {
        let away = Away::new();
        let run = apply(&away.work, &away.url, "3s");
        until_at(&away.server.url(), WAITS);
        let since = Instant::now();
        away.network.vanish();
        let left = output(run).expect_code(1);
        let took = since.elapsed();
        assert!(took < NOTICED_WITHIN + WAIT + TOLERANCE, "it took {took:?}");
        assert!(left.stderr.contains("`backstop resume PLAN`"), "{}", left.stderr);
        away.network.come_back();
        away.resume();
        assert_eq!(away.one(EACH_ONCE), "100");
    });
}
