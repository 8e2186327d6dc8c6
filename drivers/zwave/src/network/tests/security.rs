//! Security 2 when something goes wrong.

use super::*;

const MINUTE: Duration = Duration::from_secs(60);
const NONCE_GET: &[u8] = &[0x9F, 0x01];
const NONCE_REPORT: &[u8] = &[0x9F, 0x02];
const MESSAGE: &[u8] = &[0x9F, 0x03];

/// Both ends agree on nonces.
fn conversation() -> Air {
    let mut air = Air::new();
    for (end, node) in [(0, THERE), (1, HERE)] {
        let task = air.push(end, set(node, 1));
        air.run(MINUTE);
        assert!(air.has_done(end, task));
    }
    air.received = [Vec::new(), Vec::new()];
    air.sent.clear();
    air.counter = 0;
    air
}

/// One end forgets the other, as at a restart.
fn forget(air: &mut Air, end: usize) {
    let other = air.names[1 - end];
    air.ends[end].remove_node(other);
    air.ends[end].add_node(other, Listening::Always);
    air.ends[end].set_security(other, Some(CLASS));
}

#[test]
fn a_first_command_takes_five_frames_and_the_next_two() {
    let mut air = Air::new();
    let task = air.push(0, set(THERE, 7));
    air.run(MINUTE);
    assert!(air.has_done(0, task));
    assert_eq!((air.count(NONCE_GET), air.count(NONCE_REPORT), air.count(MESSAGE)), (1, 1, 2));
    let task = air.push(0, set(THERE, 8));
    air.run(MINUTE);
    assert!(air.has_done(0, task));
    assert_eq!((air.count(NONCE_GET), air.count(NONCE_REPORT), air.count(MESSAGE)), (1, 1, 4));
    assert_eq!(air.values(1), [7, 8]);
}

#[test]
fn both_send_at_once() {
    let mut air = conversation();
    for value in 0..10 {
        let tasks = [air.push(0, set(THERE, value)), air.push(1, set(HERE, value))];
        air.run(MINUTE);
        assert!(air.has_done(0, tasks[0]) && air.has_done(1, tasks[1]), "{value}: {:?}", air.ended);
    }
    assert_eq!(air.count(NONCE_REPORT), 0, "nobody has lost anything");
    assert_eq!((air.values(0), air.values(1)), ((0..10).collect(), (0..10).collect()));
}

#[test]
fn both_begin_at_once() {
    let mut air = Air::new();
    let tasks = [air.push(0, set(THERE, 1)), air.push(1, set(HERE, 2))];
    air.run(MINUTE);
    assert!(air.has_done(0, tasks[0]) && air.has_done(1, tasks[1]), "{:?}", air.ended);
    assert!(air.sent.len() <= 12, "{:02x?}", air.sent);
    assert_eq!((air.values(0), air.values(1)), (vec![2], vec![1]));
}

#[test]
fn any_one_frame_may_be_lost() {
    for lost in 0..4 {
        let mut air = Air::new();
        air.lost = vec![lost];
        let task = air.push(0, set(THERE, 7));
        air.run(MINUTE);
        assert!(air.has_done(0, task), "frame {lost}: {:?}", air.ended);
        assert!(air.values(1).contains(&7) && air.sent.len() <= 8, "frame {lost}: {:02x?}", air.sent);
    }
}

#[test]
fn who_has_lost_the_nonces_is_told_and_nothing_is_lost() {
    for forgetful in [0, 1] {
        for confirmed_after in [0, 100] {
            let mut air = conversation();
            air.confirmed_after = Duration::from_millis(confirmed_after);
            forget(&mut air, forgetful);
            let task = air.push(0, set(THERE, 7));
            air.run(Duration::from_secs(1));
            let what = format!("{forgetful} forgot, {confirmed_after} ms: {:?} {:02x?}", air.ended, air.sent);
            assert!(air.has_done(0, task) && air.values(1) == [7], "{what}");
            assert_eq!(air.count(NONCE_REPORT), 1, "{what}");
            assert_eq!(air.count(MESSAGE), 2 + forgetful, "{what}");
        }
    }
}

#[test]
fn all_that_could_not_be_read_is_sent_again_in_its_order() {
    let mut air = conversation();
    forget(&mut air, 1);
    let tasks = [air.push(0, set(THERE, 1)), air.push(0, set(THERE, 2)), air.push(0, set(THERE, 3))];
    air.run(MINUTE);
    assert!(tasks.iter().all(|task| air.has_done(0, *task)), "{:?}", air.ended);
    assert_eq!(air.values(1), [1, 2, 3]);
    assert_eq!(air.count(NONCE_REPORT), 1, "one resynchronisation at a time");
}

