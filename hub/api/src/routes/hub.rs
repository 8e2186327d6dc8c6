//! The hub itself: status, health, metrics, alerts, the live stream and the description of all paths.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hub_access::{Action, Part};
use hub_model::event::{Alert, DriverState};
use hub_model::{Availability, Said};

use crate::api::App;
use crate::extract::Query;
use crate::guard::{Access, Caller, Identity, check_origin};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::seen::sees_alert;
use crate::table::{AnyObject, Route};
use crate::wire::driver::DriverBody;
use crate::wire::event::EventBody;
use crate::wire::household::AlertBody;
use crate::wire::session::{CaughtUpBody, Status, StoreBody, System, TlsBody, TroubleBody};
use crate::{openapi, routes, stream};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/status", Access::Public, get(status), "Says what this is and how it is")
            .answers::<Status<'static>>(200, "For anybody."),
        Route::new(
            Method::GET,
            "/api/v1/system",
            Access::May(Action::See, Part::System),
            get(system),
            "Says more of the hub's own health",
        )
        .answers::<System<'static>>(200, "By the local socket with the set-up code while there is one."),
        Route::new(
            Method::GET,
            "/api/v1/alerts",
            Access::May(Action::See, Part::Alerts),
            get(alerts),
            "Lists what needs a person now",
        )
        .query::<PageQuery>()
        .answers::<Page<AlertBody<'static>>>(200, "By code."),
        Route::new(
            Method::GET,
            "/api/v1/stream",
            Access::Entry,
            get(open_stream),
            "WebSocket: a picture of the home, then every event; the messages are the schemas ClientMessage, \
             ServerMessage, StreamSnapshot and Event",
        )
        .answers_nothing(
            101,
            "Send {\"type\":\"auth\",\"token\":…}, then {\"type\":\"subscribe\",\"id\":1}. All messages are text, but for \
             the snapshots of who subscribed with \"gzip\":true.",
        )
        .speaks_of::<stream::ClientMessage>()
        .speaks_of::<stream::ServerMessage<'static>>()
        .speaks_of::<stream::Picture<'static>>()
        .speaks_of::<EventBody<'static>>()
        .problems(&[400, 401, 403, 421, 426, 503]),
        Route::new(Method::GET, "/api/v1/openapi.json", Access::Public, get(describe), "Describes all of this")
            .answers::<AnyObject>(200, "OpenAPI 3.1."),
        Route::new(Method::GET, "/healthz", Access::Public, get(healthy), "Answers while the hub runs")
            .answers_as::<String>(200, "text/plain", "It runs."),
        Route::new(Method::GET, "/readyz", Access::Public, get(ready), "Answers 200 once everything is restored")
            .answers_as::<String>(200, "text/plain", "It is ready.")
            .problems(&[503]),
        Route::new(
            Method::GET,
            "/metrics",
            Access::Public,
            get(metrics),
            "Counts for Prometheus, no secrets; from this machine without a token, else with one",
        )
        .answers_as::<String>(200, "text/plain", "Prometheus text.")
        .problems(&[401]),
    ]
}

async fn status(State(app): State<App>) -> Response {
    let snapshot = app.core.snapshot();
    let body = Status {
        product: "hearth",
        version: &app.version,
        hub_id: &app.hub_id,
        name: &snapshot.home.name,
        state: app.state(),
        ready: snapshot.ready,
        tls: app.options.tls.as_ref().map(TlsBody::new),
    };
    routes::json(StatusCode::OK, &body)
}

async fn system(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let store = app.read_archive(|archive| archive.status()).await?;
    let snapshot = app.core.snapshot();
    let now = app.clock.now();
    let is_local = matches!(caller.identity, Identity::Local);
    let setup_code = if is_local { app.setup_code.current(now.mono, &*app.random) } else { None };
    let troubles =
        store.troubles.iter().map(|trouble| TroubleBody { code: trouble.code, text: trouble.text.to_string() });
    let body = System {
        version: &app.version,
        hub_id: &app.hub_id,
        name: &snapshot.home.name,
        state: app.state(),
        ready: snapshot.ready,
        tls: app.options.tls.as_ref().map(TlsBody::new),
        time: now.time(),
        time_trust: now.wall.trust,
        uptime_seconds: now.mono.since(app.started).as_secs(),
        devices: snapshot.devices.len(),
        automations: snapshot.automations.len(),
        streams: app.streams.load(Ordering::Relaxed),
        store: StoreBody {
            bytes_written_today: store.bytes_written_today,
            size_bytes: store.size_bytes,
            troubles: troubles.collect(),
        },
        drivers: snapshot.drivers.iter().map(|driver| DriverBody::new(driver, &snapshot)).collect(),
        alerts: snapshot.alerts.iter().map(AlertBody::new).collect(),
        caught_up: CaughtUpBody::new(&snapshot),
        setup_code: setup_code.as_ref().map(hub_model::household::Secret::reveal),
    };
    Ok(routes::json(StatusCode::OK, &body))
}

