//! Answers of the server in the shape that every driver gives them.

use driver_api::health::Health;
use driver_api::provisioning::{Entry, MOST_ENTRIES};
use hub_model::DeviceId;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// How often a node is pinged in a round of a health check.
const PINGS: u32 = 10;
/// From these ratings on frames are not lost, are not slow, and have a strong signal, as Z-Wave JS rates.
const ACCEPTABLE: u8 = 4;
const GOOD: u8 = 6;
const STRONG: u8 = 8;
/// More neighbours than this are other ways, should one fail.
const FEW_NEIGHBOURS: u32 = 2;

#[derive(Deserialize)]
struct Checked {
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    rating: u8,
    results: Vec<Round>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Round {
    failed_pings_node: u32,
    #[serde(default)]
    num_neighbors: Option<u32>,
}

/// How well a node is reached: 10 is best, 0 not at all; none where the answer cannot be read.
pub(super) fn health(answer: &RawValue) -> Option<Health> {
    let Summary { rating, results } = serde_json::from_str::<Checked>(answer.get()).ok()?.summary;
    let round = results.first()?;
    let is_lonely = round.num_neighbors.is_some_and(|neighbours| neighbours <= FEW_NEIGHBOURS);
    let table = [
        (rating == 0, "It does not answer: check its power, and whether it is still where it was."),
        (
            (1..ACCEPTABLE).contains(&rating),
            "Frames are lost or slow: put a device that always has power between it and the stick, then have its routes found anew.",
        ),
        ((ACCEPTABLE..GOOD).contains(&rating), "It answers slowly: have its routes found anew."),
        (
            (GOOD..STRONG).contains(&rating),
            "Its signal is hardly stronger than the noise: move the stick away from the computer with an extension cable.",
        ),
        (is_lonely, "Few others hear it: a device with mains power near it is another way, should this one fail."),
    ];
    let advice = table.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.into()).collect();
    Some(Health {
        rating: rating.min(10),
        advice,
        tried: PINGS,
        reached: PINGS.saturating_sub(round.failed_pings_node),
        neighbours: round.num_neighbors,
        // Of the times only the longest is told, and what Z-Wave JS counts is about its own time, not about that of this driver.
        ..Health::default()
    })
}

/// The devices that may join by themselves; none where the answer cannot be read. `device` says what a node is called.
pub(super) fn entries(answer: &RawValue, device: impl Fn(u16) -> Option<DeviceId>) -> Option<Vec<Entry>> {
    let answer: Json = serde_json::from_str(answer.get()).ok()?;
    let list = answer.get("entries")?.as_array()?.iter().filter_map(|entry| {
        let key = entry.get("dsk")?.as_str()?.into();
        let name = entry.get("name").and_then(Json::as_str).map(Into::into);
        let node = entry.get("nodeId").and_then(Json::as_u64).and_then(|node| u16::try_from(node).ok());
        Some(Entry { key, name, device: node.and_then(&device) })
    });
    Some(list.take(MOST_ENTRIES).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(answer: &Json) -> Box<RawValue> {
        serde_json::value::to_raw_value(answer).unwrap()
    }

    #[test]
    fn a_list_says_who_has_joined() {
        let answer = json!({"entries": [
            {"dsk": "1-2", "securityClasses": [0], "name": "Hall", "nodeId": 5},
            {"dsk": "3-4", "securityClasses": [0]},
            {"securityClasses": []},
        ]});
        let found = entries(&raw(&answer), |node| Some(DeviceId::new(format!("zwave:{node}"))));
        let joined = Entry { key: "1-2".into(), name: Some("Hall".into()), device: Some(DeviceId::new("zwave:5")) };
        let waiting = Entry { key: "3-4".into(), name: None, device: None };
        assert_eq!(found, Some(vec![joined, waiting]));
        assert_eq!(entries(&raw(&json!({})), |_| None), None);
    }

    #[test]
    fn health_is_read_from_its_first_round() {
        let answer =
            json!({"summary": {"rating": 3, "results": [{"failedPingsNode": 2, "numNeighbors": 1, "latency": 80}]}});
        let found = health(&raw(&answer)).unwrap();
        assert_eq!((found.rating, found.tried, found.reached, found.neighbours), (3, 10, 8, Some(1)));
        assert_eq!(found.advice.len(), 2, "{:?}", found.advice);
        let slow = json!({"summary": {"rating": 5, "results": [{"failedPingsNode": 0, "numNeighbors": 6}]}});
        let told = health(&raw(&slow)).unwrap().advice;
        assert!(told[0].contains("slowly"), "{told:?}");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_no_bad_health() {
        for answer in [json!(null), json!({"summary": {}}), json!({"summary": {"rating": 9, "results": []}})] {
            assert_eq!(health(&raw(&answer)), None, "{answer}");
        }
    }
}
