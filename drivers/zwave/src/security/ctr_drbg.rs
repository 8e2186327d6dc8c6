//! CTR_DRBG with AES-128 and without derivation function (NIST SP 800-90A, section 10.2.1): the sequence of nonces that
//! both sides of a Security 2 conversation compute.

use super::cipher::{Block, encrypt_block};
use super::secret::{Key, Secret};

const SEED_LENGTH: usize = 32;

/// The state. Neither copied into logs nor compared with that of the other side.
#[derive(Clone, Debug)]
pub struct CtrDrbg {
    key: Key,
    value: Secret<16>,
}

impl CtrDrbg {
    /// Begins from entropy, personalized by a string that both sides know.
    pub fn new(entropy: &Secret<SEED_LENGTH>, personalization: &Secret<SEED_LENGTH>) -> Self {
        let mut drbg = Self { key: Key::new([0; 16]), value: Secret::new([0; 16]) };
        let seed = std::array::from_fn(|index| entropy.expose()[index] ^ personalization.expose()[index]);
        drbg.update(&Secret::new(seed));
        drbg
    }

    /// The next bytes.
    pub fn generate<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(16) {
            let block = self.next_block();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        self.update(&Secret::new([0; SEED_LENGTH]));
        bytes
    }

    fn next_block(&mut self) -> Block {
        let next = u128::from_be_bytes(*self.value.expose()).wrapping_add(1);
        self.value = Secret::new(next.to_be_bytes());
        encrypt_block(&self.key, self.value.expose())
    }

    fn update(&mut self, provided: &Secret<SEED_LENGTH>) {
        let (provided_key, provided_value) = provided.expose().split_at(16);
        let xor = |block: Block, provided: &[u8]| std::array::from_fn(|index| block[index] ^ provided[index]);
        let key = xor(self.next_block(), provided_key);
        let value = xor(self.next_block(), provided_value);
        self.key = Key::new(key);
        self.value = Secret::new(value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// NIST CAVP, AES-128 without derivation function, without prediction resistance; the cases without additional
    /// input, which Z-Wave has none of.
    const VECTORS: &str = include_str!("../../tests/data/ctr-drbg-aes-128-no-df.rsp");

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        assert_eq!(text.len(), 2 * N);
        std::array::from_fn(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).unwrap())
    }

    #[test]
    fn all_vectors_of_nist() {
        let mut count = 0;
        for case in VECTORS.split("COUNT = ").skip(1) {
            let fields: HashMap<&str, &str> = case.lines().filter_map(|line| line.split_once(" = ")).collect();
            let personalization = match fields["PersonalizationString"] {
                "" => [0; 32],
                text => bytes(text),
            };
            let mut drbg = CtrDrbg::new(&Secret::new(bytes(fields["EntropyInput"])), &Secret::new(personalization));
            drbg.update(&Secret::new(bytes(fields["EntropyInputReseed"])));
            drbg.generate::<64>();
            assert_eq!(drbg.generate::<64>(), bytes(fields["ReturnedBits"]), "case {count}");
            count += 1;
        }
        assert_eq!(count, 120);
    }
}
