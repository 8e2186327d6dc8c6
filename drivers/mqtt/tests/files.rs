//! Files that take their time: nothing else may wait for them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use driver_api::Link;
use driver_mqtt::MqttConfig;
use driver_mqtt::link::MqttLink;
use hub_model::DriverId;

use crate::broker::{LIMIT, config};

/// A file that can be read only when somebody writes it.
fn slow_file(folder: &Path) -> PathBuf {
    let path = folder.join("slow");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// Whether other tasks of the one thread go on while the link reads a slow file.
fn others_go_on(config: &MqttConfig, file: &Path) -> bool {
    let (written, is_written) = mpsc::sync_channel(1);
    let path = file.to_owned();
    // The other task asks for the file to be written; whoever is held up by the link never comes to it.
    let writer = thread::spawn(move || {
        let asked = is_written.recv_timeout(LIMIT).is_ok();
        std::fs::write(path, "secret\n").unwrap();
        asked
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut link = MqttLink::new(config, &DriverId::new("zigbee"), 7).unwrap();
        let other = async { written.send(()).unwrap_or_default() };
        let (connected, ()) = tokio::join!(biased; link.connect(), other);
        assert!(connected.is_err(), "nothing listens there");
    });
    writer.join().unwrap()
}

#[test]
fn a_slow_password_file_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = slow_file(folder.path());
    let slow = MqttConfig {
        username: Some("hearth".to_owned()),
        password_file: Some(file.clone()),
        ..config("mqtt://127.0.0.1:1")
    };
    assert!(others_go_on(&slow, &file));
}

#[test]
fn a_slow_certificate_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = slow_file(folder.path());
    let slow = MqttConfig { ca: Some(file.clone()), ..config("mqtts://127.0.0.1:1") };
    assert!(others_go_on(&slow, &file));
}
