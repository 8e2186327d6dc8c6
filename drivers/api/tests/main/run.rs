//! The one run loop. Time is tokio's, paused.

use std::time::Duration;

use driver_api::link::memory::{MemoryPeer, wire};
use driver_api::{CommandStage, DriverEvent, Link, LinkError, WhenFull};
use hub_model::command::FailureReason;
use hub_model::event::DriverState;

use super::support::{Hub, is_status, press, progress, state};

const BOTH: [WhenFull; 2] = [WhenFull::Wait, WhenFull::Coalesce];

async fn connected(when_full: WhenFull, room: usize) -> (Hub, MemoryPeer<String, String>) {
    let (link, peer) = wire(1_024);
    let mut hub = Hub::start(link, when_full, room);
    hub.online().await;
    (hub, peer)
}

#[tokio::test(start_paused = true)]
async fn it_stops_within_a_second_whatever_it_does() {
    for when_full in BOTH {
        // Idle.
        let (hub, _peer) = connected(when_full, 16).await;
        hub.stop().await;
        // With a core that takes nothing.
        let (hub, peer) = connected(when_full, 1).await;
        for number in 0..100 {
            peer.send(format!("press {number}")).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        hub.stop().await;
        // With a bus that is away.
        let (mut hub, peer) = connected(when_full, 16).await;
        peer.cut("pulled");
        while !is_status(&hub.next().await, DriverState::Offline) {}
        hub.stop().await;
        // With a bus that takes nothing.
        let (link, _peer) = wire::<String, String>(1);
        let mut hub = Hub::start(link, when_full, 64);
        hub.online().await;
        for number in 0..5 {
            hub.command(&format!("c{number}")).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        hub.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_the_hub_is_gone() {
    let (hub, _peer) = connected(WhenFull::Wait, 16).await;
    drop(hub.requests);
    tokio::time::timeout(Duration::from_secs(1), hub.task).await.unwrap().unwrap().unwrap();
    let (hub, peer) = connected(WhenFull::Wait, 16).await;
    drop(hub.events);
    peer.send("press 1".to_owned()).await;
    tokio::time::timeout(Duration::from_secs(1), hub.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_command_is_sent_once_and_answered_once() {
    let (mut hub, peer) = connected(WhenFull::Wait, 16).await;
    hub.command("c1").await;
    assert_eq!(hub.next().await, progress("c1", CommandStage::Sent));
    assert_eq!(peer.receive().await.as_deref(), Some("c1"));
    peer.send("ok c1".to_owned()).await;
    assert_eq!(hub.next().await, progress("c1", CommandStage::Acknowledged));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(hub.events.try_recv().is_err(), "nothing follows");
    hub.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_is_said_answered_for_and_made_again() {
    let (mut hub, peer) = connected(WhenFull::Wait, 16).await;
    peer.cut("the cable was pulled");
    let DriverEvent::Status(status) = hub.next().await else { panic!("a status") };
    assert_eq!((status.state, &*status.detail), (DriverState::Offline, "the cable was pulled"));
    hub.command("c1").await;
    let failed = CommandStage::Failed { reason: FailureReason::DriverOffline, detail: None };
    while hub.next().await != progress("c1", failed.clone()) {}
    peer.restore();
    hub.online().await;
    hub.command("c2").await;
    while hub.next().await != progress("c2", CommandStage::Sent) {}
    // What could not be sent before is not sent now.
    assert_eq!(peer.receive().await.as_deref(), Some("c2"));
    hub.stop().await;
}

#[tokio::test(start_paused = true)]
async fn attempts_to_connect_become_rarer() {
    let (mut hub, peer) = connected(WhenFull::Wait, 64).await;
    peer.cut("gone");
    let before = peer.connections();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let first = peer.connections() - before;
    assert!((3..=8).contains(&first), "{first} attempts in the first 10 s");
    tokio::time::sleep(Duration::from_secs(600)).await;
    let later = peer.connections() - before - first;
    assert!((18..=30).contains(&later), "{later} attempts in 10 minutes");
    peer.restore();
    while hub.events.try_recv().is_ok() {}
    tokio::time::timeout(Duration::from_secs(31), hub.online()).await.expect("back within the longest pause");
    hub.stop().await;
}

/// A link that connects and is lost at once, again and again, or that names the pause itself.
struct Flapping {
    retry_after: Option<Duration>,
    connections: tokio::sync::watch::Sender<u64>,
}

impl Link for Flapping {
    type Received = String;
    type Transmit = String;
    async fn connect(&mut self) -> Result<(), LinkError> {
        self.connections.send_modify(|count| *count += 1);
        Ok(())
    }
    async fn receive(&mut self) -> Result<String, LinkError> {
        Err(LinkError { message: "lost at once".to_owned(), retry_after: self.retry_after })
    }
    async fn transmit(&mut self, _transmit: String) -> Result<(), LinkError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_lost_at_once_is_tried_rarely_too() {
    for (retry_after, range) in [(None, 5..=14), (Some(Duration::from_secs(20)), 5..=7)] {
        let (connections, count) = tokio::sync::watch::channel(0);
        let mut hub = Hub::start(Flapping { retry_after, connections }, WhenFull::Wait, 8);
        let read = async { while hub.events.recv().await.is_some() {} };
        assert!(tokio::time::timeout(Duration::from_secs(120), read).await.is_err(), "it goes on");
        assert!(range.contains(&*count.borrow()), "{} connections", *count.borrow());
        hub.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_holds_up_a_serial_link_and_loses_nothing() {
    const COUNT: u32 = 20_000;
    let (mut hub, peer) = connected(WhenFull::Wait, 4).await;
    let send = async {
        for number in 0..COUNT {
            peer.send(format!("press {number}")).await;
        }
    };
    let read = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        for number in 0..COUNT {
            assert_eq!(hub.next().await, press("d", number));
        }
    };
    tokio::join!(send, read);
    hub.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_does_not_hold_up_a_link_that_must_be_read() {
    let (mut hub, peer) = connected(WhenFull::Coalesce, 4).await;
    // More than the wire holds: all of it must have been read while the core took nothing.
    let send = async {
        for number in 0..3_000 {
            peer.send(format!("state {number}")).await;
            if number % 10 == 0 {
                peer.send(format!("press {number}")).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), send).await.expect("the link is read on");
    hub.command("c1").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    peer.send("press 9999".to_owned()).await;
    let mut seen = Vec::new();
    while seen.last() != Some(&press("d", 9_999)) {
        seen.push(hub.next().await);
    }
    let presses: Vec<&DriverEvent> =
        seen.iter().filter(|event| matches!(event, DriverEvent::Happening { .. })).collect();
    let wanted: Vec<DriverEvent> = (0..300).map(|number| press("d", number * 10)).chain([press("d", 9_999)]).collect();
    assert_eq!(presses, wanted.iter().collect::<Vec<_>>(), "no press is lost");
    let states: Vec<&DriverEvent> = seen.iter().filter(|event| matches!(event, DriverEvent::Report(_))).collect();
    assert!(states.len() < 700, "{} reports: states coalesce", states.len());
    assert_eq!(states.last(), Some(&&state("d", 2_999)), "the newest is kept");
    assert!(seen.contains(&progress("c1", CommandStage::Sent)));
    hub.stop().await;
}

/// A link that takes one thing at a time, when it is told to. The first word starts a timer.
struct Narrow {
    started: bool,
    holds: Option<String>,
    room: tokio::sync::mpsc::Receiver<()>,
    taken: tokio::sync::mpsc::Sender<String>,
}

impl Link for Narrow {
    type Received = String;
    type Transmit = String;
    async fn connect(&mut self) -> Result<(), LinkError> {
        Ok(())
    }
    async fn receive(&mut self) -> Result<String, LinkError> {
        if !std::mem::replace(&mut self.started, true) {
            return Ok("tick 1000".to_owned());
        }
        if self.holds.is_some() && self.room.recv().await.is_some() {
            self.taken.send(self.holds.take().unwrap_or_default()).await.unwrap();
            return Ok(String::new());
        }
        std::future::pending().await
    }
    async fn transmit(&mut self, transmit: String) -> Result<(), LinkError> {
        assert!(self.holds.is_none(), "it is full");
        self.holds = Some(transmit);
        Ok(())
    }
    fn is_full(&self) -> bool {
        self.holds.is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_link_leaves_commands_with_the_core_and_holds_up_nothing_else() {
    let (room, room_receiver) = tokio::sync::mpsc::channel(8);
    let (taken_sender, mut taken) = tokio::sync::mpsc::channel(8);
    let link = Narrow { started: false, holds: None, room: room_receiver, taken: taken_sender };
    let mut hub = Hub::start(link, WhenFull::Coalesce, 64);
    hub.online().await;
    for number in 0..3 {
        hub.command(&format!("c{number}")).await;
    }
    // The first fills the link; time goes on for the machine.
    let mut sent = Vec::new();
    for _ in 0..10 {
        match hub.next().await {
            DriverEvent::Command(progress) => sent.push(progress.command.to_string()),
            event => assert_eq!(event, press("timer", 0)),
        }
    }
    assert_eq!(sent, ["c0"]);
    for number in 0..3 {
        room.send(()).await.unwrap();
        assert_eq!(taken.recv().await.unwrap(), format!("c{number}"));
    }
    while hub.next().await != progress("c2", CommandStage::Sent) {}
    // Full again: the end does not wait for room.
    hub.command("c3").await;
    while hub.next().await != progress("c3", CommandStage::Sent) {}
    hub.stop().await;
}

#[tokio::test(start_paused = true)]
async fn timers_ring_while_the_link_is_busy() {
    /// Always has something to read, and time passes by that.
    struct Busy;
    impl Link for Busy {
        type Received = String;
        type Transmit = String;
        async fn connect(&mut self) -> Result<(), LinkError> {
            Ok(())
        }
        async fn receive(&mut self) -> Result<String, LinkError> {
            tokio::time::advance(Duration::from_millis(1)).await;
            tokio::task::consume_budget().await;
            Ok("noise".to_owned())
        }
        async fn transmit(&mut self, _transmit: String) -> Result<(), LinkError> {
            Ok(())
        }
    }
    /// The first word starts the timer.
    struct First(bool, Busy);
    impl Link for First {
        type Received = String;
        type Transmit = String;
        async fn connect(&mut self) -> Result<(), LinkError> {
            self.1.connect().await
        }
        async fn receive(&mut self) -> Result<String, LinkError> {
            if !std::mem::replace(&mut self.0, true) {
                return Ok("tick 100".to_owned());
            }
            self.1.receive().await
        }
        async fn transmit(&mut self, transmit: String) -> Result<(), LinkError> {
            self.1.transmit(transmit).await
        }
    }
    let mut hub = Hub::start(First(false, Busy), WhenFull::Wait, 64);
    hub.online().await;
    for _ in 0..20 {
        assert_eq!(hub.next().await, press("timer", 0));
    }
    hub.stop().await;
}
