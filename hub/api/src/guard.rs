//! What each request passes before its handler: which host it calls, from where it comes, who it is.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hub_access::{Action, Part, Via};
use hub_model::household::{Account, Role};
use hub_model::{AccountId, Cause, Said};

use crate::api::{App, Door, Shared};
use crate::auth::Grant;
use crate::cookie;
use crate::problem::Problem;
use crate::tls::names;

/// What begins so is about the certificate, and must be reached before it is trusted.
pub(crate) const CERTIFICATE_PATH: &str = "/certificate";

/// Names an account, by id or user name, with whose eyes an owner looks.
pub(crate) const VIEW_AS: HeaderName = HeaderName::from_static("view-as");

/// Who may use a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// Anybody, from everywhere: status, set-up, the page.
    Public,
    /// Anybody who may send secrets this way: login, stream.
    Entry,
    /// Who has a token or a cookie, or comes by the local socket; the handler asks for each thing that it touches.
    Signed,
    /// Of those, who may do this to this part of the hub.
    May(Action, Part),
}

impl Access {
    /// Whether one must say who one is.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::May(..))
    }
}

/// Where a connection comes from, for who serves [`crate::Api::router`] himself: an extension of each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// That a request came by TLS, for who serves [`crate::Api::router`] himself: an extension of each such request. Cookies
/// are `Secure` then.
#[derive(Clone, Copy, Debug)]
pub struct Secure;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// Nobody in particular.
    Nobody,
    /// Who may open the local socket.
    Local,
    /// Who holds this token.
    Token(Arc<Grant>),
}

/// Who asks and from where, for handlers.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    /// The address; none by the local socket.
    pub(crate) source: Option<IpAddr>,
    /// With whose eyes an owner looks.
    pub(crate) seen_as: Option<AccountId>,
    /// Whether it came by TLS.
    pub(crate) is_secure: bool,
    /// Whether it went over a network that nobody vouches for, for everybody there to read.
    pub(crate) is_in_the_clear: bool,
}

impl Caller {
    /// The account on whose behalf things are done.
    pub(crate) fn account(&self, app: &Shared) -> Option<Arc<Account>> {
        match &self.identity {
            Identity::Nobody => None,
            Identity::Local => app.accounts.owner(),
            Identity::Token(grant) => Some(Arc::clone(&grant.account)),
        }
    }

    /// By which door they come.
    pub(crate) fn via(&self) -> Via {
        if matches!(self.identity, Identity::Local) { Via::LocalSocket } else { Via::Lan }
    }

    /// The same where there has to be one.
    pub(crate) fn own_account(&self, app: &Shared) -> Result<Arc<Account>, Problem> {
        self.account(app).ok_or_else(|| {
            Problem::conflict("not_claimed", "The hub has no owner yet.", "Set it up first (POST /api/v1/setup).")
        })
    }

    /// The one question of accounts, sessions and the audit log: is it an owner? Whoever sits at the hub itself is.
    pub(crate) fn must_be_owner(&self) -> Result<(), Problem> {
        let is_owner = match &self.identity {
            Identity::Nobody => false,
            Identity::Local => true,
            Identity::Token(grant) => grant.account.role == Role::Owner,
        };
        if is_owner {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "owner_only",
            "Only an owner of this hub may do that.",
            "Ask an owner of this hub.",
        ))
    }

    /// What is done, is done because of this.
    pub(crate) fn cause(&self, app: &Shared) -> Cause {
        let account = self.account(app).map_or_else(|| AccountId::new("local"), |account| account.id.clone());
        let via = if matches!(self.identity, Identity::Local) { "cli" } else { "api" };
        Cause::Person { account, via: via.into() }
    }

    /// Whether the ids of webhooks, which open doors, are not for it to see: it may look but not act, or is not told of
    /// them.
    pub(crate) fn is_kept_from_secrets(&self, app: &Shared) -> bool {
        let may_only_look = match &self.identity {
            Identity::Nobody => true,
            Identity::Local => false,
            Identity::Token(grant) => grant.token.scope.is_some(),
        };
        may_only_look || self.may(app, Action::See, Part::Webhooks).is_err()
    }

    /// Whether it comes from this machine.
    pub(crate) fn is_at_home(&self) -> bool {
        matches!(self.identity, Identity::Local)
            || self.source.is_some_and(|source| source.to_canonical().is_loopback())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::unauthorized(Said::new("nobody", "Nobody said who you are.")))
    }
}

