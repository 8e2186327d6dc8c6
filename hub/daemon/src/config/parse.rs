//! From text and environment to a [`Config`].
//!
//! File and variables are laid into one table whose values remember where they stand, so that every error names its
//! place: spans within the text are the file's, spans behind its end are the variables', one after the other.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use driver_mqtt::MqttConfig;
use driver_mqtt::config::MqttConfigError;
use driver_zwave::ZWaveConfig;
use driver_zwave_js::ZWaveJsConfig;
use hub_model::DriverId;
use hub_model::name::nearest;

use super::error::{ConfigError, Place};
use super::{Config, DriverKind, DriverSection, MessagesSection, keys};

/// How a port is written.
/// The prefix of environment variables.
const PREFIX: &str = "HEARTH_";

/// Reads the file (a missing one is empty unless it `must_exist`) and the environment.
pub fn load(
    file: &Path,
    must_exist: bool,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => String::new(),
        Err(error) => {
            return Err(ConfigError {
                place: Place::File(file.to_owned()),
                problem: format!("the file cannot be read ({error})"),
                remedy: "make it readable UTF-8, or name another with --config".to_owned(),
            });
        }
    };
    parse(file, &text, variables)
}

/// Understands the text of `file` and those of the variables that are meant for the configuration.
pub fn parse(
    file: &Path,
    text: &str,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut variables: Vec<(String, String)> =
        variables.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    let source = Source { file, text, variables: &variables };
    let mut root = DeTable::parse(text).map_err(|error| source.explain(&error, ""))?.into_inner();
    let mut warnings = Vec::new();
    for index in 0..variables.len() {
        source.lay_in(index, &mut root, &mut warnings)?;
    }

    let drivers = take(&mut root, "driver").map(|list| source.drivers(list)).transpose()?.unwrap_or_default();
    let smtp = source.subsection(&mut root, "messages", "smtp")?;
    let config = Config {
        hub: source.section(&mut root, "hub")?,
        http: source.section(&mut root, "http")?,
        tls: source.section(&mut root, "tls")?,
        mdns: source.section(&mut root, "mdns")?,
        history: source.section(&mut root, "history")?,
        store: source.section(&mut root, "store")?,
        rules: source.section(&mut root, "rules")?,
        recovery: source.section(&mut root, "recovery")?,
        messages: MessagesSection { smtp, ..source.section(&mut root, "messages")? },
        drivers,
        warnings,
    };
    match root.iter().next() {
        None => Ok(config),
        Some((name, _)) => {
            let nearest = nearest(name.get_ref(), keys::SECTIONS.into_iter().chain(["driver"]));
            Err(source.error(
                &name.span(),
                format!("there is no section `{}`", name.get_ref()),
                match nearest {
                    Some("driver") => "did you mean [[driver]]?".to_owned(),
                    Some(nearest) => format!("did you mean [{nearest}]?"),
                    None => format!("sections are [{}] and [[driver]]", keys::SECTIONS.join("], [")),
                },
            ))
        }
    }
}

/// The driver that already has these devices.
fn twin<'d>(drivers: &'d [DriverSection], kind: &DriverKind) -> Option<&'d DriverId> {
    let has_it = |other: &&DriverSection| match (&other.kind, kind) {
        (DriverKind::Zigbee2Mqtt(other), DriverKind::Zigbee2Mqtt(config)) => other.is_same_bridge(config),
        (DriverKind::ZWaveJs(other), DriverKind::ZWaveJs(config)) => other.is_same_server(config),
        _ => false,
    };
    drivers.iter().find(has_it).map(|other| &other.id)
}

fn take<'i>(table: &mut DeTable<'i>, name: &str) -> Option<Spanned<DeValue<'i>>> {
    table.remove(name)
}

/// What is understood, for errors.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
    variables: &'a [(String, String)],
}

impl<'a> Source<'a> {
    fn section<T: DeserializeOwned + Default>(&self, root: &mut DeTable<'a>, name: &str) -> Result<T, ConfigError> {
        match take(root, name) {
            None => Ok(T::default()),
            Some(value) if matches!(value.get_ref(), DeValue::Table(_)) => self.typed(value, name),
            Some(value) => Err(self.error(
                &value.span(),
                format!("`{name}` is a section"),
                format!("write [{name}] on a line of its own and its keys below"),
            )),
        }
    }