#[test]
fn both_have_lost_them_and_both_send() {
    let mut air = conversation();
    forget(&mut air, 0);
    forget(&mut air, 1);
    let tasks = [air.push(0, set(THERE, 1)), air.push(1, set(HERE, 2))];
    air.run(MINUTE);
    assert!(air.has_done(0, tasks[0]) && air.has_done(1, tasks[1]), "{:?}", air.ended);
    assert!(air.sent.len() <= 12, "{:02x?}", air.sent);
}

#[test]
fn a_node_with_another_key_is_given_up_and_makes_no_storm() {
    let mut air = Air::of([end(HERE, THERE, 1, 0x22), end(THERE, HERE, 2, 0x77)]);
    let task = air.push(0, set(THERE, 7));
    air.run(10 * MINUTE);
    assert_eq!(air.ended[0].get(&task), Some(&Err(Failure::Unreadable)));
    assert!(air.values(1).is_empty() && air.sent.len() <= 12, "{} frames", air.sent.len());
}

#[test]
fn a_node_waits_for_its_turn_while_it_is_asked() {
    // We have asked; the node says something else first, and wants to know that we have it.
    let mut air = conversation();
    let report = Expected { prefix: vec![0x25, 0x03] };
    let question = Task::new(THERE, vec![0x25, 0x02], Urgency::Person);
    let question = Task { protection: Protection::Class(CLASS), expected: Some(report), ..question };
    let asked = air.push(0, question);
    air.run(AIR);
    let event = air.push(1, set(HERE, 5));
    air.run(Duration::from_millis(400));
    assert_eq!(air.values(0), [5]);
    assert!(!air.ended[1].contains_key(&event), "the word is the node's");
    let answer = Task::new(HERE, vec![0x25, 0x03, 0xFF], Urgency::Person);
    air.push(1, Task { protection: Protection::Class(CLASS), ..answer });
    air.run(Duration::from_millis(90));
    assert_eq!(air.ended[0].get(&asked), Some(&Ok(Done::Reported(vec![0x25, 0x03, 0xFF]))));
    assert!(air.has_done(1, event), "it was answered as soon as the node had answered");

    // A node that never answers gets its answer all the same.
    let report = Expected { prefix: vec![0x25, 0x03] };
    let question = Task::new(THERE, vec![0x25, 0x02], Urgency::Person);
    air.push(0, Task { protection: Protection::Class(CLASS), expected: Some(report), ..question });
    air.run(AIR);
    let event = air.push(1, set(HERE, 6));
    air.run(Duration::from_millis(600));
    assert!(air.has_done(1, event));
}

#[test]
fn the_same_session_with_another_command_is_another_one() {
    let mut air = Air::new();
    air.ends[0].set_security(THERE, None);
    let supervised = |session: u8, value: u8| vec![0x6C, 0x01, session, 0x03, 0x25, 0x01, value];
    for (session, value) in [(5, 1), (5, 1), (5, 2), (6, 2)] {
        let message = supervised(session, value);
        air.ends[0].handle_command(air.now, THERE, &message, true);
    }
    air.run(MINUTE);
    air.ends[0].handle_command(air.now, THERE, &supervised(6, 2), true);
    air.run(MINUTE);
    assert_eq!(air.values(0), [1, 2, 2, 2], "and after a while it is a new one");
}

#[test]
fn what_becomes_of_a_command_is_said_as_it_is() {
    for (command, status) in [
        (&[0x25, 0x03, 0xFF][..], 0xFF),
        (&[0xEE, 0x01, 0xFF], 0x00),
        (&[0x25, 0x77, 0xFF], 0x00),
        (&[0x25, 0x03], 0x02),
        (&[0x73, 0x01, 0x09, 0xFF], 0x02),
    ] {
        let mut air = Air::new();
        air.ends[0].set_security(THERE, None);
        let message = [&[0x6C, 0x01, 0x05, u8::try_from(command.len()).unwrap()], command].concat();
        air.ends[0].handle_command(air.now, THERE, &message, true);
        air.run(MINUTE);
        assert_eq!(air.sent[0].2, [0x6C, 0x02, 0x05, status, 0x00], "{command:02x?}");
    }
}

#[test]
fn who_has_better_keys_is_not_believed_with_security_0() {
    for (granted, is_believed) in [
        (None, true),
        (Some(SecurityClass::S0), true),
        (Some(CLASS), false),
        (Some(SecurityClass::S2AccessControl), false),
    ] {
        let mut air = Air::new();
        for end in &mut air.ends {
            let mut keys = end.keys().clone();
            keys.insert(SecurityClass::S0, Key::new([0x33; 16]));
            end.set_keys(keys);
        }
        air.ends[0].set_security(THERE, granted);
        let report = Task::new(HERE, vec![0x25, 0x03, 0xFF], Urgency::Person);
        air.push(1, Task { protection: Protection::Class(SecurityClass::S0), ..report });
        air.run(MINUTE);
        assert_eq!(air.received[0].contains(&vec![0x25, 0x03, 0xFF]), is_believed, "{granted:?}");
    }
}
