//! The one question that every door asks.

use std::sync::Arc;

use hub_model::Timestamp;
use hub_model::household::Validity;

use crate::action::Action;
use crate::approval::{Approval, Reach};
use crate::explain::{self, Refusal};
use crate::part::Part;
use crate::policy::CompiledPolicy;
use crate::protection;
use crate::request::{DeviceFacts, Household, Request, Target, Via};
use crate::rule::{CompiledRule, DeviceQuestion};
use crate::set::Set;
use crate::verdict::{Obstacles, Reason, ReasonCode, Verdict};

/// Whether somebody may do something, by which rule, and if not, why not.
///
/// Nothing is allocated where the answer is yes and time has no part in it.
pub fn can(policy: &CompiledPolicy, request: &Request<'_>, household: &Household<'_>) -> Verdict {
    let asking = &Asking::new(policy, request, household);
    if let Some(code) = asking.account_obstacle() {
        return explain::account(policy, code, household);
    }
    let covering = move || policy.rules.iter().filter(move |rule| asking.is_about(rule));
    if let Some(rule) = covering().find(|rule| asking.obstacles(rule).is_empty()) {
        return Verdict { daily_minutes: asking.minutes_to_count(rule), ..asking.allowed_by(rule) };
    }
    let approval = asking.approval();
    let lifted = approval.map_or(Set::EMPTY, |(_, reach)| reach.lifts());
    let left = |rule: &CompiledRule| asking.obstacles(rule).without(lifted);
    if let Some((rule, approval)) = covering().find(|rule| left(rule).is_empty()).zip(approval.map(|(one, _)| one)) {
        let until = asking.allowed_by(rule).valid_until.map_or(approval.until, |until| until.min(approval.until));
        return Verdict { approval: Some(approval.id), valid_until: Some(until), ..asking.allowed_by(rule) };
    }
    refused(asking, covering().map(|rule| Refusal { rule, obstacles: left(rule) }).collect())
}

/// Why not, and what would help. `refusals` are of all rules that are about what was asked.
fn refused(asking: &Asking<'_>, mut refusals: Vec<Refusal<'_>>) -> Verdict {
    refusals.sort_by_key(Refusal::distance);
    let would_help = |refusal: &Refusal<'_>| {
        let obstacles = refusal.obstacles.without(Reach::Exact.lifts());
        obstacles != refusal.obstacles && obstacles.is_within(Set::EMPTY.with(ReasonCode::NeedsPin))
    };
    Verdict {
        allowed: false,
        reasons: explain::reasons(asking.policy, asking.request, &refusals, asking.protections(), asking.household),
        approvable: asking.may_ask() && refusals.iter().any(would_help),
        pin: refusals.first().is_some_and(|nearest| nearest.obstacles.contains(ReasonCode::NeedsPin)),
        valid_until: asking.changes_after(refusals.iter().map(|refusal| refusal.rule)),
        ..Verdict::default()
    }
}

/// Why somebody may not do something at any time, whoever is at home and however much of a day's allowance is left; none =
/// there are times at which they may. What an adult may allow counts as refused.
pub fn never(policy: &CompiledPolicy, request: &Request<'_>, household: &Household<'_>) -> Option<Reason> {
    let asking = &Asking::new(policy, request, household);
    let passing: Obstacles =
        [ReasonCode::OutsideWindow, ReasonCode::ClockNotTrusted, ReasonCode::NobodyHome, ReasonCode::UsedUp]
            .into_iter()
            .collect();
    let covering = policy.rules.iter().filter(|rule| asking.is_about(rule));
    let refusals = covering.map(|rule| Refusal { rule, obstacles: asking.obstacles(rule).without(passing) });
    let mut refusals: Vec<Refusal<'_>> = refusals.collect();
    if refusals.iter().any(|refusal| refusal.obstacles.is_empty()) {
        return None;
    }
    refusals.sort_by_key(Refusal::distance);
    explain::reasons(policy, request, &refusals, asking.protections(), household).into_iter().next()
}

/// Whether somebody sees anything of a device: for lists and events.
pub fn may_see(policy: &CompiledPolicy, device: &DeviceFacts<'_>, household: &Household<'_>) -> bool {
    sees(policy, Target::Device { device: *device, attribute: None, endpoint: None, value: None }, household)
}

