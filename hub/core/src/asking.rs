//! Commands, edits and rules ask for permission.

use std::sync::Arc;

use hub_access::allowance::Switch;
use hub_access::{Action, DeviceFacts, Part, Reason, ReasonCode, Request, Target, Verdict, Via};
use hub_model::command::Setting;
use hub_model::device::{DeviceRecord, EndpointSelector};
use hub_model::household::Home;
use hub_model::record::{Change, Record};
use hub_model::scene::SceneState;
use hub_model::{AccountId, AutomationId, Cause, DeviceId, EndpointNumber, Now, Value};

use crate::CommandError;
use crate::core::{Core, Output, Run};
use crate::edits::not_found;
use crate::handle::{Edit, EditError};
use crate::permissions::{of_part, who_wants};
use crate::prepared::Prepared;
use crate::snapshot::DeviceView;

/// What allowed a command, for who carries it out.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    who: Option<AccountId>,
    /// What counts when it is done: of the device or, where it is a group, of a member, with what goes on of it.
    verdicts: Vec<(Switch, Verdict)>,
}

impl Allowed {
    fn note(&mut self, who: &AccountId, view: &DeviceView, endpoint: Option<EndpointNumber>, verdict: Verdict) {
        if verdict.approval.is_some() || verdict.daily_minutes.is_some() {
            self.who = Some(who.clone());
            self.verdicts.push((switch_of(view, endpoint), verdict));
        }
    }
}

impl Core {
    /// The members of a group that are there.
    pub(crate) fn members_of<'c>(&'c self, view: &'c DeviceView) -> impl Iterator<Item = &'c DeviceView> {
        view.record.device.members.iter().filter_map(|id| self.table.view(id)).map(|view| &**view)
    }

