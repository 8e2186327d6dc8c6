//! `hearth area …`

use serde_json::json;

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
            let areas = client.items("/areas").await?;
            terminal.output.list(&areas, ["NAME", "FLOOR", "ID"], |area| {
                [text(area, "name"), text(area, "floor"), text(area, "id")]
            })
        }
        AreaCommand::Add { name, floor } => {
            let mut body = json!({ "name": name });
            if let Some(floor) = floor {
                body["floor"] = json!(floor);
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
