//! The order in which people look for names: `Node 2` before `Node 10`, capitals or not.

use std::cmp::Ordering;

/// How two names stand to each other.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    key(left).cmp(&key(right)).then_with(|| left.cmp(right))
}

/// A part of a name. Numbers stand before letters.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    /// A row of digits without zeros in front: the longer, the greater; of one length as text.
    Number(usize, String),
    Letter(char),
}

fn key(name: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut letters = name.chars().flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_digit() {
            parts.push(Part::Letter(letter));
            continue;
        }
        let mut digits = String::from(letter);
        while let Some(digit) = letters.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let digits = digits.trim_start_matches('0');
        parts.push(Part::Number(digits.len(), digits.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names =
            ["Node 10", "node 2", "Node 2 left", "Lamp", "Node 002", "Ä 1", "7", "Node 100000000000000000000000", ""];
        names.sort_by(|left, right| compare(left, right));
        assert_eq!(
            names,
            ["", "7", "Lamp", "Node 002", "node 2", "Node 2 left", "Node 10", "Node 100000000000000000000000", "Ä 1"]
        );
    }
}
