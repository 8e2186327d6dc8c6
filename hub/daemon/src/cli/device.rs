//! `hearth device …`

use hub_automation::document::words::parse_with_unit;
use serde_json::{Map, Value, json};

use super::Terminal;
use super::arguments::DeviceCommand;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::moment::moment;
use super::output::{plain, rounded, text};
use super::{device_health, natural_order, pin, stick_backup};

pub(crate) async fn execute(command: DeviceCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        DeviceCommand::List { area } => list(area, terminal).await,
        DeviceCommand::Show { device, commands } => {
            let device = find::device(client, &device).await?;
            if commands { last_commands(&device, terminal).await } else { show(&device, terminal).await }
        }
        DeviceCommand::Set { device, set, endpoint, transition, wait, pin } => {
            let device = find::device(client, &device).await?;
            let mut body = json!({ "set": settings(&device, &set)? });
            if let Some(endpoint) = endpoint {
                body["endpoint"] = endpoint.parse::<u16>().map_or(Value::String(endpoint), Value::from);
            }
            if let Some(transition) = transition {
                body["transition_ms"] = json!(find::duration(&transition)?.as_millis() as u64);
            }
            set_and_wait(&device, body, pin, find::duration(&wait)?.as_secs().clamp(1, 60), terminal).await
        }
        DeviceCommand::Rename { device, name, area } => {
            let id = find::device_id(client, &device).await?;
            let mut body = json!({});
            if let Some(name) = name {
                body["name"] = Value::String(name);
            }
            match area.as_deref() {
                None => {}
                Some("") => body["area"] = Value::Null,
                Some(area) => body["area"] = Value::String(area_id(client, area).await?),
            }
            if body == json!({}) {
                return Err(Failure::Usage("give a new name, or --area".to_owned()));
            }
            let device = client.patch(&format!("/devices/{}", encode(&id)), &body).await?;
            terminal.output.done(&device, format_args!("{id} is now {:?}", text(&device, "name")))
        }
        DeviceCommand::Remove { device, force } => {
            let found = find::device(client, &device).await?;
            let id = find::id(&found);
            let question = format!("Take {:?} ({id}) out of its network and forget it?", text(&found, "name"));
            terminal.confirm(&question).await?;
            let exclusion = exclusion(&terminal.client.items("/drivers").await?, &text(&found, "driver"));
            let query = if force { "?force=true" } else { "" };
            let removed = terminal.client.delete(&format!("/devices/{}{query}", encode(&id))).await;
            removed.map_err(|failure| exclusion.iter().fold(failure, |failure, advice| failure.advising(advice)))?;
            let still_there = exclusion.filter(|_| force).map(|advice| format!(". {advice}")).unwrap_or_default();
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is removed{still_there}"))
        }
        DeviceCommand::Replace { old, new } => {
            let devices = client.items("/devices").await?;
            let (old, new) = (find::id(find(&devices, "device", &old)?), find::id(find(&devices, "device", &new)?));
            let device = client.post(&format!("/devices/{}/replace", encode(&old)), &json!({ "with": new })).await?;
            terminal.output.done(&device, format_args!("{new} has taken the place of {old}"))
        }
        DeviceCommand::Interview { device } => {
            let id = find::device_id(client, &device).await?;
            let progress = client.post(&format!("/devices/{}/interview?wait=60s", encode(&id)), &json!({})).await?;
            tell_progress(&progress, &id, "is found out anew", terminal)
        }
        DeviceCommand::RepairRoutes { device } => {
            let id = find::device_id(client, &device).await?;
            let progress = client.post(&format!("/devices/{}/routes?wait=60s", encode(&id)), &json!({})).await?;
            tell_progress(&progress, &id, "has found its routes anew", terminal)
        }
        DeviceCommand::Options { device, options } => {
            let id = find::device_id(client, &device).await?;
            let options = settings(&Value::Null, &options)?;
            let path = format!("/devices/{}/options", encode(&id));
            let progress = client.patch(&path, &Value::Object(options)).await?;
            tell_progress(&progress, &id, "has these options now", terminal)
        }
        DeviceCommand::Firmware { device, file: Some(file), target, .. } => {
            let id = find::device_id(client, &device).await?;
            let body = json!({ "image": stick_backup::image(&file)?, "target": target });
            let path = format!("/devices/{}/firmware/file?wait=60s", encode(&id));
            let progress = client.post(&path, &body).await?;
            tell_progress(&progress, &id, "has the firmware", terminal)
        }
        DeviceCommand::Health { device } => device_health::show(&device, terminal).await,
        DeviceCommand::Firmware { device, update, .. } => {
            let id = find::device_id(client, &device).await?;
            let action = if update { "update" } else { "check" };
            let path = format!("/devices/{}/firmware?wait=60s", encode(&id));
            let progress = client.post(&path, &json!({ "action": action })).await?;
            let done = if update { "has the newest firmware" } else { "was asked" };
            tell_progress(&progress, &id, done, terminal)
        }
        DeviceCommand::History { device, attribute, from, to, resolution, endpoint } => {
            let id = find::device_id(client, &device).await?;
            let mut path =
                format!("/devices/{}/history?attribute={}&resolution={resolution}", encode(&id), encode(&attribute));
            for (name, value) in [("from", from), ("to", to)] {
                if let Some(value) = value {
                    path += &format!("&{name}={}", encode(&moment(&value, client).await?.to_string()));
                }
            }
            if let Some(endpoint) = endpoint {
                path += &format!("&endpoint={}", encode(&endpoint));
            }
            let items = client.items(&path).await?;
            let home_time = terminal.home_time().await;
            if resolution == "raw" {
                return terminal
                    .output
                    .list(&items, ["TIME", "VALUE"], |item| [home_time.show(&item["at"]), text(item, "value")]);
            }
            terminal.output.list(&items, ["TIME", "MIN", "MEAN", "MAX", "CHANGE"], |item| {
                let [min, mean, max, change] = ["min", "mean", "max", "change"].map(|field| rounded(&item[field]));
                [home_time.show(&item["at"]), min, mean, max, change]
            })
        }
    }
}

