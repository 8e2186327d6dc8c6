//! Scripts of what comes and goes on the wire.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// A script: `<` bytes come in, `>` a frame is to be sent, a number is the time in milliseconds at which everything
/// due until then has happened. The log tells what the link does, with the time.
fn check(script: &[&str], expected: &Expect) {
    let mut player = Player::default();
    for line in script {
        player.line(line);
    }
    expected.assert_eq(&player.log);
}

#[derive(Default)]
struct Player {
    link: Link,
    now: Monotonic,
    log: String,
}

impl Player {
    fn line(&mut self, line: &str) {
        let (verb, argument) = line.split_at(1);
        match verb {
            "o" => self.link.handle_open(),
            "<" => self.link.handle_bytes(self.now, &hex(argument)),
            ">" => {
                let bytes = hex(argument);
                if let Err(error) = self.link.send(self.now, &Data::request(bytes[0], bytes[1..].to_vec())) {
                    self.say(&error.to_string());
                }
            }
            _ => self.pass(line.parse().expect("a time")),
        }
        self.drain();
    }

    fn pass(&mut self, milliseconds: u64) {
        let end = Monotonic(Duration::from_millis(milliseconds));
        while let Some(at) = self.link.poll_timeout().filter(|at| *at <= end) {
            assert!(at > self.now, "a timeout leads to another at the same time");
            self.now = at;
            self.link.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(bytes) = self.link.poll_transmit() {
            self.say(&format!("-> {}", dehex(&bytes)));
        }
        while let Some(event) = self.link.poll_event() {
            let text = match event {
                Event::Received(data) => {
                    format!("{:?} {:02x}: {}", data.kind, data.function, dehex(&data.payload))
                }
                Event::Garbage(bytes) => format!("garbage {}", dehex(&bytes)),
                Event::Corrupt(bytes) => format!("corrupt {}", dehex(&bytes)),
                other => format!("{other:?}"),
            };
            self.say(&text);
        }
    }

    fn say(&mut self, text: &str) {
        self.log += &format!("{} {text}\n", self.now.0.as_millis());
    }
}

fn hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("a byte in hex")).collect()
}

fn dehex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_exchange() {
    check(
        &["> 20", "< 06", "< 01 08 01 20 7e 57 00 01 01 ff"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            0 Delivered
            0 -> 06
            0 Response 20: 7e 57 00 01 01
        "#]],
    );
}

#[test]
fn a_response_before_its_acknowledgement_delivers() {
    check(
        &["> 20", "< 01 08 01 20 7e 57 00 01 01 ff 06", "10000"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            0 -> 06
            0 Delivered
            0 Response 20: 7e 57 00 01 01
        "#]],
    );
}

#[test]
fn a_report_of_a_node_does_not_stand_for_an_acknowledgement() {
    check(
        &["> 20", "< 01 09 00 04 00 02 03 25 03 ff 2a", "1700"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            0 -> 06
            0 Request 04: 00 02 03 25 03 ff
            1700 -> 01 03 00 20 dc
        "#]],
    );
}

#[test]
fn without_an_answer_three_retransmissions_and_an_end() {
    check(
        &["> 20", "60000"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            1700 -> 01 03 00 20 dc
            4400 -> 01 03 00 20 dc
            8100 -> 01 03 00 20 dc
            9700 Undelivered(NoAcknowledgement)
        "#]],
    );
}

#[test]
fn refusals_are_tried_again() {
    check(
        &["> 20", "< 15", "200", "< 18", "2000", "< 06"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            100 -> 01 03 00 20 dc
            1300 -> 01 03 00 20 dc
            2000 Delivered
        "#]],
    );
}

#[test]
fn a_late_acknowledgement_saves_the_retransmission() {
    check(
        &["> 20", "1650", "< 06", "60000"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            1650 Delivered
        "#]],
    );
}

#[test]
fn one_frame_at_a_time() {
    check(
        &["> 20", "> 02"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            0 the frame before is not delivered yet: wait for its event
        "#]],
    );
}

#[test]
fn nothing_is_sent_into_a_frame_that_is_coming_in() {
    check(
        &["< 01 08 01 20", "> 02", "100", "< 7e 57 00 01 01 ff"],
        &expect![[r#"
            100 -> 06
            100 -> 01 03 00 02 fe
            100 Response 20: 7e 57 00 01 01
        "#]],
    );
}

#[test]
fn a_frame_without_an_end_is_given_up_and_what_follows_is_heard() {
    check(
        &["< 01 fe 01", "> 02", "1000", "< 01 09 00 04 00 02 03 25 03 ff 2a", "2000"],
        &expect![[r#"
            1500 -> 06
            1500 -> 01 03 00 02 fe
            1500 garbage 01 fe 01
            1500 Request 04: 00 02 03 25 03 ff
        "#]],
    );
}

#[test]
fn a_damaged_frame_is_asked_for_again() {
    check(
        &["< 01 08 01 20 7e 57 00 01 02 ff", "< 01 08 01 20 7e 57 00 01 01 ff"],
        &expect![[r#"
            0 -> 15
            0 corrupt 01 08 01 20 7e 57 00 01 02 ff
            0 -> 06
            0 Response 20: 7e 57 00 01 01
        "#]],
    );
}

#[test]
fn an_acknowledgement_of_a_soft_reset_may_be_damaged() {
    check(
        &["> 08", "< c6", "10000", "> 20", "10000", "< c6"],
        &expect![[r#"
            0 -> 01 03 00 08 f4
            0 Delivered
            0 garbage c6
            10000 -> 01 03 00 20 dc
            10000 garbage c6
        "#]],
    );
}

#[test]
fn opening_forgets_and_has_the_stick_forget() {
    check(
        &["> 20", "< 01 08", "o", "10000"],
        &expect![[r#"
            0 -> 01 03 00 20 dc
            0 -> 15 15 15
            0 Undelivered(Reopened)
        "#]],
    );
}

#[test]
fn what_cannot_be_kept_is_not_acknowledged() {
    let mut link = Link::default();
    let report = hex("01 09 00 04 00 02 03 25 03 ff 2a");
    link.handle_bytes(Monotonic::default(), &report.repeat(QUEUE_LIMIT + 7));
    assert_eq!(std::iter::from_fn(|| link.poll_transmit()).count(), QUEUE_LIMIT);
    assert_eq!(std::iter::from_fn(|| link.poll_event()).count(), QUEUE_LIMIT);
    assert_eq!(link.statistics().received, 263);
}

proptest! {
    #[test]
    fn every_frame_ends_whatever_comes(
        chunks in proptest::collection::vec((0_u64..3_000, proptest::collection::vec(any::<u8>(), 0..300)), 0..20),
    ) {
        let mut player = Player::default();
        let mut ended = 0;
        let mut sent = 0;
        let mut time = 0;
        for (pause, bytes) in chunks {
            time += pause;
            player.pass(time);
            sent += usize::from(player.link.send(player.now, &Data::request(0x20, Bytes::new())).is_ok());
            player.link.handle_bytes(player.now, &bytes);
            player.drain();
            prop_assert!(player.link.incoming.len() < frame::LONGEST_FRAME);
        }
        player.pass(time + 600_000);
        ended += player.log.matches(" Delivered").count() + player.log.matches(" Undelivered").count();
        prop_assert_eq!(sent, ended);
    }
}
