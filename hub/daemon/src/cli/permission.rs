//! `hearth can`, `hearth permission …` and `hearth approval …`: who may do what.

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::{ApprovalAnswer, ApprovalCommand, CanArguments, PermissionCommand, PermissionFields};
use super::client::encode;
use super::device::settings;
use super::failure::{Failure, NOT_FOUND};
use super::find::{self, find};
use super::moment::moment_of_today;
use super::output::text;
use super::permission_rule::{self, Known};
use super::permission_words::Telling;

/// `hearth can USER ACTION DEVICE …`: the answer in words, and by the exit code.
pub(crate) async fn can(arguments: &CanArguments, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let mut query = format!("/can?user={}&action={}", encode(&arguments.user), encode(&arguments.action));
    let mut unseen = None;
    if arguments.part {
        query.push_str(&format!("&part={}", encode(&arguments.device)));
    } else {
        let devices = client.items("/devices").await?;
        let device = match find(&devices, "device", &arguments.device) {
            Ok(device) => find::id(device),
            // The hub knows why it is not there for who asks, if there is a reason.
            Err(failure @ Failure::NotFound { .. }) => {
                unseen = Some(failure);
                arguments.device.clone()
            }
            Err(failure) => return Err(failure),
        };
        query.push_str(&format!("&device={}", encode(&device)));
    }
    let at = match &arguments.at {
        Some(at) => Some(moment_of_today(at, client).await?.to_string()),
        None => None,
    };
    for (name, value) in [("attribute", &arguments.attribute), ("value", &arguments.value), ("at", &at)] {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    let verdict = match (client.get(&query).await, unseen) {
        (Err(Failure::Refused(problem)), Some(unseen)) if problem.status == NOT_FOUND => return Err(unseen),
        (verdict, _) => verdict?,
    };
    let outcome = if verdict["allowed"] == true { Ok(()) } else { Err(Failure::No) };
    if terminal.output.is_json() {
        terminal.output.json(&verdict)?;
        return outcome;
    }
    if outcome.is_ok() {
        let rule = text(&verdict, "rule");
        let by = if rule.is_empty() { String::new() } else { format!(" (permission {rule})") };
        return terminal.output.line(format_args!("yes{by}"));
    }
    terminal.output.line("no")?;
    for reason in verdict["reasons"].as_array().into_iter().flatten() {
        terminal.output.line(format_args!("  {}", text(reason, "text")))?;
    }
    let help = [("approvable", "  An adult can allow it."), ("pin", "  The person's PIN makes it possible.")];
    for (_, sentence) in help.iter().filter(|(field, _)| verdict[*field] == true) {
        terminal.output.line(sentence)?;
    }
    outcome
}

/// `hearth permission …`
pub(crate) async fn execute(command: PermissionCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        PermissionCommand::List { ready_made } => list(ready_made, terminal).await,
        PermissionCommand::Add { file, id, fields } => {
            let known = Known::of(client).await?;
            let rules = match &file {
                Some(file) => permission_rule::read(file, &known)?,
                None if fields.who.is_none() || fields.allow.is_empty() => {
                    return Err(Failure::Usage("say --who may do it and what to --allow, or give a file".to_owned()));
                }
                None => vec![id.map_or_else(|| json!({}), |id| json!({ "id": id }))],
            };
            let mut added = Vec::new();
            for rule in rules {
                let rule = permission_rule::changed(rule, &fields, &known, client).await?;
                added.push(client.post("/permissions", &rule).await?);
            }
            if terminal.output.is_json() {
                return terminal.output.json(&json!({ "items": added }));
            }
            let telling = Telling::of(terminal).await;
            added.iter().try_for_each(|rule| terminal.output.line(format_args!("added {}", telling.sentence(rule))))
        }
        PermissionCommand::Change { id, file, fields } => {
            if file.is_none() && fields == PermissionFields::default() {
                return Err(Failure::Usage("say what to change, e.g. --area ROOM, or give a file".to_owned()));
            }
            let shown = client.exchange(Method::GET, "/permissions", None, None).await?;
            let all: Value = serde_json::from_str(&shown.text).unwrap_or_default();
            let rules = all["items"].as_array().cloned().unwrap_or_default();
            let before = find(&rules, "permission", &id)?.clone();
            let known = Known::of(client).await?;
            let rule = match file.as_deref().map(|file| permission_rule::read(file, &known)).transpose()?.as_deref() {
                None => before,
                Some([rule]) => rule.clone(),
                Some(_) => return Err(Failure::Usage("the file has more than one permission, or none".to_owned())),
            };
            let rule = permission_rule::changed(rule, &fields, &known, client).await?;
            let path = format!("/permissions/{}", encode(&id));
            // Nobody's change of meanwhile is lost.
            let answer = client.exchange(Method::PUT, &path, Some(rule.to_string()), shown.tag.as_deref()).await?;
            let rule: Value = serde_json::from_str(&answer.text).unwrap_or_default();
            let telling = Telling::of(terminal).await;
            terminal.output.done(&rule, format_args!("changed {}", telling.sentence(&rule)))
        }
        PermissionCommand::Remove { id } => {
            client.delete(&format!("/permissions/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is gone"))
        }
        PermissionCommand::ReadyMade { who, in_force } => {
            if ["owner", "adult"].iter().any(|role| who.eq_ignore_ascii_case(role)) {
                return Err(Failure::Usage("owners and adults keep what they come with".to_owned()));
            }
            let who = Known::of(client).await?.who(&who)?;
            let ready_made = in_force == "on";
            let body = json!({ "who": who, "ready_made": ready_made });
            let answer = client.request(Method::PUT, "/permissions/ready-made", Some(body.to_string())).await?;
            let all: Value = serde_json::from_str(&answer).unwrap_or_default();
            let is = if ready_made { "is in force" } else { "is not in force any more" };
            let telling = Telling::of(terminal).await;
            terminal.output.done(&all, format_args!("what {} comes with {is}", telling.who(&who)))
        }
    }
}

