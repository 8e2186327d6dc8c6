//! Where people are, and by which signs, on the wire.

use hub_core::Snapshot;
use hub_core::presence::{Reason, Standing, reasons};
use hub_model::Said;
use hub_model::household::Person;
use hub_model::presence::{AWAY, HOME, PresenceZone, Source, StandIn, UNKNOWN};
use hub_model::{DeviceId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract;
use crate::problem::Problem;

/// The most zones of a home.
const ZONES_MAX: usize = 64;
/// How small and how large a zone may be, in metres: a phone is not more exact, and a zone is no country.
const RADIUS: std::ops::RangeInclusive<f64> = 10.0..=100_000.0;

/// Somebody who has an account.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonBody<'a> {
    id: &'a str,
    name: &'a str,
    /// `home`, `away` or a zone; null = nobody knows.
    presence: Option<&'a str>,
    /// Since when, also since when nobody knows; null = nobody ever said.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Whether `everyone` of a rule waits for them.
    counts: bool,
    /// The devices that stand for them.
    devices: Vec<StandInBody<'a>>,
    /// Why they are said to be there, the sign that decides first.
    reasons: Vec<ReasonBody>,
}

/// A device that stands for somebody.
#[derive(Serialize, ToSchema)]
#[schema(as = StandIn)]
struct StandInBody<'a> {
    device: &'a str,
    endpoint: u16,
    /// It is true while they are at home.
    attribute: &'a str,
    /// After so many minutes of false they are away; null = false says nothing.
    away_after_minutes: Option<u32>,
}

/// A sign of where somebody is.
#[derive(Serialize, ToSchema)]
#[schema(as = PresenceReason)]
struct ReasonBody {
    /// `manual` (a person said so), `phone` or `device`.
    source: &'static str,
    /// The device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// `home`, `away` or a zone.
    says: String,
    /// Since when it says so.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// When it last said so.
    #[schema(value_type = String, format = DateTime)]
    heard_at: Timestamp,
    /// `decides`, `agrees`, `outvoted` or `expired`.
    standing: &'static str,
    /// The same in words.
    text: String,
}

impl<'a> PersonBody<'a> {
    pub(crate) fn new(person: &'a Person, snapshot: &Snapshot, now: Timestamp) -> Self {
        let presence = person.presence.as_ref();
        Self {
            id: person.id.as_str(),
            name: &person.name,
            presence: presence.map(|presence| &*presence.place).filter(|place| *place != UNKNOWN),
            since: presence.map(|presence| presence.since),
            counts: person.counts,
            devices: person.devices.iter().map(StandInBody::new).collect(),
            reasons: reasons(snapshot, person, now).iter().map(|reason| ReasonBody::new(reason, snapshot)).collect(),
        }
    }
}

impl<'a> StandInBody<'a> {
    fn new(stand_in: &'a StandIn) -> Self {
        Self {
            device: stand_in.device.as_str(),
            endpoint: stand_in.endpoint,
            attribute: stand_in.attribute.as_str(),
            away_after_minutes: stand_in.away_after_minutes,
        }
    }
}

impl ReasonBody {
    fn new(reason: &Reason, snapshot: &Snapshot) -> Self {
        let evidence = &reason.evidence;
        let (source, device) = match &evidence.source {
            Source::Manual => ("manual", None),
            Source::Phone => ("phone", None),
            Source::Device(id) => ("device", Some(id.to_string())),
        };
        let who = match &evidence.source {
            Source::Manual => "somebody".to_owned(),
            Source::Phone => "the phone".to_owned(),
            Source::Device(id) => {
                snapshot.device(id).map_or_else(|| id.to_string(), |view| view.record.name.to_string())
            }
        };
        let says = match &*evidence.says {
            HOME => "at home".to_owned(),
            AWAY => "away".to_owned(),
            zone => format!("at {zone}"),
        };
        let (standing, words) = match reason.standing {
            Standing::Decides => ("decides", ""),
            Standing::Agrees => ("agrees", ""),
            Standing::Outvoted => ("outvoted", ", but another sign counts for more"),
            Standing::Expired => ("expired", ", but that was too long ago to count"),
        };
        Self {
            source,
            device,
            says: evidence.says.to_string(),
            at: evidence.at,
            heard_at: evidence.heard_at,
            standing,
            text: format!("{who} says {says}{words}"),
        }
    }
}

/// Where somebody is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPresence {
    /// `home`, `away` or the name of a zone; `unknown` takes back what was said.
    pub(crate) presence: String,
}

/// What to change of a person; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = PersonChange)]
pub(crate) struct PersonChange {
    /// Whether `everyone` of a rule waits for them.
    pub(crate) counts: Option<bool>,
    /// All devices that stand for them, at most 16.
    pub(crate) devices: Option<Vec<NewStandIn>>,
}

