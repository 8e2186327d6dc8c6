#!/usr/bin/env python3
"""By hand: act on a simulated device through the coordinator's control port; prints the answer.

  control.py PORT join dev=bulb force=true
  control.py PORT set dev=th ep=1 cluster=1026 attr=0 value=2200
  control.py PORT command dev=remote ep=1 cluster=6 id=2
"""
import json
import sys

from network import control


def value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def main():
    port, command, *assignments = sys.argv[1:]
    pairs = (assignment.split("=", 1) for assignment in assignments)
    answer = control(int(port), cmd=command, **{key: value(text) for key, text in pairs})
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main() if len(sys.argv) > 2 else __doc__)
