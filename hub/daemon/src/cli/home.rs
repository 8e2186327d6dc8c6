//! `hearth home …`

use std::time::Duration;

use hub_model::name::nearest;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::HomeCommand;
use super::failure::Failure;
use super::moment::{moment, now};
use super::output::{plain, text};

/// What can be set.
const SETTINGS: [&str; 7] = ["name", "mode", "modes", "time_zone", "location", "units", "currency"];

/// Whoever sets the clock further back is asked.
const FAR_BACK: Duration = Duration::from_secs(3_600);

pub(crate) async fn execute(command: Option<HomeCommand>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    match command {
        None => {
            let home = terminal.client.get("/home").await?;
            show(&home, terminal)
        }
        Some(HomeCommand::Set { settings }) => {
            let change = change(&settings)?;
            let home = terminal.client.patch("/home", &change).await?;
            show(&home, terminal)?;
            if change["location"].is_object() && ["UTC", "Etc/UTC"].map(Value::from).contains(&home["time_zone"]) {
                terminal
                    .say("The clocks of this home show UTC; for yours: hearth home set time_zone=Europe/Berlin")
                    .await?;
            }
            Ok(())
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
            ("modes", Value::Array(modes)) => modes.iter().map(plain).collect::<Vec<_>>().join(", "),
            ("location", Value::Object(place)) => {
                let degrees = |name: &str| place.get(name).map(plain).unwrap_or_default();
                format!("{},{}", degrees("latitude"), degrees("longitude"))
            }
            _ => text(home, field),
        };
        output.line(format!("{:<10} {value}", format!("{field}:")).trim_end())?;
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
            "modes" => json!(word.split(',').map(str::trim).collect::<Vec<_>>()),
            "location" if word.is_empty() => Value::Null,
            "location" => place(word)?,
            _ => json!(word),
        };
    }
    Ok(change)
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
