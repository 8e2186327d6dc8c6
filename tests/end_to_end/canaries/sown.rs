//! What is sown: a text that is nowhere else for everything that must not get about, with where it may be seen.

/// Where something may lie on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AtRest {
    /// Nowhere: it is hashed, or not kept at all.
    Nowhere,
    /// In files that only the hub reads.
    Private,
}
use AtRest::{Nowhere, Private};

/// Who may be answered with it. Logs, metrics and errors show nothing of all this to anybody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Seen {
    /// Nobody: it goes in and never out.
    Never,
    /// The owner.
    Owner,
    /// A guest whom nothing is allowed, too.
    Guest,
    /// Whoever asks.
    Public,
}
use Seen::{Guest, Never, Owner, Public};

/// What is sown: what it is, how it looks (`{}` = the canary itself, `#` = digits of its own), who may see it, where it
/// may lie.
const TABLE: &[(&str, &str, Seen, AtRest)] = &[
    ("password", "Paß {}wort \"1\"", Never, Nowhere),
    ("wrong password", "falsch {} ä/+", Never, Nowhere),
    ("password typed as a name", "Vertipper{}", Never, Nowhere),
    ("new password", "neu {} & alt", Never, Nowhere),
    ("guest's password", "Gast {} = gut", Never, Nowhere),
    ("PIN", "##########", Never, Nowhere),
    ("wrong PIN", "###########", Never, Nowhere),
    ("wrong set-up code", "{}-{}", Never, Nowhere),
    ("wrong token", "{}token", Never, Nowhere),
    ("wrong refresh token", "{}refresh", Never, Nowhere),
    ("wrong invitation", "{}invitation", Never, Nowhere),
    ("wrong recovery code", "{}-recovery", Never, Nowhere),
    ("broker's password", "broker {} ä", Never, Nowhere),
    ("broker's user", "{}user", Never, Nowhere),
    ("wrong password of a broker", "falscher {}", Never, Nowhere),
    ("mail server's password", "mail {} %", Never, Nowhere),
    ("mail server's user", "{}mailer", Never, Nowhere),
    ("sender of mail", "{}sender@example.com", Never, Nowhere),
    ("contact", "mailto:{}contact@example.com", Never, Nowhere),
    ("mail address", "{}anna@example.com", Owner, Private),
    ("path of a webhook", "{}path", Never, Private),
    ("query of a webhook", "{}query", Never, Private),
    ("path of a push service", "{}push", Never, Private),
    ("query of a push service", "{}pushquery", Never, Private),
    ("id of a rule's webhook", "{}-0123456789", Owner, Private),
    ("body of a webhook", "{} Inhalt", Owner, Private),
    ("word of a refused rule", "{} nirgends", Never, Nowhere),
    ("latitude of a phone", "67.######", Never, Nowhere),
    ("longitude of a phone", "108.######", Never, Nowhere),
    ("latitude of a refused phone", "68.######", Never, Nowhere),
    ("latitude of the home", "67.######", Owner, Private),
    ("longitude of the home", "108.######", Owner, Private),
    ("zone", "Büro {}", Owner, Private),
    ("latitude of a zone", "66.######", Owner, Private),
    ("home", "Haus {} Ü", Public, Private),
    ("mode", "{}mode", Guest, Private),
    ("owner", "{}owner", Owner, Private),
    ("owner's name", "Änne {}", Owner, Private),
    ("guest", "{}guest", Guest, Private),
    ("room", "Zimmer {} ö", Owner, Private),
    ("device", "Lampe {} ü", Owner, Private),
    ("device of a bridge", "Sensor {} é", Owner, Private),
    ("device that is no device", "kaputt {}", Never, Nowhere),
    ("scene", "Szene {} ß", Owner, Private),
    ("rule", "Regel {} \"x\"", Owner, Private),
    ("title of a message", "Titel {}", Owner, Private),
    ("message", "Text {} €", Owner, Private),
    ("person in a rule", "Wer {}", Owner, Private),
    ("name of a token", "Token {}", Owner, Private),
    ("name of a channel", "Kanal {}", Owner, Private),
    ("note of a permission", "Notiz {}", Owner, Private),
    ("preference", "Wunsch {}", Owner, Private),
    ("browser", "Browser {}", Owner, Private),
    ("value in a file of the configuration", "{}value", Never, Nowhere),
    ("private key", "{}KEY", Never, Nowhere),
    ("variable of the environment", "{}variable", Never, Nowhere),
];

