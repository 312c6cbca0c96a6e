#!/usr/bin/python3
"""What Kontor signs and encrypts, read by others: zeep (as the answer to a call of its own), xml-crypto
of node-soap, xmlsec1, and a reader of a few lines on lxml and cryptography. Every message has a twin
that differs in one character and must fail."""
import base64
import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import requests
import xmlsec
import zeep
import zeep.exceptions
import zeep.wsse.signature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "security")]
import messages  # noqa: E402
import packages  # noqa: E402
import wss_keys  # noqa: E402

PROBE = os.path.join(os.environ.get("KONTOR_BUILD_DIR", "."), "tests", "security", "wss_probe")
WSDL = os.path.join(HERE, "..", "..", "wsdl", "kontor", "push.wsdl")
NOW = wss_keys.NOW.replace(tzinfo=datetime.timezone.utc)
PASSWORD = "pässword & <1>"

DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = OASIS + "wssecurity-secext-1.0.xsd"
WSU = OASIS + "wssecurity-utility-1.0.xsd"
NS = {"ds": DS, "xenc": XENC, "wsse": WSSE, "wsu": WSU, "wsa": messages.WSA}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"

KINDS = {"rsa": "rsa2048", "rsa3": "rsa3072", "p256": "p256", "p384": "p384", "p521": "p521"}
ADDRESSING = "".join(
    f'<a:{n} xmlns:a="{messages.WSA}">{v}</a:{n}>'
    for n, v in (("Action", "urn:kontor:push:1/PushStockResponse"), ("MessageID", "urn:uuid:2"),
                 ("RelatesTo", "urn:uuid:1"), ("To", messages.WSA + "/anonymous")))
RESULT = {"accepted": 1, "unchanged": 0, "stale": 0, "refused": 0, "repeated": False}


def lines(count):
    return [{"sku": f"A-{n}", "warehouse": "Köln & <Süd>", "onHand": f"{n}.5"}
            for n in range(count)]


def samples(soap):
    """Messages of ours by name."""
    tab = "\t\r\n".replace("\r", "&#13;")
    strange = (f'<e:Envelope xmlns:e="{messages.ENVELOPE[soap]}" '
               'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:unused="urn:u">'
               f'<e:Body><Ask xmlns="urn:k" a="1{tab}" xmlns:b="urn:b" b:a="&lt;&quot;">{tab}'
               '<!-- c --><b:x xsi:type="b:T"/>\U0001d11e]]&gt;<y xmlns=""/></Ask></e:Body>'
               "</e:Envelope>").encode()
    return {"answer": messages.envelope("PushStockResponse", RESULT, soap, ADDRESSING),
            "plain": messages.envelope("PushStockResponse", RESULT, soap),
            "100 lines": messages.envelope("PushStock", {"stock": lines(100)}, soap),
            "strange": strange}


