//! Why a command line failed, and the exit code that says so.

use std::path::PathBuf;
use std::process::ExitCode;

use hub_api::tls::Fingerprint;
use serde_json::Value;

use crate::config::ConfigError;

/// The status of an answer to who may not do or see that.
pub(crate) const FORBIDDEN: u16 = 403;
/// The status of an answer about what is not there, or not for the eyes of who asks.
pub(crate) const NOT_FOUND: u16 = 404;
/// The status of an answer to who has not shown who they are.
pub(crate) const UNAUTHORIZED: u16 = 401;

/// A command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was typed makes no sense.
    #[error("{0}")]
    Usage(String),
    /// No hub answers.
    #[error(
        "no hub answers at {at} ({detail}); is `hearth run` running? Another hub is named with --host URL --token T"
    )]
    Unreachable {
        /// Where.
        at: String,
        /// What the system said.
        detail: String,
    },
    /// Something answers, but nothing shows that it is the hub.
    #[error(
        "{at} is not known to be your hub: {detail}{}; compare with what `hearth status` shows on the hub's machine, and \
         say that with --fingerprint or HEARTH_FINGERPRINT, or give its certificate with --ca FILE",
        seen.map(|seen| format!(" (its fingerprint is {seen})")).unwrap_or_default()
    )]
    Untrusted {
        /// Where.
        at: String,
        /// Why it is not.
        detail: String,
        /// By what it could be recognised.
        seen: Option<Fingerprint>,
    },
    /// The hub refused or could not.
    #[error("{0}")]
    Refused(Problem),
    /// Nothing has that name or id.
    #[error("there is no {what} {name:?}{hint}")]
    NotFound {
        /// `device`, `area` …
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest name, in words.
        hint: String,
    },
    /// Several have that name.
    #[error("{name:?} may be any of {ids}; say which by its id")]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// What it may be.
        ids: String,
    },
    /// It is there already.
    #[error("{0}")]
    Conflict(String),
    /// The outcome did not come in time.
    #[error("{0}")]
    TimedOut(String),
    /// The answer to a question of permission is no; it was told already.
    #[error("no")]
    No,
    /// The command reached the device but did not work.
    #[error("{0}")]
    Failed(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The output cannot be written, e.g. because nobody reads it any more.
    #[error("the output cannot be written ({0}); make room or send it elsewhere")]
    Output(#[from] std::io::Error),
}

/// An answer of the hub that says no (RFC 9457).
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A stable word.
    pub code: String,
    /// What was wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
    /// Everything that was said.
    pub body: Value,
}

/// What to do, by the code of a problem, where what the hub says is for programs that speak HTTP.
const HINTS: [(&str, &str); 15] = [
    ("ambiguous_endpoint", "Say which with --endpoint, by its number or label."),
    ("clock_is_right", "If the time shown is wrong, it is the time zone: `hearth home set time_zone=Europe/Berlin`."),
    ("driver_offline", "See `hearth driver list`: its detail says what to do."),
    (
        "malformed_json",
        "This program and the hub may be of different versions; see `hearth --version` and `hearth status`.",
    ),
    ("mode_in_use", "Change these rules first, or keep the mode."),
    ("no_password_here", "Be the person first: `hearth login --host URL`."),
    ("no_pin", "Set one with `hearth user pin`."),
    ("no_such_endpoint", "`hearth device show DEVICE` lists its endpoints with their labels."),
    ("not_claimed", "Claim it first on the hub's own page; `hearth status` shows the set-up code."),
    ("not_found", "`list` and `history` show what there is."),
    ("storage_full", "See `hearth status`; devices and rules go on working."),
    ("storage_gone", "See `hearth status`; devices and rules go on working."),
    ("unsupported", "Its driver or its network does not offer that."),
    (
        "unknown_parameter",
        "This program and the hub may be of different versions; see `hearth --version` and `hearth status`.",
    ),
    ("wrong_credentials", "Try again; an owner gives a new password with `hearth user invite NAME`."),
];

/// The command for what the hub names as a path, for hints that the table above does not have.
const COMMANDS: [(&str, &str); 12] = [
    ("DELETE /api/v1/tokens/{id}", "`hearth token revoke ID`"),
    ("DELETE /api/v1/users/{id}", "`hearth user remove NAME`"),
    ("GET /api/v1/alerts", "`hearth status`"),
    ("GET /api/v1/areas", "`hearth area list`"),
    ("GET /api/v1/can", "`hearth can`"),
    ("GET /api/v1/devices", "`hearth device list`"),
    ("GET /api/v1/drivers", "`hearth driver list`"),
    ("PATCH /api/v1/home", "`hearth home set`"),
    ("POST /api/v1/approvals", "`hearth approval ask`"),
    ("POST /api/v1/auth/login", "`hearth login`"),
    ("POST /api/v1/drivers/{id}/groups", "`hearth driver group add`"),
    ("POST /api/v1/setup", "the hub's own page"),
];

/// What to do when a token is lacking or wrong.
const TOKEN_HINT: &str =
    "Log in with `hearth login`, or give a token with --token or HEARTH_TOKEN; `hearth token create NAME` makes one.";
/// What was refused for another reason than a lacking token, and says itself what to do.
const NO_TOKENS: [&str; 4] = ["login_over", "totp_required", "wrong_code", "wrong_credentials"];

/// What to do where a PIN is lacking.
const PIN_HINT: &str = "Give your PIN with --pin.";

