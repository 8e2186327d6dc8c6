//! Which alerts people are told of: each once, and once more when it is over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_model::event::{Alert, Severity};
use hub_model::notification::{AlertNote, Notification};
use hub_model::{Monotonic, Now};

/// What becomes of alerts of a kind.
struct Row {
    kind: &'static str,
    title: &'static str,
    most: Option<Severity>,
    over: &'static str,
}

/// Kinds, their titles, how bad they are at most (none = people are told by other means), and what is said when they
/// are over. Only what endangers people may wake them.
const KINDS: &[Row] = &[
    row("smoke", "Smoke", Severity::Error, "No smoke is detected any more."),
    row("gas", "Gas", Severity::Error, "No gas is detected any more."),
    row("carbon_monoxide", "Carbon monoxide", Severity::Error, "No carbon monoxide is detected any more."),
    row("water_leak", "Water", Severity::Error, "No water is detected any more."),
    row("offline", "A device is unreachable", Severity::Warning, "The device can be reached again."),
    row("battery_low", "A battery is low", Severity::Info, "The battery is well again."),
    row("clock_untrusted", "The clock", Severity::Warning, "The clock is confirmed."),
    row("storage_full", "The disk is full", Severity::Warning, "There is room on the disk again."),
    row("storage_read_only", "The disk cannot be written", Severity::Warning, "The disk can be written again."),
    row("storage_gone", "The disk is gone", Severity::Warning, "The disk is there again."),
    // A rule that was stopped tells who wrote it itself.
    Row { kind: "rule_stopped", title: "", most: None, over: "" },
];

/// What holds for kinds that have no row.
const OTHER: Row = row("", "Something needs you", Severity::Warning, "It is over.");

const fn row(kind: &'static str, title: &'static str, most: Severity, over: &'static str) -> Row {
    Row { kind, title, most: Some(most), over }
}

/// What people are to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Telling {
    /// In few words.
    pub title: Arc<str>,
    /// In more.
    pub message: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Of which alert.
    pub alert: AlertNote,
}

/// Of which alerts people were told.
#[derive(Debug)]
pub struct Alerts {
    /// By code: what was said when it began, and whether it has been there since the start.
    told: BTreeMap<Arc<str>, Told>,
    /// When what was told before the start and has not come again is over.
    settled_at: Option<Monotonic>,
}

#[derive(Debug)]
struct Told {
    message: Arc<str>,
    is_there: bool,
}

/// Alerts of which people are told, at most.
const MOST: usize = 1_024;

impl Alerts {
    /// Of what was told before this start people are not told again. What has not come again after `settles` is over.
    pub fn new<'a>(now: &Now, notifications: impl IntoIterator<Item = &'a Notification>, settles: Duration) -> Self {
        let mut told = BTreeMap::new();
        for notification in notifications {
            let Some(alert) = &notification.alert else { continue };
            if alert.over {
                told.remove(&alert.code);
            } else {
                let message = Arc::clone(&notification.message);
                told.insert(Arc::clone(&alert.code), Told { message, is_there: false });
            }
        }
        let settled_at = (!told.is_empty()).then(|| now.mono.plus(settles));
        Self { told, settled_at }
    }

    /// An alert began or ended: what people are told.
    pub fn alert(&mut self, alert: &Alert) -> Option<Telling> {
        let note = |over| AlertNote { code: Arc::clone(&alert.code), over };
        let row = row_of(note(false).kind());
        let most = row.most?;
        if alert.resolved {
            return self.over(&alert.code);
        }
        if let Some(told) = self.told.get_mut(&alert.code) {
            told.is_there = true;
            return None;
        }
        if self.told.len() >= MOST {
            return None;
        }
        let message = Arc::clone(&alert.text);
        self.told.insert(Arc::clone(&alert.code), Told { message, is_there: true });
        let (message, severity) = (Arc::clone(&alert.text), alert.severity.min(most));
        Some(Telling { title: row.title.into(), message, severity, alert: note(false) })
    }

    /// These are all alerts there are: what people are told of those that were missed.
    pub fn look(&mut self, current: &[Alert]) -> Vec<Telling> {
        let is_over = |code: &Arc<str>| current.iter().all(|alert| alert.code != *code);
        let ended = self.told.iter().filter(|(code, told)| told.is_there && is_over(code));
        let ended: Vec<Arc<str>> = ended.map(|(code, _)| Arc::clone(code)).collect();
        let over: Vec<Telling> = ended.iter().filter_map(|code| self.over(code)).collect();
        over.into_iter().chain(current.iter().filter_map(|alert| self.alert(alert))).collect()
    }

    /// Time has passed: what people are told of what ended while the hub was down.
    pub fn timeout(&mut self, now: &Now) -> Vec<Telling> {
        if self.settled_at.is_none_or(|at| now.mono < at) {
            return Vec::new();
        }
        self.settled_at = None;
        let ended: Vec<Arc<str>> =
            self.told.iter().filter(|(_, told)| !told.is_there).map(|(code, _)| Arc::clone(code)).collect();
        ended.iter().filter_map(|code| self.over(code)).collect()
    }

    /// When [`Alerts::timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        self.settled_at
    }

    fn over(&mut self, code: &Arc<str>) -> Option<Telling> {
        let told = self.told.remove(code)?;
        let alert = AlertNote { code: Arc::clone(code), over: true };
        let row = row_of(alert.kind());
        // After an alarm people want to know at once, but nobody is woken by it.
        let severity = if row.most? >= Severity::Error { Severity::Warning } else { Severity::Info };
        let message = format!("{} It was: {}", row.over, told.message).into();
        Some(Telling { title: format!("Over: {}", row.title).into(), message, severity, alert })
    }
}

