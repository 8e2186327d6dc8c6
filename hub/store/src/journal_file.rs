//! The journal's file: made once, then only overwritten in place.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::files::{Folder, JOURNAL};
use crate::journal::{Decoded, FRAME_HEADER, Numbers, Payload};
use crate::staging::Reach;

/// Bytes that the card writes at least.
const BLOCK: usize = 4_096;
/// A journal file of another length than configured is taken as it is, up to this.
const LENGTH_LIMIT: u64 = 64 * 1024 * 1024;

/// The open journal.
#[derive(Debug)]
pub(crate) struct JournalFile {
    file: File,
    capacity: usize,
    generation: u64,
    position: usize,
    /// The series that this generation has declared.
    pub(crate) numbers: Numbers,
}

/// Reads the whole journal; none if there is none.
pub(crate) fn read(folder: &Folder) -> io::Result<Option<Vec<u8>>> {
    read_file(&folder.file(JOURNAL))
}

fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, LENGTH_LIMIT), &mut bytes)?;
    Ok(Some(bytes))
}

impl JournalFile {
    /// Makes the file if it is missing.
    pub(crate) fn make(folder: &Folder, capacity: usize) -> io::Result<()> {
        if folder.exists(JOURNAL) { Ok(()) } else { folder.fill(JOURNAL, capacity.max(16 * BLOCK)) }
    }

    /// Opens it to go on behind what was decoded; `next_generation` counts if that is nothing.
    pub(crate) fn open(folder: &Folder, decoded: &Decoded, next_generation: u64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(folder.file(JOURNAL))?;
        let capacity = usize::try_from(file.metadata()?.len().min(LENGTH_LIMIT)).unwrap_or(0);
        Ok(Self {
            file,
            capacity,
            generation: decoded.generation.unwrap_or(next_generation),
            position: decoded.end,
            numbers: Numbers::of(decoded),
        })
    }

    /// Which generation it is in.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// How far it reaches.
    pub(crate) fn reach(&self) -> Reach {
        Reach { generation: self.generation, end: self.position }
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.position == 0
    }

    /// Whether a payload of this length has room.
    pub(crate) fn fits(&self, payload: usize) -> bool {
        // The reading side stops where no more than a header would fit.
        self.position + FRAME_HEADER + payload < self.capacity
    }

    /// Writes a frame. On success it is on the disk. After an error the same place is written anew by the next one.
    pub(crate) fn write(&mut self, payload: Payload) -> io::Result<()> {
        let frame = payload.frame(self.position, self.generation);
        self.file.write_all_at(&frame, self.position as u64)?;
        self.file.sync_data()?;
        self.position += frame.len();
        payload.settle(&mut self.numbers);
        Ok(())
    }

    /// Everything in it is sealed: the next frame begins the next generation.
    pub(crate) fn restart(&mut self) {
        self.generation += 1;
        self.position = 0;
        self.numbers = Numbers::default();
    }

    /// What is in the file now.
    pub(crate) fn contents(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.capacity];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}