    /// A section within a section, e.g. `[messages.smtp]`.
    fn subsection<T: DeserializeOwned + Default>(
        &self,
        root: &mut DeTable<'a>,
        section: &str,
        name: &str,
    ) -> Result<T, ConfigError> {
        let Some(DeValue::Table(table)) = root.get_mut(section).map(Spanned::get_mut) else { return Ok(T::default()) };
        match take(table, name) {
            None => Ok(T::default()),
            Some(value) if matches!(value.get_ref(), DeValue::Table(_)) => {
                self.typed(value, &format!("{section}.{name}"))
            }
            Some(value) => Err(self.error(
                &value.span(),
                format!("`{name}` is a section"),
                format!("write [{section}.{name}] on a line of its own and its keys below"),
            )),
        }
    }

    fn typed<T: DeserializeOwned>(&self, value: Spanned<DeValue<'a>>, section: &str) -> Result<T, ConfigError> {
        T::deserialize(ValueDeserializer::from(value)).map_err(|error| self.explain(&error, section))
    }

    fn drivers(&self, list: Spanned<DeValue<'a>>) -> Result<Vec<DriverSection>, ConfigError> {
        let span = list.span();
        let DeValue::Array(items) = list.into_inner() else {
            return Err(self.error(&span, "drivers are a list".into(), "write [[driver]] with double brackets".into()));
        };
        let mut drivers: Vec<DriverSection> = Vec::new();
        for item in items {
            let span = item.span();
            let DeValue::Table(mut table) = item.into_inner() else {
                return Err(self.error(
                    &span,
                    "a driver is a table".into(),
                    "write [[driver]] and its keys below".into(),
                ));
            };
            let (id_span, id) = self.text_of(&mut table, &span, "id")?;
            let well_formed =
                !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
            if !well_formed {
                let remedy = "use a-z, 0-9, - and _, for example `id = \"zigbee\"`".to_owned();
                return Err(self.error(&id_span, format!("`{id}` cannot be a driver's id"), remedy));
            }
            if drivers.iter().any(|driver| driver.id.as_str() == id) {
                let remedy = "give each driver an id of its own".to_owned();
                return Err(self.error(&id_span, format!("two drivers have the id `{id}`"), remedy));
            }
            let (type_span, kind) = self.text_of(&mut table, &span, "type")?;
            let places: Vec<(String, Range<usize>)> =
                table.iter().map(|(name, value)| (name.get_ref().clone().into_owned(), value.span())).collect();
            let rest = Spanned::new(span.clone(), DeValue::Table(table));
            let kind = match kind.as_str() {
                "zigbee2mqtt" => {
                    let config: Box<MqttConfig> = self.typed(rest, "zigbee2mqtt")?;
                    config.check().map_err(|error| self.wrong_mqtt(&error, &places, &span))?;
                    DriverKind::Zigbee2Mqtt(config)
                }
                "virtual" => DriverKind::Virtual(self.typed(rest, "virtual")?),
                "zwave" => {
                    let config: ZWaveConfig = self.typed(rest, "zwave")?;
                    config.link().map_err(|error| self.error_of_key(&error.to_string(), &["port"], &places, &span))?;
                    DriverKind::ZWave(config)
                }
                "zwave-js" => {
                    let config: ZWaveJsConfig = self.typed(rest, "zwave-js")?;
                    config.check().map_err(|error| self.error_of_key(&error.to_string(), &["url"], &places, &span))?;
                    DriverKind::ZWaveJs(config)
                }
                unknown => {
                    let remedy = match nearest(unknown, keys::DRIVER_TYPES) {
                        Some(nearest) => format!("did you mean `type = \"{nearest}\"`?"),
                        None => format!("types are {}", keys::DRIVER_TYPES.join(", ")),
                    };
                    return Err(self.error(&type_span, format!("there is no driver type `{unknown}`"), remedy));
                }
            };
            let conflict = twin(&drivers, &kind).map(|other| {
                let problem = format!("the drivers `{other}` and `{id}` read the same bridge");
                let another = if matches!(kind, DriverKind::ZWaveJs(_)) { "url" } else { "broker or base_topic" };
                let remedy = format!("remove one of them, or give it another {another}: each device is there twice");
                self.error(&span, problem, remedy)
            });
            drivers.push(DriverSection { id: DriverId::new(id), kind, conflict });
        }
        Ok(drivers)
    }

    /// What cannot work although each key for itself is well-formed.
    fn wrong_mqtt(
        &self,
        error: &MqttConfigError,
        places: &[(String, Range<usize>)],
        driver: &Range<usize>,
    ) -> ConfigError {
        let keys: &[&str] = match error {
            MqttConfigError::Broker(_) => &["broker"],
            MqttConfigError::BaseTopic(_) => &["base_topic"],
            MqttConfigError::HalfAKeyPair => &["cert", "key"],
            MqttConfigError::CertificatesWithoutTls { .. } => &["ca", "cert", "key"],
            MqttConfigError::TwoPasswords => &["password"],
            MqttConfigError::PasswordWithoutUser => &["password", "password_file"],
        };
        self.error_of_key(&error.to_string(), keys, places, driver)
    }

