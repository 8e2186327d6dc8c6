#!/usr/bin/env python3
"""A Zigbee network made of air: a fake TI Z-Stack 3.x.0 coordinator (ZNP over TCP)
with virtual devices behind it.  Python 3.9+, standard library only.

  coordinator.py [--znp 127.0.0.1:0] [--ctl 127.0.0.1:0] [--devices devices.json]
              [--state nv.json] [--log frames.log] [--latency 0.005] [-v]

Any ZNP host (zigbee2mqtt/zigbee-herdsman with `adapter: zstack`, zigpy-znp, or the
hub's own native driver) connects to the ZNP port (printed as one JSON line).  The control port speaks JSON
lines, one request -> one reply, and lets a test act as "the physical world":

  {"cmd":"list"}                                  all virtual devices and their state
  {"cmd":"join","dev":"bulb"}                     device joins (if permit-join is open)
  {"cmd":"join","dev":"bulb","force":true}        ... even if it is closed
  {"cmd":"announce","dev":"bulb"}                 device announce (power cycled)
  {"cmd":"leave","dev":"bulb"}                    leaves the network by itself
  {"cmd":"rejoin","dev":"bulb","nwk":4660}        comes back with another short address
  {"cmd":"set","dev":"th","ep":1,"cluster":1026,"attr":0,"value":2150}   change + report
  {"cmd":"command","dev":"remote","ep":1,"cluster":6,"id":2,"payload":""} cluster command
                                                  from the device ("button pressed")
  {"cmd":"zcl","dev":"x","ep":1,"cluster":0,"frame":"18010a..."}  raw ZCL frame
  {"cmd":"offline","dev":"bulb","on":true}        stops acknowledging (MAC_NO_ACK)
  {"cmd":"mute","dev":"bulb","on":true}           acknowledges but never answers
  {"cmd":"fail","subsys":5,"id":69,"status":1,"count":1}  next SREQ of that kind fails
  {"cmd":"drop"}                                  closes the ZNP connection (cable pulled)
  {"cmd":"log","since":0}                         every ZCL/ZDO event seen so far
  {"cmd":"reset"}                                 forget network, NV and joins
  {"cmd":"quit"}
"""
import argparse
import asyncio
import json
import os
import struct
import sys
import time

from device import Device
from memory import AREQ, SYS, Memory
from zcl import ieee_b

SREQ, SRSP = 1, 3
AF, ZDO, APP_CNF = 4, 5, 15


class Net(Memory):
    """The stick: frames in, frames out, and the air behind it."""

    def __init__(self, a):
        self.a, self.w, self.log, self.fails, self.subs = a, None, [], [], []
        self.nv, self.nvx, self.groups, self.eps = {}, {}, set(), set()
        self.permit_until = 0
        self.frames = open(a.log, "w") if a.log else None
        spec = json.load(open(a.devices))
        self.dev = {d["id"]: Device(d, self) for d in spec["devices"]}
        self.wipe()
        if a.state and os.path.exists(a.state):
            s = json.load(open(a.state))
            self.nv = {int(k): bytearray.fromhex(v) for k, v in s["nv"].items()}
            self.nvx = {tuple(json.loads(k)): bytearray.fromhex(v) for k, v in s["nvx"].items()}
            self.state = s["state"]
            for i, n in s["joined"].items():
                if i in self.dev:
                    self.dev[i].joined, self.dev[i].nwk = True, n

    def ev(self, kind, **kw):
        kw.update(t=round(time.time(), 3), kind=kind, n=len(self.log))
        self.log.append(kw)
        if self.a.verbose:
            print(json.dumps(kw), flush=True)

    # -- framing
    def tx(self, typ, sub, cmd, data=b""):
        if not self.w:
            return
        f = bytes([len(data), typ << 5 | sub, cmd]) + data
        x = 0
        for c in f:
            x ^= c
        if self.frames:
            self.frames.write("%.3f < %s\n" % (time.time(), (b"\xfe" + f + bytes([x])).hex()))
            self.frames.flush()
        self.w.write(b"\xfe" + f + bytes([x]))

    def later(self, dt, fn, *a):
        asyncio.get_event_loop().call_later(dt, fn, *a)

    async def client(self, r, w):
        if self.w:
            self.w.close()
        self.w = w
        self.ev("connected")
        buf = b""
        try:
            while True:
                d = await r.read(4096)
                if not d:
                    break
                buf += d
                while True:
                    i = buf.find(b"\xfe")
                    if i < 0:
                        buf = b""
                        break
                    buf = buf[i:]
                    if len(buf) < 5 or len(buf) < buf[1] + 5:
                        break
                    n = buf[1]
                    f, fcs = buf[1:4 + n], buf[4 + n]
                    x = 0
                    for c in f:
                        x ^= c
                    if x != fcs:
                        buf = buf[1:]
                        continue
                    if self.frames:
                        self.frames.write("%.3f > %s\n" % (time.time(), buf[:5 + n].hex()))
                        self.frames.flush()
                    buf = buf[5 + n:]
                    self.rx(f[1] >> 5, f[1] & 31, f[2], f[3:])
        except (ConnectionError, asyncio.CancelledError):
            pass
        if self.w is w:
            self.w = None
        self.ev("disconnected")

    def rx(self, typ, sub, cmd, p):
        for f in self.fails:
            if f["subsys"] == sub and f["id"] == cmd and typ == SREQ:
                f["count"] -= 1
                if f["count"] <= 0:
                    self.fails.remove(f)
                if f.get("silent"):
                    return
                return self.tx(SRSP, sub, cmd, bytes([f.get("status", 1)]))
        h = getattr(self, "c%d_%02x" % (sub, cmd), None)
        if not h:
            self.ev("unhandled", typ=typ, sub=sub, cmd=cmd, payload=p.hex())
            if typ == SREQ:                               # MT: "command not recognised"
                self.tx(SRSP, 0, 0, bytes([2, typ << 5 | sub, cmd]))
            return
        after = []
        out = h(p, lambda *a, dt=0.0: after.append((dt, a)))
        if typ == SREQ:
            self.tx(SRSP, sub, cmd, out if out is not None else b"\0")
        for dt, a in after:
            self.later(dt + self.a.latency, *a)

