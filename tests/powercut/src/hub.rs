//! The hub under test: the real program, spoken to over its local socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::disk::wait_for;

/// How long a start may take, on a busy machine.
const START_WITHIN: Duration = Duration::from_secs(30);

pub struct Hub {
    process: Child,
    socket: PathBuf,
    log: PathBuf,
}

impl Hub {
    /// Starts the demo home on `data`; its socket and log lie in `outside`.
    pub fn start(program: &Path, data: &Path, outside: &Path, synchronous: &str) -> Result<Self> {
        let socket = outside.join("hearth.sock");
        let _ = std::fs::remove_file(&socket);
        let config = outside.join("hearth.toml");
        std::fs::write(&config, format!("[store]\nsynchronous = \"{synchronous}\"\n"))?;
        let log = outside.join("hearth.log");
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let process = Command::new(program)
            .args(["run", "--demo", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(data)
            .env("HEARTH_HUB_SOCKET", &socket)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut hub = Self { process, socket, log };
        let mut ended = None;
        let ready = wait_for("the hub's start", START_WITHIN, || {
            ended = hub.process.try_wait().ok().flatten();
            ended.is_some() || hub.get("/readyz").is_ok()
        });
        if let Some(status) = ended {
            bail!("the hub ended with {status}:\n{}", hub.log_tail());
        }
        ready.with_context(|| hub.log_tail())?;
        Ok(hub)
    }

    pub fn get(&self, path: &str) -> Result<Value> {
        self.request("GET", path, None)
    }

    /// Sends a request; anything but 2xx is an error.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(START_WITHIN))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let type_line = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{type_line}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let text = String::from_utf8_lossy(&answer);
        let (head, content) = text.split_once("\r\n\r\n").context("no answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("{method} {path}: {status} {content}");
        }
        Ok(serde_json::from_str(content).unwrap_or(Value::Null))
    }

    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().rev().take(20).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Ends it without a word, like a power cut.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.end();
    }
}
