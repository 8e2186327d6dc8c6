//! A large network in virtual time: 232 nodes, of which three are dead, five slow and sixty asleep. Only here are times
//! claimed: the radio's are set, and everything else takes none.

mod backup;
mod firmware;
mod first_look;
mod health;
mod stick;

use std::time::Duration;

use driver_api::{CommandProgress, CommandStage, DriverCommand, DriverEvent, DriverRequest, LinkState, ManageAction};
use hub_model::command::{FailureReason, Setting};
use hub_model::{Availability, CommandId, DeviceId, Monotonic, Value};
use stick::{DEAD, Kind, LAST, Simulation, kind_of};

fn device(node: u8) -> DeviceId {
    DeviceId::new(format!("zwave:0x7e570001-{node}"))
}

fn switch_on(node: u8, deadline: Monotonic) -> DriverRequest {
    DriverRequest::Command(DriverCommand {
        id: CommandId::new(format!("command-{node}")),
        device: device(node),
        settings: vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) }],
        transition: None,
        deadline,
        by_person: true,
    })
}

fn is_interviewed(simulation: &Simulation, node: u8) -> bool {
    simulation.devices.get(&device(node)).is_some_and(|device| device.interviewed)
}

#[test]
fn the_radio_never_waits_while_there_is_something_to_ask() {
    let mut simulation = Simulation::start();
    let listening: Vec<u8> = (2..=LAST).filter(|node| matches!(kind_of(*node), Kind::Listening | Kind::Slow)).collect();
    simulation.until(Duration::from_secs(3_600), |now| listening.iter().all(|node| is_interviewed(now, *node)));
    let (took, busy) = (simulation.now.0, simulation.busy);
    println!(
        "{} nodes known after {:.1} s; the radio was busy for {:.1} s of them, with {} frames",
        listening.len(),
        took.as_secs_f64(),
        busy.as_secs_f64(),
        simulation.sent.len()
    );
    // Its own limit, and a little for the ends, when only the slow ones are left.
    assert!(took < busy.mul_f64(1.1) + Duration::from_secs(5), "{took:?} for {busy:?} on the air");
    for node in DEAD {
        assert_eq!(simulation.availability.get(&device(node)), Some(&Availability::Offline));
    }
    let to_sleeping = simulation.sent.iter().filter(|sent| kind_of(sent.node) == Kind::Sleeping).count();
    assert_eq!(to_sleeping, 0, "nobody who sleeps is spoken to");
}

#[test]
fn a_person_waits_for_one_frame_at_most() {
    let mut simulation = Simulation::start();
    let usable = |now: &Simulation| now.devices.contains_key(&device(9)) && now.devices.contains_key(&device(200));
    simulation.until(Duration::from_secs(3_600), usable);
    assert!(!is_interviewed(&simulation, LAST), "the storm of questions is still on");
    for node in [9, 200] {
        let before = simulation.sent.len();
        simulation.request(switch_on(node, simulation.now.plus(Duration::from_secs(60))));
        simulation.until(Duration::from_secs(60), |now| {
            now.sent[before..].iter().any(|sent| sent.node == node && sent.command.starts_with(&[0x25, 0x01]))
        });
        let between = simulation.sent[before..].iter().take_while(|sent| !sent.command.starts_with(&[0x25, 0x01]));
        assert_eq!(between.count(), 0, "what was on the air already is not counted, and nothing else goes first");
        let done = |event: &DriverEvent| {
            matches!(event, DriverEvent::Command(progress) if progress.command.as_str() == format!("command-{node}")
                && progress.stage == CommandStage::Acknowledged)
        };
        simulation.until(Duration::from_secs(60), |now| now.log.iter().any(done));
    }
}

