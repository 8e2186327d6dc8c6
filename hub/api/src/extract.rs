//! What comes in: bodies and queries, read strictly, with errors that name the place.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use hub_model::Said;
use serde::de::DeserializeOwned;

use crate::bodies::read_body;
use crate::mistake::{path_at, without_value};
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

const SHAPE_HINT: &str = "See GET /api/v1/openapi.json for the fields of each request.";

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
            let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
            // The parameter stands before it, if it is known.
            let is_name = |name: &str| !name.is_empty() && !name.contains([' ', '`', '"']);
            let words = match text.split_once(": ").filter(|(name, _)| is_name(name)) {
                Some((name, words)) => format!("{name}: {}", without_value(words)),
                None => without_value(text).into_owned(),
            };
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
        Said::new("name", format!("The {field} is empty, too long or has control characters.")).with("field", field),
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

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Resolution {
        Hour,
        Day,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct History {
        attribute: String,
        resolution: Option<Resolution>,
        limit: Option<u8>,
    }

    #[tokio::test]
    async fn errors_of_queries_do_not_repeat_values() {
        let mut seen = String::new();
        for query in ["attribute=on&resolution=secret", "attribute=on&limit=secret", "attribute=on&x=secret", "limit=1"]
        {
            let request = Request::builder().uri(format!("/?{query}")).body(axum::body::Body::empty()).unwrap();
            let (mut parts, _) = request.into_parts();
            let problem = Query::<History>::from_request_parts(&mut parts, &()).await.err().unwrap();
            assert!(!problem.detail.contains("secret"), "{}", problem.detail);
            seen.push_str(&format!("{} {}\n", problem.code, problem.detail));
        }
        expect_test::expect![[r#"
            bad_parameter The query does not fit: resolution: unknown variant, expected `hour` or `day`.
            bad_parameter The query does not fit: limit: invalid digit found in string.
            unknown_parameter The query does not fit: x: unknown field `x`, expected one of `attribute`, `resolution`, `limit`.
            bad_parameter The query does not fit: missing field `attribute`.
        "#]]
        .assert_eq(&seen);
    }
}
