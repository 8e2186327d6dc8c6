//! The words for roles.

use hub_model::household::Role;

use crate::set::{Member, Set};

impl Member for Role {
    const ALL: &'static [Self] = &[Self::Owner, Self::Adult, Self::Child, Self::Guest, Self::Installer];

    fn index(self) -> u32 {
        self as u32
    }
}

/// Each role, its word, and what people call one.
const ROLES: &[(Role, &str, &str)] = &[
    (Role::Owner, "owner", "an owner"),
    (Role::Adult, "adult", "an adult"),
    (Role::Child, "child", "a child"),
    (Role::Guest, "guest", "a guest"),
    (Role::Installer, "installer", "an installer"),
];

/// The role of this word.
pub(crate) fn named(word: &str) -> Option<Role> {
    ROLES.iter().find(|(_, name, _)| *name == word).map(|(role, ..)| *role)
}

/// What people call one who is of this role.
pub(crate) fn article(role: Role) -> &'static str {
    ROLES.iter().find(|(one, ..)| *one == role).map_or("", |(.., words)| words)
}

/// Those who are meant by a role where grown-ups are asked for: an owner is an adult too.
pub(crate) fn meant_by(role: Role) -> Set<Role> {
    let one = Set::EMPTY.with(role);
    if role == Role::Adult { one.with(Role::Owner) } else { one }
}
