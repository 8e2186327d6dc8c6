//! Where in a request a mistake is, and what it is, without what was sent.

use std::borrow::Cow;

/// What a parser says of a value, without the value: «invalid type: integer, expected a string». It may be a password,
/// and what is wrong with a request is written down by many programs.
pub(crate) fn without_value(words: &str) -> Cow<'_, str> {
    let speaks_of_value =
        ["invalid type", "invalid value", "unknown variant"].iter().any(|kind| words.starts_with(kind));
    match words.rsplit_once(", expected ").filter(|_| speaks_of_value) {
        Some((value, expected)) => {
            let kind = value.split(['"', '`']).next().unwrap_or_default().trim_end();
            Cow::Owned(format!("{kind}, expected {expected}"))
        }
        None => Cow::Borrowed(words),
    }
}

/// The path of fields that leads to a place in a JSON text, e.g. `owner.password` or `modes[2]`.
pub(crate) fn path_at(text: &[u8], line: usize, column: usize) -> String {
    enum Step {
        Field(String),
        Item(usize),
    }
    let line_start =
        text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
    let end = (line_start + column).min(text.len());
    let mut steps: Vec<Step> = Vec::new();
    let mut last_text = String::new();
    let mut position = 0;
    while let Some(byte) = text.get(position).filter(|_| position < end) {
        match byte {
            b'{' => steps.push(Step::Field(String::new())),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => {
                // Also at the place itself: what is wrong with a whole object is found at its end.
                steps.pop();
            }
            b':' => {
                if let Some(Step::Field(name)) = steps.last_mut() {
                    *name = std::mem::take(&mut last_text);
                }
            }
            b',' => match steps.last_mut() {
                Some(Step::Item(index)) if position + 1 < end => *index += 1,
                Some(Step::Field(name)) if position + 1 < end => name.clear(),
                _ => {}
            },
            b'"' => {
                let start = position + 1;
                position = start;
                while let Some(byte) = text.get(position).filter(|byte| **byte != b'"') {
                    position += if *byte == b'\\' { 2 } else { 1 };
                }
                let quoted = text.get(start..position).unwrap_or_default();
                last_text = String::from_utf8_lossy(quoted).chars().take(64).collect();
                if position >= end.saturating_sub(1)
                    && let Some(Step::Field(name)) = steps.last_mut()
                    && name.is_empty()
                {
                    // The name itself is what is wrong.
                    *name = last_text.clone();
                }
            }
            _ => {}
        }
        position += 1;
    }
    let mut path = String::new();
    for step in &steps {
        match step {
            Step::Field(name) if !name.is_empty() => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Field(_) => {}
            Step::Item(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_repeat_values() {
        for (words, wanted) in [
            (r#"invalid type: string "a \"b\", expected c", expected u8"#, "invalid type: string, expected u8"),
            ("invalid type: integer `4711`, expected a string", "invalid type: integer, expected a string"),
            ("invalid type: map, expected a string", "invalid type: map, expected a string"),
            ("invalid value: integer `-1`, expected u8", "invalid value: integer, expected u8"),
            ("unknown variant `x`, expected one of `a`, `b`", "unknown variant, expected one of `a`, `b`"),
            ("unknown field `x`, expected `a`", "unknown field `x`, expected `a`"),
            ("missing field `a`", "missing field `a`"),
        ] {
            assert_eq!(without_value(words), wanted);
        }
    }

    #[test]
    fn a_place_is_found_in_what_is_no_json_too() {
        for (text, line, column, path) in [
            (r#"{"a": {"b": [1, 2]}}"#, 1, 17, "a.b[1]"),
            (r#"{"a": {"b\\": 1}}"#, 1, 15, r"a.b\\"),
            ("}]\"", 1, 3, ""),
            ("{\"a\"\u{e4}", 1, 4, "a"),
            ("{\"a", 9, 9, "a"),
            ("\"\\", 1, 2, ""),
            ("", 0, 0, ""),
        ] {
            assert_eq!(path_at(text.as_bytes(), line, column), path, "{text}");
        }
    }
}
