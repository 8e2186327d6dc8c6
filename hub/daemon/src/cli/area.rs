//! `hearth area …`

use serde_json::{Value, json};

use super::Terminal;
use super::arguments::AreaCommand;
use super::client::encode;
use super::failure::Failure;
use super::find::{self, find};
use super::output::text;

pub(crate) async fn execute(command: AreaCommand, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let client = &terminal.client;
    match command {
        AreaCommand::List => {
            let mut areas = client.items("/areas").await?;
            in_order(&mut areas);
            terminal.output.list(&areas, ["FLOOR", "NAME", "ID"], |area| {
                [text(area, "floor"), text(area, "name"), text(area, "id")]
            })
        }
        AreaCommand::Change { area, name, floor, position } => {
            let id = find::id(find(&client.items("/areas").await?, "area", &area)?);
            let mut body = json!({});
            let floor = floor.map(|floor| if floor.is_empty() { Value::Null } else { json!(floor) });
            for (field, value) in
                [("name", name.map(Value::from)), ("floor", floor), ("position", position.map(Value::from))]
            {
                if let Some(value) = value {
                    body[field] = value;
                }
            }
            let area = client.patch(&format!("/areas/{}", encode(&id)), &body).await?;
            terminal.output.done(&area, format_args!("{id} is changed"))
        }
        AreaCommand::Add { name, floor, position } => {
            let mut body = json!({ "name": name });
            if let Some(floor) = floor {
                body["floor"] = json!(floor);
            }
            if let Some(position) = position {
                body["position"] = json!(position);
            }
            let area = client.post("/areas", &body).await?;
            terminal.output.done(&area, format_args!("added {:?} with the id {}", name, text(&area, "id")))
        }
        AreaCommand::Remove { area } => {
            let areas = client.items("/areas").await?;
            let id = find::id(find(&areas, "area", &area)?);
            terminal.confirm(&format!("Remove the room {id}? Its devices stay.")).await?;
            terminal.client.delete(&format!("/areas/{}", encode(&id))).await?;
            terminal.output.done(&json!({ "removed": id }), format_args!("{id} is removed"))
        }
    }
}

/// Floor by floor, each where its first room is; rooms by their position, then by name.
fn in_order(areas: &mut [Value]) {
    let position = |area: &Value| area["position"].as_i64().unwrap_or(i64::MAX);
    let mut floors: Vec<(i64, String)> = Vec::new();
    for area in areas.iter() {
        let floor = text(area, "floor");
        match floors.iter_mut().find(|(_, known)| *known == floor) {
            Some((first, _)) => *first = position(area).min(*first),
            None => floors.push((position(area), floor)),
        }
    }
    // What is on no floor comes last.
    let place = |floor: &str| floors.iter().find(|(_, known)| known == floor).map_or(i64::MAX, |(first, _)| *first);
    areas.sort_by_key(|area| {
        let floor = text(area, "floor");
        (floor.is_empty(), place(&floor), floor, position(area), text(area, "name").to_lowercase())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_stand_floor_by_floor_in_their_order() {
        let room = |name: &str, floor: Option<&str>, position: Option<i32>| json!({"name": name, "floor": floor, "position": position});
        let mut rooms = [
            room("Shed", None, None),
            room("Attic", Some("top"), Some(20)),
            room("Kitchen", Some("ground"), Some(2)),
            room("bath", Some("ground"), None),
            room("Cellar", Some("below"), Some(-1)),
            room("Hall", Some("ground"), Some(1)),
            room("Alcove", Some("ground"), None),
        ];
        in_order(&mut rooms);
        let names: Vec<String> = rooms.iter().map(|room| text(room, "name")).collect();
        assert_eq!(names, ["Cellar", "Hall", "Kitchen", "Alcove", "bath", "Attic", "Shed"]);
    }
}
