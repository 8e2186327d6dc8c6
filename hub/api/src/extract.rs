//! What comes in: bodies and queries, read strictly, with errors that name the place.

use std::borrow::Cow;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::bodies::read_body;
use crate::problem::Problem;

/// A JSON body of the shape `T`.
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body of the shape `T`, or none.
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// A JSON body as text, checked to be one JSON object.
pub(crate) struct JsonText(pub(crate) String);

/// A query of the shape `T`.
pub(crate) struct Query<T>(pub(crate) T);

/// The ids in the path, decoded.
pub(crate) struct Ids<T>(pub(crate) T);

fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let shown: String = media_type.chars().take(64).collect();
    let detail = if shown.is_empty() {
        "The body has no content type.".to_owned()
    } else {
        format!("The body has the content type {shown}.")
    };
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        detail,
        "Send JSON with the header Content-Type: application/json.",
    ))
}

/// Reads JSON; an error names line, column and field.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let text = error.to_string();
        let words = without_value(text.rsplit_once(" at line ").map_or(text.as_str(), |(words, _)| words));
        let path = path_at(bytes, error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => {
                let code = if words.starts_with("unknown field") { "unknown_field" } else { "invalid_body" };
                let at = if path.is_empty() { place } else { format!("{place}, in {path}") };
                Problem::invalid(code, format!("The body does not fit: {words} ({at})."), SHAPE_HINT)
                    .with("field", path.into())
            }
            _ => Problem::malformed(
                "malformed_json",
                format!("The body is not JSON: {words} ({place})."),
                "Send one JSON value in UTF-8.",
            ),
        }
        .with("line", error.line().into())
        .with("column", error.column().into())
    })
}

/// What a parser says of a value, without the value: «invalid type: integer, expected a string». It may be a password,
/// and what is wrong with a request is written down by many programs.
fn without_value(words: &str) -> Cow<'_, str> {
    let speaks_of_value =
        ["invalid type", "invalid value", "unknown variant"].iter().any(|kind| words.starts_with(kind));
    match words.rsplit_once(", expected ").filter(|_| speaks_of_value) {
        Some((value, expected)) => {
            let kind = value.split(['"', '`']).next().unwrap_or_default().trim_end();
            Cow::Owned(format!("{kind}, expected {expected}"))
        }
        None => Cow::Borrowed(words),
    }
}

const SHAPE_HINT: &str = "See GET /api/v1/openapi.json for the fields of each request.";

