//! Set-up, login, tokens and the hub itself on the wire.

use hub_core::Snapshot;
use hub_model::Timestamp;
use hub_model::household::{Secret, Token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::TlsDoor;
use crate::auth::OpenedSession;
use crate::tls::Fingerprint;

/// What anybody may know of the hub.
#[derive(Serialize, ToSchema)]
pub(crate) struct Status<'a> {
    /// Always `hearth`.
    pub(crate) product: &'a str,
    pub(crate) version: &'a str,
    pub(crate) hub_id: &'a str,
    pub(crate) name: &'a str,
    /// `new` or `claimed`.
    pub(crate) state: &'a str,
    /// Everything that was to be restored is.
    pub(crate) ready: bool,
    /// How it is reached encrypted, and recognised.
    pub(crate) tls: Option<TlsBody>,
}

/// The encrypted door.
#[derive(Serialize, ToSchema)]
#[schema(as = Tls)]
pub(crate) struct TlsBody {
    /// The port of HTTPS.
    port: u16,
    /// SHA-256 of the public key (SubjectPublicKeyInfo) by which the hub is recognised, in hexadecimal: that of its own
    /// certificate authority, or of the owner's certificate.
    fingerprint: String,
    /// SHA-256 of the authority's certificate, as phones show it when it is installed; null if the owner has a
    /// certificate of another authority.
    certificate_fingerprint: Option<String>,
}

impl TlsBody {
    pub(crate) fn new(door: &TlsDoor) -> Self {
        let authority = door.certificates.authority();
        Self {
            port: door.port,
            fingerprint: door.certificates.fingerprint().to_string(),
            certificate_fingerprint: authority.map(|authority| Fingerprint::of_certificate(&authority.der).in_pairs()),
        }
    }
}

/// Claims a new hub.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSetup {
    /// Printed at the first start, shown by `hearth status`, in the file `setup-code` of the data folder.
    #[schema(value_type = String)]
    pub(crate) setup_code: Secret,
    /// What people call the home; a recovery leaves the name as it is.
    #[serde(default)]
    pub(crate) home_name: Option<String>,
    pub(crate) owner: Credentials,
    /// Opens a session by cookie, for browsers.
    #[serde(default)]
    pub(crate) cookie: bool,
}

/// Asks whether a set-up code is right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupCodeCheck {
    /// As in set-up itself.
    #[schema(value_type = String)]
    pub(crate) setup_code: Secret,
}

/// Name and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    pub(crate) username: String,
    /// At least 8 characters.
    #[schema(value_type = String, min_length = 8, max_length = 1024)]
    pub(crate) password: Secret,
}

/// A login.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLogin {
    pub(crate) username: String,
    #[schema(value_type = String)]
    pub(crate) password: Secret,
    /// The second factor, if the account has one: six digits, or a recovery code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) code: Option<Secret>,
    /// Opens a session by cookie, for browsers.
    #[serde(default)]
    pub(crate) cookie: bool,
}

/// Takes an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    /// The code of the invitation.
    #[schema(value_type = String)]
    pub(crate) code: Secret,
    /// The second factor, if the account has one: six digits, or a recovery code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) totp: Option<Secret>,
    /// The new password: at least 8 characters.
    #[schema(value_type = String, min_length = 8, max_length = 1024)]
    pub(crate) password: Secret,
    /// Opens a session by cookie, for browsers.
    #[serde(default)]
    pub(crate) cookie: bool,
}

/// Asks for new tokens.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefresh {
    #[schema(value_type = String)]
    pub(crate) refresh_token: Secret,
}

/// An open session. By cookie there are no tokens to hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'a str>,
    /// Always `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'a str>,
    /// Seconds until the access token is void, or the cookie if nobody uses it.
    expires_in: u64,
    /// Gets new tokens once.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(opened: &'a OpenedSession) -> Self {
        let refresh_token = opened.refresh.as_ref().map(|refresh| refresh.text.reveal());
        Self {
            access_token: refresh_token.map(|_| opened.access.text.reveal()),
            token_type: refresh_token.map(|_| "Bearer"),
            expires_in: opened.expires_in.as_secs(),
            refresh_token,
        }
    }
}

/// A token for a program.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiToken {
    /// What people call it.
    pub(crate) name: String,
    /// `read` = may only look; `presence` = may only say where its person is; left out = all that its person may.
    #[serde(default)]
    pub(crate) scope: Option<String>,
    /// Until when; left out = until it is removed.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
}

