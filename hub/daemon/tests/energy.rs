//! Energy out of the real store: what a home has recorded, and what it comes to.

use std::sync::Arc;
use std::time::Duration;

use hearth::ports::StorePort;
use hub_core::energy::{EnergyQuery, EnergyReport, Grouping, Whole, energy};
use hub_core::{CoreParts, RunningCore, Snapshot};
use hub_model::calendar::CalendarUnit;
use hub_model::device::DeviceRecord;
use hub_model::history::{HistoryAnswer, HistoryEntry, HistoryQuery, HistoryRecord, Resolution, StateRecord};
use hub_model::household::Home;
use hub_model::record::Kept;
use hub_model::time::ManualClock;
use hub_model::{Access, AttributeSchema, Cause, Clock, Device, Endpoint, Kind, Timestamp, Value};
use hub_store::{Options, Store, StoreHandle};

const NOW: &str = "2027-01-04T12:00:00Z";

struct Bench {
    clock: Arc<ManualClock>,
    core: RunningCore,
    handle: StoreHandle,
    store: Store,
    _folder: tempfile::TempDir,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn device(id: &str, attribute: &str, unit: &str) -> DeviceRecord {
    let schema = AttributeSchema::new(attribute, Kind::Number, Access::READ_NOTIFY).unit(unit);
    let endpoint = Endpoint { number: 1, attributes: vec![schema], ..Endpoint::default() };
    let device = Device { id: id.into(), interviewed: true, endpoints: vec![endpoint], ..Device::default() };
    DeviceRecord { area: (id == "virtual:washer").then(|| "cellar".into()), ..DeviceRecord::new(device) }
}

impl Bench {
    fn new(home: Home, devices: Vec<DeviceRecord>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manual = Arc::new(ManualClock::at(at(NOW)));
        let clock: Arc<dyn Clock> = manual.clone();
        let options = Options { ballast_bytes: 0, journal_bytes: 64 * 1024, ..Options::default() };
        let (store, _) = Store::open(&folder.path().join("data"), Arc::clone(&clock), options).unwrap();
        let handle = store.handle();
        let home = Home { time_zone: "Europe/Berlin".into(), energy_price: Some(0.5), ..home };
        let core = hub_core::start(CoreParts {
            kept: Kept { epoch: 1, home: Some(home), devices, ..Kept::default() },
            journal: Box::new(StorePort(handle.clone())),
            clock,
            random: Box::new(|bytes| bytes.fill(1)),
            drivers: Vec::new(),
            schedules_on_untrusted_clock: true,
            heartbeat: None,
        });
        Self { clock: manual, core, handle, store, _folder: folder }
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.core.handle.snapshot()
    }

    fn tell(&self, device: &str, attribute: &str, values: &[(&str, f64)]) {
        for (time, value) in values {
            self.record(at(&format!("2027-01-{time}Z")), device, attribute, Value::Number(*value));
        }
        self.handle.flush();
    }

    fn record(&self, at: Timestamp, device: &str, attribute: &str, value: Value) {
        let (device, attribute) = (device.into(), attribute.into());
        let entry = HistoryEntry::State(StateRecord { device, endpoint: 1, attribute, value, cause: Cause::Report });
        self.handle.record(HistoryRecord { at, entry });
    }

    fn ask(&self, unit: CalendarUnit, from: &str, grouping: Grouping) -> EnergyReport {
        let query = EnergyQuery { from: at(from), to: at(NOW), unit, grouping, device: None };
        energy(&self.snapshot(), &StorePort(self.handle.clone()), &query, at(NOW)).unwrap()
    }

