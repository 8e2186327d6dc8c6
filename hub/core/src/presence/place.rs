//! From a position to a place.

use std::sync::Arc;

use hub_model::household::{Home, Location};
use hub_model::presence::{AWAY, Fix, HOME};

/// A position that may be further off moves nobody.
const WORST_ACCURACY: f64 = 1_000.0;
/// Mean radius of the earth, in metres.
const EARTH: f64 = 6_371_000.0;

/// A position that may be further off puts nobody into a zone that is smaller than that.
const GOOD_ACCURACY: f64 = 200.0;

/// In which place a phone is; none = the position is too uncertain, or nobody has said where the home is. `before` is
/// where it was: it has left that place only when it is outside of it for sure. Least of all the home: a poor position
/// in a zone beside it takes nobody out of bed.
pub(crate) fn place(home: &Home, fix: &Fix, before: Option<&str>) -> Option<Arc<str>> {
    let is_certain = (0.0..=WORST_ACCURACY).contains(&fix.accuracy_m);
    let location = home.location?;
    if !is_certain {
        return None;
    }
    let here = Location { latitude: fix.latitude, longitude: fix.longitude };
    let home_zone = (Arc::from(HOME), location, home.radius_m);
    let zones = home.zones.iter().map(|zone| {
        let middle = Location { latitude: zone.latitude, longitude: zone.longitude };
        (Arc::clone(&zone.name), middle, zone.radius_m)
    });
    let mut places: Vec<(Arc<str>, f64, f64)> = std::iter::once(home_zone)
        .chain(zones)
        .map(|(name, middle, radius)| (name, distance(here, middle), radius))
        .collect();
    // The home first, then the smallest: a desk within a campus.
    places.sort_by(|left, right| (*left.0 != *HOME).cmp(&(*right.0 != *HOME)).then(left.2.total_cmp(&right.2)));
    let may_be_in = |(_, distance, radius): &&(Arc<str>, f64, f64)| *distance <= radius + fix.accuracy_m;
    let is_in = |(_, distance, radius): &&(Arc<str>, f64, f64)| {
        distance <= radius && fix.accuracy_m <= radius.max(GOOD_ACCURACY)
    };
    let was_in = |(name, ..): &&(Arc<str>, f64, f64)| before == Some(&**name);
    let home = places.first().filter(may_be_in);
    let still = places.iter().filter(may_be_in).find(was_in);
    let found = home.filter(was_in).or_else(|| places.iter().find(is_in)).or(still);
    if found.is_none() && home.is_some() && before.is_none() {
        // At home or not: nobody can tell.
        return None;
    }
    Some(found.map_or_else(|| AWAY.into(), |(name, ..)| Arc::clone(name)))
}

/// Along the surface, in metres (haversine formula).
fn distance(from: Location, to: Location) -> f64 {
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let width = from.latitude.to_radians().cos() * to.latitude.to_radians().cos();
    let chord = half(from.latitude, to.latitude) + width * half(from.longitude, to.longitude);
    2.0 * EARTH * chord.clamp(0.0, 1.0).sqrt().asin()
}
