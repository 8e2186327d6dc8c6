//! YAML 1.2 core, as people write it. The one place that knows the YAML library.

use std::fmt;

use hub_model::Said;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

use super::Finding;
use super::node::{Content, Entry, MAX_DEPTH, Node, Position, check_key, number, shortened, too_deep};

/// How many nodes a text may have, aliases expanded.
const MAX_NODES: usize = 400_000;
/// How much of that may come from aliases.
const MAX_ALIASED: usize = 20_000;

/// Reads one document.
pub(super) fn parse(text: &str) -> Result<Node, Finding> {
    // Options and limits of the library cannot be built as literals.
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    options.with_snippet = false;
    options.alias_limits.max_total_replayed_events = MAX_ALIASED;
    let mut budget = serde_saphyr::Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    options.budget = Some(budget);
    serde_saphyr::from_str_with_options::<Spanned<Bare>>(text, options).map(node).map_err(|error| {
        let place = error.location().and_then(position);
        let reason = reason(&error);
        let message = Said::new("yaml", format!("this is not YAML as it is wanted here: {reason}"));
        Finding::new("syntax", "", place, message.with("error", reason))
    })
}

/// What is wrong, in words for people who write rules.
fn reason(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("{:?} stands there twice", shortened(key)),
        Error::DuplicateMappingKey { .. } => "a key stands there twice".to_owned(),
        Error::NonFiniteFloat { .. } => "give a finite number".to_owned(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an alias names what it stands in".to_owned(),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } => {
            format!("it is too large or nests deeper than {MAX_DEPTH} levels")
        }
        other => {
            let text = other.to_string();
            let line = text.lines().next().unwrap_or_default();
            line.split(" at line ").next().unwrap_or_default().to_owned()
        }
    }
}

/// Writes a node.
pub(super) fn write(node: &Node) -> String {
    serde_saphyr::to_string(node).unwrap_or_default()
}

/// A node without its own position.
struct Bare(Content);

fn position(location: Location) -> Option<Position> {
    let part = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    (location.line() > 0).then(|| Position { line: part(location.line()), column: part(location.column()) })
}

fn node(spanned: Spanned<Bare>) -> Node {
    Node { content: spanned.value.0, position: position(spanned.referenced) }
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor).map(Bare)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = Content;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }
    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Bare::deserialize(deserializer).map(|bare| bare.0)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Number(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Number(value as f64))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Content, E> {
        number(value)
    }
    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element::<Spanned<Bare>>()? {
            items.push(node(item));
        }
        Ok(Content::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            check_key(&entries, &key.value).map_err(A::Error::custom)?;
            let value = map.next_value::<Spanned<Bare>>()?;
            entries.push(Entry { position: position(key.referenced), key: key.value, value: node(value) });
        }
        Ok(Content::Map(entries))
    }
}

/// Whether an expanded tree is still within its bounds.
pub(super) fn depth_finding(node: &Node) -> Option<Finding> {
    fn deep(node: &Node, left: usize) -> Option<Option<Position>> {
        let Some(left) = left.checked_sub(1) else {
            return matches!(node.content, Content::List(_) | Content::Map(_)).then_some(node.position);
        };
        match &node.content {
            Content::List(items) => items.iter().find_map(|item| deep(item, left)),
            Content::Map(entries) => entries.iter().find_map(|entry| deep(&entry.value, left)),
            _ => None,
        }
    }
    deep(node, MAX_DEPTH)
        .map(|place| Finding::new("syntax", "", place, Said::new("too_deep", too_deep()).with("most", MAX_DEPTH)))
}
