//! `hearth home …`

use std::time::Duration;

use hub_model::name::nearest;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::HomeCommand;
use super::failure::Failure;
use super::find::{self, find};
use super::moment::{moment, now};
use super::output::{plain, text};

/// What can be set.
const SETTINGS: [&str; 11] = [
    "name",
    "mode",
    "modes",
    "time_zone",
    "location",
    "radius_m",
    "units",
    "currency",
    "energy_price",
    "energy_rates",
    "energy_meters",
];

/// Whoever sets the clock further back is asked.
const FAR_BACK: Duration = Duration::from_secs(3_600);

pub(crate) async fn execute(command: Option<HomeCommand>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        None => {
            let home = terminal.client.get("/home").await?;
            show(&home, terminal)
        }
        Some(HomeCommand::Set { settings }) => {
            let mut change = change(&settings)?;
            name_meters(&mut change, terminal).await?;
            let home = terminal.client.patch("/home", &change).await?;
            show(&home, terminal)?;
            if change["location"].is_object() && ["UTC", "Etc/UTC"].map(Value::from).contains(&home["time_zone"]) {
                terminal
                    .say("The clocks of this home show UTC; for yours: hearth home set time_zone=Europe/Berlin")
                    .await?;
            }
            Ok(())
        }
        Some(HomeCommand::Zone { name, place: wanted, radius, remove }) => {
            let home = terminal.client.get("/home").await?;
            let mut zones: Vec<Value> = home["zones"].as_array().cloned().unwrap_or_default();
            let is_meant = |zone: &Value| text(zone, "name").eq_ignore_ascii_case(&name);
            if remove && !zones.iter().any(is_meant) {
                return Err(Failure::NotFound { what: "zone", name, hint: String::new() });
            }
            zones.retain(|zone| !is_meant(zone));
            if let Some(wanted) = &wanted {
                let mut zone = place(wanted)?;
                zone["name"] = json!(name);
                zone["radius_m"] = json!(radius);
                zones.push(zone);
            }
            let home = terminal.client.patch("/home", &json!({ "zones": zones })).await?;
            show(&home, terminal)
        }
        Some(HomeCommand::Clock { time: wanted }) => {
            let wanted = moment(&wanted, &terminal.client).await?;
            let before = now(&terminal.client).await?;
            if before.since(wanted) > FAR_BACK {
                let question = "This sets the clock back by more than an hour: schedules of that time run again, and \
                                history has it twice. Do it?";
                terminal.confirm(question).await?;
            }
            let now = terminal.client.post("/home/clock", &json!({ "time": wanted.to_string() })).await?;
            let home_time = terminal.home_time().await;
            terminal.output.done(&now, format_args!("it is {}", home_time.show(&now["time"])))
        }
    }
}

fn show(home: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let output = &mut terminal.output;
    if output.is_json() {
        return output.json(home);
    }
    for field in SETTINGS {
        let value = match (field, &home[field]) {
            ("modes" | "energy_meters", Value::Array(words)) => words.iter().map(plain).collect::<Vec<_>>().join(", "),
            ("energy_rates", Value::Array(rates)) => rates.iter().map(written_rate).collect::<Vec<_>>().join(", "),
            ("location", Value::Object(place)) => {
                let degrees = |name: &str| place.get(name).map(plain).unwrap_or_default();
                format!("{},{}", degrees("latitude"), degrees("longitude"))
            }
            _ => text(home, field),
        };
        output.line(format!("{:<14} {value}", format!("{field}:")).trim_end())?;
    }
    for zone in home["zones"].as_array().into_iter().flatten() {
        let [name, north, east, radius] = ["name", "latitude", "longitude", "radius_m"].map(|field| text(zone, field));
        output.line(format_args!("{:<14} {name}, {radius} m around {north},{east}", "zone:"))?;
    }
    Ok(())
}

