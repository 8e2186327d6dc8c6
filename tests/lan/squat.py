"""Takes the name of a service on the local network, and holds it until its input ends. Usage: squat.py INSTANCE ADDRESS"""

import socket
import sys

from zeroconf import IPVersion, ServiceInfo, Zeroconf

instance, address = sys.argv[1:]
zeroconf = Zeroconf(ip_version=IPVersion.V4Only)
zeroconf.register_service(
    ServiceInfo(
        "_hearth._tcp.local.",
        f"{instance}._hearth._tcp.local.",
        addresses=[socket.inet_aton(address)],
        port=1,
        properties={"id": "squatter"},
        server="squatter.local.",
    )
)
print("held", flush=True)
sys.stdin.read()
zeroconf.close()
