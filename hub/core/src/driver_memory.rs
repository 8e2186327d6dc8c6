//! What drivers have the hub keep for them: keys of a network, what is known of its nodes. It lies among the secrets, is
//! given to the driver whenever it starts, and nobody else sees it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use hub_model::DriverId;
use hub_model::household::Secret;
use hub_model::record::{Change, Record, RecordKey};

/// The most things that one driver keeps.
const THINGS_MAX: usize = 4_096;
/// The largest of them, in bytes.
const SIZE_MAX: usize = 256 * 1024;
/// How their names begin among the secrets; the driver's id and the driver's own name follow.
const PREFIX: &str = "driver/";

/// What one driver keeps, by name.
type Things = BTreeMap<Arc<str>, Secret>;

/// Held by the core, and by those who start drivers.
#[derive(Clone, Debug, Default)]
pub(crate) struct DriverMemory {
    by_driver: Arc<RwLock<HashMap<DriverId, Things>>>,
}

impl DriverMemory {
    /// What was kept, out of all secrets.
    pub(crate) fn restore(secrets: &[(Arc<str>, Secret)]) -> Self {
        let mut by_driver: HashMap<DriverId, Things> = HashMap::new();
        for (name, value) in secrets {
            let of_driver = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/'));
            let Some((driver, name)) = of_driver else { continue };
            by_driver.entry(driver.into()).or_default().insert(name.into(), value.clone());
        }
        Self { by_driver: Arc::new(RwLock::new(by_driver)) }
    }

    /// What a driver is given when it starts.
    pub(crate) fn of(&self, driver: &DriverId) -> Things {
        self.by_driver.read().unwrap_or_else(PoisonError::into_inner).get(driver).cloned().unwrap_or_default()
    }

    /// Takes down what a driver wants to be kept, or forgotten. Gives the change to be written; none if there is nothing
    /// to write, or too much.
    pub(crate) fn keep(&self, driver: &DriverId, name: &Arc<str>, value: Option<Secret>) -> Option<Change> {
        let mut by_driver = self.by_driver.write().unwrap_or_else(PoisonError::into_inner);
        let things = by_driver.entry(driver.clone()).or_default();
        let full_name: Arc<str> = format!("{PREFIX}{driver}/{name}").into();
        let Some(value) = value else {
            return things.remove(name).map(|_| Change::Remove(RecordKey::Secret(full_name)));
        };
        let is_new = !things.contains_key(name);
        if value.reveal().len() > SIZE_MAX || (is_new && things.len() >= THINGS_MAX) {
            tracing::warn!(%driver, "A driver wants more to be kept than a driver may.");
            return None;
        }
        things.insert(Arc::clone(name), value.clone());
        Some(Change::Put(Record::Secret { name: full_name, value }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn what_is_kept_comes_back_to_the_driver_that_kept_it_and_to_no_other() {
        let memory = DriverMemory::default();
        let (zwave, other): (DriverId, DriverId) = ("zwave".into(), "zwave-2".into());
        let mut written = Vec::new();
        for (driver, name, text) in [(&zwave, "keys", "k"), (&zwave, "node/5", "a"), (&other, "keys", "z")] {
            written.push(memory.keep(driver, &name.into(), Some(secret(text))).unwrap());
        }
        let secrets: Vec<_> = written
            .into_iter()
            .map(|change| match change {
                Change::Put(Record::Secret { name, value }) => (name, value),
                other => panic!("{other:?}"),
            })
            .chain([("account/anna/password".into(), secret("p"))])
            .collect();
        let restored = DriverMemory::restore(&secrets);
        assert_eq!(restored.of(&zwave), memory.of(&zwave));
        assert_eq!(restored.of(&zwave).keys().map(|name| &**name).collect::<Vec<_>>(), ["keys", "node/5"]);
        assert_eq!(restored.of(&other).values().map(Secret::reveal).collect::<Vec<_>>(), ["z"]);
        let gone = restored.keep(&zwave, &"keys".into(), None);
        assert_eq!(gone, Some(Change::Remove(RecordKey::Secret("driver/zwave/keys".into()))));
        assert_eq!(restored.keep(&zwave, &"keys".into(), None), None);
    }

    #[test]
    fn no_driver_fills_the_disk() {
        let (memory, driver) = (DriverMemory::default(), DriverId::from("zwave"));
        assert_eq!(memory.keep(&driver, &"large".into(), Some(secret(&"x".repeat(SIZE_MAX + 1)))), None);
        for number in 0..THINGS_MAX {
            assert!(memory.keep(&driver, &number.to_string().into(), Some(secret("x"))).is_some());
        }
        assert_eq!(memory.keep(&driver, &"more".into(), Some(secret("x"))), None);
        assert!(memory.keep(&driver, &"0".into(), Some(secret("y"))).is_some(), "what is there may change");
    }
}
