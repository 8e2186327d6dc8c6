//! Numbers with decimals and a scale: precision, scale and size in one byte, then a signed whole number.

/// A number as sensors and thermostats send it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScaledNumber {
    /// How many decimals, 0–7.
    pub precision: u8,
    /// The unit, by the table of its class, 0–3.
    pub scale: u8,
    /// Bytes of the number: 1, 2 or 4.
    pub size: u8,
    /// The number without its decimal point.
    pub number: i32,
}

impl ScaledNumber {
    /// The number itself.
    pub fn value(self) -> f64 {
        f64::from(self.number) / 10_f64.powi(i32::from(self.precision))
    }

    /// The number that comes nearest to `value` with so many decimals, in the fewest bytes but at least `size`. What
    /// does not fit four bytes is clamped; not a number becomes 0.
    pub fn new(value: f64, precision: u8, scale: u8, size: u8) -> Self {
        let precision = precision.min(7);
        let number = (value * 10_f64.powi(i32::from(precision))).round() as i32;
        let needed = match number {
            -0x80..=0x7f => 1,
            -0x8000..=0x7fff => 2,
            _ => 4,
        };
        let size = match needed.max(size) {
            0 | 1 => 1,
            2 => 2,
            _ => 4,
        };
        Self { precision, scale: scale & 0b11, size, number }
    }

    /// Precision, scale and size in one byte.
    pub(in crate::command_class) fn header(self) -> u8 {
        (self.precision & 0b111) << 5 | (self.scale & 0b11) << 3 | (self.size & 0b111)
    }
}

/// A signed whole number of 1, 2 or 4 bytes, the greatest byte first.
pub(in crate::command_class) fn signed(bytes: &[u8]) -> Option<i32> {
    match *bytes {
        [byte] => Some(i32::from(i8::from_be_bytes([byte]))),
        [high, low] => Some(i32::from(i16::from_be_bytes([high, low]))),
        [a, b, c, d] => Some(i32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

/// The last `size` bytes of a number.
pub(in crate::command_class) fn last_bytes(number: i32, size: u8) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    bytes.get(bytes.len().saturating_sub(usize::from(size))..).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_the_bytes_they_need() {
        let number = ScaledNumber::new(21.5, 1, 0, 0);
        assert_eq!(number, ScaledNumber { precision: 1, scale: 0, size: 2, number: 215 });
        assert_eq!(number.value(), 21.5);
        assert_eq!(ScaledNumber::new(-3.0, 0, 1, 0).size, 1);
        assert_eq!(ScaledNumber::new(21.0, 0, 0, 2).size, 2);
        assert_eq!(ScaledNumber::new(1e12, 3, 0, 1).number, i32::MAX);
        assert_eq!(ScaledNumber::new(f64::NAN, 3, 0, 1).number, 0);
    }
}
