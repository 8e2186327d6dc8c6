//! A local network of its own: hosts that see one another and nobody else, as network namespaces on one bridge.

use std::path::Path;
use std::process::{Command, Output, Stdio, id};

use crate::skip::{has_programs, skip};

/// Hosts on one wire. Taken down at the end.
#[derive(Debug)]
pub struct Lan {
    wire: String,
    hosts: Vec<Host>,
}

/// A host.
#[derive(Debug, Clone)]
pub struct Host {
    namespace: String,
}

fn ip(arguments: &[&str]) -> bool {
    let status = Command::new("ip").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Lan {
    /// A network of so many hosts: 10.77.0.1 and fd77::1, and so on. Says why not, if there can be none here.
    pub fn new(name: &str, hosts: usize) -> Option<Self> {
        if !has_programs(&["ip"]) {
            return None;
        }
        let wire = format!("{name}-{}", id());
        if !ip(&["netns", "add", &wire]) {
            skip("network namespaces cannot be made by this user");
            return None;
        }
        let hosts = (1..=hosts).map(|number| Host { namespace: format!("{wire}-{number}") }).collect();
        let lan = Self { wire, hosts };
        lan.connect();
        Some(lan)
    }

    fn connect(&self) {
        let made = |arguments: &[&str]| assert!(ip(arguments), "ip {arguments:?}");
        made(&["-n", &self.wire, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"]);
        made(&["-n", &self.wire, "link", "set", "br0", "up"]);
        for (index, host) in self.hosts.iter().enumerate() {
            let (number, port) = (index + 1, format!("port{}", index + 1));
            let name = &host.namespace;
            made(&["netns", "add", name]);
            made(&["-n", &self.wire, "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", name]);
            made(&["-n", &self.wire, "link", "set", &port, "master", "br0", "up"]);
            made(&["-n", name, "link", "set", "lo", "up"]);
            made(&["-n", name, "link", "set", "eth0", "up"]);
            made(&["-n", name, "addr", "add", &format!("10.77.0.{number}/24"), "dev", "eth0"]);
            made(&["-n", name, "addr", "add", &format!("fd77::{number}/64"), "dev", "eth0", "nodad"]);
            made(&["-n", name, "route", "add", "default", "dev", "eth0"]);
        }
    }

    /// A host, counted from 1.
    pub fn host(&self, number: usize) -> &Host {
        &self.hosts[number - 1]
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for name in self.hosts.iter().map(|host| &host.namespace).chain([&self.wire]) {
            let _ = ip(&["netns", "del", name]);
        }
    }
}

impl Host {
    /// A program to be run on this host.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program).stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(program).args(arguments).output().expect("a program can be run in a network of its own")
    }

    /// Gives it one more address.
    pub fn add_address(&self, address: &str) {
        assert!(ip(&["-n", &self.namespace, "addr", "add", address, "dev", "eth0"]), "{address}");
    }
}