/// The path of fields that leads to a place in a JSON text, e.g. `owner.password` or `modes[2]`.
fn path_at(text: &[u8], line: usize, column: usize) -> String {
    enum Step {
        Field(String),
        Item(usize),
    }
    let line_start =
        text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
    let end = (line_start + column).min(text.len());
    let mut steps: Vec<Step> = Vec::new();
    let mut last_text = String::new();
    let mut position = 0;
    while let Some(byte) = text.get(position).filter(|_| position < end) {
        match byte {
            b'{' => steps.push(Step::Field(String::new())),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => {
                // Also at the place itself: what is wrong with a whole object is found at its end.
                steps.pop();
            }
            b':' => {
                if let Some(Step::Field(name)) = steps.last_mut() {
                    *name = std::mem::take(&mut last_text);
                }
            }
            b',' => match steps.last_mut() {
                Some(Step::Item(index)) if position + 1 < end => *index += 1,
                Some(Step::Field(name)) if position + 1 < end => name.clear(),
                _ => {}
            },
            b'"' => {
                let start = position + 1;
                position = start;
                while let Some(byte) = text.get(position).filter(|byte| **byte != b'"') {
                    position += if *byte == b'\\' { 2 } else { 1 };
                }
                let quoted = text.get(start..position).unwrap_or_default();
                last_text = String::from_utf8_lossy(quoted).chars().take(64).collect();
                if position >= end.saturating_sub(1)
                    && let Some(Step::Field(name)) = steps.last_mut()
                    && name.is_empty()
                {
                    // The name itself is what is wrong.
                    *name = last_text.clone();
                }
            }
            _ => {}
        }
        position += 1;
    }
    let mut path = String::new();
    for step in &steps {
        match step {
            Step::Field(name) if !name.is_empty() => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Field(_) => {}
            Step::Item(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_content_type(&parts.headers)?;
        parse(&read_body(parts.extensions.get(), &parts.headers, body).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(parts.extensions.get(), &parts.headers, body).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        check_content_type(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonText {
    type Rejection = Problem;
    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_content_type(&parts.headers)?;
        let bytes = read_body(parts.extensions.get(), &parts.headers, body).await?;
        parse::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(&bytes)?;
        String::from_utf8(bytes.to_vec())
            .map(Self)
            .map_err(|_| Problem::malformed("malformed_json", "The body is not UTF-8.", "Send JSON in UTF-8."))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|error| {
            let text = error.body_text();
            let words = without_value(text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text));
            let code = if words.contains("unknown field") { "unknown_parameter" } else { "bad_parameter" };
            Problem::invalid(
                code,
                format!("The query does not fit: {words}."),
                "See GET /api/v1/openapi.json for the parameters of each path.",
            )
        })
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::<T>::from_request_parts(parts, state).await.map(|path| Self(path.0)).map_err(|_| Problem::no_route())
    }
}

/// For fields that may be left out (`None`), null (`Some(None)`) or given.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

/// A name that people give: trimmed, not empty, not endless, without control characters.
pub(crate) fn name(field: &str, text: &str) -> Result<std::sync::Arc<str>, Problem> {
    let trimmed = text.trim();
    let length = trimmed.chars().count();
    if (1..=128).contains(&length) && !trimmed.chars().any(char::is_control) {
        return Ok(trimmed.into());
    }
    Err(Problem::invalid(
        "bad_name",
        format!("The {field} is empty, too long or has control characters."),
        "Give 1 to 128 visible characters.",
    )
    .with("field", field.into()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Owner {
        username: String,
        password: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Setup {
        owner: Owner,
        #[serde(default)]
        rooms: Vec<u8>,
    }

    #[test]
    fn errors_do_not_repeat_values() {
        for (words, wanted) in [
            (r#"invalid type: string "a \"b\", expected c", expected u8"#, "invalid type: string, expected u8"),
            ("invalid type: integer `4711`, expected a string", "invalid type: integer, expected a string"),
            ("invalid type: map, expected a string", "invalid type: map, expected a string"),
            ("invalid value: integer `-1`, expected u8", "invalid value: integer, expected u8"),
            ("unknown variant `x`, expected one of `a`, `b`", "unknown variant, expected one of `a`, `b`"),
            ("unknown field `x`, expected `a`", "unknown field `x`, expected `a`"),
            ("missing field `a`", "missing field `a`"),
        ] {
            assert_eq!(without_value(words), wanted);
        }
    }

    #[test]
    fn errors_name_line_column_and_field() {
        let mut seen = String::new();
        for text in [
            "{\"owner\": ",
            "{\"owner\": {\"username\": \"a\",\n \"password\": 1}}",
            "{\"owner\": {\"username\": \"a\", \"pasword\": \"b\"}}",
            "{\"owner\": {\"username\": \"a\"}}",
            "{\"owner\": {\"username\": \"a\", \"password\": \"b\"}, \"rooms\": [1, \"x\"]}",
            "[]",
            "",
        ] {
            let problem = parse::<Setup>(text.as_bytes()).unwrap_err();
            seen.push_str(&format!("{} {} {}\n", problem.status.as_u16(), problem.code, problem.detail));
        }
        expect_test::expect![[r#"
            400 malformed_json The body is not JSON: EOF while parsing a value (line 1, column 10).
            422 invalid_body The body does not fit: invalid type: integer, expected a string (line 2, column 14, in owner.password).
            422 unknown_field The body does not fit: unknown field `pasword`, expected `username` or `password` (line 1, column 37, in owner.pasword).
            422 invalid_body The body does not fit: missing field `password` (line 1, column 27, in owner).
            422 invalid_body The body does not fit: invalid type: string, expected u8 (line 1, column 62, in rooms[1]).
            422 invalid_body The body does not fit: invalid length 0, expected struct Setup with 2 elements (line 1, column 2).
            400 malformed_json The body is not JSON: EOF while parsing a value (line 1, column 0).
        "#]]
        .assert_eq(&seen);
    }
}
