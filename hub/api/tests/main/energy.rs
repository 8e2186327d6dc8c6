//! Energy and networks through the API.

use axum::http::Method;
use serde_json::json;

use crate::harness::Hub;

#[tokio::test]
async fn energy_is_asked_for_with_care() {
    let (hub, token) = Hub::claimed(&["lamp-1"]).await;
    let get = async |query: &str| hub.send(Method::GET, &format!("/api/v1/energy{query}"), Some(&token), None).await;
    let answer = get("?from=2026-11-18T12:00:00Z&group_by=device").await;
    let json = answer.json();
    assert_eq!(
        (&json["resolution"], &json["total_of"], &json["total"]["kwh"], json["buckets"].as_array().map(Vec::len)),
        (&json!("day"), &json!("parts"), &json!(null), Some(3)),
        "{}",
        answer.text
    );
    assert_eq!(json["buckets"][0]["start"], "2026-11-18T00:00:00+00:00");
    let lamp = get("?device=test%3Alamp-1").await.json();
    assert_eq!(
        (&lamp["total_of"], &lamp["not_counted"][0]["reason"]),
        (&json!("device"), &json!("no_meter")),
        "{lamp}"
    );
    for (query, code) in [
        ("?from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z", "422 bad_parameter"),
        ("?from=2020-01-01T00:00:00Z&resolution=hour", "422 bad_parameter"),
        ("?resolution=week", "422 bad_parameter"),
        ("?device=test:x", "404 not_found"),
    ] {
        assert_eq!(get(query).await.says(), code, "{query}");
    }
    let meters = json!({"energy_meters": ["test:x"]});
    let refused = hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(meters)).await;
    assert_eq!(refused.says(), "422 no_such_device");
    let priced = json!({"energy_price": 0.3, "energy_meters": ["test:lamp-1"],
        "energy_rates": [{"from": "22:00", "to": "06:00", "price": 0.2, "weekdays": ["sun", "sat", "sat"]}]});
    let priced = hub.send(Method::PATCH, "/api/v1/home", Some(&token), Some(priced)).await.json();
    assert_eq!(
        priced["energy_rates"],
        json!([{"from": "22:00", "to": "06:00", "price": 0.2, "weekdays": ["sat", "sun"]}])
    );
}

#[tokio::test]
async fn a_driver_without_a_network_says_so() {
    let (hub, token) = Hub::claimed(&[]).await;
    let path = "/api/v1/drivers/test/network";
    assert_eq!(hub.send(Method::GET, path, Some(&token), None).await.says(), "404 no_network");
    let scan = hub.send(Method::POST, &format!("{path}/scan"), Some(&token), None).await;
    assert_eq!(scan.says(), "404 no_network");
    assert_eq!(hub.send(Method::GET, "/api/v1/drivers/x/network", Some(&token), None).await.says(), "404 not_found");
}
