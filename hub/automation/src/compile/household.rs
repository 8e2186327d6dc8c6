//! The people, modes and scenes that a rule names. A world that does not know all of them takes any name.

use std::sync::Arc;

use hub_model::name::find_named;
use hub_model::scene::Scene;
use hub_model::{AccountId, Said};

use super::{Compiler, no_such};
use crate::World;
use crate::document::Place;
use crate::document::written::{People, Placed};
use crate::rule::Who;

/// The scene of this id, or else of this name without regard to case.
pub(crate) fn scene_named<'w>(name: &str, world: &'w dyn World) -> Option<&'w Scene> {
    find_named(world.scenes(), name, |scene| scene.id.as_str(), |scene| &scene.name)
}

/// Whom nothing is ever about.
fn nobody() -> AccountId {
    AccountId::new("")
}

impl Compiler<'_> {
    /// Whose presence.
    pub(super) fn who(&mut self, people: &People, place: &Place) -> Who {
        match people {
            People::Person(name) => Who::Person(self.person(name)),
            _ if !self.world.shows_everybody() => {
                let message = Said::new("others", "you do not see where others are; name yourself");
                self.wrong(place, "unknown_name", message);
                Who::Person(nobody())
            }
            People::Anyone => Who::Anyone,
            People::Everyone => Who::Everyone,
        }
    }

    /// A person, by id or name.
    pub(super) fn person(&mut self, name: &Placed<String>) -> AccountId {
        let people = self.world.people();
        match find_named(people, &name.value, |person| person.id.as_str(), |person| &person.name) {
            Some(person) => person.id.clone(),
            None => {
                if self.world.is_complete() {
                    let message = no_such("person", &name.value, people.iter().map(|person| &*person.name));
                    self.wrong(&name.place, "unknown_name", message);
                }
                // Where not everybody is shown, the name may be that of somebody who is there.
                if self.world.shows_everybody() { AccountId::new(name.value.as_str()) } else { nobody() }
            }
        }
    }

    /// Whom a message is for.
    pub(super) fn recipients(&mut self, names: &[Placed<String>]) -> Vec<Arc<str>> {
        if names.iter().any(|name| name.value == "everyone") {
            return Vec::new();
        }
        names.iter().map(|name| Arc::from(self.person(name).as_str())).collect()
    }

    /// A mode of the home.
    pub(super) fn mode(&mut self, name: &Placed<String>) -> Arc<str> {
        let modes = &self.world.home().modes;
        let known = modes.iter().find(|mode| ***mode == *name.value);
        if known.is_none() && self.world.is_complete() {
            let modes = || modes.iter().map(|mode| &**mode);
            let mut message = no_such("mode", &name.value, modes());
            if !message.params.iter().any(|(name, _)| *name == "near") {
                let modes = modes().collect::<Vec<_>>().join(", ");
                message.text = format!("{message}; the home has {modes}").into();
                message = message.with("known", modes);
            }
            self.wrong(&name.place, "unknown_name", message);
        }
        known.cloned().unwrap_or_else(|| name.value.as_str().into())
    }

    pub(super) fn modes(&mut self, names: &[Placed<String>]) -> Vec<Arc<str>> {
        names.iter().map(|name| self.mode(name)).collect()
    }

    /// A scene, by id or name; gives its id.
    pub(super) fn scene(&mut self, name: &Placed<String>) -> Arc<str> {
        match scene_named(&name.value, self.world) {
            Some(scene) => scene.id.as_str().into(),
            None => {
                if self.world.is_complete() || !self.world.scenes().is_empty() {
                    let scenes = self.world.scenes();
                    let known = scenes.iter().flat_map(|scene| [&*scene.name, scene.id.as_str()]);
                    let message = no_such("scene", &name.value, known);
                    self.wrong(&name.place, "unknown_name", message);
                }
                name.value.as_str().into()
            }
        }
    }
}