class Sealing:
    """wss_probe with a policy for each kind of key."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kontor-wss-out-")
        self.ours = {n: wss_keys.Identity(f"Kontor {n}", kind, 60)
                     for n, kind in KINDS.items()}
        self.partner = wss_keys.Identity("Partner", number=61, usage=("key_encipherment",))
        text = "keys:\n"
        for name, one in {**self.ours, "partner": self.partner}.items():
            wss_keys.write(self.folder, f"{name}.pem", one.pem)
            wss_keys.write(self.folder, f"{name}.key", one.key_pem)
        for name in self.ours:
            text += f"  {name}: {{ purpose: sign, certificate: {name}.pem, key: {name}.key }}\n"
        wss_keys.write(self.folder, "password", PASSWORD.encode())
        text += "wss:\n"
        user = "user: kontor, password: 'file:password'"
        for name in self.ours:
            text += f"  {name}: {{ gives: [signature], sign_key: {name} }}\n"
            text += (f"  {name}-sealed: {{ gives: [signature, encryption], sign_key: {name}, "
                     f"recipient: partner.pem }}\n")
        text += f"  text: {{ gives: [username], {user} }}\n"
        text += (f"  both: {{ gives: [signature, username-digest], sign_key: rsa, {user} }}\n")
        self.site = wss_keys.write(self.folder, "site.yaml", text.encode())
        self.probe = subprocess.Popen([PROBE, self.site], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)

    def seal(self, policy, xml):
        job = {"mode": "seal", "policy": policy, "base64": base64.b64encode(xml).decode(),
               "now_us": int(NOW.timestamp()) * 1000000}
        self.probe.stdin.write(json.dumps(job).encode() + b"\n")
        self.probe.stdin.flush()
        line = self.probe.stdout.readline()
        if not line:
            raise AssertionError("wss_probe ended")
        told = json.loads(line)
        if told.get("failed") != "ok":
            raise AssertionError(told)
        return base64.b64decode(told["xml"])

    def close(self):
        self.probe.stdin.close()
        self.probe.wait(30)
        self.probe.stdout.close()
        shutil.rmtree(self.folder)


# --- readers ---

def spoil(octets):
    """The same message with one more character in the Body."""
    root = etree.fromstring(octets)
    content = root.find("{*}Body")[0]
    content.text = (content.text or "") + "x"
    return etree.tostring(root)


def by_id(root):
    found = {}
    for node in root.iter():
        name = node.get(f"{{{WSU}}}Id") if isinstance(node.tag, str) else None
        if name is not None:
            assert name not in found, name
            found[name] = node
    return found


def canonical(node):
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def verify_by_hand(octets, key):
    """What it covers; an exception where anything does not fit."""
    root = etree.fromstring(octets)
    signature = root.find(".//wsse:Security/ds:Signature", NS)
    named = by_id(root)
    covered = []
    for reference in signature.findall("ds:SignedInfo/ds:Reference", NS):
        node = named[reference.get("URI")[1:]]
        digest = hashlib.sha256(canonical(node)).digest()
        if base64.b64decode(reference.findtext("ds:DigestValue", None, NS)) != digest:
            raise ValueError(f"digest of {node.tag}")
        covered.append(etree.QName(node).localname)
    value = base64.b64decode(signature.findtext("ds:SignatureValue", None, NS))
    method = signature.find("ds:SignedInfo/ds:SignatureMethod", NS).get("Algorithm")
    hashed = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[method[-3:]]()
    data = canonical(signature.find("ds:SignedInfo", NS))
    if method.startswith(MORE + "rsa-"):
        key.verify(value, data, padding.PKCS1v15(), hashed)
    else:
        half = len(value) // 2
        assert half == (key.key_size + 7) // 8
        r, s = (int.from_bytes(part, "big") for part in (value[:half], value[half:]))
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashed))
    return covered


def verify_by_xmlsec1(octets, certificate):
    """What xmlsec1 says; every Id is declared to it, as its manual wants it."""
    root = etree.fromstring(octets)
    named = {(etree.QName(n).namespace, etree.QName(n).localname) for n in by_id(root).values()}
    words = ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, "--insecure"]
    for uri, name in sorted(named):
        words += ["--id-attr:Id", f"{uri}:{name}"]
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(octets)
        file.flush()
        done = subprocess.run(words + [file.name], capture_output=True, timeout=60, check=False)
    return done.returncode == 0, done.stderr.decode(errors="replace")


def verify_by_node(jobs):
    env = dict(os.environ, NODE_PATH=str(packages.node_modules()))
    done = subprocess.run(["node", os.path.join(HERE, "clients", "verify_signature.js")],
                          input=json.dumps(jobs).encode(), capture_output=True, env=env,
                          timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode(errors="replace")[-2000:])
    return json.loads(done.stdout)


class Answered(zeep.Transport):
    """Every call is answered by these octets."""

    def __init__(self, octets, kind):
        super().__init__()
        self.octets, self.kind = octets, kind

    def post(self, address, message, headers):
        del address, message, headers
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = self.kind
        answer._content = self.octets       # what requests itself sets
        return answer


class Verified(zeep.wsse.signature.MemorySignature):
    """zeep's own check of an answer; the call itself goes out unsigned."""

    def __init__(self, certificate):
        super().__init__(None, certificate)

    def apply(self, envelope, headers):
        return envelope, headers


def call_by_zeep(octets, certificate):
    """The answer as zeep hands it to its caller."""
    client = zeep.Client(WSDL, wsse=Verified(certificate),
                         transport=Answered(octets, "text/xml; charset=utf-8"))
    service = client.create_service(f"{{{messages.NAMESPACE}}}KontorPushSoap", "http://127.0.0.1:9/")
    return service.PushStock(stock=[{"sku": "A", "warehouse": "1", "onHand": "1"}])


