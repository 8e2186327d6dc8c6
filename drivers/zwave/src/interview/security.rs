//! With which keys a node is spoken with, and what is not said to it without.

use super::known::Known;
use super::queries::{Query, looks_for_key};
use crate::command_class::CommandClass as C;
use crate::security::SecurityClass;

/// What opens doors: a node that has keys does it with these only.
const OPEN_DOORS: &[C] = &[
    C::DOOR_LOCK,
    C::DOOR_LOCK_LOGGING,
    C::LOCK,
    C::USER_CODE,
    C::USER_CREDENTIAL,
    C::SCHEDULE_ENTRY_LOCK,
    C::ENTRY_CONTROL,
    C::BARRIER_OPERATOR,
];

/// The word for a node that is spoken with plainly.
const NONE: &str = "none";
/// The word for a node that was joined with keys that are not there.
const KEYS_MISSING: &str = "keys_missing";

/// What people are told who want something of a node that was joined with keys that are not there.
pub const KEYS_ARE_MISSING: &str = "this device was joined with keys that this hub does not have; exclude it and join it again, or restore the keys from a backup";

impl Known {
    /// With which security a command of a class is to be sent.
    pub fn protection(&self, class: C) -> Option<SecurityClass> {
        self.security.filter(|_| self.is_protected(class))
    }

    /// Whether the node itself can have said this: what it has with security only is not believed without.
    pub fn believes(&self, class: C, security: Option<SecurityClass>) -> bool {
        match self.security {
            None => !self.lacks_keys_for(class),
            Some(SecurityClass::S0) => security.is_some() || self.has_plainly(class) || !self.is_protected(class),
            // With Security 2 what is listed as secure is said with the highest key only, whatever else is listed.
            Some(own) => security == Some(own) || !self.is_protected(class),
        }
    }

    /// Whether a command of a class is not to be sent at all: it needs keys that are not there. What a node does plainly
    /// it is still asked to do; so does one that a person let in without keys.
    pub fn lacks_keys_for(&self, class: C) -> bool {
        self.keys_missing && (self.is_protected(class) || OPEN_DOORS.contains(&class) || self.is_marked(class))
    }

    /// Whether a question would come to nothing for want of keys. Whether they fit is asked all the same.
    pub(super) fn lacks_keys_to_ask(&self, query: &Query) -> bool {
        let class = query.command.first().map(|byte| C(u16::from(*byte)));
        !looks_for_key(&query.command) && class.is_some_and(|class| self.lacks_keys_for(class))
    }

    /// The word for its security, once it is known. `is_settled` = all keys were tried.
    pub fn security_word(&self, is_settled: bool) -> Option<&'static str> {
        match self.security {
            _ if self.keys_missing => Some(KEYS_MISSING),
            Some(class) => Some(class.word()),
            None => is_settled.then_some(NONE),
        }
    }

    /// The word for its security that was told before is all that is known of it.
    pub fn recall_security(&mut self, word: &str) {
        // That keys are missing says nothing of their class, which may be kept.
        self.security = SecurityClass::of_word(word).or(self.security);
        self.keys_missing = word == KEYS_MISSING;
    }

    /// Something that needs its keys was read, or it was just given them. Says whether they were missing.
    pub fn handle_keys_fit(&mut self) -> bool {
        self.keys_fit = true;
        let were_missing = std::mem::take(&mut self.keys_missing);
        if were_missing {
            self.forget_search_for_keys();
        }
        were_missing
    }

    /// The search for its keys came to nothing, and is worth another try.
    pub(super) fn forget_search_for_keys(&mut self) {
        self.asked.retain(|(_, _, command)| !looks_for_key(command));
    }

    /// Its keys were kept, and are not there any more.
    pub fn handle_keys_lost(&mut self) {
        (self.keys_fit, self.keys_missing) = (false, true);
    }

    /// It was asked with the key that it has, and did not understand. Once it has, it may just not have answered.
    pub fn handle_unanswered(&mut self, query: &Query) {
        let is_its_key = looks_for_key(&query.command) && query.security.is_some() && query.security == self.security;
        let has_understood = self.keys_fit || self.said.iter().any(|(_, class, _)| *class == self.security);
        if is_its_key && !has_understood {
            self.handle_keys_lost();
        }
    }

    /// Until a node has said what it has with security only, that is what opens doors.
    fn is_protected(&self, class: C) -> bool {
        self.secure.contains(&class) || self.secure.is_empty() && OPEN_DOORS.contains(&class)
    }

    fn has_plainly(&self, class: C) -> bool {
        self.supported().any(|supported| supported == class)
    }

    /// It says in its node information that it has this with security only.
    fn is_marked(&self, class: C) -> bool {
        self.supported().skip_while(|supported| *supported != C::SECURITY_MARK).any(|supported| supported == class)
    }

    fn supported(&self) -> impl Iterator<Item = C> {
        let classes = self.information.iter().flat_map(|information| &information.command_classes.supported);
        classes.map(|class| C(*class))
    }
}
