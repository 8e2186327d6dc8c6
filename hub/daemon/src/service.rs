//! What the system wants to know of a service, and says to it.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

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
    tokio::select! {
        outcome = stop_requested() => outcome,
        _ = hangup.recv() => Ok(()),
    }
}

/// Waits until somebody wants the hub to stop.
pub async fn stop_requested() -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