def decrypt_by_hand(octets, key):
    root = etree.fromstring(octets)
    sealed_key = root.find(".//wsse:Security/xenc:EncryptedKey", NS)
    data = root.find("{*}Body/xenc:EncryptedData", NS)
    assert data.get("Type") == XENC + "Content"
    method = sealed_key.find("xenc:EncryptionMethod", NS).get("Algorithm")
    assert method == XENC + "rsa-oaep-mgf1p", method
    value = "xenc:CipherData/xenc:CipherValue"
    session = key.decrypt(base64.b64decode(sealed_key.findtext(value, None, NS)),
                          padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
    sealed = base64.b64decode(data.findtext(value, None, NS))
    plain = AESGCM(session).decrypt(sealed[:12], sealed[12:], None)
    begin, end = octets.index(b"<xenc:EncryptedData"), octets.index(b"</xenc:EncryptedData>")
    return octets[:begin] + plain + octets[end + len(b"</xenc:EncryptedData>"):]


def decrypt_by_xmlsec(octets, key_pem):
    """python-xmlsec, in place: the key first, then the contents."""
    root = etree.fromstring(octets)
    by_key = xmlsec.EncryptionContext()
    by_key.key = xmlsec.Key.from_memory(key_pem, xmlsec.KeyFormat.PEM)
    sealed_key = root.find(".//wsse:Security/xenc:EncryptedKey", NS)
    session = by_key.decrypt(sealed_key)
    context = xmlsec.EncryptionContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.KeyData.AES, session)
    context.decrypt(root.find("{*}Body/xenc:EncryptedData", NS))
    return etree.tostring(root)


def decrypt_by_xmlsec1(octets, key_file):
    """The command looks for the key inside EncryptedData alone: it is moved there."""
    root = etree.fromstring(octets)
    info = root.find("{*}Body/xenc:EncryptedData/ds:KeyInfo", NS)
    sealed_key = root.find(".//wsse:Security/xenc:EncryptedKey", NS)
    sealed_key.remove(sealed_key.find("ds:KeyInfo", NS))
    info[:] = [sealed_key]
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(etree.tostring(root))
        file.flush()
        done = subprocess.run(["xmlsec1", "--decrypt", "--privkey-pem", key_file, file.name],
                              capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode(errors="replace"))
    return done.stdout


# --- tests ---

