//! `hearth device health`

use serde_json::{Value, json};

use super::Terminal;
use super::client::encode;
use super::failure::Failure;
use super::find;
use super::output::{rounded, text};

pub(crate) async fn show(device: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = find::device_id(&terminal.client, device).await?;
    let check = terminal.client.post(&format!("/devices/{}/health?wait=60s", encode(&id)), &json!({})).await?;
    let output = &mut terminal.output;
    if output.is_json() {
        return output.json(&check);
    }
    let health = &check["health"];
    if health.is_null() {
        return output.line(format_args!("{id} was not tried to the end within a minute; try again later"));
    }
    for (name, value) in rows(health) {
        output.line(format_args!("{:<12} {value}", format!("{name}:")))?;
    }
    for advice in health["advice"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        output.line(format_args!("- {advice}"))?;
    }
    Ok(())
}

/// What is known, line by line.
fn rows(health: &Value) -> Vec<(&'static str, String)> {
    let number = |value: &Value| rounded(value);
    let times = &health["round_trips"];
    let way = health["repeaters"].as_array().map(|nodes| match nodes.as_slice() {
        [] => "directly".to_owned(),
        nodes => nodes.iter().map(|node| node.as_str().unwrap_or_default()).collect::<Vec<_>>().join(", "),
    });
    let traffic = &health["traffic"];
    let rows = [
        ("rating", Some(format!("{} of 10, {}", health["rating"], text(health, "word")))),
        ("reached", Some(format!("{} of {} times", health["reached"], health["tried"]))),
        (
            "times",
            (!times.is_null()).then(|| {
                let [least, median, most] = ["least_ms", "median_ms", "most_ms"].map(|field| number(&times[field]));
                format!("{least} to {most} ms, {median} ms in the middle")
            }),
        ),
        ("signal", health["signal_dbm"].is_number().then(|| format!("{} dBm", number(&health["signal_dbm"])))),
        (
            "margin",
            health["margin_db"].is_number().then(|| format!("{} dB above the noise", number(&health["margin_db"]))),
        ),
        ("neighbours", health["neighbours"].is_number().then(|| health["neighbours"].to_string())),
        ("through", way),
        ("speed", health["speed"].as_str().map(ToOwned::to_owned)),
        (
            "traffic",
            Some(format!(
                "{} delivered, {} not acknowledged, {} not sent, {} received",
                traffic["delivered"], traffic["not_acknowledged"], traffic["not_sent"], traffic["received"]
            )),
        ),
    ];
    rows.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_has_no_line() {
        let health = json!({"rating": 3, "word": "poor", "tried": 10, "reached": 9,
            "round_trips": {"least_ms": 20.0, "median_ms": 25.5, "most_ms": 31.0}, "signal_dbm": null, "margin_db": null,
            "neighbours": 2, "repeaters": [], "speed": null,
            "traffic": {"delivered": 9, "not_acknowledged": 1, "not_sent": 0, "received": 4}});
        let told: Vec<String> = rows(&health).iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            told,
            [
                "rating: 3 of 10, poor",
                "reached: 9 of 10 times",
                "times: 20 to 31 ms, 25.5 ms in the middle",
                "neighbours: 2",
                "through: directly",
                "traffic: 9 delivered, 1 not acknowledged, 0 not sent, 4 received",
            ]
        );
    }
}
