//! Rules act with the rights of who wrote them.

use std::sync::Arc;

use hub_model::{AutomationId, DeviceId, Now};

use crate::core::{Core, Run};

/// What a rule wants to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted<'a> {
    /// Command a device, by itself or within a scene.
    Command(&'a DeviceId),
    /// Put the home into another mode.
    Mode(&'a str),
    /// Tell people something.
    Notify,
}

/// Who may do what. Asked with the author of a rule before anything that the rule wants is done.
pub trait Rights: Send + 'static {
    /// Whether this account may do this; if not, why, in words that go behind «it was not done: ».
    fn may(&self, author: &str, wanted: Wanted<'_>) -> Result<(), Arc<str>>;
}

/// Everybody may do everything: there is one kind of account.
#[derive(Clone, Copy, Debug, Default)]
pub struct Everything;

impl Rights for Everything {
    fn may(&self, _: &str, _: Wanted<'_>) -> Result<(), Arc<str>> {
        Ok(())
    }
}

impl Core {
    /// Whether the author of a rule may do what it wants.
    pub(crate) fn author_may(&self, automation: &AutomationId, wanted: Wanted<'_>) -> Result<(), Arc<str>> {
        // A rule that is gone by now wants nothing more.
        let Some(rule) = self.automations.get(automation) else { return Ok(()) };
        self.rights.may(rule.author.as_str(), wanted)
    }

    /// The same; what may not be is said of the run.
    pub(crate) fn author_may_or_say(&mut self, now: &Now, run: &Run, wanted: Wanted<'_>) -> bool {
        let answer = self.author_may(&run.automation, wanted);
        if let Err(why) = &answer {
            self.run_failed(now, run, format!("it was not done: {why}"));
        }
        answer.is_ok()
    }
}
