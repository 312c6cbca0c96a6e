"""The world in which messages are judged: identities, a site with a policy for each kind of partner,
and wss_probe, which reads messages by it. Nothing of it outlives the test."""
import base64
import datetime
import json
import os
import shutil
import subprocess
import tempfile

from wss_keys import NOW, Identity, revocation_list, write
from wss_message import NOW_US

BUILD = os.environ.get("KONTOR_BUILD_DIR", ".")
PROBE = os.path.join(BUILD, "tests", "security", "wss_probe")

KEYS = """keys:
  ours: { purpose: sign, state: active, certificate: ours.pem, key: ours.key }
  box: { purpose: decrypt, state: active, certificate: box.pem, key: box.key }
  box-cbc: { purpose: decrypt, state: active, certificate: box-cbc.pem, key: box-cbc.key }
  box-old: { purpose: decrypt, state: verify-only, certificate: box-old.pem, key: box-old.key }
  box-gone: { purpose: decrypt, state: revoked, certificate: box-gone.pem, key: box-gone.key }
"""
# name of a policy: what it says besides its signers, which are files of the same name
POLICIES = {
    "sap": "requires: [signature]",
    "ec": "requires: [signature]",
    "p384": "requires: [signature]",
    "p521": "requires: [signature]",
    "legacy": "requires: [signature], allows: [sha1, inclusive-c14n]",
    "good": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "revoked": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "expired": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "future": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "usage": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "foreign": "requires: [signature], authority: ca.pem, crl: ca.crl",
    "old-list": "requires: [signature], authority: ca.pem, crl: old.crl",
    "alone-expired": "requires: [signature]",
    "pinned": "requires: [signature]",
    "text": "requires: [username], user: shop, password: 'file:password'",
    "digest": "requires: [username-digest], user: shop-digest, password: 'file:password'",
    "both": "requires: [signature, username-digest], user: shop-both, password: 'file:password'",
    "sealed": "requires: [signature, encryption], decrypt_keys: [box]",
    "any-box": "requires: [signature, encryption], decrypt_keys: [box, box-old]",
    "cbc": "requires: [signature, encryption], allows: [cbc], decrypt_keys: [box-cbc]",
    "clear": "requires: [signature]",
    "hashes": "requires: [signature], attachments: hashes",
    "swa": "requires: [signature], attachments: swa",
    "tls": "requires: [signature], attachments: tls",
    "answer": "requires: [signature], gives: [signature]",
    "confirmed": "requires: [signature, confirmation], gives: [signature]",
}
RSA = ("sap", "legacy", "good", "usage", "sealed", "answer")
NO_SIGNER = ("text", "digest")
NO_FILE = ("pinned", "usage")


class World:
    """Identities by name, and the site's folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kontor-wss-")
        self.ca = Identity("Test CA", number=1, usage=("key_cert_sign", "crl_sign"),
                           is_authority=True)
        self.rogue_ca = Identity("Test CA", number=2, usage=("key_cert_sign", "crl_sign"),
                                 is_authority=True)
        self.of = {}
        special = {"ec": {"kind": "p256"}, "p384": {"kind": "p384"}, "p521": {"kind": "p521"},
                   "good": {"issuer": self.ca}, "revoked": {"issuer": self.ca},
                   "expired": {"issuer": self.ca, "days": (-300, -1)},
                   "future": {"issuer": self.ca, "days": (1, 300)},
                   "usage": {"issuer": self.ca, "usage": ("key_encipherment",)},
                   "foreign": {"issuer": self.rogue_ca}, "old-list": {"issuer": self.ca},
                   "alone-expired": {"days": (-300, -1)}}
        for number, name in enumerate(n for n in POLICIES if n not in NO_SIGNER):
            kind = "rsa2048" if name in RSA else "p256"
            self.of[name] = Identity(f"Signer {name}", **{"number": 50 + number, "kind": kind,
                                                          **special.get(name, {})})
        for number, name in enumerate(("box", "box-old", "box-gone", "box-cbc")):
            self.of[name] = Identity(f"Box {name}", number=20 + number,
                                     usage=("key_encipherment",))
        self.of["ours"] = Identity("Kontor", number=30)
        # not configured as anybody's
        self.of["server"] = Identity("kontor.test", number=30, issuer=self.ca, server=True)
        self.of["stranger"] = Identity("Signer sap", number=40)
        self.of["rogue"] = Identity("Signer good", number=40, issuer=self.rogue_ca,
                                    serial=self.of["good"].certificate.serial_number)
        self.of["same-ski"] = Identity("Somebody", number=40, ski=self.of["sap"].ski)
        self.of["ca-signed"] = Identity("Not listed", number=40, issuer=self.ca)
        self.of["weak"] = Identity("Weak", "rsa1024")
        self.of["koblitz"] = Identity("Koblitz", "k256")
        self.of["e3"] = Identity("Exponent 3", "rsa2048-e3")
        self.write()

    def __getattr__(self, name):
        return self.of[name.replace("_", "-")]

    def write(self):
        put = lambda name, octets: write(self.folder, name, octets)
        for name in ("ours", "box", "box-old", "box-gone", "box-cbc"):
            put(f"{name}.pem", self.of[name].pem)
            put(f"{name}.key", self.of[name].key_pem)
        put("ca.pem", self.ca.pem)
        put("ca.crl", revocation_list(self.ca, [self.of["revoked"].certificate]))
        put("old.crl", revocation_list(self.ca, last=NOW - datetime.timedelta(hours=25)))
        put("password", b"secret-1")
        made = KEYS + "wss:\n"
        put("e3.pem", self.of["e3"].pem)
        for name, text in POLICIES.items():
            signers = ""
            if name in NO_FILE:
                listed = ", ".join(f"'{self.of[n].fingerprint}'"
                                   for n in (name, "weak", "koblitz")
                                   if n == name or name == "pinned")
                signers = f", fingerprints: [{listed}]"
            elif name not in NO_SIGNER:
                put(f"{name}.pem", self.of[name].pem)
                files = [os.path.join(self.folder, f"{n}.pem")
                         for n in ((name, "e3") if name == "sap" else (name,))]
                signers = f", signers: [{', '.join(files)}]"
            made += f"  {name}: {{ {text}{signers} }}\n"
        put("site.yaml", made.encode())

    def close(self):
        shutil.rmtree(self.folder)


class Probe:
    """A running wss_probe."""

    def __init__(self, folder):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROBE, os.path.join(folder, "site.yaml")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")[-4000:]

    def ask(self, **members):
        line = json.dumps({k: v for k, v in members.items() if v is not None}) + "\n"
        try:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        if not answer:
            raise AssertionError(f"wss_probe ended: {self.process.wait()}\n{self.said()}")
        return json.loads(answer)

    def open(self, wire, **members):
        """Reads a Wire; `xml` of the answer as octets."""
        ask = {"now_us": NOW_US, "tls": True, **members}
        answer = self.ask(base64=base64.b64encode(wire.octets).decode(),
                          content_type=wire.content_type, soap_action=wire.soap_action, **ask)
        if answer.get("xml"):
            answer["xml"] = base64.b64decode(answer["xml"])
        return answer

    def close(self):
        self.process.stdin.close()
        code = self.process.wait()
        self.process.stdout.close()
        said = self.said()
        self.log.close()
        return code, said


def is_taken(answer):
    return answer.get("rc") == "OK" and answer["look"] == "ok" and answer["believed"] == "ok"
