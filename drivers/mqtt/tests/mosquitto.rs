//! A real broker for tests, on a port of its own; and a bare client beside the driver.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

/// A running mosquitto; it is killed when this is dropped.
pub(crate) struct Mosquitto {
    child: Child,
    pub(crate) port: u16,
    config: PathBuf,
    binary: PathBuf,
    pub(crate) folder: TempDir,
}

/// Where the program is, if it is installed.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    places.map(|place| place.join(name)).find(|file| file.is_file())
}

/// The program, or a word about why the test is left out.
#[allow(clippy::print_stdout, reason = "who runs the tests is told what was left out")]
pub(crate) fn need(name: &str) -> Option<PathBuf> {
    let found = program(name);
    if found.is_none() {
        println!("SKIP: {name} is not installed");
    }
    found
}

impl Mosquitto {
    /// Starts a broker. `lines` are added to the configuration of its listener; `{dir}` stands for its folder.
    pub(crate) fn start(lines: &str) -> Option<Self> {
        Self::start_in(tempfile::tempdir().unwrap(), lines)
    }

    /// The same in a folder that has files for it already.
    pub(crate) fn start_in(folder: TempDir, lines: &str) -> Option<Self> {
        let binary = need("mosquitto")?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.path().join("mosquitto.conf");
        let lines = lines.replace("{dir}", &folder.path().display().to_string());
        // A broker that is started as root would give up its rights, and could not read its files.
        let text = format!(
            "user root\nlog_dest stdout\nset_tcp_nodelay true\nmax_queued_messages 0\nlistener {port} 127.0.0.1\n{lines}\n"
        );
        std::fs::write(&config, text).unwrap();
        let child = spawn(&binary, &config, port);
        Some(Self { child, port, config, binary, folder })
    }

    /// Kills it at once, without a word to its clients.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.binary, &self.config, self.port);
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(binary: &Path, config: &Path, port: u16) -> Child {
    let mut child =
        Command::new(binary).arg("-c").arg(config).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let limit = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = child.try_wait().unwrap() {
            let mut said = String::new();
            for line in BufReader::new(child.stdout.take().unwrap())
                .lines()
                .chain(BufReader::new(child.stderr.take().unwrap()).lines())
            {
                said += &(line.unwrap() + "\n");
            }
            panic!("mosquitto ended with {status}: {said}");
        }
        assert!(Instant::now() < limit, "mosquitto does not listen");
        std::thread::yield_now();
    }
    drain(child.stdout.take().unwrap());
    drain(child.stderr.take().unwrap());
    child
}

/// Reads on, so that the broker never waits for its log.
fn drain(stream: impl std::io::Read + Send + 'static) {
    std::thread::spawn(move || BufReader::new(stream).lines().for_each(drop));
}

/// A client of bare bytes: MQTT 3.1.1, QoS 0. It shares no code with the driver.
pub(crate) struct BareClient(TcpStream);

impl BareClient {
    pub(crate) fn connect(port: u16, id: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0];
        body.extend([0, id.len() as u8]);
        body.extend(id.as_bytes());
        stream.write_all(&packet(0x10, &body)).unwrap();
        let mut client = Self(stream);
        let (kind, answer) = client.read();
        assert_eq!((kind, answer.as_slice()), (0x20, &[0, 0][..]));
        client
    }

    /// Waits without end for messages, until the broker is gone.
    pub(crate) fn patient(self) -> Self {
        self.0.set_read_timeout(None).unwrap();
        self
    }

    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8], retain: bool) {
        let mut body = vec![(topic.len() >> 8) as u8, topic.len() as u8];
        body.extend(topic.as_bytes());
        body.extend(payload);
        self.0.write_all(&packet(0x30 | u8::from(retain), &body)).unwrap();
    }

    pub(crate) fn subscribe(&mut self, filter: &str) {
        let mut body = vec![0, 1, 0, filter.len() as u8];
        body.extend(filter.as_bytes());
        body.push(0);
        self.0.write_all(&packet(0x82, &body)).unwrap();
        assert_eq!(self.read().0, 0x90);
    }

    /// The next message.
    pub(crate) fn message(&mut self) -> (String, Vec<u8>) {
        self.next_message().expect("a message")
    }

    /// Waits until the broker has handled all that was sent.
    pub(crate) fn settle(&mut self) {
        self.0.write_all(&[0xc0, 0]).unwrap();
        while self.read().0 != 0xd0 {}
    }

    /// The next message; none = the broker is gone, or nothing came for a long time.
    pub(crate) fn next_message(&mut self) -> Option<(String, Vec<u8>)> {
        loop {
            let (kind, body) = self.try_read().ok()?;
            if kind >> 4 == 3 {
                let length = usize::from(body[0]) << 8 | usize::from(body[1]);
                return Some((String::from_utf8(body[2..2 + length].to_vec()).ok()?, body[2 + length..].to_vec()));
            }
        }
    }

    fn read(&mut self) -> (u8, Vec<u8>) {
        self.try_read().unwrap()
    }

    fn try_read(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        use std::io::Read;
        let mut byte = [0];
        self.0.read_exact(&mut byte)?;
        let kind = byte[0];
        let (mut length, mut shift) = (0, 0);
        loop {
            self.0.read_exact(&mut byte)?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((kind, body))
    }
}

pub(crate) fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![kind];
    let mut length = body.len();
    loop {
        let byte = (length % 128) as u8;
        length /= 128;
        packet.push(byte | if length > 0 { 0x80 } else { 0 });
        if length == 0 {
            break;
        }
    }
    packet.extend(body);
    packet
}

/// Runs `openssl` in a folder.
pub(crate) fn openssl(binary: &Path, folder: &Path, arguments: &str) {
    let output = Command::new(binary).current_dir(folder).args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
