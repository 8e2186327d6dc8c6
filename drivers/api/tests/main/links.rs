//! The byte links, over loopback, a pair of pseudo terminals, and memory.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use driver_api::conformance::TokioClock;
use driver_api::link::memory::wire;
use driver_api::link::replay::Difference;
use driver_api::link::{Capture, Recording, Replay, SerialLink, SerialSettings, TcpLink};
use driver_api::{Link, LinkError};
use expect_test::expect;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_secs(10);

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("within the limit")
}

#[tokio::test]
async fn tcp_carries_both_ways_and_says_when_it_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut link = TcpLink::new(address.clone());
    assert!(link.transmit(Bytes::from_static(b"x")).await.unwrap_err().message.contains("not connected"));
    in_time(link.connect()).await.unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    link.transmit(Bytes::from_static(b"ping")).await.unwrap();
    let mut buffer = [0; 4];
    in_time(peer.read_exact(&mut buffer)).await.unwrap();
    assert_eq!(&buffer, b"ping");
    peer.write_all(b"pong").await.unwrap();
    assert_eq!(in_time(link.receive()).await.unwrap(), "pong");
    // Dropping a receive that waits loses nothing.
    assert!(tokio::time::timeout(Duration::from_millis(20), link.receive()).await.is_err());
    peer.write_all(b"more").await.unwrap();
    assert_eq!(in_time(link.receive()).await.unwrap(), "more");
    drop(peer);
    let lost = in_time(link.receive()).await.unwrap_err();
    assert!(lost.message.contains(&address) && lost.message.contains("closed"), "{lost}");
    in_time(link.connect()).await.unwrap();
    drop(listener);
    drop(link);
    let refused = in_time(TcpLink::new(address).connect()).await.unwrap_err();
    assert!(refused.message.contains("nothing listens there"), "{refused}");
}

