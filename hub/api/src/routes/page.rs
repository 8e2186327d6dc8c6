//! The web app (`hub/web`), as it was built into the hub: each file in its gzip form.

use std::io::Read;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use rust_embed::{Embed, EmbeddedFile};

use super::accepts;
use crate::guard::Access;
use crate::problem::Problem;
use crate::random::hex;
use crate::table::Route;

#[derive(Embed)]
#[folder = "../web/dist"]
struct App;

/// What the app is made of, by the endings of its files.
const MEDIA_TYPES: [(&str, &str); 7] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
];

/// Files of the app that browsers look for at these places. All others carry a hash of what is in them in their name.
const AT_THE_TOP: [&str; 5] =
    ["/manifest.webmanifest", "/service-worker.js", "/icon-192.png", "/icon-512.png", "/icon-512-maskable.png"];

pub(super) fn routes() -> Vec<Route> {
    let part = |path: &'static str, handler| {
        Route::new(Method::GET, path, Access::Public, handler, "A part of the web app").hidden()
    };
    let top = AT_THE_TOP.map(|path| part(path, get(async move |headers: HeaderMap| file(&headers, path))));
    let fixed = [
        part("/", get(async |headers: HeaderMap| index(&headers))),
        part("/assets/{name}", get(asset)),
        part("/icon.svg", get(async || serve("image/svg+xml", include_str!("../../../web/public/icon.svg")))),
        part("/plain.css", get(async || serve("text/css; charset=utf-8", include_str!("../../page/plain.css")))),
    ];
    fixed.into_iter().chain(top).collect()
}

/// A part of a page that stands beside the app.
pub(super) fn serve(media_type: &'static str, text: impl IntoResponse) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(header::CACHE_CONTROL, ASKED_ANEW);
    response
}

/// What is asked of no other path: the app has addresses of its own within the page.
pub(crate) async fn elsewhere(request: Request) -> Response {
    let headers = request.headers();
    let wants_page = matches!(*request.method(), Method::GET | Method::HEAD)
        && !request.uri().path().starts_with("/api/")
        && headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept.to_str().is_ok_and(|list| list.contains("text/html")));
    if wants_page { index(headers) } else { Problem::no_route().into_response() }
}

/// An updated hub must not be driven by an old page.
const ASKED_ANEW: HeaderValue = HeaderValue::from_static("no-cache");
/// What never changes under its name.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

fn index(headers: &HeaderMap) -> Response {
    match App::get("index.html.gz") {
        Some(found) => answer(headers, "index.html", found),
        None => serve("text/html; charset=utf-8", include_str!("../../page/not_built.html")),
    }
}

fn file(headers: &HeaderMap, path: &str) -> Response {
    let name = path.trim_start_matches('/');
    match App::get(&format!("{name}.gz")) {
        Some(found) => answer(headers, name, found),
        None => Problem::no_route().into_response(),
    }
}

async fn asset(headers: HeaderMap, Path(name): Path<String>) -> Response {
    let mut response = file(&headers, &format!("assets/{name}"));
    if response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CACHE_CONTROL, KEPT);
    }
    response
}

/// A file of the app, as the client takes it; nothing where the client has it already.
fn answer(headers: &HeaderMap, name: &str, found: EmbeddedFile) -> Response {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let media_type =
        MEDIA_TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |one| one.1);
    let hash = found.metadata.sha256_hash();
    let tag = format!("\"{}\"", hex(hash.get(..8).unwrap_or_default()));
    let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
    let mut response = if crate::etag::is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if accepts(headers, &header::ACCEPT_ENCODING, "gzip") {
        ([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], found.data).into_response()
    } else {
        let mut plain = Vec::new();
        match GzDecoder::new(&*found.data).read_to_end(&mut plain) {
            Ok(_) => plain.into_response(),
            Err(_) => Problem::no_route().into_response(),
        }
    };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    own.insert(header::CACHE_CONTROL, ASKED_ANEW);
    own.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    own.insert(header::ETAG, tag);
    response
}
