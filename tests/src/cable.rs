//! A cable between a client and a server on loopback that can be pulled: the server itself goes on.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Everything that goes over the cable now; none = it is pulled.
type Plugged = Arc<Mutex<Option<Vec<TcpStream>>>>;

/// A port that leads to another one as long as the cable is plugged in.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    plugged: Plugged,
}

impl Cable {
    /// A cable to this port, plugged in.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let plugged: Plugged = Arc::new(Mutex::new(Some(Vec::new())));
        let shared = Arc::clone(&plugged);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is away is a cable that leads nowhere: the client is dropped.
                if let Some(both) = lock(&shared).as_mut()
                    && let Ok(server) = TcpStream::connect(("127.0.0.1", server))
                {
                    carry(&client, &server);
                    carry(&server, &client);
                    both.extend([client, server]);
                }
            }
        });
        Self { port, plugged }
    }

    /// The client's end.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Pulls it: every connection ends, and none is made.
    pub fn pull(&self) {
        for stream in lock(&self.plugged).take().into_iter().flatten() {
            // It may have ended by itself.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Plugs it in again.
    pub fn plug(&self) {
        lock(&self.plugged).get_or_insert_default();
    }
}

fn lock(plugged: &Plugged) -> MutexGuard<'_, Option<Vec<TcpStream>>> {
    plugged.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries what one end says to the other, on a thread of its own, until either is gone.
fn carry(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) =
        (from.try_clone().expect("a socket can be shared"), to.try_clone().expect("a socket can be shared"));
    thread::spawn(move || {
        let _ = copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}
