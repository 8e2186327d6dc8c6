//! What tests of this crate and of those above it share: a journal in memory, an archive of nothing, a driver that
//! answers at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use driver_api::driver::GroupAction;
use driver_api::health::{Health, RoundTrips, Traffic};
use driver_api::{
    CommandProgress, CommandStage, Driver, DriverContext, DriverError, DriverEvent, DriverRequest, ManageAction,
    ManageError, Origin, ProvisionAction, Reading, Report, RequestId, provisioning,
};
use hub_model::audit::{AuditCheck, AuditEntry, AuditQuery, AuditRecord};
use hub_model::command::ConfirmedBy;
use hub_model::device::Abilities;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::history::{
    ChangesQuery, HistoryAnswer, HistoryEntry, HistoryQuery, HistoryRecord, Recorded, RecordedChange, StateRecord,
    TraceQuery, TraceRecord,
};
use hub_model::pairing::{PairingAction, PairingProgress, PairingStage};
use hub_model::record::{Change, Decision, KeepError, StoreStatus};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionEntry, RevisionQuery};
use hub_model::{
    Access, AttributeSchema, Capability, Cause, Device, DeviceId, DriverId, Endpoint, Kind, SessionId, Timestamp, Value,
};

use crate::ports::{Archive, ArchiveError, Journal, Kept};

/// Keeps everything in memory; can be told to fail.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    inner: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    changes: Vec<Change>,
    decisions: Vec<Decision>,
    records: Vec<HistoryRecord>,
    failure: Option<KeepError>,
}

