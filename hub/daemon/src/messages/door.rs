//! The door of the API to the messages, and the ways out as they are configured.

use std::sync::Arc;
use std::time::Duration;

use hub_api::{Attempt, Messenger};
use hub_messages::address::Allowed;
use hub_messages::http::{Client, SystemResolver};
use hub_messages::{Mailer, Outcome, Sender, SmtpServer, SmtpTls, VapidKey, trial};
use hub_model::household::Secret;
use hub_model::message::{Channel, ChannelKind};
use hub_model::{Clock, NotificationId};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use super::{Parts, Request};
use crate::config::{MessagesSection, SmtpSection, Tls};

/// What the API asks of the messages.
#[derive(Clone)]
pub struct Door {
    sender: Arc<Sender>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    requests: mpsc::Sender<Request>,
    trials: Arc<Semaphore>,
}

/// Test messages that are sent at the same time. They have a room of their own: an alarm does not wait for them.
const TRIALS_AT_ONCE: usize = 4;
/// For so long a test message is waited for, until there is room for it too.
const TRIAL_WITHIN: Duration = Duration::from_secs(60);

impl Door {
    pub(super) fn new(parts: &Parts, requests: mpsc::Sender<Request>) -> Self {
        let (sender, clock, runtime) = (Arc::clone(&parts.sender), Arc::clone(&parts.clock), parts.runtime.clone());
        Self { sender, clock, runtime, requests, trials: Arc::new(Semaphore::new(TRIALS_AT_ONCE)) }
    }
}

impl Messenger for Door {
    fn push_key(&self) -> &str {
        self.sender.push_key()
    }

    fn check(&self, kind: &ChannelKind) -> Result<(), String> {
        self.sender.check(kind)
    }

    fn try_out(&self, channel: Channel) -> Attempt {
        let (sender, now) = (Arc::clone(&self.sender), self.clock.now().time());
        let trials = Arc::clone(&self.trials);
        let sent = self.runtime.spawn(tokio::time::timeout(TRIAL_WITHIN, async move {
            // The room is never closed.
            let _place = trials.acquire().await;
            sender.send(&channel, &trial(now), now).await
        }));
        Box::pin(async move {
            match sent.await {
                Ok(Ok(Outcome::Delivered)) => Ok(()),
                Ok(Ok(Outcome::Failed { detail, .. } | Outcome::Refused { detail })) => Err(detail.to_string()),
                Ok(Ok(Outcome::Gone)) => Err("the browser has unsubscribed; subscribe it anew".to_owned()),
                Ok(Err(_)) => Err("it took too long, or too many were tried out at the same time".to_owned()),
                Err(_) => Err("the hub is stopping".to_owned()),
            }
        })
    }

    fn acknowledged(&self, id: &NotificationId) {
        let (requests, request) = (self.requests.clone(), Request::Acknowledged(id.clone()));
        self.runtime.spawn(async move {
            // A loop that has ended looks at the next start.
            let _ = requests.send(request).await;
        });
    }
}

/// The ways out. What is wrong with the mail server keeps nothing else from being sent.
pub fn sender(config: &MessagesSection, key: VapidKey) -> Result<Sender, hub_messages::http::SetUpError> {
    let client = Client::new(Allowed::new(&config.allow), Arc::new(SystemResolver))?;
    let mailer = config.smtp.server.as_ref().and_then(|server| match mailer(server, &config.smtp) {
        Ok(mailer) => Some(mailer),
        Err(error) => {
            tracing::error!(%error, "No mail can be sent; mend [messages.smtp] in the configuration.");
            None
        }
    });
    Ok(Sender::new(client, key, config.contact.clone(), mailer))
}

fn mailer(server: &str, config: &SmtpSection) -> Result<Mailer, String> {
    let read = |file: &std::path::Path| {
        std::fs::read(file).map_err(|error| format!("{} cannot be read ({error})", file.display()))
    };
    let password = match &config.password_file {
        Some(file) => String::from_utf8(read(file)?).map_err(|_| format!("{} is not UTF-8", file.display()))?,
        None => String::new(),
    };
    let password = Secret::new(password.trim_end_matches(['\r', '\n']));
    let server = SmtpServer {
        server: server.to_owned(),
        port: config.port,
        tls: match config.tls {
            Tls::Starttls => SmtpTls::StartTls,
            Tls::Implicit => SmtpTls::Implicit,
            Tls::None => SmtpTls::None,
        },
        ca: config.ca.as_deref().map(read).transpose()?,
        login: config.username.clone().map(|username| (username, password)),
        from: config.from.clone().ok_or("`from` is missing: who the mail is from")?,
    };
    Mailer::new(server).map_err(|error| error.to_string())
}
