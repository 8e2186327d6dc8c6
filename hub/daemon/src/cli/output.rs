//! Tables for people, JSON for programs.

use std::io::{IsTerminal, Write};

use serde_json::Value;

use super::failure::Failure;

/// Where a command prints to.
pub struct Output<'a> {
    writer: &'a mut dyn Write,
    json: bool,
    color: bool,
}

impl<'a> Output<'a> {
    /// Prints to `writer`.
    pub fn new(writer: &'a mut dyn Write, json: bool, color: bool) -> Self {
        Self { writer, json, color }
    }

    /// Whether programs read it.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether people look at it: a terminal, and nobody asked for JSON. What is JSON lines by nature is sentences then.
    pub fn is_for_people(&self) -> bool {
        !self.json && std::io::stdout().is_terminal()
    }

    /// For what is written as it is.
    pub fn writer(&mut self) -> &mut dyn Write {
        self.writer
    }

    /// A line.
    pub fn line(&mut self, text: impl std::fmt::Display) -> Result<(), Failure> {
        writeln!(self.writer, "{text}")?;
        Ok(self.writer.flush()?)
    }

    /// A line for people beside what programs read.
    pub fn remark(&mut self, text: impl std::fmt::Display) -> Result<(), Failure> {
        let mut error = std::io::stderr().lock();
        Ok(writeln!(error, "{text}")?)
    }

    /// JSON on several lines.
    pub fn json(&mut self, value: &Value) -> Result<(), Failure> {
        self.line(format_args!("{value:#}"))
    }

    /// What was done: the thing as JSON, or a sentence.
    pub fn done(&mut self, value: &Value, sentence: impl std::fmt::Display) -> Result<(), Failure> {
        if self.json { self.json(value) } else { self.line(sentence) }
    }

    /// A list: as `{"items": […]}`, or as a table.
    pub fn list<const N: usize>(
        &mut self,
        items: &[Value],
        headers: [&str; N],
        row: impl Fn(&Value) -> [String; N],
    ) -> Result<(), Failure> {
        if self.json {
            return self.json(&serde_json::json!({ "items": items }));
        }
        let rows: Vec<[String; N]> = items.iter().map(row).collect();
        self.table(headers, &rows)
    }

    /// A table. The last column is as wide as it is.
    pub fn table<const N: usize>(&mut self, headers: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).chain([headers[column].len()]).max().unwrap_or(0)
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let line = |cells: [&str; N]| {
            let mut text = String::new();
            for (cell, width) in cells.into_iter().zip(widths) {
                text += &format!("{cell:<width$}  ");
            }
            text.truncate(text.trim_end().len());
            text
        };
        let header = line(headers);
        if self.color {
            self.line(format_args!("\x1b[1m{header}\x1b[0m"))?;
        } else {
            self.line(header)?;
        }
        for row in rows {
            self.line(line(std::array::from_fn(|column| row[column].as_str())))?;
        }
        Ok(())
    }
}

/// `1 rule`, `2 rules`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Whether to colour what goes to the standard output.
pub fn wants_color() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text field, empty if it is not there.
pub fn text(item: &Value, field: &str) -> String {
    plain(&item[field])
}

/// A number with two decimals at most; everything else as it is.
pub fn rounded(value: &Value) -> String {
    match value {
        Value::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |number| ((number * 100.0).round() / 100.0).to_string())
        }
        other => plain(other),
    }
}

/// A value without quotes; nothing for null.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A point in time without its fraction: `2026-11-21 18:00:05Z`.
pub fn time(value: &Value) -> String {
    let text = plain(value);
    match text.split_once('T') {
        Some((day, clock)) => format!("{day} {}Z", clock.get(..8).unwrap_or(clock)),
        None => text,
    }
}
