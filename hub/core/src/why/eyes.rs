//! What of an answer somebody sees who does not see everything. Of the rest they are told that it is there, and neither
//! what nor when.

use std::sync::Arc;

use hub_access::Part;
use hub_access::part::Parts;
use hub_automation::describe;
use hub_automation::engine::{ConditionState, Explanation};
use hub_automation::rule::AttributeKey;
use hub_automation::trace::{Trace, TraceCondition, TraceTrigger, Wanted};
use hub_model::{AccountId, AttributeName, AutomationId, Cause, Command, DeviceId, Value};

use super::chain::{ActionTaken, Link, Origin, RunLink, StateLink, Why};
use crate::snapshot::{AutomationView, DeviceView, Snapshot};

/// Somebody who does not see everything.
pub struct Eyes {
    /// Who.
    pub account: AccountId,
    /// The home as they see it.
    pub home: Arc<Snapshot>,
    /// The parts of the hub that they see.
    pub parts: Parts,
    /// Whether they read the document of a rule: nothing is named in it that they do not see.
    pub reads: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// What something is of which nothing else is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A rule.
    Rule,
    /// A person.
    Person,
    /// It set a rule off.
    Something,
}

impl Hidden {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Person => "person",
            Self::Something => "something",
        }
    }

    /// For people.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Rule => "a rule that you may not see",
            Self::Person => "somebody whom you may not see",
            Self::Something => "something that you may not see",
        }
    }
}

/// The kinds of triggers that tell nothing of a device or a person.
const OF_NOBODY: [&str; 7] = ["time", "sun", "every", "cron", "start", "webhook", "run"];
/// What is said of something that came to nothing, if no value is in it.
const WITHOUT_VALUES: [&str; 3] = ["busy", "fuse", "missed"];

impl Eyes {
    /// Leaves of an answer what they see: the chain ends where it leads to something that they do not.
    pub(super) fn mask(&self, why: &mut Why) {
        let mut seen = Vec::new();
        let mut hidden = None;
        // Whose state the links are about that follow it.
        let mut device = why.key.device.clone();
        for link in std::mem::take(&mut why.chain) {
            match self.link(link, &device) {
                Ok(link) => {
                    if let Some(Link::State(state)) = &link {
                        device.clone_from(&state.key.device);
                    }
                    let ends = matches!(&link, Some(Link::Run(run)) if run.is_masked && run.trigger.is_none());
                    seen.extend(link);
                    hidden = ends.then_some(Hidden::Something);
                }
                Err(what) => hidden = Some(what),
            }
            if hidden.is_some() {
                break;
            }
        }
        if let Some(hidden) = hidden {
            seen.push(Link::Hidden(hidden));
            why.is_complete = false;
        }
        why.chain = seen;
        why.attempt = why.attempt.take().filter(|command| self.sees_command(command));
    }

    /// A link as they see it, none if it is left out; or what it is that they do not see.
    fn link(&self, link: Link, device: &DeviceId) -> Result<Option<Link>, Hidden> {
        Ok(Some(match link {
            Link::State(state) if !self.sees_attribute(&state.key) => return Err(Hidden::Something),
            Link::State(state) => Link::State(StateLink { cause: None, ..state }),
            Link::Command(command) if !self.sees_command(&command) => return Ok(None),
            Link::Run(run) => Link::Run(Box::new(self.run(*run, device)?)),
            Link::Origin(Origin::Person { account, .. }) if !self.sees_person(account.as_str()) => {
                return Err(Hidden::Person);
            }
            Link::Origin(Origin::Device { device, .. }) if self.device(&device).is_none() => {
                return Err(Hidden::Something);
            }
            Link::Origin(Origin::Trigger(trigger)) => {
                let trigger = self.trigger(&trigger, false).ok_or(Hidden::Something)?;
                Link::Origin(Origin::Trigger(trigger))
            }
            link => link,
        }))
    }

    /// A run that set something of a device.
    fn run(&self, run: RunLink, device: &DeviceId) -> Result<RunLink, Hidden> {
        let rule = self.rule(&run.automation).ok_or(Hidden::Rule)?;
        let reads = self.reads_as_it_was(rule, run.revision);
        let trigger = run.trigger.as_ref().and_then(|trigger| self.trigger(trigger, reads));
        let is_unseen = run.trigger.is_some() && trigger.is_none();
        let looked_at = run.conditions.len();
        let mut conditions = self.conditions(run.conditions);
        if !reads {
            // Where they stand tells what the rule is like.
            conditions.iter_mut().for_each(|condition| condition.path = "conditions".into());
        }
        Ok(RunLink {
            is_masked: is_unseen || conditions.len() < looked_at,
            // Both tell when it was set off.
            run: run.run.filter(|_| !is_unseen),
            started_at: run.started_at.filter(|_| !is_unseen),
            action: run.action.filter(|_| reads).map(|action| self.action(action, device)),
            conditions,
            trigger,
            ..run
        })
    }

    fn action(&self, mut action: ActionTaken, device: &DeviceId) -> ActionTaken {
        let has =
            |view: &Arc<DeviceView>, name: &AttributeName| view.attributes().any(|(_, schema, _)| schema.name == *name);
        action.set.retain(|name, _| self.device(device).is_some_and(|view| has(view, name)));
        ActionTaken { scene: action.scene.filter(|_| self.parts.contains(Part::Scenes)), ..action }
    }