impl MemoryJournal {
    fn with<T>(&self, read: impl FnOnce(&mut Memory) -> T) -> T {
        read(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every commit fails from now on, or works again.
    pub fn fail_with(&self, failure: Option<KeepError>) {
        self.with(|memory| memory.failure = failure);
    }

    /// What was kept so far.
    pub fn changes(&self) -> Vec<Change> {
        self.with(|memory| memory.changes.clone())
    }

    /// The revisions among them, in order.
    pub fn revisions(&self) -> Vec<Revision> {
        let of = |change| if let Change::Revision(revision) = change { Some(revision) } else { None };
        self.changes().into_iter().filter_map(of).collect()
    }

    /// The entries of the audit log among them, in order.
    pub fn audited(&self) -> Vec<AuditEntry> {
        let of = |change| if let Change::Audit(entry) = change { Some(entry) } else { None };
        self.changes().into_iter().filter_map(of).collect()
    }

    /// What rules decided so far.
    pub fn decisions(&self) -> Vec<Decision> {
        self.with(|memory| memory.decisions.clone())
    }

    /// What went to history so far.
    pub fn records(&self) -> Vec<HistoryRecord> {
        self.with(|memory| memory.records.clone())
    }
}

impl Journal for MemoryJournal {
    fn commit(&mut self, changes: Vec<Change>, kept: Kept) {
        let result = self.with(|memory| match &memory.failure {
            Some(failure) => Err(failure.clone()),
            None => {
                memory.changes.extend(changes);
                Ok(())
            }
        });
        kept(result);
    }

    fn decide(&mut self, decision: Decision) {
        self.with(|memory| memory.decisions.push(decision));
    }

    fn record(&mut self, record: HistoryRecord) {
        self.with(|memory| memory.records.push(record));
    }

    fn alive(&mut self, _: Timestamp, _: u64) {}
}

/// Has no history.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyArchive;

impl Archive for EmptyArchive {
    fn history(&self, _: &HistoryQuery) -> Result<HistoryAnswer, ArchiveError> {
        Ok(HistoryAnswer::Samples(Vec::new()))
    }

    fn changes(&self, _: &ChangesQuery) -> Result<Vec<RecordedChange>, ArchiveError> {
        Ok(Vec::new())
    }

    fn traces(&self, _: &TraceQuery) -> Result<Vec<TraceRecord>, ArchiveError> {
        Ok(Vec::new())
    }

    fn revisions(&self, _: &RevisionQuery) -> Result<Vec<ListedRevision>, ArchiveError> {
        Ok(Vec::new())
    }

    fn audit(&self, _: &AuditQuery) -> Result<Vec<AuditRecord>, ArchiveError> {
        Ok(Vec::new())
    }

    fn check_audit(&self) -> Result<AuditCheck, ArchiveError> {
        Ok(AuditCheck::default())
    }

    fn recorded(
        &self,
        _: Timestamp,
        _: Timestamp,
        _: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), ArchiveError> {
        Ok(())
    }

    fn revision(&self, _: RevisedKind, _: &str, _: u64) -> Result<Option<Revision>, ArchiveError> {
        Ok(None)
    }

    fn status(&self) -> StoreStatus {
        StoreStatus::default()
    }
}

/// Gives back what a [`MemoryJournal`] was told.
#[derive(Clone, Debug, Default)]
pub struct MemoryArchive(pub MemoryJournal);

impl MemoryArchive {
    fn newest<T>(
        &self,
        (from, to, limit): (Timestamp, Timestamp, usize),
        of: impl Fn(&HistoryRecord) -> Option<T>,
    ) -> Vec<T> {
        let inside = |record: &HistoryRecord| record.at >= from && record.at < to;
        let mut found: Vec<(Timestamp, T)> = Vec::new();
        for record in self.0.records().iter().filter(|record| inside(record)) {
            found.extend(of(record).map(|told| (record.at, told)));
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().rev().map(|(_, told)| told).take(limit).collect()
    }
}

impl Archive for MemoryArchive {
    fn history(&self, _: &HistoryQuery) -> Result<HistoryAnswer, ArchiveError> {
        Ok(HistoryAnswer::Samples(Vec::new()))
    }

    fn changes(&self, query: &ChangesQuery) -> Result<Vec<RecordedChange>, ArchiveError> {
        Ok(self.newest((query.from, query.to, query.limit), |record| {
            let (of, value, cause) = match record.entry.clone() {
                HistoryEntry::State(StateRecord { device, endpoint, attribute, value, cause }) => {
                    (Recorded::State { device, endpoint, attribute }, value, cause)
                }
                HistoryEntry::DeviceEvent { device, endpoint, attribute, value } => {
                    (Recorded::DeviceEvent { device, endpoint, attribute }, value, Cause::Report)
                }
                HistoryEntry::Availability { device, availability } => {
                    (Recorded::Availability(device), Value::text(availability.as_str()), Cause::Report)
                }
                HistoryEntry::Mode { mode, cause } => (Recorded::Mode, Value::Text(mode), cause),
                HistoryEntry::Presence { person, presence, cause } => {
                    (Recorded::Presence(person), Value::Text(presence), cause)
                }
                HistoryEntry::Trace(_) | HistoryEntry::Command(_) => return None,
            };
            (of == query.of).then_some(RecordedChange { at: record.at, value, cause })
        }))
    }

    fn traces(&self, query: &TraceQuery) -> Result<Vec<TraceRecord>, ArchiveError> {
        let named = |text: &str, id: &str| text.contains(&format!("{id:?}"));
        let limit = if query.oldest_first { usize::MAX } else { query.limit };
        let mut found = self.newest((query.from, query.to, limit), |record| {
            let HistoryEntry::Trace(text) = &record.entry else { return None };
            let is_meant = hub_automation::trace::Trace::read(text)?.automation == query.automation
                && query.run.as_ref().is_none_or(|run| named(text, run.as_str()));
            is_meant.then(|| TraceRecord { at: record.at, text: Arc::clone(text) })
        });
        if query.oldest_first {
            found.reverse();
            found.truncate(query.limit);
        }
        Ok(found)
    }

    fn revisions(&self, query: &RevisionQuery) -> Result<Vec<ListedRevision>, ArchiveError> {
        let is_of = |entry: &RevisionEntry, kind: RevisedKind, id: Option<&Arc<str>>| {
            entry.kind == kind && id.is_none_or(|id| entry.id == *id)
        };
        let wanted =
            |entry: &RevisionEntry| query.of.as_ref().is_none_or(|(kind, id)| is_of(entry, *kind, id.as_ref()));
        let listed =
            (1..).zip(self.0.revisions()).map(|(place, revision)| ListedRevision { place, entry: revision.entry });
        let mut listed: Vec<_> =
            listed.filter(|one| wanted(&one.entry) && query.before.is_none_or(|before| one.place < before)).collect();
        listed.reverse();
        listed.truncate(query.limit);
        Ok(listed)
    }

    fn revision(&self, kind: RevisedKind, id: &str, number: u64) -> Result<Option<Revision>, ArchiveError> {
        let wanted = |entry: &RevisionEntry| (entry.kind, &*entry.id, entry.number) == (kind, id, number);
        Ok(self.0.revisions().into_iter().find(|revision| wanted(&revision.entry)))
    }

    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, ArchiveError> {
        let numbered = (1..).zip(self.0.audited()).map(|(number, entry)| AuditRecord { number, entry });
        let mut listed: Vec<_> = numbered.filter(|one| query.before.is_none_or(|before| one.number < before)).collect();
        listed.reverse();
        listed.truncate(query.limit);
        Ok(listed)
    }

    fn check_audit(&self) -> Result<AuditCheck, ArchiveError> {
        let entries = self.0.audited().len() as u64;
        Ok(AuditCheck { entries, first: (entries > 0).then_some(1), broken_at: None })
    }

    fn recorded(
        &self,
        _: Timestamp,
        _: Timestamp,
        _: &mut dyn FnMut(HistoryRecord) -> bool,
    ) -> Result<(), ArchiveError> {
        Ok(())
    }

    fn status(&self) -> StoreStatus {
        StoreStatus::default()
    }
}

/// A dimmable lamp with endpoint 1 (`on`, `brightness`) and endpoint 0 (`link_quality`). One whose address begins with
/// `lock` is a lock with `locked` in their place.
pub fn lamp(driver: &DriverId, address: &str) -> Device {
    let is_lock = address.starts_with("lock");
    let capability = if is_lock { Capability::Lock } else { Capability::Light };
    let attributes = if is_lock {
        vec![AttributeSchema::new("locked", Kind::Bool, Access::ALL)]
    } else {
        vec![
            AttributeSchema::new("on", Kind::Bool, Access::ALL),
            AttributeSchema::new("brightness", Kind::Number, Access::ALL).unit("%").range(0.0, 100.0),
        ]
    };
    let is_able = address.starts_with("able");
    let link_quality = AttributeSchema::new("link_quality", Kind::Number, Access::NOTIFY).range(0.0, 255.0);
    Device {
        id: DeviceId::of(driver, address),
        native_name: Some(address.replace('-', " ").into()),
        manufacturer: Some("Hearth".into()),
        model: Some("Test lamp".into()),
        interviewed: true,
        abilities: Abilities { interview: is_able, firmware_update: is_able, ..Abilities::default() },
        endpoints: vec![
            Endpoint { number: 0, attributes: vec![link_quality], ..Endpoint::default() },
            Endpoint { number: 1, capabilities: vec![capability], attributes, ..Endpoint::default() },
        ],
        ..Device::default()
    }
}

/// What the driver says to somebody who looks after its lamps: those whose address begins with `able` can be, and one
/// that begins with `able-group` is a group. It never ends to install firmware and to repair the routes of all,
/// restarts, and opens no network.
fn looked_after(request: RequestId, action: ManageAction) -> Vec<DriverEvent> {
    let is_group = |device: &DeviceId| device.native_address().starts_with("able-group");
    let result = match action {
        ManageAction::Firmware { install: true, .. } => return Vec::new(),
        ManageAction::InstallFirmware { image, .. } if &*image.0 == b"slow" => return Vec::new(),
        ManageAction::InstallFirmware { image, target, .. } => {
            let refusal = format!("these {} bytes are no firmware for target {target}", image.0.len());
            Err(ManageError::Refused(refusal.into()))
        }
        ManageAction::CheckHealth { device } if device.native_address().starts_with("able") => {
            let traffic = Traffic { delivered: 12, received: 3, ..Traffic::default() };
            let times = RoundTrips::of(vec![20.0, 30.0, 25.0]);
            Ok(Health { rating: 9, tried: 3, reached: 3, round_trips: times, traffic, ..Health::default() }.to_value())
        }
        // What it remembers are four bytes.
        ManageAction::Backup => Ok(Value::text("AQIDBA==")),
        ManageAction::Restore { image } if image.0.len() == 4 => Ok(Value::Unknown),
        ManageAction::Restore { .. } => Err(ManageError::Refused("the backup is of another kind of stick".into())),
        ManageAction::Firmware { .. } => Ok(Value::composite([("available", Value::Bool(false))])),
        ManageAction::SetOptions { options, .. } => Ok(options),
        ManageAction::Group(GroupAction::Create { name }) => {
            Ok(Value::composite([("device", Value::text(format!("test:able-group-{name}")))]))
        }
        ManageAction::Group(GroupAction::AddMember { group, .. } | GroupAction::RemoveMember { group, .. })
            if !is_group(&group) =>
        {
            Err(ManageError::NotFound)
        }
        ManageAction::RepairRoutes { device: None } => return Vec::new(),
        // It only lets devices leave.
        ManageAction::StartPairing { session, action: PairingAction::Exclude, .. } => {
            return [PairingStage::Waiting, PairingStage::Heard]
                .map(|stage| DriverEvent::Pairing(progress(&session, stage)))
                .into_iter()
                .chain([DriverEvent::Managed { request, result: Ok(Value::Unknown) }])
                .collect();
        }
        ManageAction::StopPairing { session } => {
            let closed = DriverEvent::Pairing(progress(&session, PairingStage::Closed));
            return vec![closed, DriverEvent::Managed { request, result: Ok(Value::Unknown) }];
        }
        ManageAction::Provision(action) => provisioned(action),
        ManageAction::Interview { .. }
        | ManageAction::Restart
        | ManageAction::Group(_)
        | ManageAction::RepairRoutes { .. } => Ok(Value::Unknown),
        _ => Err(ManageError::Unsupported),
    };
    vec![DriverEvent::Managed { request, result }]
}

fn progress(session: &SessionId, stage: PairingStage) -> PairingProgress {
    let (driver, next_step) = ("test".into(), "Press its button.".into());
    PairingProgress { session: session.clone(), driver, stage, device: None, ask: None, next_step }
}

/// A list of one device that waits, with the key 51525, and one that has joined.
fn provisioned(action: ProvisionAction) -> Result<Value, ManageError> {
    let entry = |key: &str, name: Option<Arc<str>>, device: Option<&str>| provisioning::Entry {
        key: key.into(),
        name,
        device: device.map(DeviceId::new),
    };
    let mut entries = vec![entry("51525", Some("Attic".into()), None), entry("00001", None, Some("test:lamp"))];
    match action {
        ProvisionAction::List => {}
        ProvisionAction::Add { code, .. } if code.is_empty() => {
            return Err(ManageError::Refused("this is no code".into()));
        }
        ProvisionAction::Add { code, name } => entries.push(entry(&code, name, None)),
        ProvisionAction::Remove { key } if &*key != "51525" => return Err(ManageError::NotFound),
        ProvisionAction::Remove { .. } => drop(entries.remove(0)),
    }
    Ok(provisioning::to_value(&entries))
}

/// Reports its devices at the start and carries every command out at once.
#[derive(Debug)]
pub struct EchoDriver {
    /// The addresses of its lamps.
    pub addresses: Vec<String>,
}

impl Driver for EchoDriver {
    fn run(
        self: Box<Self>,
        mut context: DriverContext,
    ) -> Pin<Box<dyn Future<Output = Result<(), DriverError>> + Send>> {
        Box::pin(async move {
            let mut first = vec![DriverEvent::Status(DriverStatus { state: DriverState::Online, detail: "".into() })];
            first
                .extend(self.addresses.iter().map(|address| DriverEvent::Device(Box::new(lamp(&context.id, address)))));
            for event in first {
                if context.events.send(event).await.is_err() {
                    return Ok(());
                }
            }
            loop {
                let request = tokio::select! {
                    () = context.cancel.cancelled() => return Ok(()),
                    request = context.requests.recv() => request,
                };
                let answers = match request {
                    None => return Ok(()),
                    Some(DriverRequest::Command(command)) => {
                        let readings = command.settings.into_iter().map(|setting| Reading {
                            endpoint: setting.endpoint,
                            attribute: setting.attribute,
                            value: setting.value,
                        });
                        let report = Report {
                            device: command.device,
                            readings: readings.collect(),
                            origin: Origin::Live,
                            confirms: ConfirmedBy::Report,
                        };
                        let sent = CommandProgress { command: command.id, attribute: None, stage: CommandStage::Sent };
                        vec![DriverEvent::Command(sent), DriverEvent::Report(report)]
                    }
                    Some(DriverRequest::Manage { request, action }) => looked_after(request, action),
                    Some(DriverRequest::Read { .. }) => Vec::new(),
                };
                for event in answers {
                    if context.events.send(event).await.is_err() {
                        return Ok(());
                    }
                }
            }
        })
    }
}