/// Something that was sown, or that the hub made and only one may know.
#[derive(Clone, Debug)]
pub(crate) struct Canary {
    pub(crate) what: String,
    /// As it goes in.
    pub(crate) text: String,
    /// The part of it that is nowhere else, however the rest is cut.
    pub(crate) core: String,
    pub(crate) seen: Seen,
    pub(crate) at_rest: AtRest,
}

/// All that was sown.
#[derive(Debug)]
pub(crate) struct Sown(Vec<Canary>);

impl Sown {
    pub(crate) fn new() -> Self {
        Self(TABLE.iter().map(|(what, shape, seen, at_rest)| Canary::new(what, shape, *seen, *at_rest)).collect())
    }

    /// The text of what is called so in the table.
    pub(crate) fn text(&self, what: &str) -> &str {
        let found = self.0.iter().find(|canary| canary.what == what);
        &found.unwrap_or_else(|| panic!("no canary is called {what:?}")).text
    }

    /// The same as a number.
    pub(crate) fn number(&self, what: &str) -> f64 {
        self.text(what).parse().expect("digits")
    }

    /// Something that the hub made and told one person.
    pub(crate) fn told(&mut self, what: &str, text: &str, at_rest: AtRest) {
        assert!(text.len() >= 6, "{what} is too short to be found: {text:?}");
        let (what, text, core) = (what.to_owned(), text.to_owned(), text.to_owned());
        self.0.push(Canary { what, text, core, seen: Never, at_rest });
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Canary> {
        self.0.iter()
    }
}

impl Canary {
    fn new(what: &str, shape: &str, seen: Seen, at_rest: AtRest) -> Self {
        let core = letters(what);
        let digits = digits(what);
        let mut next = digits.chars().cycle();
        let number: String =
            shape.chars().map(|letter| if letter == '#' { next.next().unwrap_or('7') } else { letter }).collect();
        let text = number.replace("{}", &core);
        // Of a position even a rounded one tells where somebody lives.
        let core = match (shape.contains("{}"), shape.split_once('.')) {
            (true, _) => core,
            (false, Some((whole, _))) => text[..whole.len() + 5].to_owned(),
            (false, None) => text.clone(),
        };
        Self { what: what.to_owned(), text, core, seen, at_rest }
    }

    /// Whether it is a number, which other numbers may look like.
    pub(crate) fn is_number(&self) -> bool {
        self.core.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Letters that no language has in this order, for this purpose alone.
fn letters(what: &str) -> String {
    let mut rest = hash(what);
    let letter = |value: u64| char::from(b'a' + u8::try_from(value % 26).unwrap_or_default());
    let word: String = std::iter::repeat_with(|| {
        let next = letter(rest);
        rest /= 26;
        next
    })
    .take(11)
    .collect();
    format!("zq{word}")
}

/// Digits without a row, the last of which is not 0.
fn digits(what: &str) -> String {
    let number = hash(what) % 100_000_000_000;
    format!("{number:011}").replace('0', "6")
}

#[test]
fn no_canary_is_like_another() {
    let sown = Sown::new();
    for canary in sown.all() {
        let like: Vec<&str> =
            sown.all().filter(|other| other.text.contains(&canary.core)).map(|other| &*other.what).collect();
        assert_eq!(like, [&*canary.what], "{}", canary.core);
    }
}
