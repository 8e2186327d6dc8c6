//! Reasons in words: what would make it possible.

use std::sync::Arc;

use crate::part::protected_for;
use crate::policy::CompiledPolicy;
use crate::protection::Protections;
use crate::request::{Household, Request, Target};
use crate::roles;
use crate::rule::{CompiledRule, HomeCondition};
use crate::verdict::{Obstacles, Reason, ReasonCode, Verdict};
use crate::window::{Window, clock_time, day_and_time, listed};
use hub_model::Said;

/// The most reasons that are told.
const REASONS_MAX: usize = 6;

/// A rule that is about what was asked, and what keeps it from allowing it.
pub(crate) struct Refusal<'a> {
    pub(crate) rule: &'a CompiledRule,
    pub(crate) obstacles: Obstacles,
}

impl Refusal<'_> {
    /// How far it is from allowing it. What the person or an adult can do at once is nearer than what only time or an
    /// owner can.
    pub(crate) fn distance(&self) -> u32 {
        let weight = |code: ReasonCode| match code {
            ReasonCode::NeedsPin => 1,
            ReasonCode::NeedsApproval => 2,
            ReasonCode::ValueOutOfLimits => 8,
            ReasonCode::NobodyHome | ReasonCode::UsedUp => 16,
            ReasonCode::OutsideWindow | ReasonCode::ClockNotTrusted => 32,
            ReasonCode::Expired | ReasonCode::Protected | ReasonCode::NoRule => 128,
        };
        self.obstacles.iter().map(weight).sum()
    }
}

/// The account is over, or may be.
pub(crate) fn account(policy: &CompiledPolicy, code: ReasonCode, household: &Household<'_>) -> Verdict {
    let name = &policy.subject.name;
    let text = match policy.subject.expires_at {
        Some(end) if code == ReasonCode::Expired => {
            format!("The account of {name} ended at {}; an owner can extend it.", day_and_time(end, household.zone))
        }
        _ => format!("The account of {name} ends at a time, and {CLOCK}"),
    };
    let said = Said::from(text).with("name", name);
    let said = said.with_some("until", policy.subject.expires_at.filter(|_| code == ReasonCode::Expired));
    Verdict { reasons: vec![Reason::new(code, said)], ..Verdict::default() }
}

const CLOCK: &str =
    "the hub does not know for certain what time it is: it waits for a time server, or for an owner who says it.";

/// Why not, the nearest rule first.
pub(crate) fn reasons(
    policy: &CompiledPolicy,
    request: &Request<'_>,
    refusals: &[Refusal<'_>],
    protections: Protections,
    household: &Household<'_>,
) -> Vec<Reason> {
    let name = &policy.subject.name;
    let mut reasons: Vec<Reason> = Vec::new();
    for refusal in refusals {
        for code in refusal.obstacles.iter() {
            let said = obstacle(name, request, refusal.rule, code, household).with("name", name);
            let reason = Reason::new(code, said);
            if !reasons.contains(&reason) && reasons.len() < REASONS_MAX {
                reasons.push(reason);
            }
        }
    }
    if reasons.is_empty() {
        let is_protected = match request.target {
            Target::Device { .. } => !protections.is_empty(),
            Target::Part(part) => protected_for(request.action).contains(part),
        };
        reasons.push(if is_protected { protected(name, request, protections) } else { no_rule(name, request) });
    }
    reasons
}

fn no_rule(name: &str, request: &Request<'_>) -> Reason {
    let what = match request.target {
        Target::Device { attribute: Some(attribute), .. } => format!("{attribute} of this device"),
        Target::Device { attribute: None, .. } => "this device".to_owned(),
        Target::Part(part) => part.as_str().to_owned(),
    };
    let action = request.action.as_str();
    let text = format!("No rule allows {name} to {action} {what}; an owner can add one.");
    Reason::new(ReasonCode::NoRule, Said::from(text).with("name", name).with("action", action))
}

fn protected(name: &str, request: &Request<'_>, protections: Protections) -> Reason {
    let what = match request.target {
        Target::Part(part) => part.as_str().to_owned(),
        Target::Device { .. } => listed(protections.iter().map(|protection| protection.as_str()), "and"),
    };
    let action = request.action.as_str();
    let text = format!(
        "This is protected ({what}): {name} may {action} it only by a rule that names it, and an owner can add one."
    );
    Reason::new(ReasonCode::Protected, Said::from(text).with("name", name).with("action", action))
}

fn obstacle(
    name: &str,
    request: &Request<'_>,
    rule: &CompiledRule,
    code: ReasonCode,
    household: &Household<'_>,
) -> Said {
    let zone = household.zone;
    match code {
        ReasonCode::OutsideWindow => {
            let times = rule.window.as_ref().map_or_else(String::new, Window::in_words);
            let now = clock_time(household.now.time(), zone);
            let said = Said::from(format!("{name} may do this {times}; it is {now} now.")).with("now", now);
            rule.window.iter().flat_map(Window::params).fold(said, |said, (name, value)| said.with(name, value))
        }
        ReasonCode::ClockNotTrusted => format!("Whether {name} may do this depends on the time, and {CLOCK}").into(),
        ReasonCode::Expired => {
            let end = rule.ends_at.map_or_else(String::new, |end| day_and_time(end, zone));
            let text = format!("{name} was allowed to do this until {end}; an owner can extend that.");
            Said::from(text).with_some("until", rule.ends_at)
        }
        ReasonCode::ValueOutOfLimits => out_of_limits(name, request, rule),
        ReasonCode::NobodyHome => {
            let who = rule.home.as_ref().map_or_else(String::new, HomeCondition::in_words);
            let text = format!(
                "{name} may do this while {who} is at home, and the hub knows of nobody of them that they are."
            );
            Said::from(text).with_some("who", rule.home.as_ref().map(|home| home.words.join(", ")))
        }
        ReasonCode::UsedUp => {
            let minutes = rule.daily_minutes.unwrap_or(0);
            let text =
                format!("{name} has used up the {minutes} minutes of this day; the next day begins at midnight.");
            Said::from(text).with("minutes", minutes)
        }
        ReasonCode::NeedsApproval => format!("{name} may do this once an adult allows it: ask for it.").into(),
        ReasonCode::NeedsPin => format!("{name} may do this with their PIN: give it too.").into(),
        ReasonCode::Protected | ReasonCode::NoRule => Said::default(),
    }
}

fn out_of_limits(name: &str, request: &Request<'_>, rule: &CompiledRule) -> Said {
    let Target::Device { attribute: Some(attribute), value: Some(value), .. } = request.target else {
        return format!("{name} may do this within limits.").into();
    };
    let (min, max) = rule.limits.get(attribute).map_or((None, None), |limit| (limit.min, limit.max));
    let limits = match (min, max) {
        (Some(min), Some(max)) => format!("to {min} to {max}"),
        (Some(min), None) => format!("to {min} or more"),
        (None, Some(max)) => format!("to {max} or less"),
        _ => "to a number".to_owned(),
    };
    let value: String = value.to_string().chars().take(64).collect();
    let said = Said::from(format!("{name} may set {attribute} {limits}, and not to {value}."));
    said.with("attribute", attribute).with("value", value).with_some("min", min).with_some("max", max)
}

impl HomeCondition {
    /// In words: `an adult or a guest`.
    pub(crate) fn in_words(&self) -> String {
        let one = |word: &Arc<str>| roles::named(word).map_or(Arc::clone(word), |role| roles::article(role).into());
        let words: Vec<Arc<str>> = self.words.iter().map(one).collect();
        listed(words.iter().map(|word| &**word), "or")
    }
}
