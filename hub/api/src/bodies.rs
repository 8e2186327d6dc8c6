//! Bodies of requests: how large one may be, how long it may take, and how much of all of them is held at once. Who
//! only says that much will come is given no memory for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use crate::guard::{Access, Identity};
use crate::problem::Problem;

/// The largest body of who is known.
const BODY_MAX: usize = 1024 * 1024;
/// The largest body on paths that need no token: names, passwords and tokens.
const STRANGERS_BODY_MAX: usize = 16 * 1024;
/// How much is held of those who are known.
const HELD_MAX: usize = 8 * 1024 * 1024;
/// How much is held of strangers: more than one source can fill with all its connections.
const STRANGERS_HELD_MAX: usize = 12 * 1024 * 1024;
/// How long a body may take to come in.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// What a body gets at least when it needs room.
const STEP: usize = 4 * 1024;

/// The largest body of a path, unless the path says another.
pub(crate) fn most_of(access: Access) -> usize {
    match access {
        Access::Public | Access::Entry => STRANGERS_BODY_MAX,
        Access::Signed | Access::May(..) => BODY_MAX,
    }
}

/// The room for all bodies. Strangers have their own, so that they cannot use up that of the others.
#[derive(Debug)]
pub(crate) struct Bodies {
    strangers: Arc<Semaphore>,
    known: Arc<Semaphore>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self { strangers: Arc::new(Semaphore::new(STRANGERS_HELD_MAX)), known: Arc::new(Semaphore::new(HELD_MAX)) }
    }
}

impl Bodies {
    /// The room for one body of at most so many bytes.
    pub(crate) fn room(&self, identity: &Identity, most: usize) -> BodyRoom {
        let pool = match identity {
            Identity::Nobody => &self.strangers,
            Identity::Local | Identity::Token(_) => &self.known,
        };
        BodyRoom { most, held: Arc::new(Held { pool: Arc::clone(pool), bytes: Mutex::new(0) }) }
    }
}

/// The room for the body of one request, an extension of the request. It is given back when the last clone is gone.
#[derive(Clone, Debug)]
pub(crate) struct BodyRoom {
    most: usize,
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    pool: Arc<Semaphore>,
    bytes: Mutex<usize>,
}

impl Held {
    /// Takes room for so many bytes altogether.
    fn grow_to(&self, wanted: usize) -> Result<(), Problem> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let more = u32::try_from(wanted.saturating_sub(*bytes)).unwrap_or(u32::MAX);
        if more > 0 {
            let permit = self.pool.try_acquire_many(more);
            permit.map_err(|_| Problem::busy("Too many large requests come in at once."))?.forget();
            *bytes = wanted;
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.pool.add_permits(*self.bytes.get_mut().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The whole body, bounded in size and time.
pub(crate) async fn read_body(room: Option<&BodyRoom>, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    // The guard gives each request one.
    let Some(room) = room else { return Err(Problem::busy("There is no room for a body.")) };
    let most = room.most;
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body is larger than {most} bytes."),
            "Send less at once.",
        )
    };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let gather = async {
        let mut gathered = Vec::new();
        let mut stream = body.into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| {
                Problem::malformed("body_cut_off", "The body ended too early.", "Send it again as a whole.")
            })?;
            let length = gathered.len() + chunk.len();
            if length > most {
                return Err(too_large());
            }
            if length > gathered.capacity() {
                // Twice as much each time, but never more than can come.
                let capacity = length.max(gathered.len() * 2).max(STEP).min(announced.unwrap_or(most).max(length));
                room.held.grow_to(capacity)?;
                gathered.reserve_exact(capacity - gathered.len());
            }
            gathered.extend_from_slice(&chunk);
        }
        Ok(Bytes::from(gathered))
    };
    tokio::time::timeout(BODY_TIMEOUT, gather).await.unwrap_or_else(|_| {
        Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            format!("The body did not come within {} s.", BODY_TIMEOUT.as_secs()),
            "Send it again as a whole.",
        ))
    })
}
