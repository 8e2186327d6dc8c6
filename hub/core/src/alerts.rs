//! What needs a person, said once until it is over.

use std::sync::Arc;

use hub_model::event::{Alert, Severity};
use hub_model::record::KeepError;
use hub_model::{Cause, EventKind, Now};

use crate::core::Core;

/// The alert that a failed write raises: what the store says of itself, where it says that too.
fn code_of(error: &KeepError) -> &'static str {
    match error {
        KeepError::Full => "storage_full",
        KeepError::ReadOnly => "storage_read_only",
        KeepError::Unusable { .. } => "storage_gone",
        KeepError::Busy => "storage_busy",
    }
}

impl Core {
    /// Something needs a person.
    pub(crate) fn raise(&mut self, now: &Now, code: &str, severity: Severity, text: Arc<str>) {
        let alert = Alert { code: Arc::from(code), severity, text, resolved: false };
        if !self.alerts.contains(&alert) {
            self.alerts.push(alert.clone());
            self.emit(now, EventKind::Alert(alert), Cause::System);
        }
    }

    /// It is over.
    pub(crate) fn resolve(&mut self, now: &Now, code: &str) {
        while let Some(index) = self.alerts.iter().position(|alert| &*alert.code == code) {
            let mut alert = self.alerts.remove(index);
            alert.resolved = true;
            self.emit(now, EventKind::Alert(alert), Cause::System);
        }
    }

    /// Somebody else says that something needs a person, or no longer does. Who says so says when it is over, even if
    /// a failed write had raised the same before.
    pub(crate) fn told(&mut self, now: &Now, alert: Alert) {
        let known = self.keeping_alert.take_if(|code| **code == *alert.code).is_some();
        match alert.resolved {
            true => self.resolve(now, &alert.code),
            false if known => {}
            false => self.raise(now, &alert.code, alert.severity, alert.text),
        }
    }

    /// A write worked, or did not.
    pub(crate) fn note_keeping(&mut self, now: &Now, result: &Result<(), KeepError>) {
        let code = result.as_ref().err().map(code_of);
        if let Some(over) = self.keeping_alert.take_if(|raised| Some(*raised) != code) {
            self.resolve(now, over);
        }
        if let (Err(error), Some(code)) = (result, code)
            && self.alerts.iter().all(|alert| *alert.code != *code)
        {
            self.raise(now, code, Severity::Error, Arc::from(error.to_string()));
            self.keeping_alert = Some(code);
        }
    }
}
