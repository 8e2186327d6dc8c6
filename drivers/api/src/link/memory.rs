//! A link inside this program: what tests and simulated buses stand on. It carries bytes, or any messages.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Mutex, mpsc, watch};

use super::{Link, LinkError};

/// One end of a wire, for a driver. A clone is another plug for the same end: a restarted driver takes one.
pub struct MemoryLink<R = Bytes, T = Bytes> {
    inbound: Arc<Mutex<mpsc::Receiver<R>>>,
    outbound: mpsc::Sender<T>,
    wire: watch::Receiver<Wire>,
    connections: Arc<watch::Sender<u64>>,
}

/// The other end, for the test or the simulated bus.
pub struct MemoryPeer<R = Bytes, T = Bytes> {
    inbound: mpsc::Sender<R>,
    outbound: Mutex<mpsc::Receiver<T>>,
    wire: watch::Sender<Wire>,
    connections: watch::Receiver<u64>,
}

/// Whether the wire is whole, or why not.
type Wire = Result<(), Arc<str>>;

/// Two ends of one wire; each direction holds at most `capacity` items, then the sender waits.
pub fn wire<R, T>(capacity: usize) -> (MemoryLink<R, T>, MemoryPeer<R, T>) {
    let (to_link, inbound) = mpsc::channel(capacity.max(1));
    let (outbound, from_link) = mpsc::channel(capacity.max(1));
    let (switch, wire) = watch::channel(Ok(()));
    let (counter, connections) = watch::channel(0);
    let link = MemoryLink { inbound: Arc::new(Mutex::new(inbound)), outbound, wire, connections: Arc::new(counter) };
    let peer = MemoryPeer { inbound: to_link, outbound: Mutex::new(from_link), wire: switch, connections };
    (link, peer)
}

impl<R, T> MemoryLink<R, T> {
    /// Returns when the wire is cut, with the reason.
    async fn cut(wire: &mut watch::Receiver<Wire>) -> LinkError {
        match wire.wait_for(Result::is_err).await {
            Ok(state) => LinkError::new(state.as_ref().err().map_or("the wire is cut", |reason| reason)),
            Err(_) => LinkError::new("the other end of the wire is gone"),
        }
    }
}

impl<R: Send, T: Send> Link for MemoryLink<R, T> {
    type Received = R;
    type Transmit = T;

    async fn connect(&mut self) -> Result<(), LinkError> {
        self.connections.send_modify(|count| *count += 1);
        if let Err(reason) = &*self.wire.borrow_and_update() {
            return Err(LinkError::new(&**reason));
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<R, LinkError> {
        let inbound = Arc::clone(&self.inbound);
        tokio::select! {
            biased;
            error = Self::cut(&mut self.wire) => Err(error),
            received = async { inbound.lock().await.recv().await } => {
                received.ok_or_else(|| LinkError::new("the other end of the wire is gone"))
            }
        }
    }

    async fn transmit(&mut self, transmit: T) -> Result<(), LinkError> {
        tokio::select! {
            biased;
            error = Self::cut(&mut self.wire) => Err(error),
            sent = self.outbound.send(transmit) => {
                sent.map_err(|_| LinkError::new("the other end of the wire is gone"))
            }
        }
    }
}

impl<R, T> MemoryPeer<R, T> {
    /// Sends to the link; waits while the wire is full. False = no link is left.
    pub async fn send(&self, item: R) -> bool {
        self.inbound.send(item).await.is_ok()
    }

    /// The next thing that the link sent; none = no link is left.
    pub async fn receive(&self) -> Option<T> {
        self.outbound.lock().await.recv().await
    }

    /// Cuts the wire: what waits on it fails with this reason, and so does connecting.
    pub fn cut(&self, reason: impl Into<Arc<str>>) {
        self.wire.send_modify(|wire| *wire = Err(reason.into()));
    }

    /// Mends the wire.
    pub fn restore(&self) {
        self.wire.send_modify(|wire| *wire = Ok(()));
    }

    /// How often a link tried to connect, with or without success.
    pub fn connections(&self) -> u64 {
        *self.connections.borrow()
    }
}

impl<R, T> Clone for MemoryLink<R, T> {
    fn clone(&self) -> Self {
        Self {
            inbound: Arc::clone(&self.inbound),
            outbound: self.outbound.clone(),
            wire: self.wire.clone(),
            connections: Arc::clone(&self.connections),
        }
    }
}

impl<R, T> fmt::Debug for MemoryLink<R, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryLink").field("wire", &*self.wire.borrow()).finish_non_exhaustive()
    }
}

impl<R, T> fmt::Debug for MemoryPeer<R, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryPeer").field("wire", &*self.wire.borrow()).finish_non_exhaustive()
    }
}
