//! Servers that are not there yet, have no room, have changed their password, or are behind something that stands still.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Options, Sandbox, ServerReach};

use super::work::{Work, until, until_at};
use crate::support::{Program, TestDatabase, database, psql};

const PLAN: &str = "
format: backstop/v1
name: rename
backup: {targets: [{tables: [public.items]}]}
steps:
  - {id: brake, sql: 'DO $$ BEGIN WHILE EXISTS (SELECT FROM public.brake) LOOP PERFORM pg_sleep(0.1); END LOOP; END $$'}
  - {id: rename, sql: ALTER TABLE public.items RENAME COLUMN name TO title}
";
const TABLES: &str = "CREATE TABLE public.items AS SELECT 1 AS id, 'one' AS name; CREATE TABLE public.brake AS SELECT 1";
const BRAKED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

fn apply(work: &Work, url: &str, more: &[&str]) -> Child {
    let plan = work.file("plan.yaml", PLAN);
    Program::new().arguments(&["apply", plan.to_str().unwrap(), "--database-url", url]).arguments(more).spawn()
}

#[track_caller]
fn ends_with(child: Child, code: i32) -> String {
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "\n{out}\n{err}");
    format!("{out}{err}")
}

/// Sessions of a role that nobody needs, for some time.
fn sleepers(url: &str, count: usize, seconds: u32) -> Vec<Child> {
    let sleep = format!("SELECT pg_sleep({seconds})");
    let one = |_| Command::new("psql").args([url, "-X", "-q", "-c", &sleep]).stdout(Stdio::null()).spawn().unwrap();
    (0..count).map(one).collect()
}

#[test]
fn a_server_without_a_free_slot_is_waited_for() {
    let (database, work) = (database("no_slot"), Work::new());
    let role = database.role("crowded", "LOGIN SUPERUSER CONNECTION LIMIT 6");
    // The limit does not hold for superusers, so that the role is none; what it needs it owns.
    database.execute(&format!(
        "ALTER ROLE \"{0}\" NOSUPERUSER; GRANT CREATE ON DATABASE \"{1}\" TO \"{0}\"; {TABLES}; DELETE FROM public.brake;
         ALTER TABLE public.items OWNER TO \"{0}\"; GRANT SELECT ON public.brake TO \"{0}\"; GRANT ALL ON SCHEMA public TO \"{0}\"",
        role.name, database.name
    ));
    let url = database.url_as(&role);
    let sleeping = sleepers(&url, 6, 4);
    let full = format!("SELECT (count(*) = 6)::int FROM pg_stat_activity WHERE usename = '{}'", role.name);
    until(&database, &full);
    let said = ends_with(apply(&work, &url, &["--wait", "0s"]), 4);
    assert!(said.contains("backstop::connect::too_many_connections"), "{said}");
    let said = ends_with(apply(&work, &url, &["--wait", "60s"]), 0);
    assert!(said.contains("tried again for up to"), "{said}");
    for mut one in sleeping {
        one.wait().unwrap();
    }
}

#[test]
fn a_server_that_starts_later_is_waited_for() {
    let (database, work) = (database("not_yet"), Work::new());
    database.execute(TABLES);
    database.execute("DELETE FROM public.brake");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = through(&database, port);
    let run = apply(&work, &url, &["--wait", "60s"]);
    thread::sleep(Duration::from_secs(2));
    let tunnel = Tunnel::at(&database, port);
    ends_with(run, 0);
    drop(tunnel);
    let name = format!("postgresql://nobody@{}.invalid/x", database.name.replace('_', "-"));
    let since = Instant::now();
    let said = ends_with(apply(&work, &name, &["--wait", "2s"]), 4);
    assert!(said.contains("backstop::connect::name_not_found") && since.elapsed() >= Duration::from_secs(2), "{said}");
}

/// What stays open and passes nothing on when it is frozen, as a process that is stopped does.
struct Tunnel {
    frozen: Arc<AtomicBool>,
}

/// The way to the database through a tunnel at this port.
fn through(database: &TestDatabase, port: u16) -> String {
    let user = database.one("SELECT current_user");
    format!("postgresql://{user}@127.0.0.1:{port}/{}?sslmode=disable", database.name)
}

