//! Where values come from, and which of them wins.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use backstop::{
    postgres::connection::{ConnectOptions, ConnectionEnvironment, ConninfoError, HostName, SslMode},
    sandbox::{Options, Sandbox, ServerReach},
};

use super::open;

fn resolve(conninfo: Option<&str>, environment: &ConnectionEnvironment) -> Result<ConnectOptions, ConninfoError> {
    ConnectOptions::resolve(conninfo, environment)
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).expect("the file");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

#[tokio::test]
async fn service_file_password_file_and_variables_lead_to_a_real_server() {
    let sandbox = Sandbox::start(&Options { reach: ServerReach::SocketAndTcp, ..Options::default() }).expect("a server");
    let (port, password) = (sandbox.port(), sandbox.password());
    let home = tempfile::tempdir().expect("a home directory");
    let service = format!("[main]\nhost=127.0.0.1\nport={port}\nuser=postgres\ndbname=postgres\n");
    write(&home.path().join(".pg_service.conf"), &service, 0o644);
    let environment = ConnectionEnvironment { home: Some(home.path().to_owned()), ..ConnectionEnvironment::default() };

    let passfile = home.path().join(".pgpass");
    write(&passfile, &format!("127.0.0.1:{port}:*:postgres:{password}\n"), 0o600);
    open("service=main", &environment).await.expect("service file and password file");
    let by_variable = environment.clone().with_variable("PGSERVICE", "main");
    let options = resolve(None, &by_variable).expect("PGSERVICE");
    assert_eq!(options.to_string(), format!("postgres@127.0.0.1:{port}/postgres"));

    // Others could read it, so it does not count, and a warning says so.
    write(&passfile, &format!("*:*:*:*:{password}\n"), 0o644);
    let options = resolve(Some("service=main"), &environment).expect("options");
    assert!(options.warnings()[0].contains("chmod 0600"), "{:?}", options.warnings());
    let error = open("service=main", &environment).await.err().expect("no password");
    assert_eq!(error.code(), "backstop::connect::password_missing");

    let elsewhere = home.path().join("elsewhere");
    write(&elsewhere, &format!("*:*:*:*:{password}\n"), 0o600);
    let named = environment.with_variable("PGPASSFILE", &elsewhere.display().to_string());
    open("service=main", &named).await.expect("PGPASSFILE");

    let variables = ConnectionEnvironment::default()
        .with_variable("PGHOST", "127.0.0.1")
        .with_variable("PGPORT", &port.to_string())
        .with_variable("PGUSER", "postgres")
        .with_variable("PGPASSWORD", password)
        .with_variable("PGDATABASE", "template1")
        .with_variable("PGAPPNAME", "pipeline 7")
        .with_variable("PGOPTIONS", "-c work_mem=7MB")
        .with_variable("PGCONNECT_TIMEOUT", "5")
        .with_variable("PGTARGETSESSIONATTRS", "read-write")
        .with_variable("PGCHANNELBINDING", "disable")
        .with_variable("PGSSLMODE", "disable");
    let connection = open("dbname=postgres", &variables).await.expect("variables");
    let sql = "SELECT current_database()::text, current_setting('application_name'), current_setting('work_mem')";
    let row = connection.client.query_one(sql, &[]).await.expect("settings");
    let values: [&str; 3] = [row.get(0), row.get(1), row.get(2)];
    assert_eq!(values, ["postgres", "test for pipeline 7", "7MB"]);
}

#[test]
fn the_string_wins_over_the_service_over_the_variables() {
    let directory = tempfile::tempdir().expect("a directory");
    let service = "[shop]\nhost=from-service\nport=1111\nuser=from-service\n";
    write(&directory.path().join("pg_service.conf"), service, 0o644);
    let environment = ConnectionEnvironment { os_user: Some("from-system".to_owned()), ..ConnectionEnvironment::default() }
        .with_variable("PGSYSCONFDIR", &directory.path().display().to_string())
        .with_variable("PGHOST", "from-variable")
        .with_variable("PGPORT", "2222")
        .with_variable("PGDATABASE", "from-variable");

    let place = |conninfo: &str| resolve(Some(conninfo), &environment).expect("options").to_string();
    assert_eq!(place("host=from-string service=shop"), "from-service@from-string:1111/from-variable");
    assert_eq!(place("postgresql://from-string?service=shop"), "from-service@from-string:1111/from-variable");
    assert_eq!(place("dbname=from-string"), "from-system@from-variable:2222/from-string");
    assert_eq!(place("shop"), "from-system@from-variable:2222/shop");

    let missing = resolve(Some("service=none"), &environment).expect_err("no such service");
    assert_eq!(missing.code(), "backstop::connect::service_not_found");
    assert!(missing.help().contains("[none]"), "{}", missing.help());
}

