//! Makes alerts of what is wrong with the store, the audit log and the certificates.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use hub_api::tls::{CertificateTrouble, Certificates};
use hub_core::CoreHandle;
use hub_model::audit::AuditCheck;
use hub_model::event::{Alert, Severity};
use hub_model::record::StoreTrouble;
use hub_store::StoreHandle;
use tokio::time::MissedTickBehavior;

/// How often the store is looked at.
const EVERY: Duration = Duration::from_secs(3);
/// How often it is looked whether the hub needs another certificate: so long it is not known by a new address.
const CERTIFICATES_EVERY: Duration = Duration::from_secs(20);
/// What is lost already, or not needed yet: nothing more is lost while a person thinks about it.
const WARNINGS: [&str; 4] = ["core_restored", "history_damaged", "certificate_lacks_name", "own_certificate_bad"];

/// Looks at the store and tells the core what is wrong with it, and what no longer is. Has no end.
pub async fn watch(store: StoreHandle, core: CoreHandle) {
    let mut told = Told::default();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for alert in told.news(&store.troubles()) {
            core.alert(alert).await;
        }
    }
}

/// Checks once that nobody changed the audit log. What was found is an alert: lights can be switched all the same.
pub async fn check_audit(store: StoreHandle, core: CoreHandle) {
    match tokio::task::spawn_blocking(move || store.check_audit()).await {
        Ok(Ok(AuditCheck { broken_at: Some(number), .. })) => {
            tracing::error!(number, "The audit log is not whole.");
            let text = format!(
                "The audit log is not whole: entry {number} was changed or is missing. If no damage of the card explains \
                 that, somebody had the data folder in hand; `hearth audit --verify` checks it again."
            );
            core.alert(Alert {
                code: "audit_broken".into(),
                severity: Severity::Error,
                text: text.into(),
                resolved: false,
            })
            .await;
        }
        Ok(Ok(check)) => tracing::debug!(entries = check.entries, "The audit log is whole."),
        Ok(Err(error)) => tracing::warn!(%error, "The audit log could not be checked."),
        Err(error) => tracing::warn!(%error, "The audit log could not be checked."),
    }
}

/// Keeps the certificates good, and tells the core what is wrong with them. Has no end.
pub async fn watch_certificates(certificates: Result<Arc<Certificates>, CertificateTrouble>, core: CoreHandle) {
    let mut told = Told::default();
    let mut ticks = tokio::time::interval(CERTIFICATES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let certificates = certificates.clone();
        let look = move || certificates.map_or_else(|trouble| vec![trouble], |certificates| certificates.look());
        let Ok(troubles) = tokio::task::spawn_blocking(look).await else { continue };
        let troubles: Vec<StoreTrouble> = troubles
            .into_iter()
            .map(|CertificateTrouble { code, text }| StoreTrouble { code, text: text.into() })
            .collect();
        for alert in told.news(&troubles) {
            core.alert(alert).await;
        }
    }
}

/// What the core knows, by code.
#[derive(Debug, Default)]
struct Told(BTreeSet<&'static str>);

impl Told {
    /// What is new, and what is over.
    fn news(&mut self, troubles: &[StoreTrouble]) -> Vec<Alert> {
        let present: BTreeSet<&'static str> = troubles.iter().map(|trouble| trouble.code).collect();
        let over = self.0.difference(&present).map(|code| alert(code, "", true));
        let new = troubles.iter().filter(|trouble| !self.0.contains(trouble.code));
        let news = over.chain(new.map(|trouble| alert(trouble.code, &trouble.text, false))).collect();
        self.0 = present;
        news
    }
}

fn alert(code: &str, text: &str, resolved: bool) -> Alert {
    let severity = if WARNINGS.contains(&code) { Severity::Warning } else { Severity::Error };
    Alert { code: code.into(), severity, text: text.into(), resolved }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_said_when_it_comes_and_when_it_goes() {
        let trouble = |code| StoreTrouble { code, text: code.into() };
        let mut told = Told::default();
        for (codes, wanted) in [
            (&[][..], &[][..]),
            (&["storage_full"], &["+storage_full Error"]),
            (&["storage_full", "history_damaged"], &["+history_damaged Warning"]),
            (&["storage_full", "history_damaged"], &[]),
            (&["storage_gone", "history_damaged"], &["-storage_full Error", "+storage_gone Error"]),
            (&[], &["-history_damaged Warning", "-storage_gone Error"]),
        ] {
            let troubles: Vec<StoreTrouble> = codes.iter().copied().map(trouble).collect();
            let news: Vec<String> = told
                .news(&troubles)
                .iter()
                .map(|alert| format!("{}{} {:?}", if alert.resolved { "-" } else { "+" }, alert.code, alert.severity))
                .collect();
            assert_eq!(news, wanted, "{codes:?}");
        }
    }
}
