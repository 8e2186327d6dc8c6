//! Any bytes at any times, while frames are being sent: every frame ends, and what is heard can be said again.
//!
//! The input is pieces: a pause in units of 50 ms, a length, and as many bytes. The longest pause opens the port anew.
#![no_main]

use std::time::Duration;

use driver_zwave::link::{Data, Event, Link};
use hub_model::Monotonic;
use libfuzzer_sys::fuzz_target;

/// Longer than any frame takes, with all its retransmissions and all that is given up in between.
const LAST_WAIT: Duration = Duration::from_secs(3_600);

fuzz_target!(|bytes: &[u8]| {
    let mut player = Player::default();
    player.link.handle_open();
    let mut rest = bytes;
    while let [pause, length, after @ ..] = rest {
        let (piece, after) = after.split_at(usize::from(*length).min(after.len()));
        rest = after;
        player.pass(Duration::from_millis(50) * u32::from(*pause));
        let request = Data::request(pause % 8, piece.to_vec());
        player.sent += usize::from(player.link.send(player.now, &request).is_ok());
        if *pause == u8::MAX {
            player.link.handle_open();
        }
        player.link.handle_bytes(player.now, piece);
        player.drain();
    }
    player.pass(LAST_WAIT);
    assert_eq!(player.sent, player.ended);
    assert!(player.link.is_ready());
});

#[derive(Default)]
struct Player {
    link: Link,
    now: Monotonic,
    sent: usize,
    ended: usize,
}

impl Player {
    fn pass(&mut self, duration: Duration) {
        let end = self.now.plus(duration);
        while let Some(at) = self.link.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.link.handle_timeout(self.now);
            self.drain();
            assert!(self.link.poll_timeout().is_none_or(|next| next > self.now), "a timeout that has no effect");
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while self.link.poll_transmit().is_some() {}
        while let Some(event) = self.link.poll_event() {
            match event {
                Event::Delivered | Event::Undelivered(_) => self.ended += 1,
                Event::Received(data) => assert!(data.encode().is_ok()),
                Event::Garbage(bytes) | Event::Corrupt(bytes) => assert!(!bytes.is_empty()),
            }
        }
    }
}
