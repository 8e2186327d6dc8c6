//! Networks that are open: who looks later finds again what was said of them.

use std::collections::VecDeque;
use std::sync::Arc;

use driver_api::RequestId;
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage};
use hub_model::{DriverId, SessionId, Timestamp};

/// How many are known at once; one more takes the place of the oldest.
const MOST: usize = 16;
/// How many steps of each; the oldest are forgotten.
const MOST_STEPS: usize = 100;

/// A network that is open.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenPairing {
    /// The session.
    pub session: SessionId,
    /// Whose network.
    pub driver: DriverId,
    /// What for: `include`, `exclude` or `replace`; none = the driver opened it by itself.
    pub action: Option<&'static str>,
    /// When it closes by itself; none = the driver knows.
    pub until: Option<Timestamp>,
    /// What was said of it and when, oldest first.
    pub steps: VecDeque<(Timestamp, PairingProgress)>,
    /// The wish for it, which the driver may refuse.
    request: Option<RequestId>,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Pairings(Arc<Vec<OpenPairing>>);

impl Pairings {
    pub(crate) fn list(&self) -> Arc<Vec<OpenPairing>> {
        Arc::clone(&self.0)
    }

    /// A driver is asked to open its network.
    pub(crate) fn begin(
        &mut self,
        (driver, request): (&DriverId, RequestId),
        session: &SessionId,
        action: &PairingAction,
        until: Timestamp,
    ) {
        let action = Some(match action {
            PairingAction::Include { .. } => "include",
            PairingAction::Exclude => "exclude",
            PairingAction::Replace { .. } => "replace",
        });
        self.put(OpenPairing { action, until: Some(until), request: Some(request), ..new(session, driver) });
    }

    /// A driver has answered that something cannot be.
    pub(crate) fn refused(&mut self, request: RequestId) {
        self.keep(|pairing| pairing.request != Some(request));
    }

    /// A pairing moved on.
    pub(crate) fn note(&mut self, at: Timestamp, progress: &PairingProgress) {
        if progress.stage == PairingStage::Closed {
            self.keep(|pairing| pairing.session != progress.session);
            return;
        }
        if !self.0.iter().any(|pairing| pairing.session == progress.session) {
            self.put(new(&progress.session, &progress.driver));
        }
        let pairings = Arc::make_mut(&mut self.0);
        if let Some(pairing) = pairings.iter_mut().find(|pairing| pairing.session == progress.session) {
            if pairing.steps.len() >= MOST_STEPS {
                pairing.steps.pop_front();
            }
            pairing.steps.push_back((at, progress.clone()));
        }
    }

    /// A driver has ended, and with it what it had open.
    pub(crate) fn ended_with(&mut self, driver: &DriverId) {
        self.keep(|pairing| pairing.driver != *driver);
    }

    fn put(&mut self, pairing: OpenPairing) {
        let pairings = Arc::make_mut(&mut self.0);
        if pairings.len() >= MOST {
            pairings.remove(0);
        }
        pairings.push(pairing);
    }

    fn keep(&mut self, keeps: impl Fn(&OpenPairing) -> bool) {
        if !self.0.iter().all(&keeps) {
            Arc::make_mut(&mut self.0).retain(keeps);
        }
    }
}

fn new(session: &SessionId, driver: &DriverId) -> OpenPairing {
    let (session, driver) = (session.clone(), driver.clone());
    OpenPairing { session, driver, action: None, until: None, steps: VecDeque::new(), request: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(session: &str, stage: PairingStage) -> PairingProgress {
        let (driver, next_step) = ("zwave".into(), "Press its button.".into());
        PairingProgress { session: session.into(), driver, stage, device: None, ask: None, next_step }
    }

    #[test]
    fn what_is_open_is_known_until_it_is_closed() {
        let mut pairings = Pairings::default();
        let driver = DriverId::from("zwave");
        let include = PairingAction::Include { via: None, code: Some("90-secret".into()) };
        pairings.begin((&driver, 7), &"s".into(), &include, Timestamp(180_000));
        pairings.note(Timestamp(1), &step("s", PairingStage::Waiting));
        pairings.note(Timestamp(2), &step("s", PairingStage::Heard));
        pairings.note(Timestamp(3), &step("own", PairingStage::Heard));
        let listed = pairings.list();
        let shown: Vec<_> = listed.iter().map(|one| (one.session.as_str(), one.action, one.steps.len())).collect();
        assert_eq!(shown, [("s", Some("include"), 2), ("own", None, 1)]);
        assert!(!format!("{pairings:?}").contains("90-secret"), "the code of a device is nobody's after this");
        pairings.note(Timestamp(4), &step("s", PairingStage::Closed));
        assert_eq!(pairings.list().len(), 1);
        pairings.ended_with(&driver);
        assert!(pairings.list().is_empty());
    }

    #[test]
    fn what_was_refused_was_never_open_and_what_is_kept_is_bounded() {
        let mut pairings = Pairings::default();
        let driver = DriverId::from("zwave");
        pairings.begin((&driver, 7), &"s".into(), &PairingAction::Exclude, Timestamp(1));
        pairings.refused(7);
        assert!(pairings.list().is_empty());
        for number in 0..100 {
            for _ in 0..200 {
                pairings.note(Timestamp(1), &step(&format!("s{number}"), PairingStage::Heard));
            }
        }
        assert_eq!((pairings.list().len(), pairings.list()[0].steps.len()), (MOST, MOST_STEPS));
    }
}
