//! Tables of what the numbers of the specification mean.

/// Numbers and what the specification calls them.
pub type Names = &'static [(u8, &'static str)];

/// What the specification calls this number.
pub fn name_of(names: Names, number: u8) -> Option<&'static str> {
    names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}