#[test]
fn what_nobody_says_is_as_with_libpq() {
    let sockets = tempfile::tempdir().expect("a directory");
    let environment = ConnectionEnvironment {
        os_user: Some("alice".to_owned()),
        socket_directories: vec![sockets.path().to_owned()],
        ..ConnectionEnvironment::default()
    };
    let options = resolve(None, &environment).expect("options");
    assert_eq!(options.to_string(), "alice@localhost:5432/alice");
    assert_eq!(options.ssl_mode(), SslMode::Prefer);

    fs::write(sockets.path().join(".s.PGSQL.5432"), "").expect("a socket");
    let options = resolve(Some(""), &environment).expect("options");
    assert_eq!(options.endpoints()[0].host, HostName::Socket(sockets.path().to_owned()));
    let options = resolve(Some("port=5433"), &environment).expect("options");
    assert_eq!(options.endpoints()[0].host, HostName::Tcp("localhost".to_owned()));
}

#[test]
fn mistakes_have_codes_and_say_where_they_stand() {
    let plain = ConnectionEnvironment { os_user: Some("alice".to_owned()), ..ConnectionEnvironment::default() };
    let cases = [
        ("sslmode=strict", "bad_value", "prefer"),
        ("host=a,b port=1,2,3", "host_lists", "port"),
        ("host=a hostaddr=127.0.0.1,127.0.0.2", "host_lists", "hostaddr"),
        ("hostaddr=localhost", "bad_value", "192.0.2.7"),
        ("port=0", "bad_port", "5432"),
        ("port=70000", "bad_port", "5432"),
        ("connect_timeout=soon", "bad_value", "seconds"),
        ("require_auth=scram-sha-256", "unsupported", "channel_binding"),
        ("gssencmode=require", "unsupported", "TLS"),
        ("sslcertmode=require", "unsupported", "Take it away"),
        ("replication=database", "unsupported", "replication"),
        ("sslnegotiation=direct sslmode=prefer", "conflict", "Take one"),
        ("sslmode=verify-full hostaddr=127.0.0.1 sslrootcert=/dev/null", "conflict", "Take one"),
        ("ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2", "conflict", "Take one"),
        ("sslmode=verify-ca host=db sslrootcert=/nowhere", "no_root_certificate", "sslrootcert=system"),
        ("postgresql://db/shop?sslmod=require", "unknown_keyword", "`sslmode`"),
    ];
    for (conninfo, code, help) in cases {
        let error = resolve(Some(conninfo), &plain).expect_err(conninfo);
        assert_eq!(error.code(), format!("backstop::connect::{code}"), "{conninfo}: {error}");
        assert!(error.help().contains(help), "{conninfo}: {}", error.help());
        assert!(error.to_string().starts_with(|c: char| !c.is_uppercase()), "{error}");
    }

    let variable = plain.with_variable("PGSSLMODE", "strict");
    let error = resolve(None, &variable).expect_err("a bad variable");
    assert!(error.to_string().contains("PGSSLMODE"), "{error}");
    let nobody = resolve(None, &ConnectionEnvironment::default()).expect_err("nobody");
    assert_eq!(nobody.code(), "backstop::connect::no_user");
    for somebody in ["user=app", "postgresql://app@db/shop"] {
        assert!(resolve(Some(somebody), &ConnectionEnvironment::default()).is_ok(), "{}: {somebody}", nobody.help());
    }
    assert!(resolve(None, &ConnectionEnvironment::default().with_variable("PGUSER", "app")).is_ok());
}
