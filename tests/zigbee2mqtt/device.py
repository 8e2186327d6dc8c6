"""A virtual Zigbee device: its descriptors and attributes come from devices.json, its behaviour from the clusters it has."""
import asyncio
import json
import struct

from zcl import DISCRETE, dec, enc, ieee_b


class Device:
    """One virtual device. The spec is plain JSON (see devices.json)."""

    def __init__(self, spec, net):
        self.spec, self.net = spec, net
        self.id, self.ieee = spec["id"], spec["ieee"]
        self.nwk = spec.get("nwk") or (0x1000 + (sum(ieee_b(self.ieee)) * 257) % 0xE000)
        self.type = spec.get("type", "router")            # router | enddevice
        self.joined, self.offline, self.mute = False, False, False
        self.seq, self.groups, self.reporting, self.binds, self.last = 0, {}, {}, [], {}
        self.eps = {}
        for e, d in spec["endpoints"].items():
            cl = {}
            for c, attrs in d.get("attrs", {}).items():
                cl[int(c, 0)] = {int(a, 0): list(tv) for a, tv in attrs.items()}
            self.eps[int(e)] = dict(profile=d.get("profile", 0x0104), device=d.get("device", 0),
                                    inp=[int(str(x), 0) for x in d.get("in", [])],
                                    out=[int(str(x), 0) for x in d.get("out", [])], attrs=cl)
        basic = spec.get("basic", {})
        for e in self.eps.values():
            if 0 in e["inp"]:
                b = e["attrs"].setdefault(0, {})
                b.setdefault(0, [0x20, 3]); b.setdefault(1, [0x20, basic.get("app", 1)])
                b.setdefault(2, [0x20, 1]); b.setdefault(3, [0x20, basic.get("hw", 1)])
                b.setdefault(4, [0x42, spec["manufacturer"]]); b.setdefault(5, [0x42, spec["model"]])
                b.setdefault(6, [0x42, basic.get("date", "20240101")])
                b.setdefault(7, [0x30, spec.get("power", 1)])
                if "sw" in basic:
                    b.setdefault(0x4000, [0x42, basic["sw"]])

    # -- descriptors
    def node_desc(self):
        t = {"router": 1, "enddevice": 2}[self.type]
        return struct.pack("<BBBHBHHHB", t, 0x40, self.cap(), self.spec.get("manufcode", 0x117c),
                           82, 82, 0x2c00, 82, 0)

    def cap(self):
        return 0x8e if self.type == "router" else 0x80

    # -- attributes
    def get(self, ep, cl, attr):
        return self.eps[ep]["attrs"].get(cl, {}).get(attr)

    def put(self, ep, cl, attr, value, report=True, typ=None):
        a = self.eps[ep]["attrs"].setdefault(cl, {})
        cur = a.get(attr)
        if cur is None:
            a[attr] = cur = [typ if typ is not None else 0x21, None]
        old, cur[1] = cur[1], value
        if report and old != value:
            self.report(ep, cl, [attr])

    def report(self, ep, cl, attrs, force=False):
        items = b""
        for x in attrs:
            t, v = self.eps[ep]["attrs"][cl][x]
            if not force and not self.spec.get("autoreport", True) and (ep, cl, x) not in self.reporting:
                continue
            items += struct.pack("<HB", x, t) + enc(t, v)
        if items:
            self.send(ep, cl, self.hdr(0x18, 0x0a) + items)

    def hdr(self, fc, cmd, seq=None, manuf=None):
        if seq is None:
            self.seq = (self.seq + 1) & 0xff
            seq = self.seq
        if manuf is not None:
            return struct.pack("<BHBB", fc | 4, manuf, seq, cmd)
        return bytes([fc, seq, cmd])

    def send(self, ep, cl, frame, dstep=1, group=0):
        if self.joined and not self.offline:
            self.net.incoming(self, ep, cl, frame, dstep, group)

    # -- ZCL in
    def zcl(self, ep, cl, frame, srcep, unicast=True):
        if self.mute or ep not in self.eps:
            return
        fc = frame[0]
        manuf, o = (struct.unpack_from("<H", frame, 1)[0], 3) if fc & 4 else (None, 1)
        seq, cmd, p = frame[o], frame[o + 1], frame[o + 2:]
        self.net.ev("zcl", dev=self.id, ep=ep, cluster=cl, fc=fc, manuf=manuf, seq=seq, cmd=cmd, payload=p.hex(), unicast=unicast)
        E = self.eps[ep]
        to_server = not fc & 8
        rfc = 0x18 if to_server else 0x10      # response direction, default rsp disabled

        def reply(c, body, cluster_cmd=False):
            if unicast:
                self.send(ep, cl, self.hdr(rfc | (1 if cluster_cmd else 0), c, seq, manuf) + body, srcep)

        def default(status=0):
            if not fc & 0x10 or status:
                reply(0x0b, bytes([cmd, status]))

        if fc & 3 == 0:                        # ---- foundation
            A = E["attrs"].get(cl, {})
            if cmd == 0x00:                    # read
                out = b""
                for i in range(0, len(p) - 1, 2):
                    a, = struct.unpack_from("<H", p, i)
                    if a in A:
                        t, v = A[a]
                        out += struct.pack("<HBB", a, 0, t) + enc(t, v)
                    else:
                        out += struct.pack("<HB", a, 0x86)
                reply(0x01, out)
            elif cmd in (0x02, 0x03, 0x05):    # write, undivided, no response
                i, bad = 0, b""
                changed = []
                while i < len(p):
                    a, t = struct.unpack_from("<HB", p, i)
                    v, i = dec(t, p, i + 3)
                    if a in A and A[a][0] != t:
                        bad += struct.pack("<BH", 0x8d, a)
                    else:
                        changed.append((a, t, v))
                for a, t, v in changed:
                    self.put(ep, cl, a, v, typ=t)
                    self.wrote(ep, cl, a, v)
                if cmd != 0x05:
                    reply(0x04, bad or b"\0")
            elif cmd == 0x06:                  # configure reporting
                i, bad = 0, b""
                while i < len(p):
                    d, a = struct.unpack_from("<BH", p, i)
                    if d == 0:
                        t, mn, mx = struct.unpack_from("<BHH", p, i + 3)
                        i += 8
                        ch = None
                        if t not in DISCRETE:
                            ch, i = dec(t, p, i)
                        if a in A:
                            self.reporting[(ep, cl, a)] = [mn, mx, ch]
                        else:
                            bad += struct.pack("<BBH", 0x86, d, a)
                    else:
                        i += 5
                reply(0x07, bad or b"\0")
            elif cmd == 0x08:                  # read reporting config
                out, i = b"", 0
                while i < len(p):
                    d, a = struct.unpack_from("<BH", p, i)
                    i += 3
                    r = self.reporting.get((ep, cl, a))
                    if r and a in A:
                        t = A[a][0]
                        out += struct.pack("<BBHBHH", 0, d, a, t, r[0], r[1]) + (b"" if t in DISCRETE else enc(t, r[2] or 0))
                    else:
                        out += struct.pack("<BBH", 0x8b, d, a)
                reply(0x09, out)
            elif cmd == 0x0c:                  # discover attributes
                start, n = struct.unpack_from("<HB", p)
                l = sorted(x for x in A if x >= start)
                reply(0x0d, bytes([len(l) <= n]) + b"".join(struct.pack("<HB", x, A[x][0]) for x in l[:n]))
            elif cmd in (0x0b, 0x0a, 0x01, 0x04, 0x07, 0x09):
                pass
            else:
                default(0x82)
            return
        # ---- cluster commands
        try:
            r = self.command(ep, cl, cmd, p, to_server)
        except Exception as e:                 # a broken frame must not kill the network
            self.net.ev("error", dev=self.id, error=repr(e))
            return default(0x80)
        if r is True:
            default(0)
        elif isinstance(r, int):
            default(r)
        elif r is not None:
            reply(r[0], r[1], True)

    def wrote(self, ep, cl, a, v):
        if cl == 0x0500 and a == 0x0010 and self.spec.get("ias_request"):
            # zone enroll request: server -> client
            self.send(ep, cl, self.hdr(0x09, 0x01) + struct.pack("<HH", self.eps[ep]["attrs"][cl][1][1], 0x117c))

    def onoff(self, ep, on):
        self.put(ep, 6, 0, 1 if on else 0)

    def command(self, ep, cl, cmd, p, to_server):
        E = self.eps[ep]
        A = E["attrs"].get(cl, {})
        if to_server and cl not in E["inp"]:
            return 0xc3                        # UNSUPPORTED_CLUSTER
        if cl == 3:
            return (0x00, struct.pack("<H", 0)) if cmd == 1 else True
        if cl == 4:                            # groups
            if cmd in (0, 5):
                g, = struct.unpack_from("<H", p)
                self.groups.setdefault(ep, set()).add(g)
                return (0, struct.pack("<BH", 0, g)) if cmd == 0 else True
            if cmd == 1:
                g, = struct.unpack_from("<H", p)
                return (1, struct.pack("<BHB", 0 if g in self.groups.get(ep, ()) else 0x8b, g, 0))
            if cmd == 2:
                l = sorted(self.groups.get(ep, ()))
                return (2, bytes([0xff, len(l)]) + b"".join(struct.pack("<H", x) for x in l))
            if cmd == 3:
                g, = struct.unpack_from("<H", p)
                st = 0 if g in self.groups.get(ep, ()) else 0x8b
                self.groups.setdefault(ep, set()).discard(g)
                return (3, struct.pack("<BH", st, g))
            if cmd == 4:
                self.groups[ep] = set()
                return True
        if cl == 5:                            # scenes: enough for store/recall/add/remove
            g, s = struct.unpack_from("<HB", p) if len(p) >= 3 else (0, 0)
            sc = self.spec.setdefault("_scenes", {})
            if cmd == 4:
                sc["%d/%d" % (g, s)] = json.loads(json.dumps({str(k): v for k, v in E["attrs"].items() if k in (6, 8, 0x300)}))
            elif cmd == 5:
                for c, at in sc.get("%d/%d" % (g, s), {}).items():
                    for a, (t, v) in at.items():
                        self.put(ep, int(c), int(a), v)
                return True
            elif cmd == 2:
                sc.pop("%d/%d" % (g, s), None)
            elif cmd == 3:
                return (3, struct.pack("<BH", 0, g))
            return (cmd, struct.pack("<BHB", 0, g, s))
        if cl == 6 and to_server:
            if cmd in (0, 0x40): self.onoff(ep, 0)
            elif cmd in (1, 0x41, 0x42): self.onoff(ep, 1)
            elif cmd == 2: self.onoff(ep, not self.get(ep, 6, 0)[1])
            else: return 0x81
            return True
        if cl == 8 and to_server:
            cur = self.get(ep, 8, 0)[1]
            w, c = cmd >= 4, cmd & 3
            new = cur
            if c == 0: new = p[0]
            elif c == 1: new = 254 if p[0] == 0 else 1
            elif c == 2: new = cur + p[1] if p[0] == 0 else cur - p[1]
            new = max(0 if w else 1, min(254, new))
            if w: self.onoff(ep, new > 0)
            if new > 0: self.put(ep, 8, 0, new)
            return True
        if cl == 0x300 and to_server:
            def mode(m):
                self.put(ep, cl, 8, m, typ=0x30)
                if 0x4001 in A: self.put(ep, cl, 0x4001, m)
            if cmd == 0x07:
                x, y = struct.unpack_from("<HH", p)
                mode(1); self.put(ep, cl, 3, x); self.put(ep, cl, 4, y)
            elif cmd == 0x0a:
                t, = struct.unpack_from("<H", p)
                t = max(A.get(0x400b, [0, 153])[1], min(A.get(0x400c, [0, 500])[1], t))
                mode(2); self.put(ep, cl, 7, t)
            elif cmd == 0x00: mode(0); self.put(ep, cl, 0, p[0])
            elif cmd == 0x03: mode(0); self.put(ep, cl, 1, p[0])
            elif cmd == 0x06: mode(0); self.put(ep, cl, 0, p[0]); self.put(ep, cl, 1, p[1])
            elif cmd == 0x43:
                h, s = struct.unpack_from("<HB", p)
                mode(0); self.put(ep, cl, 0x4000, h, typ=0x21); self.put(ep, cl, 0, h >> 8); self.put(ep, cl, 1, s)
            elif cmd in (0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x40, 0x41, 0x42, 0x44, 0x47, 0x4b, 0x4c): pass
            else: return 0x81
            return True
        if cl == 0x102 and to_server:
            if cmd == 0: self.put(ep, cl, 8, 0)
            elif cmd == 1: self.put(ep, cl, 8, 100)
            elif cmd == 5: self.put(ep, cl, 8, p[0])
            elif cmd == 8: self.put(ep, cl, 9, p[0])
            elif cmd != 2: return 0x81
            return True
        if cl == 0x101 and to_server and cmd in (0, 1):
            self.put(ep, cl, 0, 1 if cmd == 0 else 2)
            return (cmd, b"\0")
        if cl == 0x201 and to_server and cmd == 0:
            d = struct.unpack_from("<b", p, 1)[0] * 10
            for m, a in ((0, 0x12), (1, 0x11)):
                if p[0] in (m, 2) and a in A: self.put(ep, cl, a, A[a][1] + d)
            return True
        if cl == 0x500 and to_server and cmd == 0:
            self.put(ep, cl, 0, 1, report=False); self.put(ep, cl, 0x11, p[1], report=False, typ=0x20)
            return True
        if cl == 0xef00 and to_server:         # Tuya MCU datapoints
            dps = self.spec.setdefault("dps", {})
            if cmd == 0:
                o, seqn = 2, p[:2]
                while o + 4 <= len(p):
                    dp, t, n = p[o], p[o + 1], (p[o + 2] << 8) | p[o + 3]
                    dps[str(dp)] = [t, p[o + 4:o + 4 + n].hex()]
                    self.tuya(ep, dp)
                    o += 4 + n
                return True
            if cmd == 3:
                for dp in list(dps): self.tuya(ep, int(dp))
                return True
            if cmd == 0x10:
                return (0x11, p[:2] + b"\x46")
            return True
        if cl == 0x19:                         # OTA: image notify / query response / block / end
            return self.ota(ep, cmd, p)
        return True

    def tuya(self, ep, dp):
        t, h = self.spec["dps"][str(dp)]
        b = bytes.fromhex(h)
        self.seq = (self.seq + 1) & 0xff
        self.send(ep, 0xef00, self.hdr(0x09, 0x02) + bytes([0, self.seq, dp, t, len(b) >> 8, len(b) & 255]) + b)

    def ota(self, ep, cmd, p):
        o = self.spec.get("ota", {"manuf": self.spec.get("manufcode", 0x117c), "type": 1, "version": 1})
        self.spec["ota"] = o
        if cmd == 0x00:                        # image notify -> query next image
            self.send(ep, 0x19, self.hdr(0x01, 0x01) + struct.pack("<BHHI", 0, o["manuf"], o["type"], o["version"]))
        elif cmd == 0x02 and p[0] == 0:        # query next image response
            st, m, t, v, size = struct.unpack_from("<BHHII", p)
            o.update(next=v, size=size, got=0)
            self.block(ep, o)
        elif cmd == 0x05 and p[0] == 0x97:      # wait for data
            self.ask_later(ep, o, 1.0)
        elif cmd == 0x05 and p[0] == 0x95:      # abort
            o.pop("next", None)
        elif cmd == 0x05 and p[0] == 0:        # block response
            st, m, t, v, off, n = struct.unpack_from("<BHHIIB", p)
            o["got"] = off + n
            if o["got"] >= o["size"]:
                self.send(ep, 0x19, self.hdr(0x01, 0x06) + struct.pack("<BHHI", 0, m, t, v))
            else:
                self.ask_later(ep, o, self.net.a.latency * 5)
        elif cmd == 0x07:                      # upgrade end response: reboot into the new version
            o["version"] = o.pop("next", o["version"])
            asyncio.get_event_loop().call_later(0.2, self.net.announce, self)
        return None

    def ask_later(self, ep, o, dt):
        asyncio.get_event_loop().call_later(dt, lambda: "next" in o and self.block(ep, o))

    def block(self, ep, o):
        # a real client repeats a block request that stays unanswered
        t = o["tick"] = o.get("tick", 0) + 1
        asyncio.get_event_loop().call_later(2.0, lambda: o["tick"] == t and o.get("got", 0) < o.get("size", 0) and "next" in o and self.block(ep, o))
        self.send(ep, 0x19, self.hdr(0x01, 0x03) + struct.pack("<BHHIIB", 0, o["manuf"], o["type"], o["next"], o["got"], 50))

    def dump(self):
        return dict(id=self.id, ieee=self.ieee, nwk=self.nwk, model=self.spec["model"], joined=self.joined,
                    offline=self.offline, groups={k: sorted(v) for k, v in self.groups.items()},
                    binds=self.binds, reporting=["%d/%d/%d" % k + "=%s" % v for k, v in self.reporting.items()],
                    attrs={e: {c: {a: tv[1] for a, tv in at.items()} for c, at in d["attrs"].items()} for e, d in self.eps.items()},
                    dps=self.spec.get("dps"), ota=self.spec.get("ota"))
