//! New firmware for nodes.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use driver_api::driver::Image;
use driver_api::{DriverEvent, DriverRequest, ManageAction, ManageError};
use driver_zwave::encapsulation::crc16::checksum;
use hub_model::Value;

use super::home::{Home, device, switch};
use super::stick::Behaviour;

/// A node that takes firmware: what it was offered and what it has got.
#[derive(Debug, Default)]
struct Chip {
    status: u8,
    /// How many parts it asks for at once.
    at_once: u8,
    size: usize,
    sum: u16,
    image: Vec<u8>,
    next: u16,
    /// How many were sent that it could not use.
    damaged: u32,
    /// It asks for nothing after so many parts.
    stops_after: Option<u16>,
}

impl Chip {
    fn answer(&mut self, command: &[u8]) -> Option<Vec<Vec<u8>>> {
        match command {
            [0x86, 0x13, 0x7A] => Some(vec![vec![0x86, 0x14, 0x7A, 5]]),
            // Manufacturer, firmware, checksum; upgradable, one more target, at most 32 bytes; hardware 3.
            [0x7A, 0x01] => Some(vec![vec![0x7A, 0x02, 0, 1, 0, 2, 0, 0, 0xFF, 1, 0, 32, 0, 3, 3]]),
            [0x7A, 0x03, rest @ ..] => {
                assert_eq!(rest.len(), 11, "version 5 has target, size, options and hardware");
                assert_eq!(rest[..4], [0, 1, 0, if rest[6] == 0 { 2 } else { 3 }], "maker and firmware are its own");
                assert_eq!(rest[10], 3, "hardware");
                self.sum = u16::from_be_bytes([rest[4], rest[5]]);
                self.size = usize::from(u16::from_be_bytes([rest[7], rest[8]]));
                let mut said = vec![vec![0x7A, 0x04, self.status]];
                if self.status == 0xFF {
                    self.next = 1;
                    said.push(self.get());
                }
                Some(said)
            }
            [0x7A, 0x06, high, low, data @ .., sum_high, sum_low] => {
                let number = u16::from_be_bytes([high & 0x7F, *low]);
                let sum = u16::from_be_bytes([*sum_high, *sum_low]);
                if checksum(&[&command[..command.len() - 2]]) != sum {
                    self.damaged += 1;
                    return Some(Vec::new());
                }
                if number != self.next {
                    return Some(vec![self.get()]);
                }
                self.image.extend_from_slice(data);
                self.next += 1;
                if self.stops_after == Some(number) {
                    return Some(Vec::new());
                }
                if high & 0x80 != 0 {
                    let is_right = checksum(&[&self.image]) == self.sum;
                    return Some(vec![vec![0x7A, 0x07, if is_right { 0xFF } else { 0 }, 0, 4]]);
                }
                let is_enough = number.is_multiple_of(u16::from(self.at_once));
                Some(if is_enough { vec![self.get()] } else { Vec::new() })
            }
            _ => None,
        }
    }

    fn get(&self) -> Vec<u8> {
        let [high, low] = self.next.to_be_bytes();
        vec![0x7A, 0x05, self.at_once, high, low]
    }
}

fn chip(home: &mut Home, node: u8, chip: Chip) -> Rc<RefCell<Chip>> {
    let chip = Rc::new(RefCell::new(chip));
    let shared = Rc::clone(&chip);
    let behaviour: Behaviour = Box::new(move |command| shared.borrow_mut().answer(command));
    home.stick.behaviours.insert(node, behaviour);
    chip
}

const NODE: u8 = 9;

fn image(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place % 253) as u8 | 0x80).collect()
}

fn start(told: Chip) -> (Home, Rc<RefCell<Chip>>) {
    let mut home = Home::small();
    let chip = chip(&mut home, NODE, told);
    home.until(Duration::from_secs(3_600), |now| now.is_interviewed(NODE) && now.is_interviewed(8));
    (home, chip)
}

fn install(home: &mut Home, bytes: &[u8], target: u8) {
    let action = ManageAction::InstallFirmware { device: device(NODE), image: Image(bytes.into()), target };
    home.request(DriverRequest::Manage { request: 5, action });
}

fn answer(home: &Home) -> Option<Result<Value, ManageError>> {
    home.log.iter().rev().find_map(|event| match event {
        DriverEvent::Managed { request: 5, result } => Some(result.clone()),
        _ => None,
    })
}

/// Values of an attribute of the node as they were told.
fn told(home: &Home, attribute: &str) -> Vec<Value> {
    let readings = home.log.iter().filter_map(|event| match event {
        DriverEvent::Report(report) if report.device == device(NODE) => Some(report.readings.iter()),
        _ => None,
    });
    readings
        .flatten()
        .filter(|reading| reading.attribute.as_str() == attribute)
        .map(|reading| reading.value.clone())
        .collect()
}

#[test]
fn firmware_goes_over_part_by_part_and_the_node_is_asked_anew() {
    let (mut home, chip) = start(Chip { status: 0xFF, at_once: 1, ..Chip::default() });
    assert!(home.devices[&device(NODE)].abilities.firmware_update);
    assert!(!home.devices[&device(8)].abilities.firmware_update);
    install(&mut home, &image(5_000), 0);
    home.until(Duration::from_secs(600), |now| answer(now).is_some());
    assert_eq!(answer(&home), Some(Ok(Value::Unknown)));
    assert_eq!((&chip.borrow().image, chip.borrow().size), (&image(5_000), 32), "as large as the node takes");
    assert_eq!(chip.borrow().damaged, 0);
    let states = told(&home, "update_state");
    assert_eq!(states.first(), Some(&Value::text("scheduled")));
    assert!(states.contains(&Value::text("updating")));
    assert_eq!(states.last(), Some(&Value::text("idle")));
    let progress: Vec<f64> = told(&home, "update_progress").iter().filter_map(Value::as_number).collect();
    assert!(progress.is_sorted() && progress.last() == Some(&100.0) && progress.len() < 110, "{progress:?}");
    let before = home.stick.sent.len();
    home.until(Duration::from_secs(600), |now| {
        now.stick.sent[before..].iter().any(|sent| sent.node == NODE && sent.command == [0x86, 0x11])
    });
}

