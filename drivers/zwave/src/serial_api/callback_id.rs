//! Callback ids: what joins a callback to its request.

use crate::read::{Problem, Reader};

/// Carried by a request and by its callbacks. Zero asks for no callback.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallbackId(pub u8);

impl CallbackId {
    /// No callback is wanted.
    pub const NONE: Self = Self(0);

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Problem> {
        reader.byte("callback id").map(Self)
    }
}

/// Hands out 1 to 255, and begins again. An id that is not awaited any more belongs to a frame that came twice.
#[derive(Clone, Debug, Default)]
pub struct CallbackIds {
    last: u8,
}

impl CallbackIds {
    /// The next id.
    pub fn next_id(&mut self) -> CallbackId {
        self.last = self.last.checked_add(1).unwrap_or(1);
        CallbackId(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_left_out() {
        let mut ids = CallbackIds::default();
        let handed_out: Vec<u8> = (0..256).map(|_| ids.next_id().0).collect();
        assert_eq!((handed_out[0], handed_out[254], handed_out[255]), (1, 255, 1));
        assert!(!handed_out.contains(&0));
    }
}
