//! A server that is there no more without having said so.

use std::{
    env,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Options, Sandbox, ServerReach};

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
    /// The first thing in a process of its own.
    fn new() -> Self {
        let own = Network::of_this_thread();
        let options = Options { reach: ServerReach::SocketAndTcp, label: "network".to_owned(), ..Options::default() };
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

    /// Waits until it stands still in its second step.
    fn begun(&self, mut run: Child) -> Child {
        while self.one(WAITS) == "0" {
            if run.try_wait().unwrap().is_some() {
                panic!("the run has ended already: {:?}", output(run));
            }
            thread::sleep(Duration::from_millis(50));
        }
        run
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

/// Tells a process of this program that it has been started for one test.
const ALONE: &str = "BACKSTOP_TEST_NETWORK";

/// Makes the test in a process of its own: the network is that of one thread, and sandboxes' servers are started by a thread that
/// belongs to whoever was the first to want one.
fn alone(name: &str, test: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let mut command = Command::new(env::current_exe().expect("this program"));
    let status = command.args(["--exact", name, "--nocapture"]).env(ALONE, "1").status().expect("a process");
    assert!(status.success(), "{name}: {status}");
}

#[test]
fn a_run_notices_that_its_server_is_away_and_goes_on_when_it_is_back() {
    alone("program::network::a_run_notices_that_its_server_is_away_and_goes_on_when_it_is_back", || {
        let away = Away::new();
        let run = away.begun(apply(&away.work, &away.url, "120s"));
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

    alone("program::network::a_run_whose_server_stays_away_ends_within_its_bounds", || {
        let away = Away::new();
        let run = away.begun(apply(&away.work, &away.url, "3s"));
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
