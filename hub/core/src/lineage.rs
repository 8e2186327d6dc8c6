//! The history of a device and of those whose place it took, as one.

use std::collections::BTreeMap;

use hub_model::DeviceId;
use hub_model::history::{Aggregate, HistoryAnswer, HistoryQuery, Sample};

use crate::ports::{Archive, ArchiveError};

/// What the archive has of the device that is asked for and of its predecessors, newest first. Blocks on the disk.
pub fn history(
    archive: &dyn Archive,
    query: &HistoryQuery,
    predecessors: &[DeviceId],
) -> Result<HistoryAnswer, ArchiveError> {
    let mut answer = archive.history(query)?;
    for device in predecessors {
        let older = archive.history(&HistoryQuery { device: device.clone(), ..query.clone() })?;
        answer = match (answer, older) {
            (HistoryAnswer::Samples(newer), HistoryAnswer::Samples(older)) => {
                HistoryAnswer::Samples(samples(older, newer, query.limit))
            }
            (HistoryAnswer::Aggregates(newer), HistoryAnswer::Aggregates(older)) => {
                HistoryAnswer::Aggregates(aggregates(older, newer, query.limit))
            }
            // One question has one kind of answer.
            (newer, _) => newer,
        };
    }
    Ok(answer)
}

fn samples(older: Vec<Sample>, newer: Vec<Sample>, limit: usize) -> Vec<Sample> {
    let mut all = older;
    all.extend(newer);
    all.sort_by_key(|sample| sample.at);
    all.truncate(limit);
    all
}

/// A device that is gone goes on with its last value: where only one of the two reported, that one counts, and where
/// neither did, the newer.
fn aggregates(older: Vec<Aggregate>, newer: Vec<Aggregate>, limit: usize) -> Vec<Aggregate> {
    let mut all: BTreeMap<_, Aggregate> = older.into_iter().map(|aggregate| (aggregate.at, aggregate)).collect();
    for newer in newer {
        let joined = match all.remove(&newer.at) {
            Some(older) if older.count > 0 && newer.count > 0 => both(&older, &newer),
            Some(older) if older.count > 0 => older,
            _ => newer,
        };
        all.insert(joined.at, joined);
    }
    all.into_values().take(limit).collect()
}

/// The stretch in which one took the place of the other. How long each was at its value is not known any more: the
/// mean is weighted by the samples.
fn both(older: &Aggregate, newer: &Aggregate) -> Aggregate {
    let (left, right) = (f64::from(older.count), f64::from(newer.count));
    Aggregate {
        at: newer.at,
        min: older.min.min(newer.min),
        mean: (older.mean * left + newer.mean * right) / (left + right),
        max: older.max.max(newer.max),
        count: older.count.saturating_add(newer.count),
        covered: older.covered.max(newer.covered),
        change: older.change.zip(newer.change).map(|(left, right)| left + right).or(newer.change).or(older.change),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hub_model::Timestamp;

    use super::*;

    fn stretches(stretches: &[(i64, u32, f64)]) -> Vec<Aggregate> {
        stretches
            .iter()
            .map(|&(at, count, mean)| Aggregate {
                at: Timestamp(at),
                min: mean - 1.0,
                mean,
                max: mean + 1.0,
                count,
                covered: Duration::from_secs(10),
                change: Some(1.0),
            })
            .collect()
    }

    #[test]
    fn stretches_of_two_devices_become_one_row() {
        let older = stretches(&[(0, 4, 10.0), (10, 0, 10.0), (20, 3, 12.0), (30, 0, 12.0), (40, 0, 12.0)]);
        let newer = stretches(&[(20, 1, 20.0), (30, 2, 21.0), (40, 0, 21.0), (50, 1, 22.0)]);
        let shown = |limit| -> Vec<String> {
            aggregates(older.clone(), newer.clone(), limit)
                .iter()
                .map(|row| {
                    format!("{}: {}..{} {} ×{} +{:?}", row.at.0, row.min, row.max, row.mean, row.count, row.change)
                })
                .collect()
        };
        let wanted = [
            "0: 9..11 10 ×4 +Some(1.0)",
            "10: 9..11 10 ×0 +Some(1.0)",
            "20: 11..21 14 ×4 +Some(2.0)",
            "30: 20..22 21 ×2 +Some(1.0)",
            "40: 20..22 21 ×0 +Some(1.0)",
            "50: 21..23 22 ×1 +Some(1.0)",
        ];
        assert_eq!(shown(10), wanted);
        assert_eq!(shown(2), wanted[..2]);
    }
}
