//! A network as its driver draws it: the answer to [`crate::ManageAction::NetworkMap`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use hub_model::{DeviceId, DriverId, Timestamp, Value};

/// The most nodes of a network, and the most neighbours of a node; what is beyond is left out.
pub const MOST_NODES: usize = 2_000;
/// See [`MOST_NODES`].
pub const MOST_NEIGHBOURS: usize = 500;
/// The most statistics; what is beyond is left out.
pub const MOST_STATISTICS: usize = 100;

/// Nodes with their neighbours.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Network {
    /// Each once; one of them is the coordinator.
    pub nodes: Vec<Node>,
    /// What the driver has counted and measured of its stick, by names of its own.
    pub statistics: BTreeMap<Arc<str>, f64>,
}

/// What a node does in its network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// It holds the network together: the stick.
    Coordinator,
    /// It carries on what others say.
    Router,
    /// It speaks with its parent only.
    EndDevice,
}

/// The words on the wire.
const ROLES: [(Role, &str); 3] =
    [(Role::Coordinator, "coordinator"), (Role::Router, "router"), (Role::EndDevice, "end_device")];

/// How a neighbour stands to a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Relation {
    /// The node speaks through it.
    Parent,
    /// It speaks through the node.
    Child,
    /// They hear each other.
    Sibling,
}

/// The words on the wire.
const RELATIONS: [(Relation, &str); 3] =
    [(Relation::Parent, "parent"), (Relation::Child, "child"), (Relation::Sibling, "sibling")];

/// A member of the network.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Its address in the network's own words.
    pub id: Arc<str>,
    /// The device; none for what is none, like the coordinator.
    pub device: Option<DeviceId>,
    /// What its network calls it.
    pub name: Arc<str>,
    /// What it does.
    pub role: Role,
    /// When it was last heard.
    pub last_seen: Option<Timestamp>,
    /// It did not answer when it was asked for its neighbours.
    pub is_silent: bool,
    /// Whom it hears; empty for who is not asked.
    pub neighbours: Vec<Neighbour>,
}

/// Whom a node hears.
#[derive(Clone, PartialEq, Debug)]
pub struct Neighbour {
    /// Its address.
    pub id: Arc<str>,
    /// How well, 0 to 255.
    pub link_quality: Option<u8>,
    /// How it stands to the node.
    pub relation: Relation,
}

/// Where a node hangs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Through whom it speaks; none for the coordinator.
    pub parent: Option<Arc<str>>,
    /// How many hops from the coordinator.
    pub depth: usize,
    /// How well it and its parent hear each other.
    pub link_quality: Option<u8>,
}

impl Role {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        word(&ROLES, self)
    }
}

impl Relation {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        word(&RELATIONS, self)
    }
}

