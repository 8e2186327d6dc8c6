//! The provisioning list: devices that may join by themselves, by SmartStart.

use std::collections::BTreeMap;
use std::sync::Arc;

use driver_api::provisioning::{Entry, to_value};
use driver_api::{DriverEvent, ManageError, ProvisionAction};
use hub_model::household::Secret as Kept;
use hub_model::{DeviceId, DriverId, Value};

use super::ZWave;
use crate::node_id::HomeId;
use crate::security::label::LabelError;
use crate::security::{Dsk, Label, SecurityClass};
use crate::serial_api::NodeId;

/// Under which name the list is kept.
const NAME: &str = "provisioning";
/// The format; a list of another is not read.
const VERSION: &str = "zwave-provisioning 1";
/// The most devices on the list.
const MOST: usize = 512;
/// The longest name, in bytes.
const LONGEST_NAME: usize = 100;
/// What stands in the place of what is not known.
const NOTHING: &str = "-";

/// A device on the list.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Provisioned {
    /// What its QR code asks for; none = nobody said.
    requested: Option<Vec<SecurityClass>>,
    /// The address that it has got; none = it waits.
    address: Option<Arc<str>>,
    name: Option<Arc<str>>,
}

/// The list. Bounded: 512 devices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Provisioning(BTreeMap<Dsk, Provisioned>);

impl Provisioning {
    /// Whether somebody is waited for.
    pub(super) fn is_awaiting(&self) -> bool {
        self.0.values().any(|device| device.address.is_none())
    }

    /// The label of the device that announces itself with a home id, if it is waited for.
    pub(super) fn awaited(&self, home: HomeId) -> Option<Label> {
        let is_awaited = |(dsk, device): &(&Dsk, &Provisioned)| {
            device.address.is_none() && dsk.network_wide_inclusion_home() == home
        };
        let (dsk, device) = self.0.iter().find(is_awaited)?;
        Some(Label { requested: device.requested.clone(), ..Label::of_dsk(*dsk) })
    }

    /// Whether a device is on the list.
    pub(super) fn is_listed(&self, dsk: &Dsk) -> bool {
        self.0.contains_key(dsk)
    }

    /// How the device at an address is to be called.
    pub(super) fn name_at(&self, address: &str) -> Option<Arc<str>> {
        self.0.values().find(|device| device.address.as_deref() == Some(address))?.name.clone()
    }

    fn entries(&self, driver: &DriverId) -> Vec<Entry> {
        let entry = |(dsk, device): (&Dsk, &Provisioned)| Entry {
            key: dsk.to_string().into(),
            name: device.name.clone(),
            device: device.address.as_ref().map(|address| DeviceId::of(driver, address)),
        };
        self.0.iter().map(entry).collect()
    }

    fn to_text(&self) -> String {
        let line = |(dsk, device): (&Dsk, &Provisioned)| {
            let requested = device.requested.as_ref().map(|classes| SecurityClass::bits_of(classes.iter().copied()));
            let requested = requested.map_or(NOTHING.to_owned(), |bits| bits.to_string());
            let (address, name) = (device.address.as_deref().unwrap_or(NOTHING), device.name.as_deref());
            format!("{dsk} {requested} {address} {}", name.unwrap_or_default())
        };
        let lines = [VERSION.to_owned()].into_iter().chain(self.0.iter().map(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|line| *line == VERSION)?;
        lines.take(MOST).map(Self::read_line).collect::<Option<_>>().map(Self)
    }

    fn read_line(line: &str) -> Option<(Dsk, Provisioned)> {
        let mut words = line.splitn(4, ' ');
        let dsk = words.next()?.parse().ok()?;
        let requested = match words.next()? {
            NOTHING => None,
            bits => Some(SecurityClass::of_bits(bits.parse().ok()?).collect()),
        };
        let address = words.next().filter(|address| *address != NOTHING).map(Arc::from);
        let name = words.next().filter(|name| !name.is_empty()).map(Arc::from);
        Some((dsk, Provisioned { requested, address, name }))
    }
}

/// A name as the list takes it; none = it is empty.
fn checked(name: &str) -> Result<Option<Arc<str>>, ManageError> {
    let name = name.trim();
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ManageError::invalid("name", "a name has 1 to 100 bytes and no control characters"));
    }
    Ok((!name.is_empty()).then(|| name.into()))
}

impl ZWave {
    /// Takes the list that was kept.
    pub(super) fn take_provisioning(&mut self) {
        let Some(text) = self.kept.remove(NAME) else { return };
        match Provisioning::from_text(text.reveal()) {
            Some(list) => self.provisioning = list,
            None => {
                tracing::warn!(driver = %self.id, "The provisioning list that was kept cannot be read; add the devices again.");
            }
        }
    }

