//! How much energy devices took, and what it cost: from counters, and from power where there is no counter. Pure but
//! for the archive, which blocks on the disk.
//!
//! A counter's rise is put where it belongs: into the stretch between two readings. Where these are far apart, nobody
//! knows when within, and the part is marked as estimated. Power counts for as long as it was measured.

mod calendar;
mod counting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hub_model::calendar::CalendarUnit;
use hub_model::history::{Aggregate, HistoryAnswer, HistoryQuery, Resolution};
use hub_model::zone::Zone;
use hub_model::{AreaId, AttributeName, DeviceId, EndpointNumber, Timestamp};

use crate::lineage;
use crate::ports::Archive;
use crate::snapshot::{DeviceView, Snapshot};

pub use calendar::Bucket;
use calendar::Calendar;
pub use counting::Amount;
use counting::{LOOK_AROUND_COUNTER, LOOK_AROUND_POWER, Rows};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Up to here history is read in steps of five minutes, beyond in hours.
const FINE: Duration = Duration::from_secs(31 * 24 * 60 * 60);
const FIVE_MINUTES: i64 = 5 * 60_000;
const HOUR: i64 = 60 * 60_000;
/// The most numbers that an answer has: buckets times groups.
pub const MOST_AMOUNTS: usize = 50_000;

/// The longest stretch that may be asked for at once.
pub fn longest(unit: CalendarUnit) -> Duration {
    match unit {
        CalendarUnit::Hour => 366 * DAY,
        CalendarUnit::Day => 3 * 366 * DAY,
        CalendarUnit::Month => 5 * 366 * DAY,
    }
}

/// How the parts are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Grouping {
    /// One row for each device.
    Device,
    /// One row for each room.
    Area,
    /// Only the whole.
    #[default]
    None,
}

/// What is asked.
#[derive(Clone, PartialEq, Debug)]
pub struct EnergyQuery {
    /// From the bucket that this is in.
    pub from: Timestamp,
    /// Until the end of the bucket that this (excluded) ends in.
    pub to: Timestamp,
    /// How wide the buckets are.
    pub unit: CalendarUnit,
    /// How the parts are put together.
    pub grouping: Grouping,
    /// Only this device.
    pub device: Option<DeviceId>,
}

/// It cannot be told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnergyError {
    /// The stretch is too long, or has no length.
    #[error("{days} days are asked for; of {unit:?} buckets 1 to {most_days} days can be")]
    Range {
        /// What was asked for.
        days: u64,
        /// What can be.
        most_days: u64,
        /// Of which buckets.
        unit: CalendarUnit,
    },
    /// The answer would be too long.
    #[error("the answer would have {amounts} numbers; {MOST_AMOUNTS} are the most")]
    TooMuch {
        /// Buckets times groups.
        amounts: usize,
    },
    /// There is no such device.
    #[error("there is no device {0}")]
    NoSuchDevice(DeviceId),
}

/// What the whole is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whole {
    /// What the main meters counted.
    Meters,
    /// The sum of what devices counted: what no device measures is missing.
    Parts,
    /// The one device that was asked for.
    Device,
}

/// Whose amounts a row has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GroupKey {
    /// A device's.
    Device(DeviceId),
    /// A room's; none = of the devices that are in no room.
    Area(Option<AreaId>),
}

/// A row.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// Whose.
    pub key: GroupKey,
    /// What people call it.
    pub name: Option<Arc<str>>,
    /// For each bucket.
    pub amounts: Vec<Amount>,
}

/// A device that was counted.
#[derive(Clone, PartialEq, Debug)]
pub struct CountedDevice {
    /// Its id.
    pub id: DeviceId,
    /// What people call it.
    pub name: Arc<str>,
    /// It measures the whole home.
    pub is_meter: bool,
    /// It has no counter: its power was added up.
    pub from_power: bool,
    /// For so long, within what was asked, nothing was heard of its power, and nothing was counted.
    pub not_counted: Duration,
    /// All of it together.
    pub total: Amount,
}