/// A source as a whole, for what is counted per source: an IPv6 address is one of 2⁶⁴ that its holder may use.
pub(crate) fn source_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

/// What stands before one path.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) app: App,
    pub(crate) door: Door,
    pub(crate) access: Access,
    /// How many bytes the body may have.
    pub(crate) body_max: usize,
}

/// Lets a request through to its handler, or says why not.
pub(crate) async fn gate(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let caller = match check(&gate, request.method(), request.headers(), request.extensions()) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let key = (request.method() == Method::POST).then(|| request.headers().get("idempotency-key").cloned()).flatten();
    let user = match &caller.identity {
        Identity::Nobody => "",
        Identity::Local => "local",
        Identity::Token(grant) => grant.account.id.as_str(),
    }
    .to_owned();
    let room = gate.app.bodies.room(&caller.identity, gate.body_max);
    request.extensions_mut().insert(room.clone());
    request.extensions_mut().insert(caller);
    let response = match key {
        Some(key) => gate.app.idempotency.run(&gate.app, &user, &key, request, next).await,
        None => next.run(request).await,
    };
    // What was read of the body is held until here.
    drop(room);
    response
}

fn check(gate: &Gate, method: &Method, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Problem> {
    if gate.door == Door::LocalSocket {
        return permitted(
            gate,
            method,
            headers,
            Caller { identity: Identity::Local, source: None, is_secure: false, is_in_the_clear: false, seen_as: None },
        );
    }
    let source = source(extensions);
    let is_secure = extensions.get::<Secure>().is_some();
    let is_in_the_clear = is_in_the_clear(&gate.app, extensions);
    if gate.access != Access::Public && is_in_the_clear {
        return Err(plain_http(&gate.app));
    }
    let identity = identify(&gate.app, method, headers, is_secure)?;
    match &identity {
        Identity::Nobody if gate.access.is_signed() => {
            let for_presence =
                bearer(headers).and_then(|token| gate.app.sessions.find_for_presence(token, gate.app.now()));
            let detail = if for_presence.is_some() {
                Said::new("presence_token", "This token may only say where its person is, as a phone's app does.")
            } else if headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE) {
                Said::new("session_over", "The token is not valid (any more).")
            } else {
                Said::new("nobody", "This needs a token.")
            };
            return Err(Problem::unauthorized(detail));
        }
        Identity::Token(grant)
            if grant.token.scope.as_deref() == Some("read") && !is_safe(method) && gate.access.is_signed() =>
        {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "read_only_token",
                "This token may only look.",
                "Use a token without the scope read.",
            ));
        }
        _ => {}
    }
    if let Identity::Token(grant) = &identity {
        gate.app.sessions.note_use(&gate.app.core, grant, gate.app.now());
    }
    permitted(gate, method, headers, Caller { identity, source, is_secure, is_in_the_clear, seen_as: None })
}

/// Whether who asks may use this path, and with whose eyes they look.
fn permitted(gate: &Gate, method: &Method, headers: &HeaderMap, mut caller: Caller) -> Result<Caller, Problem> {
    let app = &gate.app;
    if gate.access.is_signed() {
        caller.seen_as = seen_as(app, method, headers, &caller)?;
    }
    if let Access::May(action, part) = gate.access {
        caller.may(app, action, part)?;
    }
    Ok(caller)
}

/// An owner may look with somebody else's eyes, to see what they see. Only look: what is done, is done by oneself.
fn seen_as(app: &Shared, method: &Method, headers: &HeaderMap, caller: &Caller) -> Result<Option<AccountId>, Problem> {
    let Some(name) = headers.get(VIEW_AS) else { return Ok(None) };
    let is_owner = caller
        .account(app)
        .is_some_and(|account| app.core.snapshot().permissions.role(&account.id) == Some(Role::Owner));
    if !is_owner || !is_safe(method) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            Said::new("view_as", "Only an owner looks with somebody else's eyes, and only looks."),
            "Leave the header View-As out.",
        ));
    }
    let name = name.to_str().unwrap_or("");
    let entry = app.accounts.find_either(name);
    entry.map(|entry| Some(entry.account.id.clone())).ok_or_else(|| Problem::not_found("user", name))
}

fn source(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical())
}

/// Whether a request went over a network that nobody vouches for, for everybody there to read.
fn is_in_the_clear(app: &Shared, extensions: &Extensions) -> bool {
    extensions.get::<Secure>().is_none()
        && !app.options.http_everywhere
        && !source(extensions).is_some_and(|source| source.is_loopback())
}

