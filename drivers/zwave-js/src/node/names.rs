//! Names that no two values of an endpoint share.

use std::collections::{BTreeMap, BTreeSet};

use hub_model::AttributeName;

/// The names that are taken, by endpoint.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<(u8, AttributeName)>,
    /// The number that is tried next, by the name that was wished for: no number is tried twice, however many values wish
    /// for one name.
    next: BTreeMap<(u8, AttributeName), u32>,
    #[cfg(test)]
    tries: usize,
}

impl Names {
    /// Takes the name that is wished for, or if that is taken the same with a number, from 2.
    pub(super) fn take(&mut self, endpoint: u8, wished: AttributeName) -> AttributeName {
        let next = self.next.entry((endpoint, wished.clone())).or_insert(1);
        loop {
            #[cfg(test)]
            {
                self.tries += 1;
            }
            let name = match *next {
                1 => wished.clone(),
                number => format!("{wished}_{number}").as_str().into(),
            };
            *next += 1;
            if self.taken.insert((endpoint, name.clone())) {
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_who_wish_for_one_name_are_told_apart_in_few_steps() {
        let mut names = Names::default();
        let wished: AttributeName = "x".repeat(80).as_str().into();
        // One has already the name that another would be given.
        names.take(0, format!("{wished}_2").as_str().into());
        let taken: BTreeSet<AttributeName> = (0..4_096).map(|_| names.take(0, wished.clone())).collect();
        assert_eq!((taken.len(), names.tries), (4_096, 4_098));
        assert_eq!(names.take(1, wished.clone()), wished, "another endpoint has its own names");
    }
}
