//! A way to the server that is cut around a COMMIT: before the server hears of it, or after, before its answer is heard.
//!
//! It understands as much of the protocol as it takes to find the COMMIT
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use crate::support::TestDatabase;

/// When the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The server never hears of it.
    BeforeCommit,
    /// The server has done it, nobody is told.
    BeforeReply,
}

/// The proxy. Its threads end with the connections that they carry.
pub struct Proxy {
    pub url: String,
    wire: Arc<Wire>,
}

/// What all connections share.
struct Wire {
    server: PathBuf,
    cut: Option<(usize, Moment)>,
    commits: AtomicUsize,
    has_cut: AtomicBool,
}

/// What is known of one connection.
struct Talk {
    /// The client is to hear no more.
    is_muted: AtomicBool,
    /// The server waits for a question, and no transaction is open.
    is_idle: AtomicBool,
}

impl Proxy {
    /// Stands before the database's server, and cuts one connection at that commit, counted from 1.
    pub fn before(database: &TestDatabase, cut: Option<(usize, Moment)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let wire = Arc::new(Wire {
            server: socket(&database.url),
            cut,
            commits: AtomicUsize::new(0),
            has_cut: AtomicBool::new(false),
        });
        let shared = wire.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let wire = shared.clone();
                thread::spawn(move || wire.carry(&client));
            }
        });
        let url = format!("postgresql://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name);
        Proxy { url, wire }
    }

    /// How many commits there were so far.
    pub fn commits(&self) -> usize {
        self.wire.commits.load(Ordering::SeqCst)
    }

    /// Whether a connection was cut.
    pub fn has_cut(&self) -> bool {
        self.wire.has_cut.load(Ordering::SeqCst)
    }
}

/// The socket of a server that is reached as `postgresql://…?host=DIR&port=N`.
fn socket(url: &str) -> PathBuf {
    let value = |name: &str| {
        let (_, query) = url.split_once('?').expect("the tests' own server listens on a socket");
        query.split('&').find_map(|pair| pair.strip_prefix(name)).expect("a part of the URL").to_owned()
    };
    PathBuf::from(value("host=")).join(format!(".s.PGSQL.{}", value("port=")))
}

impl Wire {
    /// Carries one connection, up to its end or its cut.
    fn carry(self: &Arc<Self>, client: &TcpStream) {
        let Ok(server) = UnixStream::connect(&self.server) else { return };
        let _ = client.set_nodelay(true);
        let talk = Arc::new(Talk { is_muted: AtomicBool::new(false), is_idle: AtomicBool::new(false) });
        let (to_client, from_server, back) = (client.try_clone(), server.try_clone(), talk.clone());
        let back = thread::spawn(move || {
            if let (Ok(to_client), Ok(from_server)) = (to_client, from_server) {
                let _ = answers(&from_server, &to_client, &back);
                let _ = to_client.shutdown(Shutdown::Both);
                let _ = from_server.shutdown(Shutdown::Both);
            }
        });
        if self.questions(client, &server, &talk).is_err() {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
        let _ = back.join();
    }

    /// Client to server. An error, the cut among them, ends both ways.
    fn questions(&self, mut client: &TcpStream, mut server: &UnixStream, talk: &Talk) -> io::Result<()> {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        server.write_all(&length)?;
        server.write_all(&body(client, length)?)?;
        loop {
            let mut kind = [0];
            client.read_exact(&mut kind)?;
            client.read_exact(&mut length)?;
            let body = body(client, length)?;
            if is_commit(kind[0], &body, talk) {
                let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
                match self.cut {
                    Some((at, Moment::BeforeCommit)) if at == number => {
                        self.has_cut.store(true, Ordering::SeqCst);
                        return Err(io::ErrorKind::ConnectionAborted.into());
                    }
                    Some((at, Moment::BeforeReply)) if at == number => {
                        self.has_cut.store(true, Ordering::SeqCst);
                        talk.is_muted.store(true, Ordering::SeqCst);
                    }
                    _ => {}
                }
            }
            server.write_all(&message(kind, length, &body))?;
        }
    }
}

/// Server to client, until the client is to hear no more: then what the server says is awaited, and the connection ends.
fn answers(mut server: &UnixStream, mut client: &TcpStream, talk: &Talk) -> io::Result<()> {
    loop {
        let (mut kind, mut length) = ([0], [0; 4]);
        server.read_exact(&mut kind)?;
        server.read_exact(&mut length)?;
        let body = body(server, length)?;
        if kind[0] == b'Z' {
            talk.is_idle.store(body == b"I", Ordering::SeqCst);
        }
        if talk.is_muted.load(Ordering::SeqCst) {
            if kind[0] == b'Z' {
                return Ok(());
            }
            continue;
        }
        client.write_all(&message(kind, length, &body))?;
    }
}

/// In one piece: several small ones would be held back until the first is acknowledged.
fn message(kind: [u8; 1], length: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&kind[..], &length[..], body].concat()
}

/// What follows the length, which counts itself.
fn body(mut from: impl Read, length: [u8; 4]) -> io::Result<Vec<u8>> {
    let mut body = vec![0; (u32::from_be_bytes(length) as usize).saturating_sub(length.len())];
    from.read_exact(&mut body)?;
    Ok(body)
}

/// A COMMIT, or an event that is stored in a transaction of its own.
fn is_commit(kind: u8, body: &[u8], talk: &Talk) -> bool {
    let text = String::from_utf8_lossy(body);
    match kind {
        b'Q' => text.trim_end_matches('\0').trim() == "COMMIT",
        b'P' => text.contains("INSERT INTO backstop.events") && talk.is_idle.load(Ordering::SeqCst),
        _ => false,
    }
}
