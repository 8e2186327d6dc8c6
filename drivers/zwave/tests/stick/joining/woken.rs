//! Nodes that listen at intervals, and are woken by whoever speaks with them.

use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::Availability;

use super::stick::Home;

const LOCK: u16 = 2;
const GONE: u16 = 3;

fn home_of_two(home: Home) -> Home {
    let mut home = home.with(LOCK, &[0x5E, 0x25]).with(GONE, &[0x5E, 0x25]);
    home.woken = [LOCK, GONE].into();
    home
}

fn availability(home: &Home, node: u16) -> Vec<Availability> {
    let of_node = |event: &DriverEvent| match event {
        DriverEvent::Availability { device, availability } if *device == Home::device(node) => Some(*availability),
        _ => None,
    };
    home.log.iter().filter_map(of_node).collect()
}

#[test]
fn after_a_start_they_are_woken_once_to_see_whether_they_are_there() {
    let mut home = home_of_two(Home::new(&[])).open();
    home.run(Duration::from_secs(120));
    assert_eq!(availability(&home, LOCK).last(), Some(&Availability::Online));

    let mut home = home_of_two(Home::restarted(&[], home.kept));
    home.nodes.get_mut(&GONE).unwrap().is_silent = true;
    let mut home = home.open();
    home.run(Duration::from_secs(600));
    assert_eq!(availability(&home, LOCK), [Availability::Unknown, Availability::Online]);
    let sent = |node: u16| home.sent.iter().filter(move |(to, _)| *to == node).map(|(_, command)| command.clone());
    assert_eq!(sent(LOCK).collect::<Vec<_>>(), [vec![0x00]]);
    assert_eq!(sent(GONE).collect::<Vec<_>>(), [vec![0x00]]);
    assert_eq!(availability(&home, GONE), [Availability::Unknown], "one that did not wake is not taken for lost");
}
