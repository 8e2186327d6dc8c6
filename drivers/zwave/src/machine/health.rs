//! How well a node is reached: some pings, how strong its signal is against the noise, and whom it hears.

use std::sync::Arc;
use std::time::Duration;

use driver_api::health::{Health, RoundTrips, Traffic};
use driver_api::{ManageError, RequestId};
use hub_model::{DeviceId, Monotonic};

use super::errands::Errand;
use super::{Job, ZWave};
use crate::controller::{Answer, Outcome, Ticket};
use crate::network::{Listening, NodeStatistics, Task, Urgency};
use crate::serial_api::background_rssi::GetBackgroundRssi;
use crate::serial_api::neighbors::GetRoutingInformation;
use crate::serial_api::{Function, NodeId, Response};

/// How often a node that listens always is pinged; and one that runs on a battery and is woken for each.
const PINGS: (u32, u32) = (10, 3);
/// Between two pings.
const PAUSE: Duration = Duration::from_millis(200);
/// The most nodes that are tried at once.
const MOST_CHECKS: usize = 16;
/// No Operation.
const NO_OPERATION: u8 = 0x00;

/// A check under way.
#[derive(Debug)]
pub(super) struct Check {
    request: RequestId,
    health: Health,
    times_ms: Vec<f64>,
    wanted: u32,
    /// Of each channel, in dBm.
    noise: Vec<Option<i8>>,
}

/// What the stick is asked for a check.
#[derive(Clone, Copy, Debug)]
pub(super) enum HealthQuestion {
    /// How much noise there is.
    Noise(NodeId),
    /// Whom the node hears. Then it is over.
    Neighbours(NodeId),
}

impl ZWave {
    pub(super) fn check_health(
        &mut self,
        now: Monotonic,
        request: RequestId,
        device: &DeviceId,
    ) -> Result<(), ManageError> {
        let node = self.node_of(device).ok_or(ManageError::NotFound)?;
        if !self.is_ready {
            return Err(ManageError::Offline);
        }
        let wanted = match self.network.listening(node) {
            Some(Listening::Always) => PINGS.0,
            Some(Listening::Frequent) => PINGS.1,
            Some(Listening::Sleeping) | None => return Err(ManageError::NotPossible(SLEEPS.into())),
        };
        if self.checks.contains_key(&node) || self.checks.len() >= MOST_CHECKS {
            return Err(ManageError::NotPossible("this is being tried already; wait until that is over".into()));
        }
        let check = Check { request, health: Health::default(), times_ms: Vec::new(), wanted, noise: Vec::new() };
        self.checks.insert(node, check);
        self.ping(now, node, None);
        Ok(())
    }

    fn ping(&mut self, now: Monotonic, node: NodeId, pause: Option<Duration>) {
        // A node that is taken for dead is spoken to for people and rules only.
        let not_before = pause.map(|pause| now.plus(pause));
        let task = Task { once: true, not_before, ..Task::new(node, vec![NO_OPERATION], Urgency::Rule) };
        let task = self.network.push_task(now, task);
        self.jobs.insert(task, Job::Health(node));
    }

    pub(super) fn handle_ping_ended(&mut self, now: Monotonic, node: NodeId, arrived: bool) {
        let took = self.network.statistics(node).and_then(|statistics| statistics.last_round_trip);
        let Some(check) = self.checks.get_mut(&node) else { return };
        check.health.tried += 1;
        if arrived {
            check.health.reached += 1;
            check.times_ms.extend(took.map(milliseconds));
        }
        if check.health.tried < check.wanted {
            return self.ping(now, node, Some(PAUSE));
        }
        self.errands.push_back(Errand::Health(HealthQuestion::Noise(node)));
    }

    /// The question that is there for the stick; what it cannot answer is passed over.
    pub(super) fn begin_health_question(&mut self, now: Monotonic, question: HealthQuestion) -> Option<Ticket> {
        let has = |function| self.stick.as_ref().is_some_and(|stick| stick.has(function));
        match question {
            HealthQuestion::Noise(_) if has(Function::GET_BACKGROUND_RSSI) => {
                Some(self.controller.request(now, &GetBackgroundRssi, Answer::Response))
            }
            // Who speaks by Long Range has the stick alone.
            HealthQuestion::Neighbours(node) if has(Function::GET_ROUTING_INFORMATION) && !node.is_long_range() => {
                let request = GetRoutingInformation { node, without_bad_links: true, without_non_repeaters: false };
                Some(self.controller.request(now, &request, Answer::Response))
            }
            HealthQuestion::Noise(_) | HealthQuestion::Neighbours(_) => {
                self.handle_health_answer(now, question, Outcome::Delivered);
                None
            }
        }
    }

