//! What people call things, for what the hub names by id.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::Client;
use super::output::plain;

/// Names by id.
#[derive(Debug, Default)]
pub(crate) struct Names {
    devices: BTreeMap<String, String>,
    people: BTreeMap<String, String>,
    areas: BTreeMap<String, String>,
    rules: BTreeMap<String, String>,
}

impl Names {
    /// Those of a hub. What may not be seen has no name.
    pub(crate) async fn of(client: &Client) -> Self {
        let listed = async |path: &str| named(&client.items(path).await.unwrap_or_default());
        Self {
            devices: listed("/devices").await,
            people: listed("/people").await,
            areas: listed("/areas").await,
            rules: listed("/automations").await,
        }
    }

    /// The name of a device; its id where it is gone.
    pub(crate) fn device(&self, id: &Value) -> String {
        name(&self.devices, id)
    }

    /// The name of a person; whoever sat at a hub that nobody had claimed yet has none.
    pub(crate) fn person(&self, id: &Value) -> String {
        if id == "local" { "somebody".to_owned() } else { name(&self.people, id) }
    }

    /// The name of a room; its id where it is gone.
    pub(crate) fn area(&self, id: &Value) -> String {
        name(&self.areas, id)
    }

    /// The name of a rule; its id where it is gone.
    pub(crate) fn rule(&self, id: &Value) -> String {
        name(&self.rules, id)
    }
}

fn named(items: &[Value]) -> BTreeMap<String, String> {
    items.iter().map(|item| (plain(&item["id"]), plain(&item["name"]))).collect()
}

fn name(names: &BTreeMap<String, String>, id: &Value) -> String {
    names.get(id.as_str().unwrap_or_default()).cloned().unwrap_or_else(|| plain(id))
}

#[cfg(test)]
impl Names {
    /// Of these devices, people and rules, each with its id.
    pub(crate) fn listed(devices: &[(&str, &str)], people: &[(&str, &str)], rules: &[(&str, &str)]) -> Self {
        let all = |pairs: &[(&str, &str)]| pairs.iter().map(|(id, name)| (id.to_string(), name.to_string())).collect();
        Self { devices: all(devices), people: all(people), rules: all(rules), ..Self::default() }
    }

    /// The same with these rooms.
    pub(crate) fn with_areas(mut self, areas: &[(&str, &str)]) -> Self {
        self.areas = areas.iter().map(|(id, name)| (id.to_string(), name.to_string())).collect();
        self
    }
}
