//! Bit masks: which numbers are supported.

/// A bit mask as it was sent: bit 0 of the first byte is the first number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BitMask(pub Vec<u8>);

impl BitMask {
    /// A mask of these positions. Positions from 2040 on do not fit a frame and are left out.
    pub fn of(positions: impl IntoIterator<Item = u16>) -> Self {
        let mut bytes = Vec::new();
        for position in positions {
            let index = usize::from(position / 8);
            if index >= usize::from(u8::MAX) {
                continue;
            }
            if bytes.len() <= index {
                bytes.resize(index + 1, 0);
            }
            if let Some(byte) = bytes.get_mut(index) {
                *byte |= 1 << (position % 8);
            }
        }
        Self(bytes)
    }

    /// The positions that are set, rising, from 0.
    pub fn positions(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().zip(0_u16..).flat_map(|(byte, index)| {
            (0..8).filter(move |bit| byte & (1 << bit) != 0).map(move |bit| index.saturating_mul(8).saturating_add(bit))
        })
    }

    /// Whether this position is set.
    pub fn contains(&self, position: u16) -> bool {
        self.0.get(usize::from(position / 8)).is_some_and(|byte| byte & (1 << (position % 8)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_set_and_read() {
        let mask = BitMask::of([1, 3, 9]);
        assert_eq!(mask.0, [0b0000_1010, 0b10]);
        assert_eq!(mask.positions().collect::<Vec<_>>(), [1, 3, 9]);
        assert!(mask.contains(9) && !mask.contains(8) && !mask.contains(100));
        assert!(BitMask::of([60_000]).0.is_empty());
    }
}
