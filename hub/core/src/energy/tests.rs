//! Told stretches of history, and what they come to.

use hub_model::household::{EnergyRate, Home};
use hub_model::zone::Weekday;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn rate(from: &str, to: &str, price: f64, weekdays: &[Weekday]) -> EnergyRate {
    EnergyRate { from: from.parse().unwrap(), to: to.parse().unwrap(), price, weekdays: weekdays.to_vec() }
}

fn calendar(unit: CalendarUnit, from: &str, to: &str, rates: Vec<EnergyRate>) -> Calendar {
    let query = EnergyQuery { from: at(from), to: at(to), unit, grouping: Grouping::None, device: None };
    Calendar::new(&query, &zone(), &Home { energy_price: Some(0.3), energy_rates: rates, ..Home::default() })
}

fn row(at: Timestamp, count: u32, change: f64) -> Aggregate {
    let covered = Duration::from_secs(3_600);
    Aggregate { at, min: 0.0, mean: 0.0, max: 0.0, count, covered, change: Some(change) }
}

/// Hours from `from` on: the rise of each, none = nothing was read.
fn hours(from: &str, rises: &[Option<f64>]) -> Vec<Aggregate> {
    let start = at(from);
    let rows = rises.iter().enumerate();
    rows.map(|(hour, rise)| {
        let at = start.plus(Duration::from_secs(3_600) * u32::try_from(hour).unwrap());
        row(at, u32::from(rise.is_some()), rise.unwrap_or(0.0))
    })
    .collect()
}

/// `kWh (estimated) cost` of each bucket.
fn counted(calendar: &Calendar, rows: &[Aggregate]) -> Vec<String> {
    let mut amounts = vec![Amount::default(); calendar.buckets.len()];
    Rows { rows, width: HOUR, now: at("2030-01-01T00:00:00Z") }.add_counter(calendar, &mut amounts);
    amounts.iter().map(shown).collect()
}

fn shown(amount: &Amount) -> String {
    if !amount.is_known {
        return "?".to_owned();
    }
    let Amount { kwh, estimated_kwh, .. } = amount;
    format!("{kwh:.2} ({estimated_kwh:.2}) {:.2}", amount.cost().unwrap_or(-1.0))
}

#[test]
fn a_day_has_as_many_hours_as_clocks_show_and_nights_are_cheap() {
    let night = || vec![rate("22:00", "06:00", 0.2, &[])];
    let days = calendar(CalendarUnit::Day, "2027-10-30T12:00:00Z", "2027-10-31T12:00:00Z", night());
    let steady = hours("2027-10-29T22:00:00Z", &[Some(1.0); 49]);
    // 24 and 25 hours; of the second, 9 in the night: clocks show two o'clock twice.
    assert_eq!(counted(&days, &steady), ["24.00 (0.00) 6.40", "25.00 (0.00) 6.60"]);
    let spring = calendar(CalendarUnit::Day, "2027-03-28T12:00:00Z", "2027-03-28T13:00:00Z", night());
    assert_eq!(counted(&spring, &hours("2027-03-27T20:00:00Z", &[Some(1.0); 30])), ["23.00 (0.00) 6.20"]);
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let rates = vec![rate("22:00", "06:00", 0.1, &[Weekday::Sat]), rate("00:00", "00:00", 0.5, &[Weekday::Mon])];
    // Saturday to Monday.
    let days = calendar(CalendarUnit::Day, "2027-01-02T12:00:00Z", "2027-01-04T12:00:00Z", rates);
    let steady = hours("2027-01-01T23:00:00Z", &[Some(1.0); 72]);
    assert_eq!(counted(&days, &steady), ["24.00 (0.00) 6.80", "24.00 (0.00) 6.00", "24.00 (0.00) 12.00"]);
}

#[test]
fn months_end_where_the_calendar_says() {
    let months = calendar(CalendarUnit::Month, "2027-03-31T12:00:00Z", "2027-04-01T12:00:00Z", Vec::new());
    // From 21 o'clock of the last day in Berlin on: three hours in March, two in April.
    let rows = hours("2027-03-31T19:00:00Z", &[Some(1.0); 5]);
    assert_eq!(counted(&months, &rows), ["3.00 (0.00) 0.90", "2.00 (0.00) 0.60"]);
    let half_hours = EnergyQuery {
        from: at("2027-03-31T18:30:00Z"),
        to: at("2027-03-31T20:30:00Z"),
        unit: CalendarUnit::Hour,
        grouping: Grouping::None,
        device: None,
    };
    let india = Calendar::new(&half_hours, &Zone::named("Asia/Kolkata").unwrap(), &Home::default());
    let rows = hours("2027-03-31T18:00:00Z", &[Some(1.0), Some(3.0), Some(5.0)]);
    assert_eq!(counted(&india, &rows), ["2.00 (0.00) -1.00", "4.00 (0.00) -1.00"]);
}

