//! TLS modes, certificates, channel binding.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use backstop::{
    postgres::connection::{ConnectError, Connection, ConnectionEnvironment},
    sandbox::{Options, Sandbox, ServerReach, Stop},
};
use tempfile::TempDir;

use super::open;
use crate::support::{Authority, client_programs};

const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// A server with TLS for the name `db.test`, and what clients need.
struct Servers {
    files: TempDir,
    secure: Sandbox,
    plain: Sandbox,
}

impl Servers {
    fn start() -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let right = Authority::new("right");
        right.write(&files.path().join("right.crt"));
        Authority::new("wrong").write(&files.path().join("wrong.crt"));
        right.client("carol", &files.path().join("carol.crt"), &files.path().join("carol.key"));
        right.client("mallory", &files.path().join("mallory.crt"), &files.path().join("mallory.key"));

        let options = Options { reach: ServerReach::SocketAndTcp, ..Options::default() };
        let plain = Sandbox::start(&options).expect("a server");
        let mut secure = Sandbox::start(&options).expect("a server");
        let data = secure.data();
        let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
        right.server(&["db.test"], &certificate, &key);
        right.write(&data.join("root.crt"));
        for file in [certificate, key, data.join("root.crt")] {
            secure.give(&file).expect("the file is the server's");
        }
        configure(&data, "ssl = on\nssl_ca_file = 'root.crt'\n");
        if let Err(error) = secure.restart() {
            panic!("these tests need a PostgreSQL with TLS; builds from PyPI have none, your distribution's has: {error}");
        }
        Servers { files, secure, plain }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// By TCP and name; the address stands beside it, so that no name is looked up.
    fn conninfo(&self, server: &Sandbox, host: &str, rest: &str) -> String {
        format!(
            "host={host} hostaddr=127.0.0.1 port={} user=postgres password={} dbname=postgres {rest}",
            server.port(),
            server.password()
        )
    }

    async fn secure(&self, host: &str, rest: &str) -> Result<Connection, ConnectError> {
        open(&self.conninfo(&self.secure, host, rest), &ConnectionEnvironment::default()).await
    }

    /// Who gets in how, in the server's own words.
    fn allow(&mut self, lines: &str) {
        fs::write(self.secure.data().join("pg_hba.conf"), lines).expect("pg_hba.conf is written");
        self.secure.stop(Stop::Fast).expect("the server stops");
        self.secure.restart().expect("the server starts");
    }
}

fn configure(data: &std::path::Path, lines: &str) {
    let path = data.join("postgresql.auto.conf");
    let text = fs::read_to_string(&path).expect("the server's settings");
    fs::write(path, text + lines).expect("the server's settings");
}

/// `plain`, `tls`, or the end of the error's code.
fn outcome(result: &Result<Connection, ConnectError>) -> String {
    match result {
        Ok(connection) if connection.is_encrypted() => "tls".to_owned(),
        Ok(_) => "plain".to_owned(),
        Err(error) => error.code().rsplit("::").next().unwrap_or_default().to_owned(),
    }
}

/// What libpq itself makes of a connection string: `plain`, `tls` or `refused`; none where no psql here was built with TLS.
fn libpq(conninfo: &str) -> Option<&'static str> {
    static PSQL: OnceLock<Option<PathBuf>> = OnceLock::new();

    let with_tls = |psql: &PathBuf| {
        let refused = ask(psql, "host=127.0.0.1 port=1 sslmode=require");
        !String::from_utf8_lossy(&refused.stderr).contains("SSL support is not compiled in")
    };
    let psql = PSQL.get_or_init(|| client_programs("psql", 0).find(with_tls)).as_ref()?;
    Some(match ask(psql, conninfo).stdout.as_slice() {
        b"t\n" => "tls",
        b"f\n" => "plain",
        _ => "refused",
    })
}