/// What can be read by everybody on the network is refused.
pub(crate) fn plain_http(app: &Shared) -> Problem {
    let remedy = match &app.options.tls {
        Some(tls) => format!("Use https:// and port {}", tls.port),
        None => "Ask from the hub's own machine".to_owned(),
    };
    Problem::new(
        StatusCode::FORBIDDEN,
        "plain_http",
        "Over plain HTTP other machines get the set-up, the certificate and the status only.",
        format!("{remedy}, or set http = true in the hub's configuration if you trust this network."),
    )
}

/// Where a person with a browser is sent from plain HTTP: a new hub is claimed there, its certificate is there, and all
/// else is encrypted.
fn encrypted_place(app: &Shared, request: &Request) -> Option<String> {
    let tls = app.options.tls.as_ref()?;
    let headers = request.headers();
    let accepts = headers.get(header::ACCEPT)?.to_str().ok()?;
    let (path, is_new) = (request.uri().path(), !app.accounts.is_claimed());
    let is_for_all = path.starts_with(CERTIFICATE_PATH) || path == "/" && is_new;
    if is_for_all
        || !matches!(*request.method(), Method::GET | Method::HEAD)
        || !accepts.contains("text/html")
        || !is_in_the_clear(app, request.extensions())
    {
        return None;
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let rest = request.uri().path_and_query().map_or("/", |rest| rest.as_str());
    Some(format!("https://{}:{}{rest}", without_port(host), tls.port))
}

/// The name or address of a host that is written with its port.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whose token or cookie a request carries.
fn identify(app: &Shared, method: &Method, headers: &HeaderMap, is_secure: bool) -> Result<Identity, Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        let grant = bearer(headers).and_then(|token| app.sessions.find(token, app.now()));
        return Ok(grant.map_or(Identity::Nobody, Identity::Token));
    }
    let Some(grant) = cookie::token(headers, is_secure).and_then(|token| app.sessions.find(token, app.now())) else {
        return Ok(Identity::Nobody);
    };
    if !is_safe(method) {
        check_origin(headers, is_secure)?;
    }
    Ok(Identity::Token(grant))
}

/// The token in the header Authorization (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A browser says by which page it is driven: with a cookie only the hub's own page may change things. What comes
/// encrypted does not come from a page in the clear, which anybody on the network can forge.
pub(crate) fn check_origin(headers: &HeaderMap, is_secure: bool) -> Result<(), Problem> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let own = origin
        .and_then(|origin| {
            let plain = || origin.strip_prefix("http://").filter(|_| !is_secure);
            origin.strip_prefix("https://").or_else(plain)
        })
        .zip(host)
        .is_some_and(|(origin, host)| origin.eq_ignore_ascii_case(host));
    if own {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "The request comes from a page that is not the hub's.",
        "Programs use a token in the header Authorization; the cookie is for the hub's own page.",
    ))
}

/// What is said with every answer. Nothing inline, nothing from elsewhere, in no frame.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// Around everything: the name by which the hub is called, and the headers of every answer.
pub(crate) async fn outer(State((app, door)): State<(App, Door)>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let known = door == Door::LocalSocket || host.is_some_and(|host| is_own_host(&app, host));
    let elsewhere = if known && door == Door::Network { encrypted_place(&app, &request) } else { None };
    let mut response = match elsewhere.and_then(|place| HeaderValue::try_from(place).ok()) {
        Some(place) => (StatusCode::FOUND, [(header::LOCATION, place)]).into_response(),
        None if known => next.run(request).await,
        None => misdirected(host).into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in &SECURITY_HEADERS {
        headers.insert(name, value.clone());
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn misdirected(host: Option<&str>) -> Problem {
    let shown: String = host.unwrap_or("(none)").chars().take(128).collect();
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        format!("The hub is not called {shown}."),
        "Call it by its address, localhost or its .local name, or add the name to allowed_hosts in its configuration.",
    )
}

/// Whether the hub goes by this name: a page of elsewhere whose name suddenly leads here (DNS rebinding) must get
/// nothing.
fn is_own_host(app: &Shared, host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if port.is_empty() || port.starts_with(':') => {
                return address.parse::<Ipv6Addr>().is_ok();
            }
            _ => return false,
        },
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.trim_end_matches('.');
    if name.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    name.eq_ignore_ascii_case(names::SHARED_HOST)
        || name.eq_ignore_ascii_case(&names::host_name(&app.hub_id))
        || app.options.allowed_hosts.iter().any(|allowed| allowed.trim_end_matches('.').eq_ignore_ascii_case(name))
}
