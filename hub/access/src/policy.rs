//! Everything that one person may, made ready: compiled when a rule, a role or an account changes, so that asking costs
//! little.

use std::sync::Arc;

use hub_model::household::{Role, Validity};
use hub_model::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::document::{PolicyRule, ReadyMadeChoice};
use crate::ready_made;
use crate::request::Household;
use crate::rule::CompiledRule;

/// The most rules of a home that are listened to.
pub const RULES_MAX: usize = 500;

/// What owners decided: rules, and for whom the ready-made ones are in force beside them.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The rules. The first [`RULES_MAX`] are listened to.
    pub rules: Vec<PolicyRule>,
    /// For whom the ready-made rules are in force; of two choices for the same the last counts.
    pub ready_made: Vec<ReadyMadeChoice>,
}

/// A person, as permissions see them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Their account.
    pub id: AccountId,
    /// What people call them, for reasons in words.
    pub name: Arc<str>,
    /// What they are.
    pub role: Role,
    /// When the account ends. An owner's never does.
    pub expires_at: Option<Timestamp>,
}

/// Everything that one person may.
#[derive(Clone, Debug)]
pub struct CompiledPolicy {
    pub(crate) subject: Subject,
    /// Those that ask the least first, so that the freest one allows.
    pub(crate) rules: Vec<CompiledRule>,
    sees_everything: bool,
}

impl CompiledPolicy {
    /// What this person may. A rule that cannot be read allows nothing; [`PolicyRule::check`] says what is wrong with
    /// it.
    pub fn new(mut subject: Subject, policy: &Policy) -> Self {
        let is_owner = subject.role == Role::Owner;
        if is_owner {
            subject.expires_at = None;
        }
        let ready_made = if ready_made::in_force(&subject, &policy.ready_made) { ready_made::rules() } else { &[] };
        let own = policy.rules.iter().take(RULES_MAX);
        let of_subject = ready_made.iter().chain(own).filter(|rule| rule.is_about(&subject.id, subject.role));
        let mut rules: Vec<CompiledRule> = of_subject.filter_map(CompiledRule::new).collect();
        rules.push(CompiledRule::for_everybody());
        if is_owner {
            rules.push(CompiledRule::for_owners());
        }
        rules.sort_by_key(CompiledRule::price);
        let sees_everything = ready_made::is_fixed(subject.role) && subject.expires_at.is_none();
        Self { subject, rules, sees_everything }
    }

    /// Whose it is.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The rules that are in force just now, of those that come and go by themselves: with the time, with who is at
    /// home, with what was used up.
    pub fn in_force<'a>(&'a self, household: &'a Household<'_>) -> impl Iterator<Item = &'a Arc<str>> {
        let is_valid = Validity::of(self.subject.expires_at, household.now) == Validity::Valid;
        let person = self.subject.id.as_str();
        let rules = self.rules.iter().filter(move |rule| is_valid && rule.comes_and_goes());
        rules.filter(move |rule| rule.is_in_force(person, household)).map(|rule| &rule.id)
    }

    /// The next instant at which time alone may change [`Self::in_force`].
    pub fn turns_at(&self, household: &Household<'_>) -> Option<Timestamp> {
        let end = self.subject.expires_at.filter(|ends_at| *ends_at > household.now.time());
        self.rules.iter().filter_map(|rule| rule.turns_at(household)).chain(end).min()
    }

    /// Whether this person sees every device and everything that events speak of, at all times. Where it is so, nothing
    /// need be asked for each device or event.
    pub fn sees_everything(&self) -> bool {
        self.sees_everything
    }
}
