"""Values of the Zigbee Cluster Library on the wire: types, encoding, decoding."""
import struct

INT = {0x08: 1, 0x09: 2, 0x0a: 3, 0x0b: 4, 0x10: 1, 0x18: 1, 0x19: 2, 0x1a: 3, 0x1b: 4,
       0x20: 1, 0x21: 2, 0x22: 3, 0x23: 4, 0x24: 5, 0x25: 6, 0x26: 7, 0x27: 8,
       0x28: 1, 0x29: 2, 0x2a: 3, 0x2b: 4, 0x2c: 5, 0x2d: 6, 0x2e: 7, 0x2f: 8,
       0x30: 1, 0x31: 2, 0xe0: 4, 0xe1: 4, 0xe2: 4, 0xe8: 2, 0xe9: 2, 0xea: 4, 0xf0: 8}
SIGNED = set(range(0x28, 0x30))
DISCRETE = {0x08, 0x09, 0x0a, 0x0b, 0x10, 0x18, 0x19, 0x1a, 0x1b, 0x30, 0x31, 0x41, 0x42,
            0x43, 0x44, 0xe8, 0xe9, 0xea, 0xf0, 0xf1}


def enc(t, v):
    if t in INT:
        return (int(v) & ((1 << (8 * INT[t])) - 1)).to_bytes(INT[t], "little")
    if t == 0x39:
        return struct.pack("<f", v)
    if t == 0x3a:
        return struct.pack("<d", v)
    if t in (0x41, 0x42):
        b = v.encode() if t == 0x42 else bytes.fromhex(v)
        return bytes([len(b)]) + b
    if t in (0x43, 0x44):
        b = v.encode() if t == 0x44 else bytes.fromhex(v)
        return struct.pack("<H", len(b)) + b
    if t == 0xf1:
        return bytes.fromhex(v)
    if t == 0x4c:                       # structure: list of [type, value]
        return struct.pack("<H", len(v)) + b"".join(bytes([a]) + enc(a, b) for a, b in v)
    raise ValueError("type 0x%02x" % t)


def dec(t, b, o):
    if t in INT:
        n = INT[t]
        return int.from_bytes(b[o:o + n], "little", signed=t in SIGNED), o + n
    if t == 0x39:
        return struct.unpack_from("<f", b, o)[0], o + 4
    if t == 0x3a:
        return struct.unpack_from("<d", b, o)[0], o + 8
    if t in (0x41, 0x42):
        n = b[o]
        n = 0 if n == 0xff else n
        s = b[o + 1:o + 1 + n]
        return (s.decode("utf-8", "replace") if t == 0x42 else s.hex()), o + 1 + n
    if t in (0x43, 0x44):
        n, = struct.unpack_from("<H", b, o)
        s = b[o + 2:o + 2 + n]
        return (s.decode("utf-8", "replace") if t == 0x44 else s.hex()), o + 2 + n
    if t == 0xf1:
        return b[o:o + 16].hex(), o + 16
    raise ValueError("type 0x%02x" % t)


def ieee_b(s):
    return bytes.fromhex(s[2:] if s.startswith("0x") else s)[::-1]
