//! Answers of the server in the shape that every driver gives them.

use driver_api::network::MOST_NODES;
use hub_model::{DeviceId, Value};
use serde_json::Value as Json;

/// How often a node is pinged in a round of a health check.
const PINGS: f64 = 10.0;

/// How well a node is reached: 10 is best, 0 not at all.
pub(super) fn health(answer: &Json) -> Value {
    let summary = answer.get("summary");
    let round = summary.and_then(|summary| summary.get("results")?.get(0));
    let of = |part: Option<&Json>, name: &str| part.and_then(|part| part.get(name)?.as_f64());
    let known = |number: Option<f64>| number.map_or(Value::Unknown, Value::number);
    let rating = of(summary, "rating").unwrap_or_default().clamp(0.0, 10.0).round();
    let failed = of(round, "failedPingsNode").unwrap_or_default().clamp(0.0, PINGS);
    let advice = match rating {
        low if low < 4.0 => vec![Value::text(
            "put a device that always has power between it and the stick, then have its routes found anew",
        )],
        _ => Vec::new(),
    };
    // What Z-Wave JS counts is about its own time, not about that of this driver.
    let traffic = ["delivered", "not_acknowledged", "not_sent", "received"].map(|name| (name, Value::Number(0.0)));
    Value::composite([
        ("rating", Value::Number(rating)),
        ("advice", Value::list(advice)),
        ("tried", Value::Number(PINGS)),
        ("reached", Value::Number(PINGS - failed)),
        ("neighbours", known(of(round, "numNeighbors"))),
        ("latency_ms", known(of(round, "latency"))),
        ("traffic", Value::composite(traffic)),
    ])
}

/// The devices that may join by themselves. `device` says what a node is called.
pub(super) fn entries(answer: &Json, device: impl Fn(u16) -> Option<DeviceId>) -> Value {
    let list = answer.get("entries").and_then(Json::as_array).into_iter().flatten().take(MOST_NODES);
    let list = list.filter_map(|entry| {
        let key = entry.get("dsk")?.as_str()?;
        let name = entry.get("name").and_then(Json::as_str).map_or(Value::Unknown, Value::text);
        let node = entry.get("nodeId").and_then(Json::as_u64).and_then(|node| u16::try_from(node).ok());
        let joined = node.and_then(&device).map_or(Value::Unknown, |device| Value::text(device.as_str()));
        Some(Value::composite([("key", Value::text(key)), ("name", name), ("device", joined)]))
    });
    Value::composite([("entries", Value::list(list))])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_says_who_has_joined() {
        let answer = json!({"entries": [
            {"dsk": "1-2", "securityClasses": [0], "name": "Hall", "nodeId": 5},
            {"dsk": "3-4", "securityClasses": [0]},
            {"securityClasses": []},
        ]});
        let value = entries(&answer, |node| Some(DeviceId::new(format!("zwave:{node}"))));
        let Some(Value::List(list)) = value.field("entries") else { panic!("{value}") };
        let fields = |entry: &Value| ["key", "name", "device"].map(|name| entry.field(name).unwrap().to_string());
        let found: Vec<_> = list.iter().map(fields).collect();
        assert_eq!(found, [["1-2", "Hall", "zwave:5"], ["3-4", "unknown", "unknown"]]);
    }

    #[test]
    fn health_is_read_from_its_first_round() {
        let answer =
            json!({"summary": {"rating": 3, "results": [{"failedPingsNode": 2, "numNeighbors": 1, "latency": 80}]}});
        let value = health(&answer);
        let number = |name: &str| value.field(name).and_then(Value::as_number);
        assert_eq!((number("rating"), number("reached"), number("neighbours")), (Some(3.0), Some(8.0), Some(1.0)));
        assert_eq!(health(&Json::Null).field("rating"), Some(&Value::Number(0.0)));
    }
}
