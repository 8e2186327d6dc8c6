//! What the audit log is told: the stable words of what is done, and the one way by which routes change the home so that
//! it is written down together with the change.

use std::sync::Arc;

use hub_access::Policy;
use hub_core::{Edit, EditError, Edited, Snapshot};
use hub_model::audit::AuditEntry;
use hub_model::record::Change;

use crate::api::Shared;
use crate::guard::{Caller, Identity};

/// Stable words for what is done.
pub(crate) mod action {
    pub(crate) const APPROVAL_ANSWERED: &str = "approval_answered";
    pub(crate) const APPROVAL_TAKEN_BACK: &str = "approval_taken_back";
    pub(crate) const AREA_REMOVED: &str = "area_removed";
    pub(crate) const AREA_SAVED: &str = "area_saved";
    pub(crate) const CLOCK_SET: &str = "clock_set";
    pub(crate) const DEVICE_CHANGED: &str = "device_changed";
    pub(crate) const DEVICE_REMOVED: &str = "device_removed";
    pub(crate) const DEVICE_REPLACED: &str = "device_replaced";
    pub(crate) const DRIVER_BACKED_UP: &str = "driver_backed_up";
    pub(crate) const DRIVER_RESTARTED: &str = "driver_restarted";
    pub(crate) const DRIVER_RESTORED: &str = "driver_restored";
    pub(crate) const FIRMWARE_INSTALLED: &str = "firmware_installed";
    pub(crate) const HOME_CHANGED: &str = "home_changed";
    pub(crate) const INVITATION_ACCEPTED: &str = "invitation_accepted";
    pub(crate) const LOGIN: &str = "login";
    pub(crate) const LOGIN_FAILED: &str = "login_failed";
    pub(crate) const LOGOUT: &str = "logout";
    pub(crate) const PAIRING: &str = "pairing";
    pub(crate) const PASSWORD_CHANGED: &str = "password_changed";
    pub(crate) const PASSWORD_RESET: &str = "password_reset";
    pub(crate) const PERMISSION_CHANGED: &str = "permission_changed";
    pub(crate) const PIN_FAILED: &str = "pin_failed";
    pub(crate) const PROVISIONING_CHANGED: &str = "provisioning_changed";
    pub(crate) const RECOVERY: &str = "recovery";
    pub(crate) const RECOVERY_CODES_RENEWED: &str = "recovery_codes_renewed";
    pub(crate) const RULE_REMOVED: &str = "rule_removed";
    pub(crate) const RULE_SAVED: &str = "rule_saved";
    pub(crate) const SCENE_REMOVED: &str = "scene_removed";
    pub(crate) const SCENE_SAVED: &str = "scene_saved";
    pub(crate) const SECOND_FACTOR_ADDED: &str = "second_factor_added";
    pub(crate) const SECOND_FACTOR_REMOVED: &str = "second_factor_removed";
    pub(crate) const SESSION_ENDED: &str = "session_ended";
    pub(crate) const SETUP: &str = "setup";
    pub(crate) const TOKEN_MADE: &str = "token_made";
    pub(crate) const TOKEN_REMOVED: &str = "token_removed";
    pub(crate) const USER_ADDED: &str = "user_added";
    pub(crate) const USER_CHANGED: &str = "user_changed";
    pub(crate) const USER_REMOVED: &str = "user_removed";
}

/// It was done.
pub(crate) const DONE: &str = "ok";
/// It was refused.
pub(crate) const REFUSED: &str = "refused";

/// What a change of the home is called; none = everyday life, which history tells.
fn action_of(edit: &Edit) -> Option<&'static str> {
    Some(match edit {
        Edit::Home { .. } => action::HOME_CHANGED,
        Edit::Area(_) => action::AREA_SAVED,
        Edit::RemoveArea(_) => action::AREA_REMOVED,
        Edit::Device { .. } => action::DEVICE_CHANGED,
        Edit::RemoveDevice { .. } => action::DEVICE_REMOVED,
        Edit::ReplaceDevice { .. } => action::DEVICE_REPLACED,
        Edit::Automation { .. } | Edit::RevertAutomation { .. } | Edit::EnableAutomation { .. } => action::RULE_SAVED,
        Edit::RemoveAutomation(_) => action::RULE_REMOVED,
        Edit::Scene { .. } | Edit::CaptureScene { .. } | Edit::RevertScene { .. } => action::SCENE_SAVED,
        Edit::RemoveScene(_) => action::SCENE_REMOVED,
        Edit::Permissions(_) => action::PERMISSION_CHANGED,
        Edit::Person { .. } => action::USER_CHANGED,
        Edit::Channel(_) | Edit::RemoveChannel { .. } | Edit::MessagePreferences(_) => return None,
        Edit::Presence { .. } | Edit::PhoneFix { .. } | Edit::ReadNotification { .. } => return None,
    })
}

