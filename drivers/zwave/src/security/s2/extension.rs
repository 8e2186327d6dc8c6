//! Extensions of encapsulated messages (SDS13783, Security 2).

use super::Entropy;
use super::frame::Refused;
use crate::read::{Reader, length_byte};
use crate::security::secret::Secret;

const SPAN: u8 = 0x01;
const MPAN: u8 = 0x02;
const MGRP: u8 = 0x03;
const MOS: u8 = 0x04;
const TYPE: u8 = 0x3F;
/// Who does not know the extension discards the message.
const CRITICAL: u8 = 0x40;
const MORE_TO_FOLLOW: u8 = 0x80;
/// Length and type, which the length counts too.
const HEADER: u8 = 2;

/// What a message carries beside its command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extension {
    /// The sender's entropy for a new sequence of nonces.
    Span(Entropy),
    /// The state of a group's nonces; only encrypted.
    Mpan {
        /// Which group.
        group: u8,
        /// Of its nonces.
        state: Secret<16>,
    },
    /// The message is for a group, or repeats for one node what the group was sent.
    MulticastGroup(u8),
    /// The sender could not read the last message to the group.
    MulticastOutOfSync,
}

/// Where an extension stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Unencrypted,
    Encrypted,
}

impl Extension {
    fn place(&self) -> Place {
        match self {
            Self::Mpan { .. } => Place::Encrypted,
            _ => Place::Unencrypted,
        }
    }

    fn write(&self, flags: u8, bytes: &mut Vec<u8>) {
        let (kind, value) = match self {
            Self::Span(entropy) => (SPAN | CRITICAL, entropy.to_vec()),
            Self::Mpan { group, state } => (MPAN | CRITICAL, [&[*group], &state.expose()[..]].concat()),
            Self::MulticastGroup(group) => (MGRP | CRITICAL, vec![*group]),
            Self::MulticastOutOfSync => (MOS, vec![]),
        };
        bytes.extend_from_slice(&[length_byte(&value) + HEADER, kind | flags]);
        bytes.extend_from_slice(&value);
    }
}

/// The bytes of some extensions, the last marked as such.
pub(super) fn write_all(extensions: &[Extension]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, extension) in extensions.iter().enumerate() {
        let more = if index + 1 < extensions.len() { MORE_TO_FOLLOW } else { 0 };
        extension.write(more, &mut bytes);
    }
    bytes
}

/// Reads to the last extension. Those that are not known and not critical are left out.
pub(super) fn read_all(reader: &mut Reader<'_>, place: Place) -> Result<Vec<Extension>, Refused> {
    let mut extensions = Vec::new();
    loop {
        let [length, kind] = reader.array("extension")?;
        let value = length.checked_sub(HEADER).ok_or(Refused::Extension { kind })?;
        let value = reader.bytes(value.into(), "extension")?;
        match read_one(kind & TYPE, value).filter(|extension| extension.place() == place) {
            Some(extension) => extensions.push(extension),
            None if kind & CRITICAL != 0 => return Err(Refused::Extension { kind }),
            None => {}
        }
        if kind & MORE_TO_FOLLOW == 0 {
            return Ok(extensions);
        }
    }
}

fn read_one(kind: u8, value: &[u8]) -> Option<Extension> {
    match (kind, value) {
        (SPAN, entropy) => entropy.try_into().ok().map(Extension::Span),
        (MPAN, [group, state @ ..]) => {
            state.try_into().ok().map(|state| Extension::Mpan { group: *group, state: Secret::new(state) })
        }
        (MGRP, [group]) => Some(Extension::MulticastGroup(*group)),
        (MOS, []) => Some(Extension::MulticastOutOfSync),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], place: Place) -> Result<Vec<Extension>, Refused> {
        read_all(&mut Reader::new(bytes), place)
    }

    #[test]
    fn there_and_back() {
        let unencrypted = vec![Extension::Span([7; 16]), Extension::MulticastGroup(3), Extension::MulticastOutOfSync];
        let bytes = write_all(&unencrypted);
        assert_eq!((bytes[0], bytes[1], bytes[18], bytes[19]), (18, 0xC1, 3, 0xC3));
        assert_eq!(read(&bytes, Place::Unencrypted), Ok(unencrypted));
        let encrypted = vec![Extension::Mpan { group: 3, state: Secret::new([8; 16]) }];
        assert_eq!(read(&write_all(&encrypted), Place::Encrypted), Ok(encrypted));
    }

    #[test]
    fn what_is_not_known_is_left_out_unless_it_is_critical() {
        assert_eq!(read(&[3, 0x90, 7, 3, 0x43, 5], Place::Unencrypted), Ok(vec![Extension::MulticastGroup(5)]));
        assert_eq!(read(&[3, 0x50, 7], Place::Unencrypted), Err(Refused::Extension { kind: 0x50 }));
    }

    #[test]
    fn what_stands_in_the_wrong_place_or_has_a_wrong_length_is_refused() {
        let mpan = write_all(&[Extension::Mpan { group: 3, state: Secret::new([8; 16]) }]);
        assert_eq!(read(&mpan, Place::Unencrypted), Err(Refused::Extension { kind: 0x42 }));
        assert_eq!(read(&[4, 0x41, 7, 7], Place::Unencrypted), Err(Refused::Extension { kind: 0x41 }));
        assert_eq!(read(&[1, 0x04], Place::Unencrypted), Err(Refused::Extension { kind: 0x04 }));
        assert!(matches!(read(&[18, 0x41, 7], Place::Unencrypted), Err(Refused::Malformed(_))));
    }
}
