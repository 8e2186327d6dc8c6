//! AES-128 in the modes that Z-Wave uses: one block, CMAC (RFC 4493), and CCM with a tag of 8 bytes and a nonce of 13
//! (RFC 3610).

use aes::Aes128;
use aes::cipher::consts::U16;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use ccm::Ccm;
use ccm::aead::{Aead, Payload};
use ccm::consts::{U8, U13};
use cmac::{Cmac, Mac};

use super::secret::Key;

/// A block of AES.
pub type Block = [u8; 16];
/// A nonce of CCM.
pub type Nonce = [u8; 13];
/// Of the tag that CCM appends.
pub const TAG_LENGTH: usize = 8;

type Aes128Ccm = Ccm<Aes128, U8, U13>;

fn keyed<C: KeyInit<KeySize = U16>>(key: &Key) -> C {
    C::new(key.expose().into())
}

/// One block, in the mode ECB.
pub fn encrypt_block(key: &Key, block: &Block) -> Block {
    let mut block = Array::from(*block);
    keyed::<Aes128>(key).encrypt_block(&mut block);
    block.into()
}

/// The authentication code of the parts, one after the other.
pub fn cmac(key: &Key, parts: &[&[u8]]) -> Block {
    let mut mac = keyed::<Cmac<Aes128>>(key);
    for part in parts {
        Mac::update(&mut mac, part);
    }
    mac.finalize().into_bytes().into()
}

/// Encrypts and appends the tag. `None` if the message is longer than CCM allows, 65,535 bytes.
pub fn encrypt_ccm(key: &Key, nonce: &Nonce, associated: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: message, aad: associated };
    keyed::<Aes128Ccm>(key).encrypt(&Array::from(*nonce), payload).ok()
}

/// Decrypts what ends with a tag. `None` if anything of it is not as it was.
pub fn decrypt_ccm(key: &Key, nonce: &Nonce, associated: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: ciphertext, aad: associated };
    keyed::<Aes128Ccm>(key).decrypt(&Array::from(*nonce), payload).ok()
}
