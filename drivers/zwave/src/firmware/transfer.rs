//! The exchange with a node that takes new firmware: it is asked what it takes, offered the image, and then asks for it
//! part by part (SDS13782, Firmware Update Meta Data, versions 1 to 8).

use std::collections::VecDeque;
use std::time::Duration;

use hub_model::Monotonic;

use crate::command_class::Command;
use crate::command_class::firmware_update_meta_data::{
    Activation, Command as Meta, MetaData, OK, REQUEST_STATUSES, Request, UPDATE_STATUSES,
};
use crate::command_class::value::{Names, name_of};
use crate::encapsulation::crc16::checksum;

/// How long a node may take to say what it takes, and how often it is asked.
const ASKING: (Duration, u8) = (Duration::from_secs(10), 3);
/// How long a node may take to say whether it takes the image: some wait for their button to be pressed.
const OFFER_LIMIT: Duration = Duration::from_secs(60);
/// How long a node may take to ask for its next part.
const PART_LIMIT: Duration = Duration::from_secs(120);
/// How long a node may take to check what it has.
const CHECK_LIMIT: Duration = Duration::from_secs(300);
/// What a part has around its data: class, command, number and checksum.
const PART_OVERHEAD: usize = 6;
/// Numbers of parts have 15 bits.
const MOST_PARTS: usize = 0x7FFF;
/// Waiting for activation, of the statuses of an update.
const WAITING_FOR_ACTIVATION: u8 = 0xFD;
/// It works on with the new firmware at once. This and what is above is a success.
const NO_RESTART: u8 = 0xFE;

/// What is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The image.
    pub image: Vec<u8>,
    /// For which of the node's chips; 0 = the one that is on the air.
    pub target: u8,
    /// The version in which the node has the class.
    pub version: u8,
    /// The longest command that fits into one frame to this node, with its security.
    pub longest: usize,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Send this.
    Send(Vec<u8>),
    /// So many percent are over.
    Progress(u8),
    /// The node has it. So long it is not to be spoken to.
    Installed(Duration),
    /// The node said no, in words.
    Refused(String),
    /// It came to nothing though the node did not say no, in words.
    Failed(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// It is asked what it takes.
    Asking,
    /// It decides.
    Offering,
    /// It asks for parts.
    Sending,
    /// It has all, and checks it.
    Checking,
    /// It is told to use it.
    Activating,
    Over,
}

/// One update of one node.
#[derive(Debug)]
pub struct Transfer {
    offer: Offer,
    step: Step,
    until: Option<Monotonic>,
    asked: u8,
    meta: Option<MetaData>,
    /// How many bytes a part has.
    part: usize,
    /// Which part comes next, and how many are wanted from there on.
    wanted: Option<(u16, u8)>,
    on_its_way: Option<u16>,
    told: Option<u8>,
    actions: VecDeque<Action>,
}

impl Transfer {
    /// An update that begins with the question what the node takes.
    pub fn new(offer: Offer) -> Self {
        let mut transfer = Self {
            offer,
            step: Step::Asking,
            until: None,
            asked: 1,
            meta: None,
            part: 0,
            wanted: None,
            on_its_way: None,
            told: None,
            actions: VecDeque::new(),
        };
        transfer.send(Meta::MetaDataGet);
        transfer
    }

