//! A way to a test's database that counts how often its client waits for the server: round trips.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use super::TestDatabase;

/// Stands before the database's server. Its threads end with the connections that they carry.
pub struct Turns {
    /// The way.
    pub url: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    turns: AtomicUsize,
    connections: AtomicUsize,
    /// What each connection's client has sent, once it has ended.
    sent: Mutex<Vec<Vec<u8>>>,
}

impl Turns {
    /// A way to this database, on the tests' own server, which listens on a socket.
    pub fn before(database: &TestDatabase) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let (counts, server) = (Arc::new(Counts::default()), socket(&database.url));
        let shared = counts.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (server, counts) = (UnixStream::connect(&server).expect("the server"), shared.clone());
                thread::spawn(move || carry(&client, &server, &counts));
            }
        });
        Turns { url: format!("postgresql://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name), counts }
    }

    /// Round trips and connections so far.
    pub fn counted(&self) -> (usize, usize) {
        (self.counts.turns.load(Ordering::SeqCst), self.counts.connections.load(Ordering::SeqCst))
    }

    /// The statements that were sent in simple messages over connections that have ended, each connection's in order
    /// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).
    pub fn statements(&self) -> Vec<String> {
        let ended = || self.counts.sent.lock().expect("nobody has panicked").len();
        for _ in 0..500 {
            if ended() == self.counted().1 {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let sent = self.counts.sent.lock().expect("nobody has panicked");
        sent.iter().flat_map(|bytes| simple_messages(bytes)).collect()
    }
}

fn simple_messages(bytes: &[u8]) -> Vec<String> {
    let length =
        |at: usize| bytes.get(at..at + 4).map(|length| u32::from_be_bytes(length.try_into().expect("four")) as usize);
    let mut found = Vec::new();
    // The first one has no type.
    let mut at = length(0).unwrap_or(bytes.len());
    while let (Some(kind), Some(length)) = (bytes.get(at), length(at + 1)) {
        if *kind == b'Q'
            && let Some(text) = bytes.get(at + 5..at + length)
        {
            found.push(String::from_utf8_lossy(text).into_owned());
        }
        at += 1 + length;
    }
    found
}

/// A round trip begins when the client speaks after the server has.
fn carry(client: &TcpStream, server: &UnixStream, counts: &Counts) {
    let server_spoke = Arc::new(AtomicBool::new(true));
    let (mut to_client, mut from_server, spoke) =
        (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"), server_spoke.clone());
    let back = thread::spawn(move || {
        let mut piece = [0; 16 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut piece) {
            spoke.store(true, Ordering::SeqCst);
            if to_client.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_server, mut piece) = (client, server, [0; 16 * 1024]);
    let mut sent = Vec::new();
    while let Ok(read @ 1..) = from_client.read(&mut piece) {
        if server_spoke.swap(false, Ordering::SeqCst) {
            counts.turns.fetch_add(1, Ordering::SeqCst);
        }
        sent.extend_from_slice(&piece[..read]);
        if to_server.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    counts.sent.lock().expect("nobody has panicked").push(sent);
    let _ = server.shutdown(Shutdown::Both);
    let _ = back.join();
}

fn socket(url: &str) -> PathBuf {
    let (_, query) = url.split_once('?').expect("the tests' own server listens on a socket");
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).expect("a part of the URL");
    PathBuf::from(value("host=")).join(format!(".s.PGSQL.{}", value("port=")))
}
