//! The JSON of devices, kept ready: made once per device and change, joined once per picture and page.

use std::cmp::Ordering;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering as Memory};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use axum::http::HeaderValue;
use bytes::Bytes;
use hub_core::{DeviceView, Snapshot};

use crate::paging;
use crate::wire::device::DeviceBody;

/// How many different pages of one picture are kept.
const PAGES_MAX: usize = 32;
/// Smaller bodies are not worth compressing.
const COMPRESS_FROM: usize = 2_048;

/// The newest picture's JSON.
#[derive(Debug, Default)]
pub(crate) struct DeviceCache {
    ready: RwLock<Ready>,
}

#[derive(Debug, Default)]
struct Ready {
    snapshot: Option<Arc<Snapshot>>,
    /// In the order of the picture's devices.
    fragments: Vec<(Arc<DeviceView>, Bytes)>,
    pages: Vec<(PageKey, Arc<ReadyPage>)>,
}

/// Which part of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PageKey {
    /// Behind this id.
    pub(crate) after: Option<String>,
    /// So many.
    pub(crate) limit: usize,
}

/// A page of the list of devices.
#[derive(Debug)]
pub(crate) struct ReadyPage {
    /// The JSON.
    pub(crate) plain: Bytes,
    /// Names the picture and the form: plain and compressed.
    pub(crate) tags: [HeaderValue; 2],
    gzip: RwLock<Option<Bytes>>,
    asked: AtomicU32,
}

impl DeviceCache {
    /// A page of the list, at least as new as `snapshot`.
    pub(crate) fn page(&self, snapshot: &Arc<Snapshot>, key: &PageKey) -> Arc<ReadyPage> {
        let known =
            |ready: &Ready| ready.pages.iter().find(|(known, _)| known == key).map(|(_, page)| Arc::clone(page));
        let ready = self.up_to_date(snapshot);
        if let Some(page) = known(&ready) {
            return page;
        }
        drop(ready);
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(page) = known(&ready) {
            return page;
        }
        let page = Arc::new(ready.join(key));
        if ready.pages.len() >= PAGES_MAX {
            ready.pages.remove(0);
        }
        ready.pages.push((key.clone(), Arc::clone(&page)));
        page
    }

    /// The JSON of one device of a picture.
    pub(crate) fn device(&self, snapshot: &Arc<Snapshot>, view: &Arc<DeviceView>) -> Bytes {
        let ready = self.up_to_date(snapshot);
        let found = ready.fragments.binary_search_by(|(known, _)| known.record.device.id.cmp(&view.record.device.id));
        match found.ok().and_then(|index| ready.fragments.get(index)) {
            Some((known, json)) if Arc::ptr_eq(known, view) => json.clone(),
            _ => serialize(view),
        }
    }

    /// The newest known picture, at least as new as `snapshot`, and the JSON of those of its devices that are wanted.
    pub(crate) fn devices(
        &self,
        snapshot: &Arc<Snapshot>,
        wanted: impl Fn(&DeviceView) -> bool,
    ) -> (Arc<Snapshot>, Vec<Bytes>) {
        let ready = self.up_to_date(snapshot);
        let jsons = ready.fragments.iter().filter(|(view, _)| wanted(view)).map(|(_, json)| json.clone()).collect();
        (ready.snapshot.clone().unwrap_or_else(|| Arc::clone(snapshot)), jsons)
    }

    fn up_to_date(&self, snapshot: &Arc<Snapshot>) -> RwLockReadGuard<'_, Ready> {
        loop {
            let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
            if ready.is_as_new_as(snapshot) {
                return ready;
            }
            drop(ready);
            let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
            if !ready.is_as_new_as(snapshot) {
                ready.take(snapshot);
            }
        }
    }
}

impl Ready {
    fn is_as_new_as(&self, snapshot: &Snapshot) -> bool {
        self.snapshot.as_ref().is_some_and(|known| known.epoch == snapshot.epoch && known.version >= snapshot.version)
    }

    /// Takes a newer picture: what did not change keeps its JSON.
    fn take(&mut self, snapshot: &Arc<Snapshot>) {
        let mut old = std::mem::take(&mut self.fragments).into_iter().peekable();
        self.fragments.reserve(snapshot.devices.len());
        for view in snapshot.devices.iter() {
            let json = loop {
                let order = old.peek().map(|(known, _)| known.record.device.id.cmp(&view.record.device.id));
                match order {
                    Some(Ordering::Less) => drop(old.next()),
                    Some(Ordering::Equal) => {
                        break old.next().filter(|(known, _)| Arc::ptr_eq(known, view)).map(|(_, json)| json);
                    }
                    Some(Ordering::Greater) | None => break None,
                }
            };
            self.fragments.push((Arc::clone(view), json.unwrap_or_else(|| serialize(view))));
        }
        self.pages.clear();
        self.snapshot = Some(Arc::clone(snapshot));
    }

    fn join(&self, key: &PageKey) -> ReadyPage {
        let id = |view: &DeviceView| view.record.device.id.as_str().to_owned();
        let start = key.after.as_ref().map_or(0, |after| {
            self.fragments.partition_point(|(view, _)| view.record.device.id.as_str() <= after.as_str())
        });
        let rest = self.fragments.get(start..).unwrap_or_default();
        let shown = rest.get(..key.limit).unwrap_or(rest);
        let size = shown.iter().map(|(_, json)| json.len() + 1).sum::<usize>();
        let mut body = Vec::with_capacity(size + 256);
        body.extend_from_slice(b"{\"items\":[");
        for (index, (_, json)) in shown.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(json);
        }
        body.extend_from_slice(b"],\"next_cursor\":");
        match shown.last().filter(|_| shown.len() < rest.len()) {
            Some((last, _)) => body.extend_from_slice(format!("\"{}\"", paging::encode(&id(last))).as_bytes()),
            None => body.extend_from_slice(b"null"),
        }
        body.push(b'}');
        let (epoch, version) = self.snapshot.as_ref().map_or((0, 0), |snapshot| (snapshot.epoch, snapshot.version));
        let tag = |form: &str| {
            HeaderValue::try_from(format!("\"{epoch:x}-{version:x}{form}\""))
                .unwrap_or(HeaderValue::from_static("\"\""))
        };
        ReadyPage { plain: body.into(), tags: ["", "z"].map(tag), gzip: RwLock::default(), asked: AtomicU32::new(0) }
    }
}

impl ReadyPage {
    /// The compressed form, if it is ready. It is made in the background when a page is asked for the second time:
    /// a page that changes with every request is not worth it.
    pub(crate) fn gzip(self: &Arc<Self>) -> Option<Bytes> {
        if let Some(ready) = self.gzip.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Some(ready.clone());
        }
        if self.plain.len() >= COMPRESS_FROM && self.asked.fetch_add(1, Memory::Relaxed) == 1 {
            let page = Arc::clone(self);
            drop(tokio::task::spawn_blocking(move || {
                let compressed = compress(&page.plain);
                *page.gzip.write().unwrap_or_else(PoisonError::into_inner) = compressed;
            }));
        }
        None
    }
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn serialize(view: &DeviceView) -> Bytes {
    serde_json::to_vec(&DeviceBody::new(view)).unwrap_or_default().into()
}
