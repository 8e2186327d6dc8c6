//! What could not be read: counted, and said in words.

use hub_model::event::DriverState;

use super::ZWaveJs;

/// What could not be read so far.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    count: u64,
    last: String,
}

impl ZWaveJs {
    /// Something could not be read and is left out.
    pub(super) fn note_trouble(&mut self, what: String) {
        self.troubles.count += 1;
        // The first, and then ever more seldom: a server that says nothing else must not fill the log.
        if self.troubles.count.is_power_of_two() {
            tracing::warn!(driver = %self.id, count = self.troubles.count, what, "Something that Z-Wave JS said could not be read.");
            self.troubles.last = what.chars().take(200).collect();
            if self.is_listening {
                self.say_online();
            }
        }
    }

    /// The driver works; what could not be read is said with it.
    pub(super) fn say_online(&mut self) {
        let detail = match self.troubles.count {
            0 => String::new(),
            _ => format!(
                "something that {} said could not be read and was left out, last: {}; update the hub if it is older than Z-Wave JS",
                self.server, self.troubles.last
            ),
        };
        self.set_status(DriverState::Online, detail);
    }
}