/// A token that was just made. Its text is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedToken<'a> {
    pub(crate) id: &'a str,
    pub(crate) token: &'a str,
    #[serde(flatten)]
    pub(crate) about: TokenBody<'a>,
}

/// A token as it is listed.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct ListedToken<'a> {
    id: &'a str,
    #[serde(flatten)]
    about: TokenBody<'a>,
}

/// What is known of a token.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenAbout)]
pub(crate) struct TokenBody<'a> {
    name: &'a str,
    scope: Option<&'a str>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl<'a> TokenBody<'a> {
    pub(crate) fn new(token: &'a Token) -> Self {
        Self {
            name: &token.name,
            scope: token.scope.as_deref(),
            created_at: token.created_at,
            expires_at: token.expires_at,
        }
    }
}

impl<'a> ListedToken<'a> {
    pub(crate) fn new(token: &'a Token) -> Self {
        Self { id: token.id.as_str(), about: TokenBody::new(token) }
    }
}

/// What the owner sees of the hub itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct System<'a> {
    pub(crate) version: &'a str,
    pub(crate) hub_id: &'a str,
    pub(crate) name: &'a str,
    /// `new` or `claimed`.
    pub(crate) state: &'a str,
    pub(crate) ready: bool,
    pub(crate) tls: Option<TlsBody>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) time: Timestamp,
    /// How far the clock is to be trusted: `persisted`, `rtc`, `lan`, `person` or `ntp`.
    #[schema(value_type = String)]
    pub(crate) time_trust: hub_model::Trust,
    pub(crate) uptime_seconds: u64,
    pub(crate) devices: usize,
    pub(crate) automations: usize,
    /// Open WebSockets.
    pub(crate) streams: usize,
    pub(crate) store: StoreBody,
    pub(crate) drivers: Vec<super::driver::DriverBody<'a>>,
    pub(crate) alerts: Vec<super::household::AlertBody<'a>>,
    pub(crate) caught_up: CaughtUpBody<'a>,
    /// By the local socket only, while the hub is new or lets an owner in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) setup_code: Option<&'a str>,
}

/// What became of the rules that the last stop of the hub interrupted.
#[derive(Serialize, ToSchema)]
#[schema(as = CaughtUp)]
pub(crate) struct CaughtUpBody<'a> {
    /// When the hub was last alive before; none at the first start.
    #[schema(value_type = Option<String>, format = DateTime)]
    stopped_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// How many waits went on.
    resumed: usize,
    /// How much was done late.
    late: usize,
    /// How much was left out, as `catch_up` of the rule says.
    missed: usize,
    /// Each of them, the first hundred.
    runs: Vec<CaughtUpRunBody<'a>>,
}

/// What became of one run.
#[derive(Serialize, ToSchema)]
#[schema(as = CaughtUpRun)]
pub(crate) struct CaughtUpRunBody<'a> {
    automation: &'a str,
    /// What people call the rule.
    name: &'a str,
    run: &'a str,
    /// `resumed`, `late` or `missed`.
    phase: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

impl<'a> CaughtUpBody<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot) -> Self {
        let caught_up = &*snapshot.caught_up;
        let name = |id| snapshot.automations.get(id).map_or(id, |view| &*view.status.name);
        let runs = caught_up.told.iter().map(|told| CaughtUpRunBody {
            automation: told.automation.as_str(),
            name: name(told.automation.as_str()),
            run: told.run.as_str(),
            phase: told.phase,
            detail: told.detail.as_deref(),
        });
        Self {
            stopped_at: caught_up.stopped_at,
            started_at: caught_up.started_at,
            resumed: caught_up.resumed,
            late: caught_up.late,
            missed: caught_up.missed,
            runs: runs.collect(),
        }
    }
}

/// How the store is.
#[derive(Serialize, ToSchema)]
#[schema(as = Store)]
pub(crate) struct StoreBody {
    pub(crate) bytes_written_today: u64,
    pub(crate) size_bytes: u64,
    pub(crate) troubles: Vec<TroubleBody>,
}

/// Something wrong with the store.
#[derive(Serialize, ToSchema)]
#[schema(as = StoreTrouble)]
pub(crate) struct TroubleBody {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}
