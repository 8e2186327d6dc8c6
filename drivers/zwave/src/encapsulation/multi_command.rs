//! Multi Command Encapsulation (SDS13783): several commands in one message.

use super::Problem;
use crate::read::{Reader, length_byte};

/// Command class and command.
const HEADER: [u8; 2] = [0x8F, 0x01];
/// How many commands one message carries at most, which its frame bounds anyway.
pub const MOST: usize = u8::MAX as usize;

/// Commands in one message. Of more than [`MOST`] the rest is left out.
pub fn encapsulate(commands: &[&[u8]]) -> Vec<u8> {
    let commands = &commands[..commands.len().min(MOST)];
    let mut message = HEADER.to_vec();
    message.push(u8::try_from(commands.len()).unwrap_or(u8::MAX));
    for command in commands {
        message.push(length_byte(command));
        message.extend_from_slice(command);
    }
    message
}

/// The commands of a message, in their order.
pub fn decapsulate(message: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    let mut reader = Reader::new(message);
    let header: [u8; 2] = reader.array("command")?;
    if header != HEADER {
        return Err(Problem::Unknown { field: "command", value: header[1] });
    }
    let count = reader.byte("number of commands")?;
    (0..count).map(|_| reader.counted("encapsulated command")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let commands = [&[0x25, 0x02][..], &[0x20, 0x01, 0xFF]];
        let message = encapsulate(&commands);
        assert_eq!(message, [0x8F, 0x01, 2, 2, 0x25, 0x02, 3, 0x20, 0x01, 0xFF]);
        assert_eq!(decapsulate(&message), Ok(commands.to_vec()));
    }

    #[test]
    fn a_count_without_commands_is_refused() {
        assert_eq!(
            decapsulate(&[0x8F, 0x01, 2, 1, 0x00]),
            Err(Problem::TooShort { field: "encapsulated command", length: 5 })
        );
        assert_eq!(decapsulate(&[0x8F, 0x02, 0]), Err(Problem::Unknown { field: "command", value: 2 }));
    }
}