    fn conditions(&self, conditions: Vec<TraceCondition>) -> Vec<TraceCondition> {
        let is_seen = |condition: &TraceCondition| match (&condition.device, condition.endpoint, &condition.attribute) {
            (Some(device), Some(endpoint), Some(attribute)) => {
                self.sees_attribute(&describe::key(device, endpoint, attribute))
            }
            // What an expression came to may have come of anything.
            _ => false,
        };
        conditions.into_iter().filter(is_seen).collect()
    }

    /// What set a rule off. `reads`: they read the rule, as it was then.
    fn trigger(&self, trigger: &TraceTrigger, reads: bool) -> Option<TraceTrigger> {
        let is_seen = match (&trigger.device, trigger.endpoint, &trigger.attribute) {
            (Some(device), Some(endpoint), Some(attribute)) => {
                self.sees_attribute(&describe::key(device, endpoint, attribute))
            }
            (Some(device), ..) => self.device(device).is_some(),
            _ => match (&*trigger.kind, &trigger.person) {
                ("presence", Some(person)) => self.sees_presence(person),
                ("presence", None) => self.parts.contains(Part::Presence),
                ("mode", _) => self.parts.contains(Part::Mode),
                (kind, _) => OF_NOBODY.contains(&kind),
            },
        };
        let is_seen = is_seen && trigger.automation.as_ref().is_none_or(|rule| self.rule(rule).is_some());
        let has_values = !OF_NOBODY.contains(&&*trigger.kind);
        let value = |value: &Value| if has_values { value.clone() } else { Value::Unknown };
        is_seen.then(|| TraceTrigger {
            path: trigger.path.clone().filter(|_| reads),
            id: trigger.id.clone().filter(|_| reads),
            run: None,
            from: value(&trigger.from),
            to: value(&trigger.to),
            value: value(&trigger.value),
            ..trigger.clone()
        })
    }

    /// A trace of a rule that they read; none if what it tells is not for them. `explanation`: the rule as they see it.
    pub(super) fn trace(&self, trace: Trace, explanation: &Explanation) -> Option<Trace> {
        // What the rule was before may name something else.
        if trace.revision != explanation.revision {
            return None;
        }
        // What is selected by what it is may be something that they do not see: its name was written into the trace.
        let wanted = trace.wanted.and_then(|wanted| Some(Wanted { text: wants(explanation, &wanted.path)?, ..wanted }));
        let trigger = match &trace.trigger {
            Some(trigger) => Some(self.trigger(trigger, true)?),
            None => None,
        };
        let detail = trace.detail.filter(|_| WITHOUT_VALUES.contains(&&*trace.result));
        let conditions = self.conditions(trace.conditions);
        Some(Trace { trigger, detail, wanted, conditions, actions: Vec::new(), ..trace })
    }

    fn device(&self, id: &DeviceId) -> Option<&Arc<DeviceView>> {
        // Of one whose place another took they see what they see of that.
        let followed = |view: &&Arc<DeviceView>| view.record.predecessors.contains(id);
        self.home.device(id).or_else(|| self.home.devices.iter().find(followed))
    }

    fn sees_attribute(&self, key: &AttributeKey) -> bool {
        let device = self.device(&key.device);
        device.is_some_and(|view| view.record.device.attribute(key.endpoint, key.attribute.as_str()).is_some())
    }

    fn sees_command(&self, command: &Command) -> bool {
        command
            .outcomes
            .iter()
            .map(|outcome| &outcome.setting)
            .all(|setting| self.sees_attribute(&describe::key(&command.device, setting.endpoint, &setting.attribute)))
    }

    fn sees_presence(&self, person: &str) -> bool {
        self.home.people.iter().any(|known| known.id.as_str() == person)
    }

    fn sees_person(&self, person: &str) -> bool {
        self.account.as_str() == person || self.parts.contains(Part::People) || self.sees_presence(person)
    }

    /// A rule whose name they see. One that is gone has none.
    fn rule(&self, automation: &AutomationId) -> Option<&AutomationView> {
        let rule = self.home.automations.get(automation.as_str()).map(|view| &**view);
        rule.filter(|_| self.parts.contains(Part::Rules))
    }

    fn reads_as_it_was(&self, rule: &AutomationView, revision: Option<u64>) -> bool {
        revision == Some(rule.record.revision) && (self.reads)(&rule.record.document)
    }

    /// Whether they may be told who or what caused something.
    pub(super) fn sees_cause(&self, cause: &Cause) -> bool {
        match cause {
            Cause::Person { account, .. } => self.sees_person(account.as_str()),
            Cause::Rule { automation, .. } => self.rule(automation).is_some(),
            _ => true,
        }
    }
}

/// What the trigger or condition of this place wants.
fn wants(explanation: &Explanation, path: &str) -> Option<Arc<str>> {
    fn of<'e>(conditions: &'e [ConditionState], path: &str) -> Option<&'e String> {
        conditions
            .iter()
            .find_map(|state| if *state.path == *path { Some(&state.wants) } else { of(&state.parts, path) })
    }
    let trigger = explanation.triggers.iter().find(|trigger| *trigger.path == *path).map(|trigger| &trigger.wants);
    trigger.or_else(|| of(&explanation.conditions, path)).map(|wants| wants.as_str().into())
}

impl std::fmt::Debug for Eyes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Eyes")
            .field("account", &self.account)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}