    fn keep_provisioning(&mut self) {
        let text = (!self.provisioning.0.is_empty()).then(|| Kept::new(self.provisioning.to_text()));
        self.emit(DriverEvent::Keep { name: NAME.into(), value: text });
    }

    pub(super) fn provision(&mut self, action: ProvisionAction) -> Result<Value, ManageError> {
        match action {
            ProvisionAction::List => {}
            ProvisionAction::Add { code, name } => self.add_provisioned(&code, name.as_deref().unwrap_or_default())?,
            ProvisionAction::Remove { key } => {
                let dsk = key.parse::<Dsk>().map_err(|_| ManageError::NotFound)?;
                self.provisioning.0.remove(&dsk).ok_or(ManageError::NotFound)?;
                self.smart_start.forget_failures(&dsk);
                self.keep_provisioning();
            }
        }
        Ok(to_value(&self.provisioning.entries(&self.id)))
    }

    fn add_provisioned(&mut self, code: &str, name: &str) -> Result<(), ManageError> {
        let not_possible = |words: &str| Err(ManageError::NotPossible(words.into()));
        match self.stick.as_ref().filter(|_| self.is_ready) {
            None => return Err(ManageError::Offline),
            Some(stick) if !stick.has_smart_start() => {
                return not_possible("this stick is too old for SmartStart; pair the device with its code instead");
            }
            Some(_) => {}
        }
        let label: Label = code.parse().map_err(|error: LabelError| ManageError::invalid("code", error.to_string()))?;
        let name = checked(name)?;
        let Some(dsk) = label.dsk else {
            return Err(ManageError::invalid(
                "code",
                "a PIN does not say which device it is; give the text of its QR code, or all of its DSK",
            ));
        };
        if label.smart_start == Some(false) {
            return not_possible("this device cannot join by itself; pair it with this code instead");
        }
        let known = self.provisioning.0.get(&dsk);
        match known {
            Some(known) if known.address.is_some() => {
                return not_possible("this device has joined already; to add it anew, take it off the list first");
            }
            None if self.provisioning.0.len() >= MOST => {
                return not_possible("the list is full; take devices off it that have joined");
            }
            _ => {}
        }
        // What is not said anew stays as it was said before.
        let (before, called) = known.map(|known| (known.requested.clone(), known.name.clone())).unwrap_or_default();
        let device = Provisioned { requested: label.requested.or(before), address: None, name: name.or(called) };
        self.smart_start.forget_failures(&dsk);
        self.provisioning.0.insert(dsk, device);
        self.keep_provisioning();
        Ok(())
    }

    /// A device is in the network, with keys. If it is on the list, it is not waited for any more.
    pub(super) fn note_joined(&mut self, dsk: Option<Dsk>, node: NodeId) {
        let address: Arc<str> = self.address(node).into();
        if let Some(dsk) = &dsk {
            self.smart_start.forget_failures(dsk);
        }
        if let Some(device) = dsk.and_then(|dsk| self.provisioning.0.get_mut(&dsk)) {
            device.address = Some(address);
            self.keep_provisioning();
        }
    }

    /// A node has left: it is to come back only if somebody wants that.
    pub(super) fn note_left(&mut self, node: NodeId) {
        let address = self.address(node);
        let before = self.provisioning.0.len();
        self.provisioning.0.retain(|_, device| device.address.as_deref() != Some(&*address));
        if self.provisioning.0.len() < before {
            self.keep_provisioning();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_text() {
        let one = "51525-35455-41424-34445-31323-33435-21222-32425".parse().unwrap();
        let other = "00000-00001-00002-00003-00004-00005-00006-00007".parse().unwrap();
        let list = Provisioning(BTreeMap::from([
            (
                one,
                Provisioned {
                    requested: Some(vec![SecurityClass::S2Authenticated, SecurityClass::S0]),
                    address: None,
                    name: Some("Lamp in the hall".into()),
                },
            ),
            (other, Provisioned { requested: None, address: Some("0x7e570001-5".into()), name: None }),
        ]));
        assert_eq!(
            list.to_text(),
            "zwave-provisioning 1\n\
             00000-00001-00002-00003-00004-00005-00006-00007 - 0x7e570001-5 \n\
             51525-35455-41424-34445-31323-33435-21222-32425 130 - Lamp in the hall"
        );
        assert_eq!(Provisioning::from_text(&list.to_text()), Some(list.clone()));
        assert!(list.is_awaiting());
        assert_eq!(list.awaited(one.network_wide_inclusion_home()).and_then(|label| label.dsk), Some(one));
        assert_eq!(list.awaited(other.network_wide_inclusion_home()), None, "it is there already");
    }

    #[test]
    fn what_is_no_list_is_not_read() {
        for text in ["", "zwave-provisioning 2", "zwave-provisioning 1\nx - - ", "zwave-provisioning 1\n51525"] {
            assert_eq!(Provisioning::from_text(text), None, "{text}");
        }
    }
}