/// A device that measures energy or power and could not be counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UncountedDevice {
    /// Its id.
    pub id: DeviceId,
    /// What people call it.
    pub name: Arc<str>,
    /// A stable word: `no_readings`, `no_meter`, `group`, `unit`, `unreadable`.
    pub reason: &'static str,
    /// The same in words.
    pub detail: String,
}

/// How much, when, of what.
#[derive(Clone, PartialEq, Debug)]
pub struct EnergyReport {
    /// The stretches of time.
    pub buckets: Vec<Bucket>,
    /// What the whole is made of.
    pub whole: Whole,
    /// The whole, for each bucket.
    pub amounts: Vec<Amount>,
    /// The parts.
    pub groups: Vec<Group>,
    /// The devices that are in it.
    pub counted: Vec<CountedDevice>,
    /// Those that are not.
    pub uncounted: Vec<UncountedDevice>,
}

impl EnergyReport {
    /// All buckets together.
    pub fn total(&self) -> Amount {
        Amount::sum(&self.amounts)
    }
}

/// What a device has to be counted by.
enum Source {
    Counter(Vec<EndpointNumber>),
    Power(Vec<EndpointNumber>),
}

/// Adds up what devices took.
pub fn energy(
    snapshot: &Snapshot,
    archive: &dyn Archive,
    query: &EnergyQuery,
    now: Timestamp,
) -> Result<EnergyReport, EnergyError> {
    let devices: Vec<&Arc<DeviceView>> = match &query.device {
        Some(id) => vec![snapshot.device(id).ok_or_else(|| EnergyError::NoSuchDevice(id.clone()))?],
        None => snapshot.devices.iter().collect(),
    };
    let (length, longest) = (query.to.since(query.from), longest(query.unit));
    if length.is_zero() || length > longest {
        let days = |length: Duration| length.as_secs().div_ceil(DAY.as_secs());
        return Err(EnergyError::Range { days: days(length), most_days: days(longest), unit: query.unit });
    }
    let zone = Zone::named(&snapshot.home.time_zone).unwrap_or_else(|_| Zone::utc());
    let calendar = Calendar::new(query, &zone, &snapshot.home);
    let rows = match query.grouping {
        Grouping::Device => devices.iter().filter(|view| source(view).is_ok_and(|source| source.is_some())).count(),
        Grouping::Area => snapshot.areas.len() + 1,
        Grouping::None => 1,
    };
    let amounts = rows.saturating_mul(calendar.buckets.len());
    if amounts > MOST_AMOUNTS {
        return Err(EnergyError::TooMuch { amounts });
    }
    let mut adding = Adding { snapshot, query, calendar, parts: None, meters: None, groups: BTreeMap::new() };
    let (mut counted, mut uncounted) = (Vec::new(), Vec::new());
    for view in devices {
        match adding.count(view, archive, now) {
            Ok(None) if query.device.is_none() => {}
            Ok(None) => {
                let (id, name) = (view.record.device.id.clone(), Arc::clone(&view.record.name));
                let detail = "It measures neither energy nor power.".to_owned();
                uncounted.push(UncountedDevice { id, name, reason: "no_meter", detail });
            }
            Ok(Some(device)) => counted.push(device),
            Err((reason, detail)) => {
                let (id, name) = (view.record.device.id.clone(), Arc::clone(&view.record.name));
                uncounted.push(UncountedDevice { id, name, reason, detail });
            }
        }
    }
    Ok(adding.report(counted, uncounted))
}

/// Whether a device measures the whole home. One that took the place of a meter does.
fn is_meter(snapshot: &Snapshot, view: &DeviceView) -> bool {
    let meters = &snapshot.home.energy_meters;
    let record = &view.record;
    std::iter::once(&record.device.id).chain(&record.predecessors).any(|id| meters.contains(id))
}

