//! `hearth can`, `hearth permission …` and `hearth approval …`: who may do what.

use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::{ApprovalAnswer, ApprovalCommand, CanArguments, PermissionCommand};
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
use super::output::text;

/// `hearth can USER ACTION DEVICE …`: the answer in words, and by the exit code.
pub(crate) async fn can(arguments: &CanArguments, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    let mut query = format!("/can?user={}&action={}", encode(&arguments.user), encode(&arguments.action));
    if arguments.part {
        query.push_str(&format!("&part={}", encode(&arguments.device)));
    } else {
        let devices = client.items("/devices").await?;
        let device = find::id(find(&devices, "device", &arguments.device)?);
        query.push_str(&format!("&device={}", encode(&device)));
    }
    let optional = [("attribute", &arguments.attribute), ("value", &arguments.value), ("at", &arguments.at)];
    for (name, value) in optional {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    let verdict = client.get(&query).await?;
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
        PermissionCommand::List { ready_made } => {
            let all = client.get("/permissions").await?;
            let field = if ready_made { "ready_made" } else { "items" };
            let rules: Vec<Value> = all[field].as_array().cloned().unwrap_or_default();
            terminal.output.list(&rules, ["WHO", "MAY", "WHAT", "CONDITIONS", "ID"], |rule| {
                [who(&rule["who"]), words(&rule["allow"]), what(&rule["what"]), conditions(rule), text(rule, "id")]
            })
        }
        PermissionCommand::Add { file } => {
            let mut added = Vec::new();
            for rule in read(&file)? {
                added.push(client.post("/permissions", &rule).await?);
            }
            if terminal.output.is_json() {
                return terminal.output.json(&json!({ "items": added }));
            }
            added.iter().try_for_each(|rule| terminal.output.line(format_args!("added {}", text(rule, "id"))))
        }
        PermissionCommand::Remove { id } => {
            client.delete(&format!("/permissions/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is gone"))
        }
        PermissionCommand::ReadyMade { who, in_force } => {
            let people = client.items("/people").await?;
            let role = ["child", "guest", "installer"].iter().find(|role| who.eq_ignore_ascii_case(role));
            let who = match role {
                Some(role) => json!({ "role": role }),
                None => json!({ "person": find::id(find(&people, "person", &who)?) }),
            };
            let ready_made = in_force == "on";
            let body = json!({ "who": who, "ready_made": ready_made });
            let answer = client.request(Method::PUT, "/permissions/ready-made", Some(body.to_string())).await?;
            let all: Value = serde_json::from_str(&answer).unwrap_or_default();
            let is = if ready_made { "is in force" } else { "is not in force any more" };
            terminal.output.done(&all, format_args!("what {} comes with {is}", self::who(&who)))
        }
    }
}

/// `hearth approval …`
pub(crate) async fn approval(command: ApprovalCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        ApprovalCommand::List => {
            let approvals = client.items("/approvals").await?;
            let (home_time, names) = (terminal.home_time().await, terminal.names().await);
            terminal.output.list(&approvals, ["WHO", "WHAT", "STATE", "UNTIL", "ID"], |approval| {
                let value =
                    if approval["value"].is_null() { String::new() } else { format!(" = {}", approval["value"]) };
                let what = format!("{} {}{value}", names.device(&approval["device"]), text(approval, "attribute"));
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
    }
}

/// One rule or a list of them.
fn read(file: &Path) -> Result<Vec<Value>, Failure> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{shown} cannot be read: {error}")))?;
    match serde_json::from_str(&text) {
        Ok(Value::Array(rules)) => Ok(rules),
        Ok(rule @ Value::Object(_)) => Ok(vec![rule]),
        Ok(_) => Err(Failure::Usage(format!("{shown} is neither a permission nor a list of them"))),
        Err(error) => Err(Failure::Usage(format!("{shown} is not JSON: {error}"))),
    }
}

fn who(who: &Value) -> String {
    match who["role"].as_str() {
        Some("child") => "children".to_owned(),
        Some(role) => format!("{role}s"),
        None => text(who, "person"),
    }
}

fn words(list: &Value) -> String {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

fn what(what: &Value) -> String {
    let named = ["areas", "devices", "types", "capabilities", "parts"].iter().filter(|field| what[**field].is_array());
    let named: Vec<String> = named.map(|field| format!("{field}: {}", words(&what[*field]))).collect();
    if named.is_empty() { "all that is not protected".to_owned() } else { named.join("; ") }
}

fn conditions(rule: &Value) -> String {
    let mut said = Vec::new();
    let when = &rule["when"];
    if when.is_object() {
        let days = words(&when["weekdays"]);
        said.push(format!("{}–{} {days}", text(when, "from"), text(when, "to")).trim().to_owned());
    }
    for (attribute, limit) in rule["limits"].as_object().into_iter().flatten() {
        let bound = |name: &str| if limit[name].is_null() { String::new() } else { limit[name].to_string() };
        said.push(format!("{attribute} {}…{}", bound("min"), bound("max")));
    }
    if let Some(minutes) = rule["daily"]["minutes"].as_u64() {
        said.push(format!("{minutes} min a day"));
    }
    if rule["only_while_home"].is_array() {
        said.push(format!("while home: {}", words(&rule["only_while_home"])));
    }
    for (field, word) in [("approval", "asks an adult"), ("pin", "with PIN")] {
        if rule[field] == true {
            said.push(word.to_owned());
        }
    }
    if let Some(until) = rule["until"].as_str() {
        said.push(format!("until {until}"));
    }
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_in_a_line() {
        let rule = json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"areas": ["anna"]},
            "when": {"from": "07:00", "to": "20:30", "weekdays": ["mon", "tue"]},
            "limits": {"heating_setpoint": {"min": 18, "max": 22}}, "daily": {"minutes": 60}, "pin": true});
        assert_eq!(who(&rule["who"]), "children");
        assert_eq!(words(&rule["allow"]), "see, control");
        assert_eq!(what(&rule["what"]), "areas: anna");
        assert_eq!(what(&Value::Null), "all that is not protected");
        assert_eq!(conditions(&rule), "07:00–20:30 mon, tue; heating_setpoint 18…22; 60 min a day; with PIN");
    }
}
