//! The home as somebody sees it. What they may not see is not in it, so that whoever looks for it finds nothing.

use std::sync::Arc;

use hub_access::approval::ApprovalId;
use hub_access::part::PARTS;
use hub_access::{Action, Part, Request, Target, Verdict};
use hub_automation::compile::{compile_what_is_there, has_what_tests_name};
use hub_automation::replay::SimulatedHome;
use hub_automation::{World, document};
use hub_core::permissions::{Permissions, of_part};
use hub_core::why::Eyes;
use hub_core::{DeviceView, Snapshot};
use hub_model::device::DeviceRecord;
use hub_model::event::{Alert, Resource};
use hub_model::presence::Source;
use hub_model::revision::{RevisedKind, Revision};
use hub_model::scene::Scene;
use hub_model::{AccountId, AttributeName, DeviceId, Event, EventKind, Now, Value};

use crate::api::Shared;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::simulation::home_of;
use crate::wire::scene::NewScene;

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
        let target = Target::Device { device: view.facts(), attribute: None, endpoint: None, value: None };
        let request = Request { action: Action::Configure, target, via: self.via() };
        let permissions = &app.core.snapshot().permissions;
        let verdict = permissions.verdict(&self.eyes(app), &request, &app.clock.now(), false);
        if verdict.allowed { Ok(()) } else { Err(Problem::not_allowed(&verdict)) }
    }

    /// What tells of many devices at once (the runs of a rule, a replay) is for who sees all of them.
    pub(crate) fn must_see_everything(&self, app: &Shared) -> Result<(), Problem> {
        if self.sees_everything(app) { Ok(()) } else { Err(not_for_these_eyes()) }
    }

    /// Who they are to an answer that tells of more than they see; none = they see everything.
    pub(crate) fn narrow_eyes(&self, app: &Shared) -> Option<Eyes> {
        let (account, now) = (self.eyes(app), app.clock.now());
        let home = seen_by(&app.core.snapshot(), &account, &now);
        if home.permissions.sees_everything(&account) {
            return None;
        }
        let parts = PARTS.iter().map(|row| row.part);
        let parts = parts.filter(|part| home.permissions.sees_part(&account, *part, &now)).collect();
        let readable = Readable::by(&account, &home);
        Some(Eyes { account, home, parts, reads: Box::new(move |document| readable.rule(document)) })
    }

    /// Which documents they read.
    pub(crate) fn readable(&self, app: &Shared) -> Readable {
        Readable::by(&self.eyes(app), &self.home(app))
    }

    /// Refuses what something was if they do not see all that is named in it.
    pub(crate) fn must_read(&self, app: &Shared, revision: &Revision) -> Result<(), Problem> {
        if self.readable(app).revision(revision) { Ok(()) } else { Err(not_for_these_eyes()) }
    }
}

/// What is said to who does not see all that something tells of.
fn not_for_these_eyes() -> Problem {
    let text = "This tells of devices that you do not see.".to_owned();
    let reasons = vec![hub_access::Reason::new(hub_access::ReasonCode::NoRule, text.into())];
    Problem::not_allowed(&Verdict { reasons, ..Verdict::default() })
}

/// Which documents somebody reads: those of rules and scenes in which nothing is named that they do not see.
pub(crate) struct Readable(Option<SimulatedHome>);

impl Readable {
    /// For an account; `home` is the home as it sees it.
    pub(crate) fn by(account: &AccountId, home: &Snapshot) -> Self {
        let sees_everything = home.permissions.sees_everything(account);
        Self((!sees_everything).then(|| home_of(home).complete()))
    }

    /// Whether they read the document of a rule. In one that cannot be read nobody knows what is named.
    pub(crate) fn rule(&self, document: &str) -> bool {
        let Some(home) = &self.0 else { return true };
        document::parse_json(document).is_ok_and(|document| {
            let (_, findings) = compile_what_is_there(&document, home);
            findings.iter().all(|finding| finding.code != "unknown_name") && has_what_tests_name(&document, home)
        })
    }

    /// Whether they read a scene.
    pub(crate) fn scene(&self, scene: &Scene) -> bool {
        scene.states.iter().all(|state| self.sets(&state.device, &state.set))
    }

    /// Whether they see what is set on a device.
    fn sets(&self, device: &DeviceId, set: &[(AttributeName, Value)]) -> bool {
        let Some(home) = &self.0 else { return true };
        home.device(device).is_some_and(|record| {
            let names = || record.device.attributes().map(|(_, schema)| schema.name.as_str());
            set.iter().all(|(attribute, _)| names().any(|name| name == attribute.as_str()))
        })
    }

    /// Whether they read what something was after a change.
    pub(crate) fn revision(&self, revision: &Revision) -> bool {
        match revision.entry.kind {
            _ if self.0.is_none() => true,
            RevisedKind::Automation => self.rule(&revision.document),
            RevisedKind::Scene => {
                let scene = serde_json::from_str::<NewScene>(&revision.document).ok();
                scene.and_then(|scene| scene.draft().ok()).is_some_and(|scene| {
                    scene.states.iter().all(|state| self.sets(&DeviceId::new(&*state.device), &state.set))
                })
            }
        }
    }
}

