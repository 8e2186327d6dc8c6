//! `[messages]` and `[messages.smtp]`

use std::path::PathBuf;

use serde::Deserialize;

/// `[messages]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessagesSection {
    /// Hosts near the hub to which messages may be sent for people.
    pub allow: Vec<String>,
    /// Who is told next of something critical that nobody acknowledges, by name; empty = owners and adults.
    pub escalation: Vec<String>,
    /// After how many minutes.
    pub next_person_minutes: u16,
    /// After how many minutes a device that is unreachable is an alert.
    pub offline_minutes: u16,
    /// Whom push services may write to.
    pub contact: String,
    /// The mail server; it stands in a section of its own.
    #[serde(skip)]
    pub smtp: SmtpSection,
}

impl Default for MessagesSection {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            escalation: Vec::new(),
            next_person_minutes: 10,
            offline_minutes: 60,
            contact: "mailto:nobody@hearth.example".to_owned(),
            smtp: SmtpSection::default(),
        }
    }
}

/// `[messages.smtp]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSection {
    /// The mail server; none = no mail is sent.
    pub server: Option<String>,
    /// Its port; none = the usual one.
    pub port: Option<u16>,
    /// How the way there is encrypted.
    pub tls: Tls,
    /// With what the hub logs in; none = not at all.
    pub username: Option<String>,
    /// Where the password stands.
    pub password_file: Option<PathBuf>,
    /// Certificates that the server's is signed by beside the usual ones.
    pub ca: Option<PathBuf>,
    /// Who the mail is from.
    pub from: Option<String>,
}

/// How the way to the mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// After the greeting.
    #[default]
    Starttls,
    /// From the first byte.
    Implicit,
    /// Not at all: only to this machine.
    None,
}
