//! A large network in virtual time. Only here are times claimed: the radio's are set, and everything else takes none.

mod backup;
mod firmware;
mod first_look;
mod health;
mod home;
mod models;
mod progress;
mod stick;

use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverEvent, DriverRequest, LinkState, ManageAction};
use home::{DEAD, Home, LAST, device, kind_of, living, switch};
use hub_model::Availability;
use hub_model::command::FailureReason;
use stick::Kind;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn the_radio_never_waits_while_there_is_something_to_ask_and_the_first_nodes_are_usable_soon() {
    let mut home = Home::start();
    let living: Vec<u8> = living().collect();
    let usable = |now: &Home| living.iter().filter(|node| now.devices.contains_key(&device(**node))).count();
    home.until(60 * MINUTE, |now| usable(now) == 1);
    let first = home.now.0;
    home.until(60 * MINUTE, |now| usable(now) == living.len());
    assert!(first * 20 < home.now.0, "the first after {first:?}, the last after {:?}", home.now.0);
    home.until(60 * MINUTE, |now| living.iter().all(|node| now.is_interviewed(*node)));
    let (took, busy) = (home.now.0, home.stick.busy);
    // Its own limit, and a little for the ends, when only the slow ones are left.
    assert!(took < busy.mul_f64(1.1) + Duration::from_secs(5), "{took:?} for {busy:?} on the air");
    let (sequential, on_air) = home.stick.one_after_another(&home.stick.sent);
    assert!(on_air <= busy && took < sequential, "{took:?}, and one after another {sequential:?}");
    for node in DEAD {
        assert_eq!(home.availability.get(&device(node)), Some(&Availability::Offline));
    }
    let to_sleeping = home.stick.sent.iter().filter(|sent| kind_of(sent.node) == Kind::Sleeping).count();
    assert_eq!(to_sleeping, 0, "nobody who sleeps is spoken to");
}

#[test]
fn a_person_waits_for_one_frame_at_most() {
    let mut home = Home::start();
    let usable = |now: &Home| now.devices.contains_key(&device(9)) && now.devices.contains_key(&device(200));
    home.until(60 * MINUTE, usable);
    assert!(!home.is_interviewed(LAST), "the storm of questions is still on");
    // Rules want much as well.
    let deadline = home.now.plus(MINUTE);
    for node in living().filter(|node| !matches!(node, 9 | 200)).take(100) {
        home.request(switch(node, false, false, deadline));
    }
    for node in [9, 200] {
        let before = home.stick.sent.len();
        home.request(switch(node, true, true, deadline));
        let is_it = |sent: &stick::Sent| sent.node == node && sent.command.starts_with(&[0x25, 0x01]);
        home.until(MINUTE, |now| now.stick.sent[before..].iter().any(is_it));
        let between = home.stick.sent[before..].iter().take_while(|sent| !is_it(sent));
        assert_eq!(between.count(), 0, "what was on the air already is not counted, and nothing else goes first");
        home.until(MINUTE, |now| now.has_come_to(node, &CommandStage::Acknowledged));
    }
}

/// «All off», with nodes among them that are known not to answer: those go last.
#[test]
fn who_does_not_answer_is_not_tried_before_others() {
    const LOST: [u8; 3] = [60, 61, 62];
    let mut home = Home::start();
    home.until(60 * MINUTE, |now| living().all(|node| now.is_interviewed(node)));
    home.lose(&LOST);
    // The turn of the others comes after theirs.
    let deadline = home.now.plus(MINUTE);
    let others = || living().filter(|node| !LOST.contains(node));
    others().for_each(|node| home.request(switch(node, true, true, deadline)));
    home.until(MINUTE, |now| others().all(|node| now.has_come_to(node, &CommandStage::Acknowledged)));
    let before = home.stick.sent.len();
    let lamps: Vec<u8> = living().take(100).collect();
    let deadline = home.now.plus(MINUTE);
    for node in &lamps {
        home.request(switch(*node, false, true, deadline));
    }
    let is_switch = |sent: &&stick::Sent| sent.command.starts_with(&[0x25, 0x01]);
    let order =
        |now: &Home| -> Vec<u8> { now.stick.sent[before..].iter().filter(is_switch).map(|sent| sent.node).collect() };
    home.until(MINUTE, |now| order(now).len() == lamps.len());
    assert_eq!(order(&home)[lamps.len() - LOST.len()..], LOST, "{:?}", order(&home));
}

