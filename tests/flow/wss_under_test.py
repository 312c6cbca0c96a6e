"""One installation whose partners send secured messages: keys and policies, made when the test runs,
and how to send, to expect a refusal, and to check what answers carry."""
import base64
import datetime
import hashlib
import http.client
import os
import re
import ssl
import sys

import kontor_under_test as kut
from kontor_under_test import wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "security"))
try:
    import wss_keys
    import xmlsec
    from lxml import etree
    from wss_message import DS, WSSE11, WSU, Message, b64, stamp, username_token
except ImportError as why:
    print(f"skipped: it needs python3-cryptography, python3-lxml and python3-xmlsec ({why})")
    sys.exit(77)

PUSH, IDOC, S4 = "/soap/push", "/soap/idoc", "/soap/s4"
PASSWORD = "a-long-one"
LOGIN = {"Authorization": "Basic " + b64(b"nav:s3cret")}
PING = '<p:Ping xmlns:p="urn:kontor:push:1"/>'
TLS = {"listener": "tls"}


def identity(name, **choices):
    """A certificate that is valid today, whenever the test runs."""
    today = (datetime.datetime.utcnow() - wss_keys.NOW).days
    return wss_keys.Identity(name, days=(today - 30, today + 300), **choices)


def at(seconds=0):
    return stamp(seconds, datetime.datetime.utcnow())


def stock(sku, on_hand=5, message_id=None, extra=""):
    known = f"<p:messageId>{message_id}</p:messageId>" if message_id else ""
    return (f'<p:PushStock xmlns:p="urn:kontor:push:1">{known}<p:stock><p:sku>{sku}</p:sku>'
            f"<p:warehouse>1000</p:warehouse><p:onHand>{on_hand}</p:onHand>{extra}</p:stock>"
            "</p:PushStock>")


def nonce_token(name, password=PASSWORD, nonce=None, digest=True):
    return username_token(name, password, digest=digest, nonce=nonce or os.urandom(16),
                          created=at())


def fingerprint(file):
    with open(file, encoding="ascii") as pem:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.read())).hexdigest()