/// A device that is to stand for somebody.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStandIn {
    pub(crate) device: String,
    /// By number or label, where the attribute is on several.
    #[serde(default)]
    pub(crate) endpoint: Option<String>,
    /// A bool that is true while they are at home; `presence` if left out.
    #[serde(default)]
    pub(crate) attribute: Option<String>,
    /// After so many minutes of false they are away (1 to 1,440); left out = false says nothing.
    #[serde(default)]
    pub(crate) away_after_minutes: Option<u32>,
}

/// A round place that has a name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Zone)]
pub(crate) struct ZoneBody {
    name: String,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
    /// From its middle to its edge, in metres.
    #[serde(default = "usual_radius")]
    #[schema(minimum = 10, maximum = 100_000)]
    radius_m: f64,
}

fn usual_radius() -> f64 {
    100.0
}

impl ZoneBody {
    pub(crate) fn new(zone: &PresenceZone) -> Self {
        let PresenceZone { name, latitude, longitude, radius_m } = zone;
        Self { name: name.to_string(), latitude: *latitude, longitude: *longitude, radius_m: *radius_m }
    }

    fn checked(self) -> Result<PresenceZone, Problem> {
        let name = extract::name("zones", &self.name)?;
        if [HOME, AWAY, UNKNOWN].iter().any(|word| name.eq_ignore_ascii_case(word)) {
            let detail = format!("A zone cannot be called {name}.");
            return Err(bad(
                "zones",
                detail,
                "Give another name; the home has its place by itself (location, radius_m).",
            ));
        }
        let within = |degrees: f64, most: f64| degrees.is_finite() && degrees.abs() <= most;
        if !within(self.latitude, 90.0) || !within(self.longitude, 180.0) {
            let hint = "Give a latitude of −90 to 90 and a longitude of −180 to 180 degrees.";
            return Err(bad("zones", format!("The zone {name} is nowhere on earth."), hint));
        }
        let radius_m = radius("zones", self.radius_m)?;
        Ok(PresenceZone { name, latitude: self.latitude, longitude: self.longitude, radius_m })
    }
}

/// The zones that are to be.
pub(crate) fn zones(wanted: Vec<ZoneBody>) -> Result<Vec<PresenceZone>, Problem> {
    if wanted.len() > ZONES_MAX {
        return Err(bad("zones", "There are too many zones.".to_owned(), &format!("Give at most {ZONES_MAX}.")));
    }
    let zones = wanted.into_iter().map(ZoneBody::checked).collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<String> = zones.iter().map(|zone| zone.name.to_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(bad("zones", "Two zones have the same name.".to_owned(), "Give each a name of its own."));
    }
    Ok(zones)
}

/// A radius that can be.
pub(crate) fn radius(field: &'static str, metres: f64) -> Result<f64, Problem> {
    if RADIUS.contains(&metres) {
        return Ok(metres);
    }
    Err(bad(field, "The radius is too small or too large.".to_owned(), "Give 10 to 100,000 metres."))
}

/// The device that is to stand for somebody, checked against the home.
pub(crate) fn stand_in(wanted: NewStandIn, snapshot: &Snapshot) -> Result<StandIn, Problem> {
    let id = DeviceId::new(wanted.device.as_str());
    let view = snapshot.device(&id).ok_or_else(|| {
        let shown: String = wanted.device.chars().take(128).collect();
        let detail = format!("There is no device {shown}.");
        Problem::invalid("no_such_device", detail, "Choose one that is there (GET /api/v1/devices).")
            .with("field", "devices".into())
    })?;
    let attribute = wanted.attribute.unwrap_or_else(|| "presence".to_owned());
    let selector = wanted.endpoint.map(|endpoint| hub_model::device::EndpointSelector::Label(endpoint.into()));
    let device = &view.record.device;
    let endpoint = device.resolve(selector.as_ref(), &attribute)?;
    let is_bool = device.attribute(endpoint, &attribute).is_some_and(|schema| schema.kind == hub_model::Kind::Bool);
    if !is_bool {
        let detail = format!("{attribute} of {} is not true or false.", view.record.name);
        return Err(bad("devices", detail, "Name an attribute that is true while somebody is at home."));
    }
    if wanted.away_after_minutes.is_some_and(|minutes| !(1..=1_440).contains(&minutes)) {
        let detail = "The time after which somebody is away is too short or too long.".to_owned();
        return Err(bad("devices", detail, "Give away_after_minutes from 1 to 1440, or leave it out."));
    }
    Ok(StandIn { device: id, endpoint, attribute: attribute.into(), away_after_minutes: wanted.away_after_minutes })
}

fn bad(field: &'static str, detail: String, hint: &str) -> Problem {
    Problem::invalid("bad_value", Said::new("stand_in", detail), hint).with("field", field.into())
}
