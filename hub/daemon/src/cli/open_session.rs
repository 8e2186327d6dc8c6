//! The session of a person who has logged in. Its tokens are void after an hour and are renewed then, by one command at
//! a time: a refresh token that comes twice would end the session.

use std::fs::File;
use std::sync::{Mutex, PoisonError};

use hub_model::household::Secret;
use serde_json::Value;

use super::arguments::Common;
use super::failure::{Failure, Problem, UNAUTHORIZED};
use super::login_file::{Login, LoginFile};
use crate::config::paths::{self, Environment};

/// The session of the login that is kept.
#[derive(Debug)]
pub(crate) struct OpenSession {
    file: LoginFile,
    login: Mutex<Login>,
}

impl OpenSession {
    /// The one of who has logged in; none = nobody has.
    pub(crate) fn kept(environment: Environment<'_>) -> Result<Option<Self>, Failure> {
        let Some(file) = paths::login_file(environment).map(LoginFile::new) else { return Ok(None) };
        let login = file.read()?;
        Ok(login.map(|login| Self { file, login: Mutex::new(login) }))
    }

    fn login<T>(&self, get: impl Fn(&mut Login) -> T) -> T {
        get(&mut self.login.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The hub, as it was named.
    pub(crate) fn host(&self) -> String {
        self.login(|login| login.host.clone())
    }

    /// Who.
    pub(crate) fn username(&self) -> String {
        self.login(|login| login.username.clone())
    }

    /// What is shown with a request.
    pub(crate) fn token(&self) -> Secret {
        self.login(|login| login.access_token.clone())
    }

    /// The arguments, with how the hub is recognised where they do not say it.
    pub(crate) fn known_by(&self, common: &Common) -> Common {
        if common.fingerprint.is_some() || common.ca.is_some() {
            return common.clone();
        }
        self.login(|login| Common { fingerprint: login.fingerprint.clone(), ca: login.ca.clone(), ..common.clone() })
    }

    /// Where it is kept.
    pub(crate) fn file(&self) -> &LoginFile {
        &self.file
    }

    /// Keeps other commands from renewing it meanwhile.
    pub(crate) fn begin_renewal(&self, old: &Secret) -> Result<Renewal<'_>, Failure> {
        let lock = self.file.lock()?;
        let kept = self.file.read()?.ok_or_else(|| self.is_over())?;
        if kept.host != self.host() || kept.username != self.username() {
            return Err(self.is_over());
        }
        let is_renewed = kept.access_token != *old;
        self.login(|login| *login = kept.clone());
        Ok(Renewal { session: self, is_renewed, _lock: lock })
    }

    /// The hub does not know it any more.
    pub(crate) fn is_over(&self) -> Failure {
        let detail = format!("The login of {} at {} is over.", self.username(), self.host());
        let hint = "Log in again with `hearth login`.".to_owned();
        Failure::Refused(Problem {
            status: UNAUTHORIZED,
            code: "login_over".to_owned(),
            detail,
            hint,
            body: Value::Null,
        })
    }
}

/// The tokens of a session are being renewed.
pub(crate) struct Renewal<'a> {
    session: &'a OpenSession,
    is_renewed: bool,
    /// Let go at the end.
    _lock: File,
}

impl Renewal<'_> {
    /// What gets new tokens; none = another command has got them already.
    pub(crate) fn refresh_token(&self) -> Option<Secret> {
        (!self.is_renewed).then(|| self.session.login(|login| login.refresh_token.clone()))
    }

    /// Keeps what the hub gave.
    pub(crate) fn finish(self, answer: &Value) -> Result<(), Failure> {
        let (access_token, refresh_token) = tokens(answer)?;
        let renewed = self.session.login(|login| {
            login.access_token = access_token.clone();
            login.refresh_token = refresh_token.clone();
            login.clone()
        });
        self.session.file.write(&renewed)
    }
}

/// The tokens of a session that the hub has opened or renewed.
pub(crate) fn tokens(answer: &Value) -> Result<(Secret, Secret), Failure> {
    let token = |field: &str| answer[field].as_str().map(Secret::new);
    let both = token("access_token").zip(token("refresh_token"));
    both.ok_or_else(|| Failure::Failed("the hub gave no tokens; is it another program?".to_owned()))
}
