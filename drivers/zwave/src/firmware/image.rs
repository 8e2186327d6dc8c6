//! Firmware files: what is in them, and which are none.

/// The largest image: of the largest chips, and more.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// What lies between the parts of an image, as flash memory is when it is empty.
const EMPTY: u8 = 0xFF;

const WEB_PAGE: &str = "this is a web page: download the firmware file itself";

/// Files that hold an image in a way that is not read, with what to do about them.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "this is a ZIP archive: unpack it and give the firmware file that is in it"),
    (b"\x1f\x8b", "this is a compressed file: unpack it and give the firmware file that is in it"),
    (b"MZ", "this is a program for Windows: ask the maker for the firmware as .otz, .ota, .hex, .gbl or .bin"),
    (b"HSENC2", "this file is encrypted: ask the maker for the firmware as .otz, .ota, .hex, .gbl or .bin"),
    (b"<!", WEB_PAGE),
    (b"<h", WEB_PAGE),
    (b"<H", WEB_PAGE),
];

/// Why a file is no firmware.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// Nothing is in it.
    #[error("the firmware file is empty")]
    Empty,
    /// More than any node has room for.
    #[error("the firmware is larger than {MOST_BYTES} bytes, which no Z-Wave device takes")]
    TooLarge,
    /// Another kind of file.
    #[error("{0}")]
    Foreign(&'static str),
    /// Intel HEX that cannot be read.
    #[error("line {line} of the Intel HEX file {problem}; download it again")]
    Damaged {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

/// What a node is given, byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FirmwareImage(pub Vec<u8>);

impl FirmwareImage {
    /// Reads a file by what is in it: Intel HEX (.hex, and most .otz and .ota), or the image itself (.gbl, .bin, and
    /// the other .otz and .ota).
    pub fn from_file(file: &[u8]) -> Result<Self, Unusable> {
        if let Some((_, words)) = FOREIGN.iter().find(|(beginning, _)| file.starts_with(beginning)) {
            return Err(Unusable::Foreign(words));
        }
        let image = match std::str::from_utf8(file) {
            Ok(text) if text.trim_start().starts_with(':') => read_intel_hex(text)?,
            _ => file.to_vec(),
        };
        match image.len() {
            0 => Err(Unusable::Empty),
            length if length > MOST_BYTES => Err(Unusable::TooLarge),
            _ => Ok(Self(image)),
        }
    }
}

/// Records of Intel HEX: `:` length, address, type, data, checksum.
fn read_intel_hex(text: &str) -> Result<Vec<u8>, Unusable> {
    let mut image = Vec::new();
    let mut base = 0_usize;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let damaged = |problem| Unusable::Damaged { line: index + 1, problem };
        let record = line.trim().strip_prefix(':').and_then(bytes_of).ok_or(damaged("is no record"))?;
        if record.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) != 0 {
            return Err(damaged("has a wrong checksum"));
        }
        let [length, high, low, kind, data @ .., _] = record.as_slice() else { return Err(damaged("is too short")) };
        if data.len() != usize::from(*length) {
            return Err(damaged("has another length than it says"));
        }
        match (kind, data) {
            (0, data) => {
                let address = base + usize::from(u16::from_be_bytes([*high, *low]));
                let end = address + data.len();
                if end > MOST_BYTES {
                    return Err(Unusable::TooLarge);
                }
                if image.len() < end {
                    image.resize(end, EMPTY);
                }
                if let Some(place) = image.get_mut(address..end) {
                    place.copy_from_slice(data);
                }
            }
            (1, _) => return Ok(image),
            (2, [high, low]) => base = usize::from(u16::from_be_bytes([*high, *low])) << 4,
            (4, [high, low]) => base = usize::from(u16::from_be_bytes([*high, *low])) << 16,
            // Where a program would start.
            (3 | 5, _) => {}
            _ => return Err(damaged("is of an unknown type")),
        }
    }
    Err(Unusable::Damaged { line: text.lines().count(), problem: "is the last, and no end follows" })
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2 && !text.starts_with('+'))?;
        u8::from_str_radix(text, 16).ok()
    };
    pairs.map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intel_hex_is_put_together_with_gaps_as_empty_flash_has_them() {
        let text = ":0400000001020304F2\r\n:020006000506ED\n:00000001FF\n";
        assert_eq!(FirmwareImage::from_file(text.as_bytes()).unwrap().0, [1, 2, 3, 4, 0xFF, 0xFF, 5, 6]);
        let further = ":020000040001F9\n:0100000007F8\n:00000001FF\n";
        let image = FirmwareImage::from_file(further.as_bytes()).unwrap().0;
        assert_eq!((image.len(), image.last()), (0x1_0001, Some(&7)));
    }

    #[test]
    fn what_is_no_intel_hex_is_the_image_itself() {
        // The second begins as a web page does, by chance.
        for image in [[0xEB, 0x17, 0xA6, 0x03, 0, 0, 0, 8], [b'<', 0x17, 0, 0, 0, 0, 0, 8]] {
            assert_eq!(FirmwareImage::from_file(&image).unwrap().0, image);
        }
    }

    #[test]
    fn what_is_no_firmware_is_refused_in_words() {
        let table: [(&[u8], &str); 9] = [
            (b"", "empty"),
            (b"PK\x03\x04...", "unpack it"),
            (b"MZ\x90", "program for Windows"),
            (b"HSENC2abc", "encrypted"),
            (b"<!doctype html>", "web page"),
            (b":0400000001020304F3\n:00000001FF", "line 1 of the Intel HEX file has a wrong checksum"),
            (b":0400000001020304F2", "no end follows"),
            (b":xx", "line 1 of the Intel HEX file is no record"),
            (b":02000004FFFFFC\n:0100000007F8\n:00000001FF\n", "larger than"),
        ];
        for (file, words) in table {
            let error = FirmwareImage::from_file(file).unwrap_err().to_string();
            assert!(error.contains(words), "{error} does not say {words}");
        }
    }
}