class Out(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.there = Sealing()
        cls.addClassCleanup(cls.there.close)

    def signed(self):
        """(policy, SOAP version, message, octets, spoilt octets)"""
        for policy in KINDS:
            for soap in ("1.1", "1.2"):
                for name, xml in samples(soap).items():
                    octets = self.there.seal(policy, xml)
                    yield policy, soap, name, octets, spoil(octets)

    def test_lxml_and_cryptography(self):
        for policy, soap, name, octets, spoilt in self.signed():
            with self.subTest(policy=policy, soap=soap, message=name):
                key = self.there.ours[policy].key.public_key()
                covered = verify_by_hand(octets, key)
                wanted = {"Body", "Timestamp", "BinarySecurityToken"}
                if name == "answer":
                    wanted |= {"Action", "MessageID", "RelatesTo", "To"}
                self.assertEqual(set(covered), wanted)
                self.assertEqual(len(covered), len(wanted))
                with self.assertRaises(ValueError):
                    verify_by_hand(spoilt, key)

    def test_xmlsec1(self):
        for policy, soap, name, octets, spoilt in self.signed():
            with self.subTest(policy=policy, soap=soap, message=name):
                certificate = os.path.join(self.there.folder, f"{policy}.pem")
                is_good, said = verify_by_xmlsec1(octets, certificate)
                self.assertTrue(is_good, said)
                self.assertFalse(verify_by_xmlsec1(spoilt, certificate)[0])

    def test_xml_crypto(self):
        found = list(self.signed())
        jobs = [{"xml": octets.decode(), "certificate": self.there.ours[policy].pem.decode()}
                for policy, _, _, good, bad in found for octets in (good, bad)]
        try:
            told = verify_by_node(jobs)
        except packages.Missing as missing:
            self.skipTest(str(missing))
        self.assertEqual(len(told), 2 * len(found))
        for (policy, soap, name, _, _), good, bad in zip(found, told[::2], told[1::2]):
            with self.subTest(policy=policy, soap=soap, message=name):
                self.assertTrue(good["ok"], good)
                self.assertIn("Body", good["covers"])
                self.assertIn("Timestamp", good["covers"])
                self.assertFalse(bad["ok"], bad)

    def test_zeep_verifies(self):
        for policy, soap, name, octets, spoilt in self.signed():
            with self.subTest(policy=policy, soap=soap, message=name):
                checked = Verified(self.there.ours[policy].pem)
                checked.verify(etree.fromstring(octets))
                with self.assertRaises(zeep.exceptions.SignatureVerificationFailed):
                    checked.verify(etree.fromstring(spoilt))

    def test_zeep_takes_it_as_the_answer_to_its_call(self):
        for policy in KINDS:
            with self.subTest(policy=policy):
                octets = self.there.seal(policy, samples("1.1")["answer"])
                answer = call_by_zeep(octets, self.there.ours[policy].pem)
                self.assertEqual((answer.accepted, answer.refused), (1, 0))
                other = self.there.partner.pem
                with self.assertRaises(zeep.exceptions.SignatureVerificationFailed):
                    call_by_zeep(octets, other)

    def test_encrypted(self):
        box = self.there.partner
        key_file = os.path.join(self.there.folder, "partner.key")
        for policy in KINDS:
            for soap in ("1.1", "1.2"):
                for name, xml in samples(soap).items():
                    with self.subTest(policy=policy, soap=soap, message=name):
                        self.check_encrypted(policy, xml, box, key_file)

    def check_encrypted(self, policy, xml, box, key_file):
        key = self.there.ours[policy].key.public_key()
        octets = self.there.seal(f"{policy}-sealed", xml)
        content = canonical(etree.fromstring(xml).find("{*}Body")[0])
        self.assertNotIn(b"PushStock", octets.replace(b"/PushStockResponse</a:Action>", b""))
        for plain in (decrypt_by_hand(octets, box.key), decrypt_by_xmlsec(octets, box.key_pem),
                      decrypt_by_xmlsec1(octets, key_file)):
            found = etree.fromstring(plain).find("{*}Body")
            self.assertEqual(canonical(found[0]), content)
        # the signature was made before: it holds for what was decrypted
        self.assertIn("Body", verify_by_hand(decrypt_by_hand(octets, box.key), key))
        self.assertIn("Body", verify_by_hand(decrypt_by_xmlsec(octets, box.key_pem), key))
        with self.assertRaises(Exception):
            decrypt_by_hand(octets, self.there.ours["rsa"].key)

    def test_the_token_is_the_certificate(self):
        octets = self.there.seal("p256", samples("1.1")["plain"])
        token = etree.fromstring(octets).findtext(".//wsse:BinarySecurityToken", None, NS)
        self.assertEqual(base64.b64decode(token), self.there.ours["p256"].der)

    def test_user_as_text(self):
        root = etree.fromstring(self.there.seal("text", samples("1.1")["plain"]))
        user = root.find(".//wsse:UsernameToken", NS)
        self.assertEqual(user.findtext("wsse:Username", None, NS), "kontor")
        self.assertEqual(user.findtext("wsse:Password", None, NS), PASSWORD)
        self.assertIsNone(root.find(".//ds:Signature", NS))

    def test_user_as_digest_beside_a_signature(self):
        octets = self.there.seal("both", samples("1.1")["plain"])
        self.assertIn("UsernameToken",
                      verify_by_hand(octets, self.there.ours["rsa"].key.public_key()))
        user = etree.fromstring(octets).find(".//wsse:UsernameToken", NS)
        nonce = base64.b64decode(user.findtext("wsse:Nonce", None, NS))
        created = user.findtext("wsu:Created", None, NS)
        digest = hashlib.sha1(nonce + created.encode() + PASSWORD.encode()).digest()
        self.assertEqual(base64.b64decode(user.findtext("wsse:Password", None, NS)), digest)
        self.assertEqual(len(nonce), 16)
        again = etree.fromstring(self.there.seal("both", samples("1.1")["plain"]))
        self.assertNotEqual(base64.b64decode(again.findtext(".//wsse:Nonce", None, NS)), nonce)

    def test_timestamp(self):
        root = etree.fromstring(self.there.seal("rsa", samples("1.1")["plain"]))
        created, expires = (datetime.datetime.fromisoformat(
            root.findtext(f".//wsu:Timestamp/wsu:{n}", None, NS).replace("Z", "+00:00"))
            for n in ("Created", "Expires"))
        self.assertEqual(created, NOW)
        self.assertEqual(expires - created, datetime.timedelta(seconds=300))


if __name__ == "__main__":
    unittest.main()
