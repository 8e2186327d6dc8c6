//! What only one browser can read: RFC 8291 over one record of RFC 8188.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{aead, hkdf};

/// Browsers leave the padding out, others do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A point on P-256 that is not compressed.
const POINT: usize = 65;
const SALT: usize = 16;
/// Everything is one record; push services take 4,096 bytes.
const RECORD: u32 = 4_096;
/// Ends the last record.
const LAST: u8 = 2;

/// What is needed to write to a browser.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Subscription {
    public: [u8; POINT],
    auth: [u8; 16],
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Subscription")
    }
}

/// The keys are not those of a browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum SubscriptionError {
    /// `p256dh`
    #[error("keys.p256dh is no key of a browser; give PushSubscription.toJSON() as it is")]
    Public,
    /// `auth`
    #[error("keys.auth is not 16 bytes in base64url; give PushSubscription.toJSON() as it is")]
    Auth,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Subscription {
    /// The keys as a browser gives them, base64url.
    pub(crate) fn new(p256dh: &str, auth: &str) -> Result<Self, SubscriptionError> {
        let public: [u8; POINT] =
            decoded(p256dh).and_then(|bytes| bytes.try_into().ok()).ok_or(SubscriptionError::Public)?;
        let auth = decoded(auth).and_then(|bytes| bytes.try_into().ok()).ok_or(SubscriptionError::Auth)?;
        let subscription = Self { public, auth };
        // A point that is not on the curve is found now, not at the first message.
        let (own, _) = keys().ok_or(SubscriptionError::Public)?;
        subscription.agreed(own).map(|_| subscription).ok_or(SubscriptionError::Public)
    }

    /// The body of a request that holds `message`, filled up to `length`. None = it is too long, or there is no
    /// randomness.
    pub(super) fn sealed(&self, message: &[u8], length: usize) -> Option<Vec<u8>> {
        let (own, own_public) = keys()?;
        let mut salt = [0; SALT];
        SystemRandom::new().fill(&mut salt).ok()?;
        let secret = self.agreed(own)?;
        self.sealed_with(&secret, &own_public, &salt, message, length)
    }

    fn agreed(&self, own: EphemeralPrivateKey) -> Option<[u8; 32]> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.public);
        agree_ephemeral(own, &theirs, |secret| <[u8; 32]>::try_from(secret).ok()).ok().flatten()
    }

    /// RFC 8291, 3.4 and RFC 8188, 2.
    fn sealed_with(
        &self,
        secret: &[u8; 32],
        own_public: &[u8; POINT],
        salt: &[u8; SALT],
        message: &[u8],
        length: usize,
    ) -> Option<Vec<u8>> {
        let input = expanded(
            &Salt::new(HKDF_SHA256, &self.auth).extract(secret),
            &[b"WebPush: info\0", &self.public, own_public],
            32,
        )?;
        let key = Salt::new(HKDF_SHA256, salt).extract(&input);
        let content_key = expanded(&key, &[b"Content-Encoding: aes128gcm\0"], 16)?;
        let nonce = expanded(&key, &[b"Content-Encoding: nonce\0"], 12)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(&nonce).ok()?;

        let mut record = message.to_vec();
        record.push(LAST);
        record.resize(record.len().max(length), 0);
        if record.len() + aead::AES_128_GCM.tag_len() > usize::try_from(RECORD).ok()? {
            return None;
        }
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &content_key).ok()?);
        key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut record).ok()?;

        let mut body = Vec::with_capacity(SALT + 5 + POINT + record.len());
        body.extend_from_slice(salt);
        body.extend_from_slice(&RECORD.to_be_bytes());
        body.push(u8::try_from(POINT).ok()?);
        body.extend_from_slice(own_public);
        body.extend_from_slice(&record);
        Some(body)
    }
}

/// A key pair for one message.
fn keys() -> Option<(EphemeralPrivateKey, [u8; POINT])> {
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).ok()?;
    let public = own.compute_public_key().ok()?;
    let public = <[u8; POINT]>::try_from(public.as_ref()).ok()?;
    Some((own, public))
}

fn expanded(key: &hkdf::Prk, info: &[&[u8]], length: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; length];
    key.expand(info, Length(length)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    // Longer than a key is no key.
    if text.len() > 128 {
        return None;
    }
    BASE64.decode(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        decoded(text).unwrap().try_into().unwrap()
    }

    /// RFC 8291, 5 and appendix A.
    #[test]
    fn the_example_of_the_rfc_is_reproduced() {
        let subscription = Subscription::new(PUBLIC, AUTH).unwrap();
        let body = subscription.sealed_with(
            &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            &bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"),
            &bytes("DGv6ra1nlYgDCS1FRnbzlw"),
            b"When I grow up, I want to be a watermelon",
            0,
        );
        assert_eq!(
            BASE64.encode(body.unwrap()),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3\
             jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn all_messages_are_of_one_length() {
        let subscription = Subscription::new(PUBLIC, AUTH).unwrap();
        let lengths = [0, 1, 3_071].map(|length| subscription.sealed(&vec![b'x'; length], 3_072).unwrap().len());
        assert_eq!(lengths, [86 + 3_072 + 16; 3]);
        assert_eq!(subscription.sealed(&[0; 4_096], 0), None);
        assert_ne!(subscription.sealed(b"x", 0), subscription.sealed(b"x", 0), "each has keys of its own");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let off_the_curve = BASE64.encode([4; POINT]);
        for (public, auth, expected) in [
            (PUBLIC, AUTH, None),
            (&format!("{PUBLIC}="), &format!("{AUTH}=="), None),
            (&off_the_curve, AUTH, Some(SubscriptionError::Public)),
            ("", AUTH, Some(SubscriptionError::Public)),
            ("AAAA", AUTH, Some(SubscriptionError::Public)),
            ("!", AUTH, Some(SubscriptionError::Public)),
            (PUBLIC, "AAAA", Some(SubscriptionError::Auth)),
            (PUBLIC, &"A".repeat(10_000), Some(SubscriptionError::Auth)),
        ] {
            assert_eq!(Subscription::new(public, auth).err(), expected, "{public} {auth}");
        }
    }
}
