//! Whose topic it is.

use super::registry::{Key, Registry};

/// What a topic under the base topic is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Topic<'a> {
    /// `bridge/…`, published by the bridge itself.
    Bridge(&'a str),
    /// `<name>`: the state of a device or group.
    State(Key),
    /// `<name>/availability`.
    Availability(Key),
    /// `<name>/<attribute>`: one property as plain text.
    Property(Key, &'a str),
    /// `<name>/set`, `<name>/get` and what lies below: somebody's wish, not news.
    Wish,
    /// No known name.
    Unknown,
}

/// What the bridge publishes under `bridge/`; nothing else there is its own, and a device may well be called `bridge`.
const BRIDGE_TOPICS: [&str; 10] =
    ["state", "info", "devices", "groups", "event", "logging", "health", "definitions", "extensions", "converters"];

/// Reads the part of a topic behind the base topic. Exact names come first, then the longest known name.
pub(super) fn resolve<'a>(registry: &Registry, topic: &'a str) -> Topic<'a> {
    if let Some(bridge) = topic.strip_prefix("bridge/")
        && (BRIDGE_TOPICS.contains(&bridge) || bridge.starts_with("response/") || bridge.starts_with("request/"))
    {
        return Topic::Bridge(bridge);
    }
    if let Some(key) = registry.by_name(topic) {
        return Topic::State(key);
    }
    for (slash, _) in topic.rmatch_indices('/') {
        let Some(key) = registry.by_name(&topic[..slash]) else { continue };
        let rest = &topic[slash + 1..];
        return match rest {
            "availability" => Topic::Availability(key),
            "set" | "get" => Topic::Wish,
            _ if rest.split('/').any(|part| part == "set" || part == "get") => Topic::Wish,
            // Properties have no slashes: nested ones are joined by hyphens.
            _ if rest.contains('/') => Topic::Unknown,
            _ => Topic::Property(key, rest),
        };
    }
    Topic::Unknown
}

/// Whether a name can be part of a topic that is published.
pub(super) fn can_be_published(name: &str) -> bool {
    !name.is_empty() && name.len() <= 1_024 && !name.contains(['+', '#', '\0'])
}

/// Whether this is an address that ids and topics can be made of.
pub(super) fn is_address(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
