//! Codes that people read and type once: for a new hub, for who is invited, and in place of a lost second factor.

use super::token::{TokenHash, token_hash};
use crate::random::{self, NoRandomness, Random};

/// Letters and digits that nobody confuses (Crockford's base 32): five bits each.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_LENGTH: usize = 4;
/// More is no code.
const LENGTH_MAX: usize = 128;

/// A new code of so many letters, in groups of four.
pub(super) fn generate<const LENGTH: usize>(random: &dyn Random) -> Result<String, NoRandomness> {
    let bytes = random::bytes::<LENGTH>(random)?;
    let letters: String = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect();
    Ok(grouped(&letters))
}

/// The letters in groups with dashes between.
pub(super) fn grouped(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP_LENGTH).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A code as it is compared: case, spaces and dashes do not matter, nor does O for 0 or I and L for 1.
pub(super) fn normal(text: &str) -> String {
    text.chars()
        .take(LENGTH_MAX)
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect()
}

/// The hash under which a code is kept.
pub(super) fn hash(text: &str) -> TokenHash {
    token_hash(&normal(text))
}

/// Whether all of it are letters of codes.
pub(super) fn is_of_the_alphabet(text: &str) -> bool {
    text.bytes().all(|letter| ALPHABET.contains(&letter))
}

/// Compares without telling by its time where the difference is.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differs, (left, right)| differs | (left ^ right)) == 0
}
