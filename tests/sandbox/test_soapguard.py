#!/usr/bin/python3
"""The stand-ins' own WS-Security: what it seals it opens, xmlsec agrees, and each spoilt answer is one."""
import json
import os
import sys
import tempfile
import unittest

try:
    from lxml import etree
    import soapcrypt
    import xmlsec
except ImportError as missing:
    print(f"skipped: {missing}; run scripts/deps --test")
    sys.exit(77)

import soapguard
from soapguard import DS, SOAP, SPOILS, WSA, WSSE, WSU, Guard, Refused, name

ENVELOPE = (f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="urn:a"><s:Body><a:Order><Number>4711</Number><a:Text>ä &amp; b'
            "</a:Text></a:Order></s:Body></s:Envelope>").encode()
# What each spoil breaks for whoever opens it. The others are found by who asked, see tests/adapters.
BREAKS = {"unsigned": "missing", "control": "well-formed", "nul": "well-formed", "other_key": "not listed", "tampered": "digest", "wrapped": "not signed",
          "stale": "Timestamp", "future": "Timestamp", "no_timestamp": "Timestamp", "replayed": "again"}


KEYS = {kind: soapcrypt.new_key(kind) for kind in ("rsa", "ec")}    # making them takes long


class Asked:
    message_id, action, signature_value = "urn:uuid:1", "urn:a:Order", b"x" * 64


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def guard(self, kind="rsa", **told):
        keys = {}
        for who in ("own", "box"):
            private = KEYS[kind if who == "own" else "rsa"]
            for end, item in (("key", private), ("pem", soapcrypt.issue(private, who))):
                keys[f"{who}.{end}"] = item
                with open(os.path.join(self.folder.name, f"{who}.{end}"), "wb") as file:
                    file.write(soapcrypt.pem(item))
        path = os.path.join(self.folder.name, "wss.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(dict({"requires": ["signature"], "gives": ["signature"], "signers": ["own.pem"], "key": "own.key",
                            "certificate": "own.pem", "decrypt": "box.key", "recipient": "box.pem"}, **told), file)
        return Guard(path)

    def test_round_trip(self):
        for kind in ("rsa", "ec"):
            for parts in (["signature"], ["signature", "encryption"], ["signature", "confirmation"]):
                guard = self.guard(kind, gives=parts)
                sealed = guard.seal(ENVELOPE, Asked)
                if "encryption" in parts:
                    self.assertNotIn(b"4711", sealed)
                opened = guard.open(sealed)
                self.assertEqual(opened.had, sorted(p for p in parts if p != "confirmation"))
                number = etree.fromstring(opened.octets).find(".//Number")
                self.assertEqual(number.text, "4711")

    def test_xmlsec_agrees(self):
        for kind in ("rsa", "ec"):
            guard = self.guard(kind)
            root = etree.fromstring(guard.seal(ENVELOPE, Asked))
            for element in root.iter():
                if element.get(name(WSU, "Id")):
                    xmlsec.tree.add_ids(element, ["Id"])
            context = xmlsec.SignatureContext()
            context.key = xmlsec.Key.from_file(os.path.join(self.folder.name, "own.pem"), xmlsec.KeyFormat.CERT_PEM)
            signature = root.find(f".//{name(DS, 'Signature')}")
            signature.remove(signature.find(name(DS, "KeyInfo")))
            context.verify(signature)

    def test_spoils(self):
        for spoil in SPOILS:
            guard = self.guard(gives=["signature", "confirmation"])
            guard.open(guard.seal(ENVELOPE, Asked))
            sealed = guard.seal(ENVELOPE, Asked, spoil)
            if spoil in BREAKS:
                with self.assertRaises(Refused, msg=spoil) as caught:
                    guard.open(sealed)
                self.assertIn(BREAKS[spoil], str(caught.exception), spoil)
            else:
                guard.open(sealed)

    def test_spoils_of_relation(self):
        guard = self.guard(gives=["signature", "confirmation"])
        sealed = etree.fromstring(guard.seal(ENVELOPE, Asked, "other_request"))
        self.assertNotEqual(sealed.find(f".//{name(WSA, 'RelatesTo')}").text, "urn:uuid:1")
        self.assertIsNone(etree.fromstring(guard.seal(ENVELOPE, Asked, "unrelated")).find(f".//{name(WSA, 'RelatesTo')}"))
        self.assertNotIn(b"SignatureConfirmation", guard.seal(ENVELOPE, Asked, "unconfirmed"))
        values = {guard.seal(ENVELOPE, Asked, spoil).split(b"SignatureConfirmation")[1].split(b'Value="')[1].split(b'"')[0]
                  for spoil in (None, "other_confirmation")}
        self.assertEqual(len(values), 2)

    def test_encrypted_garbage(self):
        guard = self.guard(gives=["signature", "encryption"])
        with self.assertRaises(Refused) as caught:
            guard.open(guard.seal(ENVELOPE, Asked, "garbage"))
        self.assertIn("does not decrypt", str(caught.exception))
        self.assertIn(b"4711", guard.seal(ENVELOPE, Asked, "clear"))

    def test_requests_need_what_is_required(self):
        guard = self.guard(requires=["signature", "encryption"], gives=["signature"])
        with self.assertRaises(Refused) as caught:
            guard.open(guard.seal(ENVELOPE, Asked))
        self.assertIn("missing: encryption", str(caught.exception))
        with self.assertRaises(Refused):
            guard.open(ENVELOPE)

    def test_user(self):
        token = (f'<w:UsernameToken xmlns:w="{WSSE}"><w:Username>erp</w:Username><w:Password Type="x#PasswordText">'
                 "%b</w:Password></w:UsernameToken>")
        guard = self.guard(requires=["username"], gives=[], user="erp", password="geheim")
        stamp = f'<u:Timestamp xmlns:u="{WSU}"><u:Created>%s</u:Created><u:Expires>%s</u:Expires></u:Timestamp>'
        now = soapguard.instant(soapguard.datetime.datetime.now(soapguard.datetime.timezone.utc))
        for password, is_right in (("geheim", True), ("falsch", False)):
            message = ENVELOPE.replace(b"<s:Body>", (
                f'<s:Header><w:Security xmlns:w="{WSSE}">' + stamp % (now, now) + token.replace("%b", password)
                + "</w:Security></s:Header><s:Body>").encode())
            if is_right:
                self.assertEqual(guard.open(message).had, ["username"])
            else:
                self.assertRaises(Refused, guard.open, message)


if __name__ == "__main__":
    unittest.main()
