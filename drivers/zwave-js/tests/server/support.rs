//! The real server as a process, and a hub with the driver for it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use driver_zwave_js::{ZWaveJsConfig, ZWaveJsDriver};
use serde_json::{Value as Json, json};
use tokio::process::{Child, Command};

use crate::shared::{Hub, Kept};

/// The keys of the emulated network (`tests/zwave/nodes.js`), as Z-Wave JS names them.
const KEYS: [(&str, &str); 4] = [
    ("S0_Legacy", "0102030405060708090a0b0c0d0e0f10"),
    ("S2_Unauthenticated", "11111111111111111111111111111111"),
    ("S2_Authenticated", "22222222222222222222222222222222"),
    ("S2_AccessControl", "33333333333333333333333333333333"),
];

/// A hub with the driver for a server; `schema` = as if the hub knew no newer one.
pub(crate) fn hub_of(server: &Server, schema: Option<u64>) -> Hub {
    let config = ZWaveJsConfig { schema, ..ZWaveJsConfig::new(server.url()) };
    Hub::with_driver(Box::new(ZWaveJsDriver::new(config)), Kept::new(), Vec::new())
}

/// The real server over a stick. What it found out is kept in a folder, as it is at home. Ends with the test.
pub(crate) struct Server {
    process: Option<Child>,
    folder: tempfile::TempDir,
    stick: u64,
    port: u16,
}

impl Server {
    pub(crate) fn start(stick: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys: serde_json::Map<String, Json> =
            KEYS.iter().map(|(name, key)| ((*name).to_owned(), json!(key))).collect();
        let config = json!({
            "securityKeys": keys,
            "storage": {"cacheDir": folder.path().join("cache")},
            "logConfig": {"enabled": false},
        });
        std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut server = Self { process: None, folder, stick, port };
        server.run();
        server
    }

    pub(crate) fn run(&mut self) {
        let process = Command::new("node")
            .arg(counterparts().join("node_modules/@zwave-js/server/dist-cjs/bin/server.js"))
            .arg(format!("tcp://127.0.0.1:{}", self.stick))
            .arg("--config")
            .arg(self.folder.path().join("config.json"))
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string(), "--disable-dns-sd"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        self.process = Some(process.unwrap());
    }

    pub(crate) async fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        // So that it writes down what it knows, as it does at home.
        let id = process.id().unwrap().to_string();
        Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        tokio::time::timeout(Duration::from_secs(30), process.wait()).await.expect("it ends").unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }
}

/// Where the counterparts are.
fn counterparts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zwave")
}
