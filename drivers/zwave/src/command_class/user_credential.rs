//! User Credential, version 2: users of a lock, and what they open it with.

mod capabilities;

pub use capabilities::{CredentialCapabilities, CredentialType, EntryType, UserCapabilities};

use super::reader::Reader;
use super::user_code::Code;
use super::value::{Names, TextEncoding};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Kinds of credentials.
pub const CREDENTIAL_TYPES: Names = &[
    (0x01, "PIN code"),
    (0x02, "Password"),
    (0x03, "RFID code"),
    (0x04, "BLE"),
    (0x05, "NFC"),
    (0x06, "UWB"),
    (0x07, "Eye biometric"),
    (0x08, "Face biometric"),
    (0x09, "Finger biometric"),
    (0x0a, "Hand biometric"),
    (0x0b, "Unspecified biometric"),
    (0x0c, "DESFire"),
];
/// Kinds of users.
pub const USER_TYPES: Names = &[
    (0x00, "General"),
    (0x03, "Programming"),
    (0x04, "Non-access"),
    (0x05, "Duress"),
    (0x06, "Disposable"),
    (0x07, "Expiring"),
    (0x09, "Remote only"),
];
/// How many credentials a user needs to open.
pub const RULES: Names = &[(0x01, "Single"), (0x02, "Dual"), (0x03, "Triple")];
/// What is done with a user or credential.
pub const OPERATIONS: Names = &[(0x00, "Add"), (MODIFY, "Modify"), (DELETE, "Delete")];
/// Who changed a user or credential.
pub const MODIFIERS: Names =
    &[(0x00, "Does not exist"), (0x01, "Unknown"), (0x02, "Z-Wave"), (0x03, "Locally"), (0x04, "Other")];
/// Operation: modify.
pub const MODIFY: u8 = 0x01;
/// Operation: delete.
pub const DELETE: u8 = 0x02;

/// A user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// By [`USER_TYPES`].
    pub user_type: u8,
    pub is_active: bool,
    /// By [`RULES`].
    pub rule: u8,
    /// Of an expiring user.
    pub expires_after_minutes: u16,
    /// How the name is encoded.
    pub encoding: TextEncoding,
    /// The name as it is sent.
    pub name: Vec<u8>,
}

/// A place for a credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// By [`CREDENTIAL_TYPES`].
    pub credential_type: u8,
    /// From 1 on.
    pub slot: u16,
}

/// Who changed something: by [`MODIFIERS`], and the node where it was one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Modifier {
    /// By [`MODIFIERS`].
    pub modifier_type: u8,
    /// The node.
    pub node: u16,
}

