//! Two sessions that talk to each other, and lose messages.

use std::time::Duration;

use hub_model::Monotonic;
use proptest::prelude::*;

use super::*;
use crate::node_id::{HomeId, NodeId};
use crate::security::ckdf::{NetworkKeys, network_keys};
use crate::security::secret::{Key, Secret};
use crate::security::security_class::SecurityClass;

const CLASS: KeyId = KeyId::Class(SecurityClass::S2Authenticated);
const HERE: NodeId = NodeId(1);
const THERE: NodeId = NodeId(9);

fn keys() -> NetworkKeys {
    network_keys(&Key::new([0x22; 16]))
}

fn at(milliseconds: u64) -> Monotonic {
    Monotonic(Duration::from_millis(1_000 + milliseconds))
}

struct Side {
    session: Session,
    addresses: Addresses,
    keys: NetworkKeys,
    entropy: u8,
}

impl Side {
    fn new(source: NodeId, destination: NodeId, sequence: u8) -> Self {
        let addresses = Addresses { home: HomeId([0xC0, 0xFF, 0xEE, 0]), source, destination };
        Self { session: Session::new(sequence), addresses, keys: keys(), entropy: sequence }
    }

    fn entropy(&mut self) -> Entropy {
        self.entropy = self.entropy.wrapping_add(1);
        [self.entropy; 16]
    }

    fn send_at(&mut self, now: Monotonic, command: &[u8], additions: &Additions) -> Result<Vec<u8>, NotEncapsulated> {
        let entropy = self.entropy();
        let keys = (CLASS, &self.keys.session);
        self.session.encapsulate(now, keys, self.addresses, command, additions, entropy)
    }

    fn send(&mut self, command: &[u8]) -> Vec<u8> {
        self.send_at(at(0), command, &Additions::default()).unwrap()
    }

    fn receive_at(&mut self, now: Monotonic, message: &[u8]) -> Result<Opened, Refused> {
        let Addresses { home, source, destination } = self.addresses;
        let addresses = Addresses { home, source: destination, destination: source };
        let temporary = network_keys(&Key::new([0x77; 16]));
        let candidates = [(KeyId::Temporary, &temporary.session), (CLASS, &self.keys.session)];
        self.session.decapsulate(now, &candidates, addresses, message)
    }

    fn receive(&mut self, message: &[u8]) -> Result<Vec<u8>, Refused> {
        self.receive_at(at(600), message).map(|opened| opened.command)
    }
}

/// A conversation that has begun, with the first message of this side read by the other.
fn conversation() -> (Side, Side) {
    let (mut here, mut there) = (Side::new(HERE, THERE, 0x80), Side::new(THERE, HERE, 0x10));
    agree(&mut here, &mut there);
    let first = here.send(&[0x25, 0x02]);
    assert_eq!(there.receive(&first), Ok(vec![0x25, 0x02]));
    (here, there)
}

/// `one` asks `other` for its entropy.
fn agree(one: &mut Side, other: &mut Side) {
    let question = one.session.nonce_get();
    other.session.handle_nonce_get(&question).unwrap();
    let entropy = other.entropy();
    let answer = other.session.nonce_report(at(0), entropy);
    assert_eq!(one.session.handle_nonce_report(&answer).map(|report| report.entropy), Ok(Some(entropy)));
}

#[test]
fn without_entropy_nothing_can_be_sent() {
    let mut here = Side::new(HERE, THERE, 0);
    assert!(!here.session.is_ready(CLASS));
    assert_eq!(here.send_at(at(0), &[0x25, 0x02], &Additions::default()), Err(NotEncapsulated::NoNonce));
}

#[test]
fn both_directions_share_one_sequence() {
    let (mut here, mut there) = conversation();
    for value in 0..20 {
        let report = there.send(&[0x25, 0x03, value]);
        assert_eq!(here.receive(&report), Ok(vec![0x25, 0x03, value]));
        let set = here.send(&[0x25, 0x01, value]);
        assert_eq!(there.receive(&set), Ok(vec![0x25, 0x01, value]));
    }
}