/// What of a change the audit log is to tell beside whose thing it is.
fn detail_of(edit: &Edit, home: &Snapshot) -> Option<String> {
    match edit {
        Edit::EnableAutomation { enabled, .. } => Some(format!("enabled: {}", enabled.as_str())),
        Edit::Permissions(policy) => Some(policy_changes(home.permissions.policy(), policy)),
        _ => None,
    }
}

/// The rules of permission that came, went or changed, by their ids.
fn policy_changes(before: &Policy, after: &Policy) -> String {
    let find = |policy: &Policy, id: &str| policy.rules.iter().find(|rule| *rule.id == *id).cloned();
    let came = after.rules.iter().filter_map(|rule| match find(before, &rule.id) {
        None => Some(format!("added {}", rule.id)),
        Some(known) => (known != *rule).then(|| format!("changed {}", rule.id)),
    });
    let gone = before.rules.iter().filter(|rule| find(after, &rule.id).is_none());
    let mut words: Vec<String> = came.chain(gone.map(|rule| format!("removed {}", rule.id))).collect();
    let choices = |policy: &Policy, other: &Policy, word: &str| -> Vec<String> {
        let only_here = policy.ready_made.iter().filter(|choice| !other.ready_made.contains(choice));
        only_here.map(|choice| format!("ready-made rules {word} for {}", choice.who.word())).collect()
    };
    words.extend(choices(after, before, "off"));
    words.extend(choices(before, after, "on"));
    words.join(", ")
}

impl Caller {
    /// An entry of the audit log about what this caller does, to the thing of this id.
    pub(crate) fn entry(&self, app: &Shared, action: &'static str, what: Option<&str>) -> AuditEntry {
        let (who, via): (Arc<str>, _) = match &self.identity {
            Identity::Nobody => ("unknown".into(), "api"),
            Identity::Local => ("local".into(), "cli"),
            Identity::Token(grant) => (grant.account.id.as_str().into(), "api"),
        };
        AuditEntry {
            at: app.now(),
            who,
            via: via.into(),
            source: self.address(),
            action: action.into(),
            what: what.map(Arc::from),
            outcome: DONE.into(),
            detail: None,
        }
    }

    /// The same as something to be kept with what it speaks of.
    pub(crate) fn audited(&self, app: &Shared, action: &'static str, what: &str) -> Change {
        Change::Audit(self.entry(app, action, Some(what)))
    }

    /// From which address it comes.
    pub(crate) fn address(&self) -> Option<Arc<str>> {
        self.source.map(|source| source.to_canonical().to_string().into())
    }
}

impl Shared {
    /// Changes the home, and has the audit log say so in the same commit.
    pub(crate) async fn edit(&self, caller: &Caller, edit: Edit) -> Result<Edited, EditError> {
        let cause = caller.cause(self);
        match action_of(&edit) {
            Some(action) => {
                let detail = detail_of(&edit, &self.core.snapshot()).map(Arc::from);
                self.core.audited_edit(cause, edit, AuditEntry { detail, ..caller.entry(self, action, None) }).await
            }
            None => self.core.edit(cause, edit).await,
        }
    }

    /// Writes down what was done outside of the hub's own records. It is done already: if the disk refuses, that is said
    /// in the log of the program only.
    pub(crate) async fn audit(&self, entry: AuditEntry) {
        let action = Arc::clone(&entry.action);
        if let Err(error) = self.core.keep(vec![Change::Audit(entry)]).await {
            tracing::warn!(%error, action = &*action, "Something could not be written to the audit log.");
        }
    }
}
