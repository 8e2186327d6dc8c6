//! The certificate of the hub's own authority, and how to make a device trust it. Reached in the clear: who does not
//! trust it yet comes here first.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::{App, Shared, TlsDoor};
use crate::guard::{Access, without_port};
use crate::problem::Problem;
use crate::routes::page;
use crate::table::Route;
use crate::tls::{AuthorityCertificate, Fingerprint, names};

pub(super) fn routes() -> Vec<Route> {
    let part = |path: &'static str, handler| {
        Route::new(Method::GET, path, Access::Public, handler, "A part of the certificate's page").hidden()
    };
    vec![
        part("/certificate", get(show)),
        part("/certificate.pem", get(async |State(app): State<App>| give(&app, &PEM))),
        part("/certificate.crt", get(async |State(app): State<App>| give(&app, &DER))),
        part("/certificate.mobileconfig", get(async |State(app): State<App>| give(&app, &PROFILE))),
        part(
            "/certificate.css",
            get(async || page::serve("text/css; charset=utf-8", include_str!("../../page/certificate.css"))),
        ),
    ]
}

/// A form in which the certificate is given.
struct Form {
    ending: &'static str,
    media_type: &'static str,
    body: fn(&AuthorityCertificate, &str) -> Vec<u8>,
}

const PEM: Form = Form {
    ending: "pem",
    media_type: "application/x-pem-file",
    body: |authority, _| authority.pem.as_bytes().to_vec(),
};
const DER: Form =
    Form { ending: "crt", media_type: "application/x-x509-ca-cert", body: |authority, _| authority.der.to_vec() };
const PROFILE: Form = Form {
    ending: "mobileconfig",
    media_type: "application/x-apple-aspen-config",
    body: |authority, name| authority.profile(name).into_bytes(),
};

/// The hub's own authority; none where the owner brought a certificate or there is no HTTPS.
fn authority(app: &Shared) -> Result<(&TlsDoor, AuthorityCertificate), Problem> {
    let door = app.options.tls.as_ref();
    door.and_then(|door| Some((door, door.certificates.authority()?))).ok_or_else(|| {
        let (detail, hint) = match door {
            Some(_) => ("The hub has a certificate of its owner's.", "There is nothing to install for it."),
            None => ("The hub is not served by HTTPS at present.", "Its alerts say why."),
        };
        Problem::new(StatusCode::NOT_FOUND, "no_certificate", detail, hint)
    })
}

fn give(app: &Shared, form: &Form) -> Result<Response, Problem> {
    let (_, authority) = authority(app)?;
    let tail = names::tail(&app.hub_id);
    let body = (form.body)(&authority, &format!("Hearth hub {tail}"));
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type));
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"hearth-{tail}.{}\"", form.ending)) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let (door, authority) = authority(&app)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).map_or("localhost", without_port);
    let text = include_str!("../../page/certificate.html")
        .replace("{address}", &escaped(&format!("https://{host}:{}", door.port)))
        .replace("{name}", &escaped(&format!("Hearth hub {}", names::tail(&app.hub_id))))
        .replace("{file}", &escaped(&format!("hearth-{}", names::tail(&app.hub_id))))
        .replace("{fingerprint}", &Fingerprint::of_certificate(&authority.der).in_pairs().replace(':', ":<wbr>"))
        .replace("{key}", &door.certificates.fingerprint().to_string());
    Ok(page::serve("text/html; charset=utf-8", text))
}

/// A text that stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