/// The home as an account sees it.
pub(crate) fn seen_by(snapshot: &Arc<Snapshot>, account: &AccountId, now: &Now) -> Arc<Snapshot> {
    let permissions = &snapshot.permissions;
    if permissions.sees_everything(account) {
        return Arc::clone(snapshot);
    }
    let sees = |id: &DeviceId| snapshot.device(id).is_some_and(|view| permissions.sees(account, view, None, now));
    let devices = snapshot.devices.iter().filter_map(|view| {
        let seen = view.only(&|attribute| permissions.sees(account, view, attribute, now))?;
        if seen.record.device.members.iter().all(sees) {
            return Some(seen);
        }
        let mut record = DeviceRecord::clone(&seen.record);
        record.device.members.retain(sees);
        Some(Arc::new(DeviceView { record: Arc::new(record), ..DeviceView::clone(&seen) }))
    });
    let devices = devices.collect();
    let sees_people = permissions.sees_part(account, Part::Presence, now);
    let people = snapshot.people.iter().filter(|person| sees_people || person.id == *account).cloned();
    let people = people.map(|mut person| {
        // Devices that stand for somebody are not therefore for their eyes.
        person.devices.retain(|stand_in| sees(&stand_in.device));
        person.evidence.retain(|sign| !matches!(&sign.source, Source::Device(id) if !sees(id)));
        person
    });
    let people = people.collect();
    let mut home = Arc::clone(&snapshot.home);
    if !home.energy_meters.iter().all(sees) {
        Arc::make_mut(&mut home).energy_meters.retain(sees);
    }
    Arc::new(Snapshot { devices, people: Arc::new(people), home, ..(**snapshot).clone() })
}

/// Whether an account sees an alert: one about a device is for who sees the device; about one that is gone, for those
/// who see everything.
pub(crate) fn sees_alert(snapshot: &Snapshot, alert: &Alert, account: &AccountId, now: &Now) -> bool {
    let permissions = &snapshot.permissions;
    // Behind the colon is a device, or a rule.
    let device = alert.code.split_once(':').filter(|(kind, _)| !kind.starts_with("rule_")).map(|(_, id)| id);
    permissions.sees_part(account, Part::Alerts, now)
        && device.is_none_or(|id| match snapshot.device(&DeviceId::new(id)) {
            Some(view) => permissions.sees(account, view, None, now),
            None => permissions.sees_everything(account),
        })
}

/// Whether an account hears of an event. What a device was is said to who sees it now; one that is gone, to nobody
/// but those who see everything.
pub(crate) fn hears(snapshot: &Snapshot, event: &Event, account: &AccountId, now: &Now) -> bool {
    let permissions = &snapshot.permissions;
    let part = |part: Part| permissions.sees_part(account, part, now);
    if let EventKind::Changed { what, id } = &event.kind {
        return hears_of(permissions, (*what, id.as_deref()), account, &part);
    }
    if permissions.sees_everything(account) {
        return true;
    }
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
                && record.device.members.iter().all(|member| device(member, None))
        }
        EventKind::Command(command) => {
            let attributes = command.outcomes.iter().map(|outcome| outcome.setting.attribute.as_str());
            attributes.map(Some).all(|attribute| device(&command.device, attribute))
        }
        // What a run says may name any device, as the runs of `/runs` do.
        EventKind::AutomationRun { .. } => false,
        EventKind::DriverStatus { .. } => part(Part::Drivers),
        EventKind::Pairing(_) => part(Part::Network),
        EventKind::ModeChanged { .. } => part(Part::Mode),
        EventKind::PresenceChanged { person, .. } => person == account || part(Part::Presence),
        EventKind::Webhook { .. } => part(Part::Webhooks),
        // To whom it was told is asked elsewhere.
        EventKind::Notification(_) => part(Part::Messages),
        EventKind::Alert(alert) => sees_alert(snapshot, alert, account, now),
        // Answered above: whoever sees the whole home does not see all of it.
        EventKind::Changed { .. } => false,
    }
}

/// Whether an account hears that something changed: what it may read, and of what is a person's own only they.
fn hears_of(
    permissions: &Permissions,
    (what, id): (Resource, Option<&str>),
    account: &AccountId,
    part: &dyn Fn(Part) -> bool,
) -> bool {
    let is_own = id == Some(account.as_str());
    match what {
        Resource::Automation => part(Part::Rules),
        Resource::Area => part(Part::Areas),
        Resource::Scene => part(Part::Scenes),
        Resource::Home => part(Part::Home),
        Resource::User => is_own || part(Part::People),
        // What everybody may may be another now. Whose permissions they are is not said.
        Resource::Permissions => true,
        Resource::Approval => {
            let approval = id.and_then(|id| permissions.approvals().get(ApprovalId(id.parse().ok()?)));
            approval.is_some_and(|approval| approval.asked.person == *account) || part(Part::Approvals)
        }
        Resource::Messages => is_own && part(Part::Messages),
        Resource::Network => part(Part::Network),
    }
}
