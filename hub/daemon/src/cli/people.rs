//! `hearth people …`

use serde_json::json;

use super::Terminal;
use super::arguments::PeopleCommand;
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
use super::output::{text, time};

pub(crate) async fn execute(command: PeopleCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        PeopleCommand::List => {
            let people = client.items("/people").await?;
            terminal.output.list(&people, ["NAME", "PRESENCE", "SINCE", "ID"], |person| {
                let presence = text(person, "presence");
                let presence = if presence.is_empty() { "unknown".to_owned() } else { presence };
                [text(person, "name"), presence, time(&person["since"]), text(person, "id")]
            })
        }
        PeopleCommand::Set { person, presence } => {
            let people = client.items("/people").await?;
            let id = find::id(find(&people, "person", &person)?);
            let body = json!({ "presence": presence });
            let person = client.post(&format!("/people/{}/presence", encode(&id)), &body).await?;
            let sentence = format!("{} is {}", text(&person, "name"), at(&text(&person, "presence")));
            terminal.output.done(&person, sentence)
        }
    }
}

fn at(place: &str) -> String {
    match place {
        "home" => "at home".to_owned(),
        "away" => "away".to_owned(),
        zone => format!("at {zone}"),
    }
}