    /// What is wrong with the first of these keys that a driver has, and after a semicolon what to do.
    fn error_of_key(
        &self,
        text: &str,
        keys: &[&str],
        places: &[(String, Range<usize>)],
        driver: &Range<usize>,
    ) -> ConfigError {
        let span = places.iter().find(|(name, _)| keys.contains(&name.as_str())).map_or(driver, |(_, span)| span);
        let (problem, remedy) = text.split_once("; ").unwrap_or((text, ""));
        self.error(span, problem.to_owned(), remedy.to_owned())
    }

    /// A text that every driver must have.
    fn text_of(
        &self,
        table: &mut DeTable<'a>,
        driver: &Range<usize>,
        name: &str,
    ) -> Result<(Range<usize>, String), ConfigError> {
        let example = keys::find("driver", name).map_or("", |key| key.example);
        let value = take(table, name).ok_or_else(|| {
            self.error(driver, format!("a driver has no `{name}`"), format!("add for example `{example}`"))
        })?;
        match value.get_ref() {
            DeValue::String(text) => Ok((value.span(), text.clone().into_owned())),
            _ => Err(self.error(
                &value.span(),
                format!("`{name}` must be a text"),
                format!("write for example `{example}`"),
            )),
        }
    }

    /// Lays a variable over what the file says. `HEARTH_HTTP_LISTEN` is `listen` of `[http]`, `HEARTH_DRIVER_ZIGBEE_BROKER`
    /// is `broker` of the driver `zigbee`.
    fn lay_in(&self, index: usize, root: &mut DeTable<'a>, warnings: &mut Vec<String>) -> Result<(), ConfigError> {
        let (variable, _) = &self.variables[index];
        let words = variable.trim_start_matches(PREFIX).to_ascii_lowercase();
        let (section, name) = words.split_once('_').unwrap_or((&words, ""));
        if section == "driver" {
            return self.lay_into_driver(index, name, root);
        }
        let of = |section: &&'static str| {
            let name = words.strip_prefix(&format!("{}_", section.replace('.', "_")))?;
            Some((*section, name))
        };
        // HEARTH_MESSAGES_SMTP_PORT is of [messages.smtp], not of [messages].
        if let Some((section, name)) = keys::SECTIONS.iter().filter_map(of).max_by_key(|(section, _)| section.len()) {
            // A name that is none is left to the section's own error.
            let value = self.value(index, keys::find(section, name));
            return match table_in(root, section, self.span(index)) {
                Some(table) => {
                    table.insert(Spanned::new(self.span(index), name.to_owned().into()), value);
                    Ok(())
                }
                None => Ok(()),
            };
        }
        if !OTHER_VARIABLES.contains(&variable.as_str()) {
            warnings.push(format!("the environment variable {variable} means nothing to Hearth"));
        }
        Ok(())
    }

    fn lay_into_driver(&self, index: usize, words: &str, root: &mut DeTable<'a>) -> Result<(), ConfigError> {
        let span = self.span(index);
        let unknown = || {
            self.error(
                &span,
                "the file has no driver of this name".to_owned(),
                "write HEARTH_DRIVER_<ID>_<KEY> with the id of a [[driver]] in the file (- becomes _)".to_owned(),
            )
        };
        let Some(DeValue::Array(drivers)) = root.get_mut("driver").map(Spanned::get_mut) else { return Err(unknown()) };
        for driver in drivers.iter_mut() {
            let DeValue::Table(table) = driver.get_mut() else { continue };
            let Some(DeValue::String(id)) = table.get("id").map(Spanned::get_ref) else { continue };
            let prefix = format!("{}_", id.to_ascii_lowercase().replace('-', "_"));
            let Some(name) = words.strip_prefix(&prefix) else { continue };
            let kind = match table.get("type").map(Spanned::get_ref) {
                Some(DeValue::String(kind)) => kind.clone().into_owned(),
                _ => String::new(),
            };
            let value = self.value(index, keys::find(&kind, name));
            table.insert(Spanned::new(span, name.to_owned().into()), value);
            return Ok(());
        }
        Err(unknown())
    }

    /// The value of a variable: as TOML where the key is no text and it is some, else as a text.
    fn value(&self, index: usize, key: Option<&keys::Key>) -> Spanned<DeValue<'a>> {
        let (_, text) = &self.variables[index];
        let is_text = key.is_some_and(|key| key.example.contains("= \""));
        let value = match DeValue::parse(text) {
            Ok(value) if !is_text => value.into_inner(),
            _ => DeValue::String(text.as_str().into()),
        };
        Spanned::new(self.span(index), value)
    }

    fn span(&self, variable: usize) -> Range<usize> {
        let start = self.text.len() + 1 + variable;
        start..start
    }

    fn place(&self, span: &Range<usize>) -> Place {
        if let Some(index) = span.start.checked_sub(self.text.len() + 1)
            && let Some((name, _)) = self.variables.get(index)
        {
            return Place::Variable(name.clone());
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Place::Line(self.file.to_owned(), line, before[line_start..].chars().count() + 1)
    }

    fn error(&self, span: &Range<usize>, problem: String, remedy: String) -> ConfigError {
        ConfigError { place: self.place(span), problem, remedy }
    }

    /// Puts an error of the parser into words for people.
    fn explain(&self, error: &toml::de::Error, section: &str) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or_default();
        let mut quoted = message.split('`').skip(1).step_by(2);
        if message.starts_with("unknown field") {
            let wrong = quoted.next().unwrap_or_default();
            let known: Vec<&str> = quoted.collect();
            let remedy = match nearest(wrong, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("keys of {section} are {}", known.join(", ")),
            };
            return self.error(&span, format!("{section} has no key `{wrong}`"), remedy);
        }
        if message.starts_with("missing field") {
            let missing = quoted.next().unwrap_or_default();
            let example = keys::find(section, missing).map_or(missing, |key| key.example);
            return self.error(&span, format!("`{missing}` is missing"), format!("add for example `{example}`"));
        }
        let mut problem = message.to_owned();
        for technical in ["u16", "u32", "u64"] {
            problem = problem.replace(&format!("expected {technical}"), "expected a whole number, not negative");
        }
        let key = self.key_at(&span, section);
        // Where it is not clear whose value it is, it may be a secret too.
        if key.is_none_or(keys::Key::is_secret) {
            problem = without_value(&problem);
        }
        let remedy = match key {
            _ if message.starts_with("duplicate key") => "keep one of them".to_owned(),
            Some(key) => format!("write for example `{}` ({})", key.example, key.meaning),
            None => "write it as TOML: `key = \"text\"`, `key = 5`, `key = true`, `[section]`".to_owned(),
        };
        self.error(&span, problem, remedy)
    }

    /// The key whose value stands at a place.
    fn key_at(&self, span: &Range<usize>, section: &str) -> Option<&'static keys::Key> {
        if section.is_empty() {
            return None;
        }
        match self.place(span) {
            Place::Variable(name) => {
                let name = name.to_ascii_lowercase();
                keys::KEYS
                    .iter()
                    .filter(|key| key.section == section)
                    .find(|key| name.ends_with(&format!("_{}", key.name)))
            }
            Place::Line(_, line, _) => {
                let line = self.text.lines().nth(line - 1)?;
                keys::find(section, line.split('=').next()?.trim())
            }
            Place::File(_) => None,
        }
    }
}

