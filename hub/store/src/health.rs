//! What is wrong with the store, for status pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::record::StoreTrouble;

use crate::query::Gap;

/// Damaged stretches that are remembered; more are only counted as «more».
const GAP_LIMIT: usize = 100;

/// What is wrong now.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// The disk is, or lately was, full.
    pub(crate) full: bool,
    /// The folder cannot be written.
    pub(crate) read_only: bool,
    /// The folder or a file in it cannot be used; what the system said.
    pub(crate) gone: Option<Arc<str>>,
    /// Records were mended since the start.
    pub(crate) mended: Option<Arc<str>>,
    /// Damage to history, in words.
    pub(crate) history: Option<Arc<str>>,
    gaps: BTreeMap<i64, Gap>,
}

impl Health {
    /// Remembers damaged stretches.
    pub(crate) fn add_gaps(&mut self, gaps: Vec<Gap>) {
        for gap in gaps {
            if self.gaps.len() < GAP_LIMIT {
                self.gaps.insert(gap.chunk, gap);
            }
        }
    }

    /// In words.
    pub(crate) fn troubles(&self) -> Vec<StoreTrouble> {
        let mut troubles = Vec::new();
        let mut say = |code, text: String| troubles.push(StoreTrouble { code, text: text.into() });
        if self.full {
            say(
                "storage_full",
                "The disk is full: devices and rules go on, but changes may be refused. Free some room.".into(),
            );
        }
        if self.read_only {
            let text = "The data folder cannot be written: devices and rules go on, but nothing is kept. Check the card and its mount.";
            say("storage_read_only", text.into());
        }
        if let Some(detail) = &self.gone {
            say("storage_gone", format!("The data folder cannot be used ({detail}). Check the card and its mount."));
        }
        if let Some(text) = &self.mended {
            say("core_restored", format!("On the card, {text}."));
        }
        if let Some(text) = &self.history {
            say("history_damaged", format!("On the card, {text}."));
        } else if let Some(gap) = self.gaps.values().next() {
            let text = format!(
                "{} stretches of history are damaged and left out, the first of {} {} from {} to {}. Consider a new card.",
                self.gaps.len(),
                gap.key.device,
                gap.key.attribute,
                gap.from,
                gap.to
            );
            say("history_damaged", text);
        }
        troubles
    }
}