    /// What a person does not see is not there for their commands. Rules are told apart from people by their rights
    /// alone.
    pub(crate) fn must_see(&self, now: &Now, cause: &Cause, view: &DeviceView) -> Result<(), CommandError> {
        match who_wants(cause) {
            Some((who, _)) if !self.permissions.sees(who, view, None, now) => {
                Err(CommandError::NoSuchDevice(view.record.device.id.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether who wants this command may have it. A rule asks with its author's rights.
    pub(crate) fn may_command(
        &self,
        now: &Now,
        cause: &Cause,
        view: &DeviceView,
        settings: &[Setting],
        pin: bool,
    ) -> Result<Allowed, CommandError> {
        let (who, via) = match cause {
            Cause::Rule { automation, .. } => match self.automations.get(automation) {
                Some(rule) => (&rule.author, Via::Rule),
                // One that is gone has no author whose rights it could act with.
                None => return Err(CommandError::NotAllowed(Box::new(gone()))),
            },
            _ => match who_wants(cause) {
                Some(who) => who,
                None => return Ok(Allowed::default()),
            },
        };
        let mut allowed = Allowed::default();
        for setting in settings {
            let target = Target::Device {
                device: view.facts(),
                attribute: Some(setting.attribute.as_str()),
                endpoint: Some(setting.endpoint),
                value: Some(&setting.value),
            };
            let request = Request { action: Action::Control, target, via };
            let verdict = self.permissions.verdict(who, &request, now, pin);
            let is_allowed = verdict.allowed;
            let own = std::iter::once((view, Some(setting.endpoint), verdict));
            let members = self.members_of(view).filter(|_| is_allowed);
            let of_members = self.permissions.verdicts_of_members(who, &request, members, now, pin);
            for (device, endpoint, verdict) in own.chain(of_members.map(|(member, verdict)| (member, None, verdict))) {
                if !verdict.allowed {
                    return Err(CommandError::NotAllowed(Box::new(verdict)));
                }
                allowed.note(who, device, endpoint, verdict);
            }
        }
        Ok(allowed)
    }

    /// A command that was allowed is carried out: what was allowed once is used up, and a day's allowance begins to be.
    pub(crate) fn use_allowed(&mut self, now: &Now, allowed: &Allowed, out: &mut Output) {
        let Some(who) = &allowed.who else { return };
        let used = allowed.verdicts.iter().filter_map(|(_, verdict)| verdict.approval);
        for approval in used {
            self.approval_changed(now, approval, Cause::System);
        }
        let permissions = Arc::make_mut(&mut self.permissions);
        let zone = permissions.zone().clone();
        for (switch, verdict) in &allowed.verdicts {
            if let Some(approval) = verdict.approval {
                permissions.approvals.use_up(approval);
            }
            if let (Some(minutes), Some(rule)) = (verdict.daily_minutes, &verdict.rule) {
                permissions.allowances.start(who, rule, minutes, switch, now, &zone);
            }
        }
        self.keep_usage(out);
    }

    /// Keeps what was used and asked for.
    pub(crate) fn keep_usage(&mut self, out: &mut Output) {
        self.keep_silently(vec![Change::Put(Record::Usage(self.permissions.usage()))], out);
    }

    /// Whether the author of a rule may do this to a part of the hub; what may not be is said of the run.
    pub(crate) fn author_may_or_say(&mut self, now: &Now, run: &Run, action: Action, part: Part) -> bool {
        let verdict = match self.author(&run.automation) {
            Some(author) => self.permissions.verdict(author, &of_part(action, part, Via::Rule), now, false),
            None => gone(),
        };
        if !verdict.allowed {
            self.run_failed(now, run, format!("it was not done: {}", first_reason(&verdict)));
        }
        verdict.allowed
    }

    fn author(&self, automation: &AutomationId) -> Option<&AccountId> {
        self.automations.get(automation).map(|rule| &rule.author)
    }

    /// Whether who wants this change may have it. What they do not see is not there.
    pub(crate) fn may_edit(&self, now: &Now, cause: &Cause, edit: &Edit) -> Result<(), EditError> {
        let Some((who, via)) = who_wants(cause) else { return Ok(()) };
        let ask = |request: Request<'_>| match self.permissions.verdict(who, &request, now, false) {
            verdict if verdict.allowed => Ok(()),
            verdict => Err(EditError::NotAllowed(Box::new(verdict))),
        };
        for (action, part) in self.parts_of(who, edit) {
            ask(of_part(action, part, via))?;
        }
        self.may_change_rule(now, who, via, edit)?;
        for (id, becomes) in self.devices_of(edit) {
            let view = self.table.view(id).ok_or_else(|| not_found("device", id))?;
            if !self.permissions.sees(who, view, None, now) {
                return Err(not_found("device", id));
            }
            let (before, becomes) = (view.facts(), becomes.unwrap_or_else(|| (*view.record).clone()));
            let types = hub_access::types_of(&becomes);
            let after = DeviceFacts { area: becomes.area.as_ref(), types, ..before };
            for device in [before, after] {
                let target = Target::Device { device, attribute: None, endpoint: None, value: None };
                ask(Request { action: Action::Configure, target, via })?;
            }
            // Another room or name, by which more of it may be controlled, is a way to more.
            for (_, schema, _) in view.attributes() {
                let control = |device| {
                    let attribute = Some(schema.name.as_str());
                    let target = Target::Device { device, attribute, endpoint: None, value: None };
                    Request { action: Action::Control, target, via }
                };
                if self.permissions.verdict(who, &control(after), now, false).allowed {
                    ask(control(before))?;
                }
            }
        }
        Ok(())
    }

    /// The devices that an edit is about, each with what it becomes if that is known.
    fn devices_of<'e>(&self, edit: &'e Edit) -> Vec<(&'e DeviceId, Option<DeviceRecord>)> {
        let record = |id: &DeviceId| self.table.view(id).map(|view| (*view.record).clone());
        match edit {
            Edit::Device { id, name, area } => {
                let becomes = record(id).map(|before| DeviceRecord {
                    name: name.clone().unwrap_or_else(|| Arc::clone(&before.name)),
                    area: area.clone().unwrap_or_else(|| before.area.clone()),
                    ..before
                });
                vec![(id, becomes)]
            }
            Edit::RemoveDevice { id, .. } => vec![(id, None)],
            Edit::ReplaceDevice { old, new } => {
                let becomes = record(new).zip(record(old)).map(|(new, old)| DeviceRecord {
                    name: old.name,
                    area: old.area,
                    ..new
                });
                vec![(old, None), (new, becomes)]
            }
            _ => Vec::new(),
        }
    }

    /// Whether who wants this change may have it, now that it is known what it comes to. A scene acts with the rights of
    /// whoever activates it, so who writes it must be able to do themself what they put in.
    pub(crate) fn may_keep(&self, now: &Now, cause: &Cause, prepared: &Prepared) -> Result<(), EditError> {
        let Some((who, via)) = who_wants(cause) else { return Ok(()) };
        let record = match prepared {
            Prepared::Scene(record, _) => record,
            Prepared::RemoveScene(last) => return self.may_change_scene(now, who, via, (&last.scene.states, &[])),
            _ => return Ok(()),
        };
        let before = self.table.household.scene(&record.scene.id).map(|before| &before.scene.states);
        if let Some(before) = before {
            self.may_change_scene(now, who, via, (before, &record.scene.states))?;
        }
        for state in &record.scene.states {
            let Some(view) = self.table.view(&state.device) else { continue };
            for (attribute, value) in &state.set {
                let is_same = |known: &SceneState| {
                    (&known.device, known.endpoint) == (&state.device, state.endpoint)
                        && known.set.iter().any(|known| (&known.0, &known.1) == (attribute, value))
                };
                if before.is_some_and(|states| states.iter().any(is_same)) {
                    continue;
                }
                if !self.permissions.sees(who, view, Some(attribute.as_str()), now) {
                    return Err(not_found("device", &state.device));
                }
                let target = Target::Device {
                    device: view.facts(),
                    attribute: Some(attribute.as_str()),
                    endpoint: state.endpoint,
                    value: Some(value),
                };
                let request = Request { action: Action::Control, target, via };
                let verdict = self.permissions.verdict_with_members(who, &request, self.members_of(view), now, false);
                if !verdict.allowed {
                    return Err(EditError::NotAllowed(Box::new(verdict)));
                }
            }
        }
        Ok(())
    }

    /// What of the hub an edit is about.
    fn parts_of(&self, who: &AccountId, edit: &Edit) -> Vec<(Action, Part)> {
        use Action::{Configure, Control};
        match edit {
            Edit::Home { home, sets_mode } => parts_of_home(&self.table.home, home, *sets_mode),
            Edit::Area(_) | Edit::RemoveArea(_) => vec![(Configure, Part::Areas)],
            // Asked of the device itself.
            Edit::Device { .. } => Vec::new(),
            Edit::RemoveDevice { .. } | Edit::ReplaceDevice { .. } => vec![(Configure, Part::Network)],
            Edit::Automation { .. } | Edit::RevertAutomation { .. } | Edit::RemoveAutomation(_) => {
                vec![(Configure, Part::Rules)]
            }
            Edit::EnableAutomation { .. } => vec![(Control, Part::Rules)],
            Edit::Scene { .. } | Edit::CaptureScene { .. } | Edit::RevertScene { .. } | Edit::RemoveScene(_) => {
                vec![(Configure, Part::Scenes)]
            }
            Edit::Presence { person, .. } if person == who => vec![(Control, Part::Account)],
            Edit::Presence { .. } => vec![(Control, Part::Presence)],
            Edit::PhoneFix { person, .. } if person == who => vec![(Control, Part::Account)],
            Edit::PhoneFix { .. } => vec![(Control, Part::Presence)],
            Edit::Person { .. } => vec![(Configure, Part::People)],
            Edit::ReadNotification { .. } => vec![(Control, Part::Messages)],
            Edit::Channel(_) | Edit::RemoveChannel { .. } | Edit::MessagePreferences(_) => {
                vec![(Configure, Part::Messages)]
            }
            Edit::Permissions(_) => vec![(Configure, Part::Permissions)],
        }
    }

    /// Whether somebody may use a scene. What it sets is asked for each device.
    pub(crate) fn may_use_scenes(&self, now: &Now, cause: &Cause) -> Result<(), Box<Verdict>> {
        let Some((who, via)) = who_wants(cause) else { return Ok(()) };
        match self.permissions.verdict(who, &of_part(Action::Control, Part::Scenes, via), now, false) {
            verdict if verdict.allowed => Ok(()),
            verdict => Err(Box::new(verdict)),
        }
    }

    /// What counts against a day's allowance was switched off, by whomever.
    pub(crate) fn note_switched_off(
        &mut self,
        now: &Now,
        (device, endpoint, attribute): (&DeviceId, EndpointNumber, &str),
        to: &Value,
    ) {
        let is_off = attribute == "on" && *to == Value::Bool(false);
        if is_off && self.permissions.allowances.next_due(now, self.permissions.zone()).is_some() {
            let others_are_on = self.table.view(device).is_some_and(|view| switches_on(view).next().is_some());
            let permissions = Arc::make_mut(&mut self.permissions);
            let zone = permissions.zone().clone();
            permissions.allowances.stop(&Switch { device: device.clone(), endpoint: Some(endpoint) }, now, &zone);
            if !others_are_on {
                permissions.allowances.stop(&Switch { device: device.clone(), endpoint: None }, now, &zone);
            }
        }
    }

    /// What was on for as long as it may be today is switched off.
    pub(crate) fn end_allowances(&mut self, now: &Now, out: &mut Output) {
        if self.allowances_end(now).is_none_or(|at| at > now.mono) {
            return;
        }
        let permissions = Arc::make_mut(&mut self.permissions);
        let zone = permissions.zone().clone();
        let due = permissions.allowances.take_due(now, &zone);
        self.permissions_may_turn(now);
        let switches = due.iter().flat_map(|over| &over.switches);
        let meant: Vec<_> = switches.flat_map(|switch| self.what_is_on(switch)).collect();
        for (device, endpoint) in meant {
            let request = hub_model::CommandRequest {
                device: device.clone(),
                endpoint: endpoint.map(EndpointSelector::Number),
                set: vec![("on".into(), Value::Bool(false))],
                transition_ms: None,
                ttl_ms: None,
            };
            tracing::info!(%device, "A day's allowance is used up; the device is switched off.");
            if let Err(error) = self.dispatch(now, Cause::System, request, false, out) {
                tracing::warn!(%device, %error, "What was on for too long could not be switched off.");
            }
        }
        self.keep_usage(out);
    }

    /// The switches that are meant: of a device of which it is not known which one, those that are on.
    fn what_is_on(&self, Switch { device, endpoint }: &Switch) -> Vec<(DeviceId, Option<EndpointNumber>)> {
        let on: Vec<EndpointNumber> = match endpoint {
            Some(endpoint) => vec![*endpoint],
            None => self.table.view(device).map(|view| switches_on(view).collect()).unwrap_or_default(),
        };
        match on[..] {
            [] => vec![(device.clone(), None)],
            _ => on.into_iter().map(|endpoint| (device.clone(), Some(endpoint))).collect(),
        }
    }

    /// When the next day's allowance is used up.
    pub(crate) fn allowances_end(&self, now: &Now) -> Option<hub_model::Monotonic> {
        let left = self.permissions.allowances.next_due(now, self.permissions.zone())?;
        Some(now.mono.plus(left))
    }
}

/// What of the hub a change of the home's settings is about: for who must ask before it tells of what is in the way.
pub fn parts_of_home(before: &Home, after: &Home, sets_mode: bool) -> Vec<(Action, Part)> {
    let other = Home { mode: Arc::clone(&before.mode), modes: before.modes.clone(), ..after.clone() };
    let asked = [
        (other != *before, (Action::Configure, Part::Home)),
        (after.modes != before.modes, (Action::Configure, Part::Mode)),
        (sets_mode, (Action::Control, Part::Mode)),
    ];
    asked.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, part)| part).collect()
}

/// The switches of a device, each with whether it is on.
fn switches(view: &DeviceView) -> impl Iterator<Item = (EndpointNumber, bool)> {
    let switches = view.attributes().filter(|(_, schema, _)| schema.name.as_str() == "on");
    switches.map(|(endpoint, _, state)| (endpoint, state.value == Value::Bool(true)))
}

fn switches_on(view: &DeviceView) -> impl Iterator<Item = EndpointNumber> {
    switches(view).filter(|(_, is_on)| *is_on).map(|(endpoint, _)| endpoint)
}

/// What goes on if something is set there: the switch of the same endpoint, or else the only one.
fn switch_of(view: &DeviceView, endpoint: Option<EndpointNumber>) -> Switch {
    let of_endpoint = switches(view).map(|(number, _)| number).find(|number| endpoint == Some(*number));
    let mut all = switches(view).map(|(number, _)| number);
    let only = all.next().filter(|_| all.next().is_none());
    Switch { device: view.record.device.id.clone(), endpoint: of_endpoint.or(only) }
}

/// What is said to a rule that is no more.
fn gone() -> Verdict {
    let text = "The rule that wanted this is gone.".to_owned();
    Verdict { reasons: vec![Reason::new(ReasonCode::NoRule, text.into())], ..Verdict::default() }
}

/// The nearest reason why not, in words.
pub(crate) fn first_reason(verdict: &Verdict) -> &str {
    verdict.reasons.first().map_or("it is not allowed", |reason| reason.text.as_str())
}
