//! Whatever happens in whatever order: nothing panics, every answer comes once, memory stays bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use driver_api::{CommandStage, DriverEvent, DriverRequest, LinkState, Machine, ManageAction};
use driver_virtual::{Model, Placement, Stimulus};
use hub_model::pairing::PairingAction;
use hub_model::{SessionId, Value};

use super::support::{Hand, id};

const ADDRESSES: [&str; 6] = ["lamp", "blind", "lock", "thermostat", "paired-contact-1", "nobody"];
const ATTRIBUTES: [&str; 8] =
    ["on", "brightness", "color", "position", "cover_command", "locked", "heating_setpoint", "identify"];

/// A small generator, so that a failing walk can be walked again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize].clone()
    }
}

fn value(dice: &mut Dice) -> Value {
    let numbers = [0.0, 40.0, 100.0, -1.0, 1e300, 21.5];
    match dice.roll(5) {
        0 => Value::Bool(dice.roll(2) == 0),
        1 => Value::number(dice.pick(&numbers)),
        2 => Value::text(dice.pick(&["open", "close", "stop", "identify", ""])),
        3 => Value::composite([("hue", Value::number(120.0)), ("saturation", Value::number(50.0))]),
        _ => Value::Unknown,
    }
}

fn action(dice: &mut Dice) -> ManageAction {
    let device = id(dice.pick(&ADDRESSES));
    let session = SessionId::new(dice.pick(&["s", "t"]));
    match dice.roll(9) {
        0 => ManageAction::Rename { device, name: "x".repeat(dice.roll(120) as usize).into() },
        1 => ManageAction::Interview { device },
        2 => ManageAction::Firmware { device, install: dice.roll(2) == 0 },
        3 => {
            let action = match dice.roll(4) {
                0 => PairingAction::Exclude,
                1 => PairingAction::Replace { device },
                _ => PairingAction::Include { via: None, code: (dice.roll(2) == 0).then(|| "03415".into()) },
            };
            ManageAction::StartPairing { session, action, duration: Duration::from_secs(dice.roll(300)) }
        }
        4 => ManageAction::StopPairing { session },
        5 => ManageAction::NetworkMap,
        6 if dice.roll(10) == 0 => ManageAction::Remove { device, force: dice.roll(2) == 0 },
        _ => {
            let fields = [("confirm", true.into()), ("s2_authenticated", true.into()), ("pin", "03415".into())];
            ManageAction::AnswerPairing { session, answer: Value::composite(fields) }
        }
    }
}

#[test]
fn any_order_of_things_is_answered_for() {
    for seed in 1..=40 {
        let mut dice = Dice(seed);
        let mut hand = Hand::scripted(&[
            Placement::new("lamp", "Lamp", Model::ColorLight),
            Placement::new("blind", "Blind", Model::Blind),
            Placement::new("lock", "Lock", Model::Lock),
            Placement::new("thermostat", "Thermostat", Model::Thermostat),
        ]);
        let (mut events, mut commands, mut requests) = (Vec::new(), Vec::new(), 0);
        for _ in 0..400 {
            let address = dice.pick(&ADDRESSES);
            match dice.roll(12) {
                0 => hand.play(Stimulus::Reach { address: address.into(), reachable: dice.roll(2) == 0 }),
                1 => hand.play(Stimulus::Silence { address: address.into(), silent: dice.roll(3) == 0 }),
                2 => {
                    let now = hand.now();
                    let up = dice.roll(3) > 0;
                    let state = if up { LinkState::Up } else { LinkState::Down("cut".to_owned()) };
                    hand.machine.handle_link(now, state);
                }
                3..=5 => {
                    requests += 1;
                    let action = action(&mut dice);
                    hand.request(DriverRequest::Manage { request: 1_000 + requests, action });
                }
                _ => {
                    let set = [(dice.pick(&ATTRIBUTES), value(&mut dice))];
                    commands.push(hand.command(address, &set, Some(Duration::from_millis(dice.roll(3_000)))));
                }
            }
            events.extend(hand.events_of(Duration::from_millis(dice.roll(4_000))));
        }
        events.extend(hand.events_of(Duration::from_secs(3_600)));
        assert_eq!(hand.machine.poll_timeout(), None, "nothing is left to do");

        let mut answers: BTreeMap<u64, u32> = BTreeMap::new();
        let mut stages: BTreeMap<String, Vec<&CommandStage>> = BTreeMap::new();
        for event in &events {
            match event {
                DriverEvent::Managed { request, .. } => *answers.entry(*request).or_default() += 1,
                DriverEvent::Command(progress) => {
                    stages.entry(progress.command.to_string()).or_default().push(&progress.stage);
                }
                _ => {}
            }
        }
        assert_eq!(answers.len(), requests as usize, "seed {seed}");
        assert!(answers.values().all(|count| *count == 1), "seed {seed}: {answers:?}");
        assert_eq!(stages.len(), commands.len(), "seed {seed}");
        for (command, stages) in stages {
            use CommandStage::{Acknowledged, Failed, Sent};
            let orderly =
                matches!(stages.as_slice(), [Failed { .. }] | [Sent] | [Sent, Acknowledged] | [Sent, Failed { .. }]);
            assert!(orderly, "seed {seed}: {command} {stages:?}");
        }
    }
}
