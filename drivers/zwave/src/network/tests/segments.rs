//! Commands that no frame carries.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const OTHER: NodeId = NodeId(7);

fn long(protection: Protection) -> Task {
    let command = [&[0x25, 0x01][..], &[0x5A; 200]].concat();
    Task { protection, ..Task::new(THERE, command, Urgency::Rule) }
}

fn air() -> Air {
    let mut air = Air::new();
    air.ends[0].set_takes_segments(THERE, true);
    air
}

#[test]
fn it_arrives_as_a_whole() {
    for protection in [Protection::None, Protection::Class(CLASS)] {
        let mut air = air();
        let task = air.push(0, long(protection));
        air.run(MINUTE);
        assert_eq!(air.ended[0].get(&task), Some(&Ok(Done::Acknowledged)));
        assert_eq!(air.received[1].len(), 1);
        assert_eq!(air.received[1][0].len(), 202);
        assert!(air.sent.iter().all(|(_, _, bytes)| bytes.len() <= 46));
    }
}

#[test]
fn a_message_that_brings_its_nonce_may_need_two_frames() {
    let mut air = air();
    let command = [&[0x63, 0x01, 1, 1][..], b"0123456789"].concat();
    let code = Task { protection: Protection::Class(CLASS), ..Task::new(THERE, command, Urgency::Person) };
    let tasks = [air.push(0, Task { supervised: true, ..code.clone() }), air.push(0, code)];
    air.run(MINUTE);
    assert!(air.has_done(0, tasks[0]) && air.ended[0][&tasks[1]].is_ok(), "{:?}", air.ended);
    assert_eq!((air.received[1].len(), air.count(&[0x55, 0xC0])), (2, 1), "the second is short enough");
}

#[test]
fn a_segment_that_is_lost_is_sent_again() {
    for lost in 0..6 {
        let mut air = air();
        air.lost = vec![lost];
        let task = air.push(0, long(Protection::None));
        air.run(MINUTE);
        assert_eq!(air.ended[0].get(&task), Some(&Ok(Done::Acknowledged)), "segment {lost}");
        assert_eq!(air.received[1].len(), 1, "segment {lost}");
        assert!(air.sent.len() <= 16, "segment {lost}: {} frames", air.sent.len());
    }
}

#[test]
fn nobody_who_does_not_know_segments_gets_them() {
    let mut air = Air::new();
    let task = air.push(0, long(Protection::None));
    air.run(MINUTE);
    assert_eq!(air.ended[0].get(&task), Some(&Err(Failure::TooLong)));
    assert!(air.sent.is_empty());
}

#[test]
fn others_are_served_in_between() {
    let mut air = air();
    air.ends[0].add_node(OTHER, Listening::Always);
    air.push(0, long(Protection::None));
    air.run(AIR);
    assert_eq!(air.sent.len(), 1);
    air.push(0, Task::new(OTHER, vec![0x25, 0x01, 0xFF], Urgency::Person));
    air.run(MINUTE);
    let order: Vec<NodeId> = air.sent.iter().filter(|(from, ..)| *from == HERE).map(|(_, to, _)| *to).collect();
    assert_eq!(order[..3], [THERE, OTHER, THERE]);
}

#[test]
fn nonces_are_used_in_the_order_in_which_they_arrive() {
    let mut air = air();
    let first = air.push(0, set(THERE, 1));
    air.run(MINUTE);
    assert!(air.has_done(0, first));
    let whole = air.push(0, long(Protection::Class(CLASS)));
    air.run(AIR);
    let short = air.push(0, set(THERE, 2));
    // The node wants an answer with its keys meanwhile, too.
    let event = air.push(1, set(HERE, 3));
    air.run(MINUTE);
    assert_eq!(air.ended[0].get(&whole), Some(&Ok(Done::Acknowledged)));
    assert!(air.has_done(0, short) && air.has_done(1, event), "{:?}", air.ended);
    assert_eq!(air.received[1].iter().map(Vec::len).collect::<Vec<_>>(), [3, 202, 3]);
}

#[test]
fn a_node_that_goes_ends_what_was_on_its_way() {
    let mut air = air();
    let task = air.push(0, long(Protection::None));
    air.run(AIR);
    air.ends[0].remove_node(THERE);
    air.run(MINUTE);
    assert_eq!(air.ended[0].get(&task), Some(&Err(Failure::Removed)));
}

/// The node has all segments, and its word on the command arrives before the word that they are complete.
#[test]
fn a_report_of_supervision_may_overtake_the_end_of_the_segments() {
    let mut air = air();
    let task = air.push(0, Task { supervised: true, ..long(Protection::None) });
    air.run(AIR);
    let session = air.ends[0].nodes[&THERE].datagram.as_ref().and_then(|datagram| datagram.queued.session).unwrap();
    air.ends[0].handle_command(air.now, THERE, &[0x6C, 0x02, session, 0xFF, 0x00], true);
    air.take_events(0);
    assert!(air.has_done(0, task), "{:?}", air.ended);
}
