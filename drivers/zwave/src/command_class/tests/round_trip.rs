//! Whatever can be read is written so that the same is read again, and nothing makes the reader panic.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::sample::{Index, select};

use super::super::{Command, CommandClass};
use super::bytes;
use super::published::cases;

fn check(version: u8, bytes: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    if let Ok(command) = Command::decode(version, bytes) {
        let written = command.encode();
        prop_assert_eq!(Command::decode(version, &written), Ok(command), "written as {:02x?}", written);
    }
    Ok(())
}

/// A class that has a file, any command that is near those of most classes, and anything behind it.
fn likely() -> impl Strategy<Value = Vec<u8>> {
    let classes: Vec<u8> =
        (0..0xf0).filter(|class| CommandClass(u16::from(*class)).implemented_version().is_some()).collect();
    (select(classes), 0_u8..0x22, vec(any::<u8>(), 0..40)).prop_map(|(class, command, rest)| {
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
