#!/usr/bin/python3
"""Secured messages of senders that nobody here wrote, against the running program: zeep, node-soap,
PHP, the command xmlsec1, python3-xmlsec. What was sent is read back from the database; answers are
verified by python3-xmlsec, zeep, xml-crypto and xmlsec1. The table of it stands in
docs/security/ws-security.md and is written with --write."""
import hashlib
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import messages  # noqa: E402
import packages  # noqa: E402
import samples  # noqa: E402
import soap_clients  # noqa: E402
import wss_stacks  # noqa: E402
import wss_xmlsec1 as spelt  # noqa: E402
import xmlsec  # noqa: E402
import zeep.exceptions  # noqa: E402
from test_wss_out import Verified, spoil, verify_by_node, verify_by_xmlsec1  # noqa: E402
from wss_message import EXCLUSIVE, MORE, XENC, Part, Wire, package  # noqa: E402
from wss_stacks import PASSWORD, TAKEN, Stacks, stock  # noqa: E402
from wss_under_test import IDOC, S4, etree, kut  # noqa: E402

ZEEP, NODE, PHP = "zeep 4.2", "node-soap 1.6", "PHP 8.2, SoapClient"
XMLSEC1, PYTHON = "xmlsec1 1.2", "python3-xmlsec 1.3"
RSA_SHA256, SHA256 = MORE + "rsa-sha256", XENC + "sha256"
ANSWERS = "Answers of Kontor, read by"
TABLE = wss_stacks.Table(ZEEP, NODE, PHP, XMLSEC1, PYTHON, ANSWERS)


