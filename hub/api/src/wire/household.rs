//! The home, its rooms and its alerts on the wire.

use std::sync::Arc;

use hub_model::event::{Alert, Severity};
use hub_model::household::{Area, Home, Location};
use hub_model::zone::Zone;
use hub_model::{DeviceId, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract;
use crate::problem::Problem;
use crate::wire::presence::{self, ZoneBody};
use crate::wire::tariff::{self, EnergyRateBody};

/// A home has a few meters at most.
const METERS_MAX: usize = 16;

/// The home's settings.
#[derive(Serialize, ToSchema)]
#[schema(as = Home)]
pub(crate) struct HomeBody<'a> {
    name: &'a str,
    location: Option<LocationBody>,
    /// An IANA name like `Europe/Berlin`.
    time_zone: &'a str,
    /// `metric` or `imperial`.
    units: &'a str,
    /// ISO 4217.
    currency: &'a str,
    /// The mode in force; one of `modes`.
    mode: &'a str,
    modes: Vec<&'a str>,
    /// What a kilowatt hour costs where no rate says otherwise; null = nobody has said.
    energy_price: Option<f64>,
    /// What it costs at times; the first that fits counts.
    energy_rates: Vec<EnergyRateBody>,
    /// The devices that measure the whole home.
    energy_meters: Vec<&'a str>,
    /// Places beside the home that have a name.
    zones: Vec<ZoneBody>,
    /// How far from its location the home reaches, in metres.
    radius_m: f64,
}

/// A place on earth, WGS 84.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Location)]
pub(crate) struct LocationBody {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
}

/// What to change of the home's settings; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HomeChange {
    name: Option<String>,
    /// null = nowhere.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<LocationBody>)]
    location: Option<Option<LocationBody>>,
    time_zone: Option<String>,
    /// `metric` or `imperial`.
    units: Option<String>,
    /// ISO 4217.
    currency: Option<String>,
    mode: Option<String>,
    modes: Option<Vec<String>>,
    /// What a kilowatt hour costs; null = nobody says.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<f64>)]
    energy_price: Option<Option<f64>>,
    /// All rates, in place of those that there are.
    energy_rates: Option<Vec<EnergyRateBody>>,
    /// The ids of the devices that measure the whole home.
    energy_meters: Option<Vec<String>>,
    /// All zones, in place of those that there are.
    zones: Option<Vec<ZoneBody>>,
    /// How far from its location the home reaches, in metres.
    #[schema(minimum = 10, maximum = 100_000)]
    radius_m: Option<f64>,
}

impl<'a> HomeBody<'a> {
    pub(crate) fn new(home: &'a Home) -> Self {
        Self {
            name: &home.name,
            location: home.location.map(|place| LocationBody { latitude: place.latitude, longitude: place.longitude }),
            time_zone: &home.time_zone,
            units: &home.units,
            currency: &home.currency,
            mode: &home.mode,
            modes: home.modes.iter().map(|mode| &**mode).collect(),
            energy_price: home.energy_price,
            energy_rates: home.energy_rates.iter().map(EnergyRateBody::new).collect(),
            energy_meters: home.energy_meters.iter().map(|id| id.as_str()).collect(),
            zones: home.zones.iter().map(ZoneBody::new).collect(),
            radius_m: home.radius_m,
        }
    }
}

impl HomeChange {
    /// Whether the mode is to be another one.
    pub(crate) fn sets_mode(&self) -> bool {
        self.mode.is_some()
    }

    /// The home with these changes.
    pub(crate) fn apply(self, home: &Home) -> Result<Home, Problem> {
        let mut home = home.clone();
        if let Some(name) = self.name {
            home.name = extract::name("name", &name)?;
        }
        if let Some(location) = self.location {
            home.location = location.map(LocationBody::checked).transpose()?;
        }
        if let Some(time_zone) = self.time_zone {
            let zone = Zone::named(&time_zone).map_err(|_| {
                let given: String = time_zone.chars().take(64).collect();
                let detail = format!("There is no time zone {given:?}.");
                Problem::invalid("bad_time_zone", detail, "Give a name of the IANA list, like Europe/Berlin.")
            })?;
            home.time_zone = zone.name().into();
        }
        if let Some(units) = self.units {
            if !matches!(&*units, "metric" | "imperial") {
                return Err(bad("units", "Give metric or imperial."));
            }
            home.units = units.into();
        }
        if let Some(currency) = self.currency {
            if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
                return Err(bad("currency", "Give three capital letters by ISO 4217, e.g. EUR."));
            }
            home.currency = currency.into();
        }
        if let Some(modes) = self.modes {
            home.modes = modes.iter().map(|mode| extract::name("mode", mode)).collect::<Result<Vec<Arc<str>>, _>>()?;
            let mut distinct = home.modes.clone();
            distinct.sort();
            distinct.dedup();
            if distinct.len() != home.modes.len() || !(1..=64).contains(&home.modes.len()) {
                return Err(bad("modes", "Give 1 to 64 different modes."));
            }
        }
        if let Some(price) = self.energy_price {
            home.energy_price = price.map(tariff::price).transpose()?;
        }
        if let Some(rates) = self.energy_rates {
            home.energy_rates = tariff::rates(rates)?;
        }
        if home.energy_price.is_none() && !home.energy_rates.is_empty() {
            return Err(bad("energy_price", "Give the price of the time that no rate is about, too."));
        }
        if let Some(meters) = self.energy_meters {
            if meters.len() > METERS_MAX {
                return Err(bad("energy_meters", &format!("Give at most {METERS_MAX} devices.")));
            }
            home.energy_meters = meters.into_iter().map(DeviceId::new).collect();
        }
        if let Some(zones) = self.zones {
            home.zones = presence::zones(zones)?;
        }
        if let Some(radius) = self.radius_m {
            home.radius_m = presence::radius("radius_m", radius)?;
        }
        if let Some(mode) = self.mode {
            home.mode = mode.into();
        }
        if !home.modes.contains(&home.mode) {
            return Err(bad("mode", &format!("Give one of the modes: {}.", home.modes.join(", "))));
        }
        Ok(home)
    }
}

