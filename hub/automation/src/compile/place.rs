//! `no_location`: what follows the sun, in a home of which nobody has said where it is.

use hub_model::event::Severity;

use crate::World;
use crate::document::{Document, Finding};
use crate::rule::{Condition, ConditionKind, InstructionKind, Rule, Trigger, TriggerKind};

/// What never happens without a place is no error: the place may be set later, and the rest of the rule works.
pub(super) fn find(rule: &Rule, document: &Document, world: &dyn World, findings: &mut Vec<Finding>) {
    if !world.is_complete() || world.home().location.is_some() {
        return;
    }
    let mut find = |path: &str, what: &str| {
        let text = format!(
            "the home's place is not known, so that {what}; set it with `hearth home set location=NORTH,EAST` in degrees"
        );
        let place = (path, document.position_at(path));
        findings.push(Finding {
            severity: Severity::Warning,
            ..Finding::new("no_location", place.0, place.1, text.into())
        });
    };
    in_triggers(&rule.triggers, "it never fires", &mut find);
    in_conditions(&rule.conditions, &mut find);
    for instruction in rule.program.iter() {
        match &instruction.kind {
            InstructionKind::WaitFor { triggers, .. } => in_triggers(triggers, "it never comes", &mut find),
            InstructionKind::Branch { conditions, .. } | InstructionKind::Repeat { conditions, .. } => {
                in_conditions(conditions, &mut find);
            }
            _ => {}
        }
    }
}

fn in_triggers(triggers: &[Trigger], what: &str, find: &mut dyn FnMut(&str, &str)) {
    let suns = triggers.iter().filter(|trigger| matches!(trigger.kind, TriggerKind::Sun { .. }));
    suns.for_each(|trigger| find(&trigger.path, what));
}

fn in_conditions(conditions: &[Condition], find: &mut dyn FnMut(&str, &str)) {
    for condition in conditions {
        match &condition.kind {
            ConditionKind::Sun(_) => find(&condition.path, "it never holds"),
            ConditionKind::And(inner) | ConditionKind::Or(inner) | ConditionKind::Not(inner) => {
                in_conditions(inner, find);
            }
            _ => {}
        }
    }
}
