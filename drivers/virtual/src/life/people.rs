//! Three people: where they are, what moves when they move.

use std::collections::BTreeMap;
use std::time::Duration;

use hub_model::{Monotonic, Value};

use super::Moment;
use super::weather::Weather;
use crate::home::{Home, Room};
use crate::random::Random;

/// Where somebody can be, in the order of the weights below.
const PLACES: [Option<Room>; 7] = [
    None,
    Some(Room::Hallway),
    Some(Room::LivingRoom),
    Some(Room::Kitchen),
    Some(Room::Bedroom),
    Some(Room::Bathroom),
    Some(Room::AnnasRoom),
];

/// What somebody does from an hour on: how likely each place is (away, hallway, living room, kitchen, bedroom,
/// bathroom, Anna's room), how many minutes they stay, and whether they sleep in their bed.
struct Habit {
    from_hour: f64,
    weights: [f64; 7],
    minutes: (f64, f64),
    sleeps: bool,
}

const fn habit(from_hour: f64, weights: [f64; 7], minutes: (f64, f64), sleeps: bool) -> Habit {
    Habit { from_hour, weights, minutes, sleeps }
}

/// Works at home.
const MARIA: &[Habit] = &[
    habit(0.0, [0.0, 0.0, 0.0, 1.0, 90.0, 4.0, 0.0], (20.0, 70.0), true),
    habit(6.3, [0.0, 10.0, 5.0, 40.0, 15.0, 30.0, 5.0], (2.0, 9.0), false),
    habit(8.5, [7.0, 8.0, 50.0, 22.0, 6.0, 7.0, 0.0], (3.0, 14.0), false),
    habit(16.5, [4.0, 8.0, 42.0, 32.0, 4.0, 6.0, 6.0], (2.0, 12.0), false),
    habit(22.5, [0.0, 2.0, 12.0, 3.0, 68.0, 15.0, 0.0], (5.0, 25.0), false),
    habit(23.5, [0.0, 0.0, 0.0, 1.0, 95.0, 2.0, 0.0], (20.0, 70.0), true),
];

/// Works elsewhere.
const JONAS: &[Habit] = &[
    habit(0.0, [0.0, 0.0, 0.0, 0.0, 95.0, 3.0, 0.0], (25.0, 80.0), true),
    habit(6.0, [0.0, 10.0, 5.0, 35.0, 15.0, 35.0, 0.0], (2.0, 8.0), false),
    habit(7.8, [97.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0], (60.0, 150.0), false),
    habit(17.0, [2.0, 8.0, 48.0, 28.0, 6.0, 6.0, 3.0], (3.0, 15.0), false),
    habit(23.0, [0.0, 0.0, 5.0, 1.0, 90.0, 6.0, 0.0], (20.0, 60.0), true),
];

/// Goes to school.
const ANNA: &[Habit] = &[
    habit(0.0, [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 95.0], (30.0, 90.0), true),
    habit(6.7, [0.0, 10.0, 5.0, 35.0, 0.0, 25.0, 25.0], (2.0, 9.0), false),
    habit(7.7, [97.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0], (60.0, 120.0), false),
    habit(13.5, [10.0, 6.0, 20.0, 14.0, 0.0, 5.0, 45.0], (4.0, 20.0), false),
    habit(20.5, [0.0, 2.0, 2.0, 2.0, 0.0, 14.0, 80.0], (8.0, 30.0), false),
    habit(21.5, [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 96.0], (30.0, 90.0), true),
];

const HABITS: [&[Habit]; 3] = [MARIA, JONAS, ANNA];

/// The motion sensor of a room, the share of daylight that comes in, and its lamps.
const ROOMS: &[(Room, &str, f64, &[&str])] = &[
    (Room::Hallway, "hallway-motion", 0.002, &["hallway-lamp"]),
    (Room::LivingRoom, "living-room-motion", 0.010, &["living-room-ceiling", "living-room-lamp"]),
    (Room::Kitchen, "kitchen-motion", 0.008, &["kitchen-ceiling"]),
    (Room::Bathroom, "bathroom-motion", 0.004, &["bathroom-light"]),
];

/// The lamps that people switch at the wall; all others are left to the hub.
const WALL_SWITCHES: &[(Room, &str)] = &[
    (Room::LivingRoom, "living-room-ceiling"),
    (Room::Kitchen, "kitchen-ceiling"),
    (Room::Bathroom, "bathroom-light"),
];

