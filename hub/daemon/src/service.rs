//! What the system wants to know of a service, and says to it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Tells systemd, if it asked to be told. Elsewhere nothing happens.
pub fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "The service manager could not be told how the hub is.");
    }
}

/// How often the service manager wants to hear from the hub: half of the time after which it would start it anew.
pub fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2)
}

/// Waits until a person at a terminal ends a command, or the terminal goes away.
pub async fn end_requested() -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut stop = StopRequest::listen()?;
    tokio::select! {
        () = stop.heard() => {}
        _ = hangup.recv() => {}
    }
    Ok(())
}

/// That somebody wants the hub to stop. From the moment on at which this listens, the request no longer ends the process
/// by itself.
pub struct StopRequest {
    terminate: Signal,
    interrupt: Signal,
}

impl StopRequest {
    /// Listens from now on.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for it; at once, if it has come since.
    pub async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