/// The types of drivers whose devices leave their network only by taking part in it.
const EXCLUDING: [&str; 2] = ["zwave", "zwave-js"];

/// What to do with a device of this driver that still answers.
fn exclusion(drivers: &[Value], driver: &str) -> Option<String> {
    let is_excluding = |of: &&Value| of["id"] == driver && EXCLUDING.iter().any(|name| of["type"] == *name);
    drivers.iter().find(is_excluding)?;
    Some(format!("A device that still answers leaves by `hearth pair {driver} --exclude` and a press of its button."))
}

async fn area_id(client: &Client, wanted: &str) -> Result<String, Failure> {
    Ok(find::id(find(&client.items("/areas").await?, "area", wanted)?))
}

async fn list(area: Option<String>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let mut devices = terminal.client.items("/devices").await?;
    let areas = terminal.client.items("/areas").await?;
    if let Some(area) = area {
        let area = find::id(find(&areas, "area", &area)?);
        devices.retain(|device| device["area"].as_str() == Some(&area));
    }
    // Programs have them in the hub's order, by id.
    if !terminal.output.is_json() {
        devices.sort_by(|left, right| natural_order::compare(&text(left, "name"), &text(right, "name")));
    }
    terminal.output.list(&devices, ["NAME", "AREA", "REACHABLE", "STATE", "ID"], |device| {
        let area = areas.iter().find(|area| area["id"] == device["area"]);
        let area = area.map_or_else(|| text(device, "area"), |area| text(area, "name"));
        [text(device, "name"), area, text(device, "availability"), summary(device), text(device, "id")]
    })
}

/// What is worth knowing at a glance, most telling first.
const TELLING: [&str; 18] = [
    "on",
    "brightness",
    "locked",
    "position",
    "open",
    "occupancy",
    "presence",
    "smoke",
    "water_leak",
    "carbon_monoxide",
    "temperature",
    "heating_setpoint",
    "humidity",
    "illuminance",
    "power",
    "energy",
    "action",
    "battery",
];

