"""Security 2 from its definition, on the primitives of Python's package `cryptography`. Shares nothing with the hub's own."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.cmac import CMAC

TAG = 8


def cmac(key, data):
    code = CMAC(algorithms.AES(key))
    code.update(data)
    return code.finalize()


def encrypt_block(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def exclusive_or(first, second):
    return bytes(one ^ other for one, other in zip(first, second))


def expand(key, constant, blocks):
    """Each block is the code over the block before, a constant and a counter."""
    block, out = b"", b""
    for counter in range(1, blocks + 1):
        block = cmac(key, block + constant + bytes([counter]))
        out += block
    return out


class Keys:
    """What messages of one class are encrypted with."""

    def __init__(self, ccm, personalization):
        self.ccm, self.personalization = ccm, personalization

    @classmethod
    def of_network_key(cls, key):
        out = expand(key, b"\x55" * 15, 3)
        return cls(out[:16], out[16:48])

    @classmethod
    def of_inclusion(cls, shared, including, joining):
        """The public keys in this order: the controller's, the node's."""
        extracted = cmac(b"\x33" * 16, shared + including + joining)
        out = expand(extracted, b"\x88" * 15, 3)
        return cls(out[:16], out[16:48])


def mixed_entropy(sender, receiver):
    constant = b"\x88" * 15
    key = cmac(b"\x26" * 16, sender + receiver)
    first = cmac(key, constant + b"\x00" + constant + b"\x01")
    return first + cmac(key, first + constant + b"\x02")


class Nonces:
    """CTR_DRBG with AES-128 and without derivation function; a nonce is the beginning of a block."""

    def __init__(self, entropy, personalization):
        self.key, self.counter = bytes(16), bytes(16)
        self.update(exclusive_or(entropy, personalization))

    def copy(self):
        other = object.__new__(Nonces)
        other.key, other.counter = self.key, self.counter
        return other

    def block(self):
        number = (int.from_bytes(self.counter, "big") + 1) % (1 << 128)
        self.counter = number.to_bytes(16, "big")
        return encrypt_block(self.key, self.counter)

    def update(self, data=bytes(32)):
        mixed = exclusive_or(self.block() + self.block(), data)
        self.key, self.counter = mixed[:16], mixed[16:]

    def next(self):
        block = self.block()
        self.update()
        return block[:13]


def associated_data(home, source, destination, length, head):
    return bytes([source, destination]) + home + length.to_bytes(2, "big") + head


def seal(keys, nonce, home, source, destination, head, plaintext):
    """`head` is sequence number, flags and extensions."""
    length = 2 + len(head) + len(plaintext) + TAG
    associated = associated_data(home, source, destination, length, head)
    return b"\x9f\x03" + head + AESCCM(keys.ccm, tag_length=TAG).encrypt(nonce, plaintext, associated)


def unseal(keys, nonce, home, source, destination, message, begin):
    """The plaintext; raises `cryptography.exceptions.InvalidTag` if it does not fit."""
    associated = associated_data(home, source, destination, len(message), message[2:begin])
    return AESCCM(keys.ccm, tag_length=TAG).decrypt(nonce, message[begin:], associated)
