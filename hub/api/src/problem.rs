//! Errors as clients see them: RFC 9457, always with a stable code, what is wrong and what to do.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use driver_api::ManageError;
use hub_access::Verdict;
use hub_core::{ArchiveError, CommandError, EditError, SceneError};
use hub_model::attribute::ValueError;
use hub_model::device::ResolveError;
use hub_model::name::nearest;
use hub_model::record::KeepError;
use hub_model::said::Params;
use hub_model::{AttributeName, Said};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::ClockRefusal;
use crate::random::NoRandomness;

/// An error on its way to a client.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable word for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
    /// What to do about it.
    pub hint: String,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// What it takes to say the same in another language.
    pub which: Box<Which>,
    /// More for programs, e.g. the findings of a rule.
    pub more: Map<String, Value>,
}

/// Which sentence a problem is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Which {
    /// Which of the sentences of its code it is; empty = the code says it all.
    pub case: &'static str,
    /// What varies in the sentence.
    pub params: Params,
}

/// Which sentence something is, as JSON.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Sentence)]
pub(crate) struct WhichBody<'a> {
    /// Which of the sentences of its code it is, for who says it in another language; left out where the code says it all.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(required = false)]
    case: &'a str,
    /// What varies in the sentence, by stable names; left out where nothing does.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    params: Map<String, Value>,
}

impl<'a> WhichBody<'a> {
    /// Of this case, with these params.
    pub(crate) fn new(case: &'a str, params: &Params) -> Self {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
        Self { case, params: params.collect() }
    }
}

/// A problem as JSON.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: `code` says what it is.
    #[serde(rename = "type")]
    problem_type: &'static str,
    /// The words of the HTTP status.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// A stable word for programs.
    code: &'a str,
    /// What is wrong, for people.
    detail: &'a str,
    /// What to do about it.
    hint: &'a str,
    #[serde(flatten)]
    which: WhichBody<'a>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    more: &'a Map<String, Value>,
}

impl Problem {
    /// A problem of this status and code.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Said>, hint: impl Into<String>) -> Self {
        let Said { text, case, params } = detail.into();
        Self {
            status,
            code,
            detail: text.to_string(),
            hint: hint.into(),
            retry_after: None,
            which: Box::new(Which { case, params }),
            more: Map::new(),
        }
    }

    /// The same with more for programs.
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// 400: not understood at all.
    pub fn malformed(code: &'static str, detail: impl Into<Said>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail, hint)
    }

    /// 422: understood, but not valid.
    pub fn invalid(code: &'static str, detail: impl Into<Said>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail, hint)
    }

    /// 401.
    pub fn unauthorized(detail: impl Into<Said>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            detail,
            "Log in (POST /api/v1/auth/login, then the header Authorization: Bearer <access_token>).",
        )
    }

    /// 404 of a thing.
    pub fn not_found(what: &'static str, id: &str) -> Self {
        let shown: String = id.chars().take(128).collect();
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            Said::new(what, format!("There is no {what} {shown}.")).with("id", &shown),
            "List what there is; an id in a path is URL-encoded.",
        )
    }

    /// 404 of a path.
    pub(crate) fn no_route() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_path",
            "There is nothing at this path.",
            "See GET /api/v1/openapi.json for all paths; an id in a path is URL-encoded.",
        )
    }

    /// 405.
    pub(crate) fn no_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path does not take this method.",
            "See GET /api/v1/openapi.json for the methods of each path, and the header Allow of this answer.",
        )
    }

    /// 409.
    pub fn conflict(code: &'static str, detail: impl Into<Said>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail, hint)
    }

    /// 429.
    pub fn too_many(detail: impl Into<Said>, wait: Duration) -> Self {
        let seconds = wait.as_secs().max(1);
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail, format!("Try again in {seconds} s."));
        problem.which.params.push(("seconds", seconds.to_string()));
        problem.retry_after = Some(Duration::from_secs(seconds));
        problem
    }

    /// 503: too much to do right now.
    pub fn busy(detail: impl Into<Said>) -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail, "Nothing was changed. Try again in a second.");
        problem.retry_after = Some(Duration::from_secs(1));
        problem
    }

    /// The JSON text.
    pub(crate) fn body(&self) -> String {
        let body = ProblemBody {
            problem_type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            hint: &self.hint,
            which: WhichBody::new(self.which.case, &self.which.params),
            more: &self.more,
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"hearth\""));
        }
        response
    }
}

impl Problem {
    /// Somebody may not do something: why not, and what would help.
    pub(crate) fn not_allowed(verdict: &Verdict) -> Self {
        let detail = verdict.reasons.first().map_or("You may not do this.", |reason| reason.text.as_str());
        let hint = if verdict.pin {
            "Send it again with your PIN in the field pin."
        } else if verdict.approvable {
            "Ask an adult (POST /api/v1/approvals)."
        } else {
            "An owner can allow it (GET /api/v1/can says what stands in the way)."
        };
        Self::new(StatusCode::FORBIDDEN, "not_allowed", detail, hint)
            .with("reasons", serde_json::to_value(&verdict.reasons).unwrap_or_default())
            .with("approvable", verdict.approvable.into())
            .with("pin", verdict.pin.into())
    }