fn word<T: PartialEq + Copy>(table: &[(T, &'static str)], meant: T) -> &'static str {
    table.iter().find(|(one, _)| *one == meant).map_or("", |(_, word)| word)
}

fn meant<T: Copy>(table: &[(T, &'static str)], value: Option<&Value>) -> Option<T> {
    let text = value?.as_text()?;
    table.iter().find(|(_, word)| *word == text).map(|(one, _)| *one)
}

impl Network {
    /// As an answer.
    pub fn to_value(&self) -> Value {
        let statistics = self.statistics.iter().map(|(name, number)| {
            Value::composite([("name", Value::text(Arc::clone(name))), ("number", Value::number(*number))])
        });
        Value::composite([
            ("nodes", Value::list(self.nodes.iter().map(Node::to_value))),
            ("statistics", Value::list(statistics)),
        ])
    }

    /// From an answer; none if it is no network.
    pub fn from_value(value: &Value) -> Option<Self> {
        let nodes = items(value.field("nodes")?)?;
        let statistics = value.field("statistics").and_then(items).unwrap_or_default().iter().take(MOST_STATISTICS);
        let statistics = statistics.map(|statistic| {
            Some((Arc::from(statistic.field("name")?.as_text()?), statistic.field("number")?.as_number()?))
        });
        Some(Self {
            nodes: nodes.iter().take(MOST_NODES).map(Node::from_value).collect::<Option<_>>()?,
            statistics: statistics.collect::<Option<_>>()?,
        })
    }

    /// Whether it is what the hub relies on: every node once, one coordinator, devices of this driver, neighbours that
    /// are nodes.
    ///
    /// # Errors
    /// In words, what it is not.
    pub fn check(&self, driver: &DriverId) -> Result<(), String> {
        let ids: BTreeSet<&str> = self.nodes.iter().map(|node| &*node.id).collect();
        if ids.len() != self.nodes.len() {
            return Err("a node is there twice".to_owned());
        }
        let coordinators = self.nodes.iter().filter(|node| node.role == Role::Coordinator).count();
        if coordinators != 1 {
            return Err(format!("it has {coordinators} coordinators"));
        }
        for node in &self.nodes {
            if let Some(device) = node.device.as_ref().filter(|device| device.driver() != *driver) {
                return Err(format!("{device} is no device of {driver}"));
            }
            if let Some(unknown) = node.neighbours.iter().find(|neighbour| !ids.contains(&*neighbour.id)) {
                return Err(format!("{} has the neighbour {}, which is no node", node.id, unknown.id));
            }
        }
        Ok(())
    }

    /// Through whom each node speaks, from the coordinator outwards. Where nobody says who is whose parent, it is the
    /// shortest way, and of these the one that hears best. Who hangs nowhere is not in it.
    pub fn places(&self) -> BTreeMap<Arc<str>, Place> {
        let mut links: BTreeMap<&Arc<str>, Vec<Way<'_>>> = BTreeMap::new();
        for node in &self.nodes {
            for Neighbour { id, link_quality, relation } in &node.neighbours {
                let quality = *link_quality;
                let (down, up) = match relation {
                    Relation::Child => (Some(true), None),
                    Relation::Parent => (None, Some(true)),
                    Relation::Sibling => (Some(false), Some(false)),
                };
                if let Some(is_said) = down {
                    links.entry(&node.id).or_default().push(Way { to: id, quality, is_said });
                }
                if let Some(is_said) = up {
                    links.entry(id).or_default().push(Way { to: &node.id, quality, is_said });
                }
            }
        }
        let said_parent: BTreeSet<&Arc<str>> =
            links.values().flatten().filter(|way| way.is_said).map(|way| way.to).collect();
        let mut places = BTreeMap::new();
        let mut waiting: VecDeque<&Arc<str>> = VecDeque::new();
        for node in self.nodes.iter().filter(|node| node.role == Role::Coordinator) {
            places.insert(Arc::clone(&node.id), Place { parent: None, depth: 0, link_quality: None });
            waiting.push_back(&node.id);
        }
        while let Some(from) = waiting.pop_front() {
            let depth = places.get(from).map_or(0, |place| place.depth) + 1;
            let mut ways: Vec<&Way<'_>> = links.get(from).into_iter().flatten().collect();
            ways.sort_by_key(|way| std::cmp::Reverse((way.is_said, way.quality)));
            for way in ways {
                // Whose parent is known hangs there and nowhere else.
                let hangs_here = way.is_said || !said_parent.contains(way.to);
                if hangs_here && !places.contains_key(way.to) {
                    let place = Place { parent: Some(Arc::clone(from)), depth, link_quality: way.quality };
                    places.insert(Arc::clone(way.to), place);
                    waiting.push_back(way.to);
                }
            }
        }
        places
    }
}

/// A way outwards.
struct Way<'a> {
    to: &'a Arc<str>,
    quality: Option<u8>,
    /// Somebody says that this is its parent.
    is_said: bool,
}

impl Node {
    fn to_value(&self) -> Value {
        let last_seen = self.last_seen.map(|at| Value::text(at.to_string()));
        Value::composite([
            ("id", Value::text(Arc::clone(&self.id))),
            ("device", self.device.as_ref().map(|device| Value::text(device.as_str())).unwrap_or_default()),
            ("name", Value::text(Arc::clone(&self.name))),
            ("role", Value::text(self.role.as_str())),
            ("last_seen", last_seen.unwrap_or_default()),
            ("silent", Value::Bool(self.is_silent)),
            ("neighbours", Value::list(self.neighbours.iter().map(Neighbour::to_value))),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let text = |name: &str| value.field(name).and_then(Value::as_text);
        let neighbours = items(value.field("neighbours")?)?.iter().take(MOST_NEIGHBOURS);
        Some(Self {
            id: text("id")?.into(),
            device: text("device").map(DeviceId::new),
            name: text("name")?.into(),
            role: meant(&ROLES, value.field("role"))?,
            last_seen: text("last_seen").and_then(|at| at.parse().ok()),
            is_silent: value.field("silent").and_then(Value::as_bool).unwrap_or(false),
            neighbours: neighbours.map(Neighbour::from_value).collect::<Option<_>>()?,
        })
    }
}

impl Neighbour {
    fn to_value(&self) -> Value {
        let quality = self.link_quality.map(|quality| Value::number(f64::from(quality)));
        Value::composite([
            ("id", Value::text(Arc::clone(&self.id))),
            ("link_quality", quality.unwrap_or_default()),
            ("relation", Value::text(self.relation.as_str())),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let quality = value.field("link_quality").and_then(Value::as_number);
        Some(Self {
            id: value.field("id")?.as_text()?.into(),
            link_quality: quality.map(|quality| quality.clamp(0.0, 255.0) as u8),
            relation: meant(&RELATIONS, value.field("relation"))?,
        })
    }
}

fn items(value: &Value) -> Option<&[Value]> {
    if let Value::List(items) = value { Some(items) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, role: Role, neighbours: &[(&str, u8, Relation)]) -> Node {
        let neighbours = neighbours
            .iter()
            .map(|(id, quality, relation)| Neighbour {
                id: (*id).into(),
                link_quality: Some(*quality),
                relation: *relation,
            })
            .collect();
        Node {
            id: id.into(),
            device: (role != Role::Coordinator).then(|| DeviceId::new(format!("zigbee:{id}"))),
            name: id.into(),
            role,
            last_seen: (id == "a").then_some(Timestamp(1_800_000_000_000)),
            is_silent: id == "b",
            neighbours,
        }
    }

    fn network() -> Network {
        use Relation::{Child, Parent, Sibling};
        let nodes = vec![
            node("stick", Role::Coordinator, &[("a", 200, Sibling), ("b", 20, Sibling), ("c", 90, Child)]),
            node("a", Role::Router, &[("b", 180, Sibling), ("d", 70, Child), ("stick", 190, Sibling)]),
            node("b", Role::Router, &[("f", 60, Sibling)]),
            node("c", Role::EndDevice, &[]),
            // It was heard by the stick too, but its parent is a.
            node("d", Role::EndDevice, &[]),
            node("e", Role::EndDevice, &[]),
            node("f", Role::Router, &[("b", 50, Parent)]),
        ];
        Network { nodes, statistics: [(Arc::from("retransmissions"), 3.0)].into() }
    }

    #[test]
    fn it_comes_back_from_an_answer_as_it_was() {
        let network = network();
        assert_eq!(network.check(&DriverId::new("zigbee")), Ok(()));
        assert_eq!(Network::from_value(&network.to_value()).as_ref(), Some(&network));
        assert_eq!(Network::from_value(&Value::Unknown), None);
    }

    #[test]
    fn each_node_hangs_where_it_speaks_through() {
        let places = network().places();
        let told: Vec<String> = places
            .iter()
            .map(|(id, Place { parent, depth, link_quality })| {
                format!("{id} < {} {depth} {}", parent.as_deref().unwrap_or("-"), link_quality.unwrap_or(0))
            })
            .collect();
        assert_eq!(
            told,
            ["a < stick 1 200", "b < stick 1 20", "c < stick 1 90", "d < a 2 70", "f < b 2 50", "stick < - 0 0"]
        );
    }

    #[test]
    fn what_cannot_be_a_network_is_said() {
        let zigbee = DriverId::new("zigbee");
        let mut twice = network();
        twice.nodes.push(node("a", Role::Router, &[]));
        assert_eq!(twice.check(&zigbee).unwrap_err(), "a node is there twice");
        let nobody = Network { nodes: vec![node("a", Role::Router, &[])], ..Network::default() };
        assert_eq!(nobody.check(&zigbee).unwrap_err(), "it has 0 coordinators");
        assert_eq!(network().check(&DriverId::new("other")).unwrap_err(), "zigbee:a is no device of other");
        let lost =
            Network { nodes: vec![node("s", Role::Coordinator, &[("x", 1, Relation::Child)])], ..Network::default() };
        assert_eq!(lost.check(&zigbee).unwrap_err(), "s has the neighbour x, which is no node");
    }
}
