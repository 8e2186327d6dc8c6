//! What went over a byte link, as text that people can read, cut and send: one line for each thing that happened.
//!
//! ```text
//! # Lines behind a # are notes.
//! 0.000 up
//! 0.012 > 01030020dc
//! 0.015 < 06
//! 7.500 down the adapter was pulled
//! ```
//!
//! The number is seconds since the capture began; `<` came in, `>` went out.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

/// A line longer than that is no capture of ours.
const LONGEST_LINE: usize = 1 << 20;

/// What was captured, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Capture {
    /// The lines.
    pub entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// How long after the beginning.
    pub at: Duration,
    /// What.
    pub what: What,
}

/// What happened on the link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// It connected.
    Up,
    /// It was lost or could not be made, and why.
    Down(String),
    /// Bytes came in.
    Received(Bytes),
    /// Bytes went out.
    Transmitted(Bytes),
}

/// A line of a capture cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} of the capture cannot be read: {problem}")]
pub struct CaptureError {
    /// Which, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub problem: &'static str,
}

impl Capture {
    /// Reads a capture.
    ///
    /// # Errors
    /// Names the first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, CaptureError> {
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            entries.push(parse_line(line).map_err(|problem| CaptureError { line: index + 1, problem })?);
        }
        Ok(Self { entries })
    }
}

fn parse_line(line: &str) -> Result<Entry, &'static str> {
    if line.len() > LONGEST_LINE {
        return Err("it is too long");
    }
    let mut parts = line.splitn(3, ' ');
    let (at, word, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let seconds: f64 = at.parse().map_err(|_| "it begins with no number of seconds")?;
    let at = Duration::try_from_secs_f64(seconds).map_err(|_| "its time is out of range")?;
    let what = match word {
        "up" => What::Up,
        "down" => What::Down(rest.to_owned()),
        "<" => What::Received(from_hex(rest)?),
        ">" => What::Transmitted(from_hex(rest)?),
        _ => return Err("behind the time stands <, >, up or down"),
    };
    Ok(Entry { at, what })
}

fn from_hex(text: &str) -> Result<Bytes, &'static str> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| {
            character
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
                .ok_or("it holds a character that is no hex digit")
        })
        .collect::<Result<_, _>>()?;
    if digits.len() % 2 == 1 {
        return Err("it has an odd number of hex digits");
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.3} ", self.at.as_secs_f64())?;
        match &self.what {
            What::Up => formatter.write_str("up"),
            // A reason with a line break would read as two lines.
            What::Down(reason) => write!(formatter, "down {}", reason.replace(['\n', '\r'], " ")),
            What::Received(bytes) => write!(formatter, "< {bytes:x}"),
            What::Transmitted(bytes) => write!(formatter, "> {bytes:x}"),
        }
    }
}

impl fmt::Display for Capture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(formatter, "{entry}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_reads_as_it_was_written() {
        let text = "0.000 up\n0.012 > 01030020dc\n0.015 < 06\n7.500 down the adapter was pulled\n";
        assert_eq!(Capture::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn notes_blanks_and_capitals_are_fine() {
        let capture = Capture::parse("# note\n\n1 < 01 0A ff\n").unwrap();
        assert_eq!(capture.to_string(), "1.000 < 010aff\n");
    }

    #[test]
    fn what_cannot_be_read_is_named_by_line() {
        for (text, line, word) in [
            ("up", 1, "seconds"),
            ("0 up\n-1 up", 2, "range"),
            ("nan up", 1, "range"),
            ("1e400 up", 1, "range"),
            ("0 <> 01", 1, "stands"),
            ("0 < 0", 1, "odd"),
            ("0 < 0g", 1, "hex"),
            ("0 < ä1", 1, "hex"),
        ] {
            let error = Capture::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.problem.contains(word), "{text}: {error}");
        }
    }
}
