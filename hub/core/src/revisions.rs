//! Revisions of what people write: each change is kept beside the thing itself, in the same commit.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use hub_automation::document;
use hub_model::record::{AutomationRecord, Change, Kept, SceneRecord};
use hub_model::revision::{RevisedKind, Revision, RevisionChange, RevisionEntry};
use hub_model::{AccountId, Cause};

/// Of so many removed things the numbers are remembered: more than the store keeps revisions of.
const REMOVED_LIMIT: usize = 1_000;

/// The person behind a cause; the hub itself where there is none.
pub(crate) fn author_of(cause: &Cause) -> AccountId {
    match cause {
        Cause::Person { account, .. } => account.clone(),
        _ => AccountId::new("hub"),
    }
}

/// What is kept of a change of a rule; `rule` is as the change left it.
pub(crate) fn of_rule(rule: &AutomationRecord, change: RevisionChange, cause: &Cause) -> Change {
    let name = document::parse_json(&rule.document).map_or_else(|_| rule.id.to_string(), |it| it.name().to_owned());
    let entry = RevisionEntry {
        kind: RevisedKind::Automation,
        id: rule.id.as_str().into(),
        number: rule.revision,
        name: name.into(),
        at: rule.changed_at,
        author: author_of(cause),
        cause: cause.clone(),
        change,
    };
    Change::Revision(Revision { entry, document: Arc::clone(&rule.document) })
}

/// What is kept of a change of a scene; `record` is as the change left it.
pub(crate) fn of_scene(record: &SceneRecord, change: RevisionChange, cause: &Cause) -> Change {
    let entry = RevisionEntry {
        kind: RevisedKind::Scene,
        id: record.scene.id.as_str().into(),
        number: record.revision,
        name: Arc::clone(&record.scene.name),
        at: record.changed_at,
        author: author_of(cause),
        cause: cause.clone(),
        change,
    };
    // Words, numbers and lists of them: this cannot fail.
    let document = serde_json::to_string(&record.scene.document()).unwrap_or_default();
    Change::Revision(Revision { entry, document: document.into() })
}

/// Numbers revisions: a thing that comes back after its removal goes on counting, so that a number never names two.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    newest: BTreeMap<(RevisedKind, Arc<str>), u64>,
    /// The longest gone first.
    removed: VecDeque<(RevisedKind, Arc<str>)>,
}

impl Numbers {
    /// From what was kept.
    pub(crate) fn of(kept: &Kept) -> Self {
        let mut numbers = Self::default();
        let rules = kept.automations.iter().map(|rule| (RevisedKind::Automation, rule.id.as_str(), rule.revision));
        let scenes = kept.scenes.iter().map(|it| (RevisedKind::Scene, it.scene.id.as_str(), it.revision));
        for (kind, id, number) in rules.chain(scenes) {
            numbers.newest.insert((kind, id.into()), number);
        }
        for (kind, id, number) in &kept.revisions {
            let place = (*kind, Arc::clone(id));
            match numbers.newest.get_mut(&place) {
                Some(newest) => *newest = (*newest).max(*number),
                None => {
                    numbers.newest.insert(place, *number);
                    numbers.removed(*kind, id);
                }
            }
        }
        numbers
    }

    /// The number of the next revision of a thing.
    pub(crate) fn next(&mut self, kind: RevisedKind, id: &str) -> u64 {
        let newest = self.newest.entry((kind, id.into())).or_insert(0);
        *newest += 1;
        self.removed.retain(|(other, gone)| *other != kind || **gone != *id);
        *newest
    }

    /// A thing is gone; its number is remembered for a while.
    pub(crate) fn removed(&mut self, kind: RevisedKind, id: &str) {
        self.removed.push_back((kind, id.into()));
        if self.removed.len() > REMOVED_LIMIT
            && let Some(oldest) = self.removed.pop_front()
        {
            self.newest.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_a_removal_and_are_bounded() {
        let kind = RevisedKind::Automation;
        let kept = Kept { revisions: vec![(kind, "gone".into(), 7)], ..Kept::default() };
        let mut numbers = Numbers::of(&kept);
        assert_eq!((numbers.next(kind, "gone"), numbers.next(kind, "gone"), numbers.next(kind, "new")), (8, 9, 1));
        numbers.removed(kind, "gone");
        assert_eq!(numbers.next(kind, "gone"), 10);
        for number in 0..2_000 {
            numbers.next(kind, &format!("r{number}"));
            numbers.removed(kind, &format!("r{number}"));
        }
        assert_eq!((numbers.newest.len(), numbers.next(kind, "r1999"), numbers.next(kind, "r1")), (1_002, 2, 1));
    }
}