/// What owners wrote, and in a line each what the roles come with; or all rules of that.
async fn list(ready_made: bool, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let all = terminal.client.get("/permissions").await?;
    let rules = |field: &str| all[field].as_array().cloned().unwrap_or_default();
    let shown = if ready_made { rules("ready_made") } else { rules("items") };
    if terminal.output.is_json() && !ready_made {
        return terminal.output.json(&json!({ "items": shown, "choices": all["choices"] }));
    }
    let telling = Telling::of(terminal).await;
    terminal.output.list(&shown, ["WHO", "MAY", "WHAT", "CONDITIONS", "ID"], |rule| telling.row(rule))?;
    if ready_made {
        return Ok(());
    }
    terminal.output.line("")?;
    terminal.output.table(["COMES WITH", "IN FORCE", "WHAT"], &telling.choices(&all))
}

/// `hearth approval …`
pub(crate) async fn approval(command: ApprovalCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        ApprovalCommand::Ask { device, set, endpoint } => {
            let device = find::device(client, &device).await?;
            let set = settings(&device, std::slice::from_ref(&set))?;
            let mut body = json!({ "device": find::id(&device) });
            for (attribute, value) in set {
                body["attribute"] = json!(attribute);
                body["value"] = value;
            }
            if let Some(endpoint) = endpoint {
                body["endpoint"] = endpoint.parse::<u16>().map_or(Value::String(endpoint), Value::from);
            }
            let approval = client.post("/approvals", &body).await?;
            let until = terminal.home_time().await.show(&approval["until"]);
            let id = text(&approval, "id");
            terminal.output.done(&approval, format_args!("the adults are asked (number {id}), until {until}"))
        }
        ApprovalCommand::List => {
            let approvals = client.items("/approvals").await?;
            let (home_time, names) = (terminal.home_time().await, terminal.names().await);
            terminal.output.list(&approvals, ["WHO", "WHAT", "STATE", "UNTIL", "ID"], |approval| {
                let value =
                    if approval["value"].is_null() { String::new() } else { format!(" = {}", approval["value"]) };
                let endpoint = approval["endpoint"].as_u64().filter(|endpoint| *endpoint > 1);
                let endpoint = endpoint.map_or_else(String::new, |endpoint| format!(" {endpoint}"));
                let device = names.device(&approval["device"]);
                let what = format!("{device}{endpoint} {}{value}", text(approval, "attribute"));
                let until = home_time.show(&approval["until"]);
                [names.person(&approval["person"]), what, text(approval, "state"), until, text(approval, "id")]
            })
        }
        ApprovalCommand::Answer { id, answer } => {
            let word = match answer {
                ApprovalAnswer::Once => "allow_once",
                ApprovalAnswer::Hour => "allow_for_an_hour",
                ApprovalAnswer::No => "refuse",
            };
            let body = json!({ "answer": word });
            let answered = client.post(&format!("/approvals/{}/answer", encode(&id)), &body).await?;
            let state = text(&answered, "state");
            terminal.output.done(&answered, format_args!("{id}: {}", state.replace('_', " ")))
        }
        ApprovalCommand::Revoke { id } => {
            client.delete(&format!("/approvals/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "taken_back": id }), format_args!("{id}: taken back"))
        }
    }
}
