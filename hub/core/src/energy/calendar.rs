//! The time that is asked for, cut into buckets, and these where the price of energy changes.

use hub_model::Timestamp;
use hub_model::household::{EnergyRate, Home};
use hub_model::zone::{TimeOfDay, Weekday, Zone};

use super::EnergyQuery;
use super::counting::Amount;

/// A stretch of time by the home's clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// From (included).
    pub from: Timestamp,
    /// To (excluded).
    pub to: Timestamp,
}

/// A part of a bucket in which a kilowatt hour costs the same.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Slice {
    from: i64,
    to: i64,
    bucket: usize,
    price: Option<f64>,
}

/// Buckets and prices of the time that is asked for.
#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) buckets: Vec<Bucket>,
    /// Without gaps, from the start of the first bucket to the end of the last.
    slices: Vec<Slice>,
}

impl Calendar {
    pub(super) fn new(query: &EnergyQuery, zone: &Zone, home: &Home) -> Self {
        let mut buckets = Vec::new();
        let mut from = query.unit.start(zone, query.from);
        while from < query.to {
            let to = query.unit.next(zone, from);
            buckets.push(Bucket { from, to });
            from = to;
        }
        let edges = edges(&buckets, zone, &home.energy_rates);
        let mut slices = Vec::new();
        for (bucket, Bucket { from, to }) in buckets.iter().enumerate() {
            let first = edges.partition_point(|edge| edge <= from);
            let inner = edges.iter().skip(first).take_while(|edge| *edge < to);
            let mut start = *from;
            for end in inner.chain([to]) {
                slices.push(Slice { from: start.0, to: end.0, bucket, price: price(start, zone, home) });
                start = *end;
            }
        }
        Self { buckets, slices }
    }

    pub(super) fn from(&self) -> Timestamp {
        self.buckets.first().map_or(Timestamp(0), |bucket| bucket.from)
    }

    pub(super) fn to(&self) -> Timestamp {
        self.buckets.last().map_or(Timestamp(0), |bucket| bucket.to)
    }

    /// Spreads energy evenly over the time in which it was taken; what falls outside of what is asked is left out.
    /// `is_unsure`: nobody knows when within this time.
    pub(super) fn spread(&self, from: i64, to: i64, kwh: f64, is_unsure: bool, amounts: &mut [Amount]) {
        let length = (to - from).max(1) as f64;
        let first = self.slices.partition_point(|slice| slice.to <= from);
        let touched = self.slices.iter().skip(first).take_while(|slice| slice.from < to);
        // Within one bucket it does not matter when it was.
        let bucket = self.slices.get(first).and_then(|slice| self.buckets.get(slice.bucket));
        let is_within = bucket.is_some_and(|bucket| bucket.from.0 <= from && bucket.to.0 >= to);
        let is_estimated = is_unsure && !is_within;
        for slice in touched {
            let overlap = slice.to.min(to) - slice.from.max(from);
            let Some(amount) = amounts.get_mut(slice.bucket) else { continue };
            let part = kwh * (overlap.max(0) as f64 / length);
            amount.is_known = true;
            amount.kwh += part;
            if is_estimated {
                amount.estimated_kwh += part;
            }
            match slice.price {
                Some(price) => *amount.priced.get_or_insert(0.0) += part * price,
                None => amount.unpriced_kwh += part,
            }
        }
    }

    /// How much of a stretch is within what is asked, in milliseconds.
    pub(super) fn within(&self, from: i64, to: i64) -> i64 {
        (to.min(self.to().0) - from.max(self.from().0)).max(0)
    }
}

/// When a price may begin or end.
fn edges(buckets: &[Bucket], zone: &Zone, rates: &[EnergyRate]) -> Vec<Timestamp> {
    let (Some(first), Some(last)) = (buckets.first(), buckets.last()) else { return Vec::new() };
    if rates.is_empty() {
        return Vec::new();
    }
    let mut edges = Vec::new();
    let mut date = zone.local(first.from).date();
    let end = zone.local(last.to).date();
    while date <= end {
        for rate in rates {
            let at = |clock: TimeOfDay| {
                let part = |number: u8| i8::try_from(number).unwrap_or(0);
                zone.instant(date.at(part(clock.hour), part(clock.minute), part(clock.second), 0))
            };
            edges.extend([rate.from, rate.to].into_iter().filter_map(at));
        }
        let Ok(tomorrow) = date.tomorrow() else { break };
        date = tomorrow;
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// What a kilowatt hour costs at a time; none if nobody has said.
fn price(at: Timestamp, zone: &Zone, home: &Home) -> Option<f64> {
    let local = zone.local(at);
    let part = |number: i8| u8::try_from(number).unwrap_or(0);
    let clock = TimeOfDay { hour: part(local.hour()), minute: part(local.minute()), second: part(local.second()) };
    let today = Weekday::of(local.date());
    let yesterday = local.date().yesterday().map_or(today, Weekday::of);
    let rate = home.energy_rates.iter().find(|rate| {
        let begins_on = |day: Weekday| rate.weekdays.is_empty() || rate.weekdays.contains(&day);
        if rate.from < rate.to {
            begins_on(today) && rate.from <= clock && clock < rate.to
        } else {
            // Over midnight: the night belongs to the day on which it began.
            (begins_on(today) && rate.from <= clock) || (begins_on(yesterday) && clock < rate.to)
        }
    });
    rate.map(|rate| rate.price).or(home.energy_price)
}
