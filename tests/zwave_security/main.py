#!/usr/bin/env python3
"""A stick with one node, on a free port of loopback; the argument is the longest command that it sends. Takes one request a
line for what happens in the physical world, and ends with its input. See README.md."""

import json
import selectors
import socket
import sys

from node import PLAIN, Node
from stick import Stick

HOME = bytes.fromhex("7e570001")


class World:
    def __init__(self, longest):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = None
        self.stick = Stick(HOME, self.write, self.make_node, PLAIN, longest)

    def make_node(self, number, wanted):
        return Node(HOME, number, wanted, self.stick.deliver)

    def write(self, data):
        if self.host is not None:
            self.host.sendall(data)

    def do(self, request):
        node, what = self.stick.node, request["do"]
        command = bytes.fromhex(request.get("command", ""))
        if what == "include":
            self.stick.pending = (request["id"], request["keys"])
        elif what == "included":
            return {"pin": node.pin, "done": node.is_included, "highest": node.highest()}
        elif what == "value":
            return node.value
        elif what == "heard":
            heard, node.heard = node.heard, []
            return heard
        elif what == "information":
            return self.stick.host_information.hex()
        elif what == "say":
            node.say(command)
        elif what == "plain":
            node.deliver(command)
        elif what == "forge":
            node.forge(command)
        elif what == "repeat":
            node.deliver(node.sent[-request.get("back", 1)])
        elif what == "forget":
            node.conversation.forget()
        elif what == "lose":
            node.losing = request["frames"]
        elif what == "deaf":
            node.deaf = request["frames"]
        elif what == "collide":
            node.collision = command
        elif what == "segments":
            node.deaf_to = node.segments + request["deaf_to"] if "deaf_to" in request else None
            node.segmented = request.get("longest")
            return node.segments
        elif what == "flood":
            for _ in range(request["frames"]):
                node.deliver(bytes([0x9F, 0x01, node.conversation.next_sequence()]))
        else:
            raise ValueError(f"nobody knows what «{what}» is")
        return None

    def run(self):
        selector = selectors.DefaultSelector()
        selector.register(self.listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print(json.dumps({"ready": {"port": self.listener.getsockname()[1]}}), flush=True)
        while True:
            for key, _ in selector.select():
                if key.fileobj is self.listener:
                    if self.host is not None:
                        selector.unregister(self.host)
                        self.host.close()
                    self.host, _ = self.listener.accept()
                    selector.register(self.host, selectors.EVENT_READ)
                elif key.fileobj is sys.stdin:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    print(json.dumps({"answer": self.do(json.loads(line))}), flush=True)
                else:
                    try:
                        data = self.host.recv(4096)
                    except OSError:
                        data = b""
                    if data:
                        self.stick.handle_bytes(data)
                    else:
                        selector.unregister(self.host)
                        self.host.close()
                        self.host = None


World(int(sys.argv[1]) if len(sys.argv) > 1 else None).run()
