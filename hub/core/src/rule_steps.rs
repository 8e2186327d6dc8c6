//! What the steps of a rule command: compared with the rights of who writes it, and of who changes it.

use std::sync::Arc;

use hub_access::{Action, Part, Reason, ReasonCode, Request, Target, Verdict, Via, protection};
use hub_automation::compile::compile_what_is_there;
use hub_automation::rule::{AttributeKey, CommandStep, Instruction, InstructionKind};
use hub_automation::{Document, Finding, World, document};
use hub_model::event::Severity;
use hub_model::name::find_named;
use hub_model::record::AutomationRecord;
use hub_model::scene::{Scene, SceneState};
use hub_model::{AccountId, AttributeName, AutomationId, DeviceId, Now, Value};

use crate::core::Core;
use crate::handle::{Edit, EditError};
use crate::snapshot::{DeviceView, Snapshot};

/// The word of a finding about a step that is refused each time.
const NOT_ALLOWED: &str = "not_allowed";

/// What a step sets.
struct Setting<'r> {
    device: &'r DeviceId,
    attribute: &'r str,
    /// None = that is made when the rule runs.
    value: Option<&'r Value>,
}

/// What a step sets of devices, by itself or by a scene.
fn settings<'r>(instruction: &'r Instruction, scenes: &'r [Scene]) -> Vec<Setting<'r>> {
    let of_command = |step: &'r CommandStep| {
        step.request.set.iter().map(move |(attribute, value)| Setting {
            device: &step.request.device,
            attribute: attribute.as_str(),
            value: (!value.is_unknown()).then_some(value),
        })
    };
    match &instruction.kind {
        InstructionKind::Command(steps) => steps.iter().flat_map(of_command).collect(),
        InstructionKind::Toggle { keys, .. } => {
            let opposite =
                |key: &'r AttributeKey| Setting { device: &key.device, attribute: key.attribute.as_str(), value: None };
            keys.iter().map(opposite).collect()
        }
        InstructionKind::Scene { scene, .. } => {
            let found = find_named(scenes, scene, |scene| scene.id.as_str(), |scene| &scene.name);
            let of_state = |state: &'r SceneState| {
                state.set.iter().map(move |(attribute, value)| Setting {
                    device: &state.device,
                    attribute: attribute.as_str(),
                    value: Some(value),
                })
            };
            found.into_iter().flat_map(|scene| scene.states.iter().flat_map(of_state)).collect()
        }
        _ => Vec::new(),
    }
}

/// The part of the hub that a step controls.
fn part(kind: &InstructionKind) -> Option<Part> {
    match kind {
        InstructionKind::Scene { .. } => Some(Part::Scenes),
        InstructionKind::SetMode(_) => Some(Part::Mode),
        _ => None,
    }
}

/// The steps of a rule that will be refused each time, because of what its author may. `home` is all of it, `seen` what
/// the author sees of it: of what they do not see nothing is said.
pub fn refused_steps(
    home: &Snapshot,
    seen: &dyn World,
    author: &AccountId,
    document: &Document,
    now: &Now,
) -> Vec<Finding> {
    let (rule, _) = compile_what_is_there(document, seen);
    let scenes: Vec<Scene> = home.scenes.iter().map(|record| record.scene.clone()).collect();
    let refused = |instruction: &Instruction| {
        let of_part = part(&instruction.kind).and_then(|part| {
            let reason = home.permissions.refuses_rules_of(author, Target::Part(part), std::iter::empty(), now)?;
            Some((part.as_str().to_owned(), reason))
        });
        let of_setting = |setting: &Setting<'_>| {
            let name = &seen.device(setting.device)?.name;
            let view = home.device(setting.device)?;
            let (attribute, endpoint) = (Some(setting.attribute), None);
            let target = Target::Device { device: view.facts(), attribute, endpoint, value: setting.value };
            let members = view.record.device.members.iter().filter_map(|id| home.device(id)).map(|view| &**view);
            let reason = home.permissions.refuses_rules_of(author, target, members, now)?;
            Some((format!("{} of {name}", setting.attribute), reason))
        };
        let settings = settings(instruction, &scenes);
        let mut all = of_part.into_iter().chain(settings.iter().filter_map(of_setting));
        let (what, reason) = all.next()?;
        let more = all.count();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("this step is refused each time the rule runs ({what}{more}): {}", why(&reason));
        let path = instruction.path.to_string();
        Some(Finding { severity: Severity::Warning, ..Finding::new(NOT_ALLOWED, path, None, message.into()) })
    };
    rule.program.iter().filter_map(refused).collect()
}