#[test]
fn who_sleeps_is_asked_when_it_wakes_and_sent_back_to_sleep() {
    let mut home = Home::start();
    let sleeper = (2..=LAST).find(|node| kind_of(*node) == Kind::Sleeping).unwrap();
    home.until(Duration::from_secs(5), |now| now.stick.sent.len() > 20);
    home.wake(sleeper);
    home.until(10 * MINUTE, |now| now.is_interviewed(sleeper));
    let is_good_night =
        |now: &Home| now.stick.sent.iter().any(|sent| sent.node == sleeper && sent.command == [0x84, 0x08]);
    home.until(MINUTE, is_good_night);
    home.until(Duration::from_secs(5), |now| now.stick.asleep.contains(&sleeper));
}

#[test]
fn who_sleeps_is_answered_when_it_says_something_by_itself() {
    let mut home = Home::start();
    let sleeper = (2..=LAST).find(|node| kind_of(*node) == Kind::Sleeping).unwrap();
    home.until(Duration::from_secs(5), |now| now.stick.sent.len() > 20);
    home.stick.asleep.remove(&sleeper);
    // Supervision Get, session 5, around a report: it is asleep again soon, and says nothing of waking.
    home.tell(sleeper, &[0x6C, 0x01, 0x05, 0x03, 0x25, 0x03, 0xFF]);
    home.until(Duration::from_secs(1), |now| {
        now.stick.sent.iter().any(|sent| sent.node == sleeper && sent.command == [0x6C, 0x02, 0x05, 0xFF, 0x00])
    });
    let to_it = home.stick.sent.iter().filter(|sent| sent.node == sleeper).count();
    assert_eq!(to_it, 1, "and nothing else is asked of it");
}

#[test]
fn what_waits_when_the_stick_is_lost_fails_and_all_is_told_again_when_it_is_back() {
    let mut home = Home::small();
    home.until(60 * MINUTE, |now| now.is_interviewed(9));
    home.request(switch(9, true, true, home.now.plus(MINUTE)));
    let map = DriverRequest::Manage { request: 7, action: ManageAction::NetworkMap };
    home.plug(LinkState::Down("unplugged".to_owned()));
    home.request(map);
    let failed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Command(CommandProgress { command, stage: CommandStage::Failed { reason, .. }, .. })
            if command.as_str() == "command-9" && *reason == FailureReason::DriverOffline)
    };
    assert!(home.log.iter().any(failed), "{:?}", home.log.last());
    let answered = |event: &DriverEvent| matches!(event, DriverEvent::Managed { request: 7, result: Err(_) });
    assert!(home.log.iter().any(answered));

    let before = home.log.len();
    let sent = home.stick.sent.len();
    home.plug(LinkState::Up);
    let told = |event: &DriverEvent| matches!(event, DriverEvent::Device(told) if told.id == device(9));
    home.until(MINUTE, |now| now.log[before..].iter().any(told));
    home.run(MINUTE);
    let again = home.stick.sent[sent..].iter().any(|sent| sent.command.starts_with(&[0x25, 0x01]));
    assert!(!again, "what has failed is not done later");
}

#[test]
fn a_dead_node_delays_nobody_and_revives_by_any_frame() {
    let mut home = Home::start();
    let [dead, ..] = DEAD;
    home.until(60 * MINUTE, |now| now.is_interviewed(9) && now.is_interviewed(232));
    home.run(120 * MINUTE);
    let attempts = home.stick.sent.iter().filter(|sent| sent.node == dead).count();
    assert!((3..=16).contains(&attempts), "two hours without an answer took {attempts} frames");
    home.stick.revive(dead);
    home.tell(dead, &[0x25, 0x03, 0xFF]);
    home.until(MINUTE, |now| now.is_interviewed(dead));
    assert_eq!(home.availability.get(&device(dead)), Some(&Availability::Online));
}
