//! An address as a person gives it, taken apart.

use hyper::Uri;

use crate::address::Allowed;

/// Where a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    pub(crate) is_https: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The path with the query.
    pub(crate) path: String,
}

/// An address cannot be used. None of these shows it: it may hold a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TargetError {
    /// No address of the web.
    #[error("this is no address of the web; write it like https://host/path")]
    NotUnderstood,
    /// Longer than any that is meant.
    #[error("the address is longer than {MOST_BYTES} bytes; shorten it")]
    TooLong,
    /// Everybody on the way could read it.
    #[error(
        "the address is not encrypted; use https://, or ask the owner to allow this host ([messages] allow in the \
         hub's configuration)"
    )]
    NotEncrypted,
    /// Names and passwords would stand in logs of proxies.
    #[error("the address has a user name in it; leave it out")]
    UserName,
}

/// How long an address may be.
const MOST_BYTES: usize = 2_048;

impl Target {
    /// The target of an address. Without encryption only hosts are reached that the owner allows.
    pub fn of(url: &str, allowed: &Allowed) -> Result<Self, TargetError> {
        if url.len() > MOST_BYTES {
            return Err(TargetError::TooLong);
        }
        let uri: Uri = url.trim().parse().map_err(|_| TargetError::NotUnderstood)?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(TargetError::NotUnderstood),
        };
        let authority = uri.authority().ok_or(TargetError::NotUnderstood)?;
        if authority.as_str().contains('@') {
            return Err(TargetError::UserName);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let has_port = authority.as_str().len() > authority.host().len();
        if host.is_empty() || (has_port && authority.port_u16().is_none()) {
            return Err(TargetError::NotUnderstood);
        }
        if !is_https && !allowed.names(&host) {
            return Err(TargetError::NotEncrypted);
        }
        let port = authority.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { is_https, host, port, path })
    }

    /// Host and port as the header `Host` has them.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.is_https { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }

    /// Scheme, host and port (RFC 6454).
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", if self.is_https { "https" } else { "http" }, self.authority())
    }

    /// Where an answer says that the thing is now.
    pub(crate) fn joined(&self, location: &str, allowed: &Allowed) -> Result<Self, TargetError> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Self::of(&format!("{}{location}", self.origin()), allowed);
        }
        let next = Self::of(location, allowed)?;
        // Nobody who asked for encryption is led away from it.
        if self.is_https && !next.is_https { Err(TargetError::NotEncrypted) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let allowed = Allowed::new(["ntfy.lan", "192.168.1.5"]);
        for (url, expected) in [
            ("https://ntfy.sh/topic?a=b", "https://ntfy.sh /topic?a=b"),
            ("https://NTFY.sh:443", "https://NTFY.sh /"),
            ("https://[2606::1]:8443/x", "https://[2606::1]:8443 /x"),
            ("http://ntfy.lan/x", "http://ntfy.lan /x"),
            ("http://192.168.1.5:8080/x", "http://192.168.1.5:8080 /x"),
            ("http://ntfy.sh/topic", "the address is not encrypted"),
            ("https://user:word@ntfy.sh/", "the address has a user name"),
            ("ntfy.sh/topic", "this is no address"),
            ("ftp://ntfy.sh/topic", "this is no address"),
            ("file:///etc/passwd", "this is no address"),
            ("https:///path", "this is no address"),
            ("https://host:99999/", "this is no address"),
            ("https://ho st/", "this is no address"),
            ("", "this is no address"),
        ] {
            let shown = match Target::of(url, &allowed) {
                Ok(target) => format!("{} {}", target.origin(), target.path),
                Err(error) => error.to_string(),
            };
            assert!(shown.starts_with(expected), "{url}: {shown}");
        }
        assert_eq!(Target::of(&format!("https://h/{}", "x".repeat(3_000)), &allowed), Err(TargetError::TooLong));
    }

    #[test]
    fn where_an_answer_leads_is_an_address_like_others() {
        let allowed = Allowed::new(["ntfy.lan"]);
        let start = Target::of("https://a.example/x", &allowed).unwrap();
        for (location, expected) in [
            ("/y", Ok("https://a.example")),
            ("https://b.example/y", Ok("https://b.example")),
            ("http://b.example/y", Err(TargetError::NotEncrypted)),
            ("http://ntfy.lan/y", Err(TargetError::NotEncrypted)),
            ("//b.example/y", Err(TargetError::NotUnderstood)),
            ("y", Err(TargetError::NotUnderstood)),
        ] {
            assert_eq!(start.joined(location, &allowed).map(|target| target.origin()), expected.map(str::to_owned));
        }
    }
}
