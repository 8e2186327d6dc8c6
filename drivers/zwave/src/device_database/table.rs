//! The table in the program, and how a model is found in it.
//!
//! | part | layout; numbers are big-endian |
//! |---|---|
//! | title | `hearth-zwave-devices 1 @zwave-js/config VERSION`, then a line feed |
//! | counts | fingerprints, blocks: two bytes each |
//! | fingerprints | manufacturer, product type, product (two bytes each), least and greatest firmware (three bytes each), block, line (two bytes each); in the order of the first six bytes, and of several the first that fits counts |
//! | sizes | of each block, four bytes |
//! | blocks | deflated text |
//!
//! The first block has a line `0086 NAME` for each manufacturer. Each line of the others is a model in JSON
//! ([`super::model`]).

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::condition::Subjects;
use super::model::{Line, Model};
use crate::command_class::version::MajorMinor;
use crate::interview::Identity;

/// The table as it is in the program.
pub(super) static TABLE: &[u8] = include_bytes!("../../data/devices.bin");
/// How its title begins.
const FORMAT: &str = "hearth-zwave-devices 1 ";
/// The most that a block unpacks to.
const LARGEST_BLOCK: u64 = 256 * 1024;
const FINGERPRINT_BYTES: usize = 16;

/// The parts of the table.
pub(super) struct Table<'table> {
    pub(super) title: &'table str,
    pub(super) fingerprints: &'table [[u8; FINGERPRINT_BYTES]],
    sizes: &'table [[u8; 4]],
    blocks: &'table [u8],
}

impl<'table> Table<'table> {
    /// None = it is not such a table.
    pub(super) fn read(bytes: &'table [u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (title, rest) = bytes.split_at_checked(end)?;
        let title = std::str::from_utf8(title).ok()?.strip_prefix(FORMAT)?;
        let ([_, f0, f1, b0, b1], rest) = rest.split_first_chunk::<5>()?;
        let [fingerprints, blocks] = [[*f0, *f1], [*b0, *b1]].map(|count| usize::from(u16::from_be_bytes(count)));
        let (fingerprints, rest) = rest.split_at_checked(fingerprints * FINGERPRINT_BYTES)?;
        let (sizes, blocks) = rest.split_at_checked(blocks * 4)?;
        Some(Self { title, fingerprints: fingerprints.as_chunks().0, sizes: sizes.as_chunks().0, blocks })
    }

    pub(super) fn block(&self, number: u16) -> Option<String> {
        let size = |bytes: &[u8; 4]| usize::try_from(u32::from_be_bytes(*bytes)).unwrap_or(usize::MAX);
        let number = usize::from(number);
        let start: usize = self.sizes.get(..number)?.iter().map(size).sum();
        let packed = self.blocks.get(start..)?.get(..size(self.sizes.get(number)?))?;
        let mut text = String::new();
        DeflateDecoder::new(packed).take(LARGEST_BLOCK).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Block and line of a device.
    fn place(&self, subjects: &Subjects) -> Option<(u16, u16)> {
        let Identity { manufacturer, product_type, product } = subjects.identity;
        let wanted = [manufacturer, product_type, product];
        let start = self.fingerprints.partition_point(|key| numbers(key) < wanted);
        let of_product = self.fingerprints.get(start..)?.iter().take_while(|key| numbers(key) == wanted);
        of_product
            .map(|key| (versions(key), place(key)))
            .find_map(|([least, greatest], place)| (least..=greatest).contains(&subjects.firmware).then_some(place))
    }
}

fn numbers([m0, m1, t0, t1, p0, p1, ..]: &[u8; FINGERPRINT_BYTES]) -> [u16; 3] {
    [[*m0, *m1], [*t0, *t1], [*p0, *p1]].map(u16::from_be_bytes)
}

fn versions([.., a, b, c, d, e, f, _, _, _, _]: &[u8; FINGERPRINT_BYTES]) -> [[u16; 3]; 2] {
    [[*a, *b, *c], [*d, *e, *f]].map(|version| version.map(u16::from))
}

pub(super) fn place([.., b0, b1, l0, l1]: &[u8; FINGERPRINT_BYTES]) -> (u16, u16) {
    (u16::from_be_bytes([*b0, *b1]), u16::from_be_bytes([*l0, *l1]))
}

/// What the table was made of: package and version.
pub fn source() -> Option<&'static str> {
    Table::read(TABLE).map(|table| table.title)
}

/// The model of a device; a device whose firmware is not known has version 0.0. None = nothing is known of it.
pub fn find(identity: Identity, firmware: Option<MajorMinor>) -> Option<Model> {
    let table = Table::read(TABLE)?;
    let subjects = Subjects::new(identity, firmware);
    let (block, line) = table.place(&subjects)?;
    let block = table.block(block)?;
    let line: Line = serde_json::from_str(block.lines().nth(usize::from(line))?).ok()?;
    Some(line.of(&subjects))
}

/// The name of a manufacturer.
pub fn manufacturer(number: u16) -> Option<String> {
    let names = Table::read(TABLE)?.block(0)?;
    let wanted = format!("{number:04x} ");
    // What begins so is no maker but a note about the number, e.g. that it is reserved.
    let is_name = |name: &&str| !name.starts_with('_');
    names.lines().find_map(|line| line.strip_prefix(&wanted)).filter(is_name).map(str::to_owned)
}