#[test]
fn who_sleeps_is_asked_when_it_wakes_and_sent_back_to_sleep() {
    let mut simulation = Simulation::start();
    let sleeper = (2..=LAST).find(|node| kind_of(*node) == Kind::Sleeping).unwrap();
    simulation.until(Duration::from_secs(5), |now| now.sent.len() > 20);
    simulation.wake(sleeper);
    simulation.until(Duration::from_secs(600), |now| is_interviewed(now, sleeper));
    let is_good_night =
        |now: &Simulation| now.sent.iter().any(|sent| sent.node == sleeper && sent.command == [0x84, 0x08]);
    simulation.until(Duration::from_secs(60), is_good_night);
    simulation.until(Duration::from_secs(5), |now| now.asleep.contains(&sleeper));
}

#[test]
fn who_sleeps_is_answered_when_it_says_something_by_itself() {
    let mut simulation = Simulation::start();
    let sleeper = (2..=LAST).find(|node| kind_of(*node) == Kind::Sleeping).unwrap();
    simulation.until(Duration::from_secs(5), |now| now.sent.len() > 20);
    simulation.asleep.remove(&sleeper);
    // Supervision Get, session 5, around a report: it is asleep again soon, and says nothing of waking.
    simulation.tell(sleeper, &[0x6C, 0x01, 0x05, 0x03, 0x25, 0x03, 0xFF]);
    simulation.until(Duration::from_secs(1), |now| {
        now.sent.iter().any(|sent| sent.node == sleeper && sent.command == [0x6C, 0x02, 0x05, 0xFF, 0x00])
    });
    let to_it = simulation.sent.iter().filter(|sent| sent.node == sleeper).count();
    assert_eq!(to_it, 1, "and nothing else is asked of it");
}

#[test]
fn what_waits_when_the_stick_is_lost_fails_and_all_is_told_again_when_it_is_back() {
    let mut simulation = Simulation::start();
    simulation.until(Duration::from_secs(3_600), |now| is_interviewed(now, 9));
    simulation.request(switch_on(9, simulation.now.plus(Duration::from_secs(60))));
    let map = DriverRequest::Manage { request: 7, action: ManageAction::NetworkMap };
    simulation.plug(LinkState::Down("unplugged".to_owned()));
    simulation.request(map);
    let failed = |event: &DriverEvent| {
        matches!(event, DriverEvent::Command(CommandProgress { command, stage: CommandStage::Failed { reason, .. }, .. })
            if command.as_str() == "command-9" && *reason == FailureReason::DriverOffline)
    };
    assert!(simulation.log.iter().any(failed), "{:?}", simulation.log.last());
    let answered = |event: &DriverEvent| matches!(event, DriverEvent::Managed { request: 7, result: Err(_) });
    assert!(simulation.log.iter().any(answered));

    let before = simulation.log.len();
    let sent = simulation.sent.len();
    simulation.plug(LinkState::Up);
    let told = |event: &DriverEvent| matches!(event, DriverEvent::Device(told) if told.id == device(9));
    simulation.until(Duration::from_secs(60), |now| now.log[before..].iter().any(told));
    simulation.run(Duration::from_secs(60));
    let again = simulation.sent[sent..].iter().any(|sent| sent.command.starts_with(&[0x25, 0x01]));
    assert!(!again, "what has failed is not done later");
}

#[test]
fn a_dead_node_delays_nobody_and_revives_by_any_frame() {
    let mut simulation = Simulation::start();
    let [dead, ..] = DEAD;
    simulation.until(Duration::from_secs(3_600), |now| is_interviewed(now, 9) && is_interviewed(now, 232));
    simulation.run(Duration::from_secs(7_200));
    let attempts = simulation.sent.iter().filter(|sent| sent.node == dead).count();
    assert!((3..=16).contains(&attempts), "two hours without an answer took {attempts} frames");
    simulation.revive(dead);
    simulation.tell(dead, &[0x25, 0x03, 0xFF]);
    simulation.until(Duration::from_secs(60), |now| is_interviewed(now, dead));
    assert_eq!(simulation.availability.get(&device(dead)), Some(&Availability::Online));
}
