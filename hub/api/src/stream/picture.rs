//! The snapshot message: the home as it is, and the cursor that continues from it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hub_access::Part;
use hub_core::{ById, Snapshot};
use hub_model::{AccountId, DeviceId, Now};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::Shared;
use crate::seen::{Readable, seen_by, sees_alert};
use crate::stream::message::Cursor;
use crate::wire::automation::AutomationBody;
use crate::wire::device::DeviceBody;
use crate::wire::driver::DriverBody;
use crate::wire::household::{AlertBody, AreaBody, HomeBody};

/// Pictures repeat themselves: a fast level makes a thirtieth of them, the best one hardly less for twice the work.
const LEVEL: Compression = Compression::new(3);
/// So many bytes are compressed before others have their turn: about a millisecond of a small machine.
const AT_ONCE: usize = 32 * 1024;

/// The home as it is.
#[derive(Serialize, ToSchema)]
#[schema(as = StreamSnapshot)]
pub(crate) struct Picture<'a> {
    /// Always `snapshot`.
    #[serde(rename = "type")]
    message_type: &'a str,
    id: u64,
    /// Give it as `since` to go on from here.
    cursor: Cursor,
    /// The smallest `seq` of a `since` whose events the hub still has.
    oldest_seq: u64,
    home: HomeBody<'a>,
    areas: Vec<AreaBody<'a>>,
    drivers: Vec<DriverBody<'a>>,
    automations: Vec<AutomationBody<'a>>,
    alerts: Vec<AlertBody<'a>>,
    /// The devices, by id.
    #[serde(skip_serializing_if = "are_put_in_by_hand")]
    #[schema(value_type = Vec<DeviceBody<'static>>, required = true)]
    devices: (),
}

/// Devices, the most of a picture, are text already: equal ones are written once for all clients.
fn are_put_in_by_hand(_: &()) -> bool {
    true
}

/// A picture in the parts that its message is put together of.
pub(crate) struct Parts {
    /// All but the devices.
    head: String,
    devices: Vec<Bytes>,
    /// The number of the last event that is in it.
    pub(crate) seq: u64,
}

/// The newest picture, of these devices, for somebody.
pub(crate) fn parts(app: &Shared, id: u64, devices: Option<&BTreeSet<DeviceId>>, eyes: &AccountId) -> Parts {
    let newest = app.core.snapshot();
    let wanted = |device: &DeviceId| devices.is_none_or(|devices| devices.contains(device));
    let (snapshot, bodies) = if newest.permissions.sees_everything(eyes) {
        app.devices.devices(&newest, |view| wanted(&view.record.device.id))
    } else {
        let now = app.clock.now();
        let seen = restricted(&newest, eyes, &now);
        let bodies = seen.devices.iter().filter(|view| wanted(&view.record.device.id));
        let bodies = bodies.map(|view| Bytes::from(serde_json::to_vec(&DeviceBody::new(view)).unwrap_or_default()));
        let bodies = bodies.collect();
        (seen, bodies)
    };
    let picture = Picture::new(&snapshot, app.core.oldest_seq(&snapshot), id, &Readable::by(eyes, &snapshot));
    let mut head = serde_json::to_string(&picture).unwrap_or_default();
    // The devices are its last field.
    head.pop();
    head.push_str(",\"devices\":[");
    Parts { head, devices: bodies, seq: snapshot.seq }
}

impl Parts {
    /// The message, in pieces.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let devices = self.devices.iter().enumerate();
        let devices = devices.flat_map(|(index, body)| [if index > 0 { b",".as_slice() } else { b"" }, body]);
        [self.head.as_bytes()].into_iter().chain(devices).chain([b"]}".as_slice()])
    }

    /// The message as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(self.pieces().map(<[u8]>::len).sum());
        for piece in self.pieces() {
            text.push_str(std::str::from_utf8(piece).unwrap_or("null"));
        }
        text
    }

    /// The same as gzip. Lets others go on after each stretch of work; the text as a whole is never made.
    pub(crate) async fn gzip(&self) -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
        let mut at_once = 0;
        for piece in self.pieces() {
            encoder.write_all(piece)?;
            at_once += piece.len();
            if at_once >= AT_ONCE {
                at_once = 0;
                tokio::task::yield_now().await;
            }
        }
        encoder.finish()
    }
}

/// The picture for somebody who does not see everything.
fn restricted(newest: &Arc<Snapshot>, eyes: &AccountId, now: &Now) -> Arc<Snapshot> {
    let mut seen = Snapshot::clone(&seen_by(newest, eyes, now));
    let sees = |part: Part| newest.permissions.sees_part(eyes, part, now);
    if !sees(Part::Areas) {
        seen.areas = Arc::default();
    }
    if !sees(Part::Drivers) {
        seen.drivers = Arc::default();
    }
    if !sees(Part::Rules) {
        seen.automations = ById::default();
    }
    seen.alerts =
        Arc::new(newest.alerts.iter().filter(|alert| sees_alert(newest, alert, eyes, now)).cloned().collect());
    Arc::new(seen)
}

impl<'a> Picture<'a> {
    fn new(snapshot: &'a Arc<Snapshot>, oldest_seq: u64, id: u64, readable: &Readable) -> Self {
        Self {
            message_type: "snapshot",
            id,
            cursor: Cursor { epoch: snapshot.epoch, seq: snapshot.seq },
            oldest_seq,
            home: HomeBody::new(&snapshot.home),
            areas: snapshot.areas.iter().map(AreaBody::new).collect(),
            drivers: snapshot.drivers.iter().map(|driver| DriverBody::new(driver, snapshot)).collect(),
            automations: snapshot.automations.iter().map(|view| AutomationBody::new(view, readable)).collect(),
            alerts: snapshot.alerts.iter().map(AlertBody::new).collect(),
            devices: (),
        }
    }
}
