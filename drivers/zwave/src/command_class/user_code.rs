//! User Code, version 2: codes at the key pad of a lock.

use super::reader::Reader;
use super::value::{BitMask, Names};
use super::writer::Writer;
use super::{CommandClass, Malformed};

/// Whether a user's code counts.
pub const STATUSES: Names = &[
    (AVAILABLE, "Available"),
    (ENABLED, "Enabled / Grant Access"),
    (0x02, "Disabled"),
    (0x03, "Messaging"),
    (0x04, "Passage Mode"),
    (0xfe, "Status not available"),
];
/// There is no code.
pub const AVAILABLE: u8 = 0x00;
/// The code opens.
pub const ENABLED: u8 = 0x01;

/// Modes of a key pad.
pub const KEYPAD_MODES: Names = &[(0x00, "Normal"), (0x01, "Vacation"), (0x02, "Privacy"), (0x03, "Locked out")];

/// Digits of a code. They open a door, and are not shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Code(pub Vec<u8>);

impl std::fmt::Debug for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "({} bytes)", self.0.len())
    }
}

/// A user of an extended command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// From 1 on; 0 = all of them.
    pub user: u16,
    /// By [`STATUSES`].
    pub status: u8,
    /// 4–10 digits.
    pub code: Code,
}

/// What a key pad can, from version 2 on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    pub admin_code: bool,
    pub admin_code_deactivation: bool,
    /// Bit 0 is status 0.
    pub statuses: BitMask,
    pub checksum: bool,
    pub multiple_reports: bool,
    pub multiple_sets: bool,
    /// Bit 0 is mode 0.
    pub keypad_modes: BitMask,
    /// The letters that a code may have: bit 0x30 is «0».
    pub keys: BitMask,
}

/// A command of User Code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Sets a user's code and whether it counts.
    Set { user: u8, status: u8, code: Code },
    /// Asks for a user's code.
    Get { user: u8 },
    /// A user's code.
    Report { user: u8, status: u8, code: Code },
    /// Asks how many users there can be.
    UsersNumberGet,
    /// How many users there can be; the 16 bits are of version 2.
    UsersNumberReport { users: u8, extended: Option<u16> },
    /// Asks what the key pad can, from version 2 on.
    CapabilitiesGet,
    /// What the key pad can.
    CapabilitiesReport(Capabilities),
    /// Sets the key pad's mode.
    KeypadModeSet { mode: u8 },
    /// Asks for the key pad's mode.
    KeypadModeGet,
    /// The key pad's mode.
    KeypadModeReport { mode: u8 },
    /// Sets codes of several users.
    ExtendedUserCodeSet { users: Vec<User> },
    /// Asks for the code of a user, or of as many as fit a report.
    ExtendedUserCodeGet { user: u16, report_more: bool },
    /// Codes of users; the next user that has a code, or 0.
    ExtendedUserCodeReport { users: Vec<User>, next: u16 },
    /// Sets the code of the administrator; none = there is no such code.
    AdminCodeSet { code: Code },
    /// Asks for the code of the administrator.
    AdminCodeGet,
    /// The code of the administrator.
    AdminCodeReport { code: Code },
    /// Asks for a checksum of all codes.
    ChecksumGet,
    /// A checksum of all codes.
    ChecksumReport { checksum: u16 },
}

