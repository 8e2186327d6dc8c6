//! Bytes over a serial port: sticks, adapters, meters.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_serial::{DataBits, ErrorKind, FlowControl, Parity, SerialPortBuilderExt, SerialStream, StopBits};

use super::tcp::READ_SIZE;
use super::{Link, LinkError};

/// Where Linux names serial adapters by maker and serial number, so that the name survives another USB socket.
const STABLE_NAMES: &str = "/dev/serial/by-id";
/// A port that takes nothing for that long is taken for dead.
const TRANSMIT_LIMIT: Duration = Duration::from_secs(10);

/// How a serial port is set: 115,200 baud, 8 data bits, no parity, 1 stop bit, no flow control unless said otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SerialSettings {
    /// Bits per second.
    pub baud_rate: u32,
    /// Bits per byte.
    pub data_bits: DataBits,
    /// The check bit.
    pub parity: Parity,
    /// Bits between bytes.
    pub stop_bits: StopBits,
    /// How one side holds up the other.
    pub flow_control: FlowControl,
}

impl Default for SerialSettings {
    fn default() -> Self {
        Self {
            baud_rate: 115_200,
            data_bits: DataBits::Eight,
            parity: Parity::None,
            stop_bits: StopBits::One,
            flow_control: FlowControl::None,
        }
    }
}

/// A serial port, opened for us alone. Opened anew by each `connect`.
#[derive(Debug)]
pub struct SerialLink {
    path: String,
    settings: SerialSettings,
    stream: Option<SerialStream>,
    buffer: BytesMut,
}

impl SerialLink {
    /// A link to the port at `path`, best one of [`stable_ports`]; opens it when it is asked to.
    pub fn new(path: impl Into<String>, settings: SerialSettings) -> Self {
        Self { path: path.into(), settings, stream: None, buffer: BytesMut::new() }
    }

    fn not_connected(&self) -> LinkError {
        LinkError::new(format!("the serial port {} is not open", self.path))
    }

    fn lost(&mut self, what: &str) -> LinkError {
        self.stream = None;
        LinkError::new(format!("lost the serial port {}: {what}; check that the adapter is plugged in", self.path))
    }
}

impl Link for SerialLink {
    type Received = Bytes;
    type Transmit = Bytes;

    async fn connect(&mut self) -> Result<(), LinkError> {
        // The port is ours alone: it must be closed before it can be opened again.
        self.stream = None;
        self.buffer.clear();
        let builder = tokio_serial::new(self.path.as_str(), self.settings.baud_rate)
            .data_bits(self.settings.data_bits)
            .parity(self.settings.parity)
            .stop_bits(self.settings.stop_bits)
            .flow_control(self.settings.flow_control);
        // Opening waits for the adapter, and core and drivers share one thread.
        match tokio::task::spawn_blocking(move || builder.open_native_async()).await {
            Ok(Ok(stream)) => {
                self.stream = Some(stream);
                Ok(())
            }
            Ok(Err(error)) => Err(cannot_open(&self.path, &error)),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    async fn receive(&mut self) -> Result<Bytes, LinkError> {
        let Some(stream) = &mut self.stream else { return Err(self.not_connected()) };
        self.buffer.reserve(READ_SIZE);
        match stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(self.lost("it was closed")),
            Ok(_) => Ok(self.buffer.split().freeze()),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    async fn transmit(&mut self, transmit: Bytes) -> Result<(), LinkError> {
        let Some(stream) = &mut self.stream else { return Err(self.not_connected()) };
        match tokio::time::timeout(TRANSMIT_LIMIT, stream.write_all(&transmit)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => Err(self.lost("it takes no more bytes")),
        }
    }
}

fn cannot_open(path: &str, error: &tokio_serial::Error) -> LinkError {
    let advice = match error.kind() {
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => {
            "let the hub's user use it: it belongs to a group such as dialout"
        }
        ErrorKind::NoDevice if Path::new(path).exists() => "another program uses it; stop that one",
        ErrorKind::NoDevice | ErrorKind::Io(std::io::ErrorKind::NotFound) => {
            "plug the adapter in, or correct the port; `ls /dev/serial/by-id` lists what is there"
        }
        _ => "check the adapter and its settings",
    };
    LinkError::new(format!("could not open the serial port {path}: {error}; {advice}"))
}

/// The serial ports that have a name of their own, in order; empty where the system names none. Reads a folder: not
/// for the inside of an async task.
pub fn stable_ports() -> Vec<PathBuf> {
    stable_ports_in(Path::new(STABLE_NAMES))
}

fn stable_ports_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut ports: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    ports.sort();
    ports
}