#[test]
fn four_lost_messages_are_tolerated_and_five_are_not() {
    for (lost, expected) in [(4, Ok(vec![7])), (5, Err(Refused::OutOfSync { answer: true }))] {
        let (mut here, mut there) = conversation();
        for _ in 0..lost {
            here.send(&[1]);
        }
        let message = here.send(&[7]);
        assert_eq!(there.receive(&message), expected, "{lost} lost");
    }
}

#[test]
fn a_forged_message_changes_nothing() {
    let (mut here, mut there) = conversation();
    let message = here.send(&[7]);
    let mut forged = message.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(there.receive(&forged), Err(Refused::OutOfSync { answer: true }));
    assert_eq!(there.receive(&message), Ok(vec![7]));
}

#[test]
fn a_message_that_comes_twice_is_read_once() {
    let (mut here, mut there) = conversation();
    let message = here.send(&[7]);
    assert_eq!(there.receive(&message), Ok(vec![7]));
    assert_eq!(there.receive(&message), Err(Refused::Duplicate { sequence: message[2] }));
}

#[test]
fn resynchronisation_by_the_receiver_happens_once_at_a_time() {
    let (mut here, mut there) = conversation();
    there.session = Session::new(0x55);
    let lost = here.send(&[7]);
    assert_eq!(there.receive_at(at(0), &lost), Err(Refused::OutOfSync { answer: true }));
    let report = there.session.nonce_report(at(0), [3; 16]);
    let lost = here.send(&[8]);
    assert_eq!(there.receive_at(at(100), &lost), Err(Refused::OutOfSync { answer: false }));
    assert_eq!(there.receive_at(at(500), &lost), Err(Refused::OutOfSync { answer: true }));
    assert!(here.session.handle_nonce_report(&report).unwrap().entropy.is_some());
    let again = here.send(&[7]);
    assert_eq!(there.receive(&again), Ok(vec![7]));
}

#[test]
fn both_may_send_at_once() {
    let (mut here, mut there) = conversation();
    let report = there.send(&[1]);
    assert_eq!(here.receive(&report), Ok(vec![1]));
    let from_here = here.send_at(at(0), &[2], &Additions::default()).unwrap();
    let from_there = there.send_at(at(0), &[3], &Additions::default()).unwrap();
    assert_eq!(here.receive_at(at(499), &from_there).map(|opened| opened.command), Ok(vec![3]));
    assert_eq!(there.receive_at(at(499), &from_here).map(|opened| opened.command), Ok(vec![2]));
    let after = here.send(&[4]);
    assert_eq!(there.receive(&after), Ok(vec![4]));
}

#[test]
fn what_is_on_its_way_is_read_while_a_new_sequence_begins() {
    let (mut here, mut there) = conversation();
    let on_its_way = there.send(&[1]);
    // Somebody else says something in the other's name: it is answered, and nothing is lost by that.
    let mut forged = on_its_way.clone();
    forged[2] = forged[2].wrapping_add(7);
    assert_eq!(here.receive_at(at(0), &forged), Err(Refused::OutOfSync { answer: true }));
    let report = here.session.nonce_report(at(0), [3; 16]);
    assert_eq!(here.receive(&on_its_way), Ok(vec![1]));
    assert!(!here.session.is_ready(CLASS), "the other side begins");
    there.session.handle_nonce_report(&report).unwrap();
    let next = there.send(&[2]);
    assert_eq!(here.receive(&next), Ok(vec![2]));
    let answer = here.send(&[3]);
    assert_eq!(there.receive(&answer), Ok(vec![3]));
}

