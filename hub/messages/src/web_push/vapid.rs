//! Who sends: RFC 8292. Browsers subscribe for messages that are signed with this one key.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_model::Timestamp;
use hub_model::household::Secret;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

/// How long a signature holds; 24 hours at most are allowed.
const HOLDS: Duration = Duration::from_secs(12 * 3_600);
const HEADER: &str = r#"{"typ":"JWT","alg":"ES256"}"#;

/// The key by which push services know this hub.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    public: String,
}

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("VapidKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// There is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VapidError {
    /// The system has no randomness.
    #[error("the system gives no randomness for the key of push messages")]
    NoRandomness,
    /// What was kept is no key.
    #[error("the kept key of push messages is damaged")]
    Damaged,
}

impl VapidKey {
    /// A new key, and how it is kept.
    pub fn generate() -> Result<(Self, Secret), VapidError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| VapidError::NoRandomness)?;
        let kept = Secret::new(URL_SAFE_NO_PAD.encode(document.as_ref()));
        Ok((Self::kept(&kept)?, kept))
    }

    /// The key that was kept.
    pub fn kept(kept: &Secret) -> Result<Self, VapidError> {
        let document = URL_SAFE_NO_PAD.decode(kept.reveal()).map_err(|_| VapidError::Damaged)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &SystemRandom::new())
            .map_err(|_| VapidError::Damaged)?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Ok(Self { pair, public })
    }

    /// What a browser subscribes with (`applicationServerKey`): a point on P-256, uncompressed, base64url.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The header that says to a push service who sends (RFC 8292, 3).
    pub(super) fn authorization(&self, audience: &str, contact: &str, now: Timestamp) -> Option<String> {
        let expires = now.plus(HOLDS).milliseconds() / 1_000;
        let claims = json!({ "aud": audience, "exp": expires, "sub": contact }).to_string();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// Whether the signature of a header holds, by the key that stands beside it.
    fn verified(header: &str) -> Result<String, ()> {
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(key));
        key.verify(signed.as_bytes(), &decoded(signature)).map_err(drop)?;
        Ok(String::from_utf8(decoded(signed.split_once('.').unwrap().1)).unwrap())
    }

    /// The verifier of these tests takes the example of RFC 8292, 2.4.
    #[test]
    fn the_example_of_the_rfc_holds() {
        let header = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAi\
                      OjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK\
                      2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5\
                      h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        assert_eq!(
            verified(header).as_deref(),
            Ok(r#"{"aud":"https://push.example.net","exp":1453523768,"sub":"mailto:push@example.com"}"#)
        );
        assert!(verified(&header.replace("i3CYb7t4", "i3CYb7t5")).is_err());
    }

    #[test]
    fn a_key_signs_the_same_after_a_restart() {
        let (key, kept) = VapidKey::generate().unwrap();
        let again = VapidKey::kept(&kept).unwrap();
        assert_eq!(key.public(), again.public());
        assert_eq!(decoded(key.public()).len(), 65);
        let now = Timestamp(1_453_480_568_000);
        let header = again.authorization("https://push.example.net", "mailto:push@example.com", now).unwrap();
        assert_eq!(
            verified(&header).as_deref(),
            Ok(r#"{"aud":"https://push.example.net","exp":1453523768,"sub":"mailto:push@example.com"}"#)
        );
        assert_eq!(VapidKey::kept(&Secret::new("AAAA")).unwrap_err(), VapidError::Damaged);
        assert!(!format!("{key:?} {kept:?}").contains(kept.reveal()));
    }
}
