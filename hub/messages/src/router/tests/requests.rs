//! What is told of requests for permission.

use super::*;

#[test]
fn what_was_answered_in_the_night_is_not_asked_in_the_morning() {
    let mut household = home();
    household.people[2].preferences.quiet =
        Some(QuietHours { from: "22:00".parse().unwrap(), to: "07:00".parse().unwrap() });
    let mut bench = Bench::new(household, "2026-11-26T23:00:00Z");
    let note = |id: u64, state| RequestNote {
        id,
        person: "ben".into(),
        person_name: "Ben".into(),
        device: None,
        endpoint: None,
        attribute: None,
        value: None,
        state,
        by: None,
        by_name: None,
    };
    // Two requests in the same words are two.
    for id in [1, 2] {
        let mut asks = bench.notification(&["cleo"], "Ben asks", Severity::Warning);
        asks.request = Some(note(id, RequestState::Waiting));
        assert_eq!(bench.step(Input::Told(&asks)), [""; 0]);
    }
    assert_eq!(bench.router.pending(), 2);
    let mut answered = bench.notification(&["ben"], "Anna allowed it", Severity::Info);
    answered.request = Some(note(1, RequestState::AllowedOnce));
    assert_eq!(bench.step(Input::Told(&answered)), ["ben/hook: Anna allowed it"]);
    assert_eq!(
        bench.disk.values().filter(|message| message.request == Some(note(1, RequestState::Waiting))).count(),
        0
    );
    assert_eq!(
        bench.disk.values().filter(|message| message.request == Some(note(2, RequestState::Waiting))).count(),
        1
    );
}
