//! What was said of late, so that the same is not said again and again.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::{NotificationId, Timestamp};

use crate::limits::{MOST_REMEMBERED, SAME_WITHIN};

/// What was said of late, by key.
#[derive(Debug, Default)]
pub(crate) struct Recent(BTreeMap<Arc<str>, Said>);

#[derive(Debug)]
struct Said {
    at: Timestamp,
    severity: Severity,
    id: NotificationId,
}

impl Recent {
    /// The message that was said of late and that one of this key repeats. Worse than before is no repetition.
    pub(crate) fn same(&mut self, key: &str, severity: Severity, at: Timestamp) -> Option<NotificationId> {
        self.0.retain(|_, said| at.since(said.at) < SAME_WITHIN);
        self.0.get(key).filter(|said| severity <= said.severity).map(|said| said.id.clone())
    }

    /// This one is said now.
    pub(crate) fn remember(&mut self, key: &Arc<str>, severity: Severity, id: &NotificationId, at: Timestamp) {
        if self.0.len() >= MOST_REMEMBERED
            && !self.0.contains_key(key)
            && let Some(oldest) = self.0.iter().min_by_key(|(_, said)| said.at).map(|(key, _)| Arc::clone(key))
        {
            self.0.remove(&oldest);
        }
        self.0.insert(Arc::clone(key), Said { at, severity, id: id.clone() });
    }

    /// The next one of this key is new.
    pub(crate) fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
