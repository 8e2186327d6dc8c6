//! Routes and the static update controller.

use std::time::Duration;

use driver_api::{CommandStage, DriverCommand, DriverEvent, DriverRequest, ManageAction, ManageError};
use hub_model::command::Setting;
use hub_model::{CommandId, Value};

use super::stick::Home;

fn is_known(home: &Home, node: u16) -> bool {
    home.log.iter().any(
        |event| matches!(event, DriverEvent::Device(device) if device.id == Home::device(node) && device.interviewed),
    )
}

fn repair(node: Option<u16>) -> ManageAction {
    ManageAction::RepairRoutes { device: node.map(Home::device) }
}

#[test]
fn the_stick_gives_numbers_out_where_nobody_does() {
    let mut home = Home::new(&[]);
    home.has_no_suc = true;
    let mut home = home.open();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x54, &[1, 1, 0x25, 1]), 1);
    let mut home = Home::new(&[]).open();
    home.run(Duration::from_secs(1));
    assert_eq!(home.count(0x54, &[]), 0, "it does so already");
}

#[test]
fn a_node_searches_its_neighbours_and_is_told_its_ways() {
    let mut home = Home::new(&[]).with(2, &[0x5E, 0x25, 0x85]).with(3, &[0x5E]).open();
    home.until("they are known", |home| is_known(home, 2) && is_known(home, 3));
    let before = home.asked.len();
    assert_eq!(home.manage(repair(Some(2))), Ok(Value::Unknown));
    let asked: Vec<(u8, Vec<u8>)> = home.asked[before..]
        .iter()
        .filter(|(function, _)| [0x46, 0x47, 0x48, 0x51].contains(function))
        .map(|(function, payload)| (*function, payload[..payload.len() - 1].to_vec()))
        .collect();
    // It reports to node 3 too.
    assert_eq!(asked, [(0x48, vec![2]), (0x51, vec![2]), (0x47, vec![2]), (0x46, vec![2, 3])]);
    home.nodes.get_mut(&3).unwrap().is_silent = true;
    let refused = home.manage(repair(Some(3))).unwrap_err();
    assert!(matches!(refused, ManageError::NotPossible(_)));
    assert_eq!(home.manage(repair(Some(9))), Err(ManageError::NotFound));
}

#[test]
fn all_find_their_routes_in_turn_and_commands_go_between() {
    let mut home = Home::new(&[]);
    for node in 2..=4 {
        home = home.with(node, &[0x5E, 0x25]);
    }
    let mut home = home.open();
    home.until("they are known", |home| (2..=4).all(|node| is_known(home, node)));
    home.nodes.get_mut(&3).unwrap().is_silent = true;
    let request = home.ask(repair(None));
    home.until("the first searches", |home| home.count(0x48, &[2]) == 1);
    home.command(DriverRequest::Command(DriverCommand {
        id: CommandId::new("command"),
        device: Home::device(4),
        settings: vec![Setting { endpoint: 0, attribute: "on".into(), value: Value::Bool(true) }],
        transition: None,
        deadline: home.now.plus(Duration::from_secs(60)),
        by_person: true,
    }));
    let is_done = |event: &DriverEvent| matches!(event, DriverEvent::Command(progress) if progress.stage == CommandStage::Acknowledged);
    home.until("the command is done", |home| home.log.iter().any(is_done));
    assert_eq!(home.count(0x48, &[3]), 0, "it goes before the next step");
    home.until("all is done", |home| home.answer_to(request).is_some());
    let answer = home.answer_to(request).unwrap().unwrap();
    let devices = |nodes: &[u16]| Value::list(nodes.iter().map(|node| Value::text(Home::device(*node).as_str())));
    assert_eq!(answer.field("repaired"), Some(&devices(&[2, 4])));
    assert_eq!(answer.field("failed"), Some(&devices(&[3])));
    let told: Vec<String> = home
        .log
        .iter()
        .filter_map(|event| match event {
            DriverEvent::Status(status) => Some(status.detail.to_string()),
            _ => None,
        })
        .collect();
    assert!(told.contains(&"Node 3 finds its routes anew, 2 of 3.".to_owned()), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some(""));
}

#[test]
fn a_search_that_does_not_end_is_given_up() {
    let mut home = Home::new(&[]).with(2, &[0x5E]).open();
    home.until("it is known", |home| is_known(home, 2));
    home.search = Duration::from_secs(3_600);
    let begun = home.now;
    assert!(matches!(home.manage(repair(Some(2))), Err(ManageError::NotPossible(_))));
    let took = home.now.since(begun);
    assert!(took > Duration::from_secs(75) && took < Duration::from_secs(90), "{took:?}");
}