#[test]
fn lost_parts_are_sent_again_and_several_at_once_are_sent() {
    let (mut home, chip) = start(Chip { status: 0xFF, at_once: 7, ..Chip::default() });
    // The rest of the questions is over.
    home.run(Duration::from_secs(900));
    home.stick.loses_each = Some(10);
    install(&mut home, &image(3_001), 1);
    // It asks again for what does not come.
    for _ in 0..200 {
        home.run(Duration::from_secs(5));
        if answer(&home).is_some() {
            break;
        }
        let get = chip.borrow().get();
        home.tell(NODE, &get);
    }
    assert_eq!(answer(&home), Some(Ok(Value::Unknown)));
    assert_eq!(chip.borrow().image, image(3_001));
}

#[test]
fn a_person_goes_before_parts() {
    let (mut home, _) = start(Chip { status: 0xFF, at_once: 255, ..Chip::default() });
    install(&mut home, &image(5_000), 0);
    home.until(Duration::from_secs(600), |now| {
        now.stick.sent.iter().any(|sent| sent.command.starts_with(&[0x7A, 0x06]))
    });
    for node in [NODE, 8] {
        let before = home.stick.sent.len();
        home.request(switch(node, true, true, home.now.plus(Duration::from_secs(60))));
        let is_switched =
            |now: &Home| now.stick.sent[before..].iter().any(|sent| sent.command.starts_with(&[0x25, 0x01]));
        home.until(Duration::from_secs(10), is_switched);
        let between = home.stick.sent[before..].iter().take_while(|sent| !sent.command.starts_with(&[0x25, 0x01]));
        assert!(between.count() <= 1, "at most the part that was on the air");
    }
}

#[test]
fn what_a_node_does_not_take_is_said_in_words() {
    for (status, words) in [(0x00, "invalid combination"), (0x06, "battery"), (0x05, "in progress")] {
        let (mut home, _) = start(Chip { status, at_once: 1, ..Chip::default() });
        install(&mut home, &image(100), 0);
        home.until(Duration::from_secs(60), |now| answer(now).is_some());
        let Some(Err(ManageError::Refused(said))) = answer(&home) else { panic!("refused") };
        assert!(said.contains(words), "{said}");
        assert_eq!(told(&home, "update_state").last(), Some(&Value::text("idle")));
    }
    let (mut home, _) = start(Chip { status: 0xFF, at_once: 1, ..Chip::default() });
    for (file, target, words) in [
        (&b"PK\x03\x04"[..], 0, "unpack it"),
        (b"", 0, "empty"),
        (b"\xEB\x17", 2, "no firmware target 2; give one from 0 to 1"),
    ] {
        home.log.clear();
        install(&mut home, file, target);
        home.until(Duration::from_secs(60), |now| answer(now).is_some());
        let Some(Err(said)) = answer(&home) else { panic!("refused") };
        let said = said.to_string();
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_node_that_stops_asking_is_given_up_and_one_that_asks_out_of_place_is_ended() {
    let (mut home, chip) = start(Chip { status: 0xFF, at_once: 1, stops_after: Some(20), ..Chip::default() });
    install(&mut home, &image(5_000), 0);
    home.run(Duration::from_secs(60));
    install(&mut home, &image(5_000), 0);
    let Some(Err(ManageError::NotPossible(said))) = answer(&home) else { panic!("refused") };
    assert!(said.contains("already"), "{said}");
    home.log.clear();
    home.until(Duration::from_secs(300), |now| answer(now).is_some());
    let Some(Err(ManageError::NotPossible(said))) = answer(&home) else { panic!("refused") };
    assert!(said.contains("stopped asking"), "{said}");
    // It wakes up to it after all.
    let get = chip.borrow().get();
    home.tell(NODE, &get);
    home.run(Duration::from_secs(10));
    assert_eq!(chip.borrow().damaged, 1, "a part that is no part ends it");
    // It asks without end.
    for _ in 0..100 {
        home.tell(NODE, &get);
    }
    home.run(Duration::from_secs(10));
    let damaged = chip.borrow().damaged;
    assert!((2..=17).contains(&damaged), "{damaged} parts: it gets a few answers");
}

#[test]
fn a_node_that_sleeps_is_waited_for_and_kept_awake() {
    let mut home = Home::small();
    let sleeper = 100;
    let chip = chip(&mut home, sleeper, Chip { status: 0xFF, at_once: 1, ..Chip::default() });
    home.until(Duration::from_secs(5), |now| now.stick.sent.len() > 20);
    home.wake(sleeper);
    home.until(Duration::from_secs(600), |now| now.is_interviewed(sleeper));
    home.until(Duration::from_secs(60), |now| now.stick.asleep.contains(&sleeper));
    let action =
        ManageAction::InstallFirmware { device: device(sleeper), image: Image(image(4_000).into()), target: 0 };
    home.request(DriverRequest::Manage { request: 5, action });
    home.run(Duration::from_secs(3_600));
    assert_eq!((answer(&home), chip.borrow().next), (None, 0), "nobody wakes it");
    home.wake(sleeper);
    home.until(Duration::from_secs(600), |now| answer(now).is_some());
    assert_eq!(answer(&home), Some(Ok(Value::Unknown)));
    assert_eq!(chip.borrow().image, image(4_000));
}
