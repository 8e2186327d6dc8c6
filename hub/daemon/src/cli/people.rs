//! `hearth people …`

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::PeopleCommand;
use super::client::{Client, encode};
use super::failure::{FORBIDDEN, Failure};
use super::find::{self, find};
use super::home_time::HomeTime;
use super::output::text;
use hub_model::name::nearest;

pub(crate) async fn execute(command: PeopleCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        PeopleCommand::List => {
            let people = client.items("/people").await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&people, ["NAME", "PRESENCE", "SINCE", "ID"], |person| {
                let presence = text(person, "presence");
                let presence = if presence.is_empty() { "unknown".to_owned() } else { presence };
                [text(person, "name"), presence, home_time.show(&person["since"]), text(person, "id")]
            })
        }
        PeopleCommand::Show { person } => {
            let people = client.items("/people").await?;
            let person = find(&people, "person", &person)?;
            if terminal.output.is_json() {
                return terminal.output.json(person);
            }
            let home_time = terminal.home_time().await;
            for line in told(person, &home_time) {
                terminal.output.line(line)?;
            }
            Ok(())
        }
        PeopleCommand::Change { person, counts, devices, attribute, away_after } => {
            let people = client.items("/people").await?;
            let id = find::id(find(&people, "person", &person)?);
            let mut body = json!({});
            if let Some(counts) = counts {
                body["counts"] = json!(counts);
            }
            if !devices.is_empty() {
                let known = client.items("/devices").await?;
                let stand_in = |device: &String| {
                    let mut stand_in = json!({ "device": find::id(find(&known, "device", device)?) });
                    if let Some(attribute) = &attribute {
                        stand_in["attribute"] = json!(attribute);
                    }
                    if let Some(minutes) = away_after {
                        stand_in["away_after_minutes"] = json!(minutes);
                    }
                    Ok(stand_in)
                };
                body["devices"] = devices.iter().map(stand_in).collect::<Result<Vec<Value>, Failure>>()?.into();
            }
            let person = client.patch(&format!("/people/{}", encode(&id)), &body).await?;
            terminal.output.done(&person, format_args!("{} is changed", text(&person, "name")))
        }
        PeopleCommand::Set { person, presence } => {
            let people = seen_people(client).await?;
            let id = match &people {
                Some(people) => find::id(find(people, "person", &person)?),
                None => own_id(client, &person).await?.unwrap_or(person),
            };
            let people = people.unwrap_or_default();
            let home = client.get("/home").await.unwrap_or_default();
            is_a_place(&presence, &people, &home, terminal.yes)?;
            let body = json!({ "presence": presence });
            let person = client.post(&format!("/people/{}/presence", encode(&id)), &body).await?;
            let sentence = format!("{} is {}", text(&person, "name"), at(&text(&person, "presence")));
            terminal.output.done(&person, sentence)
        }
    }
}

/// Everybody; none = they are not for the eyes of who asks.
async fn seen_people(client: &Client) -> Result<Option<Vec<Value>>, Failure> {
    match client.items("/people").await {
        Err(Failure::Refused(problem)) if problem.status == FORBIDDEN => Ok(None),
        people => people.map(Some),
    }
}

/// The id of who asks, if that is whom they mean. Others are for the hub to find, which says what may not be done.
async fn own_id(client: &Client, wanted: &str) -> Result<Option<String>, Failure> {
    let own = client.get("/users/me").await?;
    let wanted = wanted.to_lowercase();
    let is_meant = ["id", "username", "display_name"].iter().any(|field| text(&own, field).to_lowercase() == wanted);
    Ok(is_meant.then(|| find::id(&own)))
}

/// Where somebody is and why, in lines.
fn told(person: &Value, home_time: &HomeTime) -> Vec<String> {
    let presence = person["presence"].as_str().unwrap_or("nowhere that is known");
    let since =
        if person["since"].is_null() { String::new() } else { format!(" since {}", home_time.show(&person["since"])) };
    let mut lines = vec![format!("{} is {}{since}", text(person, "name"), at(presence))];
    for reason in person["reasons"].as_array().into_iter().flatten() {
        lines.push(format!("  {}: {}", home_time.show(&reason["heard_at"]), text(reason, "text")));
    }
    if person["counts"] == false {
        lines.push("  everyone does not wait for them".to_owned());
    }
    lines
}

/// Refuses what is nearly a place and none: a rule that waits for it would wait for ever.
fn is_a_place(presence: &str, people: &[Value], home: &Value, is_sure: bool) -> Result<(), Failure> {
    let zones = || home["zones"].as_array().into_iter().flatten().filter_map(|zone| zone["name"].as_str());
    let places = || people.iter().filter_map(|person| person["presence"].as_str());
    let known = || places().chain(zones()).chain(["home", "away", "unknown"]);
    if is_sure || known().any(|place| place.eq_ignore_ascii_case(presence)) {
        return Ok(());
    }
    match nearest(presence, known()) {
        None => Ok(()),
        Some(meant) => Err(Failure::Usage(format!(
            "nobody was ever at {presence:?}; did you mean {meant:?}? If it is the name of a zone, say --yes"
        ))),
    }
}

fn at(place: &str) -> String {
    match place {
        "home" => "at home".to_owned(),
        "away" => "away".to_owned(),
        "" | "nowhere that is known" => "nowhere that is known".to_owned(),
        zone if zone.to_lowercase().starts_with("at ") => zone.to_owned(),
        zone => format!("at {zone}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_no_place() {
        let people = [json!({"presence": "work"}), json!({"presence": null})];
        let home = json!({"zones": [{"name": "Garden"}]});
        for (presence, is_sure, is) in [
            ("Home", false, true),
            ("work", false, true),
            ("wrok", false, false),
            ("wrok", true, true),
            ("gym", false, true),
            ("garden", false, true),
            ("gardn", false, false),
        ] {
            assert_eq!(is_a_place(presence, &people, &home, is_sure).is_ok(), is, "{presence}");
        }
    }
}
