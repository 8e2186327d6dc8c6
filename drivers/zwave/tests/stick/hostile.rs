//! A stick and nodes that say whatever they like: nothing panics, nothing runs in circles.

use std::collections::BTreeMap;
use std::time::Duration;

use driver_api::run::drain_events;
use driver_api::{DriverCommand, DriverEvent, DriverRequest, LinkState, Machine, ManageAction, ProvisionAction};
use driver_zwave::link::Data;
use driver_zwave::machine::{Start, ZWave};
use driver_zwave::port::ToPort;
use driver_zwave::security::Secret;
use hub_model::command::Setting;
use hub_model::event::DriverState;
use hub_model::pairing::PairingAction;
use hub_model::{CommandId, DeviceId, DriverId, Monotonic, Now, SessionId, Value, Wall};
use proptest::prelude::*;

use super::hex;

/// What a small stick says at its start: functions of all kinds, nodes 1 to 3.
const START: [&str; 10] = [
    "01 07 01 00 ff ff 00 01 00 01 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff",
    "01 02 05 08 01 07 05 00",
    "01 15 5a 2d 57 61 76 65 20 37 2e 31 38 00 07",
    "01 05 1c",
    "01 0b 01 00",
    // Its own information has no answer: this one only brings the acknowledgement.
    "00 0b",
    "01 20 7e 57 00 01 01",
    "01 56 01",
    "01 41 d3 9c 00 04 10 01",
    "01 41 53 9c 00 04 10 01",
];

fn frame(kind: u8, function: u8, payload: &[u8]) -> bytes::Bytes {
    let mut frame = Data::request(function, payload.to_vec()).encode().unwrap().to_vec();
    frame[2] = kind;
    let last = frame.len() - 1;
    frame[last] ^= kind;
    [&[0x06], &frame[..]].concat().into()
}

/// A device of the provisioning list, and how it announces itself.
const DSK: &str = "51525-35455-41424-34445-31323-33435-21222-32425";
const ANNOUNCEMENT: [u8; 13] = [0x85, 0, 0, 0xFA, 0x5B, 0x82, 0x9A, 5, 4, 0x10, 1, 0x5E, 0x9F];

struct Host {
    machine: ZWave,
    now: Now,
}

impl Host {
    fn start() -> Self {
        let start = Start {
            id: DriverId::new("zwave"),
            known: Vec::new(),
            kept: BTreeMap::new(),
            entropy: Secret::new([7; 32]),
        };
        let mut host =
            Self { machine: ZWave::new(start), now: Now { wall: Wall::default(), mono: Monotonic::default() } };
        host.machine.handle_link(host.now, LinkState::Up);
        for text in START {
            let bytes = hex(text);
            host.say(&frame(bytes[0], bytes[1], &bytes[2..]));
        }
        assert!(host.machine.stick().is_some(), "the stick is ready");
        host
    }

    fn say(&mut self, bytes: &bytes::Bytes) {
        self.drain();
        self.machine.handle_received(self.now, bytes.clone());
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.mono.plus(time);
        let mut idle = 0;
        while let Some(at) = self.machine.poll_timeout().filter(|at| *at <= end) {
            idle = if at > self.now.mono { 0 } else { idle + 1 };
            assert!(idle < 1_000, "time stands still");
            self.now.mono = self.now.mono.max(at);
            self.machine.handle_timeout(self.now);
            self.drain();
        }
        self.now.mono = end;
    }

    fn drain(&mut self) {
        while self.machine.poll_transmit().is_some() {}
        while self.machine.poll_event().is_some() {}
    }

    fn request(&mut self, number: u8) {
        let device = DeviceId::new(format!("zwave:0x7e570001-{}", 2 + number % 2));
        let session = SessionId::new("session");
        let manage = |action| DriverRequest::Manage { request: u64::from(number), action };
        let request = match number % 12 {
            0 => manage(ManageAction::Interview { device }),
            1 => manage(ManageAction::Remove { device, force: true }),
            2 => manage(ManageAction::NetworkMap),
            3 => {
                let action = PairingAction::Include { via: None, code: Some("12345".into()) };
                manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) })
            }
            4 => {
                let action = PairingAction::Exclude;
                manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) })
            }
            5 => {
                let fields = ["s2_authenticated", "s2_access_control", "confirm"].map(|name| (name, Value::Bool(true)));
                manage(ManageAction::AnswerPairing { session, answer: Value::composite(fields) })
            }
            6 => manage(ManageAction::StopPairing { session }),
            7 => manage(ManageAction::RepairRoutes { device: (number % 24 < 12).then_some(device) }),
            8 => manage(ManageAction::Provision(ProvisionAction::Add { code: DSK.into(), name: None })),
            9 => manage(ManageAction::Rename { device, name: "Lamp".into() }),
            10 => {
                let action = PairingAction::Replace { device };
                manage(ManageAction::StartPairing { session, action, duration: Duration::from_secs(60) })
            }
            _ => DriverRequest::Command(DriverCommand {
                id: CommandId::new(format!("command-{number}")),
                device,
                settings: vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) }],
                transition: None,
                deadline: self.now.mono.plus(Duration::from_secs(30)),
                by_person: true,
            }),
        };
        self.machine.handle_request(self.now, request);
        self.drain();
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Deed {
    Frame(u8, u8, Vec<u8>),
    Command(u8, Vec<u8>),
    Ended(u8, u8),
    Request(u8),
    Pass(u16),
}