    async fn stop(self) {
        self.core.stop().await;
        self.store.close();
    }
}

fn kwh(report: &EnergyReport) -> Vec<Option<f64>> {
    let rounded = |kwh: f64| (kwh * 1_000.0).round() / 1_000.0;
    report.amounts.iter().map(|amount| amount.is_known.then(|| rounded(amount.kwh))).collect()
}

#[tokio::test]
async fn a_counter_that_falls_starts_anew_and_nothing_is_negative() {
    let bench = Bench::new(Home::default(), vec![device("virtual:washer", "energy", "kWh")]);
    let told = [("03T08:00:00", 100.0), ("03T08:40:00", 102.0), ("03T09:10:00", 0.5), ("03T10:05:00", 2.0)];
    bench.tell("virtual:washer", "energy", &told);
    let report = bench.ask(CalendarUnit::Day, "2027-01-02T12:00:00Z", Grouping::Device);
    // Nothing is known of the day before; 2 + 0.5 + 1.5 of the next; nothing was taken today.
    assert_eq!(kwh(&report), [None, Some(4.0), Some(0.0)]);
    assert_eq!(report.whole, Whole::Parts);
    assert_eq!(report.total().cost(), Some(2.0));
    // By hours: 0.5 is shared by the hours of half an hour, 1.5 by those of 55 minutes.
    let report = bench.ask(CalendarUnit::Hour, "2027-01-03T08:00:00Z", Grouping::None);
    assert_eq!(kwh(&report)[..4], [Some(2.25), Some(1.477), Some(0.273), Some(0.0)]);
    assert!(report.amounts.iter().all(|amount| amount.kwh >= 0.0));
    bench.stop().await;
}

#[tokio::test]
async fn a_day_of_which_only_hours_are_kept_is_counted_by_hours() {
    let bench = Bench::new(Home::default(), vec![device("virtual:washer", "energy", "kWh")]);
    for (time, value) in [("10:00", 5.0), ("10:30", 6.0), ("14:20", 6.5)] {
        bench.record(at(&format!("2025-06-01T{time}:00Z")), "virtual:washer", "energy", Value::Number(value));
    }
    // Until the journal is sealed; then it is summed up.
    for number in 0..2_000 {
        bench.record(at(NOW), "virtual:filler", "text", Value::text(format!("{number} {}", "x".repeat(60))));
        if number % 100 == 99 {
            bench.handle.flush();
        }
    }
    bench.clock.advance(Duration::from_secs(2 * 3_600));
    bench.handle.flush();
    let query = EnergyQuery {
        from: at("2025-06-01T01:00:00Z"),
        to: at("2025-06-01T20:00:00Z"),
        unit: CalendarUnit::Day,
        grouping: Grouping::None,
        device: None,
    };
    let fine = HistoryQuery {
        device: "virtual:washer".into(),
        endpoint: 1,
        attribute: "energy".into(),
        from: query.from,
        to: query.to,
        resolution: Resolution::FiveMinutes,
        time_zone: "UTC".into(),
        limit: 1_000,
    };
    // As fine as five minutes only the last value is known any more.
    let HistoryAnswer::Aggregates(rows) = bench.handle.history(&fine).unwrap() else { panic!("rows were asked for") };
    assert!(rows.iter().all(|row| row.at >= at("2025-06-01T14:20:00Z") && row.change == Some(0.0)), "{rows:?}");
    let report = energy(&bench.snapshot(), &StorePort(bench.handle.clone()), &query, at(NOW)).unwrap();
    assert_eq!(kwh(&report), [Some(1.5)]);
    bench.stop().await;
}

#[tokio::test]
async fn a_gap_over_midnight_is_shared_by_both_days() {
    let bench = Bench::new(Home::default(), vec![device("virtual:washer", "energy", "kWh")]);
    bench.tell("virtual:washer", "energy", &[("02T20:55:00", 10.0), ("02T20:58:00", 10.0), ("03T00:58:00", 14.0)]);
    let report = bench.ask(CalendarUnit::Day, "2027-01-02T12:00:00Z", Grouping::None);
    let shares: Vec<String> =
        report.amounts.iter().map(|day| format!("{:.2} {:.2}", day.kwh, day.estimated_kwh)).collect();
    // From 22:00 to 02:00 by clocks in Berlin.
    assert_eq!(shares, ["2.00 2.00", "2.00 2.00", "0.00 0.00"]);
    bench.stop().await;
}

#[tokio::test]
async fn a_main_meter_is_not_added_to_what_it_measures() {
    let home = Home { energy_meters: vec!["virtual:meter".into()], ..Home::default() };
    let heater = DeviceRecord { predecessors: vec!["virtual:old".into()], ..device("virtual:heater", "power", "W") };
    let lamp = device("virtual:lamp", "on", "");
    let odd = device("virtual:odd", "energy", "MJ");
    let silent = device("virtual:silent", "energy", "kWh");
    let devices = vec![
        device("virtual:meter", "energy", "kWh"),
        device("virtual:washer", "energy", "kWh"),
        heater,
        lamp,
        odd,
        silent,
    ];
    let bench = Bench::new(home, devices);
    for (id, most) in [("virtual:meter", 10.0), ("virtual:washer", 3.0)] {
        bench.tell(id, "energy", &[("04T10:00:00", 0.0), ("04T10:30:00", most / 2.0), ("04T11:00:00", most)]);
    }
    // 1 kW for an hour of its predecessor, then two by itself until something is unknown for long.
    bench.tell("virtual:old", "power", &[("04T08:00:00", 1_000.0), ("04T08:50:00", 1_001.0), ("04T09:00:00", 0.0)]);
    bench.tell("virtual:heater", "power", &[("04T10:00:00", 2_000.0), ("04T10:40:00", 2_001.0), ("04T11:00:00", 0.0)]);
    let report = bench.ask(CalendarUnit::Day, "2027-01-04T01:00:00Z", Grouping::Area);
    assert_eq!((report.whole, kwh(&report)), (Whole::Meters, vec![Some(10.0)]));
    let told: Vec<String> = report
        .counted
        .iter()
        .map(|device| format!("{} {:.1} {} {}", device.id, device.total.kwh, device.is_meter, device.from_power))
        .collect();
    assert_eq!(
        told,
        ["virtual:heater 3.0 false true", "virtual:meter 10.0 true false", "virtual:washer 3.0 false false"]
    );
    let reasons: Vec<_> = report.uncounted.iter().map(|device| (device.id.as_str(), device.reason)).collect();
    assert_eq!(reasons, [("virtual:odd", "unit"), ("virtual:silent", "no_readings")]);
    let groups: Vec<f64> = report.groups.iter().map(|group| group.amounts[0].kwh.round()).collect();
    // The heater and the washer: there is no room «cellar», so both are in none.
    assert_eq!(groups, [6.0]);
    bench.stop().await;
}

#[tokio::test]
async fn a_device_that_was_removed_is_not_among_the_parts_any_more() {
    let bench = Bench::new(
        Home::default(),
        vec![device("virtual:washer", "energy", "kWh"), device("virtual:b", "energy", "kWh")],
    );
    for id in ["virtual:washer", "virtual:b"] {
        bench.tell(id, "energy", &[("04T10:00:00", 0.0), ("04T10:30:00", 1.0)]);
    }
    let ask = || bench.ask(CalendarUnit::Month, "2027-01-01T00:00:00Z", Grouping::Device);
    assert_eq!(kwh(&ask()), [Some(2.0)]);
    let edit = hub_core::Edit::RemoveDevice { id: "virtual:b".into(), force: true };
    bench.core.handle.edit(Cause::Report, edit).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), async {
        let mut pictures = bench.core.handle.watch();
        drop(pictures.wait_for(|snapshot| snapshot.devices.len() == 1).await.unwrap());
    })
    .await
    .unwrap();
    let report = ask();
    assert_eq!((kwh(&report), report.groups.len()), (vec![Some(1.0)], 1));
    bench.stop().await;
}