class In(Stacks):
    kept = []       # answers that we signed: (octets of the answer)

    def calls(self, client, group, message, wss, calls=None, soap="1.1", tls=True, signed=True):
        """Taken, whatever the calls are; by default a stock record with a key of its own."""
        type(self).turn = getattr(self, "turn", 0) + 1
        sku = f"{client}-{self.turn}"
        wanted = calls or [("PushStock", stock(sku))]
        for said, (operation, request) in zip(
                self.run_client(client, soap, wss, *wanted, tls=tls), wanted):
            self.accepted(said, operation, request[samples.ELEMENT[operation]])
            if signed:
                self.signed_answer(said)
                self.kept.append(said["got"].encode())
        TABLE.add(group, message, TAKEN)

    def refuses(self, client, group, message, wss, code, tls=True):
        sku = f"{client}-no-{code}"
        self.refusal(code, lambda: self.run_client(client, "1.1", wss, ("PushStock", stock(sku)),
                                                   tls=tls))
        self.assertEqual(self.taken(sku), 0)
        TABLE.add(group, message, code)

    def every_operation(self, tag):
        number = f"000{ord(tag[0])}17"     # of the order: one for each client
        return [(operation, {samples.ELEMENT[operation]: records}) for operation, records in
                samples.samples(tag, number).items()]

    def files(self, name):
        return {"key": self.path(f"{name}.key"), "certificate": self.path(f"{name}.pem")}

    # ---- zeep

    def zeep(self, name="stack", kind="binary", **more):
        return dict(self.files(name), kind=kind, verify=self.path("ours.pem"), **more)

    def test_zeep_signatures(self):
        taken = lambda message, wss, **how: self.calls("zeep", ZEEP, message, wss, **how)
        taken("BinarySignature with SHA-256 and a Timestamp, addressing headers taken out",
              self.zeep())
        taken("the same, plain", self.zeep(), tls=False)
        taken("the same, SOAP 1.2", self.zeep(), soap="1.2")
        taken("the same, every operation", self.zeep(), calls=self.every_operation("zeep"),
              tls=False)
        taken("Signature (X509Data in a SecurityTokenReference)", self.zeep(kind="signature"))
        taken("with its addressing headers, signed by a subclass", self.zeep(
            addressing=True, signs=["Action", "MessageID", "To"]))
        taken("BinarySignature by default (SHA-1), where the policy allows sha1", self.zeep(
            "weak", sha1=True))
        refused = lambda message, wss, code: self.refuses("zeep", ZEEP, message, wss, code)
        refused("BinarySignature by default (SHA-1)", self.zeep(sha1=True), "signature.sha1")
        refused("BinarySignature without a Timestamp", self.zeep(timestamp=False),
                "timestamp.missing")
        refused("with its addressing headers, unsigned as zeep leaves them", self.zeep(
            addressing=True), "signed.header")

    def test_zeep_users(self):
        user = lambda name, **more: {"kind": "user", "user": dict(
            more, username=name, password=PASSWORD)}
        taken = lambda message, wss: self.calls("zeep", ZEEP, message, wss, signed=False)
        taken("UsernameToken, text", user("text"))
        taken("UsernameToken, digest", user("digest", use_digest=True, zulu_timestamp=True))
        refused = lambda message, wss, code, **how: self.refuses("zeep", ZEEP, message, wss, code,
                                                                 **how)
        refused("UsernameToken, digest without zulu_timestamp", user("digest", use_digest=True),
                "user.form")
        refused("UsernameToken, digest, plain", user("digest", use_digest=True,
                                                     zulu_timestamp=True), "user.plain", tls=False)
        refused("UsernameToken, text where the policy has the digest", user("digest"), "user.kind")
        both = {**user("both", use_digest=True, zulu_timestamp=True), **self.zeep("both")}
        refused("UsernameToken and BinarySignature, the token unsigned as zeep leaves it", both,
                "signed.token")
        self.calls("zeep", ZEEP, "UsernameToken and BinarySignature, the token signed by a subclass",
                   dict(both, signs=["UsernameToken"]))

    # ---- node-soap

    def node_soap(self, kind="certificate", name="slow", **options):
        return dict(self.files(name), kind=kind, options=options)

    def need_node(self):
        try:
            soap_clients.CLIENT["node"]()
        except packages.Missing as why:
            self.skipTest(str(why))

    def test_node_signatures(self):
        self.need_node()
        sha256 = {"signatureAlgorithm": RSA_SHA256, "digestAlgorithm": SHA256}
        ids = {"signerOptions": {"idMode": "wssecurity"}}
        taken = lambda message, wss, **how: self.calls("node", NODE, message, wss, **how)
        for name, choices in (
                ("WSSecurityCert by default", {}),
                ("WSSecurityCert with the algorithms named", sha256),
                ("WSSecurityCert, idMode wssecurity", ids),
                ("WSSecurityCert, idMode wssecurity, algorithms named", {**sha256, **ids})):
            taken(name, self.node_soap(**choices))
        taken("WSSecurityCert by default, plain", self.node_soap(), tls=False)
        taken("WSSecurityCert by default, SOAP 1.2", self.node_soap(), soap="1.2")
        taken("WSSecurityCert, one transform", self.node_soap(signatureTransformations=[EXCLUSIVE]))
        taken("WSSecurityCert, every operation by one client", self.node_soap(),
              calls=self.every_operation("node"), tls=False)
        self.refuses("node", NODE, "WSSecurityCert without a Timestamp", self.node_soap(
            hasTimeStamp=False), "timestamp.missing")
        self.refuses("node", NODE, "WSSecurityCert, where the policy keeps a lifetime of five minutes",
                     self.node_soap(name="stack"), "timestamp.long")

    def test_node_attachment(self):
        """Its own MTOM: the signature is over xop:Include, the Body names hash and size."""
        self.need_node()
        content = messages.pdf(os.urandom(3000))
        path = self.path("attached.pdf")
        with open(path, "wb") as file:
            file.write(content)
        record = {"id": "NODE-DOC", "version": "1", "type": "declaration_of_conformity",
                  "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
                  "content": {"$xml": messages.include("doc-1")[0]}}
        call = ("PushDocuments", {"document": [record]},
                [{"mimetype": "application/pdf", "contentId": "doc-1", "name": "attached.pdf",
                  "file": path}])
        said, = self.run_client("node", "1.1", self.node_soap(), call)
        self.accepted(said, "PushDocuments", [record])
        TABLE.add(NODE, "WSSecurityCert with forceMTOM, the document bound by SHA-256 and size", TAKEN)

    def test_node_users(self):
        """Ids of WSSecurity hold a time with its colons: they are no NCName, and nothing can refer
        to them."""
        self.need_node()
        user = lambda name, **options: {"kind": "user", "user": name, "password": PASSWORD,
                                        "options": options}
        taken = lambda message, wss, **how: self.calls("node", NODE, message, wss, **how)
        taken("WSSecurity, text", user("text"), signed=False)
        taken("WSSecurity, digest", user("digest", passwordType="PasswordDigest"), signed=False)
        taken("WSSecurity, digest, SOAP 1.2", user("digest", passwordType="PasswordDigest"),
              soap="1.2", signed=False)
        both = dict(self.files("both"), kind="both", user="both", password=PASSWORD, userOptions={
            "passwordType": "PasswordDigest", "hasTimeStamp": False}, options={})
        signs = {"additionalReferences": ["wsse:UsernameToken"]}
        self.refuses("node", NODE, "WSSecurityPlusCert, the token unsigned by default", both,
                     "signed.token")
        self.refuses("node", NODE, "WSSecurityPlusCert, additionalReferences name the token", dict(
            both, options=signs), "reference.uri")
        taken("the same, the Id's colons taken out by a subclass", dict(
            both, options=signs, plainIds=True))
        self.refuses("node", NODE, "WSSecurityCertWithToken (writes no KeyInfo: broken upstream)",
                     dict(both, kind="withToken"), "signature.form")

    # ---- PHP

    def php(self, kind, user=None):
        if user:
            return {"kind": kind, "user": user, "password": PASSWORD}
        return dict(self.files("stack"), kind=kind)

    def test_php(self):
        try:
            soap_clients.CLIENT["php"]()
        except packages.Missing as why:
            self.skipTest(str(why))
        taken = lambda message, wss, **how: self.calls("php", PHP, message, wss, **how)
        taken("UsernameToken as SoapHeader, text", self.php("text", "text"), signed=False)
        taken("UsernameToken as SoapHeader, digest", self.php("digest", "digest"), signed=False)
        signed = self.php("signature")
        taken("signature by openssl_sign", signed)
        taken("the same, plain", signed, tls=False)
        taken("the same, SOAP 1.2", signed, soap="1.2")
        taken("the same, every operation", signed, calls=self.every_operation("php"), tls=False)

    # ---- xmlsec1

    def spellings(self):
        signer = lambda name: (self.ids[name], self.path(f"{name}.key"))
        return spelt.spellings(signer("stack"), signer("weak"),
                               {name: signer(name) for name in ("p256", "p384")})

    def post(self, text, soap="1.1", status=200, **how):
        kind = "text/xml; charset=utf-8" if soap == "1.1" else "application/soap+xml; charset=utf-8"
        wire = Wire(text.encode(), kind, "" if soap == "1.1" else None)
        return wire, self.must(wire, status=status, **how)

    def test_xmlsec1_spellings(self):
        for number, (name, one) in enumerate(self.spellings()):
            with self.subTest(spelling=name):
                sku = f"SPELT-{number}"
                wire, root = self.post(one.build(sku), one.soap,
                                       listener="tls" if number % 2 else "plain")
                self.check_answer(root, Wire(wire.octets.lstrip(b"\xef\xbb\xbf"), ""))
                self.kept.append(etree.tostring(root))
                rows = self.kontor.query("SELECT warehouse, on_hand FROM stock WHERE sku = ? "
                                         "ORDER BY warehouse", sku)
                wanted = [(one.stands or one.warehouse, 5000)]
                if ">2000<" in one.inner:
                    wanted.append(("2000", 5000))
                self.assertEqual(rows, wanted)
                TABLE.add(XMLSEC1, name, TAKEN)
        self.assertGreater(number, 16)

    def base(self, name="stack", **choices):
        return spelt.Spelling(self.ids[name], self.path(f"{name}.key"), **choices)

    def test_xmlsec1_what_is_refused(self):
        """Each differs by a word from a spelling that is taken."""
        for code, name, one in (
                ("signature.sha1", "RSA and digests with SHA-1, no policy for it", self.base(
                    method=spelt.DS + "rsa-sha1", digest=spelt.DS + "sha1")),
                ("signature.canonicalization", "inclusive canonicalisation, no policy for it",
                 self.base(c14n=spelt.INCLUSIVE)),
                ("signed.timestamp", "the Timestamp unsigned", self.base(ids=("body-1",)))):
            with self.subTest(refused=name):
                wire = Wire(one.build("SPELT-NO").encode(), "text/xml; charset=utf-8", "")
                self.refused(wire, code)
                self.assertEqual(self.taken("SPELT-NO"), 0)
                TABLE.add(XMLSEC1, name, code)

    def sealed(self, sku, bits, is_last):
        """Signed first, or encrypted first, by the command alone."""
        one = self.base("other")
        plain = spelt.Spelling(None, "", edit=None)
        content = (f'<p:PushStock xmlns:p="{spelt.KONTOR}">{plain.inner}</p:PushStock>'
                   ).replace("@SKU@", sku).replace("@WAREHOUSE@", plain.warehouse)
        key, data = spelt.encrypt(content, self.path("box.pem"), self.ids["box"], bits)
        if is_last:         # the key stands before the signature of what was in the clear
            made = one.build(sku)
            assert content in made
            return made.replace(content, data).replace("<ds:Signature ", key + "<ds:Signature ", 1)
        one.body = data
        one.edit = lambda text: text.replace("</ds:Signature>", "</ds:Signature>" + key)
        return one.build(sku)

    def test_xmlsec1_encryption(self):
        for bits in (128, 256):
            for is_last, name in ((True, "signed, then encrypted"), (False, "encrypted, then signed")):
                with self.subTest(bits=bits, order=name):
                    sku = f"SEALED-{bits}-{is_last}"
                    text = self.sealed(sku, bits, is_last)
                    self.assertNotIn(sku, text)
                    self.post(text)
                    self.assertEqual(self.stands(sku), [(5000,)])
                    TABLE.add(XMLSEC1, f"{name}, AES-{bits}-GCM, RSA-OAEP", TAKEN)

    def stands(self, sku):
        return self.kontor.query("SELECT on_hand FROM stock WHERE sku = ?", sku)

    def test_xmlsec1_other_doors(self):
        text = ("<MATMAS05><IDOC><EDI_DC40><DOCNUM>901</DOCNUM><MESTYP>MATMAS</MESTYP>"
                "<SNDPRN>ERPCLNT100</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>100000</CRETIM>"
                "</EDI_DC40><E1MARAM><MATNR>SIGNED-901</MATNR><MEINS>PCE</MEINS><E1MAKTM>"
                "<SPRAS_ISO>DE</SPRAS_ISO><MAKTX>Lampe Größe 2</MAKTX></E1MAKTM></E1MARAM></IDOC>"
                "</MATMAS05>")
        wire, root = self.post(self.base(body=text).build(""), path=IDOC)
        self.check_answer(root, wire)
        self.kept.append(etree.tostring(root))
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM variant WHERE sku = 'SIGNED-901'"),
                         [(1,)])
        TABLE.add(XMLSEC1, "IDoc MATMAS05 in SOAP", TAKEN)
        order = ('<n:SalesOrderBulkReplication xmlns:n="http://sap.com/xi/SD-SLS"><MessageHeader>'
                 "<UUID>901</UUID><SenderBusinessSystemID>S4H</SenderBusinessSystemID>"
                 "</MessageHeader><SalesOrder><SalesOrderID>901</SalesOrderID></SalesOrder>"
                 "</n:SalesOrderBulkReplication>")
        self.post(self.base(body=order).build(""), path=S4, status=202)
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM fact WHERE id LIKE '%901'"), [(1,)])
        TABLE.add(XMLSEC1, "S/4HANA SalesOrderBulkReplication", TAKEN)

    def test_xmlsec1_document_as_attachment(self):
        content = b"%PDF-1.7\n1 0 obj<</Type/Page>>endobj\n%%EOF\n"
        body = ('<p:PushDocuments xmlns:p="urn:kontor:push:1"><p:document><p:id>@SKU@</p:id>'
                "<p:version>1</p:version><p:type>declaration_of_conformity</p:type>"
                f"<p:sha256>{hashlib.sha256(content).hexdigest()}</p:sha256>"
                f"<p:size>{len(content)}</p:size><p:content>"
                '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:d@1"/>'
                "</p:content></p:document></p:PushDocuments>")
        text = self.base(body=body).build("DOC-1")
        wire = Wire(text.encode(), "text/xml; charset=utf-8", "")
        root = self.must(package(wire, [Part("d@1", content)]))
        self.check_answer(root, wire)
        self.assertEqual(self.kontor.query("SELECT size FROM document WHERE id = 'DOC-1'"),
                         [(len(content),)])
        TABLE.add(XMLSEC1, "MTOM document, bound by SHA-256 and size", TAKEN)
        other = Wire(self.base(body=body).build("DOC-2").encode(), "text/xml; charset=utf-8", "")
        self.refused(package(other, [Part("d@1", content[::-1])]), "attachment.digest")
        TABLE.add(XMLSEC1, "the same with other octets", "attachment.digest")

    # ---- python3-xmlsec

    def test_python_xmlsec(self):
        for cipher, bits in ((xmlsec.Transform.AES128_GCM, 128), (xmlsec.Transform.AES256_GCM, 256)):
            for is_last, name in ((True, "signed, then encrypted"), (False, "encrypted, then signed")):
                with self.subTest(bits=bits, order=name):
                    sku = f"PYTHON-{bits}-{is_last}"
                    text = self.in_place(sku, cipher, bits, is_last)
                    self.assertNotIn(sku, text)
                    self.post(text)
                    self.assertEqual(self.stands(sku), [(5000,)])
                    TABLE.add(PYTHON, f"{name}, AES-{bits}-GCM, RSA-OAEP", TAKEN)

    def in_place(self, sku, cipher, bits, is_last):
        """The tree is signed and encrypted where it stands, and written by lxml."""
        one = self.base("other")
        signature = one.signature()
        root = etree.fromstring(one.text(sku).replace(signature, ""))
        body, security = root.find("{*}Body"), root.find(".//{*}Security")
        if not is_last:
            key = self.encrypt_in_place(body, cipher, bits)
        info = spelt.Message(signer=one.signer).key_info_text("ds:").replace(
            "<ds:KeyInfo>", f'<ds:KeyInfo xmlns:wsse="{spelt.WSSE}">')
        security.append(etree.fromstring(signature.replace("@KEYINFO@", info)))
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(one.signer.key_pem, xmlsec.KeyFormat.PEM)
        for element in (body, security.find("{*}Timestamp")):
            context.register_id(element, "Id", spelt.WSU)
        context.sign(security[-1])
        if is_last:
            key = self.encrypt_in_place(body, cipher, bits)
            security[-1].addprevious(key)
        else:
            security.append(key)
        return etree.tostring(root).decode()

    def encrypt_in_place(self, body, cipher, bits):
        """The EncryptedKey, which belongs into Security."""
        data = xmlsec.template.encrypted_data_create(body, cipher, type=xmlsec.EncryptionType.CONTENT,
                                                     ns="xenc")
        xmlsec.template.encrypted_data_ensure_cipher_value(data)
        info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
        key = xmlsec.template.add_encrypted_key(info, xmlsec.Transform.RSA_OAEP)
        xmlsec.template.encrypted_data_ensure_cipher_value(key)
        manager = xmlsec.KeysManager()
        manager.add_key(xmlsec.Key.from_memory(self.ids["box"].pem, xmlsec.KeyFormat.CERT_PEM))
        context = xmlsec.EncryptionContext(manager)
        context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, bits, xmlsec.KeyDataType.SESSION)
        context.encrypt_xml(data, body)
        data, = body
        info, = (n for n in data if etree.QName(n).localname == "KeyInfo")    # find() does not see it
        key = info[0]
        data.remove(info)
        ski = spelt.Message.str_text(spelt.Message.key_identifier(
            "X509SubjectKeyIdentifier", self.ids["box"].ski), f' xmlns:wsse="{spelt.WSSE}"')
        own = etree.Element(f"{{{spelt.DS}}}KeyInfo")
        own.append(etree.fromstring(ski))
        key[0].addnext(own)
        return key


