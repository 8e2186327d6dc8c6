#!/usr/bin/env python3
"""A Zigbee network without a radio: mosquitto, a simulated coordinator with devices behind it, and the real zigbee2mqtt.

  network.py [--base zigbee2mqtt] [--join all|id,id] [--home-assistant] [--availability]
             [--output json|attribute|attribute_and_json] [--set advanced.last_seen=ISO_8601 ...]
             [--folder DIR] [--without-zigbee2mqtt]

Prints one line of JSON when all is up: {"mqtt","znp","control","base","folder"}. Then it reads one command a line and
answers each with one line of JSON:

  kill NAME       at once, as by a crash (NAME = mosquitto, coordinator, zigbee2mqtt)
  stop NAME       politely
  start NAME      again; answers when it is ready
  restart NAME    stop and start

It ends, and stops exactly what it started, when its input ends or by SIGTERM or SIGINT. Standard library only.
"""
import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(HERE, "node_modules")
READY_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def node():
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    return os.path.join(MODULES, "node-linux-" + machine, "bin", "node")


def control(port, **request):
    """One request to the coordinator's control port, as if something happened to a device."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall((json.dumps(request) + "\n").encode())
        return json.loads(connection.makefile().readline())


class Network:
    """The processes, each with the way to start it and to see that it is ready."""

    def __init__(self, options):
        self.options = options
        self.folder = os.path.abspath(options.folder or tempfile.mkdtemp(prefix="zigbee-network-"))
        self.data = os.path.join(self.folder, "data")
        os.makedirs(self.data, exist_ok=True)
        self.mqtt, self.znp, self.ctl = free_port(), free_port(), free_port()
        self.running = {}
        self.starters = {"mosquitto": self.mosquitto, "coordinator": self.coordinator, "zigbee2mqtt": self.zigbee2mqtt}

    def spawn(self, name, command, **more):
        log = open(os.path.join(self.folder, name + ".log"), "ab")
        begin = log.seek(0, os.SEEK_END)
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, **more)
        self.running[name] = process
        return process, log.name, begin

    def until(self, what, process, ready):
        end = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(what + " did not get ready; see its log in " + self.folder)
            time.sleep(0.05)

    def listens(self, port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def mosquitto(self):
        configuration = os.path.join(self.folder, "mosquitto.conf")
        with open(configuration, "w") as file:
            file.write("listener %d 127.0.0.1\nallow_anonymous true\npersistence false\n" % self.mqtt)
        process, _, _ = self.spawn("mosquitto", ["mosquitto", "-c", configuration])
        self.until("mosquitto", process, lambda: self.listens(self.mqtt))

    def coordinator(self):
        process, _, _ = self.spawn("coordinator", [
            sys.executable, os.path.join(HERE, "coordinator.py"), "-v", "--znp", "127.0.0.1:%d" % self.znp, "--ctl", "127.0.0.1:%d" % self.ctl,
            "--devices", self.options.devices, "--state", os.path.join(self.folder, "memory.json"), "--log", os.path.join(self.folder, "frames.log")])
        self.until("the coordinator", process, lambda: self.listens(self.ctl))

    def configuration(self):
        options = self.options
        settings = {
            "version": 5,
            "mqtt": {"server": "mqtt://127.0.0.1:%d" % self.mqtt, "base_topic": options.base},
            "serial": {"port": "tcp://127.0.0.1:%d" % self.znp, "adapter": "zstack"},
            "frontend": {"enabled": False},
            "homeassistant": {"enabled": options.home_assistant},
            "availability": {"enabled": options.availability},
            "ota": {"disable_automatic_update_check": True},
            "advanced": {"log_level": "info", "log_output": ["console"], "output": options.output, "channel": 11, "pan_id": 6754,
                         "network_key": [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]},
        }
        for assignment in options.set:
            key, value = assignment.split("=", 1)
            try:
                value = json.loads(value)
            except ValueError:
                pass  # A plain text.
            *path, last = key.split(".")
            table = settings
            for part in path:
                table = table.setdefault(part, {})
            table[last] = value
        return settings

    def zigbee2mqtt(self):
        path = os.path.join(self.data, "configuration.yaml")
        if not os.path.exists(path):
            with open(path, "w") as file:
                json.dump(self.configuration(), file, ensure_ascii=False)  # JSON is YAML.
        # Without GIT_DIR it takes the repository that it happens to lie in for its own and wants to build itself anew.
        environment = dict(os.environ, ZIGBEE2MQTT_DATA=self.data, GIT_DIR=os.devnull)
        process, log, begin = self.spawn(
            "zigbee2mqtt", [node(), os.path.join(MODULES, "zigbee2mqtt/index.js")], env=environment)

        def started():
            with open(log, "rb") as file:
                file.seek(begin)
                return b"Zigbee2MQTT started!" in file.read()
        self.until("zigbee2mqtt", process, started)

    def start(self, name):
        self.starters[name]()

    def stop(self, name):
        process = self.running.pop(name, None)
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, name):
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def restart(self, name):
        self.stop(name)
        self.start(name)

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.stop(name)

    def join(self, which):
        with open(self.options.devices) as file:
            known = [device["id"] for device in json.load(file)["devices"]]
        for device in known if which == "all" else which.split(","):
            control(self.ctl, cmd="join", dev=device, force=True)
            time.sleep(0.3)  # As people do it: one after the other.

    def serve(self):
        for line in sys.stdin:
            verb, _, name = line.strip().partition(" ")
            try:
                if verb not in ("kill", "stop", "start", "restart") or name not in self.starters:
                    raise ValueError("unknown command: " + line.strip())
                getattr(self, verb)(name)
                answer = {"ok": True}
            except (ValueError, KeyError, OSError, RuntimeError) as error:
                answer = {"ok": False, "error": str(error)}
            print(json.dumps(answer), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="zigbee2mqtt")
    parser.add_argument("--join", default="")
    parser.add_argument("--home-assistant", action="store_true")
    parser.add_argument("--availability", action="store_true")
    parser.add_argument("--output", default="json")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--folder")
    parser.add_argument("--devices", default=os.path.join(HERE, "devices.json"))
    parser.add_argument("--without-zigbee2mqtt", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    network = Network(options)
    try:
        network.start("mosquitto")
        network.start("coordinator")
        if not options.without_zigbee2mqtt:
            network.start("zigbee2mqtt")
        if options.join:
            network.join(options.join)
        print(json.dumps(dict(mqtt=network.mqtt, znp=network.znp, control=network.ctl, base=options.base, folder=network.folder)), flush=True)
        network.serve()
    except KeyboardInterrupt:
        pass
    finally:
        network.stop_all()


if __name__ == "__main__":
    main()
