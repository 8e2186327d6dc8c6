//! `hearth scene …`

use std::path::Path;

use hub_automation::document::yaml_as_json;
use serde_json::{Value, json};

use super::Terminal;
use super::arguments::SceneCommand;
use super::client::{Client, encode};
use super::failure::Failure;
use super::find::{self, find};
use super::output::{plain, text};
use super::pin;
use super::revisions::{self, Kind};

pub(crate) async fn execute(command: SceneCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        SceneCommand::List => {
            let scenes = client.items("/scenes").await?;
            let home_time = terminal.home_time().await;
            terminal.output.list(&scenes, ["NAME", "STATES", "CHANGED", "ID"], |scene| {
                let states = scene["states"].as_array().map_or(0, Vec::len).to_string();
                [text(scene, "name"), states, home_time.show(&scene["changed_at"]), text(scene, "id")]
            })
        }
        SceneCommand::Show { scene } => {
            let scene = found(client, &scene).await?;
            show(&scene, terminal).await
        }
        SceneCommand::Activate { scene, transition, wait, pin } => {
            let scene = found(client, &scene).await?;
            let mut body = json!({});
            if let Some(transition) = transition {
                body["transition_ms"] = json!(find::duration(&transition)?.as_millis() as u64);
            }
            run(&scene, "activate", (body, pin), &wait, terminal).await
        }
        SceneCommand::Undo { scene, wait } => {
            let scene = found(client, &scene).await?;
            run(&scene, "undo", (json!({}), false), &wait, terminal).await
        }
        SceneCommand::Add { file } => {
            let mut added = Vec::new();
            for scene in read(&file)? {
                let scene = client.post("/scenes", &scene).await?;
                if !terminal.output.is_json() {
                    terminal.output.line(format_args!("added {}", text(&scene, "id")))?;
                }
                added.push(scene);
            }
            if terminal.output.is_json() { terminal.output.json(&json!({ "items": added })) } else { Ok(()) }
        }
        SceneCommand::Capture { name, devices, attributes } => {
            let mut body = json!({ "name": name, "devices": devices });
            if !attributes.is_empty() {
                body["attributes"] = json!(attributes);
            }
            let scene = client.post("/scenes/capture", &body).await.map_err(|failure| taken(failure, &name))?;
            terminal.output.done(&scene, format_args!("added {:?} with the id {}", name, text(&scene, "id")))
        }
        SceneCommand::History { scene } => revisions::history(Kind::Scene, scene.as_deref(), terminal).await,
        SceneCommand::Diff { scene, first, second } => {
            revisions::diff(Kind::Scene, &scene, first, second, terminal).await
        }
        SceneCommand::Revert { scene, revision } => revisions::revert(Kind::Scene, &scene, revision, terminal).await,
        SceneCommand::Remove { scene } => {
            let id = find::id(&found(client, &scene).await?);
            terminal.confirm(&format!("Remove the scene {id}? Rules that name it go on without it.")).await?;
            terminal.client.delete(&format!("/scenes/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is removed"))
        }
    }
}

/// A scene is not captured over another: what to do is said in words of the command line.
fn taken(failure: Failure, name: &str) -> Failure {
    match failure {
        Failure::Refused(problem) if problem.code == "conflict" && problem.detail.contains("already") => {
            Failure::Conflict(format!(
                "there is already a scene {name:?}; remove it first with `hearth scene remove`, or give another name"
            ))
        }
        other => other,
    }
}

async fn found(client: &Client, wanted: &str) -> Result<Value, Failure> {
    find(&client.items("/scenes").await?, "scene", wanted).cloned()
}

/// What people call a device; its id where it is gone.
fn name_of(devices: &[Value], id: &Value) -> String {
    devices.iter().find(|device| device["id"] == *id).map_or_else(|| plain(id), |device| text(device, "name"))
}