fn summary(device: &Value) -> String {
    let attributes: Vec<&Value> = attributes(device).map(|(_, attribute)| attribute).collect();
    let known = TELLING.iter().flat_map(|name| attributes.iter().filter(move |attribute| attribute["name"] == *name));
    known
        .filter(|attribute| !attribute["state"]["value"].is_null())
        .take(3)
        .map(|attribute| format!("{}={}", text(attribute, "name"), at_a_glance(attribute)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Nobody asks for a fraction of a percent.
fn at_a_glance(attribute: &Value) -> String {
    let value = &attribute["state"]["value"];
    match value.as_f64() {
        Some(number) if attribute["unit"] == "%" => with_unit(attribute, &json!(number.round())),
        _ => with_unit(attribute, value),
    }
}

fn attributes(device: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let endpoints = device["endpoints"].as_array().into_iter().flatten();
    endpoints.flat_map(|endpoint| {
        endpoint["attributes"].as_array().into_iter().flatten().map(move |attribute| (endpoint, attribute))
    })
}

fn with_unit(attribute: &Value, value: &Value) -> String {
    match (value, attribute["unit"].as_str()) {
        (Value::Null, _) => "unknown".to_owned(),
        (Value::Number(_), unit) => {
            format!("{}{}", rounded(value), unit.map(|unit| format!(" {unit}")).unwrap_or_default())
        }
        (value, _) => plain(value),
    }
}

async fn show(device: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let home_time = terminal.home_time().await;
    let output = &mut terminal.output;
    if output.is_json() {
        return output.json(device);
    }
    for field in ["name", "id", "area", "driver", "manufacturer", "model", "availability"] {
        output.line(format_args!("{:<13} {}", format!("{field}:"), text(device, field)))?;
    }
    // Not every device has these.
    for field in ["description", "security"].into_iter().filter(|field| device[*field].is_string()) {
        output.line(format_args!("{:<13} {}", format!("{field}:"), text(device, field)))?;
    }
    output.line("")?;
    let rows: Vec<[String; 6]> = attributes(device)
        .map(|(endpoint, attribute)| {
            let state = &attribute["state"];
            let label = text(endpoint, "label");
            let endpoint = format!("{} {label}", endpoint["id"]).trim_end().to_owned();
            let access: Vec<String> = attribute["access"].as_array().into_iter().flatten().map(plain).collect();
            [
                endpoint,
                text(attribute, "name"),
                with_unit(attribute, &state["value"]),
                text(state, "source"),
                home_time.show(&state["reported_at"]),
                access.join(" "),
            ]
        })
        .collect();
    output.table(["ENDPOINT", "ATTRIBUTE", "VALUE", "SOURCE", "REPORTED", "ACCESS"], &rows)
}

async fn last_commands(device: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let commands = terminal.client.items(&format!("/devices/{}/commands", encode(&find::id(device)))).await?;
    let (names, home_time) = (terminal.names().await, terminal.home_time().await);
    terminal.output.list(&commands, ["TIME", "SET", "STATUS", "REASON", "BY"], |command| {
        let cause = &command["cause"];
        let by = match cause["kind"].as_str() {
            Some("rule") => format!("rule {}", names.rule(&cause["automation"])),
            Some("person") => names.person(&cause["user"]),
            _ => text(cause, "kind"),
        };
        let [status, reason] = ["status", "reason"].map(|field| text(command, field));
        [home_time.show(&command["accepted_at"]), wishes(command), status, reason, by]
    })
}

/// What a command sets: `on=true brightness=40`.
pub(crate) fn wishes(command: &Value) -> String {
    let wish = |outcome: &Value| format!("{}={}", text(outcome, "attribute"), plain(&outcome["value"]));
    let wishes: Vec<String> = command["outcomes"].as_array().into_iter().flatten().map(wish).collect();
    wishes.join(" ")
}

/// What came of something that may take long.
fn tell_progress(progress: &Value, id: &str, done: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let is_done = progress["status"] == "done";
    let words = match (is_done, &progress["answer"]) {
        (false, _) => format!("has not ended it yet; watch it with `hearth events -f --device {id}`"),
        (true, Value::Null) => done.to_owned(),
        (true, answer) => format!("{done}: {answer}"),
    };
    terminal.output.done(progress, format_args!("{id} {words}"))
}

/// `on=true brightness=40` as the API takes it. Words for yes and no are understood where the attribute is a bool.
pub(crate) fn settings(device: &Value, set: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut settings = Map::new();
    for setting in set {
        let (name, word) = setting.split_once('=').ok_or_else(|| {
            Failure::Usage(format!("{setting:?} sets nothing; write it like on=true or brightness=40"))
        })?;
        let attribute = attributes(device).find(|(_, attribute)| attribute["name"].as_str() == Some(name));
        let kind = attribute.and_then(|(_, attribute)| attribute["kind"].as_str());
        let unit = attribute.and_then(|(_, attribute)| attribute["unit"].as_str());
        let value = match (kind, word) {
            (Some("number"), word) if in_unit(word, unit).is_some() => json!(in_unit(word, unit)),
            (Some("bool"), "on" | "yes") => Value::Bool(true),
            (Some("bool"), "off" | "no") => Value::Bool(false),
            (Some("enum" | "text"), word) => Value::String(word.trim_matches('"').to_owned()),
            (_, word) => serde_json::from_str(word).unwrap_or_else(|_| Value::String(word.to_owned())),
        };
        settings.insert(name.to_owned(), value);
    }
    Ok(settings)
}

/// `40%`, as in rules; degrees by their letter alone too, and those of Fahrenheit where Celsius is wanted.
fn in_unit(word: &str, unit: Option<&str>) -> Option<f64> {
    let in_fahrenheit = || {
        let degrees = ["°F", "F"].iter().find_map(|unit| parse_with_unit(word, Some(unit)))?;
        Some(((degrees - 32.0) / 1.8 * 100.0).round() / 100.0)
    };
    let is_celsius = unit == Some("°C");
    let short = || parse_with_unit(word, Some("C"));
    parse_with_unit(word, unit).or_else(|| if is_celsius { short().or_else(in_fahrenheit) } else { None })
}

async fn set_and_wait(
    device: &Value,
    body: Value,
    pin: bool,
    wait_s: u64,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let path = format!("/devices/{}/commands?wait={wait_s}s", encode(&find::id(device)));
    let command = pin::post(&path, body, pin, terminal).await.map_err(|failure| failure.naming(device))?;
    let status = text(&command, "status");
    if terminal.output.is_json() {
        terminal.output.json(&command)?;
    } else {
        for outcome in command["outcomes"].as_array().into_iter().flatten() {
            let reasons: Vec<String> = ["reason", "detail", "confirmed_by"]
                .into_iter()
                .map(|field| text(outcome, field))
                .filter(|reason| !reason.is_empty())
                .collect();
            let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
            let (attribute, value) = (text(outcome, "attribute"), text(outcome, "value"));
            terminal.output.line(format_args!("{attribute}={value}: {}{reasons}", text(outcome, "status")))?;
        }
    }
    let name = text(device, "name");
    match status.as_str() {
        "confirmed" | "acknowledged" => Ok(()),
        "failed" => Err(Failure::Failed(format!("{name} did not do it"))),
        "expired" => Err(Failure::TimedOut(format!("the command could not be sent to {name} in time"))),
        _ => Err(Failure::TimedOut(format!("{name} has not answered within {wait_s} s; the command is {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::failure::Problem;
    use super::*;

    fn lamp() -> Value {
        json!({"id": "demo:1", "name": "Lamp", "endpoints": [{"id": 1, "label": null, "attributes": [
            {"name": "on", "kind": "bool", "unit": null, "state": {"value": true}},
            {"name": "brightness", "kind": "number", "unit": "%", "state": {"value": 40.156}},
            {"name": "heating_setpoint", "kind": "number", "unit": "°C", "state": {"value": null}},
            {"name": "effect", "kind": "enum", "unit": null, "state": {"value": null}},
        ]}]})
    }

    #[test]
    fn settings_are_read_by_the_kind_of_the_attribute() {
        let table = [
            ("on=off", json!({"on": false})),
            ("on=true", json!({"on": true})),
            ("brightness=40.5", json!({"brightness": 40.5})),
            ("effect=on", json!({"effect": "on"})),
            ("color={\"hue\":30,\"saturation\":80}", json!({"color": {"hue": 30, "saturation": 80}})),
            ("brightness=40%", json!({"brightness": 40.0})),
            ("brightness=40x", json!({"brightness": "40x"})),
            ("heating_setpoint=21.5 °C", json!({"heating_setpoint": 21.5})),
            ("heating_setpoint=21C", json!({"heating_setpoint": 21.0})),
            ("heating_setpoint=70F", json!({"heating_setpoint": 21.11})),
            ("other=word", json!({"other": "word"})),
        ];
        for (word, expected) in table {
            assert_eq!(Value::Object(settings(&lamp(), &[word.to_owned()]).unwrap()), expected, "{word}");
        }
        assert_eq!(settings(&lamp(), &["on".to_owned()]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn who_has_to_take_part_in_leaving_is_told_with_the_command() {
        let drivers = [json!({"id": "radio", "type": "zwave"}), json!({"id": "demo", "type": "virtual"})];
        let advice = exclusion(&drivers, "radio").unwrap();
        let body =
            json!({"code": "not_possible", "detail": "The device still answers.", "hint": "Start an exclusion."});
        let told = Failure::Refused(Problem::new(409, body)).advising(&advice).to_string();
        assert_eq!(
            told,
            "The device still answers. Start an exclusion. A device that still answers leaves by \
             `hearth pair radio --exclude` and a press of its button."
        );
        let offline = json!({"code": "not_allowed", "detail": "You may not.", "hint": "Ask."});
        assert_eq!(
            Failure::Refused(Problem::new(403, offline)).advising(&advice).to_string(),
            "You may not. Ask.",
            "what has another reason"
        );
        assert_eq!((exclusion(&drivers, "demo"), exclusion(&drivers, "gone")), (None, None));
    }

    #[test]
    fn a_summary_shows_what_is_known() {
        assert_eq!(summary(&lamp()), "on=true brightness=40 %");
    }
}