    /// The stable word for a command that was not taken on, as of the problem that it would be by itself.
    pub(crate) fn code_of(error: &CommandError) -> &'static str {
        match error {
            CommandError::NotAllowed(_) => "not_allowed",
            CommandError::NoSuchDevice(_) => "not_found",
            CommandError::Resolve(ResolveError::NoSuchEndpoint { .. }) => "no_such_endpoint",
            CommandError::Resolve(ResolveError::NoSuchAttribute { .. }) => "no_such_attribute",
            CommandError::Resolve(ResolveError::AmbiguousEndpoint { .. }) => "ambiguous_endpoint",
            CommandError::Value(_) => "bad_value",
            CommandError::NotWritable { .. } => "not_writable",
            CommandError::Invalid(_) => "invalid",
            CommandError::Busy => "busy",
        }
    }
}

/// Makes a sentence of an error's text: errors are written small and without a full stop.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let mut sentence: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// What is wrong, without what to do: that stands behind a semicolon, and is said better by a hint.
fn problem_of(text: &str) -> &str {
    text.split_once("; ").map_or(text, |(problem, _)| problem)
}

/// What is wrong, and what to do, as two sentences.
fn problem_and_advice(text: &str, otherwise: &str) -> (String, String) {
    let parts = text.split_once("; ").or_else(|| text.split_once(". "));
    let (problem, advice) = parts.unwrap_or((text, otherwise));
    (sentence(&problem), sentence(&advice))
}

impl From<NoRandomness> for Problem {
    fn from(error: NoRandomness) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_randomness",
            sentence(&error),
            "Restart the machine; if it stays so, its kernel is broken.",
        )
    }
}

impl From<KeepError> for Problem {
    fn from(error: KeepError) -> Self {
        let (status, code) = match error {
            KeepError::Full => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
            KeepError::ReadOnly => (StatusCode::SERVICE_UNAVAILABLE, "storage_read_only"),
            KeepError::Unusable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "storage_gone"),
            KeepError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        };
        Self::new(status, code, sentence(&error), "Nothing was changed. Devices and rules go on working.")
    }
}

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        let detail = sentence(&error);
        match error {
            ManageError::Unsupported => Self::conflict(
                "unsupported",
                detail,
                "Not every kind of driver can do it (GET /api/v1/drivers says what each can).",
            ),
            ManageError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                "not_found",
                detail,
                "A pairing that has ended is no longer known; look whether the device is there (GET /api/v1/devices).",
            ),
            ManageError::Refused(_) => Self::conflict(
                "refused",
                Said::new("words_of_driver", detail),
                "The bridge or device said no; the detail is in its words.",
            ),
            ManageError::NotPossible(words) => {
                let (detail, hint) =
                    problem_and_advice(&words, "The hub itself has found this; no bridge or device said no.");
                Self::conflict("not_possible", Said::new("words_of_driver", detail), hint)
            }
            ManageError::Invalid { field, words } => {
                let (detail, hint) = problem_and_advice(&words, "Change what the detail names, then try again.");
                Self::invalid("bad_value", Said::new("words_of_driver", detail), hint).with("field", field.into())
            }
            ManageError::TimedOut(_) => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "timed_out",
                detail,
                "Check that the device has power and is in reach, then try again.",
            ),
            ManageError::Offline => Self::conflict(
                "driver_offline",
                detail,
                "The status of the driver says what to do (GET /api/v1/drivers).",
            ),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        let detail = sentence(&error);
        match error {
            EditError::NotAllowed(verdict) => Self::not_allowed(&verdict),
            EditError::NotFound { what, id } => Self::not_found(what, &id),
            EditError::Conflict(said) => Self::conflict(
                "conflict",
                Said { text: detail.into(), ..said },
                "Look at it as it is now, then try again.",
            ),
            EditError::Invalid(said) => Self::invalid(
                "invalid",
                Said { text: detail.into(), ..said },
                "Change what the detail names, then try again.",
            ),
            EditError::Rule(findings) => {
                let findings: Vec<Value> = findings.iter().map(crate::wire::automation::finding_value).collect();
                Self::invalid("rule_invalid", detail, "Mend what the findings name, then save again.")
                    .with("findings", Value::Array(findings))
            }
            EditError::Scene(findings) => {
                let findings: Vec<Value> = findings.iter().map(crate::wire::automation::finding_value).collect();
                Self::invalid("scene_invalid", detail, "Mend what the findings name, then save again.")
                    .with("findings", Value::Array(findings))
            }
            EditError::Driver(error) => error.into(),
            EditError::Keep(error) => error.into(),
            EditError::Busy => Self::busy(sentence(&problem_of(&error.to_string()))),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotAllowed(verdict) => Self::not_allowed(&verdict),
            CommandError::NoSuchDevice(device) => Self::not_found("device", device.as_str()),
            CommandError::Resolve(error) => error.into(),
            CommandError::Value(error) => {
                let ValueError { attribute, value, reason } = &error;
                let said = Said { text: format!("{attribute} cannot be {value}.").into(), ..error.said() };
                Self::invalid("bad_value", said, sentence(reason)).with("attribute", attribute.as_str().into())
            }
            CommandError::NotWritable { .. } => {
                Self::invalid("not_writable", format!("{error}."), "Set an attribute whose access has the word write.")
            }
            CommandError::Invalid(text) => Self::invalid(
                "invalid",
                sentence(&problem_of(&text)),
                "Give {\"set\": {\"<attribute>\": <value>}} with at least one attribute.",
            ),
            CommandError::Busy => Self::busy(sentence(&problem_of(&error.to_string()))),
        }
    }
}

