//! The doors of the hub: HTTP, WebSocket, sessions, OpenAPI and the built-in page.
//!
//! [`Api`] holds what all doors share. A request passes the [`guard`] (which host, who, from where), then a handler of
//! [`routes`], which asks the core through its handle or reads the newest snapshot. What clients see is defined in
//! [`wire`], apart from the forms in which the store keeps things. Every error is a [`problem::Problem`].
//!
//! Reading is kept ready: the JSON of a device is made once per change ([`cache`]), that of an event once for all
//! listeners ([`stream`]). Secrets are kept hashed and never logged. Over the network the doors are HTTP and HTTPS, with
//! certificates that the hub makes itself ([`tls`]).
//!
//! **Invariant:** nothing here changes the home but through the core; a 2xx of a lasting change is sent after the core
//! says that it is on the disk.

mod api;
mod audit;
mod auth;
mod bodies;
mod cache;
mod clock;
mod cookie;
mod etag;
mod extract;
mod guard;
mod idempotency;
mod messenger;
pub mod mdns;
pub mod network;
mod openapi;
mod mistake;
mod networks;
mod owntracks;
mod paging;
mod patience;
mod places;
mod preferences;
pub mod problem;
mod random;
mod seen;
mod routes;
mod server;
mod simulation;
mod stream;
mod table;
pub mod tls;
mod trials;
pub mod wire;

pub use api::{Api, ApiOptions, ApiParts, Door, TlsDoor};
pub use clock::{ClockRefusal, SettableClock};
pub use guard::{Peer, Secure};
pub use messenger::{Attempt, Messenger};
pub use random::{NoRandomness, Random, SystemRandom};
pub use server::Listener;
