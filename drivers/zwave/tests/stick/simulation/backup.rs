//! The memory of the stick, read and written.

use std::time::Duration;

use driver_api::driver::Image;
use driver_api::{DriverEvent, DriverRequest, ManageAction, ManageError};
use hub_model::Value;
use hub_model::event::DriverState;

use super::stick::Simulation;
use super::switch_on;

fn ready() -> Simulation {
    let mut simulation = Simulation::start();
    simulation.until(Duration::from_secs(60), |now| now.sent.len() > 20);
    simulation
}

/// The answer to a request, and the radio is used again afterwards.
fn managed(simulation: &mut Simulation, action: ManageAction) -> Result<Value, ManageError> {
    simulation.request(DriverRequest::Manage { request: 3, action });
    let mut answer = None;
    simulation.until(Duration::from_secs(60), |now| {
        answer = now.log.iter().find_map(|event| match event {
            DriverEvent::Managed { request: 3, result } => Some(result.clone()),
            _ => None,
        });
        answer.is_some()
    });
    let sent = simulation.sent.len();
    simulation.until(Duration::from_secs(60), |now| now.sent.len() > sent + 5);
    answer.unwrap()
}

#[test]
fn a_stick_is_read_whole_and_written_whole() {
    let mut simulation = ready();
    let before = simulation.memory.clone();
    let Ok(Value::Text(image)) = managed(&mut simulation, ManageAction::Backup) else { panic!("a text") };
    assert_eq!(image.len(), 1_000_usize.div_ceil(3) * 4, "all bytes in Base64");

    simulation.memory.fill(0);
    simulation.log.clear();
    let done = managed(&mut simulation, ManageAction::Restore { image: Image(before.as_slice().into()) });
    assert_eq!((done, &simulation.memory), (Ok(Value::Unknown), &before));
    let again =
        |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
    assert!(simulation.log.iter().any(again), "it has started again");
}

#[test]
fn nothing_is_written_that_does_not_fit() {
    let mut simulation = ready();
    let before = simulation.memory.clone();
    let image = Image(vec![0; 999].into());
    let Err(ManageError::Refused(words)) = managed(&mut simulation, ManageAction::Restore { image }) else {
        panic!("refused")
    };
    assert!(words.contains("999") && words.contains("1000") && words.contains("nothing was written"), "{words}");
    assert_eq!(simulation.memory, before);
}

#[test]
fn who_has_half_of_it_is_told_so() {
    let mut simulation = ready();
    simulation.memory_breaks_at = 500;
    let image = Image(vec![0; 1_000].into());
    let Err(ManageError::Refused(words)) = managed(&mut simulation, ManageAction::Restore { image }) else {
        panic!("refused")
    };
    assert!(words.contains("halfway") && words.contains("try again"), "{words}");
}

#[test]
fn commands_wait_until_the_radio_is_on_again() {
    let mut simulation = ready();
    simulation.until(Duration::from_secs(3_600), |now| super::is_interviewed(now, 9));
    simulation.request(DriverRequest::Manage { request: 4, action: ManageAction::Backup });
    simulation.request(switch_on(9, simulation.now.plus(Duration::from_secs(60))));
    simulation.until(Duration::from_secs(60), |now| {
        now.sent.iter().any(|sent| sent.node == 9 && sent.command.starts_with(&[0x25, 0x01]))
    });
    let is_read = |event: &DriverEvent| matches!(event, DriverEvent::Managed { request: 4, result: Ok(_) });
    assert!(simulation.log.iter().any(is_read));
}
