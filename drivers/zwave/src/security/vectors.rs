//! What others computed.

use serde_json::Value;

use super::cipher::{self, Nonce};
use super::ckdf::{mixed_entropy, network_keys, temporary_keys};
use super::ctr_drbg::CtrDrbg;
use super::dsk::Dsk;
use super::ecdh::KeyPair;
use super::s0::nonces::Nonces;
use super::s0::{self, Part, S0Keys};
use super::secret::{Key, Secret};
use crate::encapsulation::crc16;
use crate::node_id::NodeId;

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

/// Of one group of `security-vectors.json`.
struct Vectors(Value);

impl Vectors {
    fn of(group: &str) -> Self {
        let all: Value = serde_json::from_str(include_str!("../../tests/data/security-vectors.json")).unwrap();
        Self(all[group].clone())
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex(self.0[name].as_str().unwrap())
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn key(&self, name: &str) -> Key {
        Key::new(self.array(name))
    }
}

#[test]
fn key_agreement_and_dsk() {
    let vectors = Vectors::of("ecdh");
    let pairs = ["privA", "privB"].map(|name| KeyPair::from_random(&Secret::new(vectors.array(name))));
    assert_eq!(pairs[0].public(), vectors.array("pubA"));
    assert_eq!(pairs[1].public(), vectors.array("pubB"));
    let shared = Some(Secret::new(vectors.array("shared")));
    assert_eq!(pairs[0].agree(&pairs[1].public()), shared);
    assert_eq!(pairs[1].agree(&pairs[0].public()), shared);
    assert_eq!(Dsk::of_public_key(&pairs[1].public()).to_string(), vectors.0["dskB"]);
}

#[test]
fn temporary_keys_of_an_inclusion() {
    let (agreement, vectors) = (Vectors::of("ecdh"), Vectors::of("ckdfTempExtract"));
    let shared = Secret::new(agreement.array("shared"));
    let keys = temporary_keys(&shared, &agreement.array("pubA"), &agreement.array("pubB"));
    assert_eq!(keys.ccm, vectors.key("tempKeyCCM"));
    assert_eq!(keys.personalization, Secret::new(vectors.array("tempPersonalizationString")));
}

#[test]
fn keys_of_a_security_class() {
    let vectors = Vectors::of("ckdfNetworkKeyExpand");
    let keys = network_keys(&vectors.key("pnk"));
    assert_eq!(keys.session.ccm, vectors.key("keyCCM"));
    assert_eq!(keys.session.personalization, Secret::new(vectors.array("personalizationString")));
    assert_eq!(keys.mpan, vectors.key("keyMPAN"));
}

#[test]
fn mixed_entropy_and_the_nonces_that_follow() {
    let (entropy, keys, span) = (Vectors::of("ckdfMEI"), Vectors::of("ckdfNetworkKeyExpand"), Vectors::of("span"));
    let mixed = mixed_entropy(&entropy.array("senderEI"), &entropy.array("receiverEI"));
    assert_eq!(mixed, Secret::new(entropy.array("mei")));
    let mut nonces = CtrDrbg::new(&mixed, &Secret::new(keys.array("personalizationString")));
    for expected in span.0["nonces"].as_array().unwrap() {
        assert_eq!(nonces.generate::<16>()[..13], hex(expected.as_str().unwrap()));
    }
}

#[test]
fn ccm() {
    let vectors = Vectors::of("ccm");
    let (key, nonce): (Key, Nonce) = (vectors.key("key"), vectors.array("nonce"));
    let sealed = cipher::encrypt_ccm(&key, &nonce, &vectors.bytes("aad"), &vectors.bytes("plain")).unwrap();
    assert_eq!(sealed, [vectors.bytes("ciphertext"), vectors.bytes("tag")].concat());
    let opened = cipher::decrypt_ccm(&key, &nonce, &vectors.bytes("aad"), &sealed);
    assert_eq!(opened, Some(vectors.bytes("plain")));
}

#[test]
fn cmac() {
    let vectors = Vectors::of("cmac");
    assert_eq!(cipher::cmac(&vectors.key("key"), &[&vectors.bytes("data")]), vectors.array("mac"));
}

#[test]
fn security_0() {
    let vectors = Vectors::of("s0");
    let keys = S0Keys::new(&vectors.key("networkKey"));
    assert_eq!(keys.expose(), [vectors.array("authKey"), vectors.array("encryptionKey")]);
    let vector = vectors.bytes("iv");
    let (sender, receiver): ([u8; 8], [u8; 8]) = (vector[..8].try_into().unwrap(), vector[8..].try_into().unwrap());
    let addresses = s0::encapsulation::Addresses { source: NodeId(1), destination: NodeId(2) };
    let part = Part::Whole(vectors.bytes("plain")[1..].to_vec());
    let message = s0::encapsulate(&keys, addresses, &part, &receiver, &sender);
    let expected =
        [&hex("98 81")[..], &sender, &vectors.bytes("ciphertext"), &receiver[..1], &vectors.bytes("mac")].concat();
    assert_eq!(message, expected);
    let mut nonces = Nonces::default();
    nonces.issue(hub_model::Monotonic::default(), NodeId(1), receiver);
    let opened = s0::decapsulate(hub_model::Monotonic::default(), &keys, addresses, &mut nonces, &message).unwrap();
    assert_eq!(opened.part, part);
}

#[test]
fn crc_16() {
    let vectors = Vectors::of("crc16");
    assert_eq!(crc16::checksum(&[&vectors.bytes("data")]).to_be_bytes(), vectors.array("crc"));
}

#[test]
fn aes_of_fips_197() {
    let key = Key::new(array("000102030405060708090a0b0c0d0e0f"));
    let block = array("00112233445566778899aabbccddeeff");
    assert_eq!(cipher::encrypt_block(&key, &block), array("69c4e0d86a7b0430d8cdb78070b4c55a"));
}

#[test]
fn cmac_of_rfc_4493() {
    let key = Key::new(array("2b7e151628aed2a6abf7158809cf4f3c"));
    let message = hex("6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
         30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710");
    for (length, expected) in [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ] {
        assert_eq!(cipher::cmac(&key, &[&message[..length]]), array(expected), "{length} bytes");
        let (first, second) = message[..length].split_at(length / 3);
        assert_eq!(cipher::cmac(&key, &[first, second]), array(expected), "{length} bytes in two parts");
    }
}

#[test]
fn ccm_of_rfc_3610() {
    let key = Key::new(array("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"));
    // The packet vectors 1 to 6, which have a tag of 8 bytes: the packets count up from zero.
    for (nonce, header, length, expected) in [
        ("00000003020100", 8, 0x1F, "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384 17e8d12cfdf926e0"),
        ("00000004030201", 8, 0x20, "72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3b a091d56e10400916"),
        ("00000005040302", 8, 0x21, "51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da859657 4adaa76fbd9fb0c5"),
        ("00000006050403", 12, 0x1F, "a28c6865939a9a79faaa5c4c2a9d4a91cdac8c 96c861b9c9e61ef1"),
        ("00000007060504", 12, 0x20, "dcf1fb7b5d9e23fb9d4e131253658ad86ebdca3e 51e83f077d9c2d93"),
        ("00000008070605", 12, 0x21, "6fc1b011f006568b5171a42d953d469b2570a4bd87 405a0443ac91cb94"),
    ] {
        let nonce: Nonce = array(&format!("{nonce} a0a1a2a3a4a5"));
        let packet: Vec<u8> = (0..length).collect();
        let (associated, message) = packet.split_at(header);
        let expected = hex(expected);
        assert_eq!(cipher::encrypt_ccm(&key, &nonce, associated, message), Some(expected.clone()));
        assert_eq!(cipher::decrypt_ccm(&key, &nonce, associated, &expected), Some(message.to_vec()));
        assert_eq!(cipher::decrypt_ccm(&key, &nonce, &[], &expected), None);
        assert_eq!(cipher::decrypt_ccm(&key, &nonce, associated, &expected[..7]), None);
    }
}

#[test]
fn x25519_of_rfc_7748() {
    let alice =
        KeyPair::from_random(&Secret::new(array("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")));
    let bob = array("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_eq!(alice.public(), array("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    let shared = array("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_eq!(alice.agree(&bob), Some(Secret::new(shared)));
    assert_eq!(alice.agree(&[0; 32]), None);
    // Section 5.2: scalar, point, product.
    for (scalar, point, expected) in [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    ] {
        let pair = KeyPair::from_random(&Secret::new(array(scalar)));
        assert_eq!(pair.agree(&array(point)), Some(Secret::new(array(expected))));
    }
}