    pub(super) fn handle_health_answer(&mut self, now: Monotonic, question: HealthQuestion, outcome: Outcome) {
        let (HealthQuestion::Noise(node) | HealthQuestion::Neighbours(node)) = question;
        let Some(check) = self.checks.get_mut(&node) else { return };
        match (question, outcome) {
            (HealthQuestion::Noise(_), outcome) => {
                if let Outcome::Response(Response::BackgroundRssi(noise)) = outcome {
                    check.noise = noise.channels.iter().map(|channel| channel.dbm()).collect();
                }
                return self.errands.push_front(Errand::Health(HealthQuestion::Neighbours(node)));
            }
            (HealthQuestion::Neighbours(_), Outcome::Response(Response::Neighbors(neighbours))) => {
                check.health.neighbours = u32::try_from(neighbours.len()).ok();
            }
            (HealthQuestion::Neighbours(_), _) => {}
        }
        self.end_check(now, node);
    }

    fn end_check(&mut self, now: Monotonic, node: NodeId) {
        let Some(Check { request, mut health, times_ms, noise, .. }) = self.checks.remove(&node) else { return };
        let listening = self.network.listening(node);
        if let Some(statistics) = self.network.statistics(node) {
            fill(&mut health, now, statistics, &noise);
        }
        health.round_trips = RoundTrips::of(times_ms);
        let is_woken = listening == Some(Listening::Frequent);
        health.rating = rating(&health, is_woken);
        health.advice = advice(&health, is_woken);
        self.answer(request, Ok(health.to_value()));
        if health.reached == 0 {
            // Now in earnest: who does not answer this is told to be offline.
            self.network.push_task(now, Task::new(node, vec![NO_OPERATION], Urgency::Rule));
        }
    }

    /// The stick, or the node, is not there any more.
    pub(super) fn give_up_checks(&mut self, only: Option<NodeId>, error: &ManageError) {
        let ended: Vec<NodeId> =
            self.checks.keys().copied().filter(|node| only.is_none_or(|only| only == *node)).collect();
        for node in ended {
            if let Some(check) = self.checks.remove(&node) {
                self.answer(check.request, Err(error.clone()));
            }
        }
    }
}

const SLEEPS: &str =
    "this device sleeps nearly always and cannot be tried; the reports it sends when it wakes show that it is reached";

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn fill(health: &mut Health, now: Monotonic, statistics: &NodeStatistics, noise: &[Option<i8>]) {
    health.signal_dbm = statistics.rssi.map(f64::from);
    if let Some(route) = &statistics.route {
        health.noise_dbm = noise.get(usize::from(route.channel)).copied().flatten().map(f64::from);
        health.repeaters = Some(route.repeaters.iter().map(|node| Arc::from(node.to_string())).collect());
        health.speed = route.speed.map(Arc::from);
    }
    health.traffic = Traffic {
        delivered: statistics.delivered,
        not_acknowledged: statistics.not_acknowledged,
        not_sent: statistics.not_sent,
        received: statistics.received,
        round_trip_ms: statistics.round_trip.map(milliseconds),
        heard_seconds_ago: statistics.heard_at.map(|at| now.since(at).as_secs_f64()),
    };
}

/// A margin of the signal from which on installers are content, in dB.
const GOOD_MARGIN: f64 = 17.0;
/// More neighbours than this are other ways, should one fail.
const FEW_NEIGHBOURS: u32 = 2;
/// Who loses more pings than this, or ever takes more milliseconds, is rated so, the worst first.
const RATINGS: &[(u32, f64, u8)] =
    &[(2, f64::INFINITY, 1), (1, 1_000.0, 2), (0, 500.0, 3), (0, 250.0, 4), (0, 100.0, 5)];

/// The rating where only the time is not the best.
const GOOD: u8 = 9;

