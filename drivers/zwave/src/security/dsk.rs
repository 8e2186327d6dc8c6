//! Device specific keys: who a device is, as its label says.

use std::fmt;
use std::str::FromStr;

use crate::node_id::HomeId;

/// The first half of a device's public key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dsk(pub [u8; 16]);

/// The first five digits of a DSK, which a person types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pin(pub u16);

/// The text is no DSK.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a DSK is eight groups of five digits up to 65535, like 51525-35455-41424-34445-31323-33435-21222-32425")]
pub struct ParseDskError;

/// The text is no PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a PIN is five digits up to 65535: the first group of the DSK on the device's label")]
pub struct ParsePinError;

impl Dsk {
    /// Of a public key.
    pub fn of_public_key(key: &[u8; 32]) -> Self {
        Self(std::array::from_fn(|index| key[index]))
    }

    /// Its groups, in their order.
    pub fn groups(self) -> [u16; 8] {
        std::array::from_fn(|index| u16::from_be_bytes([self.0[2 * index], self.0[2 * index + 1]]))
    }

    /// Of its groups.
    pub fn from_groups(groups: [u16; 8]) -> Self {
        Self(std::array::from_fn(|index| groups[index / 2].to_be_bytes()[index % 2]))
    }

    /// The home id with which the device announces itself for SmartStart: bytes 9 to 12, marked as such.
    pub fn network_wide_inclusion_home(self) -> HomeId {
        let [.., first, second, third, fourth, _, _, _, _] = self.0;
        HomeId([first | 0xC0, second, third, fourth & 0xFE])
    }

    /// The home id with which the device proves itself for SmartStart: bytes 13 to 16, marked as such.
    pub fn authentication_home(self) -> HomeId {
        let [.., first, second, third, fourth] = self.0;
        HomeId([first & 0x3F, second, third, fourth | 0x01])
    }

    /// What a person is to type.
    pub fn pin(self) -> Pin {
        Pin(self.groups()[0])
    }
}

impl Pin {
    /// The public key of a node that left its first two bytes out, because a person has to know them.
    pub fn complete(self, mut key: [u8; 32]) -> [u8; 32] {
        [key[0], key[1]] = self.0.to_be_bytes();
        key
    }
}

impl fmt::Display for Dsk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups().into_iter().enumerate() {
            write!(formatter, "{}{group:05}", if index == 0 { "" } else { "-" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Dsk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Dsk({self})")
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:05}", self.0)
    }
}

impl FromStr for Dsk {
    type Err = ParseDskError;

    /// With or without dashes and spaces between the groups.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digits = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
        let mut groups = [0; 8];
        for group in &mut groups {
            let five: [Option<u8>; 5] = std::array::from_fn(|_| digits.next());
            *group = number(five.into_iter()).ok_or(ParseDskError)?;
        }
        if digits.next().is_some() {
            return Err(ParseDskError);
        }
        Ok(Self::from_groups(groups))
    }
}

impl FromStr for Pin {
    type Err = ParsePinError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() != 5 {
            return Err(ParsePinError);
        }
        number(text.bytes().map(Some)).map(Self).ok_or(ParsePinError)
    }
}

fn number(digits: impl Iterator<Item = Option<u8>>) -> Option<u16> {
    digits.into_iter().try_fold(0_u16, |number, digit| {
        let digit = digit.filter(u8::is_ascii_digit)? - b'0';
        number.checked_mul(10)?.checked_add(u16::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = "51525-35455-41424-34445-31323-33435-21222-32425";
        let dsk: Dsk = text.parse().unwrap();
        assert_eq!(dsk.to_string(), text);
        assert_eq!(dsk.pin(), Pin(51525));
        assert_eq!(text.replace('-', " ").parse(), Ok(dsk));
        assert_eq!("00007".parse(), Ok(Pin(7)));
        assert_eq!(Pin(0x0102).complete([0; 32])[..3], [1, 2, 0]);
    }

    #[test]
    fn homes_for_smart_start() {
        let dsk = Dsk(std::array::from_fn(|index| 0xE0 | u8::try_from(index + 1).unwrap()));
        assert_eq!(dsk.network_wide_inclusion_home(), HomeId([0xE9, 0xEA, 0xEB, 0xEC]));
        assert_eq!(dsk.authentication_home(), HomeId([0x2D, 0xEE, 0xEF, 0xF1]));
        assert_eq!(Dsk([1; 16]).network_wide_inclusion_home(), HomeId([0xC1, 1, 1, 0]));
    }

    #[test]
    fn what_is_no_dsk() {
        for text in ["", "51525", "65536-35455-41424-34445-31323-33435-21222-32425", "5152a", "ä"] {
            assert_eq!(text.parse::<Dsk>(), Err(ParseDskError), "{text}");
        }
        let longer = format!("{}1", "12345".repeat(8));
        assert_eq!(longer.parse::<Dsk>(), Err(ParseDskError));
        for text in ["", "1234", "99999", "1234x", "123456"] {
            assert_eq!(text.parse::<Pin>(), Err(ParsePinError), "{text}");
        }
    }
}