impl Problem {
    /// From the answer's body.
    pub fn new(status: u16, body: Value) -> Self {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let (code, detail, hint) = (text("code"), text("detail"), text("hint"));
        let detail = if detail.is_empty() { format!("the hub answered with status {status}") } else { detail };
        Self { status, code, detail, hint, body }
    }
}

impl Problem {
    /// Whether the same with the person's PIN would not be refused.
    pub(crate) fn wants_pin(&self) -> bool {
        self.body["pin"] == true
    }

    fn hint(&self) -> String {
        // What the hub says of a token is for programs that log in.
        if self.status == UNAUTHORIZED && !NO_TOKENS.contains(&self.code.as_str()) {
            return TOKEN_HINT.to_owned();
        }
        if self.wants_pin() {
            return PIN_HINT.to_owned();
        }
        match HINTS.iter().find(|(code, _)| *code == self.code) {
            Some((_, hint)) => (*hint).to_owned(),
            None => COMMANDS.iter().fold(self.hint.clone(), |hint, (path, command)| hint.replace(path, command)),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.detail)?;
        let hint = self.hint();
        if !self.detail.ends_with(&hint) {
            let joint = if self.detail.ends_with('.') { "" } else { ";" };
            write!(formatter, "{joint} {hint}")?;
        }
        for finding in self.body["findings"].as_array().into_iter().flatten() {
            let text = |field: &str| finding[field].as_str().unwrap_or_default();
            write!(formatter, "\n  {} {}: {}", text("code"), text("path"), text("message"))?;
        }
        Ok(())
    }
}

impl Failure {
    /// The same with a device called as people call it.
    pub(crate) fn naming(mut self, device: &Value) -> Self {
        if let (Self::Refused(problem), Some(id), Some(name)) =
            (&mut self, device["id"].as_str(), device["name"].as_str())
        {
            problem.detail = problem.detail.replace(id, name);
        }
        self
    }

    /// The same with more advice, if it is the network or device that did not do it.
    pub(crate) fn advising(mut self, advice: &str) -> Self {
        if let Self::Refused(problem) = &mut self
            && ["not_possible", "refused", "timed_out"].contains(&problem.code.as_str())
        {
            problem.hint = format!("{} {advice}", problem.hint);
        }
        self
    }

    /// Whether there is nothing more to be said of it.
    pub fn is_told(&self) -> bool {
        matches!(self, Self::No) || self.is_end_of_interest()
    }

    /// Whether it only says that nobody reads on, as at the end of a pipe to `head`: no reason to complain.
    pub fn is_end_of_interest(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// The exit code that programs read.
    pub fn exit_code(&self) -> u8 {
        match self {
            _ if self.is_end_of_interest() => 0,
            Self::Output(_) | Self::Failed(_) | Self::File { .. } => 1,
            Self::Usage(_) => 2,
            Self::Unreachable { .. } => 3,
            Self::NotFound { .. } => 4,
            Self::Ambiguous { .. } | Self::Conflict(_) => 6,
            Self::TimedOut(_) => 7,
            Self::Untrusted { .. } | Self::No => 5,
            Self::Config(_) => 78,
            Self::Refused(problem) => match problem.status {
                404 => 4,
                401 | 403 | 429 => 5,
                409 | 412 => 6,
                408 | 504 => 7,
                _ => 1,
            },
        }
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        Self::from(failure.exit_code())
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn what_the_hub_says_to_programs_is_told_to_people() {
        let body = serde_json::json!({"code": "ambiguous_endpoint", "detail": "demo:1 has on on several endpoints.",
            "hint": "Say \"endpoint\" by its id or label."});
        let device = serde_json::json!({"id": "demo:1", "name": "Switch"});
        let failure = Failure::Refused(Problem::new(422, body)).naming(&device);
        let told = "Switch has on on several endpoints. Say which with --endpoint, by its number or label.";
        assert_eq!(failure.to_string(), told);
    }

    #[test]
    fn hints_name_commands_where_the_hub_names_paths() {
        let told = |status: u16, code: &str, hint: &str| {
            let body = serde_json::json!({"code": code, "detail": "You may not.", "hint": hint});
            Failure::Refused(Problem::new(status, body)).to_string()
        };
        for (status, code, hint, expected) in [
            (
                403,
                "not_allowed",
                "An owner can allow it; GET /api/v1/can says what stands in the way.",
                "You may not. An owner can allow it; `hearth can` says what stands in the way.",
            ),
            (
                403,
                "not_allowed",
                "Ask an adult with POST /api/v1/approvals.",
                "You may not. Ask an adult with `hearth approval ask`.",
            ),
            (
                401,
                "unauthorized",
                "Log in with POST /api/v1/auth/login and send a header.",
                "You may not. Log in with `hearth login`, or give a token with --token or HEARTH_TOKEN; `hearth token create \
                 NAME` makes one.",
            ),
            (401, "wrong_code", "Send the six digits.", "You may not. Send the six digits."),
        ] {
            assert_eq!(told(status, code, hint), expected);
        }
    }

    #[test]
    fn only_a_reader_that_went_away_is_no_failure() {
        for (kind, code) in [(ErrorKind::BrokenPipe, 0), (ErrorKind::StorageFull, 1), (ErrorKind::Other, 1)] {
            assert_eq!(Failure::from(std::io::Error::from(kind)).exit_code(), code, "{kind}");
        }
    }
}