async fn alerts(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    let (eyes, now) = (caller.eyes(&app), app.clock.now());
    let seen = |alert: &&Alert| sees_alert(&snapshot, alert, &eyes, &now);
    let mut alerts: Vec<_> = snapshot.alerts.iter().filter(seen).collect();
    alerts.sort_by(|left, right| left.code.cmp(&right.code));
    let page = page(&alerts, &query, |alert| &alert.code, |alert| AlertBody::new(alert))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn open_stream(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    // A browser sends the cookie with a stream that any page opens.
    let by_cookie = matches!(caller.identity, Identity::Token(_)) && !headers.contains_key(header::AUTHORIZATION);
    if by_cookie {
        check_origin(&headers, caller.is_secure)?;
    }
    if app.closing.is_cancelled() {
        return Err(Problem::busy("The hub is stopping."));
    }
    let (response, upgrade) = stream::accept(request).ok_or_else(|| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "This path is a WebSocket.",
            "Connect with a WebSocket client (Upgrade: websocket, version 13).",
        )
    })?;
    tokio::spawn(stream::open(app, upgrade, caller.identity));
    Ok(response)
}

async fn describe() -> Response {
    static DOCUMENT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let text = DOCUMENT.get_or_init(|| openapi::document().to_json().unwrap_or_default());
    routes::json_text(StatusCode::OK, text.as_str())
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.core.snapshot().ready {
        return Ok("ready\n");
    }
    let hint = "Wait a moment; devices and rules that are restored already work.";
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "The hub is still restoring.", hint))
}

async fn metrics(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Response, Problem> {
    if !caller.is_at_home() && matches!(caller.identity, Identity::Nobody) {
        return Err(Problem::unauthorized(Said::new("nobody", "From another machine this needs a token.")));
    }
    if !matches!(caller.identity, Identity::Nobody) {
        caller.may(&app, Action::See, Part::System)?;
    }
    let store = app.read_archive(|archive| archive.status()).await?;
    let snapshot = app.core.snapshot();
    let online = |wanted: Availability| snapshot.devices.iter().filter(|device| device.availability == wanted).count();
    let drivers_online = snapshot.drivers.iter().filter(|driver| driver.status.state == DriverState::Online).count();
    let restarts: u64 = snapshot.drivers.iter().map(|driver| driver.restarts).sum();
    let runs: usize = snapshot.automations.iter().map(|automation| automation.status.active_runs).sum();
    let uptime = app.clock.now().mono.since(app.started).as_secs();
    let gauges: [(&str, &str, &str, u64); 16] = [
        ("hearth_ready", "gauge", "1 once everything is restored.", u64::from(snapshot.ready)),
        ("hearth_uptime_seconds", "gauge", "Since the start.", uptime),
        ("hearth_events_total", "counter", "Number of the last event.", snapshot.seq),
        ("hearth_devices", "gauge", "Devices.", snapshot.devices.len() as u64),
        ("hearth_devices_online", "gauge", "Devices that answer.", online(Availability::Online) as u64),
        ("hearth_devices_offline", "gauge", "Devices that do not.", online(Availability::Offline) as u64),
        ("hearth_drivers", "gauge", "Drivers.", snapshot.drivers.len() as u64),
        ("hearth_drivers_online", "gauge", "Drivers that talk to their bus.", drivers_online as u64),
        ("hearth_driver_restarts_total", "counter", "Starts of drivers after errors.", restarts),
        ("hearth_automations", "gauge", "Rules.", snapshot.automations.len() as u64),
        ("hearth_automation_runs", "gauge", "Runs under way.", runs as u64),
        ("hearth_alerts", "gauge", "What needs a person.", snapshot.alerts.len() as u64),
        ("hearth_streams", "gauge", "Open WebSockets.", app.streams.load(Ordering::Relaxed) as u64),
        ("hearth_tokens", "gauge", "Valid tokens.", app.sessions.count() as u64),
        ("hearth_password_checks_total", "counter", "Passwords and PINs that were checked.", app.passwords.checked()),
        ("hearth_store_bytes_written_today", "gauge", "To the disk since midnight.", store.bytes_written_today),
    ];
    let mut text = String::new();
    for (name, metric_type, help, value) in gauges {
        // Writing to a String cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {metric_type}\n{name} {value}\n");
    }
    let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}
