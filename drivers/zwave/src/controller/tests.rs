//! Scripts of what comes and goes between host and stick.

use expect_test::{Expect, expect};

use super::*;
use crate::serial_api::NodeId;
use crate::serial_api::return_route::AssignReturnRoute;
use crate::serial_api::send_data::SendData;
use crate::serial_api::transmit::TransmitOptions;

/// A script: `o` opens the port, `<` a frame comes in (its kind, function and payload), `s` sends a command to node 2, `r` tells
/// it the ways to us, a number is the time in milliseconds at which everything due until then has happened.
fn check(script: &[&str], expected: &Expect) {
    let mut player = Player::default();
    for line in script {
        player.line(line);
    }
    expected.assert_eq(&player.log);
}

/// What an old stick without a soft reset answers at its start: functions 02, 05, 07, 13, 15, 16, 20 and 41; nodes 1 and 2.
const OPENED: &[&str] = &[
    "o",
    "< 01 07 01 00 ff ff ff ff ff fe 12 00 34 80 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
    "< 01 02 05 08 01 03 05 00",
    "< 01 15 5a 2d 57 61 76 65 20 34 2e 30 35 00 07",
    "< 01 05 1c",
    "< 01 20 7e 57 00 01 01",
    "< 01 41 d3 9c 00 04 10 01",
];

#[derive(Default)]
struct Player {
    controller: Controller,
    now: Monotonic,
    log: String,
}

impl Player {
    fn line(&mut self, line: &str) {
        let (verb, argument) = line.split_at(1);
        match verb {
            "o" => self.controller.handle_open(self.now),
            "<" => {
                let bytes: Vec<u8> =
                    argument.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
                // Every frame of ours is acknowledged before.
                let mut frame = crate::link::Data::request(bytes[1], bytes[2..].to_vec()).encode().unwrap().to_vec();
                frame[2] = bytes[0];
                let last = frame.len() - 1;
                frame[last] = frame[1..last].iter().fold(0xFF, |sum, byte| sum ^ byte);
                self.controller.handle_bytes(self.now, &[0x06]);
                self.drain();
                self.controller.handle_bytes(self.now, &frame);
            }
            "s" => {
                let callback = self.controller.next_callback_id();
                let send = SendData {
                    node: NodeId(2),
                    command: Bytes::from_static(&[0x25, 0x02]),
                    options: TransmitOptions::DEFAULT,
                    callback,
                };
                self.controller.request(self.now, &send, Answer::ResponseAndCallback(callback));
            }
            "r" => {
                let callback = self.controller.next_callback_id();
                let assign = AssignReturnRoute { node: NodeId(2), destination: NodeId(1), callback };
                self.controller.request(self.now, &assign, Answer::ResponseAndCallback(callback));
            }
            _ => self.pass(line.parse().expect("a time")),
        }
        self.drain();
    }