fn row_of(kind: &str) -> &'static Row {
    KINDS.iter().find(|row| row.kind == kind).unwrap_or(&OTHER)
}

#[cfg(test)]
mod tests {
    use hub_model::Wall;

    use super::*;

    fn alert(code: &str, severity: Severity, resolved: bool) -> Alert {
        Alert { code: code.into(), severity, text: "Kitchen detects smoke.".into(), resolved }
    }

    #[test]
    fn every_kind_can_be_muted() {
        for row in KINDS {
            assert!(hub_model::notification::ALERT_KINDS.contains(&row.kind), "{}", row.kind);
        }
    }

    fn shown(telling: Option<Telling>) -> String {
        telling.map_or_else(String::new, |telling| {
            format!("{:?} {}: {}", telling.severity, telling.title, telling.message)
        })
    }

    #[test]
    fn each_alert_is_told_once_and_once_more_when_it_is_over() {
        let mut alerts = Alerts::new(&Now::default(), [], Duration::from_secs(600));
        for (code, severity, resolved, expected) in [
            ("smoke:a", Severity::Error, false, "Error Smoke: Kitchen detects smoke."),
            ("smoke:a", Severity::Error, false, ""),
            ("smoke:b", Severity::Error, true, ""),
            (
                "smoke:a",
                Severity::Error,
                true,
                "Warning Over: Smoke: No smoke is detected any more. It was: Kitchen detects smoke.",
            ),
            ("smoke:a", Severity::Error, true, ""),
            ("smoke:a", Severity::Error, false, "Error Smoke: Kitchen detects smoke."),
            ("storage_full", Severity::Error, false, "Warning The disk is full: Kitchen detects smoke."),
            ("rule_stopped:x", Severity::Warning, false, ""),
            ("rule_stopped:x", Severity::Warning, true, ""),
            ("something:else", Severity::Error, false, "Warning Something needs you: Kitchen detects smoke."),
        ] {
            assert_eq!(shown(alerts.alert(&alert(code, severity, resolved))), expected, "{code} {resolved}");
        }
    }

    #[test]
    fn a_restart_neither_repeats_nor_forgets() {
        let told = |id: &str, code: &str, over| Notification {
            id: id.into(),
            at: hub_model::Timestamp(0),
            title: None,
            message: "It is so.".into(),
            severity: Severity::Warning,
            rule: None,
            to: Vec::new(),
            alert: Some(AlertNote { code: code.into(), over }),
            request: None,
        };
        let before =
            [told("1", "gas:a", false), told("2", "gas:b", false), told("3", "gas:c", false), told("4", "gas:c", true)];
        let mut alerts = Alerts::new(&Now::default(), &before, Duration::from_secs(600));
        assert_eq!(alerts.alert(&alert("gas:a", Severity::Error, false)), None);
        let later = |seconds| Now { wall: Wall::default(), mono: Monotonic(Duration::from_secs(seconds)) };
        assert_eq!(alerts.timeout(&later(599)), []);
        let over = alerts.timeout(&later(600));
        assert_eq!(over.len(), 1);
        assert_eq!(&*over[0].alert.code, "gas:b");
        assert_eq!(alerts.timeout(&later(601)), []);
        assert!(alerts.alert(&alert("gas:c", Severity::Error, false)).is_some());
    }
}