# -- UTIL
    def c7_00(self, p, do):
        kids = [d.nwk for d in self.dev.values() if d.joined]
        return struct.pack("<B8sHBBB", 0, bytes(self.nv[1]), 0, 7, self.state, len(kids)) + b"".join(struct.pack("<H", k) for k in kids)
    def c7_0a(self, p, do): return b"\0"
    def c7_06(self, p, do): return b"\0"
    def c7_4a(self, p, do):
        for d in self.dev.values():
            if d.joined and ieee_b(d.ieee) == p[:8]:
                return struct.pack("<HHB", d.nwk, 1, 1 if d.type == "enddevice" else 2)
        return struct.pack("<HHB", 0xfffe, 0xffff, 0xff)
    def c7_49(self, p, do):                               # assoc find device: nth entry
        kids = [d for d in self.dev.values() if d.joined]
        n = kids[p[0]].nwk if p[0] < len(kids) else 0xffff
        return struct.pack("<H", n) + b"\xff" * 34
    def c7_48(self, p, do): return struct.pack("<H", sum(d.joined for d in self.dev.values()))
    def c7_63(self, p, do): return b"\0"
    def c7_64(self, p, do): return b"\0"
    def c7_40(self, p, do):
        d = self.by_ieee(p[:8])
        return struct.pack("<H", d.nwk if d else 0xfffe)
    def c7_41(self, p, do):
        d = self.by_nwk(struct.unpack("<H", p[:2])[0])
        return ieee_b(d.ieee) if d else b"\xff" * 8

    # -- APP_CNF
    def c15_08(self, p, do): return b"\0"
    def c15_09(self, p, do): return b"\0"
    def c15_04(self, p, do): return b"\0"
    def c15_05(self, p, do):
        self.form()
        do(self.tx, AREQ, ZDO, 0xc0, b"\x08")
        do(self.tx, AREQ, ZDO, 0xc0, b"\x09", dt=0.05)
        do(self.tx, AREQ, APP_CNF, 0x80, b"\0\x02\0", dt=0.06)
        return b"\0"

    # -- AF
    def c4_00(self, p, do):
        if p[0] in self.eps:
            return b"\xb8"
        self.eps.add(p[0])
        return b"\0"
    def c4_04(self, p, do):
        self.eps.discard(p[0])
        return b"\0"

    def c4_01(self, p, do):
        dst, de, se, cl, tid, opt, rad, n = struct.unpack_from("<HBBHBBBB", p)
        self.deliver(dst, de, se, cl, tid, p[10:10 + n], do)
        return b"\0"

    def c4_03(self, p, do):
        dst, de, se, cl, tid, opt, rad, k = struct.unpack_from("<HBBHBBBB", p)
        o = 10 + 2 * k
        self.deliver(dst, de, se, cl, tid, p[o + 1:o + 1 + p[o]], do)
        return b"\0"

    def c4_02(self, p, do):
        mode, addr, de, pan, se, cl, tid, opt, rad, n = struct.unpack_from("<B8sBHBHBBBH", p)
        data = p[20:20 + n]
        if mode == 1:                                     # group
            g = addr[0] | addr[1] << 8
            self.ev("group", group=g, cluster=cl, frame=data.hex())
            for d in self.dev.values():
                if d.joined and not d.offline:
                    for ep in d.eps:
                        if g in d.groups.get(ep, ()):
                            do(d.zcl, ep, cl, data, se, False)
            do(self.tx, AREQ, AF, 0x80, bytes([0, se, tid]))
        elif mode == 3:
            d = self.by_ieee(addr)
            self.deliver(d.nwk if d else 0xfffe, de, se, cl, tid, data, do)
        else:
            self.deliver(addr[0] | addr[1] << 8, de, se, cl, tid, data, do)
        return b"\0"

    RSP2CLUSTER = {0x80: 0x8000, 0x81: 0x8001, 0x82: 0x8002, 0x83: 0x8003, 0x84: 0x8004, 0x85: 0x8005, 0xa1: 0x8021, 0xa2: 0x8022,
                   0xb1: 0x8031, 0xb2: 0x8032, 0xb3: 0x8033, 0xb4: 0x8034, 0xb6: 0x8036}

    def zdo_raw(self, dst, cl, data, do):
        """A ZDO request sent as plain APS data to endpoint 0 (zigpy-znp does that); the answer
        comes as ZDO_MSG_CB_INCOMING for hosts that registered for it."""
        seq, body = data[0], data[1:]

        def do2(fn, *a, dt=0.0):
            if fn == self.tx and len(a) == 4 and a[1] == ZDO and a[2] in self.RSP2CLUSTER:
                c, d = self.RSP2CLUSTER[a[2]], a[3]
                src, b = (d[9:11], d[:11]) if a[2] in (0x80, 0x81) else (d[:2], d[2:])
                do(self.tx, AREQ, ZDO, 0xff, src + b"\0" + struct.pack("<HBBH", c, 0, seq, 0) + b, dt=dt)
            else:
                do(fn, *a, dt=dt)
        if cl in (0, 1):
            getattr(self, "c5_%02x" % cl)(body, do2)
        elif cl == 0x36:
            self.permit_until = time.time() + body[0]
            if dst < 0xfff8:
                do2(self.tx, AREQ, ZDO, 0xb6, struct.pack("<HB", dst, 0))
        else:
            h = getattr(self, "c5_%02x" % cl, None)
            if h:
                h(struct.pack("<H", dst) + body, do2)

    def deliver(self, dst, de, se, cl, tid, data, do):
        if de == 0 and data:
            d = self.by_nwk(dst)
            bad = 0 < dst < 0xfff8 and (not d or d.offline)
            do(self.tx, AREQ, AF, 0x80, bytes([0xe9 if bad else 0, se, tid]))
            return self.zdo_raw(dst, cl, data, do)
        if dst >= 0xfff8:
            for d in self.dev.values():
                if d.joined and not d.offline:
                    for ep in (d.eps if de == 0xff else [de]):
                        do(d.zcl, ep, cl, data, se, False)
            return do(self.tx, AREQ, AF, 0x80, bytes([0, se, tid]))
        d = self.by_nwk(dst)
        if not d:
            return do(self.tx, AREQ, AF, 0x80, bytes([0xcd, se, tid]))          # NWK_NO_ROUTE
        if d.offline:
            st = 0xf0 if d.type == "enddevice" else 0xe9                        # expired / no ack
            return do(self.tx, AREQ, AF, 0x80, bytes([st, se, tid]), dt=0.3)
        do(self.tx, AREQ, AF, 0x80, bytes([0, se, tid]))
        do(d.zcl, de, cl, data, se, dt=0.002)

    def incoming(self, d, ep, cl, frame, dstep=1, group=0):
        self.ev("incoming", dev=d.id, ep=ep, cluster=cl, frame=frame.hex())
        ts = int(time.time() * 1000) & 0xffffffff
        self.tx(AREQ, AF, 0x81, struct.pack("<HHHBBBBBIBB", group, cl, d.nwk, ep, dstep, 0, d.spec.get("lqi", 120), 0, ts, 0, len(frame)) + frame + struct.pack("<HB", d.nwk, 30))

    # -- ZDO
    def by_nwk(self, n): return next((d for d in self.dev.values() if d.joined and d.nwk == n), None)
    def by_ieee(self, b): return next((d for d in self.dev.values() if d.joined and ieee_b(d.ieee) == bytes(b)), None)

    def zdo(self, dst, do, rsp, mk, self_body=None):
        """Answer a unicast ZDO request addressed to dst: mk(device) gives the body after srcaddr."""
        if dst == 0:
            if self_body is not None:
                do(self.tx, AREQ, ZDO, rsp, b"\0\0" + self_body)
            return b"\0"
        d = self.by_nwk(dst)
        if not d or d.offline or d.mute:
            return b"\0"
        do(self.tx, AREQ, ZDO, rsp, struct.pack("<H", d.nwk) + mk(d), dt=0.005)
        return b"\0"

    def c5_00(self, p, do):                               # nwk addr req (by IEEE)
        if p[:8] == bytes(self.nv[1]):
            do(self.tx, AREQ, ZDO, 0x80, b"\0" + p[:8] + b"\0\0\0\0")
        else:
            d = self.by_ieee(p[:8])
            if d and not d.offline:
                do(self.tx, AREQ, ZDO, 0x80, b"\0" + p[:8] + struct.pack("<H", d.nwk) + b"\0\0")
        return b"\0"

    def c5_01(self, p, do):                               # ieee addr req (by nwk)
        n, = struct.unpack_from("<H", p)
        d = self.by_nwk(n)
        ie = bytes(self.nv[1]) if n == 0 else ieee_b(d.ieee) if d and not d.offline else None
        if ie:
            do(self.tx, AREQ, ZDO, 0x81, b"\0" + ie + struct.pack("<H", n) + b"\0\0")
        return b"\0"

    def c5_02(self, p, do):
        dst, n = struct.unpack_from("<HH", p)
        return self.zdo(dst, do, 0x82, lambda d: struct.pack("<BH", 0, n) + d.node_desc(),
                        struct.pack("<BH", 0, 0) + struct.pack("<BBBHBHHHB", 0, 0x40, 0x8f, 0, 80, 160, 0x2c41, 160, 0))

    def c5_03(self, p, do):
        dst, n = struct.unpack_from("<HH", p)
        return self.zdo(dst, do, 0x83, lambda d: struct.pack("<BH", 0, n) + (b"\x10\xc1" if d.spec.get("power", 1) == 1 else b"\x40\xc4"))

    def c5_05(self, p, do):
        dst, n = struct.unpack_from("<HH", p)
        return self.zdo(dst, do, 0x85, lambda d: struct.pack("<BHB", 0, n, len(d.eps)) + bytes(sorted(d.eps)),
                        struct.pack("<BHB", 0, 0, len(self.eps)) + bytes(sorted(self.eps)))

    def c5_04(self, p, do):
        dst, n, ep = struct.unpack_from("<HHB", p)

        def mk(d):
            e = d.eps.get(ep)
            if not e:
                return struct.pack("<BHB", 0x82, n, 0)
            s = struct.pack("<BHHB", ep, e["profile"], e["device"], 1)
            for l in (e["inp"], e["out"]):
                s += bytes([len(l)]) + b"".join(struct.pack("<H", c) for c in l)
            return struct.pack("<BHB", 0, n, len(s)) + s
        own = struct.pack("<BHHBBB", ep, 0x0104, 5, 0, 0, 0)
        return self.zdo(dst, do, 0x84, mk, struct.pack("<BHB", 0, 0, len(own)) + own)

    def c5_06(self, p, do): return b"\0"

    def _bind(self, p, do, add):
        dst, src, sep, cl, mode = struct.unpack_from("<H8sBHB", p)
        d = self.by_nwk(dst)
        if d:
            tgt = (p[14:22][::-1].hex() + "/%d" % p[22]) if mode == 3 else "group/%d" % struct.unpack_from("<H", p, 14)[0]
            b = [sep, cl, tgt]
            if add and b not in d.binds:
                d.binds.append(b)
            if not add and b in d.binds:
                d.binds.remove(b)
            self.ev("bind" if add else "unbind", dev=d.id, ep=sep, cluster=cl, target=tgt)
        return self.zdo(dst, do, 0xa1 if add else 0xa2, lambda d: b"\0", b"\0")
    def c5_21(self, p, do): return self._bind(p, do, True)
    def c5_22(self, p, do): return self._bind(p, do, False)

    def c5_31(self, p, do):
        dst, start = struct.unpack_from("<HB", p)
        nb = [d for d in self.dev.values() if d.joined]
        ext = self.nib()[2]

        def body(rel):
            part = nb[start:start + 3]
            o = bytes([0, len(nb), start, len(part)])
            for d in part:
                o += ext + ieee_b(d.ieee) + struct.pack("<HBBBB", d.nwk, (1 if d.type == "router" else 2) | (4 if d.type == "router" else 0) | rel << 4, 2, 1, d.spec.get("lqi", 120))
            return o
        coord = b"\0\x01\0\x01" + ext + bytes(self.nv[1]) + struct.pack("<HBBBB", 0, 0x04, 2, 0, 200)
        return self.zdo(dst, do, 0xb1, lambda d: coord if d.type == "router" else b"\x84", body(1))

    def c5_32(self, p, do):
        return self.zdo(struct.unpack_from("<H", p)[0], do, 0xb2, lambda d: b"\0\0\0\0" if d.type == "router" else b"\x84", b"\0\0\0\0")
    def c5_33(self, p, do):
        return self.zdo(struct.unpack_from("<H", p)[0], do, 0xb3, lambda d: b"\0\0\0\0", b"\0\0\0\0")

    def c5_34(self, p, do):
        dst, = struct.unpack_from("<H", p)
        d = self.by_nwk(dst)
        r = self.zdo(dst, do, 0xb4, lambda d: b"\0", b"\0")
        if d and not d.offline and not d.mute:
            do(self.leave, d, dt=0.05)
        return r

    def c5_36(self, p, do):
        mode, dst, dur = p[0], p[1] | p[2] << 8, p[3]
        self.permit_until = time.time() + (1e9 if dur == 255 else dur)
        self.ev("permit_join", seconds=dur, dst=dst)
        do(self.tx, AREQ, ZDO, 0xb6, struct.pack("<HB", 0 if dst >= 0xfff8 else dst, 0))
        do(self.tx, AREQ, ZDO, 0xcb, bytes([dur]))
        return b"\0"

    def c5_37(self, p, do):
        self.ev("nwk_update", payload=p.hex())
        return b"\0"
    def c5_3e(self, p, do):
        self.msgcb = True
        return b"\0"
    def c5_3f(self, p, do): return b"\0"
    def c5_40(self, p, do):                               # startup from app
        had = 0x21 in self.nv
        if not had:
            self.form()
        self.state = 9
        do(self.tx, AREQ, ZDO, 0xc0, b"\x09", dt=0.05)
        return b"\0" if had else b"\x01"
    def c5_45(self, p, do): return b"\0"
    def c5_46(self, p, do): return b"\0"
    def c5_47(self, p, do): return b"\0"
    def c5_4a(self, p, do):
        ep, g = struct.unpack_from("<BH", p)
        return struct.pack("<BHB", 0 if (ep, g) in self.groups else 1, g, 0)
    def c5_4b(self, p, do):
        self.groups.add(struct.unpack_from("<BH", p))
        return b"\0"
    def c5_50(self, p, do):
        ch, pan, ext = self.nib()
        return struct.pack("<HBHH8s8sB", 0, self.state, pan, 0, ext, b"\0" * 8, ch)
    def c5_53(self, p, do): return b"\0"
    def c6_04(self, p, do):
        v = bytes(self.nv.get(p[0], b""))
        return bytes([0, p[0], len(v)]) + v

    # -- the physical world
    def join(self, d):
        d.joined, d.offline = True, False
        self.save()
        self.tx(AREQ, ZDO, 0xca, struct.pack("<H8sH", d.nwk, ieee_b(d.ieee), 0))
        self.later(0.05, self.announce, d)
        self.ev("joined", dev=d.id)

    def announce(self, d):
        self.tx(AREQ, ZDO, 0xc1, struct.pack("<HH8sB", d.nwk, d.nwk, ieee_b(d.ieee), d.cap()))
        if getattr(self, "msgcb", False):
            self.tx(AREQ, ZDO, 0xff, struct.pack("<HBHBBHH8sB", d.nwk, 1, 0x0013, 0, 1, 0xfffd, d.nwk, ieee_b(d.ieee), d.cap()))

    def leave(self, d):
        d.joined = False
        d.groups, d.reporting, d.binds = {}, {}, []
        self.save()
        self.tx(AREQ, ZDO, 0xc9, struct.pack("<H8sBBB", d.nwk, ieee_b(d.ieee), 0, 0, 0))
        self.ev("left", dev=d.id)

    def ctl(self, q):
        c = q["cmd"]
        d = self.dev.get(q.get("dev"))
        if "dev" in q and d is None:
            raise KeyError("no such device")
        if c == "list":
            return dict(permit=time.time() < self.permit_until, state=self.state, connected=bool(self.w), devices=[x.dump() for x in self.dev.values()])
        if c == "add":
            self.dev[q["spec"]["id"]] = Device(q["spec"], self)
            return {}
        if c == "join":
            if time.time() >= self.permit_until and not q.get("force"):
                return dict(error="permit join is closed")
            self.join(d)
        elif c == "announce": self.announce(d)
        elif c == "rejoin":
            d.nwk = q["nwk"]
            self.join(d)
        elif c == "leave": self.leave(d)
        elif c == "set": d.put(q["ep"], int(q["cluster"]), int(q["attr"]), q["value"], typ=q.get("type"))
        elif c == "report": d.report(q["ep"], q["cluster"], q["attrs"], force=True)
        elif c == "command":
            fc = 0x09 if q.get("server") else 0x01
            d.send(q["ep"], q["cluster"], d.hdr(fc | (0 if q.get("rsp") else 0x10), q["id"], manuf=q.get("manuf")) + bytes.fromhex(q.get("payload", "")), group=q.get("group", 0))
        elif c == "zcl": d.send(q["ep"], q["cluster"], bytes.fromhex(q["frame"]))
        elif c == "dp":
            d.spec.setdefault("dps", {})[str(q["dp"])] = [q["type"], q["hex"]]
            d.tuya(q.get("ep", 1), q["dp"])
        elif c == "offline": d.offline = q.get("on", True)
        elif c == "mute": d.mute = q.get("on", True)
        elif c == "fail": self.fails.append(dict(q, count=q.get("count", 1)))
        elif c == "drop":
            if self.w: self.w.close()
        elif c == "log": return dict(log=self.log[q.get("since", 0):])
        elif c == "reset": self.wipe(); self.save()
        elif c == "quit": self.later(0.05, sys.exit, 0)
        else: raise KeyError("unknown cmd")
        return {}

    async def control(self, r, w):
        while True:
            l = await r.readline()
            if not l:
                break
            try:
                out = dict(ok=True, **self.ctl(json.loads(l)))
                if "error" in out:
                    out["ok"] = False
            except Exception as e:
                out = dict(ok=False, error=repr(e))
            w.write((json.dumps(out) + "\n").encode())
            await w.drain()
        w.close()


async def main():
    ap = argparse.ArgumentParser()
    here = os.path.dirname(os.path.abspath(__file__))
    ap.add_argument("--znp", default="127.0.0.1:0")
    ap.add_argument("--ctl", default="127.0.0.1:0")
    ap.add_argument("--devices", default=os.path.join(here, "devices.json"))
    ap.add_argument("--state")
    ap.add_argument("--log")
    ap.add_argument("--latency", type=float, default=0.003)
    ap.add_argument("-v", "--verbose", action="store_true")
    a = ap.parse_args()
    net = Net(a)
    h, p = a.znp.rsplit(":", 1)
    s1 = await asyncio.start_server(net.client, h, int(p))
    h, p = a.ctl.rsplit(":", 1)
    s2 = await asyncio.start_server(net.control, h, int(p))
    print(json.dumps({"znp": s1.sockets[0].getsockname()[1], "ctl": s2.sockets[0].getsockname()[1], "devices": len(net.dev)}), flush=True)
    async with s1, s2:
        await asyncio.gather(s1.serve_forever(), s2.serve_forever())


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (KeyboardInterrupt, SystemExit):
        pass
