//! Messages to browsers: RFC 8030 (the request), 8188 and 8291 (what only the browser can read), 8292 (who sends).

mod encryption;
mod vapid;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hub_model::Timestamp;
use hub_model::event::Severity;
use hub_model::household::Secret;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use ring::digest;
use serde_json::json;

pub(crate) use encryption::{Subscription, SubscriptionError};
pub use vapid::{VapidError, VapidKey};

use crate::content::Content;
use crate::http::Post;
use crate::target::Target;

/// A message could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the message could not be encrypted for this browser; subscribe it anew")]
pub(crate) struct NotMade;

/// How long what is sent waits for a phone that is off, in seconds, and how soon it wakes one (RFC 8030, 5.2 and 5.3).
const URGENCY: &[(Severity, &str, &str)] =
    &[(Severity::Info, "14400", "normal"), (Severity::Warning, "86400", "normal"), (Severity::Error, "86400", "high")];

/// How many bytes the message itself may have. All are filled up to this, so that their lengths say nothing.
const PAYLOAD: usize = 3_072;

/// The request that tells `content` to a browser.
pub(crate) fn post(
    subscription: &Subscription,
    target: &Target,
    content: &Content,
    key: &VapidKey,
    contact: &str,
    now: Timestamp,
) -> Result<Post, NotMade> {
    let body = subscription.sealed(payload(content).as_bytes(), PAYLOAD).ok_or(NotMade)?;
    let authorization = key.authorization(&target.origin(), contact, now).ok_or(NotMade)?;
    let (_, ttl, urgency) = URGENCY.iter().find(|(severity, ..)| *severity == content.severity).copied().unwrap_or((
        content.severity,
        "86400",
        "normal",
    ));
    let mut authorization = HeaderValue::try_from(authorization).map_err(|_| NotMade)?;
    authorization.set_sensitive(true);
    let headers = vec![
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
        (AUTHORIZATION, authorization),
        (HeaderName::from_static("ttl"), HeaderValue::from_static(ttl)),
        (HeaderName::from_static("urgency"), HeaderValue::from_static(urgency)),
        (HeaderName::from_static("topic"), HeaderValue::try_from(topic(&content.topic)).map_err(|_| NotMade)?),
    ];
    Ok(Post { headers, body: Bytes::from(body), follows: false })
}

/// At most 32 letters that say nothing to the push service (RFC 8030, 5.4).
fn topic(topic: &str) -> String {
    let hash = digest::digest(&digest::SHA256, topic.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..24).unwrap_or_default())
}

/// The message as the hub's page in the browser reads it. What is too long is cut.
fn payload(content: &Content) -> String {
    let mut body: Vec<char> = content.body.chars().take(PAYLOAD).collect();
    loop {
        let text: String = body.iter().collect();
        let mut message = json!({
            "title": &*content.title,
            "body": text,
            "severity": content.severity_word(),
            "id": content.id.as_str(),
        });
        if let Some(url) = content.page.as_ref().or(content.url.as_ref()) {
            message["url"] = json!(&**url);
        }
        let message = message.to_string();
        // One byte says where the message ends.
        let surplus = (message.len() + 1).saturating_sub(PAYLOAD);
        if surplus == 0 || body.is_empty() {
            return message;
        }
        // A letter takes six bytes at most.
        body.truncate(body.len().saturating_sub(surplus.div_ceil(6) + 1));
        body.push('…');
        if body.len() == 1 {
            body.clear();
        }
    }
}

/// The keys of a subscription as a browser gives them, understood.
pub(crate) fn subscription(p256dh: &str, auth: &Secret) -> Result<Subscription, SubscriptionError> {
    Subscription::new(p256dh, auth.reveal())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str) -> Content {
        Content {
            id: "0001".into(),
            title: "Smoke".into(),
            body: body.into(),
            severity: Severity::Error,
            topic: "alert:smoke".into(),
            url: None,
            page: None,
        }
    }

    #[test]
    fn a_payload_fits_whatever_is_in_it() {
        assert_eq!(payload(&content("x")), r#"{"body":"x","id":"0001","severity":"critical","title":"Smoke"}"#);
        let led = Content { page: Some("/devices/zigbee%3A0x1".into()), ..content("x") };
        assert!(payload(&led).contains(r#""url":"/devices/zigbee%3A0x1""#));
        for letter in ["x", "ä", "😀", "\u{1}", "\""] {
            for count in [0, 100, 500, 3_000, 5_000] {
                let text = payload(&content(&letter.repeat(count)));
                assert!(text.len() < PAYLOAD, "{letter:?} {count}: {}", text.len());
                let read: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!(read["severity"], "critical");
                if count >= 3_000 {
                    assert!(text.len() > PAYLOAD / 2, "no more than needed is cut: {letter:?} {}", text.len());
                }
            }
        }
    }

    #[test]
    fn a_topic_is_short_and_says_nothing() {
        let topic = topic("alert:smoke:zigbee:0x1");
        assert_eq!(topic.len(), 32);
        assert!(topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    }
}
