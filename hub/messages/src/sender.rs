//! Sends what the router wants sent, by whatever channel, and says what became of it.

use std::sync::Arc;
use std::time::Duration;

use hub_model::Timestamp;
use hub_model::event::Severity;
use hub_model::household::Secret;
use hub_model::message::{Channel, ChannelKind, WebhookShape};
use hyper::StatusCode;

use crate::content::Content;
use crate::email::{self, Mailer};
use crate::http::{Answer, Client, Post, PostError};
use crate::router::Outcome;
use crate::target::Target;
use crate::web_push::{self, VapidKey};
use crate::webhook;

/// The ways out of the hub.
#[derive(Debug)]
pub struct Sender {
    client: Client,
    key: VapidKey,
    contact: String,
    mailer: Option<Mailer>,
}

/// How much of what the other side says is shown.
const SHOWN: usize = 200;

impl Sender {
    /// The ways out. Without a `mailer` no mail is sent. `contact` is whom push services write to if the hub misbehaves:
    /// an address like `mailto:…`.
    pub fn new(client: Client, key: VapidKey, contact: String, mailer: Option<Mailer>) -> Self {
        Self { client, key, contact, mailer }
    }

    /// What browsers subscribe with.
    pub fn push_key(&self) -> &str {
        self.key.public()
    }

    /// Whether a channel can work, as far as that can be known without sending: what is wrong with it, for people.
    pub fn check(&self, kind: &ChannelKind) -> Result<(), String> {
        match kind {
            ChannelKind::WebPush { endpoint, p256dh, auth } => {
                Target::of(endpoint.reveal(), self.client.allowed()).map_err(|error| error.to_string())?;
                web_push::subscription(p256dh, auth).map(drop).map_err(|error| error.to_string())
            }
            ChannelKind::Email { .. } if self.mailer.is_none() => {
                Err("the hub has no mail server; its owner can name one ([messages.smtp] in the configuration)"
                    .to_owned())
            }
            ChannelKind::Email { address } => email::check(address).map_err(|error| error.to_string()),
            ChannelKind::Webhook { url, .. } => {
                Target::of(url.reveal(), self.client.allowed()).map(drop).map_err(|error| error.to_string())
            }
        }
    }

    /// Sends it.
    pub async fn send(&self, channel: &Channel, content: &Content, now: Timestamp) -> Outcome {
        match &channel.kind {
            ChannelKind::WebPush { endpoint, p256dh, auth } => self.push(endpoint, (p256dh, auth), content, now).await,
            ChannelKind::Email { address } => self.mail(address, content).await,
            ChannelKind::Webhook { url, shape } => self.call(url, *shape, content).await,
        }
    }

    async fn push(
        &self,
        endpoint: &Secret,
        (p256dh, auth): (&str, &Secret),
        content: &Content,
        now: Timestamp,
    ) -> Outcome {
        let refused = |detail: String| Outcome::Refused { detail: detail.into() };
        let subscription = match web_push::subscription(p256dh, auth) {
            Ok(subscription) => subscription,
            Err(error) => return refused(error.to_string()),
        };
        let target = match Target::of(endpoint.reveal(), self.client.allowed()) {
            Ok(target) => target,
            Err(error) => return refused(error.to_string()),
        };
        let post = match web_push::post(&subscription, &target, content, &self.key, &self.contact, now) {
            Ok(post) => post,
            Err(error) => return refused(error.to_string()),
        };
        match self.post(endpoint, &post).await {
            // The browser has unsubscribed (RFC 8030, 7.3).
            Ok(answer) if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) => Outcome::Gone,
            other => outcome(other, endpoint),
        }
    }

    async fn call(&self, url: &Secret, shape: WebhookShape, content: &Content) -> Outcome {
        outcome(self.post(url, &webhook::post(shape, content)).await, url)
    }

    async fn post(&self, url: &Secret, post: &Post) -> Result<Answer, PostError> {
        self.client.post(url.reveal(), post).await
    }

    async fn mail(&self, address: &str, content: &Content) -> Outcome {
        let Some(mailer) = &self.mailer else {
            return Outcome::Refused { detail: "the hub has no mail server".into() };
        };
        match mailer.send(address, content).await {
            Ok(()) => Outcome::Delivered,
            Err(error) if error.may_work_later() => {
                Outcome::Failed { retry_after: None, detail: error.to_string().into() }
            }
            Err(error) => Outcome::Refused { detail: error.to_string().into() },
        }
    }
}

