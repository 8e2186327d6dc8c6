//! What the tests of a rule name.

use hub_model::name::find_named;

use crate::document::tests::{Effect, Happening, Test};
use crate::{Document, World};

/// Whether a world has every device, attribute and person that the tests of a rule name. A rule whose tests name others
/// runs all the same: who asks wants to know whether the document may be shown.
pub fn has_what_tests_name(document: &Document, world: &dyn World) -> bool {
    document.rule().tests.iter().all(|test| has(&test.value, world))
}

fn has(test: &Test, world: &dyn World) -> bool {
    test.given.presence.iter().all(|(person, _)| has_person(world, person))
        && test.given.states.iter().all(|state| has_of_happening(world, &state.value))
        && test.when.iter().all(|(_, happening)| has_of_happening(world, &happening.value))
        && test.then.iter().all(|effect| has_of_effect(world, &effect.value))
}

fn has_of_happening(world: &dyn World, happening: &Happening) -> bool {
    match happening {
        Happening::Report { device, attribute, .. } | Happening::Event { device, attribute, .. } => {
            has_device(world, device, &[attribute])
        }
        Happening::Availability { device, .. } => has_device(world, device, &[]),
        Happening::Presence { person, .. } => has_person(world, person),
        Happening::Mode(_) | Happening::Webhook(_) | Happening::Down(_) | Happening::Wait => true,
    }
}

fn has_of_effect(world: &dyn World, effect: &Effect) -> bool {
    match effect {
        Effect::Command { device, set, .. } => {
            let attributes: Vec<&String> = set.iter().map(|(attribute, _)| attribute).collect();
            has_device(world, device, &attributes)
        }
        Effect::Notify(Some(person)) => person == "everyone" || has_person(world, person),
        Effect::Notify(None) | Effect::Scene(_) | Effect::SetMode(_) => true,
    }
}

fn has_device(world: &dyn World, name: &str, attributes: &[&String]) -> bool {
    let mut named = world.devices().filter(|record| record.device.id.as_str() == name || &*record.name == name);
    named.any(|record| {
        let has = |wanted: &&String| record.device.attributes().any(|(_, schema)| schema.name.as_str() == *wanted);
        attributes.iter().all(has)
    })
}

fn has_person(world: &dyn World, name: &str) -> bool {
    find_named(world.people(), name, |person| person.id.as_str(), |person| &person.name).is_some()
}