/// By what a device can be counted; none if it measures neither energy nor power.
fn source(view: &DeviceView) -> Result<Option<Source>, (&'static str, String)> {
    let device = &view.record.device;
    let holders = |name: &str, unit: &str| -> (Vec<EndpointNumber>, Option<String>) {
        let mut endpoints = Vec::new();
        let mut other = None;
        for (endpoint, schema) in device.attributes().filter(|(_, schema)| schema.name.as_str() == name) {
            match schema.unit.as_deref() {
                Some(given) if given == unit => endpoints.push(endpoint),
                given => other = Some(given.unwrap_or("no unit").to_owned()),
            }
        }
        // Endpoint 0 is the device as a whole, the others are its parts.
        if endpoints.first() == Some(&0) {
            endpoints.truncate(1);
        }
        (endpoints, other)
    };
    let (counters, odd_energy) = holders("energy", "kWh");
    let (powers, odd_power) = holders("power", "W");
    let has_any = !(counters.is_empty() && powers.is_empty());
    if has_any && !device.members.is_empty() {
        return Err(("group", "It is a group; its members are counted.".to_owned()));
    }
    match (counters.is_empty(), powers.is_empty()) {
        (false, _) => Ok(Some(Source::Counter(counters))),
        (true, false) => Ok(Some(Source::Power(powers))),
        (true, true) => match odd_energy.or(odd_power) {
            Some(unit) => Err(("unit", format!("It measures in {unit}; kWh or W can be counted."))),
            None => Ok(None),
        },
    }
}

/// What was added up so far.
struct Adding<'a> {
    snapshot: &'a Snapshot,
    query: &'a EnergyQuery,
    calendar: Calendar,
    parts: Option<Vec<Amount>>,
    meters: Option<Vec<Amount>>,
    groups: BTreeMap<GroupKey, Group>,
}

