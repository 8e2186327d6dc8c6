//! What somebody wants to do with something.

use serde::{Deserialize, Serialize};

use crate::set::{Member, Set};

/// What somebody wants to do with something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Know that it is there, how it is and how it was.
    See,
    /// Use it: switch a lamp, activate a scene, change the mode.
    Control,
    /// Change what it is: its name, its room, a rule, an account.
    Configure,
}

impl Member for Action {
    const ALL: &'static [Self] = &[Self::See, Self::Control, Self::Configure];

    fn index(self) -> u32 {
        self as u32
    }
}

/// Some actions.
pub type Actions = Set<Action>;

impl Action {
    /// The word in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Control => "control",
            Self::Configure => "configure",
        }
    }
}
