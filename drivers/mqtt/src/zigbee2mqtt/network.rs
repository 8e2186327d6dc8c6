//! The network map of zigbee2mqtt, in the hub's words.

use std::collections::BTreeSet;
use std::sync::Arc;

use driver_api::network::{MOST_NEIGHBOURS, MOST_NODES, Neighbour, Network, Node, Relation, Role};
use hub_model::{DeviceId, DriverId, Timestamp, Value};

/// Relationships in a Zigbee neighbour table (Zigbee specification, table 2.126: Mgmt_Lqi_rsp).
const RELATIONS: [(f64, Relation); 3] = [(0.0, Relation::Parent), (1.0, Relation::Child), (2.0, Relation::Sibling)];

/// A raw map as nodes with their neighbours; none if it is no map. A link of the bridge goes from the neighbour
/// (`source`) to the node that was asked for its table (`target`).
pub(super) fn network(answer: &Value, driver: &DriverId) -> Option<Network> {
    let map = answer.field("value")?;
    let nodes = items(map.field("nodes")?)?;
    let mut seen = BTreeSet::new();
    let mut network = Network::default();
    for value in nodes.iter().take(MOST_NODES) {
        let Some(node) = node(value, driver) else { continue };
        if seen.insert(Arc::clone(&node.id)) {
            network.nodes.push(node);
        }
    }
    for link in items(map.field("links")?)? {
        let Some((asked, neighbour)) = neighbour(link) else { continue };
        // A neighbour that has left the network stays in tables for a while.
        if !seen.contains(&neighbour.id) || neighbour.id == asked {
            continue;
        }
        if let Some(node) = network.nodes.iter_mut().find(|node| node.id == asked)
            && node.neighbours.len() < MOST_NEIGHBOURS
            && !node.neighbours.iter().any(|known| known.id == neighbour.id)
        {
            node.neighbours.push(neighbour);
        }
    }
    Some(network)
}

fn items(value: &Value) -> Option<&[Value]> {
    if let Value::List(items) = value { Some(items) } else { None }
}

fn node(value: &Value, driver: &DriverId) -> Option<Node> {
    let text = |name: &str| value.field(name).and_then(Value::as_text);
    let id: Arc<str> = text("ieeeAddr")?.into();
    let role = match text("type")? {
        "Coordinator" => Role::Coordinator,
        "Router" => Role::Router,
        _ => Role::EndDevice,
    };
    let last_seen = value.field("lastSeen").and_then(Value::as_number).filter(|at| *at > 0.0);
    let failed = value.field("failed").and_then(items).unwrap_or_default();
    Some(Node {
        device: (role != Role::Coordinator).then(|| DeviceId::of(driver, &id)),
        name: text("friendlyName").map_or_else(|| Arc::clone(&id), Arc::from),
        id,
        role,
        last_seen: last_seen.map(|at| Timestamp(at as i64)),
        is_silent: failed.iter().any(|what| what.as_text() == Some("lqi")),
        neighbours: Vec::new(),
    })
}

/// Who was asked, and whom it hears.
fn neighbour(link: &Value) -> Option<(Arc<str>, Neighbour)> {
    let address = |end: &str| link.field(end)?.field("ieeeAddr")?.as_text();
    let number = |name: &str| link.field(name).and_then(Value::as_number);
    let relation = number("relationship");
    let known = RELATIONS.iter().find(|(code, _)| relation == Some(*code)).map(|(_, relation)| *relation);
    let neighbour = Neighbour {
        id: address("source")?.into(),
        link_quality: number("lqi").or_else(|| number("linkquality")).map(|quality| quality.clamp(0.0, 255.0) as u8),
        relation: known.unwrap_or(Relation::Sibling),
    };
    Some((address("target")?.into(), neighbour))
}
