//! Somebody asks to be allowed something; an adult answers.
//!
//! It is kept, but not waited for: what a power cut takes is asked for again.

use std::sync::Arc;

use hub_access::approval::{Answer, Approval, ApprovalError, ApprovalId, Asked, AskedTarget, Decider};
use hub_access::{Action, Part, Request, Target, Via};
use hub_model::household::Role;
use hub_model::{AccountId, AttributeName, Cause, DeviceId, Now, Value};

use crate::core::{Core, Output};
use crate::edits::not_found;
use crate::handle::EditError;
use crate::permissions::{of_part, who_wants};

/// What somebody wants an adult's word for.
#[derive(Clone, Debug, PartialEq)]
pub struct Plea {
    /// The device to control.
    pub device: DeviceId,
    /// Which attribute.
    pub attribute: AttributeName,
    /// To what; none = whatever the rule's limits allow.
    pub value: Option<Value>,
}

impl Core {
    /// Takes down what somebody asks for: it must be something that an adult's word would help with.
    pub(crate) fn plead(
        &mut self,
        now: &Now,
        cause: &Cause,
        plea: &Plea,
        out: &mut Output,
    ) -> Result<Approval, EditError> {
        let Some((who, via)) = who_wants(cause) else { return Err(nobody()) };
        let view = self.table.view(&plea.device).ok_or_else(|| not_found("device", &plea.device))?;
        if !self.permissions.sees(who, view, None, now) {
            return Err(not_found("device", &plea.device));
        }
        let attribute = Some(plea.attribute.as_str());
        let target = Target::Device { device: view.facts(), attribute, value: plea.value.as_ref() };
        let request = Request { action: Action::Control, target, via };
        let verdict = self.permissions.verdict_with_members(who, &request, self.members_of(view), now, false);
        if verdict.allowed {
            return Err(EditError::Conflict("you may do this without asking".to_owned()));
        }
        if !verdict.approvable {
            return Err(EditError::NotAllowed(Box::new(verdict)));
        }
        let asked = Asked::of(who, &request);
        let approvals = &mut Arc::make_mut(&mut self.permissions).approvals;
        approvals.expire(now.time());
        let (id, is_new) = approvals.ask(asked, now.time()).map_err(refused)?;
        let approval = approvals.get(id).cloned().ok_or_else(|| not_found("approval", &id.0))?;
        if is_new {
            self.keep_usage(out);
        }
        Ok(approval)
    }

    /// An adult or owner answers.
    pub(crate) fn answer_plea(
        &mut self,
        now: &Now,
        cause: &Cause,
        id: ApprovalId,
        answer: Answer,
        out: &mut Output,
    ) -> Result<Approval, EditError> {
        let Some((who, via)) = who_wants(cause) else { return Err(nobody()) };
        let verdict = self.permissions.verdict(who, &of_part(Action::Control, Part::Approvals, via), now, false);
        if !verdict.allowed {
            return Err(EditError::NotAllowed(Box::new(verdict)));
        }
        let known = self.permissions.approvals().get(id).ok_or_else(|| not_found("approval", &id.0))?;
        let decider = Decider {
            person: who,
            role: self.permissions.role(who).unwrap_or(Role::Guest),
            may_do_it: self.may_do(now, who, via, known),
        };
        let approvals = &mut Arc::make_mut(&mut self.permissions).approvals;
        let approval = approvals.answer(id, decider, answer, now.time()).cloned().map_err(refused)?;
        self.keep_usage(out);
        Ok(approval)
    }

    /// Whether somebody may do themself what was asked for.
    fn may_do(&self, now: &Now, who: &AccountId, via: Via, approval: &Approval) -> bool {
        let asked = &approval.asked;
        let may = |target: Target<'_>| {
            self.permissions.verdict(who, &Request { action: asked.action, target, via }, now, false).allowed
        };
        match &asked.target {
            AskedTarget::Part(part) => may(Target::Part(*part)),
            AskedTarget::Device { device, attribute } => self.table.view(device).is_some_and(|view| {
                let attribute = attribute.as_ref().map(AttributeName::as_str);
                may(Target::Device { device: view.facts(), attribute, value: asked.value.as_ref() })
            }),
        }
    }
}

fn nobody() -> EditError {
    EditError::Invalid("only a person asks and answers".to_owned())
}

fn refused(error: ApprovalError) -> EditError {
    EditError::Conflict(error.to_string())
}
