"""The least that a stick with the Serial API does: it takes one node in, and passes on what is said."""

FUNCTIONS = [0x02, 0x03, 0x05, 0x07, 0x13, 0x15, 0x20, 0x41, 0x4A, 0x60]
DEVICE_CLASS = bytes([4, 0x10, 1])
INFORMATION = {0x15: b"Z-Wave 4.05\x00\x01", 0x05: b"\x1c", 0x03: None}


def frame(kind, function, payload):
    body = bytes([len(payload) + 3, kind, function]) + payload
    checksum = 0xFF
    for byte in body:
        checksum ^= byte
    return b"\x01" + body + bytes([checksum])


class Stick:
    """`write` takes bytes for the host; `make_node` makes the node that is let in."""

    def __init__(self, home, write, make_node, plain_classes, longest=None):
        self.home, self.write, self.make_node, self.plain_classes = home, write, make_node, plain_classes
        # The longest command that it sends; where it says nothing of that, 46 bytes.
        self.longest = longest
        self.node = None
        self.pending = None
        self.incoming = b""
        # What the host was asked to say of itself.
        self.host_information = b""

    def handle_bytes(self, data):
        self.incoming += data
        while self.incoming:
            if self.incoming[0] != 0x01:
                self.incoming = self.incoming[1:]
                continue
            if len(self.incoming) < 2 or len(self.incoming) < self.incoming[1] + 2:
                return
            length = self.incoming[1] + 2
            whole, self.incoming = self.incoming[:length], self.incoming[length:]
            self.write(b"\x06")
            self.handle(whole[3], whole[4:-1])

    def respond(self, function, payload):
        self.write(frame(1, function, payload))

    def call_back(self, function, payload):
        self.write(frame(0, function, payload))

    def deliver(self, command):
        """The node says something."""
        self.call_back(0x04, bytes([0, self.node.number, len(command)]) + command)

    def handle(self, function, payload):
        if function == 0x07:
            mask = bytearray(32)
            for number in FUNCTIONS + ([0x0B] if self.longest else []):
                mask[(number - 1) // 8] |= 1 << (number - 1) % 8
            self.respond(7, bytes([1, 0, 0xFF, 0xFF, 0, 1, 0, 1]) + bytes(mask))
        elif function == 0x02:
            mask = bytearray(29)
            for number in [1] + ([self.node.number] if self.node else []):
                mask[(number - 1) // 8] |= 1 << (number - 1) % 8
            self.respond(2, bytes([5, 8, 29]) + bytes(mask) + bytes([5, 0]))
        elif function == 0x20:
            self.respond(0x20, self.home + b"\x01")
        elif function == 0x41:
            self.respond(0x41, bytes([0xD3, 0x9C, 0]) + DEVICE_CLASS)
        elif function == 0x0B:
            # Which setup commands there are: the longest command, and no other.
            answers = {0x01: bytes([0x01, 0x10]), 0x10: bytes([0x10, self.longest])}
            self.respond(0x0B, answers.get(payload[0], bytes([0, payload[0]])))
        elif function == 0x4A:
            self.add(payload[0] & 0x0F, payload[1])
        elif function == 0x60:
            self.respond(0x60, b"\x01")
            self.call_back(0x49, bytes([0x84, payload[0]]) + self.node_information())
        elif function == 0x13:
            number, length = payload[0], payload[1]
            command, callback = payload[2 : 2 + length], payload[3 + length]
            self.respond(0x13, b"\x01")
            is_there = self.node is not None and self.node.number == number
            if is_there and command[:1] != b"\x00":
                self.node.handle(command)
            self.call_back(0x13, bytes([callback, 0 if is_there else 1]))
        elif function == 0x03:
            self.host_information = payload
        else:
            self.respond(function, INFORMATION[function])

    def node_information(self):
        information = DEVICE_CLASS + self.plain_classes
        return bytes([len(information)]) + information

    def add(self, mode, callback):
        if mode == 1:
            self.call_back(0x4A, bytes([callback, 1]))
            if self.pending is not None:
                self.node, self.pending = self.make_node(*self.pending), None
                self.call_back(0x4A, bytes([callback, 2]))
                self.call_back(0x4A, bytes([callback, 3, self.node.number]) + self.node_information())
                self.call_back(0x4A, bytes([callback, 5]))
        elif mode == 5 and callback != 0:
            self.call_back(0x4A, bytes([callback, 6, self.node.number if self.node else 0]))