/// The remotes and where they lie.
const REMOTES: &[(Room, &str)] = &[(Room::Bedroom, "bedroom-remote"), (Room::AnnasRoom, "annas-remote")];
const PRESSES: &[(&str, f64)] = &[("single", 70.0), ("double", 20.0), ("hold", 10.0)];

/// A motion sensor says so for that long after the last motion.
const MOTION_HOLD: Duration = Duration::from_secs(45);
/// A room is left dark after that.
const LIGHT_HOLD: Duration = Duration::from_secs(90);
/// Below that people want light.
const DARK_LUX: f64 = 40.0;
/// A lamp at full brightness gives that.
const LAMP_LUX: f64 = 130.0;
/// How long the front door stands open.
const DOOR: Duration = Duration::from_secs(7);
/// How long after that the door is locked.
const LOCKING: Duration = Duration::from_secs(12);

#[derive(Debug, Default)]
struct Person {
    place: Option<Room>,
    arrived: bool,
    until: Monotonic,
    moves_at: Monotonic,
}

#[derive(Debug, Default)]
struct RoomLife {
    moved_at: Option<Monotonic>,
    /// Somebody switched the light on at the wall, and may switch it off again.
    lit_by_hand: bool,
}

#[derive(Debug)]
pub(super) struct People {
    people: [Person; 3],
    rooms: BTreeMap<Room, RoomLife>,
    door_closes_at: Option<Monotonic>,
    door_locks_at: Option<Monotonic>,
    window_closes_at: BTreeMap<&'static str, Monotonic>,
    tea: bool,
    shower: bool,
}

impl People {
    pub(super) fn new() -> Self {
        Self {
            people: Default::default(),
            rooms: Room::ALL.iter().map(|room| (*room, RoomLife::default())).collect(),
            door_closes_at: None,
            door_locks_at: None,
            window_closes_at: BTreeMap::new(),
            tea: false,
            shower: false,
        }
    }

    pub(super) fn tick(&mut self, moment: &Moment, home: &mut Home, weather: &Weather, random: &mut Random) {
        self.tea = false;
        self.shower = false;
        for index in 0..self.people.len() {
            self.walk(index, moment, home, random);
        }
        self.doors(moment, home);
        for (room, sensor, share, lamps) in ROOMS {
            self.room(*room, sensor, weather.daylight * share, lamps, moment, home);
        }
    }

    /// Whether somebody who is awake is in a room.
    pub(super) fn awake_in(&self, room: Room, moment: &Moment) -> bool {
        self.people.iter().zip(HABITS).any(|(person, habits)| {
            person.place == Some(room) && !habit_at(habits, moment.hour).is_some_and(|habit| habit.sleeps)
        })
    }

    /// Somebody just put the kettle on.
    pub(super) fn wants_tea(&self) -> bool {
        self.tea
    }

    /// Somebody just got under the shower.
    pub(super) fn takes_shower(&self) -> bool {
        self.shower
    }

    fn walk(&mut self, index: usize, moment: &Moment, home: &mut Home, random: &mut Random) {
        let (Some(habits), Some(person)) = (HABITS.get(index), self.people.get_mut(index)) else { return };
        let Some(habit) = habit_at(habits, moment.hour) else { return };
        if moment.mono >= person.until {
            let to = PLACES.get(random.weighted(&habit.weights)).copied().flatten();
            let from = person.place;
            person.until = moment.mono.plus(random.seconds(habit.minutes.0 * 60.0, habit.minutes.1 * 60.0));
            person.place = to;
            person.moves_at = moment.mono;
            let first = !std::mem::replace(&mut person.arrived, true);
            if from != to && !first {
                if from.is_none() || to.is_none() {
                    self.through_the_door(moment, home);
                }
                self.moved(Room::Hallway, moment.mono);
            }
            self.enters(to, moment, home, random);
        }
        let Some(person) = self.people.get_mut(index) else { return };
        let Some(room) = person.place else { return };
        if moment.mono >= person.moves_at {
            let (low, high) = if habit.sleeps { (900.0, 3_600.0) } else { (10.0, 100.0) };
            person.moves_at = moment.mono.plus(random.seconds(low, high));
            self.moved(room, moment.mono);
            if !habit.sleeps
                && random.chance(0.06)
                && let Some((_, remote)) = REMOTES.iter().find(|(place, _)| *place == room)
            {
                let weights: Vec<f64> = PRESSES.iter().map(|(_, weight)| *weight).collect();
                let press = PRESSES.get(random.weighted(&weights)).map_or("single", |(press, _)| press);
                home.press(remote, press);
            }
        }
    }