    /// The next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Transfer::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Monotonic> {
        self.until
    }

    /// The time has come.
    pub fn handle_timeout(&mut self, now: Monotonic) {
        if self.until.is_none_or(|until| until > now) {
            return;
        }
        if self.step == Step::Asking && self.asked < ASKING.1 {
            self.asked += 1;
            return self.send(Meta::MetaDataGet);
        }
        self.fail(match self.step {
            Step::Asking => "the device does not say what firmware it takes; try again",
            Step::Offering => {
                "the device does not say whether it takes the firmware; some wait for their button to be pressed: see its manual"
            }
            Step::Sending => {
                "the device stopped asking for the rest of the firmware and goes on with its old one; try again, if need be nearer to the stick"
            }
            Step::Checking | Step::Activating | Step::Over => {
                "the device has the whole firmware and does not say whether it is good; see whether it works, and try again"
            }
        });
    }

    /// What was to be sent was sent.
    pub fn handle_sent(&mut self, now: Monotonic) {
        match self.step {
            Step::Asking => self.until = Some(now.plus(ASKING.0)),
            Step::Offering => self.until = Some(now.plus(OFFER_LIMIT)),
            Step::Sending => self.handle_part_sent(now),
            Step::Activating => self.until = Some(now.plus(CHECK_LIMIT)),
            _ => {}
        }
    }

    /// What was to be sent did not arrive. A part is asked for again by the node.
    pub fn handle_lost(&mut self, now: Monotonic, words: &str) {
        match self.step {
            Step::Sending => {
                (self.on_its_way, self.wanted) = (None, None);
                self.until = Some(now.plus(PART_LIMIT));
            }
            _ => self.fail(words),
        }
    }

    /// The node says something of its firmware.
    pub fn handle_command(&mut self, now: Monotonic, command: &Meta) {
        match (self.step, command) {
            (Step::Asking, Meta::MetaDataReport(meta)) => self.make_offer(meta.clone()),
            (Step::Offering, Meta::RequestReport { status: OK, .. }) => {
                self.step = Step::Sending;
                self.until = Some(now.plus(PART_LIMIT));
                self.tell(0);
            }
            (Step::Offering, Meta::RequestReport { status, .. }) => {
                let words = word(REQUEST_STATUSES, *status);
                self.refuse(format!("the device does not take this firmware: {words}"));
            }
            (Step::Sending | Step::Checking, Meta::Get { reports, number }) => {
                self.step = Step::Sending;
                self.until = Some(now.plus(PART_LIMIT));
                self.handle_wanted(*number, *reports);
            }
            (Step::Sending | Step::Checking, Meta::StatusReport { status, wait_seconds }) => {
                self.handle_status(*status, wait_seconds.unwrap_or_default());
            }
            (Step::Activating, Meta::ActivationReport { status: OK, .. }) => {
                self.finish(Action::Installed(settled(0)));
            }
            (Step::Activating, Meta::ActivationReport { .. }) => {
                self.refuse("the device has the firmware and could not activate it; it goes on with its old one");
            }
            _ => {}
        }
    }

    fn make_offer(&mut self, meta: MetaData) {
        let target = self.offer.target;
        let targets = meta.targets.as_ref();
        let firmware = match target {
            0 => Some(meta.firmware),
            target => targets.and_then(|targets| targets.firmwares.get(usize::from(target) - 1).copied()),
        };
        let Some(firmware) = firmware else {
            let most = targets.map_or(0, |targets| targets.firmwares.len());
            return self.fail(format!("this device has no firmware target {target}; give one from 0 to {most}"));
        };
        if target == 0 && targets.is_some_and(|targets| !targets.is_upgradable) {
            return self.refuse("this device says that its firmware cannot be updated");
        }
        let largest = targets.map(|targets| usize::from(targets.largest_fragment)).filter(|largest| *largest > 0);
        self.part = self.offer.longest.saturating_sub(PART_OVERHEAD).min(largest.unwrap_or(usize::MAX));
        if self.part == 0 || self.parts() > MOST_PARTS {
            return self.fail("the firmware is too large for this device, or its frames are too small for any");
        }
        let version = self.offer.version;
        let size = u16::try_from(self.part).unwrap_or(u16::MAX);
        let request = Request {
            manufacturer: meta.manufacturer,
            firmware,
            checksum: checksum(&[&self.offer.image]),
            target: (version >= 3).then_some((target, size)),
            // It is activated as soon as the node has it, and everything is sent with the node's security.
            options: (version >= 4).then_some(0),
            hardware: (version >= 5).then(|| targets.and_then(|targets| targets.hardware).unwrap_or_default()),
        };
        self.meta = Some(meta);
        self.step = Step::Offering;
        self.send(Meta::RequestGet(request));
    }

    fn parts(&self) -> usize {
        self.offer.image.len().div_ceil(self.part.max(1))
    }

    fn handle_wanted(&mut self, number: u16, reports: u8) {
        if number == 0 || usize::from(number) > self.parts() {
            return self.fail("the device asks for parts that the firmware does not have; it goes on with its old one");
        }
        // The same again means that it has not heard yet what is on its way.
        if self.on_its_way != Some(number) {
            self.wanted = Some((number, reports.max(1)));
        }
        self.send_part();
    }

    fn send_part(&mut self) {
        if self.on_its_way.is_some() {
            return;
        }
        let Some((number, left)) = self.wanted.take() else { return };
        let begins = (usize::from(number) - 1) * self.part;
        let image = &self.offer.image;
        let Some(data) = image.get(begins..image.len().min(begins + self.part)).filter(|data| !data.is_empty()) else {
            return;
        };
        let is_last = begins + data.len() == image.len();
        let data = data.to_vec();
        self.wanted = (left > 1 && !is_last).then(|| (number + 1, left - 1));
        self.on_its_way = Some(number);
        let mut part = Meta::Report { is_last, number, data, checksum: None };
        if self.offer.version >= 2 {
            let sum = checksum(&[&Command::FirmwareUpdateMetaData(part.clone()).encode()]);
            if let Meta::Report { checksum, .. } = &mut part {
                *checksum = Some(sum);
            }
        }
        self.send(part);
    }

    fn handle_part_sent(&mut self, now: Monotonic) {
        let Some(number) = self.on_its_way.take() else { return };
        let (sent, parts) = (usize::from(number), self.parts());
        // The rest of the way is the node's own.
        self.tell(u8::try_from(sent * 99 / parts).unwrap_or(99));
        if sent == parts {
            (self.step, self.until) = (Step::Checking, Some(now.plus(CHECK_LIMIT)));
        } else {
            self.until = Some(now.plus(PART_LIMIT));
            self.send_part();
        }
    }

    fn handle_status(&mut self, status: u8, wait_seconds: u16) {
        match status {
            WAITING_FOR_ACTIVATION => self.activate(),
            NO_RESTART.. => {
                let wait = if status == NO_RESTART { Duration::ZERO } else { settled(wait_seconds) };
                self.finish(Action::Installed(wait));
            }
            status => {
                let words = word(UPDATE_STATUSES, status);
                self.refuse(format!("the device does not use this firmware and goes on with its old one: {words}"));
            }
        }
    }

    /// It was not asked to wait for this, and waits all the same.
    fn activate(&mut self) {
        let Some(meta) = &self.meta else { return };
        let targets = meta.targets.as_ref();
        let firmware = match self.offer.target {
            0 => meta.firmware,
            target => {
                let further = targets.and_then(|targets| targets.firmwares.get(usize::from(target) - 1));
                further.copied().unwrap_or_default()
            }
        };
        let activation = Activation {
            manufacturer: meta.manufacturer,
            firmware,
            checksum: checksum(&[&self.offer.image]),
            target: self.offer.target,
        };
        let hardware =
            (self.offer.version >= 5).then(|| targets.and_then(|targets| targets.hardware).unwrap_or_default());
        (self.step, self.until) = (Step::Activating, None);
        self.send(Meta::ActivationSet { activation, hardware });
    }

    /// The time that the answer may take begins when it is sent: a node that sleeps is waited for.
    fn send(&mut self, command: Meta) {
        self.until = None;
        self.actions.push_back(Action::Send(Command::FirmwareUpdateMetaData(command).encode()));
    }

    fn tell(&mut self, percent: u8) {
        if self.told != Some(percent) {
            self.told = Some(percent);
            self.actions.push_back(Action::Progress(percent));
        }
    }

    fn refuse(&mut self, words: impl Into<String>) {
        self.finish(Action::Refused(words.into()));
    }

    fn fail(&mut self, words: impl Into<String>) {
        self.finish(Action::Failed(words.into()));
    }

    fn finish(&mut self, action: Action) {
        if self.step != Step::Over {
            (self.step, self.until) = (Step::Over, None);
            self.actions.push_back(action);
        }
    }
}

/// What a node says it needs to start again, and a little more.
fn settled(wait_seconds: u16) -> Duration {
    let more = match wait_seconds {
        ..20 => 5,
        20..60 => 10,
        _ => 30,
    };
    Duration::from_secs(u64::from(wait_seconds) + more)
}

fn word(names: Names, status: u8) -> String {
    name_of(names, status).map_or_else(|| format!("status {status:#04x}"), str::to_lowercase)
}
