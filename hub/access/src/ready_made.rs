//! The rules that each role comes with, as documents like those that owners write.

use std::sync::LazyLock;

use hub_model::household::Role;

use crate::document::{PolicyRule, ReadyMadeChoice, Who};
use crate::policy::Subject;

/// All of them. The rule of owners says less than it does: owners may do everything.
pub fn rules() -> &'static [PolicyRule] {
    // A table that cannot be read allows nothing; a test reads it.
    static RULES: LazyLock<Vec<PolicyRule>> =
        LazyLock::new(|| serde_json::from_str(include_str!("ready-made.json")).unwrap_or_default());
    &RULES
}

/// Whether a role keeps its ready-made rules, whatever is chosen.
pub fn is_fixed(role: Role) -> bool {
    matches!(role, Role::Owner | Role::Adult)
}

/// Whether the ready-made rules are in force for somebody.
pub(crate) fn in_force(subject: &Subject, choices: &[ReadyMadeChoice]) -> bool {
    let said_of = |who: &Who| choices.iter().rev().find(|choice| choice.who == *who).map(|choice| choice.ready_made);
    is_fixed(subject.role)
        || said_of(&Who::Person(subject.id.clone())).or_else(|| said_of(&Who::Role(subject.role))).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::document::What;
    use crate::part::PARTS;
    use crate::protection::PROTECTIONS;

    #[test]
    fn the_table_is_read_and_written_unchanged() {
        let table: serde_json::Value = serde_json::from_str(include_str!("ready-made.json")).unwrap();
        assert_eq!(serde_json::to_value(rules()).unwrap(), table);
        assert!(rules().len() > 10);
    }

    #[test]
    fn adults_are_given_everything_that_is_protected_among_devices() {
        let of = |id: &str| rules().iter().find(|rule| &*rule.id == id).and_then(|rule| rule.what.clone()).unwrap();
        let set = |words: Option<Vec<std::sync::Arc<str>>>| {
            words.unwrap().iter().map(|word| word.to_string()).collect::<BTreeSet<_>>()
        };
        let What { types, .. } = of("adult-protected-types");
        assert_eq!(set(types), PROTECTIONS.iter().map(|row| row.device_type.as_str().to_owned()).collect());
        let What { capabilities, .. } = of("adult-protected-capabilities");
        let attributes = PROTECTIONS.iter().flat_map(|row| row.attributes).map(|name| (*name).to_owned()).collect();
        assert_eq!(set(capabilities), attributes);
    }

    #[test]
    fn every_part_in_a_table_is_one() {
        for rule in rules() {
            for part in rule.what.iter().flat_map(|what| what.parts.iter().flatten()) {
                assert!(PARTS.iter().any(|row| row.word == &**part), "{part}");
            }
        }
    }
}