/// What the other side says of it, unless it repeats the address, which is a secret.
fn said<'a>(text: &'a str, url: &Secret) -> &'a str {
    let behind = url.reveal().split_once("://").and_then(|(_, rest)| rest.split_once(['/', '?']));
    let words = behind.map_or("", |(_, path)| path).split(['/', '?', '&', '=', '#']);
    // A word of the address that is too short to be a secret may be one of any text.
    let repeats = words.filter(|word| word.len() > 5).any(|word| text.contains(word));
    if repeats { "" } else { text }
}

/// What an answer means.
fn outcome(answer: Result<Answer, PostError>, url: &Secret) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.may_work_later() => return failed(None, error.to_string()),
        Err(error) => return Outcome::Refused { detail: error.to_string().into() },
    };
    if answer.status.is_success() {
        return Outcome::Delivered;
    }
    let said: String = said(&answer.text, url).chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
    let detail = format!("the other side answers {}{}{said}", answer.status, if said.is_empty() { "" } else { ": " });
    let later =
        [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS].contains(&answer.status);
    if later || answer.status.is_server_error() {
        return failed(answer.retry_after, detail);
    }
    Outcome::Refused { detail: detail.into() }
}

fn failed(retry_after: Option<Duration>, detail: String) -> Outcome {
    Outcome::Failed { retry_after, detail: detail.into() }
}

/// What is sent to try a channel out.
pub fn trial(now: Timestamp) -> Content {
    Content {
        id: format!("test-{}", now.milliseconds()).into(),
        title: "Hearth".into(),
        body: Arc::from("This is a test: messages reach you this way."),
        severity: Severity::Info,
        topic: "test".into(),
        url: None,
        page: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_the_address_is_not_shown() {
        let url = Secret::new("https://hooks.example/services/T0123456/x?token=abcdefgh");
        for (text, shown) in [
            ("no such topic at hooks.example", true),
            ("POST /services/T0123456/x", false),
            ("the token abcdefgh is void", false),
            ("x", true),
        ] {
            assert_eq!(said(text, &url) == text, shown, "{text}");
        }
        assert_eq!(said("no", &Secret::new("https://hooks.example")), "no");
    }

    #[test]
    fn answers_say_whether_it_is_of_use_to_try_again() {
        let answer = |status: u16, retry_after: Option<u64>| {
            let retry_after = retry_after.map(Duration::from_secs);
            let status = StatusCode::from_u16(status).unwrap();
            outcome(Ok(Answer { status, retry_after, text: "no\n".to_owned() }), &Secret::default())
        };
        for (status, retry_after, expected) in [
            (200, None, "delivered"),
            (201, None, "delivered"),
            (204, None, "delivered"),
            (302, None, "refused the other side answers 302 Found: no"),
            (400, None, "refused the other side answers 400 Bad Request: no"),
            (404, None, "refused the other side answers 404 Not Found: no"),
            (413, None, "refused the other side answers 413 Payload Too Large: no"),
            (429, Some(7), "failed 7s the other side answers 429 Too Many Requests: no"),
            (503, None, "failed the other side answers 503 Service Unavailable: no"),
        ] {
            let said = match answer(status, retry_after) {
                Outcome::Delivered => "delivered".to_owned(),
                Outcome::Failed { retry_after: None, detail } => format!("failed {detail}"),
                Outcome::Failed { retry_after: Some(after), detail } => format!("failed {after:?} {detail}"),
                Outcome::Refused { detail } => format!("refused {detail}"),
                Outcome::Gone => "gone".to_owned(),
            };
            assert_eq!(said, expected, "{status}");
        }
    }
}
