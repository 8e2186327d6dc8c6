//! `hearth energy`

use serde_json::Value;

use super::Terminal;
use super::arguments::EnergyArguments;
use super::client::encode;
use super::failure::Failure;
use super::find;
use super::moment::moment;
use super::output::{counted, plain, text};

/// How wide the longest bar is.
const BAR: usize = 32;
/// Eighths of a character, so that small differences are seen.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub(crate) async fn show(arguments: EnergyArguments, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let EnergyArguments { by, device, rooms, from, to } = arguments;
    let client = &terminal.client;
    let mut path = format!("/energy?resolution={by}&group_by={}", if rooms { "area" } else { "device" });
    if let Some(device) = &device {
        path += &format!("&device={}", encode(&find::device_id(client, device).await?));
    }
    for (name, value) in [("from", from), ("to", to)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", encode(&moment(&value, client).await?.to_string()));
        }
    }
    let answer = client.get(&path).await?;
    let output = &mut terminal.output;
    if output.is_json() {
        return output.json(&answer);
    }
    let currency = text(&answer, "currency");
    let buckets = measured(items(&answer["buckets"]));
    if let Some(first) = buckets.first().filter(|_| buckets.len() < items(&answer["buckets"]).len()) {
        output.line(format_args!("nothing was measured before {}", label(first, &by)))?;
    }
    for line in picture(buckets, &by, &currency) {
        output.line(line)?;
    }
    output.line("")?;
    output.line(total(&answer, &currency))?;
    let rows: Vec<[String; 4]> = if rooms {
        items(&answer["groups"]).iter().map(|room| row(room, &currency, "in no room")).collect()
    } else {
        items(&answer["devices"]).iter().map(|device| row(device, &currency, "")).collect()
    };
    if !rows.is_empty() && device.is_none() {
        output.line("")?;
        output.table([if rooms { "ROOM" } else { "DEVICE" }, "KWH", "COST", "REMARK"], &rows)?;
    }
    for device in items(&answer["not_counted"]) {
        output.line(format_args!("not counted: {}: {}", text(device, "name"), text(device, "detail")))?;
    }
    Ok(())
}

fn items(list: &Value) -> &[Value] {
    list.as_array().map_or(&[], Vec::as_slice)
}

/// From the first bucket on in which something was measured; none if that is in none.
fn measured(buckets: &[Value]) -> &[Value] {
    let first = buckets.iter().position(|bucket| !bucket["kwh"].is_null()).unwrap_or(buckets.len());
    buckets.get(first..).unwrap_or_default()
}

/// A line with a bar for each bucket.
fn picture(buckets: &[Value], by: &str, currency: &str) -> Vec<String> {
    let kwh = |bucket: &Value| bucket["kwh"].as_f64();
    let most = buckets.iter().filter_map(kwh).fold(0.0, f64::max);
    let marked = |bucket: &Value| if bucket["estimated"] == true { "~" } else { " " };
    let line = |bucket: &Value| {
        let amount = kwh(bucket).map_or_else(|| "?".to_owned(), |kwh| format!("{kwh:.2}"));
        let cost = cost(bucket, currency);
        let bar = bar(kwh(bucket).unwrap_or(0.0), most);
        let line = format!("{}  {}{amount:>8} kWh  {cost:>12}  {bar}", label(bucket, by), marked(bucket));
        line.trim_end().to_owned()
    };
    buckets.iter().map(line).collect()
}

/// `2026-11-21`, `2026-11-21 18:00+01:00`, `2026-11`.
fn label(bucket: &Value, by: &str) -> String {
    let start = text(bucket, "start");
    let part = |range: std::ops::Range<usize>| start.get(range).unwrap_or_default();
    match by {
        // The hour that comes twice in autumn is told apart by its distance from UTC.
        "hour" => format!("{} {}{}", part(0..10), part(11..16), part(19..25)),
        "month" => part(0..7).to_owned(),
        _ => part(0..10).to_owned(),
    }
}

