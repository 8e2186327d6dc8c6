//! Messages by mail, through the server that the owner named.

use std::time::Duration;

use hub_model::household::Secret;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::content::Content;
use crate::webhook::cut;

/// A mail takes this long at most.
const WITHIN: Duration = Duration::from_secs(30);
/// Each answer of the server takes this long at most.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a mail may be, in bytes.
const LONGEST: usize = 64 * 1_024;

/// What a server answers to a login that it does not take. RFC 4954, 4 and 6.
const LOGIN_REFUSED: [u16; 5] = [432, 454, 534, 535, 538];

/// The server that takes the hub's mail.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Its name.
    pub server: String,
    /// Its port; none = the usual one.
    pub port: Option<u16>,
    /// How the way there is encrypted.
    pub tls: SmtpTls,
    /// Certificates that the server's is signed by beside the usual ones, PEM.
    pub ca: Option<Vec<u8>>,
    /// With what the hub logs in.
    pub login: Option<(String, Secret)>,
    /// Who the mail is from, e.g. `Hearth <hearth@example.com>`.
    pub from: String,
}

/// How the way to the server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SmtpTls {
    /// From the greeting on (RFC 3207); a server that cannot is given nothing.
    #[default]
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all: only to this machine itself.
    None,
}

impl SmtpTls {
    /// The usual port.
    fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// A mail could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address is none.
    #[error("this is no mail address; write it like anna@example.com")]
    Address,
    /// The message could not be put together.
    #[error("the mail could not be written ({0})")]
    Message(#[from] lettre::error::Error),
    /// The server said no, or could not be reached.
    #[error("the mail server did not take it ({0})")]
    Server(#[from] lettre::transport::smtp::Error),
    /// The server does not let the hub in. What it says of that may repeat the password, and is not shown.
    #[error("the mail server does not take the hub's login ({code}); mend username and password_file")]
    Login {
        /// RFC 4954, 6.
        code: u16,
        /// Whether it may at another time.
        later: bool,
    },
    /// Without encryption mail goes to this machine only.
    #[error("mail is sent without encryption to this machine only; set tls to \"starttls\" or \"implicit\"")]
    NotEncrypted,
    /// It took too long.
    #[error("the mail server did not answer within {} s", WITHIN.as_secs())]
    Timeout,
}

impl MailError {
    /// Whether it is of use to try again.
    pub fn may_work_later(&self) -> bool {
        match self {
            Self::Address | Self::Message(_) | Self::NotEncrypted => false,
            Self::Server(error) => !error.is_permanent(),
            Self::Login { later, .. } => *later,
            Self::Timeout => true,
        }
    }

    fn of_sending(error: lettre::transport::smtp::Error) -> Self {
        match error.status().map(u16::from).filter(|code| LOGIN_REFUSED.contains(code)) {
            Some(code) => Self::Login { code, later: !error.is_permanent() },
            None => Self::Server(error),
        }
    }
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mailer").field("from", &self.from.to_string()).finish_non_exhaustive()
    }
}

/// Whether this is an address that mail can be sent to.
pub(crate) fn check(address: &str) -> Result<(), MailError> {
    address.parse::<Address>().map(drop).map_err(|_| MailError::Address)
}

impl Mailer {
    /// One for this server. Nothing is sent yet.
    pub fn new(server: SmtpServer) -> Result<Self, MailError> {
        let from = server.from.parse().map_err(|_| MailError::Address)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.server)
            .port(server.port.unwrap_or(server.tls.port()))
            .timeout(Some(ANSWER_WITHIN));
        if server.tls == SmtpTls::None && !is_this_machine(&server.server) {
            return Err(MailError::NotEncrypted);
        }
        if server.tls != SmtpTls::None {
            let mut parameters = TlsParameters::builder(server.server.clone());
            if let Some(ca) = &server.ca {
                parameters = parameters.add_root_certificate(Certificate::from_pem(ca)?);
            }
            let parameters = parameters.build_rustls()?;
            builder = builder.tls(match server.tls {
                SmtpTls::Implicit => Tls::Wrapper(parameters),
                _ => Tls::Required(parameters),
            });
        }
        if let Some((username, password)) = server.login {
            builder = builder.credentials(Credentials::new(username, password.reveal().to_owned()));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a message to one person.
    pub async fn send(&self, address: &str, content: &Content) -> Result<(), MailError> {
        let to: Address = address.parse().map_err(|_| MailError::Address)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject(content))
            // Other machines do not answer: no notes of absence (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text(content))?;
        let sent = tokio::time::timeout(WITHIN, self.transport.send(message)).await.map_err(|_| MailError::Timeout)?;
        sent.map(drop).map_err(MailError::of_sending)
    }
}

/// Whether a server is named that can only be this machine.
fn is_this_machine(server: &str) -> bool {
    server.eq_ignore_ascii_case("localhost")
        || server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn subject(content: &Content) -> String {
    let title: String = content.title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match content.severity_word() {
        "critical" => format!("[critical] {title}"),
        _ => title,
    }
}

fn text(content: &Content) -> String {
    let mut text = cut(&content.body, LONGEST);
    if let Some(url) = &content.url {
        text.push_str(&format!("\n\n{url}"));
    }
    text
}

/// `Auto-Submitted: auto-generated`
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(server: &str, tls: SmtpTls) -> SmtpServer {
        let from = "Hearth <hearth@example.com>".to_owned();
        SmtpServer { server: server.to_owned(), port: None, tls, ca: None, login: None, from }
    }

    #[test]
    fn only_this_machine_is_sent_mail_without_encryption() {
        for (name, tls, works) in [
            ("mail.example.com", SmtpTls::StartTls, true),
            ("mail.example.com", SmtpTls::Implicit, true),
            ("mail.example.com", SmtpTls::None, false),
            ("192.168.1.5", SmtpTls::None, false),
            ("localhost", SmtpTls::None, true),
            ("127.0.0.1", SmtpTls::None, true),
        ] {
            assert_eq!(Mailer::new(server(name, tls)).is_ok(), works, "{name} {tls:?}");
        }
        let nobody = SmtpServer { from: "nobody".to_owned(), ..server("localhost", SmtpTls::None) };
        assert!(matches!(Mailer::new(nobody), Err(MailError::Address)));
    }

    #[test]
    fn addresses_are_checked() {
        for (address, is_one) in [
            ("anna@example.com", true),
            ("anna+hearth@example.com", true),
            ("anna", false),
            ("anna@example.com\r\nBcc: all@example.com", false),
            ("Anna <anna@example.com>", false),
            ("", false),
        ] {
            assert_eq!(check(address).is_ok(), is_one, "{address:?}");
        }
    }
}