/// A command of User Credential. Users are numbered from 1 on; in a question 0 asks for the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    UserCapabilitiesGet,
    UserCapabilitiesReport(UserCapabilities),
    CredentialCapabilitiesGet,
    CredentialCapabilitiesReport(CredentialCapabilities),
    /// Adds, modifies or deletes a user, by [`OPERATIONS`]; to delete needs no more than the number.
    UserSet {
        operation: u8,
        user: u16,
        details: Option<User>,
    },
    UserGet {
        user: u16,
    },
    /// A user; why it is told (4 = it was asked for), who changed it, and the next user (0 = none).
    UserReport {
        report_type: u8,
        next: u16,
        modifier: Modifier,
        user: u16,
        details: User,
    },
    /// Adds, modifies or deletes a credential.
    CredentialSet {
        user: u16,
        slot: Slot,
        operation: u8,
        data: Option<Code>,
    },
    CredentialGet {
        user: u16,
        slot: Slot,
    },
    /// A credential; its data where the lock reads it out, and the next one.
    CredentialReport {
        report_type: u8,
        user: u16,
        slot: Slot,
        is_read_back: bool,
        data: Code,
        modifier: Modifier,
        next: Slot,
    },
    /// Begins to learn a credential at the lock, for so many seconds.
    CredentialLearnStart {
        user: u16,
        slot: Slot,
        operation: u8,
        seconds: u8,
    },
    CredentialLearnCancel,
    CredentialLearnReport {
        status: u8,
        user: u16,
        slot: Slot,
        steps_remaining: u8,
    },
    /// Gives a credential to another user.
    AssociationSet {
        slot: Slot,
        user: u16,
    },
    AssociationReport {
        slot: Slot,
        user: u16,
        status: u8,
    },
    AllUsersChecksumGet,
    AllUsersChecksumReport {
        checksum: u16,
    },
    UserChecksumGet {
        user: u16,
    },
    UserChecksumReport {
        user: u16,
        checksum: u16,
    },
    CredentialChecksumGet {
        credential_type: u8,
    },
    CredentialChecksumReport {
        credential_type: u8,
        checksum: u16,
    },
    AdminPinCodeSet {
        code: Code,
    },
    AdminPinCodeGet,
    AdminPinCodeReport {
        result: u8,
        code: Code,
    },
    /// Asks for what the lock keeps for readers of cards, from version 2 on.
    KeyLockerCapabilitiesGet,
    KeyLockerCapabilitiesReport {
        entry_types: Vec<EntryType>,
    },
    KeyLockerEntrySet {
        entry: Slot,
        operation: u8,
        data: Option<Code>,
    },
    KeyLockerEntryGet {
        entry: Slot,
    },
    KeyLockerEntryReport {
        is_occupied: bool,
        entry: Slot,
    },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const USER: &str = "the user";
        const TYPE: &str = "the credential type";
        const CHECKSUM: &str = "the checksum";
        const STATUS: &str = "the status";
        Ok(match reader.command() {
            0x01 => Self::UserCapabilitiesGet,
            0x02 => Self::UserCapabilitiesReport(UserCapabilities::read(reader)?),
            0x03 => Self::CredentialCapabilitiesGet,
            0x04 => Self::CredentialCapabilitiesReport(CredentialCapabilities::read(reader)?),
            0x05 => {
                let (operation, user) = (read_operation(reader)?, reader.word(USER)?);
                let is_deleted = operation == DELETE || reader.left() == 0;
                Self::UserSet { operation, user, details: if is_deleted { None } else { Some(read_user(reader)?) } }
            }
            0x06 => Self::UserGet { user: reader.word(USER)? },
            0x07 => Self::UserReport {
                report_type: reader.byte("the report type")?,
                next: reader.word("the next user")?,
                modifier: read_modifier(reader)?,
                user: reader.word(USER)?,
                details: read_user(reader)?,
            },
            0x0a => {
                let (user, slot) = (reader.word(USER)?, read_slot(reader)?);
                let operation = read_operation(reader)?;
                let data = match (operation, reader.next()) {
                    (DELETE, _) | (_, None) => None,
                    (_, Some(length)) => Some(Code(reader.bytes(length, "the credential")?)),
                };
                Self::CredentialSet { user, slot, operation, data }
            }
            0x0b => Self::CredentialGet { user: reader.word(USER)?, slot: read_slot(reader)? },
            0x0c => {
                let (report_type, user) = (reader.byte("the report type")?, reader.word(USER)?);
                let (slot, flags) = (read_slot(reader)?, reader.byte("the properties")?);
                let length = reader.byte("the length of the credential")?;
                Self::CredentialReport {
                    report_type,
                    user,
                    slot,
                    is_read_back: flags & 0x80 != 0,
                    data: Code(reader.bytes(length, "the credential")?),
                    modifier: read_modifier(reader)?,
                    next: read_slot(reader)?,
                }
            }
            0x0f => {
                let (user, slot) = (reader.word(USER)?, read_slot(reader)?);
                let (operation, seconds) = (read_operation(reader)?, reader.byte("the seconds")?);
                Self::CredentialLearnStart { user, slot, operation, seconds }
            }
            0x10 => Self::CredentialLearnCancel,
            0x11 => {
                let (status, user) = (reader.byte(STATUS)?, reader.word(USER)?);
                let slot = read_slot(reader)?;
                Self::CredentialLearnReport { status, user, slot, steps_remaining: reader.byte("the steps")? }
            }
            0x12 => Self::AssociationSet { slot: read_slot(reader)?, user: reader.word(USER)? },
            0x13 => {
                let (slot, user) = (read_slot(reader)?, reader.word(USER)?);
                Self::AssociationReport { slot, user, status: reader.byte(STATUS)? }
            }
            0x14 => Self::AllUsersChecksumGet,
            0x15 => Self::AllUsersChecksumReport { checksum: reader.word(CHECKSUM)? },
            0x16 => Self::UserChecksumGet { user: reader.word(USER)? },
            0x17 => Self::UserChecksumReport { user: reader.word(USER)?, checksum: reader.word(CHECKSUM)? },
            0x18 => Self::CredentialChecksumGet { credential_type: reader.byte(TYPE)? },
            0x19 => {
                let credential_type = reader.byte(TYPE)?;
                Self::CredentialChecksumReport { credential_type, checksum: reader.word(CHECKSUM)? }
            }
            0x1a => {
                let length = reader.byte("the length of the code")? & 0b1111;
                Self::AdminPinCodeSet { code: Code(reader.bytes(length, "the code")?) }
            }
            0x1b => Self::AdminPinCodeGet,
            0x1c => {
                let first = reader.byte("the length of the code")?;
                let code = Code(reader.bytes(first & 0b1111, "the code")?);
                Self::AdminPinCodeReport { result: first >> 4, code }
            }
            0x1d => Self::KeyLockerCapabilitiesGet,
            0x1e => Self::KeyLockerCapabilitiesReport { entry_types: capabilities::read_entry_types(reader)? },
            0x1f => {
                let (entry, operation) = (read_slot(reader)?, read_operation(reader)?);
                let data = match (operation, reader.next_word()) {
                    (DELETE, _) | (_, None) => None,
                    (_, Some(length)) => Some(Code(reader.slice(usize::from(length), "the entry")?.to_vec())),
                };
                Self::KeyLockerEntrySet { entry, operation, data }
            }
            0x20 => Self::KeyLockerEntryGet { entry: read_slot(reader)? },
            0x21 => {
                let is_occupied = reader.byte("whether it is occupied")? & 0b1 != 0;
                Self::KeyLockerEntryReport { is_occupied, entry: read_slot(reader)? }
            }
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::USER_CREDENTIAL, command);
        let at = |writer: Writer, slot: &Slot| writer.byte(slot.credential_type).word(slot.slot);
        let by = |writer: Writer, modifier: &Modifier| writer.byte(modifier.modifier_type).word(modifier.node);
        match self {
            Self::UserCapabilitiesGet => command(0x01),
            Self::UserCapabilitiesReport(capabilities) => capabilities.write(command(0x02)),
            Self::CredentialCapabilitiesGet => command(0x03),
            Self::CredentialCapabilitiesReport(capabilities) => capabilities.write(command(0x04)),
            Self::UserSet { operation, user, details } => {
                let writer = command(0x05).byte(operation & 0b11).word(*user);
                details.iter().filter(|_| *operation != DELETE).fold(writer, write_user)
            }
            Self::UserGet { user } => command(0x06).word(*user),
            Self::UserReport { report_type, next, modifier, user, details } => {
                write_user(by(command(0x07).byte(*report_type).word(*next), modifier).word(*user), details)
            }
            Self::CredentialSet { user, slot, operation, data } => {
                let writer = at(command(0x0a).word(*user), slot).byte(operation & 0b11);
                let data = data.iter().filter(|_| *operation != DELETE);
                data.fold(writer, |writer, data| writer.counted(0, 8, &data.0))
            }
            Self::CredentialGet { user, slot } => at(command(0x0b).word(*user), slot),
            Self::CredentialReport { report_type, user, slot, is_read_back, data, modifier, next } => {
                let writer = at(command(0x0c).byte(*report_type).word(*user), slot).flags([(*is_read_back, 7)]);
                at(by(writer.counted(0, 8, &data.0), modifier), next)
            }
            Self::CredentialLearnStart { user, slot, operation, seconds } => {
                at(command(0x0f).word(*user), slot).byte(operation & 0b11).byte(*seconds)
            }
            Self::CredentialLearnCancel => command(0x10),
            Self::CredentialLearnReport { status, user, slot, steps_remaining } => {
                at(command(0x11).byte(*status).word(*user), slot).byte(*steps_remaining)
            }
            Self::AssociationSet { slot, user } => at(command(0x12), slot).word(*user),
            Self::AssociationReport { slot, user, status } => at(command(0x13), slot).word(*user).byte(*status),
            Self::AllUsersChecksumGet => command(0x14),
            Self::AllUsersChecksumReport { checksum } => command(0x15).word(*checksum),
            Self::UserChecksumGet { user } => command(0x16).word(*user),
            Self::UserChecksumReport { user, checksum } => command(0x17).word(*user).word(*checksum),
            Self::CredentialChecksumGet { credential_type } => command(0x18).byte(*credential_type),
            Self::CredentialChecksumReport { credential_type, checksum } => {
                command(0x19).byte(*credential_type).word(*checksum)
            }
            Self::AdminPinCodeSet { code } => command(0x1a).counted(0, 4, &code.0),
            Self::AdminPinCodeGet => command(0x1b),
            Self::AdminPinCodeReport { result, code } => command(0x1c).counted(result << 4, 4, &code.0),
            Self::KeyLockerCapabilitiesGet => command(0x1d),
            Self::KeyLockerCapabilitiesReport { entry_types } => {
                capabilities::write_entry_types(command(0x1e), entry_types)
            }
            Self::KeyLockerEntrySet { entry, operation, data } => {
                let writer = at(command(0x1f), entry).byte(operation & 0b11);
                data.iter().filter(|_| *operation != DELETE).fold(writer, |writer, data| {
                    let data = data.0.get(..usize::from(u16::MAX)).unwrap_or(&data.0);
                    writer.word(data.len() as u16).bytes(data)
                })
            }
            Self::KeyLockerEntryGet { entry } => at(command(0x20), entry),
            Self::KeyLockerEntryReport { is_occupied, entry } => at(command(0x21).byte(*is_occupied), entry),
        }
    }
}