#[tokio::test]
async fn a_missing_serial_port_is_named_with_what_to_do() {
    let error = SerialLink::new("/dev/serial/by-id/none-such", SerialSettings::default()).connect().await.unwrap_err();
    assert!(
        error.message.contains("/dev/serial/by-id/none-such") && error.message.contains("plug the adapter in"),
        "{error}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_serial_port_carries_both_ways_and_is_found_again() {
    use tokio_serial::SerialPort;
    let Ok((mut far, near)) = tokio_serial::SerialStream::pair() else {
        println!("SKIP: this machine gives no pseudo terminals");
        return;
    };
    let Some(name) = near.name() else {
        println!("SKIP: the pseudo terminal has no name");
        return;
    };
    let mut link = SerialLink::new(name, SerialSettings::default());
    // Both ends of the pair are exclusive; the near one makes way.
    drop(near);
    in_time(link.connect()).await.unwrap();
    link.transmit(Bytes::from_static(b"ping")).await.unwrap();
    let mut buffer = [0; 4];
    in_time(far.read_exact(&mut buffer)).await.unwrap();
    assert_eq!(&buffer, b"ping");
    AsyncWriteExt::write_all(&mut far, b"pong").await.unwrap();
    assert_eq!(in_time(link.receive()).await.unwrap(), "pong");
    in_time(link.connect()).await.unwrap();
    AsyncWriteExt::write_all(&mut far, b"again").await.unwrap();
    assert_eq!(in_time(link.receive()).await.unwrap(), "again");
    drop(far);
    let lost = in_time(link.receive()).await.unwrap_err();
    assert!(lost.message.contains("lost the serial port"), "{lost}");
}

#[tokio::test(start_paused = true)]
async fn a_wire_can_be_cut_and_mended() {
    let (mut link, peer) = wire::<u8, u8>(4);
    link.connect().await.unwrap();
    peer.send(1).await;
    assert_eq!(link.receive().await.unwrap(), 1);
    link.transmit(2).await.unwrap();
    assert_eq!(peer.receive().await, Some(2));
    peer.cut("pulled");
    assert_eq!(link.receive().await.unwrap_err().message, "pulled");
    assert_eq!(link.transmit(3).await.unwrap_err().message, "pulled");
    assert_eq!(link.connect().await.unwrap_err().message, "pulled");
    peer.restore();
    link.connect().await.unwrap();
    peer.send(4).await;
    assert_eq!(link.clone().receive().await.unwrap(), 4, "another plug for the same end");
    drop(peer);
    assert!(link.receive().await.unwrap_err().message.contains("gone"));
}

/// A writer whose text can be read meanwhile, and that may be full.
#[derive(Clone, Default)]
struct Paper {
    text: Arc<Mutex<Vec<u8>>>,
    full: bool,
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.full {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.text.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

/// A short life of a link: asked, answered, lost, found.
async fn live(link: &mut impl Link<Received = Bytes, Transmit = Bytes>) -> Result<Vec<Bytes>, LinkError> {
    link.connect().await?;
    link.transmit(Bytes::from_static(&[1, 3, 0, 0x20])).await?;
    let first = link.receive().await?;
    let lost = link.receive().await.unwrap_err();
    assert_eq!(lost.message, "the adapter was pulled");
    tokio::time::sleep(Duration::from_secs(1)).await;
    link.connect().await?;
    Ok(vec![first, link.receive().await?])
}

async fn record(paper: Paper, limit: u64) -> Vec<Bytes> {
    let clock = Arc::new(TokioClock::at("2026-11-21T12:00:00Z".parse().unwrap()));
    let (link, peer) = wire(4);
    let mut link = Recording::new(link, clock, paper, limit);
    let bus = async {
        assert_eq!(peer.receive().await.unwrap(), [1, 3, 0, 0x20][..]);
        tokio::time::sleep(Duration::from_millis(15)).await;
        peer.send(Bytes::from_static(&[6])).await;
        tokio::time::sleep(Duration::from_secs(7)).await;
        peer.cut("the adapter was pulled");
        tokio::time::sleep(Duration::from_millis(500)).await;
        peer.restore();
        tokio::time::sleep(Duration::from_secs(1)).await;
        peer.send(Bytes::from_static(&[0xff, 0])).await;
    };
    let (outcome, ()) = tokio::join!(live(&mut link), bus);
    outcome.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_plays_again() {
    let paper = Paper::default();
    let lived = record(paper.clone(), 1_000_000).await;
    expect![[r#"
        0.000 up
        0.000 > 01030020
        0.015 < 06
        7.015 down the adapter was pulled
        8.015 up
        8.515 < ff00
    "#]]
    .assert_eq(&paper.text());
    let (mut replay, mut watch) = Replay::new(Capture::parse(&paper.text()).unwrap());
    assert_eq!(live(&mut replay).await.unwrap(), lived);
    assert!(watch.finished().await);
    assert_eq!(watch.differences(), []);
}

#[tokio::test(start_paused = true)]
async fn a_replay_tells_what_was_sent_otherwise() {
    let capture = "0 up\n0 > 01\n0 < 02\n0 > 03\n0 < 04\n";
    let (mut replay, mut watch) = Replay::new(Capture::parse(capture).unwrap());
    replay.connect().await.unwrap();
    replay.transmit(Bytes::from_static(&[9])).await.unwrap();
    assert_eq!(replay.receive().await.unwrap(), [2][..]);
    // What is awaited does not come; the play goes on.
    assert_eq!(replay.receive().await.unwrap(), [4][..]);
    assert!(watch.finished().await);
    replay.transmit(Bytes::from_static(&[7])).await.unwrap();
    let byte = |number: u8| Some(Bytes::copy_from_slice(&[number]));
    let difference = |captured, sent| Difference { captured, sent };
    let expected = [difference(byte(1), byte(9)), difference(byte(3), None), difference(None, byte(7))];
    assert_eq!(watch.differences(), expected);
    assert!(tokio::time::timeout(LIMIT, replay.receive()).await.is_err(), "the link stays as the capture left it");
    assert!(replay.connect().await.unwrap_err().message.contains("ended"));
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_cannot_be_kept_does_not_harm_the_link() {
    let full = Paper { full: true, ..Paper::default() };
    assert_eq!(record(full, 1_000_000).await.len(), 2);
    let short = Paper::default();
    assert_eq!(record(short.clone(), 20).await.len(), 2);
    assert_eq!(short.text(), "0.000 up\n");
}
