//! Bodies of requests: how large one may be, how long it may take, and how much of all of them is held at once. Who
//! only says that much will come is given no memory for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use futures_util::StreamExt;
use hub_model::AccountId;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::guard::{Access, Identity};
use crate::problem::Problem;

/// The largest body of who is known.
const BODY_MAX: usize = 1024 * 1024;
/// The largest body on paths that need no token: names, passwords and tokens.
const STRANGERS_BODY_MAX: usize = 16 * 1024;
/// How much is held of those who are known.
const HELD_MAX: usize = 8 * 1024 * 1024;
/// How much of that one account may have.
const ACCOUNT_HELD_MAX: usize = HELD_MAX / 4;
/// How much is held of who sits at the hub.
const LOCAL_HELD_MAX: usize = 4 * 1024 * 1024;
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

/// The room for all bodies. Strangers have their own, so that they cannot use up that of the others, and so has the
/// local socket. Nobody can use up that of all accounts.
#[derive(Debug)]
pub(crate) struct Bodies {
    strangers: Arc<Semaphore>,
    local: Arc<Semaphore>,
    known: Arc<Semaphore>,
    /// The shares of the accounts that send something now.
    shares: Mutex<HashMap<AccountId, Weak<Semaphore>>>,
}

impl Default for Bodies {
    fn default() -> Self {
        let pool = |bytes| Arc::new(Semaphore::new(bytes));
        Self {
            strangers: pool(STRANGERS_HELD_MAX),
            local: pool(LOCAL_HELD_MAX),
            known: pool(HELD_MAX),
            shares: Mutex::default(),
        }
    }
}

impl Bodies {
    /// The room for one body of at most so many bytes.
    pub(crate) fn room(&self, identity: &Identity, most: usize) -> BodyRoom {
        let pools = match identity {
            Identity::Nobody => vec![Arc::clone(&self.strangers)],
            Identity::Local => vec![Arc::clone(&self.local)],
            Identity::Token(grant) => vec![self.share(&grant.account.id), Arc::clone(&self.known)],
        };
        BodyRoom { most, held: Arc::new(Held { pools, bytes: Mutex::new(0) }) }
    }

    fn share(&self, account: &AccountId) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        shares.retain(|_, share| share.strong_count() > 0);
        shares.get(account).and_then(Weak::upgrade).unwrap_or_else(|| {
            let share = Arc::new(Semaphore::new(ACCOUNT_HELD_MAX));
            shares.insert(account.clone(), Arc::downgrade(&share));
            share
        })
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
    /// Each gives the same.
    pools: Vec<Arc<Semaphore>>,
    bytes: Mutex<usize>,
}

impl Held {
    /// Takes room for so many bytes altogether.
    fn grow_to(&self, wanted: usize) -> Result<(), Problem> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let more = u32::try_from(wanted.saturating_sub(*bytes)).unwrap_or(u32::MAX);
        if more > 0 {
            let permits: Result<Vec<_>, _> = self.pools.iter().map(|pool| pool.try_acquire_many(more)).collect();
            let permits = permits.map_err(|_| Problem::busy("Too many large requests come in at once."))?;
            permits.into_iter().for_each(SemaphorePermit::forget);
            *bytes = wanted;
        }
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let bytes = *self.bytes.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.pools.iter().for_each(|pool| pool.add_permits(bytes));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn room(bodies: &Bodies, account: &str) -> Held {
        Held { pools: vec![bodies.share(&account.into()), Arc::clone(&bodies.known)], bytes: Mutex::new(0) }
    }

    #[test]
    fn nobody_takes_the_room_of_the_others() {
        let bodies = Bodies::default();
        let uploads: Vec<Held> = (0..8).map(|_| room(&bodies, "guest")).collect();
        let taken = uploads.iter().filter(|held| held.grow_to(BODY_MAX).is_ok()).count();
        assert_eq!(taken, ACCOUNT_HELD_MAX / BODY_MAX);
        assert!(room(&bodies, "owner").grow_to(BODY_MAX).is_ok());
        let local = bodies.room(&Identity::Local, BODY_MAX);
        assert!(local.held.grow_to(BODY_MAX).is_ok());
        drop(uploads);
        assert!(room(&bodies, "guest").grow_to(BODY_MAX).is_ok(), "given back");
        assert_eq!(bodies.known.available_permits(), HELD_MAX);
        bodies.share(&"another".into());
        assert_eq!(bodies.shares.lock().unwrap().len(), 1, "who sends nothing has no share");
    }
}
