"""The stick's non-volatile memory and its system commands: what a coordinator remembers of its network."""
import json
import os
import struct

from zcl import ieee_b

AREQ = 2
SYS = 1


def aligned(fields):
    """TI's 16-bit-aligned C struct image."""
    b = bytearray()
    for w, v in fields:
        if isinstance(v, (bytes, bytearray)):
            b += v
            continue
        if w > 1 and len(b) % 2:
            b += b"\0"
        b += int(v).to_bytes(w, "little")
    if len(b) % 2:
        b += b"\0"
    return bytes(b)


class Memory:
    """Items by number (`nv`) and by table (`nvx`); commands 1_xx of the monitor-and-test protocol work on them."""

    IEEE = "0x00124b0022334455"

    def wipe(self):
        self.state = 0                                    # HOLD
        self.nv = {0x01: bytearray(ieee_b(self.IEEE)), 0x03: bytearray(1), 0x82: bytearray(b"\0" * 24),
                   0x83: bytearray(b"\xff\xff"), 0x84: bytearray(struct.pack("<I", 0x00000800)), 0x87: bytearray(b"\0"),
                   0x8f: bytearray(b"\1"), 0x55: bytearray(b"\0"), 0x32: bytearray(b"\1"), 0x33: bytearray(b"\x78"),
                   0x34: bytearray(b"\x0a"), 0x35: bytearray(b"\xff"), 0x36: bytearray(b"\1"), 0x38: bytearray(b"\xff"),
                   0x30: bytearray(b"\1"), 0x3e: bytearray(b"\1"), 0x62: bytearray(16), 0x63: bytearray(b"\1"), 0x2d: bytearray(8), 0x47: bytearray(8),
                   0x3a: bytearray(b"\0" * 17), 0x3b: bytearray(b"\0" * 17), 0x101: bytearray(os.urandom(16)),
                   0x4c: bytearray(struct.pack("<H", 0) + b"\xfe\xff\0\0\0\0" * 16)}
        self.nvx = {}
        for i in range(32):
            self.nvx[(1, 1, i)] = bytearray(b"\0\0\xff\xff" + b"\0" * 8)[:12]          # address manager
            self.nvx[(1, 4, i)] = bytearray(20)                                         # tclk table
            self.nvx[(1, 6, i)] = bytearray(24)                                         # aps key data
        for i in range(8):
            self.nvx[(1, 7, i)] = bytearray(12)                                         # nwk sec material
        for d in self.dev.values():
            d.joined = False

    def save(self):
        if self.a.state:
            json.dump(dict(nv={k: bytes(v).hex() for k, v in self.nv.items()},
                           nvx={json.dumps(k): bytes(v).hex() for k, v in self.nvx.items()}, state=self.state,
                           joined={d.id: d.nwk for d in self.dev.values() if d.joined}), open(self.a.state, "w"))

    def form(self):
        ch = struct.unpack("<I", self.nv[0x84][:4])[0]
        chan = next((c for c in range(11, 27) if ch >> c & 1), 11)
        pan = struct.unpack("<H", self.nv[0x83][:2])[0]
        pan = 0x1a62 if pan == 0xffff else pan
        ext = bytes(self.nv[0x2d])
        if ext in (b"\0" * 8, b"\xff" * 8):
            ext = ieee_b(self.IEEE)
        key = bytes(self.nv[0x62])
        u1 = lambda *v: [(1, x) for x in v]
        self.nv[0x21] = bytearray(aligned(
            u1(0, 5, 3, 50, 15, 50, 0, 30, 0, 3, 0, 1, 5, 1, 0) + [(2, 7)] + u1(2, 0x1d, 30) +
            [(2, 0), (1, chan), (2, 0), (8, ieee_b(self.IEEE)), (2, pan), (1, 8), (4, ch)] + u1(15, 15, 2, 0) +
            [(4, 1), (4, 1), (1, 0), (8, ext), (1, 1), (17, b"\0" * 17), (17, b"\0" * 17)] +
            u1(0, 0, 15, 3, 0, 1, 120, 10, 0) + [(2, 0), (2, 0), (1, 0)]))
        if bytes(self.nv[0x3a][1:17]) != key:
            self.nv[0x3a] = bytearray(b"\0" + key)
            self.nv[0x3b] = bytearray(b"\0" + key)
        self.nvx[(1, 7, 0)] = bytearray(struct.pack("<I", 1250) + ext)
        self.nv[0x55] = bytearray(b"\1")                # BDB: node is on a network
        self.state = 9
        self.ev("formed", channel=chan, pan=pan, ext=ext[::-1].hex())
        self.save()

    def nib(self):
        b = self.nv.get(0x21)
        if not b:
            return 0, 0xffff, b"\0" * 8
        return b[24], struct.unpack_from("<H", b, 36)[0], bytes(b[57:65])     # offsets in the aligned image

    def c1_00(self, p, do):                               # reset
        if self.nv[3][0] & 3:
            keep = self.nv[1]
            self.wipe()
            self.nv[1] = keep
        self.state = 0
        self.eps = set()
        self.later(0.05, self.tx, AREQ, SYS, 0x80, bytes([0, 2, 1, 2, 7, 2]))

    def c1_01(self, p, do): return struct.pack("<H", 0x0659)

    def c1_02(self, p, do): return struct.pack("<BBBBBI", 2, 1, 2, 7, 1, 20240710)

    def c1_04(self, p, do): return bytes(self.nv[1])

    def c1_07(self, p, do):
        i, n, k = struct.unpack_from("<HHB", p)
        if i in self.nv:
            return b"\0"
        self.nv[i] = bytearray(p[5:5 + k].ljust(n, b"\0"))
        self.save()
        return b"\x09"

    def c1_12(self, p, do):
        i, n = struct.unpack_from("<HH", p)
        if i == 1:                                        # the IEEE address comes back by itself
            return b"\0"
        st = 0 if self.nv.pop(i, None) is not None else 9
        return bytes([st])

    def c1_13(self, p, do): return struct.pack("<H", len(self.nv.get(struct.unpack("<H", p)[0], b"")))

    def c1_1c(self, p, do):
        i, o = struct.unpack_from("<HH", p)
        if i not in self.nv:
            return b"\x02\0"
        v = bytes(self.nv[i][o:o + 240])
        return bytes([0, len(v)]) + v

    def c1_08(self, p, do):
        return self.c1_1c(p[:2] + bytes([p[2], 0]), do)

    def c1_1d(self, p, do):
        i, o, n = struct.unpack_from("<HHH", p)
        if i not in self.nv:
            return b"\x02"
        self.nv[i][o:o + n] = p[6:6 + n]
        self.save()
        return b"\0"

    def c1_09(self, p, do):
        i, o, n = p[0] | p[1] << 8, p[2], p[3]
        if i not in self.nv:
            return b"\x02"
        self.nv[i][o:o + n] = p[4:4 + n]
        self.save()
        return b"\0"

    def x(self, p): return struct.unpack_from("<BHH", p)

    def c1_30(self, p, do):
        self.nvx[self.x(p)] = bytearray(struct.unpack_from("<I", p, 5)[0])
        return b"\0"

    def c1_31(self, p, do): return bytes([0 if self.nvx.pop(self.x(p), None) is not None else 2])

    def c1_32(self, p, do):
        return bytes([min(255, len(self.nvx.get(self.x(p), b"")))]) + b"\0\0\0"

    def c1_33(self, p, do):
        o, n = struct.unpack_from("<HB", p, 5)
        if self.x(p) not in self.nvx:
            return b"\x02\0"
        v = bytes(self.nvx[self.x(p)][o:o + n])
        return bytes([0, len(v)]) + v

    def c1_34(self, p, do):
        o, n = struct.unpack_from("<HB", p, 5)
        if self.x(p) not in self.nvx:
            return b"\x02"
        self.nvx[self.x(p)][o:o + n] = p[8:8 + n]
        self.save()
        return b"\0"

    def c1_0f(self, p, do): return bytes([p[1]])          # stackTune

    def c1_14(self, p, do): return p[:1]                  # setTxPower

    def c1_10(self, p, do): return b"\0"

    def c1_0c(self, p, do): return os.urandom(2)
