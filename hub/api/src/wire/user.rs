//! Accounts, invitations, sessions and second factors on the wire.

use hub_model::household::{Secret, Session};
use hub_model::{Now, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Entry, Invitation, SessionKind};
use crate::extract::nullable;

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody<'a> {
    id: &'a str,
    /// The name to log in with, by which rules know the person too.
    username: &'a str,
    /// What the person is called elsewhere; null = the user name.
    display_name: Option<&'a str>,
    /// `owner`, `adult`, `child`, `guest` or `installer`.
    role: &'a str,
    /// `active`; `invited` = has no password yet; `expired` = its time is over.
    state: &'a str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when; null = for good. From then on nobody logs in, and its tokens are void.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Until when a code is good with which the person sets a password; null = there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    invited_until: Option<Timestamp>,
    /// Whether a login needs a code of an authenticator app too.
    second_factor: bool,
    /// How many recovery codes are left.
    recovery_codes: usize,
}

impl<'a> UserBody<'a> {
    /// As it is now.
    pub(crate) fn new(entry: &'a Entry, now: &Now) -> Self {
        let (account, proof) = (&entry.account, &entry.proof);
        let state = match &proof.password {
            _ if account.has_expired(now) => "expired",
            None => "invited",
            Some(_) => "active",
        };
        let invitation = proof.invitation.as_ref().filter(|invitation| now.time() < invitation.expires_at);
        Self {
            id: account.id.as_str(),
            username: &account.username,
            display_name: account.display_name.as_deref(),
            role: account.role.as_str(),
            state,
            created_at: account.created_at,
            expires_at: account.expires_at,
            invited_until: invitation.map(|invitation| invitation.expires_at),
            second_factor: proof.second_factor.is_some(),
            recovery_codes: proof.second_factor.as_ref().map_or(0, |factor| factor.recovery_codes()),
        }
    }
}

/// An invitation that was just made. Its code is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationBody<'a> {
    /// To be given to the person, who sets a password with it by POST /api/v1/auth/accept. Works once.
    code: &'a str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl<'a> InvitationBody<'a> {
    /// With its code.
    pub(crate) fn new(code: &'a Secret, invitation: &Invitation) -> Self {
        Self { code: code.reveal(), expires_at: invitation.expires_at }
    }
}

/// An account, and how its person gets in.
#[derive(Serialize, ToSchema)]
#[schema(as = UserWithInvitation)]
pub(crate) struct UserWithInvitation<'a> {
    #[serde(flatten)]
    pub(crate) user: UserBody<'a>,
    /// Null = the password was given.
    pub(crate) invitation: Option<InvitationBody<'a>>,
    /// What was decided for you, in words.
    pub(crate) note: Option<String>,
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    pub(crate) username: String,
    /// What the person is called elsewhere.
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    /// `owner`, `adult`, `child`, `guest` or `installer`.
    pub(crate) role: String,
    /// Until when. A guest or installer has an end: seven days if nobody says.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Timestamp>,
    /// The password; left out = the person sets one with the code of the answer.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 8, max_length = 1024)]
    pub(crate) password: Option<Secret>,
}

/// A change of an account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    #[serde(default)]
    pub(crate) username: Option<String>,
    /// Null = the user name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub(crate) display_name: Option<Option<String>>,
    /// `owner`, `adult`, `child`, `guest` or `installer`.
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// Null = for good; not for guests and installers.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) expires_at: Option<Option<Timestamp>>,
}

/// What a person changes of their own account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnChange {
    /// Null = the user name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub(crate) display_name: Option<Option<String>>,
    /// A new password. All other sessions end.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 8, max_length = 1024)]
    pub(crate) password: Option<Secret>,
    /// A new PIN, 4 to 12 digits, for what takes one; null = none any more.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 12)]
    pub(crate) pin: Option<Option<Secret>>,
    /// The password until now; needed for a new one, and for a PIN unless it comes by the hub's own socket.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) old_password: Option<Secret>,
}

/// How a person gets in again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    /// The new password; left out = the person sets one with the code of the answer.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 8, max_length = 1024)]
    pub(crate) password: Option<Secret>,
}

/// What is left of an account that was removed.
#[derive(Serialize, ToSchema)]
pub(crate) struct RemovedUser<'a> {
    pub(crate) removed: &'a str,
    /// The rules that this person wrote: they stay, with the id of their author.
    pub(crate) rules: Vec<AuthoredRule<'a>>,
    /// What to do about them; null = there are none.
    pub(crate) note: Option<&'a str>,
}

/// A rule by somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthoredRule<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// The own password, to show that it is really you.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    #[schema(value_type = String)]
    pub(crate) password: Secret,
}

/// A second factor that is to be confirmed.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSecondFactor<'a> {
    /// For the authenticator app, in base 32.
    pub(crate) secret: &'a str,
    /// The same as an address that apps read from a QR code.
    pub(crate) uri: &'a str,
}

/// Shows that the authenticator app has the secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactorCode {
    /// The six digits that the app shows now.
    #[schema(value_type = String)]
    pub(crate) code: Secret,
}

/// Shows that it is really you, by both factors.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BothFactors {
    #[schema(value_type = String)]
    pub(crate) password: Secret,
    /// The six digits that the app shows now, or a recovery code.
    #[schema(value_type = String)]
    pub(crate) code: Secret,
}

/// Codes for whoever has lost the app. Shown this once; each works once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes<'a> {
    pub(crate) recovery_codes: Vec<&'a str>,
}

/// A session.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenSession)]
pub(crate) struct SessionBody<'a> {
    id: &'a str,
    /// `tokens` or `cookie`.
    kind: &'a str,
    /// Whether this request belongs to it.
    current: bool,
    /// When somebody logged in.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used; after a restart of the hub to a day.
    #[schema(value_type = String, format = DateTime)]
    last_used_at: Timestamp,
    /// What the browser or program called itself.
    user_agent: Option<&'a str>,
    /// From where somebody logged in; null = on the hub itself.
    address: Option<&'a str>,
}

impl<'a> SessionBody<'a> {
    /// As it is now; `current` is the session of who asks.
    pub(crate) fn new((session, kind): &'a (Session, SessionKind), current: Option<&str>) -> Self {
        Self {
            id: &session.id,
            kind: if *kind == SessionKind::Cookie { "cookie" } else { "tokens" },
            current: current == Some(&*session.id),
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            user_agent: session.user_agent.as_deref(),
            address: session.address.as_deref(),
        }
    }
}