impl From<SceneError> for Problem {
    fn from(error: SceneError) -> Self {
        match error {
            SceneError::NotAllowed(verdict) => Self::not_allowed(&verdict),
            SceneError::NotFound(id) => Self::not_found("scene", id.as_str()),
            SceneError::NothingToUndo(_) => Self::conflict(
                "nothing_to_undo",
                format!("There is nothing to undo: {error}."),
                "Activate another scene, or set the devices by hand.",
            ),
            SceneError::Busy => Self::busy(sentence(&problem_of(&error.to_string()))),
        }
    }
}

impl From<ClockRefusal> for Problem {
    fn from(error: ClockRefusal) -> Self {
        let text = error.to_string();
        match error {
            ClockRefusal::NetworkTime => Self::conflict(
                "clock_is_right",
                sentence(&text),
                "If the time shown is wrong, it is the time zone: change it (PATCH /api/v1/home with time_zone).",
            ),
            ClockRefusal::TooEarly(_) | ClockRefusal::TooLate(_) => {
                let hint = text.split_once("; ").map_or("", |(_, hint)| hint);
                Self::invalid("bad_value", sentence(&problem_of(&text)), sentence(&hint)).with("field", "time".into())
            }
        }
    }
}

impl From<ResolveError> for Problem {
    fn from(error: ResolveError) -> Self {
        let text = error.to_string();
        let detail = format!("{}.", problem_of(&text));
        match error {
            ResolveError::NoSuchEndpoint { .. } => Self::invalid(
                "no_such_endpoint",
                detail,
                "Name one of its endpoints by id or label (GET /api/v1/devices has them).",
            ),
            ResolveError::NoSuchAttribute { known, attribute, .. } => {
                let names: Vec<&str> = known.iter().take(30).map(AttributeName::as_str).collect();
                let known = known.iter().map(AttributeName::as_str);
                let nearest = nearest(attribute.as_str(), known).map(|name| format!("Did you mean {name}? "));
                let hint = format!("{}It has: {}.", nearest.unwrap_or_default(), names.join(", "));
                Self::invalid("no_such_attribute", detail, hint)
            }
            ResolveError::AmbiguousEndpoint { .. } => {
                Self::invalid("ambiguous_endpoint", detail, "Say \"endpoint\" by its id or label.")
            }
        }
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "history_unreadable",
            sentence(&error),
            "Devices and rules go on working; see to what is wrong with the disk (GET /api/v1/alerts).",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_hub_has_seen_itself_is_not_said_to_be_a_refusal() {
        for (error, status, code, told) in [
            (
                ManageError::NotPossible("the list is full; take devices off it".into()),
                409,
                "not_possible",
                ("The list is full.", "Take devices off it."),
            ),
            (
                ManageError::NotPossible("a device with Long Range has no routes".into()),
                409,
                "not_possible",
                (
                    "A device with Long Range has no routes.",
                    "The hub itself has found this; no bridge or device said no.",
                ),
            ),
            (
                ManageError::invalid("code", "this is no code; a code is a PIN"),
                422,
                "bad_value",
                ("This is no code.", "A code is a PIN."),
            ),
            (
                ManageError::Refused("wrong; firmware".into()),
                409,
                "refused",
                ("Wrong; firmware.", "The bridge or device said no; the detail is in its words."),
            ),
        ] {
            let problem = Problem::from(error);
            assert_eq!((problem.status.as_u16(), problem.code), (status, code));
            assert_eq!((&*problem.detail, &*problem.hint), told);
        }
    }

    #[test]
    fn a_problem_says_what_is_wrong_and_what_to_do() {
        expect_test::expect![[r#"{"type":"about:blank","title":"Conflict","status":409,"code":"driver_offline","detail":"The driver is not connected; see its status.","hint":"The status of the driver says what to do (GET /api/v1/drivers)."}"#]]
            .assert_eq(&Problem::from(ManageError::Offline).body());
    }
}