    fn enters(&mut self, room: Option<Room>, moment: &Moment, home: &mut Home, random: &mut Random) {
        match room {
            Some(Room::Kitchen) if moment.hour > 6.0 => {
                self.tea |= random.chance(0.3);
                if random.chance(0.12) {
                    self.airs("kitchen-window", moment, home, random);
                }
            }
            Some(Room::Bedroom) if (7.0..21.0).contains(&moment.hour) && random.chance(0.4) => {
                self.airs("bedroom-window", moment, home, random);
            }
            Some(Room::Bathroom) => {
                let hour = moment.hour;
                self.shower |= ((6.0..8.5).contains(&hour) || (20.0..23.0).contains(&hour)) && random.chance(0.5);
            }
            _ => {}
        }
    }

    fn airs(&mut self, window: &'static str, moment: &Moment, home: &mut Home, random: &mut Random) {
        home.set(window, &[("open", Value::Bool(true))]);
        self.window_closes_at.insert(window, moment.mono.plus(random.seconds(240.0, 900.0)));
    }

    fn through_the_door(&mut self, moment: &Moment, home: &mut Home) {
        home.set("front-door-lock", &[("locked", Value::Bool(false)), ("lock_state", Value::text("unlocked"))]);
        home.set("front-door", &[("open", Value::Bool(true))]);
        self.door_closes_at = Some(moment.mono.plus(DOOR));
        self.door_locks_at = Some(moment.mono.plus(DOOR + LOCKING));
    }

    fn doors(&mut self, moment: &Moment, home: &mut Home) {
        if self.door_closes_at.is_some_and(|at| moment.mono >= at) {
            self.door_closes_at = None;
            home.set("front-door", &[("open", Value::Bool(false))]);
        }
        if self.door_locks_at.is_some_and(|at| moment.mono >= at) {
            self.door_locks_at = None;
            home.set("front-door-lock", &[("locked", Value::Bool(true)), ("lock_state", Value::text("locked"))]);
        }
        self.window_closes_at.retain(|window, at| {
            let open = moment.mono < *at;
            if !open {
                home.set(window, &[("open", Value::Bool(false))]);
            }
            open
        });
    }

    /// Something moved in a room.
    pub(super) fn moved(&mut self, room: Room, at: Monotonic) {
        if let Some(life) = self.rooms.get_mut(&room) {
            life.moved_at = Some(at);
        }
    }

    fn room(&mut self, room: Room, sensor: &str, daylight: f64, lamps: &[&str], moment: &Moment, home: &mut Home) {
        let awake = self.awake_in(room, moment);
        let Some(life) = self.rooms.get_mut(&room) else { return };
        let still_for = |life: &RoomLife| life.moved_at.map(|at| moment.mono.since(at));
        home.set(sensor, &[("occupancy", Value::Bool(still_for(life).is_some_and(|still| still < MOTION_HOLD)))]);

        let lamplight: f64 = lamps
            .iter()
            .filter(|lamp| home.is(lamp, "on"))
            .map(|lamp| LAMP_LUX * home.number(lamp, "brightness").unwrap_or(100.0) / 100.0)
            .sum();
        home.sense(moment.mono, sensor, &[("illuminance", daylight + lamplight)]);

        let Some((_, lamp)) = WALL_SWITCHES.iter().find(|(place, _)| *place == room) else { return };
        let lit = home.is(lamp, "on");
        if awake && !lit && !life.lit_by_hand && daylight + lamplight < DARK_LUX {
            life.lit_by_hand = true;
            home.set(lamp, &[("on", Value::Bool(true))]);
        } else if life.lit_by_hand && !awake && still_for(life).is_none_or(|still| still > LIGHT_HOLD) {
            life.lit_by_hand = false;
            home.set(lamp, &[("on", Value::Bool(false))]);
        }
    }
}

fn habit_at(habits: &'static [Habit], hour: f64) -> Option<&'static Habit> {
    habits.iter().rev().find(|habit| habit.from_hour <= hour)
}
