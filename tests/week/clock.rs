//! The clock of the virtual week: that of the paused runtime.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hub_model::{Clock, Monotonic, Now, Timestamp, Trust, Wall};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// Tells the time of the runtime. Threads outside of it are told what it was when somebody inside last asked.
#[derive(Debug)]
pub(crate) struct VirtualClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the time was when the runtime began.
    base: Timestamp,
    begun: Instant,
    passed: Duration,
}

impl VirtualClock {
    /// It is this time now. To be called inside the runtime.
    pub(crate) fn starting_at(base: Timestamp) -> Self {
        Self { state: Mutex::new(State { base, begun: Instant::now(), passed: Duration::ZERO }) }
    }

    /// It is at least this time. Before anything was built on this clock.
    pub(crate) fn not_before(&self, time: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.base = state.base.max(time);
    }

    /// The wall time.
    pub(crate) fn time(&self) -> Timestamp {
        self.now().time()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Now {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if Handle::try_current().is_ok() {
            state.passed = state.begun.elapsed();
        }
        let wall = Wall { time: state.base.plus(state.passed), trust: Trust::Ntp };
        Now { wall, mono: Monotonic(state.passed) }
    }
}
