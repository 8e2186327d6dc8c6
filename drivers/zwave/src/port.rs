//! The stick's port: bytes, and the wish to close it and open it again when nothing else helps.

use bytes::Bytes;
use driver_api::link::ByteLink;
use driver_api::{Link, LinkError};

/// What goes to the port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToPort {
    /// Bytes for the stick.
    Bytes(Bytes),
    /// Close the port and open it again.
    Reopen,
}

/// The port.
#[derive(Debug)]
pub struct Port<L = ByteLink> {
    link: L,
}

impl<L> Port<L> {
    /// The port at the end of a link.
    pub fn new(link: L) -> Self {
        Self { link }
    }
}

impl<L: Link<Received = Bytes, Transmit = Bytes>> Link for Port<L> {
    type Received = Bytes;
    type Transmit = ToPort;

    async fn connect(&mut self) -> Result<(), LinkError> {
        self.link.connect().await
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        self.link.receive().await
    }

    async fn transmit(&mut self, transmit: ToPort) -> Result<(), LinkError> {
        match transmit {
            ToPort::Bytes(bytes) => self.link.transmit(bytes).await,
            ToPort::Reopen => Err(LinkError::new("the stick does not answer; its port is opened anew")),
        }
    }

    fn is_full(&self) -> bool {
        self.link.is_full()
    }
}
