//! Networks of drivers on the wire.

use std::collections::BTreeMap;

use driver_api::network::{Neighbour, Network, Node, Place};
use hub_model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::networks::Drawing;

/// A network as it was last measured.
#[derive(Serialize, ToSchema)]
#[schema(as = Network)]
pub(crate) struct NetworkBody<'a> {
    /// When it was measured; null = not yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    measured_at: Option<Timestamp>,
    /// Whether it is being measured now; what is shown is the one before.
    scanning: bool,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    scanning_since: Option<Timestamp>,
    /// Why the last attempt to measure it failed; null = it did not.
    error: Option<String>,
    nodes: Vec<NodeBody<'a>>,
    /// What the driver has counted and measured of its stick, by names of its own: bytes, frames, noise in dBm.
    statistics: BTreeMap<&'a str, f64>,
}

/// A member of a network.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkNode)]
struct NodeBody<'a> {
    /// Its address in the network's own words.
    id: &'a str,
    /// The device; null for what is none, like the coordinator.
    device: Option<&'a str>,
    name: &'a str,
    /// `coordinator`, `router` or `end_device`.
    role: &'static str,
    /// The node through which it speaks; null = it is the coordinator, or nobody knows.
    parent: Option<String>,
    /// How many hops it is from the coordinator; null = nobody knows.
    depth: Option<usize>,
    /// How well it and its parent hear each other, 0 to 255.
    link_quality: Option<u8>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<Timestamp>,
    /// It did not answer when it was asked for its neighbours.
    silent: bool,
    neighbours: Vec<NeighbourBody<'a>>,
}

/// Whom a node hears.
#[derive(Serialize, ToSchema)]
#[schema(as = NetworkNeighbour)]
struct NeighbourBody<'a> {
    id: &'a str,
    /// 0 to 255.
    link_quality: Option<u8>,
    /// How it stands to the node: `parent`, `child` or `sibling`.
    relation: &'static str,
}

impl<'a> NetworkBody<'a> {
    pub(crate) fn new(drawing: &'a Drawing) -> Self {
        let drawn = drawing.drawn.as_deref();
        Self {
            measured_at: drawn.map(|drawn| drawn.measured_at),
            scanning: drawing.scanning_since.is_some(),
            scanning_since: drawing.scanning_since,
            error: drawing.error.as_ref().map(ToString::to_string),
            nodes: drawn.map(|drawn| nodes(&drawn.network)).unwrap_or_default(),
            statistics: drawn.map(|drawn| statistics(&drawn.network)).unwrap_or_default(),
        }
    }
}

fn statistics(network: &Network) -> BTreeMap<&str, f64> {
    network.statistics.iter().map(|(name, number)| (&**name, *number)).collect()
}

fn nodes(network: &Network) -> Vec<NodeBody<'_>> {
    let places = network.places();
    network.nodes.iter().map(|node| NodeBody::new(node, places.get(&node.id))).collect()
}

impl<'a> NodeBody<'a> {
    fn new(node: &'a Node, place: Option<&Place>) -> Self {
        Self {
            id: &node.id,
            device: node.device.as_ref().map(|device| device.as_str()),
            name: &node.name,
            role: node.role.as_str(),
            parent: place.and_then(|place| place.parent.as_deref()).map(str::to_owned),
            depth: place.map(|place| place.depth),
            link_quality: place.and_then(|place| place.link_quality),
            last_seen: node.last_seen,
            silent: node.is_silent,
            neighbours: node.neighbours.iter().map(NeighbourBody::new).collect(),
        }
    }
}

impl<'a> NeighbourBody<'a> {
    fn new(neighbour: &'a Neighbour) -> Self {
        let Neighbour { id, link_quality, relation } = neighbour;
        Self { id, link_quality: *link_quality, relation: relation.as_str() }
    }
}
