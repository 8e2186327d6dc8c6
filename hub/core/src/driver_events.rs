//! What drivers say, and what follows from it.

use std::sync::Arc;

use driver_api::{CommandStage, DriverEvent, DriverRequest, ManageError, Origin, Report, RequestId};
use hub_automation::World;
use hub_model::command::FailureReason;
use hub_model::device::DeviceRecord;
use hub_model::event::{DriverState, DriverStatus};
use hub_model::record::{Change, Record, RecordKey};
use hub_model::{Availability, Cause, Command, Device, DeviceId, DriverId, EventKind, Now, Source};

use crate::commands::StateChange;
use crate::core::{Core, Output};
use crate::table::Update;

impl Core {
    pub(crate) fn driver_event(&mut self, now: &Now, driver: &DriverId, event: DriverEvent, out: &mut Output) {
        match event {
            DriverEvent::Report(report) => self.report(now, report, out),
            DriverEvent::Happening { device, reading } => {
                self.seen(now, &device);
                let (endpoint, attribute, value) = (reading.endpoint, reading.attribute, reading.value);
                if self.table.view(&device).is_some() {
                    self.emit(now, EventKind::DeviceEvent { device, endpoint, attribute, value }, Cause::Report);
                }
            }
            DriverEvent::Availability { device, availability } => self.set_availability(now, &device, availability),
            DriverEvent::Command(progress) => {
                let mut steps = Vec::new();
                match progress.stage {
                    CommandStage::Sent => self.commands.sent(now, &progress.command, &mut steps),
                    CommandStage::Acknowledged => {
                        self.commands.acknowledged(now, &progress.command, progress.attribute.as_ref(), &mut steps);
                    }
                    CommandStage::Failed { reason, detail } => {
                        let place = progress.attribute.as_ref();
                        self.commands.fail(now, &progress.command, place, reason, detail, &mut steps);
                    }
                }
                self.follow(now, steps, out);
            }
            DriverEvent::Device(device) => self.described(now, *device, out),
            DriverEvent::DeviceRemoved(device) => {
                if self.forget(now, &device, Cause::Report, out) {
                    self.keep_silently(vec![Change::Remove(RecordKey::Device(device))], out);
                }
            }
            DriverEvent::Renamed { device, name } => {
                if let Some(view) = self.table.view(&device) {
                    let mut description = view.record.device.clone();
                    description.native_name = Some(name);
                    self.described(now, description, out);
                }
            }
            DriverEvent::Status(status) => {
                let is_online = status.state == DriverState::Online;
                self.driver_status(now, driver, status);
                if is_online {
                    self.release_held(driver, out);
                }
            }
            DriverEvent::Pairing(progress) => {
                self.pairings.note(now.time(), &progress);
                self.emit(now, EventKind::Pairing(progress), Cause::System);
            }
            DriverEvent::Managed { request, result } => self.managed(now, request, result, out),
            DriverEvent::Keep { name, value } => {
                if let Some(change) = self.driver_memory.keep(driver, &name, value) {
                    self.keep_silently(vec![change], out);
                }
            }
        }
    }

    fn report(&mut self, now: &Now, report: Report, out: &mut Output) {
        let device = &report.device;
        if report.origin == Origin::Live {
            self.seen(now, device);
        }
        let mut steps = Vec::new();
        for reading in &report.readings {
            let (endpoint, attribute) = (reading.endpoint, &reading.attribute);
            let update = self.table.update(device, endpoint, attribute, &reading.value, report.origin, now.time());
            if update == Update::Equal {
                // It is no event, but it may have been silent for too long.
                self.stand_in_spoke(now, (device, endpoint, attribute), &Cause::Report, out);
            }
            if let Update::Changed { from, from_source } = update {
                let change = StateChange { device, endpoint, attribute, from: &from, to: &reading.value };
                let commanded = self.commands.cause_of(now.time(), &change);
                let cause = commanded.cloned().unwrap_or(match report.origin.source() {
                    Source::Reported | Source::Assumed => Cause::Report,
                    Source::Restored => Cause::Restore,
                });
                let kind = EventKind::StateChanged {
                    device: device.clone(),
                    endpoint,
                    attribute: attribute.clone(),
                    from,
                    from_source,
                    to: reading.value.clone(),
                    source: report.origin.source(),
                };
                self.emit(now, kind, cause);
                self.note_switched_off(now, (device, endpoint, attribute.as_str()), &reading.value);
            }
            if report.origin == Origin::Live && !self.commands.is_idle() {
                self.commands.reported(now, device, reading, report.confirms, &mut steps);
            }
        }
        self.follow(now, steps, out);
    }