#[test]
fn what_was_taken_while_nobody_read_is_spread_and_marked() {
    let days = calendar(CalendarUnit::Day, "2027-01-02T00:00:00Z", "2027-01-03T12:00:00Z", Vec::new());
    // Read until 20:00 of Saturday (local), then again from 04:00 of Sunday: 9 kWh in nine hours, four of them before.
    let mut rises = vec![Some(0.0); 20];
    rises.extend([None; 8]);
    rises.extend([Some(9.0), Some(1.0)]);
    let rows = hours("2027-01-01T23:00:00Z", &rises);
    assert_eq!(counted(&days, &rows), ["4.00 (4.00) 1.20", "6.00 (5.00) 1.80"]);
    // Within a day it is sure that it was in this day.
    let rows = hours("2027-01-02T01:00:00Z", &[Some(0.0), None, None, None, Some(4.0)]);
    assert_eq!(counted(&days, &rows), ["4.00 (0.00) 1.20", "?"]);
}

#[test]
fn readings_half_an_hour_apart_share_their_rise_with_the_day_before() {
    // By clocks from 23:15 on; the next reading comes ten minutes after midnight.
    let days = calendar(CalendarUnit::Day, "2027-01-02T12:00:00Z", "2027-01-03T12:00:00Z", Vec::new());
    let five_minutes = |minutes: i64, count: u32, change: f64| {
        let at = Timestamp(at("2027-01-02T22:15:00Z").0 + minutes * 60_000);
        Aggregate { covered: Duration::from_secs(300), ..row(at, count, change) }
    };
    let mut rows = vec![five_minutes(0, 1, 0.0)];
    rows.extend((1..11).map(|number| five_minutes(number * 5, 0, 0.0)));
    rows.push(five_minutes(55, 1, 1.1));
    let mut amounts = vec![Amount::default(); 2];
    Rows { rows: &rows, width: FIVE_MINUTES, now: at("2030-01-01T00:00:00Z") }.add_counter(&days, &mut amounts);
    // 40 of 55 minutes are before midnight.
    let shown: Vec<String> = amounts.iter().map(shown).collect();
    assert_eq!(shown, ["0.80 (0.00) 0.24", "0.30 (0.00) 0.09"]);
}

#[test]
fn a_cost_is_that_of_all_energy_or_none() {
    let query = EnergyQuery {
        from: at("2027-01-02T12:00:00Z"),
        to: at("2027-01-04T12:00:00Z"),
        unit: CalendarUnit::Day,
        grouping: Grouping::None,
        device: None,
    };
    let home = Home { energy_rates: vec![rate("22:00", "06:00", 0.2, &[])], ..Home::default() };
    let days = Calendar::new(&query, &zone(), &home);
    // On the first day only in the night, on the second at noon too, on the third not at all.
    let mut rises = vec![Some(0.0); 72];
    for (hour, rise) in [(2, 1.0), (26, 1.0), (36, 3.0)] {
        rises[hour] = Some(rise);
    }
    let rows = hours("2027-01-01T23:00:00Z", &rises);
    assert_eq!(counted(&days, &rows), ["1.00 (0.00) 0.20", "4.00 (0.00) -1.00", "0.00 (0.00) 0.00"]);
    let mut amounts = vec![Amount::default(); 3];
    Rows { rows: &rows, width: HOUR, now: at("2030-01-01T00:00:00Z") }.add_counter(&days, &mut amounts);
    assert_eq!(Amount::sum(&amounts).cost(), None, "the sum is as little known as its parts");
}

#[test]
fn the_energy_of_a_long_silence_is_put_before_its_end() {
    let rises = |length: usize| {
        let mut rises = vec![None; length];
        rises.push(Some(169.0));
        rises
    };
    // Asked on the last of many days of silence: 7 days and the hour of the reading take it up.
    let day = calendar(CalendarUnit::Day, "2027-01-19T23:00:00Z", "2027-01-20T23:00:00Z", Vec::new());
    let rows = hours("2027-01-12T23:00:00Z", &rises(24 * 7 + 23));
    assert_eq!(counted(&day, &rows), ["24.00 (24.00) 7.20"]);
    // A first reading has risen from nothing.
    assert_eq!(counted(&day, &hours("2027-01-20T22:00:00Z", &[Some(0.0)])), ["0.00 (0.00) 0.00"]);
    assert_eq!(counted(&day, &[]), ["?"]);
}

#[test]
fn power_counts_while_it_is_measured() {
    let day = calendar(CalendarUnit::Day, "2027-01-02T00:00:00Z", "2027-01-02T12:00:00Z", Vec::new());
    let watts = |hour: u64, count: u32, mean: f64, minutes: u64| Aggregate {
        at: at("2027-01-02T08:00:00Z").plus(Duration::from_secs(3_600 * hour)),
        min: mean,
        mean,
        max: mean,
        count,
        covered: Duration::from_secs(60 * minutes),
        change: None,
    };
    // Measured from half past eight, silent from ten to twelve, then fed back.
    let rows = [watts(0, 3, 1_000.0, 30), watts(1, 1, 500.0, 60), watts(2, 0, 500.0, 60), watts(3, 0, 500.0, 60)];
    let rows = [&rows[..], &[watts(4, 2, 200.0, 60), watts(5, 1, -300.0, 60)]].concat();
    let mut amounts = vec![Amount::default(); 1];
    let silent = Rows { rows: &rows, width: HOUR, now: at("2030-01-01T00:00:00Z") }.add_power(&day, &mut amounts);
    assert_eq!((shown(&amounts[0]).as_str(), silent.as_secs()), ("1.20 (0.00) 0.36", 7_200));
}