/// As installers of Z-Wave rate it: lost frames weigh most, then time, then the strength of the signal, then whether
/// there are other ways.
fn rating(health: &Health, is_woken: bool) -> u8 {
    let lost = health.tried.saturating_sub(health.reached);
    if health.reached == 0 {
        return 0;
    }
    // Waking it takes up to a second, however near it is.
    let most_ms = health.round_trips.filter(|_| !is_woken).map_or(0.0, |times| times.most_ms);
    let row = RATINGS.iter().find(|(most_lost, limit_ms, _)| lost > *most_lost || most_ms > *limit_ms);
    if let Some((.., rating)) = row {
        return *rating;
    }
    let is_weak = health.margin_db().is_some_and(|margin| margin < GOOD_MARGIN);
    let has_few = health.neighbours.is_some_and(|neighbours| neighbours <= FEW_NEIGHBOURS);
    match (is_weak, has_few) {
        (true, true) => 6,
        (true, false) => 7,
        (false, true) => 8,
        (false, false) if most_ms > 50.0 => GOOD,
        (false, false) => 10,
    }
}

/// Who takes more milliseconds than this is slow.
const SLOW_MS: f64 = 100.0;

/// What people can do, each if it is so. Whoever is not rated highest has at least one.
fn advice(health: &Health, is_woken: bool) -> Vec<Arc<str>> {
    let lost = health.tried.saturating_sub(health.reached);
    let most_ms = health.round_trips.filter(|_| !is_woken).map_or(0.0, |times| times.most_ms);
    let hops = health.repeaters.as_ref().map_or(0, Vec::len);
    let table: [(bool, &str); 8] = [
        (health.reached == 0, "It does not answer: check its power, and whether it is still where it was."),
        (
            health.reached > 0 && lost > 0,
            "Frames are lost: bring it nearer, put a device with mains power between, or move the stick away from the computer with an extension cable.",
        ),
        (most_ms > SLOW_MS, "It answers slowly: have its routes found anew, or put a device with mains power between."),
        (hops > 2, "It speaks through many others: have its routes found anew, or bring it nearer."),
        (
            health.margin_db().is_some_and(|margin| margin < GOOD_MARGIN),
            "Its signal is hardly stronger than the noise: look for what disturbs it, and move the stick away from the computer with an extension cable.",
        ),
        (
            health.neighbours.is_some_and(|neighbours| neighbours <= FEW_NEIGHBOURS),
            "Few others hear it: a device with mains power near it is another way, should this one fail.",
        ),
        (
            rating(health, is_woken) == GOOD,
            "It is reached well, and a little later than the best: there is nothing to be done.",
        ),
        (is_woken, "It listens at intervals only: each frame takes up to a second, and that is as it should be."),
    ];
    table.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| Arc::from(words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(reached: u32, most_ms: f64, margin: f64, neighbours: u32) -> Health {
        Health {
            tried: 10,
            reached,
            round_trips: RoundTrips::of(vec![most_ms]),
            signal_dbm: Some(-95.0 + margin),
            noise_dbm: Some(-95.0),
            neighbours: Some(neighbours),
            ..Health::default()
        }
    }

    #[test]
    fn ratings_are_those_that_installers_know() {
        let table = [
            (health(0, 20.0, 30.0, 9), 0),
            (health(7, 20.0, 30.0, 9), 1),
            (health(8, 20.0, 30.0, 9), 2),
            (health(10, 1_200.0, 30.0, 9), 2),
            (health(9, 20.0, 30.0, 9), 3),
            (health(10, 600.0, 30.0, 9), 3),
            (health(10, 300.0, 30.0, 9), 4),
            (health(10, 120.0, 30.0, 9), 5),
            (health(10, 20.0, 10.0, 2), 6),
            (health(10, 20.0, 10.0, 3), 7),
            (health(10, 20.0, 30.0, 2), 8),
            (health(10, 80.0, 30.0, 3), 9),
            (health(10, 20.0, 30.0, 3), 10),
        ];
        for (health, expected) in table {
            assert_eq!(rating(&health, false), expected, "{health:?}");
            assert_eq!(advice(&health, false).is_empty(), expected == 10, "{health:?}");
        }
        assert_eq!(rating(&health(10, 1_200.0, 30.0, 9), true), 10, "waking takes its time");
    }

    #[test]
    fn advice_is_what_is_so() {
        assert_eq!(advice(&health(10, 20.0, 30.0, 9), false), Vec::<Arc<str>>::new());
        let bad = advice(&health(8, 400.0, 5.0, 1), false);
        assert_eq!(bad.len(), 4, "{bad:?}");
    }
}
