//! Finds things by what people call them.

use std::time::Duration;

use serde_json::Value;

use super::client::{Client, encode};
use super::failure::{FORBIDDEN, Failure, Problem};
use hub_model::name::nearest;

/// The one of `items` with this id, or else with this name.
pub(crate) fn find<'a>(items: &'a [Value], what: &'static str, wanted: &str) -> Result<&'a Value, Failure> {
    let is = |item: &&Value, field: &str| item[field].as_str() == Some(wanted);
    if let Some(item) = items.iter().find(|item| is(item, "id")) {
        return Ok(item);
    }
    let lower = wanted.to_lowercase();
    let mut named: Vec<&Value> = items.iter().filter(|item| is(item, "name")).collect();
    if named.is_empty() {
        named = items
            .iter()
            .filter(|item| item["name"].as_str().is_some_and(|name| name.to_lowercase() == lower))
            .collect();
    }
    match named.as_slice() {
        [only] => Ok(only),
        [] => {
            let names = || items.iter().flat_map(|item| [item["name"].as_str(), item["id"].as_str()]).flatten();
            // Whoever leaves the end of a name out means it more surely than one that is spelt alike.
            let begins = |name: &&str| !lower.is_empty() && name.to_lowercase().starts_with(&lower);
            let meant = names().find(begins).or_else(|| nearest(wanted, names()));
            let hint = meant.map(|name| format!("; did you mean {name:?}?")).unwrap_or_default();
            Err(Failure::NotFound { what, name: wanted.to_owned(), hint })
        }
        several => {
            let ids: Vec<&str> = several.iter().filter_map(|item| item["id"].as_str()).collect();
            Err(Failure::Ambiguous { name: wanted.to_owned(), ids: ids.join(", ") })
        }
    }
}

/// The device of this name or id.
pub(crate) async fn device(client: &Client, wanted: &str) -> Result<Value, Failure> {
    match find(&client.items("/devices").await?, "device", wanted) {
        Err(unknown @ Failure::NotFound { .. }) => Err(unseen(client, wanted).await.unwrap_or(unknown)),
        found => found.cloned(),
    }
}

/// Why a device is not there now for who asks, if it is at other times; the hub tells nobody else of it.
async fn unseen(client: &Client, wanted: &str) -> Option<Failure> {
    let verdict = client.get(&format!("/can?action=see&device={}", encode(wanted))).await.ok()?;
    let reason = verdict["reasons"][0]["text"].as_str().filter(|_| verdict["allowed"] == false)?;
    let detail = format!("You do not see {wanted} now. {reason}");
    Some(Failure::Refused(Problem { status: FORBIDDEN, detail, body: verdict.clone(), ..Problem::default() }))
}

/// The id of the device of this name or id.
pub(crate) async fn device_id(client: &Client, wanted: &str) -> Result<String, Failure> {
    Ok(id(&device(client, wanted).await?))
}

/// The id of an item.
pub(crate) fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_default().to_owned()
}

/// A length of time as people write it: `500ms`, `2s`, `10m`.
pub(crate) fn duration(text: &str) -> Result<Duration, Failure> {
    let wrong = || Failure::Usage(format!("{text:?} is not a length of time; write it like 500ms, 2s or 10m"));
    text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_and_ids_are_found() {
        let items = [
            json!({"id": "zigbee:1", "name": "Lamp"}),
            json!({"id": "zigbee:2", "name": "Lamp"}),
            json!({"id": "zigbee:3", "name": "Kitchen lamp"}),
        ];
        let found = |wanted: &str| match find(&items, "device", wanted) {
            Ok(item) => id(item),
            Err(failure) => format!("{}: {failure}", failure.exit_code()),
        };
        let table = [
            ("zigbee:1", "zigbee:1"),
            ("kitchen LAMP", "zigbee:3"),
            ("Lamp", r#"6: "Lamp" may be any of zigbee:1, zigbee:2; say which by its id"#),
            ("Kichen lamp", r#"4: there is no device "Kichen lamp"; did you mean "Kitchen lamp"?"#),
            ("kitchen", r#"4: there is no device "kitchen"; did you mean "Kitchen lamp"?"#),
            ("Fridge door", r#"4: there is no device "Fridge door""#),
        ];
        for (wanted, expected) in table {
            assert_eq!(found(wanted), expected);
        }
    }

    #[test]
    fn lengths_of_time_are_read() {
        let table =
            [("500ms", Some(500)), ("2s", Some(2_000)), ("1m", Some(60_000)), ("-1s", None), ("2", None), ("", None)];
        for (text, milliseconds) in table {
            assert_eq!(duration(text).ok().map(|d| d.as_millis()), milliseconds, "{text}");
        }
    }
}
