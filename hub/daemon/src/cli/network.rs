//! `hearth driver network`

use std::time::Duration;

use serde_json::{Value, json};

use super::Terminal;
use super::client::encode;
use super::driver::driver_id;
use super::failure::Failure;
use super::home_time::HomeTime;
use super::output::text;

/// How often the hub is asked whether it is done.
const AGAIN: Duration = Duration::from_secs(2);
/// A hub that still measures after so long is left alone.
const PATIENCE: u32 = 600;

pub(crate) async fn show(driver: Option<&str>, scan: bool, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let id = match driver {
        Some(driver) => driver_id(driver, terminal).await?,
        None => only_driver(terminal).await?,
    };
    let path = format!("/drivers/{}/network", encode(&id));
    if scan {
        terminal.client.post(&format!("{path}/scan"), &json!({})).await?;
    }
    let mut network = terminal.client.get(&path).await?;
    if network["scanning"] == true {
        terminal.say("The network is being measured; this takes about a second for each router…").await?;
    }
    for _ in 0..PATIENCE {
        if network["scanning"] != true {
            break;
        }
        tokio::time::sleep(AGAIN).await;
        network = terminal.client.get(&path).await?;
    }
    if terminal.output.is_json() {
        return terminal.output.json(&network);
    }
    let home_time = terminal.home_time().await;
    for line in tree(&network, &home_time) {
        terminal.output.line(line)?;
    }
    Ok(())
}

async fn only_driver(terminal: &Terminal<'_>) -> Result<String, Failure> {
    let drivers = terminal.client.items("/drivers").await?;
    match drivers.as_slice() {
        [only] => Ok(text(only, "id")),
        [] => Err(Failure::Failed("the hub has no driver".to_owned())),
        several => {
            let ids: Vec<String> = several.iter().map(|driver| text(driver, "id")).collect();
            Err(Failure::Usage(format!("say which driver: {}", ids.join(", "))))
        }
    }
}

/// The network from the coordinator outwards, then who hangs nowhere.
fn tree(network: &Value, home_time: &HomeTime) -> Vec<String> {
    let nodes = network["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    let mut lines = Vec::new();
    match network["measured_at"].is_null() {
        true => lines.push("nothing was measured yet".to_owned()),
        false => lines.push(format!("measured {}", home_time.show(&network["measured_at"]))),
    }
    if !network["error"].is_null() {
        lines.push(format!("the last attempt failed: {}", text(network, "error")));
    }
    for (name, number) in network["statistics"].as_object().into_iter().flatten() {
        lines.push(format!("{}: {number}", name.replace('_', " ")));
    }
    for root in nodes.iter().filter(|node| node["depth"] == 0) {
        lines.push(words(root, home_time));
        branch(nodes, root, "", nodes.len(), home_time, &mut lines);
    }
    let lost: Vec<&Value> = nodes.iter().filter(|node| node["depth"].is_null()).collect();
    if !lost.is_empty() {
        lines.push("in nobody's table:".to_owned());
        lines.extend(lost.into_iter().map(|node| format!("   {}", words(node, home_time))));
    }
    lines
}

/// `depth`: no branch is longer than there are nodes, whatever the hub says.
fn branch(nodes: &[Value], parent: &Value, indent: &str, depth: usize, home_time: &HomeTime, lines: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    let mut children: Vec<&Value> =
        nodes.iter().filter(|node| !node["parent"].is_null() && node["parent"] == parent["id"]).collect();
    children.sort_by_key(|child| text(child, "name").to_lowercase());
    let last = children.len().saturating_sub(1);
    for (index, child) in children.into_iter().enumerate() {
        let (fork, beside) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        lines.push(format!("{indent}{fork}{}", words(child, home_time)));
        branch(nodes, child, &format!("{indent}{beside}"), depth - 1, home_time, lines);
    }
}

/// `Lamp (router, 180, seen 18:05:00)`
fn words(node: &Value, home_time: &HomeTime) -> String {
    let mut about = vec![text(node, "role").replace('_', " ")];
    if let Some(quality) = node["link_quality"].as_u64() {
        about.push(quality.to_string());
    }
    if !node["last_seen"].is_null() {
        about.push(format!("seen {}", home_time.show(&node["last_seen"])));
    }
    if node["silent"] == true {
        about.push("did not answer".to_owned());
    }
    format!("{} ({})", text(node, "name"), about.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_a_tree() {
        let node = |name: &str, role: &str, parent: Option<&str>, depth: Option<u8>, quality: Option<u8>| {
            json!({"id": name, "name": name, "role": role, "parent": parent, "depth": depth, "link_quality": quality,
                "last_seen": null, "silent": name == "Plug"})
        };
        let network = json!({"measured_at": "2026-11-20T18:00:05.120Z", "error": null, "nodes": [
            node("Stick", "coordinator", None, Some(0), None),
            node("Plug", "router", Some("Stick"), Some(1), Some(180)),
            node("Door", "end_device", Some("Plug"), Some(2), Some(60)),
            node("Bulb", "router", Some("Stick"), Some(1), Some(200)),
            node("Lost", "end_device", None, None, None),
        ]});
        expect_test::expect![[r#"
            measured 2026-11-20 18:00:05Z
            Stick (coordinator)
            ├─ Bulb (router, 200)
            └─ Plug (router, 180, did not answer)
               └─ Door (end device, 60)
            in nobody's table:
               Lost (end device)"#]]
        .assert_eq(&tree(&network, &HomeTime::default()).join("\n"));
    }
}
