//! The table of everything that can be set.

/// One key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// The section, or the driver type that has it.
    pub section: &'static str,
    /// The key.
    pub name: &'static str,
    /// A line as it can be written.
    pub example: &'static str,
    /// What it means and what holds without it.
    pub meaning: &'static str,
}

impl Key {
    /// Whether its value is to be seen by nobody.
    pub fn is_secret(&self) -> bool {
        SECRETS.contains(&(self.section, self.name))
    }
}

/// The keys whose values stand in no error.
const SECRETS: &[(&str, &str)] = &[("zigbee2mqtt", "password")];

const fn key(section: &'static str, name: &'static str, example: &'static str, meaning: &'static str) -> Key {
    Key { section, name, example, meaning }
}

/// The sections that stand in single brackets.
pub const SECTIONS: [&str; 10] =
    ["hub", "http", "tls", "mdns", "history", "store", "rules", "recovery", "messages", "messages.smtp"];

/// The driver types.
pub const DRIVER_TYPES: [&str; 4] = ["zigbee2mqtt", "virtual", "zwave", "zwave-js"];

/// Every key.
pub const KEYS: &[Key] = &[
    key("hub", "data", r#"data = "/var/lib/hearth""#, "where everything is kept"),
    key("hub", "socket", r#"socket = "/run/hearth/hearth.sock""#, "the socket of the command line"),
    key("hub", "name", r#"name = "Home""#, "what the home is called before somebody names it"),
    key("hub", "log", r#"log = "warn""#, "error, warn, info, debug or trace, or finer: info,hub_core=debug"),
    key("http", "listen", r#"listen = "127.0.0.1:8080""#, "address and port of the web server, plain HTTP"),
    key("http", "https", r#"https = "0.0.0.0:8443""#, "address and port of the web server, HTTPS"),
    key("http", "http", "http = false", "true: serve other machines by plain HTTP too, without encryption"),
    key("http", "allowed_hosts", r#"allowed_hosts = ["hub.example"]"#, "more names by which browsers may call the hub"),
    key(
        "http",
        "connections",
        "connections = 1024",
        "how many connections there may be at once, live streams included; each takes up to 20 KiB of memory, one that names \
         500 devices up to 130 KiB",
    ),
    key(
        "http",
        "connections_per_source",
        "connections_per_source = 128",
        "how many of them may come from one address, except from the hub's own machine",
    ),
    key(
        "tls",
        "certificate",
        r#"certificate = "/etc/hearth/hub.pem""#,
        "a certificate of your own (PEM, with its chain) in place of the one that the hub makes",
    ),
    key("tls", "key", r#"key = "/etc/hearth/hub.key""#, "the key of that certificate"),
    key(
        "mdns",
        "enabled",
        "enabled = true",
        "be found on the local network, as hearth-xxxx.local and by `hearth discover`; a demo is not unless this is true",
    ),
    key("history", "days", "days = 35", "how many days every change is kept"),
    key("history", "size_limit_mb", "size_limit_mb = 2000", "how much room history may take"),
    key(
        "history",
        "batch_seconds",
        "batch_seconds = 10",
        "how often history is written; a power cut loses at most so much of it",
    ),
    key(
        "store",
        "synchronous",
        r#"synchronous = "full""#,
        "full: what was acknowledged survives a power cut; normal: it does not",
    ),
    key(
        "rules",
        "schedules_on_untrusted_clock",
        "schedules_on_untrusted_clock = true",
        "run schedules, ten minutes after the start, even if nobody has confirmed the clock",
    ),
    key(
        "recovery",
        "file",
        r#"file = "/boot/firmware/hearth-recovery""#,
        "a file that lets an owner set a new password, looked for at the start; none if nobody says",
    ),
    key("messages", "allow", r#"allow = ["ntfy.lan"]"#, "hosts near the hub to which messages may be sent for people"),
    key(
        "messages",
        "escalation",
        r#"escalation = ["anna"]"#,
        "who is told next of something critical that nobody acknowledges; empty: owners and adults",
    ),
    key("messages", "next_person_minutes", "next_person_minutes = 10", "after how many minutes the next is told"),
    key("messages", "offline_minutes", "offline_minutes = 60", "when an unreachable device is an alert"),
    key(
        "messages",
        "contact",
        r#"contact = "mailto:anna@example.com""#,
        "whom push services may write to if the hub misbehaves",
    ),
    key("messages.smtp", "server", r#"server = "mail.example.com""#, "the mail server; without it no mail is sent"),
    key("messages.smtp", "port", "port = 587", "its port; 587, 465 or 25 by what tls is"),
    key("messages.smtp", "tls", r#"tls = "starttls""#, "starttls, implicit, or none: only to this machine itself"),
    key("messages.smtp", "username", r#"username = "hearth""#, "name at the mail server"),
    key(
        "messages.smtp",
        "password_file",
        r#"password_file = "/etc/hearth/mail-password""#,
        "a file that holds the password",
    ),
    key("messages.smtp", "ca", r#"ca = "/etc/hearth/mail-ca.pem""#, "certificates that the mail server's is signed by"),
    key("messages.smtp", "from", r#"from = "Hearth <hearth@example.com>""#, "who the mail is from"),
    key("driver", "id", r#"id = "zigbee""#, "the first part of its devices' ids: a-z, 0-9, - and _"),
    key("driver", "type", r#"type = "zigbee2mqtt""#, "zigbee2mqtt, virtual, zwave or zwave-js"),
    key("zigbee2mqtt", "broker", r#"broker = "mqtt://127.0.0.1:1883""#, "the MQTT broker; mqtts:// for TLS"),
    key("zigbee2mqtt", "base_topic", r#"base_topic = "zigbee2mqtt""#, "the base topic of the bridge"),
    key("zigbee2mqtt", "username", r#"username = "hearth""#, "name at the broker"),
    key(
        "zigbee2mqtt",
        "password_file",
        r#"password_file = "/etc/hearth/mqtt-password""#,
        "a file that holds the password",
    ),
    key("zigbee2mqtt", "password", r#"password = "…""#, "the password itself; password_file is better"),
    key("zigbee2mqtt", "ca", r#"ca = "/etc/hearth/mqtt-ca.pem""#, "certificates that the broker's is signed by"),
    key("zigbee2mqtt", "cert", r#"cert = "/etc/hearth/mqtt-client.pem""#, "the hub's own certificate"),
    key("zigbee2mqtt", "key", r#"key = "/etc/hearth/mqtt-client.key""#, "the key of that certificate"),
    key("zigbee2mqtt", "client_id", r#"client_id = "hearth""#, "the hub's id at the broker; unique there"),
    key("virtual", "seed", "seed = 1", "equal seeds lead equal lives"),
    key("zwave", "port", r#"port = "/dev/serial/by-id/…""#, "the stick's serial port, or tcp://host:port"),
    key("zwave-js", "url", r#"url = "ws://127.0.0.1:3000""#, "the WebSocket server of a Z-Wave JS that runs already"),
];

/// The key of this name.
pub fn find(section: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.section == section && key.name == name)
}

/// A commented file with every key at its default.
pub fn example() -> String {
    let mut text = String::from("# Every key can also be given as HEARTH_SECTION_KEY, e.g. HEARTH_HTTP_LISTEN.\n");
    for section in SECTIONS {
        text += &format!("\n[{section}]\n");
        for key in KEYS.iter().filter(|key| key.section == section) {
            text += &format!("# {}\n# {}\n", key.meaning, key.example);
        }
    }
    for driver in DRIVER_TYPES {
        text += &format!(
            "\n# [[driver]]\n# id = \"{}\"\n# type = \"{driver}\"\n",
            match driver {
                "virtual" => "demo",
                "zigbee2mqtt" => "zigbee",
                other => other,
            }
        );
        for key in KEYS.iter().filter(|key| key.section == driver) {
            text += &format!("# {}  # {}\n", key.example, key.meaning);
        }
    }
    text
}
