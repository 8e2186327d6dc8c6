//! The cat: walks through the hallway at any time of day, and now and then on to the kitchen.

use hub_model::Monotonic;

use super::Moment;
use super::people::People;
use crate::home::Room;
use crate::random::Random;

/// How long after the start it walks for the first time, in seconds.
const WAKES: (f64, f64) = (60.0, 180.0);
/// How long it rests between two walks, in seconds.
const RESTS: (f64, f64) = (120.0, 360.0);
/// How often it goes on to the kitchen, where its bowl is.
const HUNGRY: f64 = 0.25;

#[derive(Debug)]
pub(super) struct Cat {
    /// Its own, so that people do the same whether it walks or not.
    random: Random,
    walks_at: Option<Monotonic>,
}

impl Cat {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Random::new(!seed), walks_at: None }
    }

    pub(super) fn tick(&mut self, moment: &Moment, people: &mut People) {
        let rests = match self.walks_at {
            None => WAKES,
            Some(at) if moment.mono >= at => {
                people.moved(Room::Hallway, moment.mono);
                if self.random.chance(HUNGRY) {
                    people.moved(Room::Kitchen, moment.mono);
                }
                RESTS
            }
            Some(_) => return,
        };
        self.walks_at = Some(moment.mono.plus(self.random.seconds(rests.0, rests.1)));
    }
}
