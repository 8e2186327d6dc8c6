"""A switch with Security 2: it is let in with keys, does what it is told, and has its accidents."""

import os

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conversation import Conversation
from security_2 import Keys, seal
from transport_service import Assembly, split

# In the node information, without security; and with it.
PLAIN = bytes([0x5E, 0x9F, 0x55, 0x6C])
SECURE = bytes([0x25, 0x86, 0x72])
# Bits of the keys by their names, the most trusted first.
CLASSES = [("access_control", 4), ("authenticated", 2), ("unauthenticated", 1), ("security_0", 0x80)]
TEMPORARY = "temporary"
ANSWERS = {
    bytes([0x72, 0x04]): bytes([0x72, 0x05, 0xFF, 0xFF, 0, 1, 0, 2]),
    bytes([0x86, 0x11]): bytes([0x86, 0x12, 3, 7, 17, 1, 0]),
    bytes([0x86, 0x13, 0x25]): bytes([0x86, 0x14, 0x25, 1]),
    bytes([0x86, 0x13, 0x86]): bytes([0x86, 0x14, 0x86, 2]),
    bytes([0x86, 0x13, 0x72]): bytes([0x86, 0x14, 0x72, 1]),
    bytes([0x86, 0x13, 0x5E]): bytes([0x86, 0x14, 0x5E, 2]),
    bytes([0x86, 0x13, 0x55]): bytes([0x86, 0x14, 0x55, 2]),
    bytes([0x86, 0x13, 0x6C]): bytes([0x86, 0x14, 0x6C, 1]),
    bytes([0x5E, 0x01]): bytes([0x5E, 0x02, 2, 5, 0, 7, 0, 7, 0]),
}


class Node:
    """`deliver` takes what the node sends to the controller."""

    def __init__(self, home, number, wanted, deliver):
        self.home, self.number, self.wanted, self.deliver = home, number, wanted, deliver
        self.private = X25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.pin = f"{int.from_bytes(self.public[:2], 'big'):05d}"
        self.conversation = Conversation(home, number, 1, self.transmit)
        self.granted, self.left, self.is_included = 0, [], False
        self.value, self.heard, self.sent = 0, [], []
        self.assembly, self.segments, self.session = Assembly(deliver), 0, 0
        # Accidents that are to happen: how many frames are lost, what is said at the same time; which segment is lost.
        self.losing, self.deaf, self.collision, self.deaf_to = 0, 0, None, None
        # How long the frames are that it sends in segments, where it does.
        self.segmented = None

    def transmit(self, frame):
        self.sent.append(frame)
        if self.losing > 0:
            self.losing -= 1
            return
        if self.segmented is None:
            return self.deliver(frame)
        self.session = (self.session + 1) & 0x0F
        for segment in split(frame, self.session, self.segmented):
            self.deliver(segment)
        return None

    def highest(self):
        names = [name for name, bit in CLASSES if self.granted & bit]
        return names[0] if names else None

    # What the controller sends.

    def handle(self, frame):
        if frame[0] == 0x55:
            self.segments += 1
            if self.segments == self.deaf_to:
                return None
            datagram = self.assembly.handle(frame)
            return None if datagram is None else self.handle(datagram)
        if self.deaf > 0 and frame[:2] == b"\x9f\x03":
            self.deaf -= 1
            return None
        if self.collision is not None and frame[:2] == b"\x9f\x03":
            command, self.collision = self.collision, None
            self.conversation.say(self.highest(), command)
        if frame[0] == 0x9F and frame[1] in (0x01, 0x02, 0x03):
            opened = self.conversation.handle(frame)
            if opened is not None:
                self.heard.append([opened[0], opened[1].hex()])
                self.obey(*opened)
            return None
        self.heard.append([None, frame.hex()])
        if frame[0] == 0x9F:
            self.join(frame)
        return None

    def join(self, command):
        """The part of an inclusion that is not encrypted."""
        kind = command[1]
        if kind == 0x04:
            self.transmit(bytes([0x9F, 0x05, 0, 2, 1, self.wanted]))
        elif kind == 0x06:
            self.granted = command[5]
            shown = self.public if not self.granted & 6 else bytes(2) + self.public[2:]
            self.transmit(b"\x9f\x08\x00" + shown)
        elif kind == 0x08:
            theirs = command[3:35]
            shared = self.private.exchange(X25519PublicKey.from_public_bytes(theirs))
            self.conversation.keys[TEMPORARY] = Keys.of_inclusion(shared, theirs, self.public)
            self.conversation.say(TEMPORARY, bytes([0x9F, 0x06, 1, 2, 1, self.granted]))

    def obey(self, name, command):
        if name == TEMPORARY:
            return self.take_keys(command)
        if command[:2] == b"\x6c\x01":
            session, inner = command[2] & 0x3F, command[4:]
            self.obey(name, inner)
            return self.conversation.say(name, bytes([0x6C, 0x02, session, 0xFF, 0]))
        if name != self.highest():
            return None
        if command[:2] == b"\x25\x01":
            self.value = command[2]
        elif command[:2] == b"\x25\x02":
            self.conversation.say(name, bytes([0x25, 0x03, self.value]))
        elif command[:2] == b"\x9f\x0d":
            self.conversation.say(name, b"\x9f\x0e" + SECURE)
        elif command in ANSWERS:
            self.conversation.say(name, ANSWERS[command])
        return None

    def take_keys(self, command):
        kind = command[1]
        if kind == 0x05:
            if command != bytes([0x9F, 0x05, 1, 2, 1, self.wanted]):
                return self.transmit(bytes([0x9F, 0x07, 0x07]))
            self.left = [(name, bit) for name, bit in CLASSES if self.granted & bit]
            self.ask_for_key()
        elif kind == 0x0A:
            name, _ = self.left[0]
            self.conversation.keys[name] = Keys.of_network_key(command[3:19])
            self.conversation.nonces = {}
            self.conversation.say(name, b"\x9f\x0b")
        elif kind == 0x0C and command[2] & 2:
            self.left.pop(0)
            if self.left:
                self.ask_for_key()
            else:
                self.conversation.say(TEMPORARY, b"\x9f\x0c\x01")
                del self.conversation.keys[TEMPORARY]
                self.is_included = True
        return None

    def ask_for_key(self):
        self.conversation.say(TEMPORARY, bytes([0x9F, 0x09, self.left[0][1]]))

    # What happens to it.

    def say(self, command):
        self.conversation.say(self.highest(), command)

    def forge(self, command):
        """Somebody without the key speaks in its name."""
        head = bytes([self.conversation.next_sequence(), 0])
        keys = Keys(os.urandom(16), bytes(32))
        self.deliver(seal(keys, os.urandom(13), self.home, self.number, 1, head, command))

