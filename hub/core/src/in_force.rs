//! Permissions that begin and end by themselves: at an hour, with somebody who comes or goes, with a day's allowance.
//!
//! Nobody changes them, so nobody says that they are others than before. The core knows the next moment at which that may
//! be so, looks then, and says it as if somebody had changed them.

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::event::Resource;
use hub_model::{AccountId, Cause, Monotonic, Now};

use crate::core::Core;
use crate::permissions::Permissions;

/// What is in force of what comes and goes, as it was last said.
#[derive(Debug, Default)]
pub(crate) struct InForce {
    rules: BTreeSet<(AccountId, Arc<str>)>,
    /// When to look again; none = nothing ends by itself.
    look_at: Option<Monotonic>,
}

impl InForce {
    pub(crate) fn now(now: &Now, permissions: &Permissions) -> Self {
        let household = permissions.household(now, false);
        let policies = || permissions.policies();
        let of = |(account, rule): (&AccountId, &Arc<str>)| (account.clone(), Arc::clone(rule));
        let rules = policies()
            .flat_map(|(account, policy)| policy.in_force(&household).map(move |rule| (account, rule)).map(of))
            .collect();
        let next = policies().filter_map(|(_, policy)| policy.turns_at(&household)).min();
        Self { rules, look_at: next.map(|next| now.mono.plus(next.since(now.time()))) }
    }
}

impl Core {
    /// When it is to be looked whether time alone has changed what somebody may.
    pub(crate) fn permissions_turn_at(&self) -> Option<Monotonic> {
        self.in_force.look_at
    }

    /// Something is not as it was on which permissions depend: it is to be looked at once.
    pub(crate) fn permissions_may_turn(&mut self, now: &Now) {
        self.in_force.look_at = Some(now.mono);
    }

    /// Permissions or accounts are others than before, which is said elsewhere.
    pub(crate) fn note_what_is_in_force(&mut self, now: &Now) {
        self.in_force = InForce::now(now, &self.permissions);
    }

    /// Says it if something has begun or ended by itself.
    pub(crate) fn look_at_permissions(&mut self, now: &Now) {
        if self.in_force.look_at.is_none_or(|at| at > now.mono) {
            return;
        }
        let before = std::mem::replace(&mut self.in_force, InForce::now(now, &self.permissions));
        if before.rules != self.in_force.rules {
            self.changed(now, (Resource::Permissions, None), Cause::System);
        }
    }
}
