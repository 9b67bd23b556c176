//! What people read when it does not work.

use std::time::Duration;

use backstop::{
    machine::{Failure, FailureClass},
    postgres::connection::{ConnectError, ConnectOptions, ConnectionEnvironment, Reason},
    sandbox::{Options, Sandbox, ServerReach},
};
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::{open, refusal};

const SECRET: &str = "hunter2";

/// Code, message and help are there; the secret is nowhere.
#[track_caller]
fn assert_told(error: &ConnectError, reason: Reason, place: &str, help: &str) {
    assert_eq!(error.reason(), reason, "{error}");
    assert_eq!(error.code(), reason.code());
    assert!(error.to_string().contains(place), "{error}");
    assert!(error.help().contains(help), "{}", error.help());
    let failure = Failure::from(error.clone());
    assert_eq!(failure.code, reason.code());
    for text in [format!("{error}"), format!("{error:?}"), error.help(), format!("{failure:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[tokio::test]
async fn refused_logins_say_which_role_and_database() {
    let sandbox = Sandbox::start(&Options { reach: ServerReach::SocketAndTcp, ..Options::default() }).expect("a server");
    let port = sandbox.port();
    let place = format!("@127.0.0.1:{port}/");
    let server = format!("127.0.0.1:{port}");

    let error = refusal(&format!("postgresql://postgres:{SECRET}@{server}/postgres")).await;
    assert_told(&error, Reason::WrongPassword, &format!("postgres{place}postgres"), "role `postgres`");
    assert_eq!(error.sqlstate(), Some("28P01"));

    let error = refusal(&format!("postgresql://postgres@{server}/postgres")).await;
    assert_told(&error, Reason::PasswordMissing, &place, "PGPASSWORD");

    let password = sandbox.password();
    let error = refusal(&format!("postgresql://postgres:{password}@{server}/shop")).await;
    assert_told(&error, Reason::UnknownDatabase, &format!("{place}shop"), "CREATE DATABASE \"shop\"");

    let socket = sandbox.socket_directory().display();
    let error = refusal(&format!("host={socket} port={port} user=nobody_here password={SECRET} dbname=postgres")).await;
    assert_told(&error, Reason::RoleRefused, "nobody_here@", "role `nobody_here` exists");

    let superuser = open(&sandbox.url(), &ConnectionEnvironment::default()).await.expect("a session");
    let setup = "CREATE ROLE outside LOGIN; CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC;";
    for statement in setup.split_terminator(';') {
        superuser.client.batch_execute(statement).await.expect("the set-up");
    }
    let error = refusal(&format!("host={socket} port={port} user=outside dbname=closed")).await;
    assert_told(&error, Reason::NotPermitted, "/closed", "GRANT CONNECT ON DATABASE \"closed\" TO \"outside\"");

    superuser.client.batch_execute("ALTER ROLE outside CONNECTION LIMIT 0").await.expect("a limit");
    let error = refusal(&format!("host={socket} port={port} user=outside dbname=postgres")).await;
    assert_told(&error, Reason::TooManyConnections, "outside@", "max_connections");
    assert_eq!(Failure::from(error).class, FailureClass::Transient);
}

#[tokio::test]
async fn servers_that_are_not_there_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its number").port();
    let error = refusal(&format!("postgresql://alice:{SECRET}@127.0.0.1:{free}/shop")).await;
    assert_told(&error, Reason::Refused, &format!("alice@127.0.0.1:{free}/shop"), "listen_addresses");
    assert_eq!(Failure::from(error).class, FailureClass::Transient);

    let error = refusal(&format!("postgresql://alice:{SECRET}@no-such-host.invalid/shop")).await;
    assert_told(&error, Reason::NameNotFound, "alice@no-such-host.invalid:5432/shop", "`no-such-host.invalid`");

    let error = refusal(&format!("host=/nowhere user=alice password={SECRET} dbname=shop")).await;
    assert_told(&error, Reason::SocketMissing, "alice@/nowhere:5432/shop", "/nowhere");

    // It accepts and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("its number").port();
    let since = std::time::Instant::now();
    let error = refusal(&format!("postgresql://alice:{SECRET}@127.0.0.1:{port}/shop?connect_timeout=1")).await;
    assert_told(&error, Reason::TimedOut, "alice@127.0.0.1", "connect_timeout");
    assert!(since.elapsed() < Duration::from_secs(9));

    // It accepts, listens, and hangs up.
    let rude = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = rude.local_addr().expect("its number").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = rude.accept().await {
            let _ = stream.read(&mut [0; 8]).await;
        }
    });
    let error = refusal(&format!("postgresql://alice:{SECRET}@127.0.0.1:{port}/shop")).await;
    assert_told(&error, Reason::Dropped, "alice@127.0.0.1", "PostgreSQL server");
}

#[tokio::test]
async fn of_several_servers_the_first_that_answers_is_taken_and_all_are_named() {
    let sandbox = Sandbox::start(&Options { reach: ServerReach::SocketAndTcp, ..Options::default() }).expect("a server");
    let (port, password) = (sandbox.port(), sandbox.password());
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its number").port();
    let servers = format!("127.0.0.1:{free},127.0.0.1:{port}");

    let conninfo = format!("postgresql://postgres:{password}@{servers}/postgres");
    let connection = open(&conninfo, &ConnectionEnvironment::default()).await.expect("the second server");
    assert_eq!(connection.place(), format!("postgres@127.0.0.1:{port}/postgres"));

    let error = refusal(&format!("{conninfo}?target_session_attrs=standby")).await;
    assert_eq!(error.reason(), Reason::OtherSessionWanted);
    assert!(error.detail().expect("the first server").contains(&free.to_string()));
    for wanted in ["any", "read-write", "primary", "prefer-standby"] {
        let conninfo = format!("{conninfo}?target_session_attrs={wanted}&load_balance_hosts=random");
        open(&conninfo, &ConnectionEnvironment::default()).await.unwrap_or_else(|error| panic!("{wanted}: {error}"));
    }
    let error = refusal(&format!("{conninfo}?target_session_attrs=read-only")).await;
    assert_eq!(error.reason(), Reason::OtherSessionWanted);

    // A refused login is final: the password is not tried on the next server.
    let wrong = format!("postgresql://postgres:{SECRET}@127.0.0.1:{port},127.0.0.1:{free}/postgres");
    assert_told(&refusal(&wrong).await, Reason::WrongPassword, &port.to_string(), "role `postgres`");
}

#[test]
fn options_show_where_and_never_the_password() {
    let text = format!("postgresql://alice:{SECRET}@db.example:6432,[::1]/shop");
    let options = ConnectOptions::resolve(Some(&text), &ConnectionEnvironment::default()).expect("options");
    assert_eq!(options.to_string(), "alice@db.example:6432,[::1]:5432/shop");
    assert!(!format!("{options:?}").contains(SECRET));
}
