//! A node that joins with Security 2.

use std::collections::{BTreeMap, VecDeque};

use driver_zwave::security::ckdf::{NetworkKeys, SessionKeys, network_keys, temporary_keys};
use driver_zwave::security::ecdh::KeyPair;
use driver_zwave::security::s2::{Additions, Addresses, KeyId, Session};
use driver_zwave::security::{Dsk, Key, Secret, SecurityClass};
use driver_zwave::serial_api::{HomeId, NodeId};
use hub_model::Monotonic;

const STICK: NodeId = NodeId(1);
const HOME: HomeId = HomeId([0x7E, 0x57, 0, 1]);

pub(crate) struct SecureNode {
    pair: KeyPair,
    /// The keys that it asks for.
    requested: u8,
    /// The schemes and the curves that it knows.
    pub(crate) knows: [u8; 2],
    /// The keys that it never takes, though it is granted them.
    pub(crate) leaves: u8,
    id: NodeId,
    session: Session,
    entropy: u8,
    temporary: Option<SessionKeys>,
    wanted: VecDeque<SecurityClass>,
    /// The keys that it has got.
    pub(crate) keys: BTreeMap<SecurityClass, (Key, NetworkKeys)>,
    /// The exchange is over.
    pub(crate) has_joined: bool,
    waiting: VecDeque<(KeyId, Vec<u8>)>,
}

impl SecureNode {
    pub(crate) fn new(random: u8, requested: u8) -> Self {
        Self {
            pair: KeyPair::from_random(&Secret::new([random; 32])),
            requested,
            knows: [2, 1],
            leaves: 0,
            id: NodeId(0),
            session: Session::new(random),
            entropy: random,
            temporary: None,
            wanted: VecDeque::new(),
            keys: BTreeMap::new(),
            has_joined: false,
            waiting: VecDeque::new(),
        }
    }

    pub(crate) fn dsk(&self) -> Dsk {
        Dsk::of_public_key(&self.pair.public())
    }

    pub(crate) fn public(&self) -> [u8; 32] {
        self.pair.public()
    }

    pub(crate) fn get_number(&mut self, id: NodeId) {
        self.id = id;
    }

    fn entropy(&mut self) -> [u8; 16] {
        self.entropy = self.entropy.wrapping_add(1);
        [self.entropy; 16]
    }

    /// What it says to a command.
    pub(crate) fn handle(&mut self, now: Monotonic, command: &[u8]) -> Vec<Vec<u8>> {
        match command {
            [0x9F, 0x04] => return vec![[&[0x9F, 0x05, 0], &self.knows[..], &[self.requested]].concat()],
            [0x9F, 0x06, _, _, _, granted] => {
                self.wanted = SecurityClass::of_bits(*granted & !self.leaves).collect();
                self.waiting.clear();
                let mut key = self.pair.public();
                if SecurityClass::of_bits(*granted).any(SecurityClass::is_authenticated) {
                    [key[0], key[1]] = [0, 0];
                }
                let echo = [&command[..2], &[command[2] | 0x01], &command[3..]].concat();
                self.waiting.push_back((KeyId::Temporary, echo));
                return vec![[&[0x9F, 0x08, 0][..], &key].concat()];
            }
            [0x9F, 0x08, 1, key @ ..] => {
                let theirs: [u8; 32] = key.try_into().unwrap();
                let shared = self.pair.agree(&theirs).unwrap();
                self.temporary = Some(temporary_keys(&shared, &theirs, &self.pair.public()));
            }
            [0x9F, 0x01, ..] => {
                // A number that was used before is a repetition.
                if self.session.handle_nonce_get(command).is_err() {
                    return Vec::new();
                }
                let entropy = self.entropy();
                return vec![self.session.nonce_report(now, entropy)];
            }
            [0x9F, 0x02, ..] => drop(self.session.handle_nonce_report(command)),
            [0x9F, 0x03, ..] => {
                let addresses = Addresses { home: HOME, source: STICK, destination: self.id };
                let temporary = self.temporary.iter().map(|keys| (KeyId::Temporary, keys));
                let classes = self.keys.iter().map(|(class, (_, keys))| (KeyId::Class(*class), &keys.session));
                let candidates: Vec<_> = temporary.chain(classes).collect();
                let Ok(opened) = self.session.decapsulate(now, &candidates, addresses, command) else {
                    let entropy = self.entropy();
                    return vec![self.session.nonce_report(now, entropy)];
                };
                self.handle_secure(&opened.command, opened.key_id);
            }
            _ => {}
        }
        self.say(now)
    }

    fn handle_secure(&mut self, command: &[u8], key_id: KeyId) {
        match command {
            [0x9F, 0x05, ..] => self.want_next(),
            [0x9F, 0x0A, bit, key @ ..] => {
                let class = SecurityClass::of_bits(*bit).next().unwrap();
                let key = Key::new(key.try_into().unwrap());
                let keys = network_keys(&key);
                self.keys.insert(class, (key, keys));
                self.waiting.push_back((KeyId::Class(class), vec![0x9F, 0x0B]));
            }
            [0x9F, 0x0C, ..] => self.want_next(),
            // It has a switch, with its highest key.
            [0x9F, 0x0D] if self.keys.last_key_value().map(|(class, _)| KeyId::Class(*class)) == Some(key_id) => {
                self.waiting.push_back((key_id, vec![0x9F, 0x0E, 0x25]));
            }
            _ => {}
        }
    }

    fn want_next(&mut self) {
        match self.wanted.pop_front() {
            Some(class) => self.waiting.push_back((KeyId::Temporary, vec![0x9F, 0x09, class.bit()])),
            None => {
                self.has_joined = true;
                self.waiting.push_back((KeyId::Temporary, vec![0x9F, 0x0C, 0x01]));
            }
        }
    }

    /// What it has to say, or the question for a nonce that it needs before.
    fn say(&mut self, now: Monotonic) -> Vec<Vec<u8>> {
        let Some((key_id, _)) = self.waiting.front() else { return Vec::new() };
        if !self.session.is_ready(*key_id) {
            return vec![self.session.nonce_get()];
        }
        let entropy = self.entropy();
        let (key_id, command) = self.waiting.pop_front().unwrap();
        let keys = match key_id {
            KeyId::Temporary => self.temporary.clone().unwrap(),
            KeyId::Class(class) => self.keys[&class].1.session.clone(),
        };
        let addresses = Addresses { home: HOME, source: self.id, destination: STICK };
        let additions = Additions::default();
        vec![self.session.encapsulate(now, (key_id, &keys), addresses, &command, &additions, entropy).unwrap()]
    }
}
