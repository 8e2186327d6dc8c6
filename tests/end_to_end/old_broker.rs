//! A broker of the old days: MQTT 3.1.1 only, so nobody can tell it how large a packet may be.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use hub_tests::api::items;
use hub_tests::wait::throughout;
use hub_tests::{Bench, Hub, eventually};

const GIANT: usize = 64 << 20;
const DEVICES: &[u8] = br#"[{"ieee_address":"0x00","type":"Coordinator","friendly_name":"Coordinator"}]"#;

/// One packet: its head and its body.
fn packet(tcp: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut byte = [0];
    tcp.read_exact(&mut byte)?;
    let head = byte[0];
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        tcp.read_exact(&mut byte)?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    tcp.read_exact(&mut body)?;
    Ok((head, body))
}

/// Sends a retained message.
fn publish(tcp: &mut TcpStream, topic: &[u8], payload: &[u8]) -> std::io::Result<()> {
    let mut length = 2 + topic.len() + payload.len();
    let mut head = vec![0x31];
    while length > 0 {
        head.push(u8::try_from(length % 128).unwrap_or(0) | if length >= 128 { 0x80 } else { 0 });
        length /= 128;
    }
    head.extend([0, u8::try_from(topic.len()).unwrap_or(0)]);
    tcp.write_all(&head)?;
    tcp.write_all(topic)?;
    tcp.write_all(payload)
}

/// Serves one client: refuses MQTT 5, and answers the first subscription with a giant retained message.
fn serve(mut tcp: TcpStream) -> std::io::Result<()> {
    let mut sent = false;
    loop {
        let (head, body) = packet(&mut tcp)?;
        match head >> 4 {
            1 if body.get(6) != Some(&4) => return tcp.write_all(&[0x20, 2, 0, 1]),
            1 => tcp.write_all(&[0x20, 2, 0, 0])?,
            8 => {
                // Every filter: two bytes of length, the text, one byte of quality.
                let (mut at, mut answer) = (2, vec![body[0], body[1]]);
                while at + 2 < body.len() {
                    at += 3 + usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
                    answer.push(0);
                }
                tcp.write_all(&[0x90, u8::try_from(answer.len()).unwrap_or(2)])?;
                tcp.write_all(&answer)?;
                if !std::mem::replace(&mut sent, true) {
                    publish(&mut tcp, b"zigbee2mqtt/giant", &vec![b'x'; GIANT])?;
                    publish(&mut tcp, b"zigbee2mqtt/bridge/state", b"{\"state\":\"online\"}")?;
                    publish(&mut tcp, b"zigbee2mqtt/bridge/devices", DEVICES)?;
                }
            }
            12 => tcp.write_all(&[0xd0, 0])?,
            14 => return Ok(()),
            _ => {}
        }
    }
}

#[test]
fn a_giant_message_of_an_old_broker_is_left_out_and_named() {
    let bench = Bench::new("old-broker");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || serve(tcp));
        }
    });
    let driver = format!("[[driver]]\nid = \"zigbee\"\ntype = \"zigbee2mqtt\"\nbroker = \"mqtt://127.0.0.1:{port}\"\n");
    let mut hub = Hub::new(&bench, &driver);
    hub.start();
    let api = hub.claim();
    eventually("the driver to hear what comes behind the giant", Duration::from_secs(30), || {
        let driver = items(api.get("drivers").ok()).into_iter().next().unwrap_or_default();
        if driver["state"] == "online" { Ok(()) } else { Err(driver) }
    });
    eventually("the hub to name the cause", Duration::from_secs(30), || {
        let log = hub.log();
        if log.contains("too large") { Ok(()) } else { Err(log) }
    });
    let before = connections.load(Ordering::SeqCst);
    let held = throughout(Duration::from_secs(5), || {
        let since = connections.load(Ordering::SeqCst) - before;
        if since > 0 { Err(since) } else { Ok(()) }
    });
    assert_eq!(held, Ok(()), "it connects again and again");
    assert_eq!(api.get("devices").status, 200);
    let memory = hub.resident_bytes().expect("the hub runs");
    assert!(memory < 200 << 20, "the hub holds {} MiB", memory >> 20);
    assert_eq!(hub.stop(), Some(0));
}
