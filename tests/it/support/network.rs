//! A network that can vanish: nothing is refused or reset, packets just don't arrive any more.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const POLL: Duration = Duration::from_millis(20);
/// How long a played network swallows what is sent before connections end, as the kernel ends them with the settings of
/// [`Network::NOTICING`].
const PLAYED_TIMEOUT: Duration = Duration::from_secs(4);

/// The way to a server.
pub enum Network {
    /// A network namespace of this thread and of all processes that it starts from now on, where this user may make one: its
    /// only link is switched off.
    Own,
    /// In front of the server stands what forwards nothing any more.
    Played { port: u16, vanished: Arc<AtomicBool> },
}

impl Network {
    /// Parts of a URL with which a vanished server is noticed within four seconds.
    pub const NOTICING: &str = "keepalives_idle=1&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=4000";

    /// For this thread.
    pub fn of_this_thread() -> Option<Self> {
        // SAFETY: the call has no preconditions, and concerns this thread alone.
        (unsafe { libc::unshare(libc::CLONE_NEWNET) } == 0).then(|| {
            switch(Link::On);
            Network::Own
        })
    }

    /// In front of a server with this directory of its socket and this port.
    pub fn played(directory: &Path, port: u16) -> Self {
        let socket = directory.join(format!(".s.PGSQL.{port}"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let vanished = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&vanished);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                carry(client, socket.clone(), &shared);
            }
        });
        Network::Played { port, vanished }
    }

    /// The port at which the server is reached on 127.0.0.1, if it is not its own.
    pub fn port(&self) -> Option<u16> {
        match self {
            Network::Own => None,
            Network::Played { port, .. } => Some(*port),
        }
    }

    pub fn vanish(&self) {
        match self {
            Network::Own => switch(Link::Off),
            Network::Played { vanished, .. } => vanished.store(true, Ordering::SeqCst),
        }
    }

    pub fn come_back(&self) {
        match self {
            Network::Own => switch(Link::On),
            Network::Played { vanished, .. } => vanished.store(false, Ordering::SeqCst),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    On,
    Off,
}

/// Switches the loopback device of this thread's namespace.
fn switch(link: Link) {
    // SAFETY: the structure is plain data for which zeros are valid, and the calls only read and write it.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        assert!(socket >= 0, "{}", io::Error::last_os_error());
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo\0") {
            *to = *from as libc::c_char;
        }
        assert_eq!(libc::ioctl(socket, libc::SIOCGIFFLAGS, &mut request), 0, "{}", io::Error::last_os_error());
        let up = libc::IFF_UP as libc::c_short;
        let flags = request.ifr_ifru.ifru_flags;
        request.ifr_ifru.ifru_flags = if link == Link::On { flags | up } else { flags & !up };
        assert_eq!(libc::ioctl(socket, libc::SIOCSIFFLAGS, &request), 0, "{}", io::Error::last_os_error());
        libc::close(socket);
    }
}

fn carry(client: TcpStream, socket: PathBuf, vanished: &Arc<AtomicBool>) {
    let vanished = Arc::clone(vanished);
    thread::spawn(move || {
        // Who knocks while nothing arrives hears nothing.
        while vanished.load(Ordering::SeqCst) {
            thread::sleep(POLL);
        }
        let Ok(server) = UnixStream::connect(&socket) else { return };
        let (Ok(from_client), Ok(to_server)) = (client.try_clone(), server.try_clone()) else { return };
        let questions = Arc::clone(&vanished);
        let there = thread::spawn(move || {
            forward(from_client, to_server, &questions);
        });
        let (Ok(from_server), Ok(to_client)) = (server.try_clone(), client.try_clone()) else { return };
        let watched = (client, server);
        let back = Arc::clone(&vanished);
        let answers = thread::spawn(move || forward(from_server, to_client, &back));
        while !(there.is_finished() && answers.is_finished()) {
            let since = Instant::now();
            while vanished.load(Ordering::SeqCst) {
                if since.elapsed() > PLAYED_TIMEOUT {
                    let _ = (watched.0.shutdown(Shutdown::Both), watched.1.shutdown(Shutdown::Both));
                    return;
                }
                thread::sleep(POLL);
            }
            thread::sleep(POLL);
        }
    });
}

fn forward(mut from: impl Read, mut to: impl Write, vanished: &AtomicBool) {
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        while vanished.load(Ordering::SeqCst) {
            thread::sleep(POLL);
        }
        if to.write_all(&piece[..read]).is_err() {
            return;
        }
    }
}
