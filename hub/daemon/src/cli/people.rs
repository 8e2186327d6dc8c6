//! `hearth people …`

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::PeopleCommand;
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
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
        PeopleCommand::Set { person, presence } => {
            let people = client.items("/people").await?;
            let id = find::id(find(&people, "person", &person)?);
            is_a_place(&presence, &people, terminal.yes)?;
            let body = json!({ "presence": presence });
            let person = client.post(&format!("/people/{}/presence", encode(&id)), &body).await?;
            let sentence = format!("{} is {}", text(&person, "name"), at(&text(&person, "presence")));
            terminal.output.done(&person, sentence)
        }
    }
}

/// Refuses what is nearly a place and none: a rule that waits for it would wait for ever.
fn is_a_place(presence: &str, people: &[Value], is_sure: bool) -> Result<(), Failure> {
    let known = || people.iter().filter_map(|person| person["presence"].as_str()).chain(["home", "away"]);
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
        zone => format!("at {zone}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_no_place() {
        let people = [json!({"presence": "work"}), json!({"presence": null})];
        for (presence, is_sure, is) in [
            ("Home", false, true),
            ("work", false, true),
            ("wrok", false, false),
            ("wrok", true, true),
            ("gym", false, true),
        ] {
            assert_eq!(is_a_place(presence, &people, is_sure).is_ok(), is, "{presence}");
        }
    }
}
