//! How far the devices are found out, in the detail of the driver.

use std::sync::Arc;
use std::time::Duration;

use driver_api::DriverEvent;
use hub_model::Monotonic;
use hub_model::event::DriverState;

use super::ZWave;
use crate::network::Reach;
use crate::serial_api::NodeId;

/// Between two details: an interview has hundreds of frames.
const SPACING: Duration = Duration::from_secs(5);

/// What was said of it last.
#[derive(Debug, Default)]
pub(super) struct Progress {
    told: Arc<str>,
    /// Something has changed since.
    is_due: bool,
    next_at: Monotonic,
}

impl Progress {
    /// What the hub is told of devices may change it.
    pub(super) fn note(&mut self, event: &DriverEvent) {
        let is_of_device =
            matches!(event, DriverEvent::Device(_) | DriverEvent::DeviceRemoved(_) | DriverEvent::Availability { .. });
        self.is_due |= is_of_device;
    }
}

/// Nodes by how far they are.
#[derive(Clone, Copy, Default, Debug)]
struct Count {
    all: usize,
    ready: usize,
    asleep: usize,
    dead: usize,
}

impl Count {
    /// Nothing is said when all are ready.
    fn words(self) -> String {
        let Self { all, ready, asleep, dead } = self;
        if ready == all {
            return String::new();
        }
        let is_asking = ready + asleep + dead < all;
        let part = |number: usize, words: &str| if number > 0 { format!(", {number} {words}") } else { String::new() };
        [
            if is_asking { "interviewing: ".to_owned() } else { String::new() },
            format!("{ready} of {all} devices ready"),
            part(asleep, "asleep"),
            part(dead, if dead == 1 { "does not answer" } else { "do not answer" }),
            if asleep > 0 { "; wake those that sleep as their manuals say".to_owned() } else { String::new() },
        ]
        .concat()
    }
}

impl ZWave {
    /// The stick is ready: what is so is told as soon as its nodes are known.
    pub(super) fn begin_progress(&mut self, now: Monotonic) {
        self.progress = Progress { told: Arc::default(), is_due: true, next_at: now };
        self.status(DriverState::Online, "");
    }

    /// Tells how far it is if that is new, and nothing was told just now. What routes have to say goes first.
    pub(super) fn tell_progress(&mut self, now: Monotonic) {
        if self.progress_timeout().is_some_and(|at| at <= now) {
            self.tell_sleepers();
            let words = Arc::from(self.count_progress().words());
            if self.progress.told != words {
                self.status(DriverState::Online, Arc::clone(&words));
            }
            self.progress = Progress { told: words, is_due: false, next_at: now.plus(SPACING) };
        }
    }

    /// Tells it in the place of something else.
    pub(super) fn tell_progress_again(&mut self, now: Monotonic) {
        let words = Arc::from(self.count_progress().words());
        self.status(DriverState::Online, Arc::clone(&words));
        self.progress = Progress { told: words, is_due: false, next_at: now.plus(SPACING) };
    }

    pub(super) fn progress_timeout(&self) -> Option<Monotonic> {
        (self.is_ready && self.progress.is_due && !self.tells_of_routes()).then_some(self.progress.next_at)
    }

    /// Who fell asleep before it was found out what it is is to be seen.
    fn tell_sleepers(&mut self) {
        let untold = self.members.iter().filter(|(_, member)| member.told.is_none()).map(|(node, _)| *node);
        let untold: Vec<NodeId> = untold.filter(|node| !self.is_being_paired(*node)).collect();
        untold.into_iter().for_each(|node| self.tell_device(node));
    }

    fn count_progress(&self) -> Count {
        self.members.keys().fold(Count { all: self.members.len(), ..Count::default() }, |mut count, node| {
            match self.network.reach(*node) {
                _ if self.stage(*node).is_none() => count.ready += 1,
                Some(Reach::Asleep) => count.asleep += 1,
                Some(Reach::Dead) => count.dead += 1,
                Some(Reach::Alive | Reach::Unknown) | None => {}
            }
            count
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn the_words() {
        for (all, ready, asleep, dead, words) in [
            (0, 0, 0, 0, ""),
            (16, 16, 0, 0, ""),
            (16, 0, 0, 0, "interviewing: 0 of 16 devices ready"),
            (
                16,
                9,
                3,
                1,
                "interviewing: 9 of 16 devices ready, 3 asleep, 1 does not answer; wake those that sleep as their manuals say",
            ),
            (16, 14, 0, 2, "14 of 16 devices ready, 2 do not answer"),
        ] {
            assert_eq!(Count { all, ready, asleep, dead }.words(), words);
        }
    }
}
