#!/usr/bin/python3
"""Makes keys and certificates for an ERP stand-in with WS-Security and a Kontor that talks to it, good for 90 days:
  kontor.pem, kontor.key            signs Kontor's requests
  kontor-box.pem, kontor-box.key    answers are encrypted for it
  erp.pem, erp.key                  signs the answers
  erp-box.pem, erp-box.key          requests are encrypted for it
  tls.pem, tls.key                  the stand-in's TLS on 127.0.0.1
  wss.json                          for sap.py --wss or nav.py --wss
For tests and staging only: nobody vouches for these certificates.
"""
import argparse
import json
import os
import sys

import soapcrypt

PARTS = {"requires": {"signature", "encryption", "username", "username-digest"},
         "gives": {"signature", "encryption", "confirmation", "timestamp"}}    # timestamp: that alone


def write(path, octets):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(octets)


def make(folder, requires=("signature",), gives=("signature",), user=None, password=None):
    """The path of wss.json."""
    os.makedirs(folder, exist_ok=True)
    for name, kind in (("kontor", "rsa"), ("kontor-box", "rsa"), ("erp", "ec"), ("erp-box", "rsa"), ("tls", "ec")):
        private = soapcrypt.new_key(kind)
        write(os.path.join(folder, name + ".key"), soapcrypt.pem(private))
        write(os.path.join(folder, name + ".pem"), soapcrypt.pem(soapcrypt.issue(
            private, name, "127.0.0.1" if name == "tls" else None)))
    told = {"requires": list(requires), "gives": list(gives), "signers": ["kontor.pem"], "certificate": "erp.pem",
            "key": "erp.key", "decrypt": "erp-box.key", "recipient": "kontor-box.pem"}
    if user:
        told.update(user=user, password=password)
    path = os.path.join(folder, "wss.json")
    write(path, json.dumps(told, indent=1).encode())
    return path


def main(argv=None):
    p = argparse.ArgumentParser(description="Keys for an ERP stand-in with WS-Security")
    p.add_argument("folder")
    for which, what in (("requires", "of requests"), ("gives", "of answers")):
        p.add_argument("--" + which, default="signature", help=f"{what}: {', '.join(sorted(PARTS[which]))}")
    p.add_argument("--user")
    p.add_argument("--password")
    args = p.parse_args(argv)
    parts = {which: [part for part in getattr(args, which).split(",") if part] for which in PARTS}
    for which, told in parts.items():
        if set(told) - PARTS[which]:
            p.error(f"--{which}: unknown: {', '.join(sorted(set(told) - PARTS[which]))}")
    print(make(args.folder, parts["requires"], parts["gives"], args.user, args.password))
    return 0


if __name__ == "__main__":
    sys.exit(main())