class Out(unittest.TestCase):
    """The answers to all of it, verified by others; runs last. Each reader has one that it must not
    take."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="kontor-answers-"))
        cls.certificate = os.path.join(folder, "ours.pem")
        with open(cls.certificate, "wb") as file:
            file.write(In.ids["ours"].pem)

    def setUp(self):
        self.assertGreater(len(In.kept), 20)
        self.spoilt = spoil(In.kept[0])

    def test_xmlsec1(self):
        for octets in In.kept:
            self.assertEqual(verify_by_xmlsec1(octets, self.certificate)[0], True, octets)
        self.assertFalse(verify_by_xmlsec1(self.spoilt, self.certificate)[0])
        TABLE.add(ANSWERS, "xmlsec1", "verified")

    def test_xml_crypto(self):
        pem = In.ids["ours"].pem.decode()
        try:
            *told, last = verify_by_node([{"xml": octets.decode(), "certificate": pem}
                                          for octets in [*In.kept, self.spoilt]])
        except packages.Missing as why:
            self.skipTest(str(why))
        for one in told:
            self.assertTrue(one["ok"], one)
            self.assertLessEqual({"Body", "Timestamp", "SignatureConfirmation"}, {*one["covers"]})
        self.assertFalse(last["ok"])
        TABLE.add(ANSWERS, "xml-crypto of node-soap", "verified")

    def test_zeep(self):
        checked = Verified(In.ids["ours"].pem)
        for octets in In.kept:
            checked.verify(etree.fromstring(octets))
        with self.assertRaises(zeep.exceptions.SignatureVerificationFailed):
            checked.verify(etree.fromstring(self.spoilt))
        TABLE.add(ANSWERS, "zeep", "verified")


def load_tests(loader, *_):
    """In first: its answers are what Out verifies."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (In, Out))


def main():
    kut.need_program()
    writes = "--write" in sys.argv
    words = [w for w in sys.argv if w != "--write"]
    ran = unittest.main(argv=words, verbosity=2, exit=False)
    wrong = []
    if ran.result.wasSuccessful() and not ran.result.skipped and len(words) == 1:
        wrong = wss_stacks.put(TABLE, writes)
    for line in wrong:
        print(line)
    sys.exit(1 if wrong or not ran.result.wasSuccessful() else 0)


if __name__ == "__main__":
    main()