fn read_operation(reader: &mut Reader<'_>) -> Result<u8, Malformed> {
    Ok(reader.byte("the operation")? & 0b11)
}

fn read_slot(reader: &mut Reader<'_>) -> Result<Slot, Malformed> {
    Ok(Slot { credential_type: reader.byte("the credential type")?, slot: reader.word("the slot")? })
}

fn read_modifier(reader: &mut Reader<'_>) -> Result<Modifier, Malformed> {
    Ok(Modifier { modifier_type: reader.byte("who changed it")?, node: reader.word("the node that changed it")? })
}

fn read_user(reader: &mut Reader<'_>) -> Result<User, Malformed> {
    let user_type = reader.byte("the user type")?;
    let is_active = reader.byte("whether the user is active")? & 0b1 != 0;
    let (rule, expires_after_minutes) = (reader.byte("the rule")?, reader.word("when the user expires")?);
    let encoding = TextEncoding::from_bits(reader.byte("the encoding of the name")?);
    let length = reader.byte("the length of the name")?;
    let name = reader.bytes(length, "the name")?;
    Ok(User { user_type, is_active, rule, expires_after_minutes, encoding, name })
}

fn write_user(writer: Writer, user: &User) -> Writer {
    writer
        .byte(user.user_type)
        .byte(user.is_active)
        .byte(user.rule)
        .word(user.expires_after_minutes)
        .byte(user.encoding.bits())
        .counted(0, 8, &user.name)
}