#[test]
fn both_may_begin_anew_at_once() {
    let (mut here, mut there) = (Side::new(HERE, THERE, 0x80), Side::new(THERE, HERE, 0x10));
    let (from_here, from_there) = (here.session.nonce_get(), there.session.nonce_get());
    here.session.handle_nonce_get(&from_there).unwrap();
    there.session.handle_nonce_get(&from_here).unwrap();
    let (from_here, from_there) =
        (here.session.nonce_report(at(0), [1; 16]), there.session.nonce_report(at(0), [2; 16]));
    here.session.handle_nonce_report(&from_there).unwrap();
    there.session.handle_nonce_report(&from_here).unwrap();
    let (from_here, from_there) = (here.send(&[1]), there.send(&[2]));
    assert_eq!(here.receive(&from_there), Ok(vec![2]));
    assert_eq!(there.receive(&from_here), Ok(vec![1]));
    for value in 3..20 {
        let message = if value % 3 == 0 { here.send(&[value]) } else { there.send(&[value]) };
        let receiver = if value % 3 == 0 { &mut there } else { &mut here };
        assert_eq!(receiver.receive(&message), Ok(vec![value]), "message {value}");
    }
}

#[test]
fn what_was_read_is_never_read_again() {
    let (mut here, mut there) = conversation();
    let first = here.send(&[1]);
    assert_eq!(there.receive(&first), Ok(vec![1]));
    for value in 0..30 {
        let message = here.send(&[2, value]);
        assert_eq!(there.receive(&message), Ok(vec![2, value]));
    }
    // Its number is forgotten by now; its nonce is not.
    assert_eq!(there.receive(&first), Err(Refused::OutOfSync { answer: true }));
    let message = here.send(&[3]);
    assert_eq!(there.receive(&message), Ok(vec![3]));
}

#[test]
fn a_false_nonce_report_does_not_end_a_conversation() {
    let (mut here, mut there) = conversation();
    let on_its_way = there.send(&[1]);
    let forged = NonceReport { sequence: 0x77, entropy: Some([9; 16]), multicast_out_of_sync: false };
    here.session.handle_nonce_report(&forged.encode()).unwrap();
    assert_eq!(here.receive(&on_its_way), Ok(vec![1]));
    // The next message is not understood, which the other side says.
    let lost = here.send(&[2]);
    assert_eq!(there.receive_at(at(600), &lost), Err(Refused::OutOfSync { answer: true }));
    let report = there.session.nonce_report(at(0), [3; 16]);
    here.session.handle_nonce_report(&report).unwrap();
    let again = here.send(&[2]);
    assert_eq!(there.receive(&again), Ok(vec![2]));
}

#[test]
fn what_comes_later_was_not_sent_at_once() {
    let (mut here, mut there) = conversation();
    let report = there.send(&[1]);
    assert_eq!(here.receive(&report), Ok(vec![1]));
    here.send_at(at(0), &[2], &Additions::default()).unwrap();
    let from_there = there.send_at(at(0), &[3], &Additions::default()).unwrap();
    assert_eq!(here.receive_at(at(500), &from_there), Err(Refused::OutOfSync { answer: true }));
}

#[test]
fn other_keys_begin_a_new_conversation() {
    let (here, _) = conversation();
    assert!(here.session.is_ready(CLASS));
    assert!(!here.session.is_ready(KeyId::Class(SecurityClass::S2AccessControl)));
}

#[test]
fn long_range_addresses_have_sixteen_bits() {
    let (mut here, mut there) = (Side::new(HERE, NodeId(0x0101), 0x80), Side::new(NodeId(0x0101), HERE, 0x10));
    agree(&mut here, &mut there);
    let message = here.send(&[7]);
    assert_eq!(there.receive(&message), Ok(vec![7]));
    let (mut here, mut there) = (Side::new(HERE, NodeId(0x0101), 0x80), Side::new(NodeId(0x01), HERE, 0x10));
    agree(&mut here, &mut there);
    let message = here.send(&[7]);
    assert!(there.receive(&message).is_err());
}

