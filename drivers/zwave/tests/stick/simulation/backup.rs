//! The memory of the stick, read and written.

use std::time::Duration;

use driver_api::driver::Image;
use driver_api::{DriverEvent, DriverRequest, ManageAction, ManageError};
use hub_model::Value;
use hub_model::event::DriverState;

use super::home::{Home, switch};

fn ready() -> Home {
    let mut home = Home::small();
    home.until(Duration::from_secs(60), |now| now.stick.sent.len() > 20);
    home
}

/// The answer to a request, and the radio is used again afterwards.
fn managed(home: &mut Home, action: ManageAction) -> Result<Value, ManageError> {
    home.request(DriverRequest::Manage { request: 3, action });
    let mut answer = None;
    home.until(Duration::from_secs(60), |now| {
        answer = now.log.iter().find_map(|event| match event {
            DriverEvent::Managed { request: 3, result } => Some(result.clone()),
            _ => None,
        });
        answer.is_some()
    });
    let sent = home.stick.sent.len();
    home.until(Duration::from_secs(60), |now| now.stick.sent.len() > sent + 5);
    answer.unwrap()
}

#[test]
fn a_stick_is_read_whole_and_written_whole() {
    let mut home = ready();
    let before = home.stick.memory.clone();
    let Ok(Value::Text(image)) = managed(&mut home, ManageAction::Backup) else { panic!("a text") };
    assert_eq!(image.len(), 1_000_usize.div_ceil(3) * 4, "all bytes in Base64");

    home.stick.memory.fill(0);
    home.log.clear();
    let done = managed(&mut home, ManageAction::Restore { image: Image(before.as_slice().into()) });
    assert_eq!((done, &home.stick.memory), (Ok(Value::Unknown), &before));
    let again =
        |event: &DriverEvent| matches!(event, DriverEvent::Status(status) if status.state == DriverState::Online);
    assert!(home.log.iter().any(again), "it has started again");
}

#[test]
fn nothing_is_written_that_does_not_fit() {
    let mut home = ready();
    let before = home.stick.memory.clone();
    let image = Image(vec![0; 999].into());
    let Err(ManageError::NotPossible(words)) = managed(&mut home, ManageAction::Restore { image }) else {
        panic!("refused")
    };
    assert!(words.contains("999") && words.contains("1000") && words.contains("nothing was written"), "{words}");
    assert_eq!(home.stick.memory, before);
}

#[test]
fn who_has_half_of_it_is_told_so() {
    let mut home = ready();
    home.stick.memory_breaks_at = 500;
    let image = Image(vec![0; 1_000].into());
    let Err(ManageError::NotPossible(words)) = managed(&mut home, ManageAction::Restore { image }) else {
        panic!("refused")
    };
    assert!(words.contains("halfway") && words.contains("try again"), "{words}");
}

#[test]
fn commands_wait_until_the_radio_is_on_again() {
    let mut home = ready();
    home.until(Duration::from_secs(3_600), |now| now.is_interviewed(9));
    home.request(DriverRequest::Manage { request: 4, action: ManageAction::Backup });
    home.request(switch(9, true, true, home.now.plus(Duration::from_secs(60))));
    home.until(Duration::from_secs(60), |now| {
        now.stick.sent.iter().any(|sent| sent.node == 9 && sent.command.starts_with(&[0x25, 0x01]))
    });
    let is_read = |event: &DriverEvent| matches!(event, DriverEvent::Managed { request: 4, result: Ok(_) });
    assert!(home.log.iter().any(is_read));
}