impl LocationBody {
    fn checked(self) -> Result<Location, Problem> {
        let within = |number: f64, limit: f64| number.is_finite() && number.abs() <= limit;
        if within(self.latitude, 90.0) && within(self.longitude, 180.0) {
            return Ok(Location { latitude: self.latitude, longitude: self.longitude });
        }
        Err(bad("location", "Give a latitude of −90 to 90 and a longitude of −180 to 180 degrees."))
    }
}

fn bad(field: &'static str, hint: &str) -> Problem {
    Problem::invalid(
        "bad_value",
        Said::new("field", format!("The field {field} has a value that cannot be.")).with("field", field),
        hint,
    )
    .with("field", field.into())
}

/// A room or place.
#[derive(Serialize, ToSchema)]
#[schema(as = Area)]
pub(crate) struct AreaBody<'a> {
    id: &'a str,
    name: &'a str,
    /// Its floor, in people's own words.
    floor: Option<&'a str>,
    /// Where it comes in a list, the smallest first; null = behind those, by name.
    position: Option<i32>,
}

/// A new room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewArea {
    /// Lower-case letters, digits, `-` and `_`; left out = made from the name.
    #[serde(default)]
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) floor: Option<String>,
    /// Where it comes in a list, the smallest first.
    #[serde(default)]
    pub(crate) position: Option<i32>,
}

/// What to change of a room; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AreaChange {
    pub(crate) name: Option<String>,
    /// null = no floor.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<String>)]
    pub(crate) floor: Option<Option<String>>,
    /// Where it comes in a list, the smallest first; null = behind those, by name.
    #[serde(deserialize_with = "extract::nullable")]
    #[schema(value_type = Option<i32>)]
    pub(crate) position: Option<Option<i32>>,
}

impl<'a> AreaBody<'a> {
    pub(crate) fn new(area: &'a Area) -> Self {
        Self { id: area.id.as_str(), name: &area.name, floor: area.floor.as_deref(), position: area.position }
    }
}

/// Something that needs a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertBody<'a> {
    /// A stable word for programs.
    code: &'a str,
    /// `info`, `warning` or `error`.
    #[schema(value_type = String)]
    severity: Severity,
    /// What is wrong and what to do.
    text: &'a str,
}

impl<'a> AlertBody<'a> {
    pub(crate) fn new(alert: &'a Alert) -> Self {
        Self { code: &alert.code, severity: alert.severity, text: &alert.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_changed_field_by_field() {
        let change = |json: &str| {
            let change: HomeChange = serde_json::from_str(json).unwrap();
            change.apply(&Home::default()).map(|home| serde_json::to_string(&HomeBody::new(&home)).unwrap())
        };
        expect_test::expect![[r#"{"name":"Villa","location":{"latitude":52.5,"longitude":13.4},"time_zone":"Europe/Berlin","units":"metric","currency":"EUR","mode":"night","modes":["home","away","night","holiday"],"energy_price":null,"energy_rates":[],"energy_meters":[],"zones":[],"radius_m":100.0}"#]]
            .assert_eq(&change(r#"{"name":" Villa ","location":{"latitude":52.5,"longitude":13.4},"time_zone":"Europe/Berlin","mode":"night"}"#).unwrap());
        for wrong in [
            r#"{"name":""}"#,
            r#"{"time_zone":"Mars/Olympus"}"#,
            r#"{"units":"kelvin"}"#,
            r#"{"currency":"Euro"}"#,
            r#"{"mode":"party"}"#,
            r#"{"modes":["a","a"]}"#,
            r#"{"modes":["a"]}"#,
            r#"{"location":{"latitude":91,"longitude":0}}"#,
            r#"{"energy_rates":[{"from":"22:00","to":"06:00","price":0.2}]}"#,
            r#"{"energy_price":0.3,"energy_rates":[{"from":"22","to":"06:00","price":0.2}]}"#,
            r#"{"energy_price":1e300}"#,
            r#"{"zones":[{"name":"Home","latitude":52.5,"longitude":13.4}]}"#,
            r#"{"zones":[{"name":"a","latitude":1,"longitude":2},{"name":"A","latitude":1,"longitude":2}]}"#,
            r#"{"radius_m":5}"#,
        ] {
            assert_eq!(change(wrong).unwrap_err().status.as_u16(), 422, "{wrong}");
        }
    }
}
