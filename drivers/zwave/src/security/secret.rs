//! Bytes that nobody is to see.

use std::fmt;

use zeroize::Zeroize;

/// Secret bytes: wiped when dropped, not shown by `Debug`, compared in constant time.
#[derive(Clone)]
pub struct Secret<const N: usize>([u8; N]);

/// A key of AES-128.
pub type Key = Secret<16>;

impl<const N: usize> Secret<N> {
    /// Takes the bytes.
    pub fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, for computing and for the store of keys.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        equal_in_constant_time(&self.0, &other.0)
    }
}

impl<const N: usize> Eq for Secret<N> {}

/// Takes as long wherever the difference is.
pub(super) fn equal_in_constant_time(one: &[u8], other: &[u8]) -> bool {
    let difference =
        one.iter().zip(other).fold(0, |difference, (one, other)| std::hint::black_box(difference | (one ^ other)));
    one.len() == other.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Key::new([0x41; 16])), "Secret");
    }

    #[test]
    fn comparison() {
        assert_eq!(Key::new([1; 16]), Key::new([1; 16]));
        assert_ne!(Key::new([1; 16]), Key::new([2; 16]));
        assert!(!equal_in_constant_time(&[1], &[1, 2]));
    }
}
