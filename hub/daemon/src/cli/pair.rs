//! `hearth pair`: leads through a pairing, question by question.

use serde_json::{Map, Value, json};

use super::Terminal;
use super::arguments::PairArguments;
use super::client::{EventStream, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::{plain, text};

/// So often a question is asked.
const TRIES: u8 = 3;
/// The codes of answers that can be given again.
const MAKES_NO_SENSE: [&str; 2] = ["bad_value", "refused"];

pub(crate) async fn pair(arguments: PairArguments, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let drivers = terminal.client.items("/drivers").await?;
    let driver = match (&arguments.driver, drivers.as_slice()) {
        (Some(wanted), drivers) => find::id(find(drivers, "driver", wanted)?),
        (None, [only]) => find::id(only),
        (None, []) => return Err(Failure::NotFound { what: "driver", name: String::new(), hint: String::new() }),
        (None, drivers) => {
            let ids: Vec<String> = drivers.iter().map(find::id).collect();
            return Err(Failure::Usage(format!("say which driver: {}", ids.join(", "))));
        }
    };
    let body = request(&arguments, terminal).await?;
    // Listen first, so that no step is missed.
    let mut stream = terminal.client.stream().await?;
    stream.send(&json!({ "type": "subscribe", "id": 1 })).await?;
    while let Some(message) = stream.next().await? {
        if message["type"] == "snapshot" {
            break;
        }
    }
    let path = format!("/drivers/{}/pairing", encode(&driver));
    let opened = terminal.client.post(&path, &body).await?;
    let session = find::id(&opened);
    let path = format!("{path}/{}", encode(&session));
    if !terminal.output.is_json() {
        let until = terminal.home_time().await.show(&opened["until"]);
        terminal.output.line(format_args!("{driver} is open until {until}. Ctrl-C ends it."))?;
    }
    let outcome = tokio::select! {
        outcome = follow(&mut stream, &session, &path, &arguments, terminal) => outcome,
        _ = crate::service::end_requested() => Err(Failure::Failed("ended before a device was paired".to_owned())),
    };
    // Whatever came of it, the network does not stay open. A session that has ended by itself is not found.
    terminal.client.delete(&path).await.ok();
    outcome
}

/// Tells the steps and passes on the answers until the pairing has ended.
async fn follow(
    stream: &mut EventStream,
    session: &str,
    path: &str,
    arguments: &PairArguments,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    while let Some(message) = stream.next().await? {
        let event = &message["event"];
        if event["kind"] != "pairing" || event["session"] != session {
            continue;
        }
        let (stage, next_step) = (text(event, "stage"), text(event, "next_step"));
        if terminal.output.is_json() {
            terminal.output.line(event)?;
        } else {
            terminal.output.line(format_args!("{stage:<11} {:<24} {next_step}", text(event, "device")))?;
        }
        if event["ask"].is_object() {
            reply(&event["ask"], path, terminal).await?;
        }
        match stage.as_str() {
            "confirmed" => {
                // One that takes the place of another has a name.
                if !terminal.output.is_json() && !arguments.exclude && arguments.replace.is_none() {
                    let device = text(event, "device");
                    terminal.output.line(format_args!("hearth device rename {device} NAME --area ROOM"))?;
                }
                return Ok(());
            }
            "failed" => return Err(Failure::Failed(next_step)),
            "closed" if arguments.exclude => return Ok(()),
            "closed" => {
                return Err(Failure::TimedOut("the network is closed again and no device has joined".to_owned()));
            }
            _ => {}
        }
    }
    Err(Failure::Failed("the hub has ended the stream".to_owned()))
}

async fn request(arguments: &PairArguments, terminal: &Terminal<'_>) -> Result<Value, Failure> {
    let action = match (&arguments.replace, arguments.exclude) {
        (Some(_), _) => "replace",
        (None, true) => "exclude",
        (None, false) => "include",
    };
    let mut body = json!({ "action": action, "seconds": find::duration(&arguments.time)?.as_secs() });
    for (field, device) in [("device", &arguments.replace), ("via", &arguments.via)] {
        if let Some(device) = device {
            body[field] = json!(find::device_id(&terminal.client, device).await?);
        }
    }
    if let Some(code) = &arguments.code {
        body["code"] = json!(code);
    }
    Ok(body)
}

/// Passes on what the person answers. What makes no sense to the driver may be said again.
async fn reply(question: &Value, path: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    for _ in 1..TRIES {
        let answer = answer(question, terminal).await?;
        match terminal.client.post(&format!("{path}/answer"), &answer).await {
            Err(Failure::Refused(problem)) if MAKES_NO_SENSE.contains(&problem.code.as_str()) && !terminal.yes => {
                terminal.say(&problem.detail).await?;
            }
            outcome => return outcome.map(drop),
        }
    }
    let answer = answer(question, terminal).await?;
    terminal.client.post(&format!("{path}/answer"), &answer).await.map(drop)
}

/// Asks the person what the pairing asks.
async fn answer(question: &Value, terminal: &mut Terminal<'_>) -> Result<Value, Failure> {
    let fields: Vec<String> = question["fields"].as_array().into_iter().flatten().map(plain).collect();
    let mut answer = Map::new();
    match question["kind"].as_str() {
        Some("confirm") => {
            for field in fields {
                let yes = terminal.yes || yes_or_no("Do you agree?", terminal).await?;
                answer.insert(field, Value::Bool(yes));
            }
        }
        Some("grant") => {
            let granted = if terminal.yes { fields.clone() } else { granted(&fields, terminal).await? };
            for field in fields {
                let is_granted = granted.contains(&field);
                answer.insert(field, Value::Bool(is_granted));
            }
        }
        _ => {
            for field in fields {
                let word = terminal.ask(&format!("{field}:")).await?;
                answer.insert(field, Value::String(word));
            }
        }
    }
    Ok(Value::Object(answer))
}

/// Asks until the answer is yes or no: a key pressed too early ends no pairing.
async fn yes_or_no(question: &str, terminal: &mut Terminal<'_>) -> Result<bool, Failure> {
    loop {
        match terminal.ask(&format!("{question} [y/n]")).await?.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => {}
        }
    }
}

/// Asks which of `offered` to grant, until all that is named is on offer.
async fn granted(offered: &[String], terminal: &mut Terminal<'_>) -> Result<Vec<String>, Failure> {
    loop {
        let words = terminal.ask(&format!("Which of {} to grant? [all]", offered.join(", "))).await?;
        let chosen: Vec<&str> = words.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        match chosen.as_slice() {
            [] | ["all" | "y" | "yes"] => return Ok(offered.to_vec()),
            ["none"] => return Ok(Vec::new()),
            chosen if chosen.iter().all(|word| offered.iter().any(|name| name == word)) => {
                return Ok(chosen.iter().map(|&word| word.to_owned()).collect());
            }
            _ => terminal.say("Name some of them, or say all or none.").await?,
        }
    }
}
