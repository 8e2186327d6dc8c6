//! Messages as other programs understand them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hub_model::event::Severity;
use hub_model::message::WebhookShape;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::json;

use crate::content::Content;
use crate::http::Post;

/// How long a text may be, in bytes: ntfy makes a file of what is longer than 4,096, Discord refuses 2,000 letters.
const LONGEST: usize = 1_900;

/// The request that tells `content` in this shape.
pub(crate) fn post(shape: WebhookShape, content: &Content) -> Post {
    let body = cut(&content.body, LONGEST);
    let title = cut(&content.title, 200);
    let as_json = |value: serde_json::Value| {
        (vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))], Bytes::from(value.to_string()))
    };
    let (headers, body) = match shape {
        WebhookShape::Json => as_json(json!({
            "id": content.id.as_str(),
            "title": title,
            "body": body,
            "severity": content.severity_word(),
            "url": content.url.as_deref(),
        })),
        WebhookShape::Ntfy => (ntfy_headers(&title, content), Bytes::from(body)),
        WebhookShape::Discord => as_json(json!({
            "content": cut(&format!("**{title}**\n{body}"), LONGEST),
            // What a device is called must not call people.
            "allowed_mentions": { "parse": [] },
        })),
        WebhookShape::Slack => as_json(json!({ "text": format!("*{}*\n{}", escaped(&title), escaped(&body)) })),
    };
    Post { headers, body, follows: true }
}

fn ntfy_headers(title: &str, content: &Content) -> Vec<(HeaderName, HeaderValue)> {
    let (priority, tag) = match content.severity {
        Severity::Info => ("3", ""),
        Severity::Warning => ("4", "warning"),
        Severity::Error => ("5", "rotating_light"),
    };
    // RFC 2047, which ntfy reads: a header is ASCII.
    let title = format!("=?UTF-8?B?{}?=", STANDARD.encode(title));
    let mut headers = vec![
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (HeaderName::from_static("priority"), HeaderValue::from_static(priority)),
    ];
    if let Ok(title) = HeaderValue::try_from(title) {
        headers.push((HeaderName::from_static("title"), title));
    }
    if !tag.is_empty() {
        headers.push((HeaderName::from_static("tags"), HeaderValue::from_static(tag)));
    }
    if let Some(url) = content.url.as_deref().and_then(|url| HeaderValue::try_from(url).ok()) {
        headers.push((HeaderName::from_static("click"), url));
    }
    headers
}

/// Slack takes these three letters for its own marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// At most so many bytes, at the border of a letter.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest.saturating_sub('…'.len_utf8())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn each_shape_is_what_the_other_side_understands() {
        let content = Content {
            id: "0001".into(),
            title: "Rauch in der Küche".into(),
            body: "<Smoke> & \"fire\" @everyone".into(),
            severity: Severity::Error,
            topic: "alert:smoke".into(),
            url: None,
            page: None,
        };
        let mut seen = String::new();
        for shape in [WebhookShape::Json, WebhookShape::Ntfy, WebhookShape::Discord, WebhookShape::Slack] {
            let post = post(shape, &content);
            for (name, value) in &post.headers {
                seen.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
            }
            seen.push_str(&format!("{}\n\n", String::from_utf8_lossy(&post.body)));
        }
        expect![[r#"
            content-type: application/json
            {"body":"<Smoke> & \"fire\" @everyone","id":"0001","severity":"critical","title":"Rauch in der Küche","url":null}

            content-type: text/plain; charset=utf-8
            priority: 5
            title: =?UTF-8?B?UmF1Y2ggaW4gZGVyIEvDvGNoZQ==?=
            tags: rotating_light
            <Smoke> & "fire" @everyone

            content-type: application/json
            {"allowed_mentions":{"parse":[]},"content":"**Rauch in der Küche**\n<Smoke> & \"fire\" @everyone"}

            content-type: application/json
            {"text":"*Rauch in der Küche*\n&lt;Smoke&gt; &amp; \"fire\" @everyone"}

        "#]]
        .assert_eq(&seen);
    }

    #[test]
    fn texts_are_cut_between_letters() {
        assert_eq!(cut("äöü", 6), "äöü");
        assert_eq!(cut("äöüä", 6), "ä…");
        assert_eq!(cut("ä", 1), "…");
    }
}