class Secured(kut.Bench):
    articles = 4
    clock = "trusted"

    @classmethod
    def make_kontor(cls):
        put = lambda name, octets: wss_keys.write(cls.folder, name, octets)
        cls.ids = {name: identity(f"Test {name}", number=n)
                   for n, name in enumerate(("sap", "other", "stranger", "ours", "tied", "next"))}
        cls.ids["ec"] = identity("Test ec", kind="p256")
        cls.ids["box"] = identity("Test box", number=9, usage=("key_encipherment",))
        for name, one in cls.ids.items():
            put(f"{name}.pem", one.pem)
        for name in ("ours", "box"):
            put(f"{name}.key", cls.ids[name].key_pem)
            os.chmod(os.path.join(cls.folder, f"{name}.key"), 0o600)
        put("user.secret", PASSWORD.encode())
        put("nav.secret", b"s3cret")
        for name in ("user.secret", "nav.secret"):
            os.chmod(os.path.join(cls.folder, name), 0o600)
        cls.tls, cls.client = (kut.make_certificate(cls.folder, n) for n in ("tls", "client"))
        settings = kut.fast_settings(cls.sap, cls.shop, **cls.more)
        settings["erps"]["main"]["every"] = kut.BY_HAND
        settings["channels"]["shop"]["orders"]["every"] = "1h"
        settings["listen"] = {
            "watch": {"port": 0, "roles": ["admin", "metrics"]},
            "plain": {"port": 0, "roles": ["push"]},
            "tls": {"port": 0, "roles": ["push"], "certificate": cls.tls[0], "key": cls.tls[1]}}
        settings["security"] = {"clock": cls.clock}
        settings["push"] = {"blobs": "blobs", "spill_max": "64M"}
        os.mkdir(os.path.join(cls.folder, "blobs"))
        settings["keys"] = {
            "ours": {"purpose": "sign", "certificate": "ours.pem", "key": "ours.key"},
            "box": {"purpose": "decrypt", "certificate": "box.pem", "key": "box.key"}}
        user = {"user": "erp", "password": "file:user.secret"}
        settings["wss"] = {
            "signed": {"requires": ["signature"], "signers": ["sap.pem"],
                       "gives": ["signature", "confirmation"], "attachments": "hashes"},
            "ec": {"requires": ["signature"], "signers": ["ec.pem"]},
            "token": dict(user, requires=["username-digest"]),
            "tied": {"requires": ["signature"], "signers": ["tied.pem"]},
            "sealed": {"requires": ["signature", "encryption"], "signers": ["other.pem"],
                       "decrypt_keys": ["box"]}}
        settings["partners"] = {
            "sap": {"erp": "main", "wss": "signed",
                    "operations": ["PushStock", "PushDocuments", "idoc:*", "s4:*"]},
            "curve": {"erp": "main", "wss": "ec", "operations": ["PushStock"]},
            "user": {"erp": "main", "wss": "token"},
            "box": {"erp": "main", "wss": "sealed"},
            "tied": {"erp": "main", "wss": "tied", "certificates": [fingerprint(cls.client[0])]},
            "nav": {"erp": "main", "user": "nav", "password": "file:nav.secret"}}
        return kut.Kontor(cls.folder, settings)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node = cls.start()

    @classmethod
    def start(cls, name="node", **env):
        node = cls.kontor.serve(name, **env)
        wait_for("a running service", lambda: "event=service.started" in node.text(),
                 alive=[node])
        return node

    # ---- sending

    def message(self, who="sap", body=None, **choices):
        choices.setdefault("created", at())
        choices.setdefault("expires", at(300))
        made = Message(signer=self.ids[who] if who else None, body=body or PING, **choices)
        made.operation = re.match(r"<(?:\w+:)?(\w+)", made.body)[1]
        if "soap_action" not in choices:
            made.soap_action = f"urn:kontor:push:1/{made.operation}"
        return made

    def send(self, wire, path=PUSH, listener="plain", headers=None, source="127.0.0.1", node=None,
             client=None):
        """(status, headers, octets of the answer)"""
        port = (node or self.node).port(listener)
        if listener == "tls":
            context = ssl.create_default_context(cafile=self.tls[0])
            if client:
                context.load_cert_chain(*client)
            line = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context,
                                               source_address=(source, 0))
        else:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20,
                                              source_address=(source, 0))
        fields = {"Content-Type": wire.content_type, **(headers or {})}
        if wire.soap_action is not None:
            fields["SOAPAction"] = f'"{wire.soap_action}"'
        try:
            line.request("POST", path, wire.octets, fields)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def must(self, wire, status=200, **how):
        got, _, octets = self.send(wire, **how)
        self.assertEqual(got, status, octets.decode() + self.node.tail(15))
        return etree.fromstring(octets) if octets.startswith(b"<") else None

    def reasons(self, code, node=None):
        """How many messages the node refused for this reason; its log leaves some out."""
        port = (node or self.node).port("watch")
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            line.request("GET", "/metrics")
            found = re.search(rf'kontor_security_refused_total{{code="{re.escape(code)}"}} (\d+)',
                              line.getresponse().read().decode())
            return int(found[1]) if found else 0
        finally:
            line.close()

    def refused(self, wire, code, **how):
        """Refused, and for this reason, which the answer does not tell."""
        before = self.reasons(code, how.get("node"))
        status, _, octets = self.send(wire, **how)
        self.assertEqual(status, 500, octets.decode() + self.node.tail(3))
        self.assertIn(b"SECURITY_REFUSED", octets)
        self.assertNotIn(code.encode(), octets)
        self.assertEqual(self.reasons(code, how.get("node")), before + 1, self.node.tail(3))
        return octets

    def taken(self, sku):
        """What stands in the database of it: how often it changed there."""
        return self.kontor.query("SELECT COUNT(*) FROM journal WHERE row_key LIKE ?",
                                 f"%{sku}%")[0][0]

    def answered(self, root, what):
        found = root.findtext(f".//{{urn:kontor:push:1}}{what}")
        self.assertIsNotNone(found, etree.tostring(root))
        return found

    def check_answer(self, root, request):
        """Signed by us over Body, Timestamp and confirmation, says a verifier that is not ours."""
        tree = etree.fromstring(etree.tostring(root))
        signature = tree.find(f".//{{{DS}}}Signature")
        self.assertIsNotNone(signature, etree.tostring(root))
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.ids["ours"].pem, xmlsec.KeyFormat.CERT_PEM)
        names = {}
        for element in tree.iter(etree.Element):
            if element.get(f"{{{WSU}}}Id"):
                context.register_id(element, "Id", WSU)
                names[element.get(f"{{{WSU}}}Id")] = element.tag
            elif element.get("Id"):
                context.register_id(element, "Id")
                names[element.get("Id")] = element.tag
        context.verify(signature)
        covered = {names[r.get("URI")[1:]] for r in signature.iter(f"{{{DS}}}Reference")}
        soap = root.tag.rsplit("}", 1)[0] + "}"
        self.assertLessEqual({soap + "Body", f"{{{WSU}}}Timestamp",
                              f"{{{WSSE11}}}SignatureConfirmation"}, covered)
        asked = etree.fromstring(request.octets).findtext(f".//{{{DS}}}SignatureValue")
        said = tree.find(f".//{{{WSSE11}}}SignatureConfirmation").get("Value")
        self.assertEqual(base64.b64decode(said), base64.b64decode(asked))
        return signature.findtext(f"{{{DS}}}SignatureValue")