    fn pass(&mut self, milliseconds: u64) {
        let end = Monotonic(Duration::from_millis(milliseconds));
        while let Some(at) = self.controller.poll_timeout().filter(|at| *at <= end) {
            assert!(at >= self.now, "time runs backwards");
            self.now = at;
            self.controller.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(bytes) = self.controller.poll_transmit() {
            if bytes.len() > 3 {
                let body = &bytes[3..bytes.len() - 1];
                let text: Vec<_> = body.iter().map(|byte| format!("{byte:02x}")).collect();
                self.say(&format!("-> {}", text.join(" ")));
            }
        }
        while let Some(event) = self.controller.poll_event() {
            match event {
                Event::Ready(stick) => self.say(&format!("ready, nodes {:?}", stick.nodes.keys().collect::<Vec<_>>())),
                Event::Unsolicited(_) => self.say("unsolicited"),
                other => self.say(&format!("{other:?}")),
            }
        }
    }

    fn say(&mut self, text: &str) {
        self.log += &format!("{} {text}\n", self.now.0.as_millis());
    }
}

fn after_opening(script: &[&str], expected: &Expect) {
    let mut player = Player::default();
    for line in OPENED {
        player.line(line);
    }
    player.log.clear();
    for line in script {
        player.line(line);
    }
    expected.assert_eq(&player.log);
}

#[test]
fn a_stick_is_asked_what_it_is() {
    check(
        OPENED,
        &expect![[r#"
            0 -> 07
            0 -> 02
            0 -> 15
            0 -> 05
            0 -> 20
            0 -> 41 02
            0 ready, nodes [NodeId(2)]
        "#]],
    );
}

#[test]
fn a_transmission_has_a_response_and_a_callback() {
    after_opening(
        &["s", "< 01 13 01", "< 00 13 01 00", "< 00 13 01 00"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            0 Ended { ticket: 7, outcome: Callback(Transmitted { function: Send Data (0x13), transmitted: Transmitted { callback: CallbackId(1), status: Ok, report: None } }) }
        "#]],
    );
}

#[test]
fn a_queue_that_is_full_is_no_trouble() {
    after_opening(
        &["s", "< 01 13 00"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            0 Ended { ticket: 7, outcome: Response(Accepted { function: Send Data (0x13), accepted: false }) }
        "#]],
    );
}

#[test]
fn nodes_speak_in_between() {
    after_opening(
        &["s", "< 00 04 00 02 03 25 03 ff", "< 01 13 01", "< 00 13 01 01"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            0 unsolicited
            0 Ended { ticket: 7, outcome: Callback(Transmitted { function: Send Data (0x13), transmitted: Transmitted { callback: CallbackId(1), status: NoAcknowledge, report: None } }) }
        "#]],
    );
}

#[test]
fn a_transmission_that_hangs_is_aborted_and_then_the_stick_restarted() {
    after_opening(
        &["s", "< 01 13 01", "20000", "< 00 13 01 01"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            20000 -> 16
            20000 Trouble(CallbackMissing)
            20000 Recovered
            20000 Ended { ticket: 7, outcome: Callback(Transmitted { function: Send Data (0x13), transmitted: Transmitted { callback: CallbackId(1), status: NoAcknowledge, report: None } }) }
        "#]],
    );
    after_opening(
        &["s", "< 01 13 01", "60000"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            20000 -> 16
            20000 Trouble(CallbackMissing)
            21700 -> 16
            22000 Ended { ticket: 7, outcome: StickFailed }
            24400 -> 16
            28100 -> 16
            29000 Reopen
            29700 Trouble(Undelivered)
            34000 Lost { answers: false }
            34000 Reopen
            44000 Reopen
        "#]],
    );
}

#[test]
fn a_stick_that_restarts_is_asked_anew() {
    after_opening(
        &["s", "< 00 0a 07 00 01 02 07 00"],
        &expect![[r#"
            0 -> 13 02 02 25 02 25 01
            0 -> 07
            0 Ended { ticket: 7, outcome: StickFailed }
        "#]],
    );
}

#[test]
fn ways_may_take_longer_than_a_command() {
    after_opening(
        &["r", "< 01 46 01", "50000", "< 00 46 01 00"],
        &expect![[r#"
            0 -> 46 02 01 01
            50000 Ended { ticket: 7, outcome: Callback(Transmitted { function: Assign Return Route (0x46), transmitted: Transmitted { callback: CallbackId(1), status: Ok, report: None } }) }
        "#]],
    );
}

/// Without it all nodes would be taken for gone.
#[test]
fn a_start_without_the_list_of_nodes_has_failed() {
    for list in ["< 01 02 05 08 1d 03", "< 01 02 05 08 01 00 05 00"] {
        check(
            &[OPENED[0], OPENED[1], list, "1000"],
            &expect![[r#"
                0 -> 07
                0 -> 02
                0 -> 08
                0 Trouble(ResponseMissing)
            "#]],
        );
    }
}

/// What a stick does in a time that is asked for its nodes in vain: how often it is told to restart, and the seconds at
/// which people are told or its port is opened anew.
fn without_list(list: Option<&str>, seconds: u64) -> (usize, Vec<String>) {
    let mut player = Player::default();
    let (mut restarts, mut story) = (0, Vec::new());
    player.line("o");
    while player.now.0.as_secs() < seconds {
        let said = std::mem::take(&mut player.log);
        for line in said.lines() {
            let (at, what) = line.split_once(' ').unwrap();
            match what {
                "-> 07" => player.line(OPENED[1]),
                "-> 02" if list == Some("acknowledged") => player.controller.handle_bytes(player.now, &[0x06]),
                "-> 02" => list.into_iter().for_each(|list| player.line(list)),
                "-> 08" => {
                    restarts += 1;
                    player.line("< 00 0a 07 00 01 02 07 00");
                }
                "Reopen" => player.line("o"),
                _ => {}
            }
            if what == "Reopen" || what.starts_with("Lost") {
                story.push(format!("{} {what}", at.parse::<u64>().unwrap() / 1_000));
            }
        }
        if player.log.is_empty() {
            let next = player.controller.poll_timeout().map_or(u64::MAX, |at| at.0.as_millis().try_into().unwrap());
            player.pass(next.min(seconds * 1_000));
        }
    }
    (restarts, story)
}

/// It is not started anew for ever: people are told, and it is tried with growing pauses.
#[test]
fn a_stick_that_never_tells_its_nodes_is_given_up_in_the_end() {
    let expected = ["0 Reopen", "0 Lost { answers: true }", "0 Reopen", "10 Reopen", "40 Reopen", "100 Reopen"];
    for list in ["< 01 02 05 08 1d 03", "< 01 02 05 08 01 00 05 00"] {
        let (restarts, story) = without_list(Some(list), 150);
        assert_eq!((restarts, story), (1, expected.map(str::to_owned).to_vec()));
    }
    for list in [Some("acknowledged"), None] {
        let (restarts, story) = without_list(list, 300);
        assert!(restarts <= 2 && story.len() < 10, "{restarts} restarts, {story:?}");
        let lost = story.iter().filter(|line| line.ends_with("Lost { answers: true }"));
        assert_eq!(lost.count(), 1, "{story:?}");
    }
}
