//! The cookie of a browser's session. Where it was made encrypted its name begins with `__Host-` (RFC 6265bis, section
//! 4.1.3.2): browsers take such a cookie only encrypted, from this host and for all of its paths, so that nobody who
//! meddles with plain HTTP puts another in its place. In the clear it keeps its plain name. Each is read only where it
//! was made.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// Its name where the connection is encrypted.
pub(crate) const ENCRYPTED: &str = "__Host-hearth_session";
/// Its name in the clear: on the hub's own machine, and behind a proxy that ends TLS.
pub(crate) const PLAIN: &str = "hearth_session";

/// The token in the cookie that belongs to this kind of connection.
pub(crate) fn token(headers: &HeaderMap, is_encrypted: bool) -> Option<&str> {
    let wanted = if is_encrypted { ENCRYPTED } else { PLAIN };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, token)| token)
}

/// Gives the browser its cookie for so many seconds. Encrypted, one that it had in the clear ends.
pub(crate) fn set(response: &mut Response, headers: &HeaderMap, token: &str, max_age: u64, is_encrypted: bool) {
    if is_encrypted {
        add(response, format!("{ENCRYPTED}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict; Secure"));
        add(response, format!("{PLAIN}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"));
        return;
    }
    // Behind a proxy's TLS it must not go out in the clear either.
    let by_proxy = headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"));
    let secure = if by_proxy { "; Secure" } else { "" };
    add(response, format!("{PLAIN}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}"));
}

/// Takes it back.
pub(crate) fn end(response: &mut Response, headers: &HeaderMap, is_encrypted: bool) {
    set(response, headers, "", 0, is_encrypted);
}

fn add(response: &mut Response, cookie: String) {
    if let Ok(mut cookie) = HeaderValue::try_from(cookie) {
        cookie.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
