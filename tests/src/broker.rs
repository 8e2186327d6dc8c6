//! mosquitto, a real MQTT broker.

use std::fs::{self, OpenOptions};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::bench::Bench;
use crate::hub::free_port;
use crate::wait::eventually;

/// The `[[driver]]` table of a hub that looks for zigbee2mqtt at a broker on this port of loopback.
pub fn driver_at(port: u16) -> String {
    format!("[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://127.0.0.1:{port}\"\n")
}

/// A broker on a port of its own.
#[derive(Debug)]
pub struct Broker {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Broker {
    /// Starts one that lets anybody in.
    pub fn start(bench: &Bench) -> Self {
        Self::with_rules(bench, "allow_anonymous true\n")
    }

    /// Starts one that lets in only this user with this password.
    pub fn with_user(bench: &Bench, user: &str, password: &str) -> Self {
        let file = bench.folder().join("broker-passwords");
        let made = Command::new("mosquitto_passwd").args(["-b", "-c"]).arg(&file).args([user, password]).status();
        assert!(made.is_ok_and(|status| status.success()), "mosquitto_passwd can write a file");
        // Started by root it would become another user, who may not be allowed to read here.
        Self::with_rules(bench, &format!("user root\nallow_anonymous false\npassword_file {}\n", file.display()))
    }

    fn with_rules(bench: &Bench, rules: &str) -> Self {
        let mut broker = Self { folder: bench.folder().to_path_buf(), port: free_port(), process: None };
        let configuration =
            format!("listener {} 127.0.0.1\n{rules}persistence false\nmax_queued_messages 0\n", broker.port);
        fs::write(broker.folder.join("mosquitto.conf"), configuration).expect("the configuration can be written");
        broker.start_again();
        broker
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The `[[driver]]` table of a hub that looks for zigbee2mqtt here.
    pub fn driver(&self) -> String {
        driver_at(self.port)
    }

    /// Starts it on the same port.
    pub fn start_again(&mut self) {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.join("mosquitto.log"))
            .expect("a log can be opened");
        let process = Command::new("mosquitto")
            .arg("-v")
            .arg("-c")
            .arg(self.folder.join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("mosquitto can be started");
        self.process = Some(process);
        eventually("mosquitto to listen", Duration::from_secs(10), || TcpStream::connect(("127.0.0.1", self.port)));
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("an own process can be ended");
            process.wait().expect("an own process can be waited for");
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("mosquitto.log")).unwrap_or_default()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}