fn ask(psql: &Path, conninfo: &str) -> Output {
    Command::new(psql)
        .args(["-X", "-A", "-t", "-d", conninfo, "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nowhere")
        .stdin(Stdio::null())
        .output()
        .expect("psql starts")
}

/// Connects, asserts the outcome, and that libpq's is the same.
async fn assert_outcome(what: &str, conninfo: &str, expected: &str) {
    let result = open(conninfo, &ConnectionEnvironment::default()).await;
    assert_eq!(outcome(&result), expected, "{what}: {:?}", result.err());
    let as_libpq = if matches!(expected, "tls" | "plain") { expected } else { "refused" };
    if let Some(libpq) = libpq(conninfo) {
        assert_eq!(libpq, as_libpq, "libpq, {what}");
    }
}

#[tokio::test]
async fn every_mode_does_what_libpq_does() {
    let mut servers = Servers::start();
    let right = format!("sslrootcert={}", servers.file("right.crt").display());
    let wrong = format!("sslrootcert={}", servers.file("wrong.crt").display());

    let authority = "tls_unknown_authority";
    let missing = "no_root_certificate";
    // In the order of MODES: disable, allow, prefer, require, verify-ca, verify-full.
    let cases = [
        ("no authority", "db.test", "", ["plain", "plain", "tls", "tls", missing, missing]),
        ("right authority", "db.test", &right, ["plain", "plain", "tls", "tls", "tls", "tls"]),
        ("wrong authority", "db.test", &wrong, ["plain", "plain", "plain", authority, authority, authority]),
        ("wrong host", "other.test", &right, ["plain", "plain", "tls", "tls", "tls", "tls_wrong_host"]),
        ("both wrong", "other.test", &wrong, ["plain", "plain", "plain", authority, authority, authority]),
    ];
    for (name, host, authority, expected) in cases {
        for (mode, expected) in MODES.into_iter().zip(expected) {
            let conninfo = servers.conninfo(&servers.secure, host, &format!("sslmode={mode} {authority}"));
            assert_outcome(&format!("{name}, {mode}"), &conninfo, expected).await;
        }
    }

    let offered = ["plain", "plain", "plain", "tls_not_offered", "tls_not_offered", "tls_not_offered"];
    for (mode, expected) in MODES.into_iter().zip(offered) {
        let conninfo = servers.conninfo(&servers.plain, "db.test", &format!("sslmode={mode} {right}"));
        assert_outcome(&format!("no TLS, {mode}"), &conninfo, expected).await;
    }

    servers.allow("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n");
    let only_tls = ["no_hba_entry", "tls", "tls", "tls", "tls", "tls"];
    for (mode, expected) in MODES.into_iter().zip(only_tls) {
        let conninfo = servers.conninfo(&servers.secure, "db.test", &format!("sslmode={mode} {right}"));
        assert_outcome(&format!("only TLS, {mode}"), &conninfo, expected).await;
    }
    // The reason is the certificate, not that the server then refuses the plain attempt.
    let result = servers.secure("db.test", &format!("sslmode=prefer {wrong}")).await;
    assert_eq!(outcome(&result), "tls_unknown_authority");

    servers.allow("local all all trust\nhostnossl all all 127.0.0.1/32 scram-sha-256\n");
    let only_plain = ["plain", "plain", "plain", "no_hba_entry", "no_hba_entry", "no_hba_entry"];
    for (mode, expected) in MODES.into_iter().zip(only_plain) {
        let conninfo = servers.conninfo(&servers.secure, "db.test", &format!("sslmode={mode} {right}"));
        assert_outcome(&format!("no TLS allowed, {mode}"), &conninfo, expected).await;
    }
}

#[tokio::test]
async fn certificates_log_in_and_channel_binding_holds() {
    let mut servers = Servers::start();
    let right = format!("sslmode=verify-full sslrootcert={}", servers.file("right.crt").display());

    let bound = servers.secure("db.test", &format!("{right} channel_binding=require")).await.expect("channel binding");
    let row = bound.client.query_one("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await;
    let row = row.expect("what the server knows");
    assert!(row.get::<_, bool>(0));
    assert_eq!(row.get::<_, &str>(1), "TLSv1.3");
    let older = servers.secure("db.test", &format!("{right} ssl_max_protocol_version=TLSv1.2")).await.expect("TLS 1.2");
    let row = older.client.query_one("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await;
    assert_eq!(row.expect("what the server knows").get::<_, &str>(0), "TLSv1.2");
    let unbound = servers.secure("db.test", "sslmode=disable channel_binding=require").await;
    assert_eq!(outcome(&unbound), "authentication_failed");

    bound.client.batch_execute("CREATE ROLE carol LOGIN; CREATE ROLE dave LOGIN").await.expect("roles");
    servers.allow("local all all trust\nhostssl all all 127.0.0.1/32 cert\n");
    let as_role = |role: &str, owner: &str| {
        let (certificate, key) = (servers.file(&format!("{owner}.crt")), servers.file(&format!("{owner}.key")));
        format!("{right} user={role} sslcert={} sslkey={}", certificate.display(), key.display())
    };
    let carol = servers.secure("db.test", &as_role("carol", "carol")).await.expect("carol's certificate lets her in");
    let row = carol.client.query_one("SELECT current_user::text", &[]).await.expect("her name");
    assert_eq!(row.get::<_, &str>(0), "carol");
    let other = servers.secure("db.test", &as_role("dave", "mallory")).await;
    assert_eq!(outcome(&other), "role_refused");
    let none = servers.secure("db.test", &format!("{right} user=carol")).await;
    assert_eq!(outcome(&none), "no_hba_entry");

    // A key that others can read is refused before anything is connected to.
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(servers.file("carol.key"), fs::Permissions::from_mode(0o644)).expect("permissions");
    let open_key = servers.secure("db.test", &as_role("carol", "carol")).await;
    assert_eq!(outcome(&open_key), "file");
}

#[tokio::test]
async fn a_statement_is_cancelled_over_tls_too() {
    let servers = Servers::start();
    let right = format!("sslmode=verify-full sslrootcert={}", servers.file("right.crt").display());
    let connection = servers.secure("db.test", &right).await.expect("a session");
    let cancel = connection.cancel();
    let cancelling = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        cancel.cancel().await
    });
    let error = connection.client.batch_execute("SELECT pg_sleep(30)").await.expect_err("it is cancelled");
    assert_eq!(error.code().map(|state| state.code()), Some("57014"));
    cancelling.await.expect("the task").expect("the request");
    connection.client.batch_execute("SELECT 1").await.expect("the session goes on");
}

#[tokio::test]
async fn the_root_certificate_is_found_in_the_home_directory_and_in_the_system() {
    let servers = Servers::start();
    let home = tempfile::tempdir().expect("a home directory");
    fs::create_dir(home.path().join(".postgresql")).expect("a directory");
    let root = home.path().join(".postgresql/root.crt");
    let at_home = ConnectionEnvironment { home: Some(home.path().to_owned()), ..ConnectionEnvironment::default() };
    let conninfo = |rest: &str| servers.conninfo(&servers.secure, "db.test", rest);

    fs::copy(servers.file("right.crt"), &root).expect("a copy");
    assert_eq!(outcome(&open(&conninfo("sslmode=verify-full"), &at_home).await), "tls");
    fs::copy(servers.file("wrong.crt"), &root).expect("a copy");
    assert_eq!(outcome(&open(&conninfo("sslmode=require"), &at_home).await), "tls_unknown_authority");

    let trusted = ConnectionEnvironment { authorities: vec![servers.file("right.crt")], ..ConnectionEnvironment::default() };
    let result = open(&conninfo("sslrootcert=system"), &trusted).await;
    assert_eq!(outcome(&result), "tls", "{:?}", result.err());
    assert_eq!(outcome(&open(&conninfo("sslrootcert=system sslmode=require"), &trusted).await), "conflict");
    let elsewhere = servers.conninfo(&servers.secure, "other.test", "sslrootcert=system");
    assert_eq!(outcome(&open(&elsewhere, &trusted).await), "tls_wrong_host");
}

/// `openssl req -x509` makes such a certificate, which says that it is an authority; people name it in `sslrootcert`.
#[tokio::test]
async fn a_self_signed_certificate_can_be_trusted_itself() {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    let mut servers = Servers::start();
    let mut params = CertificateParams::new(vec!["db.test".to_owned()]).expect("a name");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    let data = servers.secure.data();
    fs::write(data.join("server.crt"), certificate.pem()).expect("the certificate");
    fs::write(data.join("server.key"), key.serialize_pem()).expect("the key");
    fs::write(servers.file("itself.crt"), certificate.pem()).expect("the certificate");
    servers.secure.restart().expect("the server starts");

    let itself = format!("sslrootcert={}", servers.file("itself.crt").display());
    for mode in ["require", "verify-ca", "verify-full"] {
        let result = servers.secure("db.test", &format!("sslmode={mode} {itself}")).await;
        assert_eq!(outcome(&result), "tls", "{mode}: {:?}", result.err());
    }
    let result = servers.secure("other.test", &format!("sslmode=verify-full {itself}")).await;
    assert_eq!(outcome(&result), "tls_wrong_host");
    let right = format!("sslmode=verify-ca sslrootcert={}", servers.file("right.crt").display());
    assert_ne!(outcome(&servers.secure("db.test", &right).await), "tls");
}

/// The commands in PostgreSQL's manual make certificates of X.509 version 1, which rustls can't read.
#[tokio::test]
async fn an_old_certificate_still_encrypts_where_nothing_is_verified() {
    let mut servers = Servers::start();
    let data = servers.secure.data();
    let authority = Authority::new("old");
    authority.server_of_version_1("db.test", &data.join("server.crt"), &data.join("server.key"));
    authority.write(&servers.file("old.crt"));
    servers.secure.restart().expect("the server starts");

    for mode in ["prefer", "require", "require channel_binding=require"] {
        let conninfo = servers.conninfo(&servers.secure, "db.test", &format!("sslmode={mode}"));
        assert_outcome(mode, &conninfo, "tls").await;
    }
    let old = format!("sslmode=verify-ca sslrootcert={}", servers.file("old.crt").display());
    let error = servers.secure("db.test", &old).await.err().expect("it can't be verified");
    assert_eq!(error.code(), "backstop::connect::tls_failed");
    assert!(error.help().contains("X.509 version 3"), "{}", error.help());
}