/// What a parser says of a value, without the value: «invalid type, expected a string».
fn without_value(problem: &str) -> String {
    match (problem.split_once(": "), problem.rsplit_once(", expected ")) {
        (Some((kind, _)), Some((_, expected))) if kind.starts_with("invalid ") => {
            format!("{kind}, expected {expected}")
        }
        _ => problem.to_owned(),
    }
}

/// Variables that mean something elsewhere: the log filter, and the command line's own.
const OTHER_VARIABLES: [&str; 8] = [
    "HEARTH_LOG",
    "HEARTH_CONFIG",
    "HEARTH_HOST",
    "HEARTH_TOKEN",
    "HEARTH_SOCKET",
    "HEARTH_FINGERPRINT",
    "HEARTH_CA",
    "HEARTH_BIN",
];

/// The table of a section; made if it is not there, none if something else stands in its place.
fn table_in<'t, 'i>(root: &'t mut DeTable<'i>, section: &str, span: Range<usize>) -> Option<&'t mut DeTable<'i>> {
    if let Some((outer, inner)) = section.split_once('.') {
        return table_in(table_in(root, outer, span.clone())?, inner, span);
    }
    if !root.contains_key(section) {
        let table = Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
        root.insert(Spanned::new(span, section.to_owned().into()), table);
    }
    match root.get_mut(section)?.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}
