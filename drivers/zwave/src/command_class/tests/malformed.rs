//! Frames that are cut off, and values that cannot be.

use super::super::{Command, CommandClass, Malformed};
use super::bytes;
use super::published::cases;

#[test]
fn every_beginning_of_a_frame_is_read_or_named_as_too_short() {
    for (text, command) in cases() {
        let whole = bytes(text);
        for length in 0..whole.len() {
            let beginning = &whole[..length];
            match Command::decode(0, beginning) {
                Ok(_) => {}
                Err(Malformed::Empty) => assert_eq!(length, 0),
                Err(Malformed::TooShort { class, byte, .. }) => {
                    assert_eq!(byte, length, "{text}: the byte that is missing");
                    assert!(class == command.class() || class == CommandClass(0xf1), "{text}: {class}");
                }
                Err(error) => panic!("the first {length} bytes of {text}: {error}"),
            }
        }
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, words) in [
        ("", "a command without a command class"),
        ("25", "Binary Switch, command 0x00: it ends before byte 1, where the command belongs"),
        ("25 01", "Binary Switch, command 0x01: it ends before byte 2, where the target value belongs"),
        ("25 2a", "Binary Switch has no command 0x2a in the versions that are known"),
        ("31 05 01 22 00", "Multilevel Sensor, command 0x05: it ends before byte 5, where the value belongs"),
        (
            "31 05 01 23 00 00 00",
            "Multilevel Sensor, command 0x05: byte 3, the value, is 0x23; a number takes 1, 2 or 4 bytes",
        ),
        ("80 03 70", "Battery, command 0x03: byte 2, the level, is 0x70; a charge is 0 to 100, or 255 for low"),
    ] {
        assert_eq!(Command::decode(0, &bytes(text)).unwrap_err().to_string(), words);
    }
}

#[test]
fn a_part_of_a_firmware_has_a_checksum_from_version_2_on() {
    let part = bytes("7a 06 00 01 aa bb");
    assert_ne!(Command::decode(1, &part), Command::decode(2, &part));
    assert_eq!(Command::decode(1, &part).unwrap().encode(), part);
}