impl Command {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        const USER: &str = "the user";
        const STATUS: &str = "the status";
        Ok(match reader.command() {
            0x01 => Self::Set { user: reader.byte(USER)?, status: reader.byte(STATUS)?, code: Code(reader.rest()) },
            0x02 => Self::Get { user: reader.byte(USER)? },
            0x03 => Self::Report { user: reader.byte(USER)?, status: reader.byte(STATUS)?, code: Code(reader.rest()) },
            0x04 => Self::UsersNumberGet,
            0x05 => {
                Self::UsersNumberReport { users: reader.byte("the number of users")?, extended: reader.next_word() }
            }
            0x06 => Self::CapabilitiesGet,
            0x07 => Self::CapabilitiesReport(read_capabilities(reader)?),
            0x08 => Self::KeypadModeSet { mode: reader.byte("the mode")? },
            0x09 => Self::KeypadModeGet,
            0x0a => Self::KeypadModeReport { mode: reader.byte("the mode")? },
            0x0b => Self::ExtendedUserCodeSet { users: read_users(reader)? },
            0x0c => {
                let user = reader.word(USER)?;
                Self::ExtendedUserCodeGet { user, report_more: reader.byte("the options")? & 0b1 != 0 }
            }
            0x0d => Self::ExtendedUserCodeReport { users: read_users(reader)?, next: reader.word("the next user")? },
            0x0e => Self::AdminCodeSet { code: read_code(reader)? },
            0x0f => Self::AdminCodeGet,
            0x10 => Self::AdminCodeReport { code: read_code(reader)? },
            0x11 => Self::ChecksumGet,
            0x12 => Self::ChecksumReport { checksum: reader.word("the checksum")? },
            _ => return reader.unknown_command(),
        })
    }

    pub(super) fn write(&self) -> Writer {
        let command = |command| Writer::new(CommandClass::USER_CODE, command);
        match self {
            Self::Set { user, status, code } => command(0x01).byte(*user).byte(*status).bytes(&code.0),
            Self::Get { user } => command(0x02).byte(*user),
            Self::Report { user, status, code } => command(0x03).byte(*user).byte(*status).bytes(&code.0),
            Self::UsersNumberGet => command(0x04),
            Self::UsersNumberReport { users, extended } => {
                let writer = command(0x05).byte(*users);
                extended.iter().fold(writer, |writer, users| writer.word(*users))
            }
            Self::CapabilitiesGet => command(0x06),
            Self::CapabilitiesReport(capabilities) => write_capabilities(command(0x07), capabilities),
            Self::KeypadModeSet { mode } => command(0x08).byte(*mode),
            Self::KeypadModeGet => command(0x09),
            Self::KeypadModeReport { mode } => command(0x0a).byte(*mode),
            Self::ExtendedUserCodeSet { users } => write_users(command(0x0b), users),
            Self::ExtendedUserCodeGet { user, report_more } => command(0x0c).word(*user).byte(*report_more),
            Self::ExtendedUserCodeReport { users, next } => write_users(command(0x0d), users).word(*next),
            Self::AdminCodeSet { code } => command(0x0e).counted(0, 4, &code.0),
            Self::AdminCodeGet => command(0x0f),
            Self::AdminCodeReport { code } => command(0x10).counted(0, 4, &code.0),
            Self::ChecksumGet => command(0x11),
            Self::ChecksumReport { checksum } => command(0x12).word(*checksum),
        }
    }
}

fn read_code(reader: &mut Reader<'_>) -> Result<Code, Malformed> {
    let length = reader.byte("the length of the code")? & 0b1111;
    reader.bytes(length, "the code").map(Code)
}

fn read_users(reader: &mut Reader<'_>) -> Result<Vec<User>, Malformed> {
    let count = reader.byte("the number of users")?;
    let read_user = |_| {
        let (user, status) = (reader.word("the user")?, reader.byte("the status")?);
        let length = reader.byte("the length of the code")?;
        Ok(User { user, status, code: Code(reader.bytes(length, "the code")?) })
    };
    (0..count).map(read_user).collect()
}

fn write_users(writer: Writer, users: &[User]) -> Writer {
    let users = users.get(..usize::from(u8::MAX)).unwrap_or(users);
    writer
        .byte(users.len() as u8)
        .each(users, |writer, user| writer.word(user.user).byte(user.status).counted(0, 8, &user.code.0))
}

fn read_capabilities(reader: &mut Reader<'_>) -> Result<Capabilities, Malformed> {
    let first = reader.byte("the length of the statuses")?;
    let statuses = reader.mask(first & 0b1_1111, "the statuses")?;
    let second = reader.byte("the length of the key pad modes")?;
    let keypad_modes = reader.mask(second & 0b1_1111, "the key pad modes")?;
    let third = reader.byte("the length of the keys")?;
    Ok(Capabilities {
        admin_code: first & 0x80 != 0,
        admin_code_deactivation: first & 0x40 != 0,
        statuses,
        checksum: second & 0x80 != 0,
        multiple_reports: second & 0x40 != 0,
        multiple_sets: second & 0x20 != 0,
        keypad_modes,
        keys: reader.mask(third & 0b1_1111, "the keys")?,
    })
}

fn write_capabilities(writer: Writer, capabilities: &Capabilities) -> Writer {
    use super::writer::bits;
    let first = bits([(capabilities.admin_code, 7), (capabilities.admin_code_deactivation, 6)]);
    let second =
        bits([(capabilities.checksum, 7), (capabilities.multiple_reports, 6), (capabilities.multiple_sets, 5)]);
    writer.counted(first, 5, &capabilities.statuses.0).counted(second, 5, &capabilities.keypad_modes.0).counted(
        0,
        5,
        &capabilities.keys.0,
    )
}