/// `mode=night location=52.52,13.40` as the API takes it.
fn change(settings: &[String]) -> Result<Value, Failure> {
    let mut change = json!({});
    for setting in settings {
        let (name, word) = setting.split_once('=').ok_or_else(|| {
            Failure::Usage(format!("{setting:?} sets nothing; write it like mode=night or time_zone=Europe/Berlin"))
        })?;
        if !SETTINGS.contains(&name) {
            let hint = nearest(name, SETTINGS).map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            return Err(Failure::Usage(format!("a home has no {name:?}{hint}; it has {}", SETTINGS.join(", "))));
        }
        change[name] = match name {
            "modes" => json!(words(word).collect::<Vec<_>>()),
            "energy_meters" => json!(words(word).filter(|word| !word.is_empty()).collect::<Vec<_>>()),
            "energy_price" if word.is_empty() => Value::Null,
            "energy_price" | "radius_m" => json!(number(word)?),
            "energy_rates" => {
                json!(words(word).filter(|word| !word.is_empty()).map(rate).collect::<Result<Vec<_>, _>>()?)
            }
            "location" if word.is_empty() => Value::Null,
            "location" => place(word)?,
            _ => json!(word),
        };
    }
    Ok(change)
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

fn number(word: &str) -> Result<f64, Failure> {
    let number = word.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| Failure::Usage(format!("{word:?} is no number; write it like energy_price=0.31")))
}

/// `22:00-06:00@0.21`, with days before it: `sat+sun 06:00-22:00@0.25`.
fn rate(word: &str) -> Result<Value, Failure> {
    let read = || {
        let (days, times) = word.rsplit_once(' ').unwrap_or(("", word));
        let (times, price) = times.split_once('@')?;
        let (from, to) = times.split_once('-')?;
        let days: Vec<&str> = days.split('+').map(str::trim).filter(|day| !day.is_empty()).collect();
        let price = price.parse::<f64>().ok().filter(|price| price.is_finite())?;
        Some(json!({ "from": from, "to": to, "price": price, "weekdays": days }))
    };
    read().ok_or_else(|| {
        Failure::Usage(format!("{word:?} is no rate; write it like 22:00-06:00@0.21 or sat+sun 06:00-22:00@0.25"))
    })
}

fn written_rate(rate: &Value) -> String {
    let days: Vec<String> = rate["weekdays"].as_array().into_iter().flatten().map(plain).collect();
    let days = if days.is_empty() { String::new() } else { format!("{} ", days.join("+")) };
    format!("{days}{}-{}@{}", text(rate, "from"), text(rate, "to"), text(rate, "price"))
}

/// People name meters as they name devices; the hub wants ids.
async fn name_meters(change: &mut Value, terminal: &Terminal<'_>) -> Result<(), Failure> {
    let Some(meters) = change["energy_meters"].as_array().filter(|meters| !meters.is_empty()) else { return Ok(()) };
    let devices = terminal.client.items("/devices").await?;
    let ids = meters.iter().map(|meter| Ok(find::id(find(&devices, "device", &plain(meter))?)));
    let ids = ids.collect::<Result<Vec<String>, Failure>>()?;
    change["energy_meters"] = json!(ids);
    Ok(())
}

fn place(word: &str) -> Result<Value, Failure> {
    let degrees = |text: &str| text.trim().parse::<f64>().ok().filter(|degrees| degrees.is_finite());
    let parts = word.split_once(',').and_then(|(north, east)| Some((degrees(north)?, degrees(east)?)));
    parts.map(|(latitude, longitude)| json!({ "latitude": latitude, "longitude": longitude })).ok_or_else(|| {
        Failure::Usage(format!("{word:?} is no place; write degrees north and east like location=52.52,13.40"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read() {
        let table = [
            ("name=My home", json!({"name": "My home"})),
            ("modes=home, away,night", json!({"modes": ["home", "away", "night"]})),
            ("location=52.52,13.40", json!({"location": {"latitude": 52.52, "longitude": 13.4}})),
            ("location=", json!({"location": null})),
            ("energy_price=0.31", json!({"energy_price": 0.31})),
            ("energy_price=", json!({"energy_price": null})),
            ("energy_meters=Meter", json!({"energy_meters": ["Meter"]})),
            (
                "energy_rates=22:00-06:00@0.21, sat+sun 06:00-22:00@0.25",
                json!({"energy_rates": [
                    {"from": "22:00", "to": "06:00", "price": 0.21, "weekdays": []},
                    {"from": "06:00", "to": "22:00", "price": 0.25, "weekdays": ["sat", "sun"]},
                ]}),
            ),
        ];
        for (word, expected) in table {
            assert_eq!(change(&[word.to_owned()]).unwrap(), expected, "{word}");
        }
        for (wrong, words) in
            [("mod=night", "did you mean mode?"), ("mode", "sets nothing"), ("location=Berlin", "52.52,13.40")]
        {
            let failure = change(&[wrong.to_owned()]).unwrap_err();
            assert!(failure.exit_code() == 2 && failure.to_string().contains(words), "{failure}");
        }
    }
}