    /// A live sign of a device shows that it can be reached, where nobody said otherwise.
    fn seen(&mut self, now: &Now, device: &DeviceId) {
        if self.table.view(device).is_some_and(|view| view.availability == Availability::Unknown) {
            self.set_availability(now, device, Availability::Online);
        }
    }

    fn set_availability(&mut self, now: &Now, device: &DeviceId, availability: Availability) {
        if availability == Availability::Online {
            self.lost_with_driver.remove(device);
        }
        if let Some(from) = self.table.set_availability(device, availability) {
            let kind = EventKind::AvailabilityChanged { device: device.clone(), from, to: availability };
            self.emit(now, kind, Cause::Report);
        }
    }

    /// A device is there, or is described anew.
    fn described(&mut self, now: &Now, device: Device, out: &mut Output) {
        let old = self.table.view(&device.id).map(|view| Arc::clone(&view.record));
        let record = match &old {
            None => DeviceRecord::new(device),
            Some(old) => {
                let mut record = (**old).clone();
                // A network that lost its memory calls a device by its address when it is paired again.
                if !record.named_by_person
                    && let Some(name) =
                        device.native_name.as_ref().filter(|name| ***name != *device.id.native_address())
                {
                    record.name = Arc::clone(name);
                }
                record.device = device;
                record
            }
        };
        if old.as_deref() == Some(&record) {
            return;
        }
        self.table.put(record.clone());
        self.keep_silently(vec![Change::Put(Record::Device(record.clone()))], out);
        let record = Arc::new(record);
        let kind = if old.is_some() { EventKind::DeviceUpdated(record) } else { EventKind::DeviceAdded(record) };
        self.emit(now, kind, Cause::Report);
    }

    /// Takes a device out of the table. False if it was not there.
    pub(crate) fn forget(&mut self, now: &Now, device: &DeviceId, cause: Cause, out: &mut Output) -> bool {
        let mut steps = Vec::new();
        self.commands.fail_all(now, |command| command.device == *device, FailureReason::Removed, &mut steps);
        self.follow(now, steps, out);
        if self.table.remove(device).is_none() {
            return false;
        }
        self.emit(now, EventKind::DeviceRemoved { device: device.clone() }, cause);
        true
    }

    /// An instance of a driver ended. What waited in its queues is gone with it: whoever asked is told now. What it had
    /// sent may still be confirmed by the next instance.
    pub(crate) fn driver_ended(&mut self, now: &Now, driver: &DriverId, status: DriverStatus, out: &mut Output) {
        if let Some(view) = self.drivers.iter_mut().find(|view| view.id == *driver) {
            view.restarts += 1;
        }
        self.driver_status(now, driver, status);
        self.pairings.ended_with(driver);
        let mut steps = Vec::new();
        let held = &self.held;
        let unsent = |command: &Command| {
            command.sent_at.is_none() && command.device.driver() == *driver && !held.holds(driver, &command.id)
        };
        self.commands.fail_all(now, unsent, FailureReason::DriverOffline, &mut steps);
        self.follow(now, steps, out);
        let mut unanswered: Vec<RequestId> =
            self.manages.iter().filter(|(_, (of, _))| of == driver).map(|(request, _)| *request).collect();
        unanswered.sort_unstable();
        for request in unanswered {
            self.managed(now, request, Err(ManageError::Offline), out);
        }
    }

    /// Sends what waited for a driver, as far as it is still wanted.
    fn release_held(&mut self, driver: &DriverId, out: &mut Output) {
        for command in self.held.release(driver) {
            if self.commands.find(&command.id).is_some_and(|found| found.ended_at.is_none()) {
                out.sends.push((driver.clone(), DriverRequest::Command(command)));
            }
        }
    }

    /// A driver's status changed. While a driver is not online its devices are not reachable; they are not gone.
    pub(crate) fn driver_status(&mut self, now: &Now, driver: &DriverId, status: DriverStatus) {
        let Some(view) = self.drivers.iter_mut().find(|view| view.id == *driver) else { return };
        if view.status == status {
            return;
        }
        view.status = status.clone();
        view.since = now.time();
        let is_online = status.state == DriverState::Online;
        let lost = matches!(status.state, DriverState::Offline | DriverState::Failed);
        self.emit(now, EventKind::DriverStatus { driver: driver.clone(), status }, Cause::System);
        for device in self.table.ids_of(driver) {
            if lost && self.table.availability(&device) != Availability::Offline {
                self.lost_with_driver.insert(device.clone());
                self.set_availability(now, &device, Availability::Offline);
            } else if is_online && self.lost_with_driver.remove(&device) {
                // Whether the device is there is found out anew; what the driver knows it says next.
                self.set_availability(now, &device, Availability::Unknown);
            }
        }
    }
}