/// Why, and what to do.
fn why(reason: &Reason) -> &str {
    match reason.code {
        ReasonCode::NeedsPin => "it takes a PIN, which a rule cannot give. Let somebody write it who needs none",
        ReasonCode::NeedsApproval => "an adult must allow it, and a rule cannot ask. Let an adult write it",
        _ => reason.text.trim_end_matches('.'),
    }
}

impl Core {
    /// Whether who wants to change, switch or remove a rule may do themself what it does with protected things: to switch
    /// off the rule that locks the door is to leave it open. What takes a PIN they may do with it; their own rules do no
    /// more than they may.
    pub(crate) fn may_change_rule(&self, now: &Now, who: &AccountId, via: Via, edit: &Edit) -> Result<(), EditError> {
        let Some(rule) = self.rule_before(edit).filter(|rule| rule.author != *who) else { return Ok(()) };
        let Ok(document) = document::parse_json(&rule.document) else { return Ok(()) };
        let (compiled, _) = compile_what_is_there(&document, &self.table);
        let settings = compiled.program.iter().flat_map(|instruction| settings(instruction, self.table.scenes()));
        self.may_do_what_is_protected(now, who, via, settings)
    }

    /// The same for a scene that is changed or removed: for what it does not set any more, or to something else.
    pub(crate) fn may_change_scene(
        &self,
        now: &Now,
        who: &AccountId,
        via: Via,
        (before, after): (&[SceneState], &[SceneState]),
    ) -> Result<(), EditError> {
        let stays = |state: &SceneState, setting: &(AttributeName, Value)| {
            let is_same = |other: &SceneState| (&other.device, other.endpoint) == (&state.device, state.endpoint);
            after.iter().any(|other| is_same(other) && other.set.contains(setting))
        };
        let gone = before.iter().flat_map(|state| {
            let gone = state.set.iter().filter(move |setting| !stays(state, setting));
            gone.map(move |(attribute, value)| Setting {
                device: &state.device,
                attribute: attribute.as_str(),
                value: Some(value),
            })
        });
        self.may_do_what_is_protected(now, who, via, gone)
    }

    /// The rule as it is, if it is one that is changed.
    fn rule_before(&self, edit: &Edit) -> Option<&AutomationRecord> {
        match edit {
            Edit::Automation { id: Some(id), .. }
            | Edit::RevertAutomation { id, .. }
            | Edit::EnableAutomation { id, .. }
            | Edit::RemoveAutomation(id) => self.automations.get(id),
            Edit::Automation { id: None, document, .. } => {
                let id: AutomationId = document::parse_json(document).ok()?.id()?.into();
                self.automations.get(&id)
            }
            _ => None,
        }
    }

    fn may_do_what_is_protected<'s>(
        &self,
        now: &Now,
        who: &AccountId,
        via: Via,
        mut settings: impl Iterator<Item = Setting<'s>>,
    ) -> Result<(), EditError> {
        let may = |view: &Arc<DeviceView>, setting: &Setting<'_>| {
            let of_device = |view: &DeviceView| {
                let protections = protection::of_types(view.types).union(protection::of_attribute(setting.attribute));
                let (attribute, endpoint) = (Some(setting.attribute), None);
                let target = Target::Device { device: view.facts(), attribute, endpoint, value: None };
                let request = Request { action: Action::Control, target, via };
                protections.is_empty() || self.permissions.verdict(who, &request, now, true).allowed
            };
            of_device(view) && self.members_of(view).filter(|member| member.has(setting.attribute)).all(of_device)
        };
        if settings.all(|setting| self.table.view(setting.device).is_none_or(|view| may(view, &setting))) {
            return Ok(());
        }
        let text = "This controls something protected that you may not control yourself; ask an adult or an owner.";
        let reasons = vec![Reason::new(ReasonCode::Protected, text.into())];
        Err(EditError::NotAllowed(Box::new(Verdict { reasons, ..Verdict::default() })))
    }
}