impl Adding<'_> {
    fn count(
        &mut self,
        view: &DeviceView,
        archive: &dyn Archive,
        now: Timestamp,
    ) -> Result<Option<CountedDevice>, (&'static str, String)> {
        let Some(source) = source(view)? else { return Ok(None) };
        let (attribute, endpoints, around, from_power) = match &source {
            Source::Counter(endpoints) => ("energy", endpoints, LOOK_AROUND_COUNTER, false),
            Source::Power(endpoints) => ("power", endpoints, LOOK_AROUND_POWER, true),
        };
        let mut amounts = vec![Amount::default(); self.calendar.buckets.len()];
        let mut not_counted = Duration::ZERO;
        for endpoint in endpoints {
            let (rows, width) = self.rows(view, archive, (attribute, *endpoint), around)?;
            let rows = Rows { rows: &rows, width, now };
            if from_power {
                not_counted = not_counted.max(rows.add_power(&self.calendar, &mut amounts));
            } else {
                rows.add_counter(&self.calendar, &mut amounts);
            }
        }
        let total = Amount::sum(&amounts);
        if !total.is_known {
            let detail = format!("It told no {attribute} in this time.");
            return Err(("no_readings", detail));
        }
        let (id, name) = (view.record.device.id.clone(), Arc::clone(&view.record.name));
        let is_meter = is_meter(self.snapshot, view);
        add(if is_meter { &mut self.meters } else { &mut self.parts }, &amounts);
        self.group(view, is_meter, &amounts);
        Ok(Some(CountedDevice { id, name, is_meter, from_power, not_counted, total }))
    }

    fn is_fine(&self) -> bool {
        self.calendar.to().since(self.calendar.from()) <= FINE
    }

    /// History of what a device told, as fine as it is kept from the beginning, with the width of a row.
    fn rows(
        &self,
        view: &DeviceView,
        archive: &dyn Archive,
        told: (&str, EndpointNumber),
        around: Duration,
    ) -> Result<(Vec<Aggregate>, i64), (&'static str, String)> {
        let from = self.calendar.from().minus(around);
        if self.is_fine() {
            let fine = self.rows_of(view, archive, told, around, (Resolution::FiveMinutes, FIVE_MINUTES))?;
            let first = fine.first().map_or(i64::MAX, |row| row.at.0);
            if first.saturating_sub(from.0) < HOUR {
                return Ok((fine, FIVE_MINUTES));
            }
            // Hours are kept for longer.
            let hours = self.rows_of(view, archive, told, around, (Resolution::Hour, HOUR))?;
            let is_older = hours.first().is_some_and(|row| row.at.0 <= first.saturating_sub(HOUR));
            return Ok(if is_older { (hours, HOUR) } else { (fine, FIVE_MINUTES) });
        }
        Ok((self.rows_of(view, archive, told, around, (Resolution::Hour, HOUR))?, HOUR))
    }

    fn rows_of(
        &self,
        view: &DeviceView,
        archive: &dyn Archive,
        (attribute, endpoint): (&str, EndpointNumber),
        around: Duration,
        (resolution, width): (Resolution, i64),
    ) -> Result<Vec<Aggregate>, (&'static str, String)> {
        let (from, to) = (self.calendar.from().minus(around), self.calendar.to().plus(around));
        let rows = to.since(from).as_millis() / u128::from(width.unsigned_abs());
        let query = HistoryQuery {
            device: view.record.device.id.clone(),
            endpoint,
            attribute: AttributeName::new(attribute),
            from,
            to,
            resolution,
            time_zone: Arc::clone(&self.snapshot.home.time_zone),
            limit: usize::try_from(rows).unwrap_or(usize::MAX).saturating_add(2),
        };
        match lineage::history(archive, &query, &view.record.predecessors) {
            Ok(HistoryAnswer::Aggregates(rows)) => Ok(rows),
            Ok(HistoryAnswer::Samples(_)) => Ok(Vec::new()),
            Err(error) => Err(("unreadable", format!("Its history could not be read: {error}."))),
        }
    }

    fn group(&mut self, view: &DeviceView, is_meter: bool, amounts: &[Amount]) {
        let record = &view.record;
        let (key, name) = match self.query.grouping {
            Grouping::None => return,
            // A meter measures the whole home, whatever room it hangs in.
            Grouping::Area if is_meter => return,
            Grouping::Device => (GroupKey::Device(record.device.id.clone()), Some(Arc::clone(&record.name))),
            Grouping::Area => {
                let area = self.snapshot.areas.iter().find(|area| Some(&area.id) == record.area.as_ref());
                (GroupKey::Area(area.map(|area| area.id.clone())), area.map(|area| Arc::clone(&area.name)))
            }
        };
        let empty = || vec![Amount::default(); amounts.len()];
        let group = self.groups.entry(key.clone()).or_insert_with(|| Group { key, name, amounts: empty() });
        for (sum, amount) in group.amounts.iter_mut().zip(amounts) {
            sum.add(amount);
        }
    }

    fn report(self, counted: Vec<CountedDevice>, uncounted: Vec<UncountedDevice>) -> EnergyReport {
        let empty = vec![Amount::default(); self.calendar.buckets.len()];
        let (whole, amounts) = match (self.query.device.is_some(), self.meters, self.parts) {
            (true, meters, parts) => (Whole::Device, meters.or(parts)),
            (false, Some(meters), _) => (Whole::Meters, Some(meters)),
            (false, None, parts) => (Whole::Parts, parts),
        };
        EnergyReport {
            buckets: self.calendar.buckets,
            whole,
            amounts: amounts.unwrap_or(empty),
            groups: self.groups.into_values().collect(),
            counted,
            uncounted,
        }
    }
}

fn add(sums: &mut Option<Vec<Amount>>, amounts: &[Amount]) {
    let sums = sums.get_or_insert_with(|| vec![Amount::default(); amounts.len()]);
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        sum.add(amount);
    }
}
