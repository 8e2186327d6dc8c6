//! The list of devices that may join by themselves: the answer to [`crate::ManageAction::Provision`].

use std::sync::Arc;

use hub_model::{DeviceId, Value};

/// The most entries of a list; what is beyond is left out.
pub const MOST_ENTRIES: usize = 1_000;

/// A device that may join by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Who it is, as its label says; by this it is taken off the list.
    pub key: Arc<str>,
    /// How it is to be called.
    pub name: Option<Arc<str>>,
    /// What it has become; none = it has not joined yet.
    pub device: Option<DeviceId>,
}

/// A list as an answer.
pub fn to_value(entries: &[Entry]) -> Value {
    Value::composite([("entries", Value::list(entries.iter().map(Entry::to_value)))])
}

/// A list from an answer; none if it is no list.
pub fn from_value(value: &Value) -> Option<Vec<Entry>> {
    let Value::List(entries) = value.field("entries")? else { return None };
    entries.iter().take(MOST_ENTRIES).map(Entry::from_value).collect()
}

impl Entry {
    fn to_value(&self) -> Value {
        let text = |text: &Arc<str>| Value::text(Arc::clone(text));
        Value::composite([
            ("key", text(&self.key)),
            ("name", self.name.as_ref().map(text).unwrap_or_default()),
            ("device", self.device.as_ref().map(|device| Value::text(device.as_str())).unwrap_or_default()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let text = |name: &str| value.field(name).and_then(Value::as_text);
        Some(Self {
            key: text("key")?.into(),
            name: text("name").map(Arc::from),
            device: text("device").map(DeviceId::new),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_from_an_answer_as_it_was() {
        let waiting = Entry { key: "51525".into(), name: Some("Hall".into()), device: None };
        let joined = Entry { key: "1".into(), name: None, device: Some(DeviceId::new("zwave:5")) };
        let entries = vec![waiting, joined];
        assert_eq!(from_value(&to_value(&entries)), Some(entries));
        assert_eq!(from_value(&Value::Unknown), None);
    }
}
