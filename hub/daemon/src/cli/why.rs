//! `hearth why …`, `hearth why-not …`, `hearth automation runs …`

use hub_model::Timestamp;
use hub_model::zone::{TimeOfDay, Zone};
use serde_json::{Value, json};

use super::Terminal;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::{plain, text, time};

/// Why an attribute is as it is.
pub(crate) async fn why(
    device: &str,
    attribute: Option<&str>,
    endpoint: Option<&str>,
    at: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let client = &terminal.client;
    let mut path = format!("/why?device={}", encode(&find::device_id(client, device).await?));
    for (name, value) in [("attribute", attribute), ("endpoint", endpoint)] {
        if let Some(value) = value {
            path += &format!("&{name}={}", encode(value));
        }
    }
    if let Some(at) = moment(at, client).await? {
        path += &format!("&at={}", encode(&at));
    }
    let answer = client.get(&path).await?;
    tell(&answer, terminal)
}

/// Why a rule did not act.
pub(crate) async fn why_not(automation: &str, at: Option<&str>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let id = find::id(find(&client.items("/automations").await?, "automation", automation)?);
    let at = moment(at, client).await?.map(|at| format!("?at={}", encode(&at))).unwrap_or_default();
    let answer = client.get(&format!("/automations/{}/why-not{at}", encode(&id))).await?;
    tell(&answer, terminal)
}

/// What a rule did.
pub(crate) async fn runs(automation: &str, limit: u16, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let id = find::id(find(&client.items("/automations").await?, "automation", automation)?);
    let answer = client.get(&format!("/automations/{}/runs?limit={limit}", encode(&id))).await?;
    let runs = answer["items"].as_array().cloned().unwrap_or_default();
    terminal.output.list(&runs, ["STARTED", "ENDED", "PHASE", "SET OFF BY", "DID", "ID"], |run| {
        let shadow = if run["shadow"] == json!(true) { " (shadow)" } else { "" };
        let phase = format!("{}{shadow}", text(run, "phase"));
        [time(&run["started_at"]), time(&run["ended_at"]), phase, trigger(run), actions(run), text(run, "id")]
    })
}

/// `zigbee:0x02 occupancy=true`.
fn trigger(run: &Value) -> String {
    let trigger = &run["trigger"];
    match trigger["attribute"].as_str() {
        Some(attribute) => {
            let value = if trigger["value"].is_null() { &trigger["to"] } else { &trigger["value"] };
            format!("{} {attribute}={}", text(trigger, "device"), plain(value))
        }
        None => text(trigger, "kind"),
    }
}

/// What it commanded, and how much else it did.
fn actions(run: &Value) -> String {
    let actions = run["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let commanded = actions.iter().filter(|action| action["set"].is_object()).map(|action| {
        let set = action["set"].as_object().into_iter().flatten();
        let set: Vec<String> = set.map(|(name, value)| format!("{name}={}", plain(value))).collect();
        format!("{} {}", text(action, "device"), set.join(" "))
    });
    let commanded: Vec<String> = commanded.collect();
    if commanded.is_empty() { format!("{} steps", actions.len()) } else { commanded.join(", ") }
}

fn tell(answer: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if terminal.output.is_json() {
        return terminal.output.json(answer);
    }
    answer["text"].as_array().into_iter().flatten().try_for_each(|line| terminal.output.line(plain(line)))
}

/// A point in time as the API takes it: as it is written, so long ago (`2h`), or what the home's clocks showed last
/// (`18:05`).
async fn moment(given: Option<&str>, client: &Client) -> Result<Option<String>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let (ago, clock) = (given.parse::<jiff::SignedDuration>().ok(), given.parse::<TimeOfDay>().ok());
    if ago.is_none() && clock.is_none() {
        return Ok(Some(given.to_owned()));
    }
    let now = client.get("/system").await?;
    let now: Option<Timestamp> = now["time"].as_str().and_then(|now| now.parse().ok());
    let at = match (now, ago, clock) {
        (Some(now), Some(ago), _) => now.to_jiff().checked_sub(ago).ok().map(Timestamp::from_jiff),
        (Some(now), _, Some(clock)) => {
            let zone = Zone::named(&text(&client.get("/home").await?, "time_zone")).unwrap_or_else(|_| Zone::utc());
            last_shown(clock, now, &zone)
        }
        _ => None,
    };
    let wrong = || Failure::Usage(format!("{given:?} is no time; write it like 18:05, 2h or 2026-11-21T18:00:00Z"));
    at.map(|at| Some(at.to_string())).ok_or_else(wrong)
}

/// When local clocks last showed a time.
fn last_shown(clock: TimeOfDay, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let today = zone.local(now).date();
    [today, today.yesterday().ok()?].into_iter().find_map(|date| {
        let second = i8::try_from(clock.second).ok()?;
        let local = date.at(i8::try_from(clock.hour).ok()?, i8::try_from(clock.minute).ok()?, second, 0);
        zone.instant(local).filter(|at| *at <= now)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_means_the_last_one() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let now = "2026-11-20T18:00:00Z".parse().unwrap();
        for (clock, expected) in [
            ("19:00", "2026-11-20T18:00:00.000Z"),
            ("07:30:10", "2026-11-20T06:30:10.000Z"),
            ("19:01", "2026-11-19T18:01:00.000Z"),
        ] {
            assert_eq!(last_shown(clock.parse().unwrap(), now, &zone).unwrap().to_string(), expected, "{clock}");
        }
    }

    #[test]
    fn runs_are_told_in_short() {
        let run = json!({
            "trigger": {"kind": "event", "device": "d:1", "attribute": "action", "value": "single"},
            "actions": [{"path": "actions[0]", "device": "d:2", "set": {"on": true}}, {"path": "actions[1]", "delay": "5m"}],
        });
        assert_eq!((trigger(&run).as_str(), actions(&run).as_str()), ("d:1 action=single", "d:2 on=true"));
        let run = json!({"trigger": {"kind": "time"}, "actions": [{"path": "actions[0]", "scene": "x"}]});
        assert_eq!((trigger(&run).as_str(), actions(&run).as_str()), ("time", "1 steps"));
    }
}
