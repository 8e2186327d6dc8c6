//! The built-in page: claim, log in, see the home live.

use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::guard::Access;
use crate::table::Route;

pub(super) fn routes() -> Vec<Route> {
    let part = |path: &'static str, media_type: &'static str, text: &'static str| {
        let handler = get(async move || serve(media_type, text));
        Route::new(Method::GET, path, Access::Public, handler, "A part of the page").hidden()
    };
    vec![
        part("/", "text/html; charset=utf-8", include_str!("../../page/index.html")),
        part("/page.css", "text/css; charset=utf-8", include_str!("../../page/page.css")),
        part("/page.js", "text/javascript; charset=utf-8", include_str!("../../page/page.js")),
        part("/icon.svg", "image/svg+xml", include_str!("../../page/icon.svg")),
    ]
}

/// A part of a page.
pub(super) fn serve(media_type: &'static str, text: impl IntoResponse) -> Response {
    // Asked for anew each time: it is small, and an updated hub must not be driven by an old page.
    let cache = HeaderValue::from_static("no-cache");
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}
