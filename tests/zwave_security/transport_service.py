"""Transport Service, version 2, from its definition: a command in several frames, each with a checksum."""

HEADER, TAIL = 4, 2


def checksum(data):
    value = 0x1D0F
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021) & 0xFFFF if value & 0x8000 else value << 1
    return value.to_bytes(2, "big")


def split(datagram, session, longest):
    """The frames of a command."""
    frames, offset = [], 0
    while offset < len(datagram):
        header = bytes([len(datagram) >> 8, len(datagram) & 0xFF, session << 4])
        if offset == 0:
            header = bytes([0x55, 0xC0 | header[0]]) + header[1:]
        else:
            header = bytes([0x55, 0xE0 | header[0], header[1], header[2] | offset >> 8, offset & 0xFF])
        payload = datagram[offset : offset + longest - len(header) - TAIL]
        frames.append(header + payload + checksum(header + payload))
        offset += len(payload)
    return frames


class Assembly:
    """One command on its way in. `send` takes what is said to its sender."""

    def __init__(self, send):
        self.send, self.session, self.places = send, None, []

    def handle(self, frame):
        """The command, when its last part has come."""
        kind = frame[1] & 0xF8
        if kind not in (0xC0, 0xE0) or checksum(frame[:-TAIL]) != frame[-TAIL:]:
            return None
        size, session = (frame[1] & 7) << 8 | frame[2], frame[3] >> 4
        if kind == 0xC0:
            offset, payload = 0, frame[HEADER:-TAIL]
            self.session, self.places = session, [None] * size
        else:
            offset, payload = (frame[3] & 7) << 8 | frame[4], frame[HEADER + 1 : -TAIL]
        if session != self.session:
            self.send(bytes([0x55, 0xF0, 0]))
            return None
        self.places[offset : offset + len(payload)] = list(payload)
        if None not in self.places:
            self.send(bytes([0x55, 0xE8, session << 4]))
            self.session = None
            return bytes(self.places)
        if self.places[-1] is not None:
            missing = self.places.index(None)
            self.send(bytes([0x55, 0xC8, session << 4 | missing >> 8, missing & 0xFF]))
        return None
