//! The last commands of a device: what is under way, what became of the others, and who is told of it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Answer;
use crate::permissions::Family;

const COMMANDS: &str = "/api/v1/devices/test%3Alamp-2/commands";

/// Each with its brightness and who it is told to be of.
fn told(answer: &Answer) -> Vec<(Value, Value)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let commands = body["items"].as_array().unwrap();
    commands.iter().map(|one| (one["outcomes"][0]["value"].clone(), one["cause"]["kind"].clone())).collect()
}

/// The adult wants 10, the guest 20, the adult 30 and the owner a lock.
async fn after_some_commands() -> Family {
    let family = Family::at_home().await;
    family.allow(json!({"who": {"role": "guest"}, "allow": ["see", "control"], "what": {"areas": ["hall"]}})).await;
    for (who, brightness) in [("adult", 10), ("guest", 20), ("adult", 30)] {
        let set = family.set(who, "lamp-2", json!({"brightness": brightness})).await;
        assert_eq!(set.json()["status"], "confirmed", "{}", set.text);
        family.hub.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(family.set("owner", "lock-1", json!({"locked": true})).await.json()["status"], "confirmed");
    family
}

#[tokio::test]
async fn the_last_commands_of_a_device_come_newest_first_and_in_pages() {
    let family = after_some_commands().await;
    let by_a_person = |brightness: u32| (json!(brightness), json!("person"));
    assert_eq!(told(&family.get("owner", COMMANDS).await), [by_a_person(30), by_a_person(20), by_a_person(10)]);
    let first = family.get("owner", &format!("{COMMANDS}?limit=2")).await;
    assert_eq!(told(&first), [by_a_person(30), by_a_person(20)]);
    let newest = &first.json()["items"][0];
    assert_eq!((&newest["status"], newest["ended_at"].is_string()), (&json!("confirmed"), true), "{newest}");
    let one = family.get("owner", &format!("/api/v1/commands/{}", newest["id"].as_str().unwrap())).await;
    assert_eq!(one.json(), *newest);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    // What comes meanwhile shifts nothing.
    family.set("owner", "lamp-2", json!({"brightness": 40})).await;
    let second = family.get("owner", &format!("{COMMANDS}?limit=2&cursor={cursor}")).await;
    assert_eq!((told(&second), &second.json()["next_cursor"]), (vec![by_a_person(10)], &Value::Null));
    assert_eq!(family.get("owner", "/api/v1/devices/none/commands").await.says(), "404 not_found");
}

#[tokio::test]
async fn who_may_not_see_the_past_is_told_of_their_own_commands() {
    let family = after_some_commands().await;
    assert_eq!(told(&family.get("guest", COMMANDS).await), [(json!(20), json!("person"))]);
    // Who sees the past, but not everything, is not told who else it was.
    let nobody = |brightness: u32| (json!(brightness), Value::Null);
    assert_eq!(told(&family.get("child", COMMANDS).await), [nobody(30), nobody(20), nobody(10)]);
    let lock = "/api/v1/devices/test%3Alock-1/commands";
    assert_eq!(family.get("child", lock).await.says(), "404 not_found");
    assert_eq!(told(&family.get("adult", lock).await), [(json!(true), json!("person"))]);
}