#[test]
fn a_group_its_follow_up_and_its_loss() {
    let (mut here, mut there) = conversation();
    let mut group = MulticastGroup::new(3, Secret::new([0xFF; 16]), 0x40);
    let multicast = |group: &mut MulticastGroup| {
        group.encapsulate(&keys(), HomeId([0xC0, 0xFF, 0xEE, 0]), HERE, &[0x25, 0x01, 0xFF]).unwrap()
    };
    let receive = |there: &mut Side, message: &[u8]| {
        let addresses = Addresses { source: HERE, ..there.addresses };
        there.session.decapsulate_multicast((CLASS, &keys()), addresses, message).map(|opened| opened.command)
    };
    let follow_up = Additions { follow_up: Some(3), ..Additions::default() };

    // The group is not known yet: the follow-up is read, and says so.
    let message = multicast(&mut group);
    assert_eq!(receive(&mut there, &message), Err(Refused::MulticastOutOfSync { group: 3 }));
    let message = here.send_at(at(0), &[0x25, 0x01, 0xFF], &follow_up).unwrap();
    let opened = there.receive_at(at(0), &message).unwrap();
    assert_eq!((opened.follow_up, opened.answer_multicast_out_of_sync), (Some(3), true));
    let report = there.session.multicast_nonce_report();
    let report = here.session.handle_nonce_report(&report).unwrap();
    assert!(report.multicast_out_of_sync && report.entropy.is_none());
    group.handle_followed_up();

    // The nonces are told.
    let told = Additions { mpan: Some(group.state()), ..Additions::default() };
    let message = here.send_at(at(0), &[], &told).unwrap();
    assert_eq!(there.receive(&message), Ok(vec![]));
    for _ in 0..3 {
        let message = multicast(&mut group);
        assert_eq!(receive(&mut there, &message), Ok(vec![0x25, 0x01, 0xFF]));
        let message = here.send_at(at(0), &[0x25, 0x01, 0xFF], &follow_up).unwrap();
        assert!(!there.receive_at(at(0), &message).unwrap().answer_multicast_out_of_sync);
        group.handle_followed_up();
    }

    // Five lost messages are too many.
    for _ in 0..5 {
        multicast(&mut group);
    }
    let message = multicast(&mut group);
    assert_eq!(receive(&mut there, &message), Err(Refused::MulticastOutOfSync { group: 3 }));
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Computed in Python with the primitives of its package `cryptography`. The state of the group's nonces overflows.
#[test]
fn messages_of_another_implementation() {
    let mut group = MulticastGroup::new(3, Secret::new([0xFF; 16]), 0x40);
    for expected in ["9f034101034303a61eba688515c6dddb38c7", "9f034201034303c76564c409d440ee66c02f"] {
        let message = group.encapsulate(&keys(), HomeId([0xC0, 0xFF, 0xEE, 0]), HERE, &[0x25, 0x01, 0xFF]);
        assert_eq!(message, Some(hex(expected)));
    }

    let mut here = Side::new(HERE, NodeId(0x0101), 0x80);
    let report = NonceReport { sequence: 1, entropy: Some([0x5A; 16]), multicast_out_of_sync: false };
    here.session.handle_nonce_report(&report.encode()).unwrap();
    here.entropy = 0xA4;
    let told = Additions { mpan: Some((3, Secret::new([8; 16]))), ..Additions::default() };
    let message = here.send_at(at(0), &[0x25, 0x01, 0xFF], &told).unwrap();
    let expected = "9f0381031241a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\
                    2e4a6fd38eb5f8175e5583dfe353a8ee9ae3f6d0dcde906a08c3fb57a2d0";
    assert_eq!(message, hex(expected));
}

proptest! {
    #[test]
    fn any_changed_bit_is_seen(bit in 0_usize..8 * 20) {
        let (mut here, mut there) = conversation();
        let mut message = here.send(&[0x25, 0x01, 0xFF, 1, 2, 3, 4, 5]);
        prop_assert_eq!(message.len(), 20);
        message[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(there.receive(&message).is_err());
    }

    #[test]
    fn no_message_makes_it_panic(
        messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..10),
        command in 0_u8..6,
    ) {
        let (mut here, _) = conversation();
        for mut message in messages {
            if let [class, second, ..] = &mut message[..] {
                [*class, *second] = [COMMAND_CLASS, command];
            }
            let _ = here.receive(&message);
            let _ = here.session.handle_nonce_get(&message);
            let _ = here.session.handle_nonce_report(&message);
            let addresses = here.addresses;
            let _ = here.session.decapsulate_multicast((CLASS, &keys()), addresses, &message);
        }
    }
}
