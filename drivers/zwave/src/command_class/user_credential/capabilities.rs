//! What a lock can with users and credentials.

use super::super::reader::Reader;
use super::super::value::BitMask;
use super::super::writer::{Writer, bits};
use super::Malformed;

/// What a lock can with users.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserCapabilities {
    /// How many users there can be.
    pub users: u16,
    /// Rules: bit 1 is rule 1.
    pub rules: u8,
    /// The longest name, in bytes.
    pub longest_name: u8,
    pub has_schedules: bool,
    pub has_checksum_of_all: bool,
    pub has_checksum_of_each: bool,
    /// Bit 0 is ASCII; none = all of them.
    pub encodings: u8,
    /// Bit 0 is type 0.
    pub user_types: BitMask,
}

impl UserCapabilities {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (users, rules) = (reader.word("the number of users")?, reader.byte("the rules")?);
        let (longest_name, flags) = (reader.byte("the longest name")?, reader.byte("the properties")?);
        let length = reader.byte("the length of the user types")?;
        Ok(Self {
            users,
            rules,
            longest_name,
            has_schedules: flags & 0x80 != 0,
            has_checksum_of_all: flags & 0x40 != 0,
            has_checksum_of_each: flags & 0x20 != 0,
            encodings: flags >> 2 & 0b111,
            user_types: reader.mask(length, "the user types")?,
        })
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let flags = [(self.has_schedules, 7), (self.has_checksum_of_all, 6), (self.has_checksum_of_each, 5)];
        writer
            .word(self.users)
            .byte(self.rules)
            .byte(self.longest_name)
            .byte(bits(flags) | (self.encodings & 0b111) << 2)
            .counted(0, 8, &self.user_types.0)
    }
}

/// What a lock can with credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CredentialCapabilities {
    pub has_checksum: bool,
    pub has_admin_code: bool,
    pub can_deactivate_admin_code: bool,
    /// The kinds of credentials.
    pub types: Vec<CredentialType>,
}

/// A kind of credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CredentialType {
    /// By [`super::CREDENTIAL_TYPES`].
    pub credential_type: u8,
    pub can_learn: bool,
    /// How many there can be.
    pub slots: u16,
    /// Least length in bytes.
    pub shortest: u8,
    /// Greatest length in bytes.
    pub longest: u8,
    /// How many seconds to learn may take.
    pub learn_seconds: u8,
    /// How many steps there are to learn one.
    pub learn_steps: u8,
    /// Greatest length of a hash, in bytes.
    pub longest_hash: u8,
}

impl CredentialCapabilities {
    /// Each field stands there for all types, one after the other.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (flags, count) = (reader.byte("the properties")?, reader.byte("the number of types")?);
        let mut types = vec![CredentialType::default(); usize::from(count)];
        for item in &mut types {
            item.credential_type = reader.byte("a credential type")?;
        }
        for item in &mut types {
            item.can_learn = reader.byte("whether it can be learnt")? & 0x80 != 0;
        }
        for item in &mut types {
            item.slots = reader.word("the number of slots")?;
        }
        for item in &mut types {
            item.shortest = reader.byte("the least length")?;
        }
        for item in &mut types {
            item.longest = reader.byte("the greatest length")?;
        }
        for item in &mut types {
            item.learn_seconds = reader.byte("the seconds to learn")?;
        }
        for item in &mut types {
            item.learn_steps = reader.byte("the steps to learn")?;
        }
        for item in &mut types {
            item.longest_hash = reader.byte("the greatest length of a hash")?;
        }
        Ok(Self {
            has_checksum: flags & 0x80 != 0,
            has_admin_code: flags & 0x40 != 0,
            can_deactivate_admin_code: flags & 0x20 != 0,
            types,
        })
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let flags = [(self.has_checksum, 7), (self.has_admin_code, 6), (self.can_deactivate_admin_code, 5)];
        let types = self.types.get(..usize::from(u8::MAX)).unwrap_or(&self.types);
        writer
            .flags(flags)
            .byte(types.len() as u8)
            .each(types, |writer, item| writer.byte(item.credential_type))
            .each(types, |writer, item| writer.flags([(item.can_learn, 7)]))
            .each(types, |writer, item| writer.word(item.slots))
            .each(types, |writer, item| writer.byte(item.shortest))
            .each(types, |writer, item| writer.byte(item.longest))
            .each(types, |writer, item| writer.byte(item.learn_seconds))
            .each(types, |writer, item| writer.byte(item.learn_steps))
            .each(types, |writer, item| writer.byte(item.longest_hash))
    }
}

/// A kind of entries of the key locker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EntryType {
    /// 1 is the application id and key of a DESFire card.
    pub entry_type: u8,
    /// How many there can be.
    pub slots: u16,
    /// Least length in bytes.
    pub shortest: u16,
    /// Greatest length in bytes.
    pub longest: u16,
}

pub(super) fn read_entry_types(reader: &mut Reader<'_>) -> Result<Vec<EntryType>, Malformed> {
    let count = reader.byte("the number of entry types")?;
    let mut types = vec![EntryType::default(); usize::from(count)];
    for item in &mut types {
        item.entry_type = reader.byte("an entry type")?;
    }
    for item in &mut types {
        item.slots = reader.word("the number of slots")?;
    }
    for item in &mut types {
        item.shortest = reader.word("the least length")?;
    }
    for item in &mut types {
        item.longest = reader.word("the greatest length")?;
    }
    Ok(types)
}

pub(super) fn write_entry_types(writer: Writer, types: &[EntryType]) -> Writer {
    let types = types.get(..usize::from(u8::MAX)).unwrap_or(types);
    writer
        .byte(types.len() as u8)
        .each(types, |writer, item| writer.byte(item.entry_type))
        .each(types, |writer, item| writer.word(item.slots))
        .each(types, |writer, item| writer.word(item.shortest))
        .each(types, |writer, item| writer.word(item.longest))
}
