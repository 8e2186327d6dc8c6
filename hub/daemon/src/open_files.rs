//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many connections the local socket holds at most.
const LOCAL_CONNECTIONS: usize = 1_024;
/// What the hub has open beside its connections at most: store, drivers, doors, messages.
const OTHERS: usize = 256;

/// Raises the limit of this process to what the system allows it, and says if that is not enough for so many
/// connections. The usual limit of 1,024 is meant for programs that wait by `select`, which the hub does not.
pub fn make_room(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
    {
        tracing::debug!(%error, "The limit of open files could not be raised.");
    }
    let wanted = (connections + connections.min(LOCAL_CONNECTIONS) + OTHERS) as u64;
    // None = there is no limit.
    if let Some(allowed) = getrlimit(Resource::Nofile).current.filter(|allowed| *allowed < wanted) {
        tracing::warn!(
            allowed,
            wanted,
            "The system allows fewer open files than all connections need; raise LimitNOFILE of the service, or lower [http] connections."
        );
    }
}
