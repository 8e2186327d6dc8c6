//! The hub's authority as iPhones, iPads and Macs take it: a configuration profile.

use super::{AuthorityCertificate, Fingerprint};
use crate::random::hex;

impl AuthorityCertificate {
    /// A configuration profile (.mobileconfig) that brings this certificate. The same each time, so that a newer one
    /// takes the place of an older one.
    pub fn profile(&self, name: &str) -> String {
        let body: String = self.pem.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n");
        PROFILE
            .replace("{name}", name)
            .replace("{certificate}", &body)
            .replace("{certificate_id}", &self.id("certificate"))
            .replace("{profile_id}", &self.id("profile"))
    }

    /// An id that follows from the authority's certificate (UUID version 8, RFC 9562, 5.8).
    fn id(&self, purpose: &str) -> String {
        let sum = Fingerprint::of_bytes(&[purpose.as_bytes(), &self.der].concat());
        let mut bytes: Vec<u8> = sum.bytes().iter().take(16).copied().collect();
        for (place, kept, set) in [(6, 0x0f, 0x80), (8, 0x3f, 0x80)] {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = *byte & kept | set;
            }
        }
        let digits = hex(&bytes).to_ascii_uppercase();
        let groups: Vec<&str> =
            [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().filter_map(|at| digits.get(at)).collect();
        groups.join("-")
    }
}

const PROFILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>PayloadContent</key>
<array>
<dict>
<key>PayloadCertificateFileName</key><string>{name}.crt</string>
<key>PayloadContent</key>
<data>
{certificate}
</data>
<key>PayloadDescription</key><string>Lets this device recognise your Hearth hub.</string>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>hearth.hub.{certificate_id}</string>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadUUID</key><string>{certificate_id}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict>
</array>
<key>PayloadDescription</key><string>Lets this device recognise your Hearth hub. It vouches for this hub and private networks only.</string>
<key>PayloadDisplayName</key><string>{name}</string>
<key>PayloadIdentifier</key><string>hearth.hub.{profile_id}</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>{profile_id}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict>
</plist>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_the_same_each_time() {
        let der = rustls::pki_types::CertificateDer::from(vec![1, 2, 3]);
        let authority = AuthorityCertificate { der, pem: "-----BEGIN-----\nAQID\n-----END-----\n".into() };
        let profile = authority.profile("Hearth hub abcd");
        assert_eq!(profile, authority.profile("Hearth hub abcd"));
        assert!(profile.contains("<data>\nAQID\n</data>") && !profile.contains('{'), "{profile}");
        let id = authority.id("profile");
        assert_ne!(id, authority.id("certificate"));
        assert_eq!((id.len(), id.as_bytes()[14], id.matches('-').count()), (36, b'8', 4), "{id}");
    }
}
