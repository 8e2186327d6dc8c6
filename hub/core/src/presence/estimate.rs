//! Weighs signs against each other.

use std::sync::Arc;
use std::time::Duration;

use hub_model::Timestamp;
use hub_model::presence::{Evidence, HOME, Source, UNKNOWN};

/// So long a phone or device counts that says nothing any more.
pub(crate) const LASTS: Duration = Duration::from_secs(24 * 60 * 60);

/// How a sign stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It decides.
    Decides,
    /// It says the same as the one that decides.
    Agrees,
    /// Another one counts for more.
    Outvoted,
    /// It was not heard for too long.
    Expired,
}

/// A sign and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// The sign.
    pub evidence: Evidence,
    /// How it stands.
    pub standing: Standing,
}

/// What signs come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Estimate {
    /// Where: `home`, `away`, a zone or `unknown`; none = there was never any sign.
    pub(crate) place: Option<Arc<str>>,
    /// When it may be another by time alone.
    pub(crate) until: Option<Timestamp>,
    /// Why; what decides first.
    pub(crate) reasons: Vec<Reason>,
}

/// How much each kind of sign weighs, and how long one counts that is not heard again; none = for good.
fn weight(source: &Source) -> (u8, Option<Duration>) {
    match source {
        Source::Manual => (3, None),
        Source::Phone => (2, Some(LASTS)),
        Source::Device(_) => (1, Some(LASTS)),
    }
}

fn end(sign: &Evidence) -> Option<Timestamp> {
    weight(&sign.source).1.map(|lasts| sign.heard_at.plus(lasts))
}

/// Where somebody is, by these signs.
///
/// What people said counts (a newer sign of something else takes it away, see [`heard`]). Otherwise one sign of being at
/// home is enough: being taken for away while in bed is worse than the other way round. Otherwise the weightiest counts.
/// Without any sign that is not too old, nobody knows.
pub(crate) fn estimate(now: Timestamp, signs: &[Evidence]) -> Estimate {
    let is_fresh = |sign: &&Evidence| end(sign).is_none_or(|end| now < end);
    let rank = |sign: &&Evidence| {
        let (weight, lasts) = weight(&sign.source);
        (lasts.is_none(), *sign.says == *HOME, weight, sign.at)
    };
    let best = signs.iter().filter(is_fresh).max_by_key(rank);
    let place = best.map(|best| Arc::clone(&best.says)).or_else(|| (!signs.is_empty()).then(|| UNKNOWN.into()));
    let standing = |sign: &Evidence| match best {
        Some(best) if best == sign => Standing::Decides,
        _ if !is_fresh(&sign) => Standing::Expired,
        Some(best) if best.says == sign.says => Standing::Agrees,
        _ => Standing::Outvoted,
    };
    let mut reasons: Vec<Reason> =
        signs.iter().map(|sign| Reason { evidence: sign.clone(), standing: standing(sign) }).collect();
    reasons.sort_by_key(|reason| reason.standing as u8);
    Estimate { place, until: signs.iter().filter(is_fresh).filter_map(end).min(), reasons }
}

/// Takes a new sign in, in the place of the one before of the same source. What people said holds until something else
/// speaks anew. False if it is not new: it is of an earlier time than what is known.
pub(crate) fn heard(signs: &mut Vec<Evidence>, mut new: Evidence) -> bool {
    if let Some(known) = signs.iter().find(|sign| sign.source == new.source) {
        if new.heard_at <= known.heard_at && new.source != Source::Manual {
            return false;
        }
        if known.says == new.says {
            new.at = known.at.min(new.at);
        }
    }
    signs.retain(|sign| sign.source != new.source && (sign.source != Source::Manual || sign.at > new.heard_at));
    signs.push(new);
    true
}