fn bar(kwh: f64, most: f64) -> String {
    if most <= 0.0 || kwh <= 0.0 {
        return String::new();
    }
    let eighths = (kwh / most * (BAR * 8) as f64).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS.get(eighths % 8).copied().unwrap_or_default()
}

fn cost(amount: &Value, currency: &str) -> String {
    amount["cost"].as_f64().map_or_else(String::new, |cost| format!("{cost:.2} {currency}"))
}

fn total(answer: &Value, currency: &str) -> String {
    let total = &answer["total"];
    let kwh = total["kwh"].as_f64().map_or_else(|| "nothing was measured".to_owned(), |kwh| format!("{kwh:.2} kWh"));
    let cost = cost(total, currency);
    let cost = if cost.is_empty() { cost } else { format!(", {cost}") };
    let count = items(&answer["devices"]).len();
    let of = match answer["total_of"].as_str() {
        Some("meters") => ", by the main meter".to_owned(),
        Some("parts") if count > 0 => format!(", the sum of {}; no main meter is named", counted(count, "device")),
        _ => String::new(),
    };
    let estimated = if total["estimated"] == true { "; ~ = spread over a time without a reading" } else { "" };
    format!("Total: {kwh}{cost}{of}{estimated}")
}

fn row(part: &Value, currency: &str, unnamed: &str) -> [String; 4] {
    let total = &part["total"];
    let name = if part["name"].is_null() { unnamed.to_owned() } else { text(part, "name") };
    let kwh = total["kwh"].as_f64().map(|kwh| format!("{kwh:.2}")).unwrap_or_default();
    let mut remarks = Vec::new();
    if part["meter"] == true {
        remarks.push("main meter".to_owned());
    }
    if part["from_power"] == true {
        remarks.push("from its power".to_owned());
    }
    if part["hours_not_counted"].as_f64().is_some_and(|hours| hours > 0.0) {
        remarks.push(format!("{} h without a reading", plain(&part["hours_not_counted"])));
    }
    [name, kwh, cost(total, currency), remarks.join(", ")]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bars_are_as_long_as_the_amounts() {
        let buckets = json!([
            {"start": "2026-11-20T00:00:00+01:00", "kwh": 4.0, "cost": 1.2, "estimated": false},
            {"start": "2026-11-21T00:00:00+01:00", "kwh": 1.03, "cost": null, "estimated": true},
            {"start": "2026-11-22T00:00:00+01:00", "kwh": null, "cost": null, "estimated": false},
        ]);
        expect_test::expect![[r#"
            2026-11-20       4.00 kWh      1.20 EUR  ████████████████████████████████
            2026-11-21  ~    1.03 kWh                ████████▎
            2026-11-22          ? kWh"#]]
        .assert_eq(&picture(buckets.as_array().unwrap(), "day", "EUR").join("\n"));
        assert_eq!(measured(&buckets.as_array().unwrap()[1..]).len(), 2);
        assert_eq!(measured(&buckets.as_array().unwrap()[2..]).len(), 0);
        assert_eq!(label(&buckets[0], "hour"), "2026-11-20 00:00+01:00");
        assert_eq!(label(&buckets[0], "month"), "2026-11");
    }

    #[test]
    fn the_total_says_what_it_is_of() {
        let answer = |total_of: &str| {
            let total = json!({"kwh": 5.03, "cost": 1.5, "estimated": true});
            json!({"total_of": total_of, "total": total, "devices": [{}, {}]})
        };
        let wanted = "Total: 5.03 kWh, 1.50 EUR, the sum of 2 devices; no main meter is named; \
                      ~ = spread over a time without a reading";
        assert_eq!(total(&answer("parts"), "EUR"), wanted);
        assert!(total(&answer("meters"), "EUR").contains("by the main meter"));
        assert_eq!(total(&json!({"total": {"kwh": null}}), "EUR"), "Total: nothing was measured");
    }
}
