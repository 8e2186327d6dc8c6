//! Whatever can be read is written so that the same is read again, and nothing makes the reader panic.

use std::fmt::Write;

use expect_test::expect_file;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::sample::{Index, select};

use super::super::{Command, CommandClass, Malformed};
use super::published::cases;
use super::{bytes, classes};

fn check(version: u8, bytes: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    if let Ok(command) = Command::decode(version, bytes) {
        let written = command.encode();
        prop_assert_eq!(Command::decode(version, &written), Ok(command), "written as {:02x?}", written);
    }
    Ok(())
}

#[test]
fn every_command_of_every_class_takes_plain_bytes_of_any_length() {
    for class in classes() {
        for command in 0..=0xff {
            for length in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 20, 30, 45] {
                for filling in [0x00, 0x01, 0x22, 0xff] {
                    let mut bytes = vec![class, command];
                    bytes.resize(2 + length, filling);
                    check(0, &bytes).unwrap();
                }
            }
        }
    }
}

/// The numbers of the commands of each class that are read.
#[test]
fn known_commands() {
    let mut text = String::new();
    for class in classes().filter(|class| *class != 0) {
        let is_known = |command: &u8| {
            let bytes = [&[class, *command][..], &[0; 45]].concat();
            !matches!(Command::decode(0, &bytes), Err(Malformed::UnknownCommand { .. }))
        };
        let known: Vec<String> = (0..=0xff).filter(is_known).map(|command| format!("{command:02x}")).collect();
        writeln!(text, "{}: {}", CommandClass(u16::from(class)), known.join(" ")).unwrap();
    }
    expect_file!["known-commands.txt"].assert_eq(&text);
}

/// A class that has a file, any command that is near those of most classes, and anything behind it.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    (select(classes().collect::<Vec<_>>()), 0_u8..0x22, vec(any::<u8>(), 0..40)).prop_map(|(class, command, rest)| {
        let mut bytes = vec![class, command];
        bytes.extend(rest);
        bytes
    })
}

/// A published frame of which some bytes were changed.
fn changed() -> impl Strategy<Value = Vec<u8>> {
    let frames: Vec<Vec<u8>> = cases().into_iter().map(|(text, _)| bytes(text)).collect();
    (select(frames), vec((any::<Index>(), any::<u8>()), 0..4), vec(any::<u8>(), 0..6)).prop_map(
        |(mut frame, changes, more)| {
            for (index, byte) in changes {
                let index = index.index(frame.len());
                frame[index] = byte;
            }
            frame.extend(more);
            frame
        },
    )
}

proptest! {
    #[test]
    fn of_any_bytes(version in 0_u8..12, bytes in vec(any::<u8>(), 0..60)) {
        check(version, &bytes)?;
    }

    #[test]
    fn of_likely_bytes(version in 0_u8..12, bytes in likely()) {
        check(version, &bytes)?;
    }

    #[test]
    fn of_changed_frames(version in 0_u8..12, bytes in changed()) {
        check(version, &bytes)?;
    }
}