async fn show(scene: &Value, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if terminal.output.is_json() {
        return terminal.output.json(scene);
    }
    let devices = terminal.client.items("/devices").await?;
    let output = &mut terminal.output;
    output.line(format_args!("name:       {}", text(scene, "name")))?;
    output.line(format_args!("id:         {}", text(scene, "id")))?;
    if let Some(transition) = scene["transition_ms"].as_u64() {
        output.line(format_args!("transition: {transition} ms"))?;
    }
    output.line("")?;
    let rows: Vec<[String; 3]> = scene["states"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|state| {
            let set = state["set"].as_object().into_iter().flatten();
            let set: Vec<String> = set.map(|(name, value)| format!("{name}={}", plain(value))).collect();
            [name_of(&devices, &state["device"]), text(state, "endpoint"), set.join(" ")]
        })
        .collect();
    output.table(["DEVICE", "ENDPOINT", "SETS"], &rows)
}

/// Activates or undoes, waits, and says what became of each device.
async fn run(
    scene: &Value,
    verb: &str,
    (body, pin): (Value, bool),
    wait: &str,
    terminal: &mut Terminal<'_>,
) -> Result<(), Failure> {
    let wait = find::duration(wait)?.as_secs().clamp(1, 60);
    let path = format!("/scenes/{}/{verb}?wait={wait}s", encode(&find::id(scene)));
    let outcome = pin::post(&path, body, pin, terminal).await?;
    if terminal.output.is_json() {
        terminal.output.json(&outcome)?;
    } else {
        let devices = terminal.client.items("/devices").await?;
        for part in outcome["devices"].as_array().into_iter().flatten() {
            let reasons: Vec<String> = ["reason", "detail"].map(|field| text(part, field)).to_vec();
            let reasons = reasons.into_iter().filter(|reason| !reason.is_empty()).collect::<Vec<_>>().join(", ");
            let reasons = if reasons.is_empty() { reasons } else { format!(" ({reasons})") };
            let name = name_of(&devices, &part["device"]);
            terminal.output.line(format_args!("{name}: {}{reasons}", text(part, "status")))?;
        }
    }
    let name = text(scene, "name");
    match text(&outcome, "status").as_str() {
        "confirmed" | "acknowledged" => Ok(()),
        "failed" => Err(Failure::Failed(format!("not every device of {name} did it"))),
        "expired" => Err(Failure::TimedOut(format!("a command of {name} could not be sent in time"))),
        _ => Err(Failure::TimedOut(format!("not every device of {name} has answered within {wait} s"))),
    }
}

/// The scenes of a file: one or a list, YAML or JSON.
fn read(file: &Path) -> Result<Vec<Value>, Failure> {
    let wrong = |source| Failure::File { file: file.to_owned(), source };
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).map_err(wrong)?
    } else {
        std::fs::read_to_string(file).map_err(wrong)?
    };
    // JSON too: it is YAML.
    let json = yaml_as_json(&text).map_err(|finding| Failure::Usage(format!("{}: {finding}", file.display())))?;
    match serde_json::from_str(&json).unwrap_or(Value::Null) {
        Value::Array(scenes) => Ok(scenes),
        scene => Ok(vec![scene]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenes_are_read_from_yaml_and_json() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("scenes");
        let scene = json!({"name": "Film", "states": [{"device": "Lamp", "set": {"on": true, "brightness": 20}}]});
        let table = [
            (scene.to_string(), 1),
            (format!("[{scene}, {scene}]"), 2),
            ("name: Film\nstates:\n  - device: Lamp\n    set: {on: true, brightness: 20}\n".to_owned(), 1),
        ];
        for (text, count) in table {
            std::fs::write(&file, &text).unwrap();
            assert_eq!(read(&file).unwrap(), vec![scene.clone(); count], "{text}");
        }
        std::fs::write(&file, "name: [\n").unwrap();
        assert_eq!(read(&file).unwrap_err().exit_code(), 2);
    }
}
