#!/usr/bin/env python3
"""Whether `security_2.py` computes what others did: usage vectors.py FILE (drivers/zwave/tests/data/security-vectors.json)."""

import json
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from security_2 import Keys, Nonces, cmac, mixed_entropy

with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)


def data(group, name):
    return bytes.fromhex(vectors[group][name])


private = X25519PrivateKey.from_private_bytes(data("ecdh", "privA"))
assert private.exchange(X25519PublicKey.from_public_bytes(data("ecdh", "pubB"))) == data("ecdh", "shared")
keys = Keys.of_inclusion(data("ecdh", "shared"), data("ecdh", "pubA"), data("ecdh", "pubB"))
assert keys.ccm == data("ckdfTempExtract", "tempKeyCCM")
assert keys.personalization == data("ckdfTempExtract", "tempPersonalizationString")
keys = Keys.of_network_key(data("ckdfNetworkKeyExpand", "pnk"))
assert keys.ccm == data("ckdfNetworkKeyExpand", "keyCCM")
assert keys.personalization == data("ckdfNetworkKeyExpand", "personalizationString")
mixed = mixed_entropy(data("ckdfMEI", "senderEI"), data("ckdfMEI", "receiverEI"))
assert mixed == data("ckdfMEI", "mei")
nonces = Nonces(mixed, keys.personalization)
assert [nonces.next().hex() for _ in vectors["span"]["nonces"]] == vectors["span"]["nonces"]
sealed = AESCCM(data("ccm", "key"), tag_length=8).encrypt(
    data("ccm", "nonce"), data("ccm", "plain"), data("ccm", "aad")
)
assert sealed == data("ccm", "ciphertext") + data("ccm", "tag")
assert cmac(data("cmac", "key"), data("cmac", "data")) == data("cmac", "mac")
print("all agree")
