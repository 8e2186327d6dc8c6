//! What happened in the world, a line each, written at once: what a kill of the hub cannot take back.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use hub_model::Timestamp;

use crate::Result;

/// A file of lines `MILLISECONDS TEXT`. Each line is printed too.
#[derive(Clone, Debug)]
pub(crate) struct Diary {
    file: Arc<File>,
    lines: Arc<Vec<(Timestamp, String)>>,
}

impl Diary {
    /// Opens the diary and reads what is in it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let read = |line: &str| {
            let (time, text) = line.split_once(' ')?;
            Some((Timestamp(time.parse().ok()?), text.to_owned()))
        };
        let lines = text.lines().map(|line| read(line).ok_or_else(|| format!("{line:?} is no line of a diary")));
        let lines = Arc::new(lines.collect::<std::result::Result<_, _>>()?);
        Ok(Self { file: Arc::new(OpenOptions::new().append(true).open(path)?), lines })
    }

    /// What was in it when it was opened.
    pub(crate) fn lines(&self) -> &[(Timestamp, String)] {
        &self.lines
    }

    /// Whether there was nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// When the last thing in it happened.
    pub(crate) fn last(&self) -> Option<Timestamp> {
        self.lines.iter().map(|(time, _)| *time).max()
    }

    /// Adds a line.
    pub(crate) fn write(&self, time: Timestamp, text: &str) -> Result<()> {
        let line = format!("{} {text}\n", time.milliseconds());
        (&*self.file).write_all(line.as_bytes())?;
        std::io::stdout().write_all(line.as_bytes())?;
        Ok(std::io::stdout().flush()?)
    }
}
