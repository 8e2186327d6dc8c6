//! The home as somebody sees it. What they may not see is not in it, so that whoever looks for it finds nothing.

use std::sync::Arc;

use hub_access::{Action, Part, Request, Target, Verdict};
use hub_core::permissions::{Permissions, of_part};
use hub_core::{DeviceView, Snapshot};
use hub_model::device::DeviceRecord;
use hub_model::event::Alert;
use hub_model::{AccountId, DeviceId, Event, EventKind, Now};

use crate::api::Shared;
use crate::guard::Caller;
use crate::problem::Problem;

impl Caller {
    /// For whom what is asked is seen: themself, or for owners somebody else.
    pub(crate) fn eyes(&self, app: &Shared) -> AccountId {
        match &self.seen_as {
            Some(account) => account.clone(),
            None => self.account(app).map_or_else(|| AccountId::new("local"), |account| account.id.clone()),
        }
    }

    /// The home as they see it now.
    pub(crate) fn home(&self, app: &Shared) -> Arc<Snapshot> {
        seen_by(&app.core.snapshot(), &self.eyes(app), &app.clock.now())
    }

    /// Whether everything that there is to see is there for them.
    pub(crate) fn sees_everything(&self, app: &Shared) -> bool {
        app.core.snapshot().permissions.sees_everything(&self.eyes(app))
    }

    /// Whether they may do this to a part of the hub.
    pub(crate) fn may(&self, app: &Shared, action: Action, part: Part) -> Result<(), Problem> {
        let verdict = app.core.snapshot().permissions.verdict(
            &self.eyes(app),
            &of_part(action, part, self.via()),
            &app.clock.now(),
            false,
        );
        if verdict.allowed { Ok(()) } else { Err(Problem::not_allowed(&verdict)) }
    }

    /// Whether they may change what a device is.
    pub(crate) fn may_configure(&self, app: &Shared, view: &DeviceView) -> Result<(), Problem> {
        let target = Target::Device { device: view.facts(), attribute: None, value: None };
        let request = Request { action: Action::Configure, target, via: self.via() };
        let permissions = &app.core.snapshot().permissions;
        let verdict = permissions.verdict(&self.eyes(app), &request, &app.clock.now(), false);
        if verdict.allowed { Ok(()) } else { Err(Problem::not_allowed(&verdict)) }
    }

    /// What tells of many devices at once (the trace of a rule, a replay) is for who sees all of them.
    pub(crate) fn must_see_everything(&self, app: &Shared) -> Result<(), Problem> {
        if self.sees_everything(app) {
            return Ok(());
        }
        let text = "This tells of devices that you do not see.".to_owned();
        let reasons = vec![hub_access::Reason { code: hub_access::ReasonCode::NoRule, text }];
        Err(Problem::not_allowed(&Verdict { reasons, ..Verdict::default() }))
    }
}

/// The home as an account sees it.
pub(crate) fn seen_by(snapshot: &Arc<Snapshot>, account: &AccountId, now: &Now) -> Arc<Snapshot> {
    let permissions = &snapshot.permissions;
    if permissions.sees_everything(account) {
        return Arc::clone(snapshot);
    }
    let devices = snapshot.devices.iter().filter_map(|view| device_seen_by(permissions, view, account, now)).collect();
    Arc::new(Snapshot { devices, ..(**snapshot).clone() })
}

/// A device with those of its attributes that an account sees; none = it sees nothing of it.
fn device_seen_by(
    permissions: &Permissions,
    view: &Arc<DeviceView>,
    account: &AccountId,
    now: &Now,
) -> Option<Arc<DeviceView>> {
    let sees = |attribute: &str| permissions.sees(account, view, Some(attribute), now);
    if !permissions.sees(account, view, None, now) {
        return None;
    }
    if view.attributes().all(|(_, schema, _)| sees(schema.name.as_str())) {
        return Some(Arc::clone(view));
    }
    let mut record = DeviceRecord::clone(&view.record);
    let mut states = view.states.iter();
    let mut seen_states = Vec::new();
    for endpoint in &mut record.device.endpoints {
        endpoint.attributes.retain(|schema| {
            let state = states.next().cloned().unwrap_or_default();
            let is_seen = sees(schema.name.as_str());
            if is_seen {
                seen_states.push(state);
            }
            is_seen
        });
    }
    (!seen_states.is_empty()).then(|| {
        Arc::new(DeviceView {
            record: Arc::new(record),
            types: view.types,
            availability: view.availability,
            states: seen_states,
        })
    })
}

/// Whether an account sees an alert: one about a device is for who sees the device.
pub(crate) fn sees_alert(snapshot: &Snapshot, alert: &Alert, account: &AccountId, now: &Now) -> bool {
    let permissions = &snapshot.permissions;
    let of_device = alert.code.split_once(':').and_then(|(_, id)| snapshot.device(&DeviceId::new(id)));
    permissions.sees_part(account, Part::Alerts, now)
        && of_device.is_none_or(|view| permissions.sees(account, view, None, now))
}

/// Whether an account hears of an event. What a device was is said to who sees it now; one that is gone, to nobody
/// but those who see everything.
pub(crate) fn hears(snapshot: &Snapshot, event: &Event, account: &AccountId, now: &Now) -> bool {
    let permissions = &snapshot.permissions;
    if permissions.sees_everything(account) {
        return true;
    }
    let part = |part: Part| permissions.sees_part(account, part, now);
    let device = |id: &hub_model::DeviceId, attribute: Option<&str>| {
        snapshot.device(id).is_some_and(|view| permissions.sees(account, view, attribute, now))
    };
    match &event.kind {
        EventKind::StateChanged { device: id, attribute, .. }
        | EventKind::DeviceEvent { device: id, attribute, .. } => device(id, Some(attribute.as_str())),
        EventKind::AvailabilityChanged { device: id, .. } | EventKind::DeviceRemoved { device: id } => device(id, None),
        // The whole description is in it.
        EventKind::DeviceAdded(record) | EventKind::DeviceUpdated(record) => {
            let names = record.device.attributes().map(|(_, schema)| schema.name.as_str());
            names.map(Some).all(|name| device(&record.device.id, name))
        }
        EventKind::Command(command) => {
            let attributes = command.outcomes.iter().map(|outcome| outcome.setting.attribute.as_str());
            attributes.map(Some).all(|attribute| device(&command.device, attribute))
        }
        EventKind::AutomationRun { .. } => part(Part::Rules),
        EventKind::DriverStatus { .. } => part(Part::Drivers),
        EventKind::Pairing(_) => part(Part::Network),
        EventKind::ModeChanged { .. } => part(Part::Mode),
        EventKind::PresenceChanged { person, .. } => person == account || part(Part::Presence),
        EventKind::Webhook { .. } => part(Part::Webhooks),
        // To whom it was told is asked elsewhere.
        EventKind::Notification(_) => part(Part::Messages),
        EventKind::Alert(alert) => sees_alert(snapshot, alert, account, now),
    }
}
