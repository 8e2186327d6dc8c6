//! Entity tags: what was edited is named by the hash of its editable form, so that an edit on top of somebody else's
//! is noticed.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use ring::digest;
use serde::Serialize;

use crate::problem::Problem;
use crate::random::hex;

/// The tag of a thing, from its JSON.
pub(crate) fn of(thing: &impl Serialize) -> HeaderValue {
    let json = serde_json::to_vec(thing).unwrap_or_default();
    let digest = digest::digest(&digest::SHA256, &json);
    let short = digest.as_ref().get(..8).unwrap_or_default();
    HeaderValue::try_from(format!("\"{}\"", hex(short))).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether a list of tags as in `If-Match` names this one.
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else { return false };
    list.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// Refuses an edit whose `If-Match` names another version than there is.
pub(crate) fn check(headers: &HeaderMap, tag: &HeaderValue) -> Result<(), Problem> {
    match headers.get(header::IF_MATCH) {
        Some(wanted) if !names(wanted, tag) => Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "changed_meanwhile",
            "It was changed since you read it.",
            "Read it again, put your change on top, and send the new ETag in If-Match.",
        )),
        _ => Ok(()),
    }
}

/// Whether the client has this version already.
pub(crate) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_a_list_or_a_star() {
        let tag = HeaderValue::from_static("\"a1\"");
        for (sent, passes) in [
            (None, true),
            (Some("\"a1\""), true),
            (Some("\"b2\", \"a1\""), true),
            (Some("W/\"a1\""), true),
            (Some("*"), true),
            (Some("\"b2\""), false),
            (Some("a1"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(sent) = sent {
                headers.insert(header::IF_MATCH, HeaderValue::from_static(sent));
            }
            assert_eq!(check(&headers, &tag).is_ok(), passes, "{sent:?}");
        }
    }
}