/// Whether somebody sees an attribute of a device.
pub fn may_see_attribute(
    policy: &CompiledPolicy,
    device: &DeviceFacts<'_>,
    attribute: &str,
    household: &Household<'_>,
) -> bool {
    sees(policy, Target::Device { device: *device, attribute: Some(attribute), endpoint: None, value: None }, household)
}

/// Whether somebody sees a part of the hub.
pub fn may_see_part(policy: &CompiledPolicy, part: Part, household: &Household<'_>) -> bool {
    let always = policy.sees_everything() && crate::part::parts_where(|row| row.in_events).contains(part);
    always || sees(policy, Target::Part(part), household)
}

fn sees(policy: &CompiledPolicy, target: Target<'_>, household: &Household<'_>) -> bool {
    if policy.sees_everything() && matches!(target, Target::Device { .. }) {
        return true;
    }
    let request = Request { action: Action::See, target, via: Via::Lan };
    let asking = Asking::new(policy, &request, household);
    asking.account_obstacle().is_none()
        && policy.rules.iter().any(|rule| asking.is_about(rule) && asking.obstacles(rule).is_empty())
}

/// A request, with what is the same for every rule.
struct Asking<'a> {
    policy: &'a CompiledPolicy,
    request: &'a Request<'a>,
    household: &'a Household<'a>,
    /// None = the request is about a part.
    device: Option<DeviceQuestion<'a>>,
    needs_pin: bool,
}

impl<'a> Asking<'a> {
    fn new(policy: &'a CompiledPolicy, request: &'a Request<'a>, household: &'a Household<'a>) -> Self {
        let device = match request.target {
            Target::Device { device, attribute, value, .. } => Some(DeviceQuestion::new(device, attribute, value)),
            Target::Part(_) => None,
        };
        let needs_pin = request.via.is_from_afar()
            && request.action == Action::Control
            && device.is_some_and(|device| device.protections.meets(protection::with_pin_from_afar()));
        Self { policy, request, household, device, needs_pin }
    }

    fn now(&self) -> Timestamp {
        self.household.now.time()
    }

    /// Whether the account is over, or may be.
    fn account_obstacle(&self) -> Option<ReasonCode> {
        match Validity::of(self.policy.subject.expires_at, self.household.now) {
            Validity::Valid => None,
            Validity::Over => Some(ReasonCode::Expired),
            Validity::Unsure => Some(ReasonCode::ClockNotTrusted),
        }
    }

    fn is_about(&self, rule: &CompiledRule) -> bool {
        match (self.request.target, &self.device) {
            (Target::Part(part), _) => rule.covers_part(self.request.action, part),
            (_, device) => device.is_some_and(|device| rule.covers_device(self.request.action, &device)),
        }
    }

    fn obstacles(&self, rule: &CompiledRule) -> Obstacles {
        let person = self.policy.subject.id.as_str();
        rule.obstacles(self.request.action, self.device.as_ref(), self.needs_pin, person, self.household)
    }

    fn protections(&self) -> protection::Protections {
        self.device.map_or(Set::EMPTY, |device| device.protections)
    }

    /// Whether an adult may be asked: by people who are there, for what is more than looking.
    fn may_ask(&self) -> bool {
        self.request.via != Via::Rule && self.request.action != Action::See
    }

    fn allowed_by(&self, rule: &CompiledRule) -> Verdict {
        Verdict {
            allowed: true,
            rule: Some(Arc::clone(&rule.id)),
            valid_until: self.changes_after(std::iter::once(rule)),
            ..Verdict::default()
        }
    }

    /// What an adult has allowed of this.
    fn approval(&self) -> Option<(&'a Approval, Reach)> {
        let person = &self.policy.subject.id;
        self.household.approvals.for_request(person, self.request, self.now()).filter(|_| self.may_ask())
    }

    /// The minutes of an allowance that this begins to use up.
    fn minutes_to_count(&self, rule: &CompiledRule) -> Option<u32> {
        let uses_up = self.device.is_some_and(|device| !device.switches_off());
        rule.daily_minutes.filter(|_| self.request.action == Action::Control && uses_up)
    }

    /// The next moment at which time alone may change what these rules say.
    fn changes_after<'r>(&self, rules: impl Iterator<Item = &'r CompiledRule>) -> Option<Timestamp> {
        let person = self.policy.subject.id.as_str();
        let of_rules = rules.filter_map(|rule| rule.changes_after(person, self.household)).min();
        [of_rules, self.policy.subject.expires_at].into_iter().flatten().min()
    }
}