impl Tunnel {
    fn at(database: &TestDatabase, port: u16) -> Self {
        let directory = database.one("SHOW unix_socket_directories");
        let directory = directory.split(',').next().unwrap().trim().to_owned();
        let socket = format!("{directory}/.s.PGSQL.{}", database.one("SHOW port"));
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let frozen = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&frozen);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                pump(from, to, &shared);
                pump(server, client, &shared);
            }
        });
        Tunnel { frozen }
    }
}

trait Ends: Read + Write + Send + 'static {
    fn end(&self);
}

impl Ends for TcpStream {
    fn end(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}

impl Ends for UnixStream {
    fn end(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}

fn pump(mut from: impl Ends, mut to: impl Ends, frozen: &Arc<AtomicBool>) {
    let frozen = Arc::clone(frozen);
    thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            while frozen.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(20));
            }
            if to.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        while frozen.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        from.end();
        to.end();
    });
}

#[test]
fn a_tunnel_that_stands_still_is_noticed_within_a_minute() {
    let (database, work) = (database("frozen"), Work::new());
    database.execute(TABLES);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tunnel = Tunnel::at(&database, port);
    let run = apply(&work, &through(&database, port), &["--wait", "5s"]);
    until(&database, BRAKED);
    tunnel.frozen.store(true, Ordering::SeqCst);
    let since = Instant::now();
    let said = ends_with(run, 1);
    let took = since.elapsed();
    assert!(took < Duration::from_secs(100), "{took:?}");
    assert!(said.contains("the connection was lost") && said.contains("backstop resume PLAN"), "{said}");
    tunnel.frozen.store(false, Ordering::SeqCst);
    database.execute("DELETE FROM public.brake");
    let plan = work.file("plan.yaml", PLAN);
    super::work::run(&database, &["resume", plan.to_str().unwrap(), "--lock-wait", "60s"]).expect_code(0);
    assert_eq!(database.one("SELECT title FROM public.items"), "one");
}

#[test]
fn a_long_statement_is_no_connection_that_is_lost() {
    let (database, work) = (database("long_statement"), Work::new());
    database.execute(TABLES);
    let run = apply(&work, &database.url, &[]);
    until(&database, BRAKED);
    // Longer than an unanswered question is left alone, and than a second session is asked the first times.
    thread::sleep(Duration::from_secs(50));
    database.execute("DELETE FROM public.brake");
    let said = ends_with(run, 0);
    assert!(!said.contains("looked for"), "{said}");
}

#[test]
fn a_password_file_is_read_again_for_every_connection() {
    let options = Options { reach: ServerReach::SocketAndTcp, label: "rotated".to_owned(), ..Options::default() };
    let (server, work) = (Sandbox::start(&options).unwrap(), Work::new());
    psql(&server.url(), TABLES).unwrap();
    psql(&server.url(), "CREATE ROLE renewed SUPERUSER LOGIN PASSWORD 'one'").unwrap();
    let file = work.file("passwords", &format!("127.0.0.1:{}:*:renewed:one\n", server.port()));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let url = format!("postgresql://renewed@127.0.0.1:{}/postgres?sslmode=disable", server.port());
    let plan = work.file("plan.yaml", PLAN);
    let run = Program::new()
        .arguments(&["apply", plan.to_str().unwrap(), "--database-url", &url, "--wait", "30s"])
        .env("PGPASSFILE", &file)
        .spawn();
    until_at(&server.url(), BRAKED);
    psql(&server.url(), "ALTER ROLE renewed PASSWORD 'two'; DELETE FROM public.brake").unwrap();
    psql(&server.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'renewed'").unwrap();
    // The file follows a moment after the role, as a lease that is renewed does.
    thread::sleep(Duration::from_secs(1));
    fs::write(&file, format!("127.0.0.1:{}:*:renewed:two\n", server.port())).unwrap();
    ends_with(run, 0);
    assert_eq!(psql(&server.url(), "SELECT title FROM public.items").unwrap(), "one");
}
