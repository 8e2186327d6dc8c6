//! All paths.

mod areas;
mod audit;
mod automations;
mod certificate;
mod check;
mod commands;
mod devices;
mod driver_backup;
mod drivers;
mod energy;
mod groups;
mod history;
mod home;
mod hub;
mod login;
mod maintenance;
mod me;
mod messages;
mod network;
mod page;
mod people;
mod permissions;
mod refused;
mod preferences;
mod presence;
mod provisioning;
mod scenes;
mod revisions;
mod replay;
mod second_factor;
mod sessions;
mod setup;
mod tokens;
mod users;
mod why;
mod webhooks;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(crate) use page::elsewhere;

use crate::table::Route;

/// The table of all paths.
pub(crate) fn all() -> Vec<Route> {
    [
        hub::routes(),
        setup::routes(),
        login::routes(),
        tokens::routes(),
        users::routes(),
        me::routes(),
        sessions::routes(),
        second_factor::routes(),
        audit::routes(),
        home::routes(),
        devices::routes(),
        commands::routes(),
        history::routes(),
        energy::routes(),
        areas::routes(),
        drivers::routes(),
        network::routes(),
        maintenance::routes(),
        driver_backup::routes(),
        provisioning::routes(),
        groups::routes(),
        automations::routes(),
        revisions::routes(),
        why::routes(),
        scenes::routes(),
        people::routes(),
        permissions::routes(),
        refused::routes(),
        presence::routes(),
        preferences::routes(),
        messages::routes(),
        webhooks::routes(),
        check::routes(),
        replay::routes(),
        page::routes(),
        certificate::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer of JSON text.
fn json_text(status: StatusCode, text: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], text.into()).into_response()
}

/// An answer of JSON.
fn json(status: StatusCode, body: &impl Serialize) -> Response {
    json_text(status, serde_json::to_vec(body).unwrap_or_default())
}

/// The same with a tag of the thing's version.
fn tagged(status: StatusCode, tag: HeaderValue, body: &impl Serialize) -> Response {
    let mut response = json(status, body);
    response.headers_mut().insert(header::ETAG, tag);
    response
}

/// The same with the path of what was made.
fn located(mut response: Response, path: &str, id: &str) -> Response {
    if let Ok(location) = HeaderValue::try_from(format!("{path}/{}", url_encoded(id))) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// An id as part of a path.
pub(super) fn url_encoded(id: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    id.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Whether a header's list of values has one of this name that is not weighed 0.
fn accepts(headers: &HeaderMap, name: &header::HeaderName, wanted: &str) -> bool {
    let lists = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        named && !parts.any(|part| matches!(part.replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path with a word where another has an id hides what has that word as its id.
    #[test]
    fn words_in_the_place_of_ids_are_reserved() {
        for (things, naming) in [
            ("automations", hub_model::name::AUTOMATIONS),
            ("scenes", hub_model::name::SCENES),
            ("areas", hub_model::name::AREAS),
        ] {
            let beside = format!("/api/v1/{things}/");
            let mut words: Vec<&str> = all()
                .iter()
                .filter_map(|route| route.path.strip_prefix(&*beside)?.split('/').next())
                .filter(|word| !word.starts_with('{'))
                .collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words, naming.reserved, "{things}");
        }
    }

    #[test]
    fn ids_are_encoded_for_paths() {
        assert_eq!(url_encoded("zigbee:0x1/ü"), "zigbee%3A0x1%2F%C3%BC");
    }

    #[test]
    fn acceptance_is_read_with_its_weights() {
        for (list, accepted) in
            [("gzip", true), ("br, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(list));
            assert_eq!(accepts(&headers, &header::ACCEPT_ENCODING, "gzip"), accepted, "{list}");
        }
    }
}
