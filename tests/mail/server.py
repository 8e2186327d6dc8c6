#!/usr/bin/python3
"""The mail server of the tests: aiosmtpd, which prints each mail that it takes as a line of JSON.

Refuses for good what is for an address that begins with `nobody`, and for now what is for one that begins with `later`,
the first time. Says `ready` when it listens, and ends with its input.
"""

import argparse
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument("--port", type=int, required=True)
arguments.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
arguments.add_argument("--cert")
arguments.add_argument("--key")
arguments.add_argument("--username")
arguments.add_argument("--password")
given = arguments.parse_args()


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    def __init__(self):
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 there is nobody of this name"
        if address.startswith("later") and address not in self.seen:
            self.seen.add(address)
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "subject": mail["Subject"],
                "header_from": mail["From"],
                "auto_submitted": mail["Auto-Submitted"],
                "text": mail.get_content(),
                "encrypted": session.ssl is not None or given.tls == "implicit",
                "authenticated": bool(session.authenticated),
            }
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    wanted = (given.username.encode(), given.password.encode())
    return AuthResult(success=(data.login, data.password) == wanted)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(given.cert, given.key)
    return made


options = {}
if given.username:
    options.update(authenticator=authenticate, auth_required=True, auth_require_tls=given.tls == "starttls")
if given.tls == "starttls":
    options.update(tls_context=context(), require_starttls=True)
elif given.tls == "implicit":
    options.update(ssl_context=context())
controller = Controller(Handler(), hostname="127.0.0.1", port=given.port, server_hostname="localhost", **options)
controller.start()
say("ready")
sys.stdin.read()
controller.stop()
