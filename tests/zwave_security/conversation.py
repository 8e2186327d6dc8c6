"""What a node keeps of its conversation with the controller: nonces for each key, sequence numbers, what waits."""

import os

from cryptography.exceptions import InvalidTag

from security_2 import Nonces, mixed_entropy, seal, unseal

LOOK_AHEAD = 5
DUPLICATES = 10


class Conversation:
    def __init__(self, home, own, other, send):
        self.home, self.own, self.other, self.send = home, own, other, send
        self.keys, self.nonces, self.last_own = {}, {}, {}
        self.our_entropy = self.their_entropy = None
        self.sequence = os.urandom(1)[0]
        self.seen = []
        # Key name and command, until there is something to make a nonce of.
        self.waiting = []
        self.last_said = None
        self.asked = False

    def forget(self):
        """As after a power cut, with the keys kept."""
        self.nonces, self.last_own, self.seen = {}, {}, []
        self.our_entropy = self.their_entropy = None
        self.asked = False

    def next_sequence(self):
        self.sequence = (self.sequence + 1) & 0xFF
        return self.sequence

    def say(self, name, command):
        """Sends a command with the keys of that name, after a question for entropy if that is needed."""
        if self.their_entropy is None and name not in self.nonces:
            self.waiting.append((name, command))
            if not self.asked:
                self.asked = True
                self.send(bytes([0x9F, 0x01, self.next_sequence()]))
            return
        self.last_said = (name, command)
        self.send(self.encapsulate(name, command))

    def encapsulate(self, name, command):
        extension = b""
        if self.their_entropy is not None:
            entropy = os.urandom(16)
            mixed = mixed_entropy(entropy, self.their_entropy)
            self.nonces = {name: Nonces(mixed, self.keys[name].personalization)}
            self.their_entropy = None
            extension = bytes([18, 0x41]) + entropy
        nonce = self.nonces[name].next()
        self.last_own[name] = nonce
        head = bytes([self.next_sequence(), 1 if extension else 0]) + extension
        return seal(self.keys[name], nonce, self.home, self.own, self.other, head, command)

    def handle(self, message):
        """A Security 2 message that belongs to the conversation. The name of the keys and the command, if it has one."""
        kind, sequence = message[1], message[2]
        if sequence in self.seen:
            return None
        if kind == 0x01:
            self.remember(sequence)
            self.report_nonce()
        elif kind == 0x02:
            self.remember(sequence)
            if message[3] & 1:
                self.handle_entropy(message[4:20])
        elif kind == 0x03:
            opened = self.open(message)
            if opened is not None:
                self.remember(sequence)
                return opened
            self.report_nonce()
        return None

    def remember(self, sequence):
        self.seen = (self.seen + [sequence])[-DUPLICATES:]

    def report_nonce(self):
        self.our_entropy = os.urandom(16)
        self.send(bytes([0x9F, 0x02, self.next_sequence(), 0x01]) + self.our_entropy)

    def handle_entropy(self, entropy):
        self.their_entropy = entropy
        was_asked, self.asked = self.asked, False
        if not was_asked and self.last_said is not None:
            # The controller could not read it: once more.
            again, self.last_said = self.last_said, None
            self.send(self.encapsulate(*again))
        waiting, self.waiting = self.waiting, []
        for name, command in waiting:
            self.say(name, command)

    def open(self, message):
        begin, entropy, more = 4, None, message[3] & 1
        while more:
            length, kind = message[begin], message[begin + 1]
            if kind & 0x3F == 1:
                entropy = message[begin + 2 : begin + length]
            begin, more = begin + length, kind & 0x80
        for name, keys in self.keys.items():
            for nonces, nonce in self.candidates(name, keys, entropy):
                try:
                    plaintext = unseal(keys, nonce, self.home, self.other, self.own, message, begin)
                except InvalidTag:
                    continue
                if entropy is not None:
                    self.nonces, self.our_entropy = {}, None
                self.nonces[name] = nonces
                self.last_own.pop(name, None)
                return name, plaintext[plaintext[0] :] if message[3] & 2 else plaintext
        return None

    def candidates(self, name, keys, entropy):
        """Nonces that the message may have, each with the state that follows it."""
        if entropy is not None:
            if self.our_entropy is None:
                return
            nonces = Nonces(mixed_entropy(entropy, self.our_entropy), keys.personalization)
            yield nonces, nonces.next()
        elif name in self.nonces:
            if name in self.last_own:
                # Both sides may have sent at once.
                yield self.nonces[name], self.last_own[name]
            nonces = self.nonces[name].copy()
            for _ in range(LOOK_AHEAD):
                nonce = nonces.next()
                yield nonces.copy(), nonce
