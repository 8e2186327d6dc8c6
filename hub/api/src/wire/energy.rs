//! Energy on the wire.

use hub_core::Snapshot;
use hub_core::energy::{Amount, Bucket, CountedDevice, EnergyReport, Group, GroupKey, UncountedDevice, Whole};
use hub_model::Timestamp;
use hub_model::calendar::CalendarUnit;
use hub_model::zone::Zone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A question about energy.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EnergyParams {
    /// From the bucket that this time is in; if left out a day before `to` for hours, 30 days for days, a year for
    /// months.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) from: Option<Timestamp>,
    /// Until the end of the bucket that this time (excluded) ends in; now if left out.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(crate) to: Option<Timestamp>,
    /// `hour` (at most 366 days), `day` (3 years) or `month` (5 years), by the home's clocks; `day` if left out.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) resolution: CalendarUnit,
    /// `device`, `area` or `none`; `none` if left out.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(crate) group_by: GroupBy,
    /// Only this device.
    #[serde(default)]
    pub(crate) device: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBy {
    Device,
    Area,
    #[default]
    None,
}

/// How much energy was taken, when and by what.
#[derive(Serialize, ToSchema)]
#[schema(as = Energy)]
pub(crate) struct EnergyBody<'a> {
    /// The start of the first bucket.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// The end of the last.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// `hour`, `day` or `month`.
    #[schema(value_type = String)]
    resolution: CalendarUnit,
    /// In which the buckets begin.
    time_zone: &'a str,
    /// In which costs are.
    currency: &'a str,
    /// What the total is: `meters` (what the home's main meters counted), `parts` (the sum of what devices counted; what
    /// no device measures is missing) or `device` (the one that was asked for).
    total_of: &'static str,
    total: AmountBody,
    buckets: Vec<BucketBody>,
    /// The parts that `group_by` asks for.
    groups: Vec<GroupBody<'a>>,
    /// The devices that were counted.
    devices: Vec<CountedBody<'a>>,
    /// Devices that measure energy or power and could not be counted.
    not_counted: Vec<UncountedBody<'a>>,
}

/// An amount of energy.
#[derive(Serialize, ToSchema)]
#[schema(as = EnergyAmount)]
struct AmountBody {
    /// Kilowatt hours; null = nothing was measured.
    kwh: Option<f64>,
    /// What it cost; null = of some of it nobody has said what it costs, or nothing was measured.
    cost: Option<f64>,
    /// How much of it may belong to the time beside: between two readings of a counter lay more than an hour, and the
    /// energy was spread evenly over it.
    estimated_kwh: f64,
    /// Whether any of it may.
    estimated: bool,
}

/// An amount in a stretch of time.
#[derive(Serialize, ToSchema)]
#[schema(as = EnergyBucket)]
struct BucketBody {
    /// The start by the home's clocks, with their distance from UTC.
    start: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    #[serde(flatten)]
    amount: AmountBody,
}

/// The energy of a device or room.
#[derive(Serialize, ToSchema)]
#[schema(as = EnergyGroup)]
struct GroupBody<'a> {
    /// The device, where they are grouped so.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    /// The room; null and no device = devices that are in no room.
    area: Option<&'a str>,
    name: Option<&'a str>,
    total: AmountBody,
    /// For each of `buckets`.
    amounts: Vec<AmountBody>,
}

/// A device that was counted.
#[derive(Serialize, ToSchema)]
#[schema(as = CountedDevice)]
struct CountedBody<'a> {
    device: &'a str,
    name: &'a str,
    /// It is a main meter: it measures the whole home, and is not added to the parts.
    meter: bool,
    /// It has no counter: its power was added up.
    from_power: bool,
    /// For so many hours nothing was heard of its power, and nothing was counted.
    hours_not_counted: f64,
    total: AmountBody,
}

/// A device that could not be counted.
#[derive(Serialize, ToSchema)]
#[schema(as = UncountedDevice)]
struct UncountedBody<'a> {
    device: &'a str,
    name: &'a str,
    /// `no_readings`, `no_meter` (of a device that was asked for), `group`, `unit` or `unreadable`.
    reason: &'a str,
    detail: &'a str,
}

/// Without the noise of binary fractions.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

impl AmountBody {
    fn new(amount: &Amount) -> Self {
        let known = |number: f64| amount.is_known.then_some(rounded(number));
        let estimated_kwh = rounded(amount.estimated_kwh);
        Self {
            kwh: known(amount.kwh),
            cost: amount.cost().and_then(known),
            estimated_kwh,
            estimated: estimated_kwh > 0.0,
        }
    }
}

impl<'a> EnergyBody<'a> {
    pub(crate) fn new(report: &'a EnergyReport, snapshot: &'a Snapshot, resolution: CalendarUnit) -> Self {
        let home = &snapshot.home;
        let zone = Zone::named(&home.time_zone).unwrap_or_else(|_| Zone::utc());
        let bucket = |(bucket, amount): (&Bucket, &Amount)| BucketBody {
            start: zone.written(bucket.from),
            from: bucket.from,
            to: bucket.to,
            amount: AmountBody::new(amount),
        };
        Self {
            from: report.buckets.first().map_or(Timestamp(0), |bucket| bucket.from),
            to: report.buckets.last().map_or(Timestamp(0), |bucket| bucket.to),
            resolution,
            time_zone: &home.time_zone,
            currency: &home.currency,
            total_of: match report.whole {
                Whole::Meters => "meters",
                Whole::Parts => "parts",
                Whole::Device => "device",
            },
            total: AmountBody::new(&report.total()),
            buckets: report.buckets.iter().zip(&report.amounts).map(bucket).collect(),
            groups: report.groups.iter().map(GroupBody::new).collect(),
            devices: report.counted.iter().map(CountedBody::new).collect(),
            not_counted: report.uncounted.iter().map(UncountedBody::new).collect(),
        }
    }
}

impl<'a> GroupBody<'a> {
    fn new(group: &'a Group) -> Self {
        let (device, area) = match &group.key {
            GroupKey::Device(id) => (Some(id.as_str()), None),
            GroupKey::Area(area) => (None, area.as_ref().map(|area| area.as_str())),
        };
        Self {
            device,
            area,
            name: group.name.as_deref(),
            total: AmountBody::new(&Amount::sum(&group.amounts)),
            amounts: group.amounts.iter().map(AmountBody::new).collect(),
        }
    }
}

impl<'a> CountedBody<'a> {
    fn new(counted: &'a CountedDevice) -> Self {
        Self {
            device: counted.id.as_str(),
            name: &counted.name,
            meter: counted.is_meter,
            from_power: counted.from_power,
            hours_not_counted: (counted.not_counted.as_secs_f64() / 36.0).round() / 100.0,
            total: AmountBody::new(&counted.total),
        }
    }
}

impl<'a> UncountedBody<'a> {
    fn new(uncounted: &'a UncountedDevice) -> Self {
        Self {
            device: uncounted.id.as_str(),
            name: &uncounted.name,
            reason: uncounted.reason,
            detail: &uncounted.detail,
        }
    }
}
