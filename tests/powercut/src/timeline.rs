//! The time line: what reached the block device, in order, with the marks of the client in between.
//! On disk each entry is: kind (1 byte), offset (8, little endian), length (4), data.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::Result;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Blocks were written.
    Write,
    /// Everything before is on the medium.
    Flush,
    /// The client got an answer.
    Mark,
}

pub struct Writer(BufWriter<File>);

impl Writer {
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self(BufWriter::with_capacity(1 << 20, File::create(path)?)))
    }

    pub fn put(&mut self, kind: Kind, offset: u64, data: &[u8]) {
        let letter = match kind {
            Kind::Write => b'W',
            Kind::Flush => b'F',
            Kind::Mark => b'M',
        };
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let header = [&[letter][..], &offset.to_le_bytes(), &length.to_le_bytes()].concat();
        self.0.write_all(&header).and_then(|()| self.0.write_all(data)).expect("the time line can be written");
    }

    pub fn finish(&mut self) {
        self.0.flush().expect("the time line can be written");
    }
}

pub struct Entry {
    pub kind: Kind,
    pub offset: usize,
    data: Range<usize>,
}

pub struct Timeline {
    raw: Vec<u8>,
    pub entries: Vec<Entry>,
}

impl Timeline {
    pub fn load(path: &Path) -> Result<Self> {
        const HEADER: usize = 13;
        let raw = std::fs::read(path)?;
        let mut entries = Vec::new();
        let mut at = 0;
        while at + HEADER <= raw.len() {
            let kind = match raw[at] {
                b'W' => Kind::Write,
                b'F' => Kind::Flush,
                b'M' => Kind::Mark,
                other => anyhow::bail!("unknown entry {other} at {at}"),
            };
            let offset = u64::from_le_bytes(raw[at + 1..at + 9].try_into()?) as usize;
            let length = u32::from_le_bytes(raw[at + 9..at + HEADER].try_into()?) as usize;
            if at + HEADER + length > raw.len() {
                break;
            }
            entries.push(Entry { kind, offset, data: at + HEADER..at + HEADER + length });
            at += HEADER + length;
        }
        Ok(Self { raw, entries })
    }

    pub fn data(&self, entry: &Entry) -> &[u8] {
        &self.raw[entry.data.clone()]
    }

    pub fn mark(&self, entry: &Entry) -> Option<&str> {
        (entry.kind == Kind::Mark).then(|| std::str::from_utf8(self.data(entry)).ok()).flatten()
    }
}