fn deeds() -> impl Strategy<Value = Deed> {
    let functions = proptest::sample::select(vec![
        0x02_u8, 0x0A, 0x13, 0x41, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x51, 0x54, 0x60, 0x61, 0x63, 0x80, 0xA8, 0x00,
    ]);
    let classes = proptest::sample::select(vec![
        [0x9F_u8, 0x02],
        [0x9F, 0x01],
        [0x9F, 0x03],
        [0x9F, 0x05],
        [0x9F, 0x08],
        [0x98, 0x80],
        [0x98, 0x40],
        [0x98, 0x81],
        [0x6C, 0x01],
        [0x6C, 0x02],
        [0x60, 0x0D],
        [0x8F, 0x01],
        [0x56, 0x01],
        [0x55, 0xC0],
        [0x84, 0x07],
        [0x25, 0x03],
        [0x86, 0x14],
        [0x5A, 0x01],
        [0x70, 0x0F],
    ]);
    prop_oneof![
        (0..2_u8, functions, proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(kind, function, payload)| Deed::Frame(kind, function, payload)),
        (1..4_u8, classes, proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(node, class, rest)| Deed::Command(node, [&class, &rest[..]].concat())),
        (any::<u8>(), 0..5_u8).prop_map(|(callback, status)| Deed::Ended(callback % 64, status)),
        any::<u8>().prop_map(Deed::Request),
        // Steps of adding, replacing and searching, and the announcement of the device on the list.
        (any::<u8>(), 0..8_u8).prop_map(|(callback, status)| {
            Deed::Frame(0, 0x4A, vec![callback % 64, status, 4, 5, 4, 0x10, 1, 0x5E, 0x9F])
        }),
        (any::<u8>(), 0..8_u8).prop_map(|(callback, status)| Deed::Frame(0, 0x63, vec![callback % 64, status])),
        (any::<u8>(), 0x21..0x24_u8).prop_map(|(callback, status)| Deed::Frame(0, 0x48, vec![callback % 64, status])),
        Just(Deed::Frame(0, 0x49, ANNOUNCEMENT.to_vec())),
        any::<u16>().prop_map(Deed::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_comes_nothing_panics_and_time_goes_on(deeds in proptest::collection::vec(deeds(), 1..120)) {
        let mut host = Host::start();
        for deed in deeds {
            match deed {
                Deed::Frame(kind, function, payload) => host.say(&frame(kind, function, &payload)),
                Deed::Command(node, command) => {
                    let length = u8::try_from(command.len()).unwrap();
                    host.say(&frame(0, 0x04, &[&[0, node, length], &command[..]].concat()));
                }
                Deed::Ended(callback, status) => {
                    host.say(&frame(1, 0x13, &[1]));
                    host.say(&frame(0, 0x13, &[callback, status]));
                }
                Deed::Request(number) => host.request(number),
                Deed::Pass(milliseconds) => host.pass(Duration::from_millis(u64::from(milliseconds))),
            }
        }
        host.pass(Duration::from_secs(600));
    }
}

/// What people can do stays in sight while its port is opened again and again, and goes when it works.
#[test]
fn people_are_told_of_a_stick_that_does_not_tell_its_nodes() {
    let start =
        Start { id: DriverId::new("zwave"), known: Vec::new(), kept: BTreeMap::new(), entropy: Secret::new([7; 32]) };
    let mut machine = ZWave::new(start);
    let mut now = Now { wall: Wall::default(), mono: Monotonic::default() };
    let mut last = None;
    machine.handle_link(now, LinkState::Up);
    let mut answer = |machine: &mut ZWave, now: Now, list: &str| {
        for _ in 0..100 {
            last = drain_events(machine)
                .into_iter()
                .rev()
                .find_map(|event| match event {
                    DriverEvent::Status(status) => Some(status),
                    _ => None,
                })
                .or(last.take());
            let text = match machine.poll_transmit() {
                None => break,
                Some(ToPort::Reopen) => {
                    machine.handle_link(now, LinkState::Down("its port is opened anew".into()));
                    machine.handle_link(now, LinkState::Up);
                    continue;
                }
                Some(ToPort::Bytes(bytes)) if bytes.len() < 4 => continue,
                Some(ToPort::Bytes(bytes)) => match bytes[3] {
                    0x02 => list,
                    0x08 => "00 0a 07 00 01 02 07 00",
                    0x41 => START[9],
                    function => START.into_iter().find(|text| hex(text)[1] == function).unwrap_or("00 00"),
                },
            };
            let bytes = hex(text);
            machine.handle_received(now, frame(bytes[0], bytes[1], &bytes[2..]));
        }
        last.clone().expect("the driver says how it is")
    };
    for second in 0..200 {
        now.mono = Monotonic(Duration::from_secs(second));
        machine.handle_timeout(now);
        let status = answer(&mut machine, now, "01 02 05 08 1d 03");
        let words = "does not tell which devices are in its network";
        assert!(status.state == DriverState::Offline && status.detail.contains(words), "{second} s: {status:?}");
    }
    for second in 200..270 {
        now.mono = Monotonic(Duration::from_secs(second));
        machine.handle_timeout(now);
        answer(&mut machine, now, START[1]);
    }
    assert_eq!(answer(&mut machine, now, START[1]).state, DriverState::Online);
}
