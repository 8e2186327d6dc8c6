"""Listens to the local network by python-zeroconf and prints a JSON line for each thing that a service does."""

import json
import sys

from zeroconf import IPVersion, ServiceBrowser, ServiceListener, Zeroconf


class Printer(ServiceListener):
    def tell(self, what, zeroconf, service, name):
        line = {"what": what, "service": service, "name": name}
        info = zeroconf.get_service_info(service, name, 2000) if what != "removed" else None
        if info is not None:
            line["host"] = info.server
            line["port"] = info.port
            line["addresses"] = sorted(info.parsed_addresses(IPVersion.All))
            line["text"] = {key.decode(): (value or b"").decode() for key, value in info.properties.items()}
        print(json.dumps(line), flush=True)

    def add_service(self, zeroconf, service, name):
        self.tell("added", zeroconf, service, name)

    def update_service(self, zeroconf, service, name):
        self.tell("updated", zeroconf, service, name)

    def remove_service(self, zeroconf, service, name):
        self.tell("removed", zeroconf, service, name)


zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
ServiceBrowser(zeroconf, ["_hearth._tcp.local.", "_http._tcp.local."], Printer())
print(json.dumps({"what": "listening"}), flush=True)
sys.stdin.read()
zeroconf.close()
