#!/usr/bin/python3
"""Secured messages through the whole program: who is believed, what is taken once, that every
refusal looks the same from outside, and what the answers carry."""
import base64
import concurrent.futures
import hashlib
import re
import signal
import socket

import kontor_under_test as kut
from kontor_under_test import wait_for
from wss_under_test import (DS, IDOC, LOGIN, PASSWORD, PING, S4, TLS, Secured, at, b64, etree,
                            nonce_token, stock)
from wss_message import SOAP, WSA, WSSE, XENC, Part, encrypt    # its folder is known by now


class Believed(Secured):
    """What holds is taken, by whichever door, and answered as the policy gives it."""

    def test_signature_alone_says_who_it_is(self):
        for listener in ("plain", "tls"):
            for version in SOAP:
                wire = self.message(soap=version).build()
                root = self.must(wire, listener=listener)
                self.assertEqual(self.answered(root, "partner"), "sap")
                self.check_answer(root, wire)

    def test_curve_and_nobody_confirms_unasked(self):
        root = self.must(self.message("ec").build())
        self.assertEqual(self.answered(root, "partner"), "curve")
        self.assertIsNone(root.find(f".//{{{DS}}}Signature"))

    def test_records_are_taken(self):
        self.must(self.message(body=stock("WSS-1")).build())
        self.assertEqual(self.taken("WSS-1"), 1)

    def test_fault_behind_security_is_signed_too(self):
        wire = self.message(body='<p:PushPrices xmlns:p="urn:kontor:push:1"/>').build()
        root = self.must(wire, status=403)
        self.assertEqual(self.answered(root, "code"), "PUSH_NOT_PERMITTED")
        self.check_answer(root, wire)

    def test_addressing(self):
        wire = self.message(wsa={"MessageID": "urn:uuid:1",
                                 "Action": "urn:kontor:push:1/Ping"}).build()
        root = self.must(wire)
        self.assertEqual(root.findtext(f".//{{{WSA}}}RelatesTo"), "urn:uuid:1")

    def test_token_over_tls_alone(self):
        made = lambda: self.message(None, user=nonce_token("erp")).build()
        root = self.must(made(), listener="tls")
        self.assertEqual(self.answered(root, "partner"), "user")
        self.refused(made(), "user.plain")

    def test_encrypted(self):
        for last in (True, False):
            made = self.message("other", body=stock(f"BOX-{last}"), encrypts_for=self.ids["box"],
                                encrypts_last=last)
            self.must(made.build())
            self.assertEqual(self.taken(f"BOX-{last}"), 1)

    def test_login_of_the_same_or_of_another(self):
        self.must(self.message().build(), status=401,
                  headers={"Authorization": "Basic " + b64(b"nav:wrong")})
        status, _, octets = self.send(self.message().build(), headers=LOGIN)
        self.assertEqual(status, 500)               # nav has no policy to check it by
        self.assertIn(b"SECURITY_NO_POLICY", octets)
        plain = self.message(None, timestamp="").build()
        self.assertNotIn(b"Security", plain.octets)
        self.must(plain, headers=LOGIN)

    def test_connection_and_message_must_be_one_partner(self):
        how = dict(TLS, client=self.client)
        root = self.must(self.message("tied").build(), **how)
        self.assertEqual(self.answered(root, "partner"), "tied")
        self.refused(self.message("tied").build(), "connection.missing")    # it must not be silent
        self.refused(self.message("sap").build(), "key.other", **how)
        self.refused(self.message(None, timestamp="").build(), "security.missing", **how)
        self.refused(self.message(None, user=nonce_token("erp")).build(), "user.other", **how)

    def test_nobody(self):
        self.must_be_401(self.message(None, timestamp="").build())
        wire = self.message().build()
        wire.octets = wire.octets.replace(b"<wsse:Security", b"<Insecurity", 1).replace(
            b"</wsse:Security", b"</Insecurity", 1)
        self.must_be_401(wire)

    def must_be_401(self, wire):
        status, headers, _ = self.send(wire)
        self.assertEqual(status, 401)
        self.assertIn("Basic", headers["WWW-Authenticate"])

    def test_idoc_and_s4(self):
        text = ("<MATMAS05><IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP>"
                "<SNDPRN>ERPCLNT100</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>100000</CRETIM>"
                "</EDI_DC40><E1MARAM><MATNR>IDOC-1</MATNR><MEINS>PCE</MEINS><E1MAKTM>"
                "<SPRAS_ISO>DE</SPRAS_ISO><MAKTX>Lampe</MAKTX></E1MAKTM></E1MARAM></IDOC>"
                "</MATMAS05>")
        for _ in range(2):          # each signed anew: the repeat of an IDoc stays one
            wire = self.message(body=text, soap_action="").build()
            root = self.must(wire, path=IDOC)
            self.assertEqual(root.findtext(".//{*}TransferId"), "1")
            self.check_answer(root, wire)
        status, _, octets = self.send(self.message(None, body=text).build(), path="/idoc")
        self.assertEqual(status, 401, octets)
        order = ('<n:SalesOrderBulkReplication xmlns:n="http://sap.com/xi/SD-SLS"><MessageHeader>'
                 "<UUID>1</UUID><SenderBusinessSystemID>S4H</SenderBusinessSystemID>"
                 "</MessageHeader><SalesOrder><SalesOrderID>77</SalesOrderID></SalesOrder>"
                 "</n:SalesOrderBulkReplication>")
        self.must(self.message(body=order, soap_action="").build(), status=202, path=S4)
        self.refused(self.message("stranger", body=order, soap_action="").build(), "key.unknown",
                     path=S4)

    def test_document_bound_by_its_hash(self):
        content = b"declaration one"
        digest = hashlib.sha256(content).hexdigest()

        def push(octets, said=digest):
            body = ('<p:PushDocuments xmlns:p="urn:kontor:push:1"><p:document><p:id>D-1</p:id>'
                    "<p:version>1</p:version><p:type>declaration_of_conformity</p:type>"
                    f"<p:sha256>{said}</p:sha256><p:size>{len(content)}</p:size>"
                    '<p:content><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" '
                    'href="cid:d1"/></p:content></p:document></p:PushDocuments>')
            return self.message(body=body, parts=[Part("d1", octets)]).build()

        self.assertEqual(self.answered(self.must(push(content)), "accepted"), "1")
        self.refused(push(b"declaration two"), "attachment.digest")
        # nothing covers what the part says of itself: application/pdf would have been refused
        self.assertEqual(self.kontor.query("SELECT media_type FROM document WHERE id = ?", "D-1"),
                         [("text/plain",)])


class Once(Secured):
    """The same octets are one message, on every node and after every restart."""

    def test_repeat_gets_the_answer_freshly_signed(self):
        wire = self.message(body=stock("ONCE-1")).build()
        first = self.must(wire)
        again = self.must(wire)
        self.assertEqual(self.answered(first, "repeated"), "false")
        self.assertEqual(self.answered(again, "repeated"), "true")
        self.assertEqual(self.answered(again, "accepted"), "1")
        self.assertNotEqual(self.check_answer(first, wire), self.check_answer(again, wire))
        self.assertEqual(self.taken("ONCE-1"), 1)

    def test_other_spelling_is_the_same_message(self):
        wire = self.message("ec", body=stock("ONCE-2")).build()
        self.must(wire)
        value = re.search(rb"<ds:SignatureValue>(.*?)</ds:SignatureValue>", wire.octets)[1]
        spaced = wire.octets.replace(value, value[:8] + b"\n  " + value[8:])
        octets = base64.b64decode(value)
        order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
        s = order - int.from_bytes(octets[32:], "big")
        mirrored = wire.octets.replace(value, b64(octets[:32] + s.to_bytes(32, "big")).encode())
        for changed in (spaced, mirrored):
            self.assertNotEqual(changed, wire.octets)
            wire.octets = changed
            self.assertEqual(self.answered(self.must(wire), "repeated"), "true")
        self.assertEqual(self.taken("ONCE-2"), 1)

    def test_signed_anew_by_its_own_id(self):
        made = lambda n, on_hand=5: self.message(
            body=stock("ONCE-3", on_hand, "m-3"), body_attributes=f'wsu:Id="b{n}"',
            signs=(f"b{n}", "time-1")).build()
        self.must(made(1))
        self.assertEqual(self.answered(self.must(made(2)), "repeated"), "true")
        wire = made(3, on_hand=6)
        root = self.must(wire, status=500)
        self.assertEqual(self.answered(root, "code"), "MESSAGE_CHANGED")

    def test_nonce_covers_one_content(self):
        token = nonce_token("erp")
        made = lambda body: self.message(None, user=token, body=body).build()
        first = made(stock("ONCE-4"))
        self.must(first, listener="tls")
        self.assertEqual(self.answered(self.must(first, listener="tls"), "repeated"), "true")
        self.refused(made(stock("ONCE-4", 6)), "replay", listener="tls")
        self.refused(made(PING), "replay", listener="tls")
        token = nonce_token("erp")
        self.must(made(PING), listener="tls")
        self.refused(made(stock("ONCE-4", 7)), "replay", listener="tls")
        self.assertEqual(self.taken("ONCE-4"), 1)

    def test_nonce_of_what_was_refused_is_used_up(self):
        token = nonce_token("erp")
        made = lambda body: self.message(None, user=token, body=body).build()
        self.must(made('<p:PushStock xmlns:p="urn:kontor:push:1"/>'), status=500, listener="tls")
        self.refused(made(stock("ONCE-5")), "replay", listener="tls")

    def test_many_at_once_are_one(self):
        wire = self.message(body=stock("ONCE-8")).build()
        with concurrent.futures.ThreadPoolExecutor(8) as crew:
            answers = list(crew.map(lambda _: self.send(wire), range(24)))
        done = [etree.fromstring(octets) for status, _, octets in answers if status == 200]
        self.assertLessEqual({status for status, _, _ in answers}, {200, 503})
        self.assertLessEqual(sum(self.answered(r, "repeated") == "false" for r in done), 1)
        self.assertEqual(self.answered(self.must(wire), "repeated"), "true")
        self.assertEqual(self.taken("ONCE-8"), 1)

    def test_second_node_and_restart(self):
        wire = self.message(body=stock("ONCE-6")).build()
        token = nonce_token("erp")
        nonce = lambda n: self.message(None, user=token, body=stock("ONCE-7", n)).build()
        self.must(wire)
        self.must(nonce(1), listener="tls")
        second = self.start("second")
        try:
            self.assertEqual(self.answered(self.must(wire, node=second), "repeated"), "true")
            self.refused(nonce(2), "replay", node=second, listener="tls")
        finally:
            second.kill()
        second = self.start("second")
        try:
            self.assertEqual(self.answered(self.must(wire, node=second), "repeated"), "true")
            self.refused(nonce(3), "replay", node=second, listener="tls")
        finally:
            self.assertEqual(second.stop(), 0)
        self.assertEqual((self.taken("ONCE-6"), self.taken("ONCE-7")), (1, 1))


class Refused(Secured):
    """From outside all refusals are one."""

    def attacks(self):
        """(audit code, message, how it is sent besides) for reasons from every stage."""
        m = self.message
        broken = lambda octets: octets[:-1] + bytes([octets[-1] ^ 1])
        changed = lambda text: text.replace("<p:onHand>5<", "<p:onHand>6<")
        moved = lambda text: self.move_body(text)
        twice = lambda text: text.replace("</s:Header>", (
            f'<wsse:Security xmlns:wsse="{WSSE}"/></s:Header>'))
        box = lambda **choices: m("other", body=stock("BAD"), encrypts_for=self.ids["box"],
                                  **choices).build()
        token = lambda *words, **more: m(None, user=nonce_token(*words, **more)).build()
        return [
            ("signed.digest", m(body=stock("BAD"), after=changed).build(), {}),
            ("reference.place", m(body=stock("BAD"), after=moved).build(), {}),
            ("signed.body", m(body=stock("BAD"), signs=("time-1",)).build(), {}),
            ("key.unknown", m("stranger").build(), {}),
            ("security.double", m(after=twice).build(), {}),
            ("timestamp.stale", m(created=at(-700), expires=at(-400)).build(), {}),
            ("timestamp.future", m(created=at(400), expires=at(600)).build(), {}),
            ("timestamp.missing", m(timestamp="").build(), {}),
            ("signature.value", m(value=broken).build(), {}),
            ("signature.sha1", m(method=DS + "rsa-sha1").build(), {}),
            ("envelope.action", m(soap_action="urn:kontor:push:1/PushStock").build(), {}),
            ("user.password", token("erp", "wrong"), TLS),
            ("user.password", token("nobody"), TLS),
            ("user.kind", token("erp", digest=False), TLS),
            ("encryption.missing", m("other").build(), {}),
            ("encryption.value", box(encryption={"tamper": broken}), {}),
            ("encryption.value", box(encryption={"tamper": lambda octets: octets[:12]}), {}),
            ("encryption.unexpected", m(body=stock("BAD"), encrypts_for=self.ids["box"]).build(),
             {}),
        ]

    @staticmethod
    def move_body(text):
        """The signed Body hides in the Header, another one stands at its place."""
        body = re.search(r"<s:Body .*</s:Body>", text, re.S)[0]
        evil = body.replace("BAD", "EVIL").replace('"body-1"', '"body-2"')
        return text.replace(body, evil).replace("</s:Header>",
                                                f"<x:Hidden xmlns:x='urn:x'>{body}</x:Hidden>"
                                                "</s:Header>")

    def test_all_look_the_same(self):
        answers = set()
        for n, (code, wire, how) in enumerate(self.attacks()):
            with self.subTest(code=code, n=n):
                answers.add(self.refused(wire, code, source=f"127.0.1.{n + 1}", **how))
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.taken("BAD") + self.taken("EVIL"), 0)
        self.assertNotIn(PASSWORD, self.node.text())

    def test_decryption_cannot_be_probed(self):
        """Whatever is wrong with what is encrypted: the answer is the same octets."""
        flip = lambda at: lambda octets: (octets[:at] + bytes([octets[at] ^ 0x80])
                                          + octets[at + 1:])
        cases = [{"tamper": flip(at)} for at in (0, 11, 12, 13, 40, -17, -16, -1)]
        cases += [{"tamper": lambda octets, n=n: octets[:n]} for n in (0, 1, 11, 12, 27, 28, -1)]
        cases += [{"tamper": lambda octets: octets + b"x"}, {"session": b"\1" * 16},
                  {"data_cipher": "<xenc:CipherValue/>"},
                  {"key_cipher": f"<xenc:CipherValue>{b64(b'x' * 256)}</xenc:CipherValue>"},
                  {"key_cipher": f"<xenc:CipherValue>{b64(b'x')}</xenc:CipherValue>"},
                  {"transport": XENC + "rsa-1_5"}, {"cipher": XENC + "aes256-cbc"}]
        bodies = ["no XML", "<!DOCTYPE a><a/>", stock("BAD") + stock("BAD"), "</s:Body>",
                  "<a>" * 70 + "</a>" * 70, ""]
        made = [self.message("other", body=stock("BAD"), encrypts_for=self.ids["box"],
                             encryption=one) for one in cases]
        for body in bodies:
            hidden = self.message("other", body=stock("BAD"))
            key, data = encrypt(body, self.ids["box"])
            hidden.extra_security, hidden.body = key, data
            made.append(hidden)
        answers = set()
        for n, message in enumerate(made):
            status, _, octets = self.send(message.build(), source=f"127.0.5.{n + 1}")
            self.assertEqual(status, 500, n)
            answers.add(octets)
        self.assertEqual(len(answers), 1)
        self.assertIn(b"SECURITY_REFUSED", answers.pop())
        self.assertEqual(self.taken("BAD"), 0)

    def test_audit_trail_tells(self):
        self.refused(self.message("stranger").build(), "key.unknown", source="127.0.2.1")
        wait_for("the row", lambda: "key.unknown" in self.kontor.must("security", "refusals",
                                                                       status=(0, 1)),
                 alive=[self.node])

    def test_flood_holds_up_strangers_and_nobody_else(self):
        how = {"source": "127.0.3.1"}
        for _ in range(30):
            self.refused(self.message("stranger").build(), "key.unknown", **how)
        status, headers, octets = self.send(self.message("stranger").build(), **how)
        self.assertEqual(status, 429)
        self.assertGreater(int(headers["Retry-After"]), 0)
        bare = self.message(None, timestamp="").build()
        self.assertEqual(self.send(bare, **how)[0], 429)
        self.must(self.message().build(), **how)        # good partners behind the same address
        self.must(self.message("ec").build(), **how)
        self.must(self.message(None, user=nonce_token("erp")).build(), **TLS, **how)
        self.must(bare, headers=LOGIN, **how)
        self.assertEqual(self.send(self.message("stranger").build(), **how)[0], 429)

    def test_partner_that_fails_holds_up_itself(self):
        how = {"source": "127.0.3.3"}
        late = lambda: self.message("ec", created=at(-700), expires=at(-400)).build()
        for _ in range(30):
            self.refused(late(), "timestamp.stale", **how)
        self.assertEqual(self.send(late(), **how)[0], 429)
        self.must(self.message().build(), **how)
        self.refused(self.message("stranger").build(), "key.unknown", **how)
        # it is never held up for good: what is right comes through at one of its turns
        wait_for("a turn", lambda: self.send(self.message("ec", body=stock("TURN-1")).build(),
                                             **how)[0] == 200, alive=[self.node])
        self.must(self.message("ec").build(), **how)

    def test_certificate_and_login_are_of_one_partner(self):
        how = dict(TLS, client=self.client)
        made = lambda: self.message("tied").build()
        for login in (b"nav:s3cret", b"nav:wrong", b"nobody:s3cret"):
            self.refused(made(), "connection.other",
                         headers={"Authorization": "Basic " + b64(login)}, **how)
        self.must(made(), **how)
        wait_for("the row", lambda: "connection.other" in self.kontor.must(
            "security", "refusals", status=(0, 1)), alive=[self.node])

    def test_plain_xml_is_counted(self):
        made = self.message(None, body="<MATMAS05/>")
        wire = made.build()
        status, _, octets = self.send(wire, path="/idoc", listener="tls", client=self.client)
        self.assertEqual(status, 403, octets)
        wait_for("the row", lambda: "security.plain" in self.kontor.must(
            "security", "refusals", status=(0, 1)), alive=[self.node])

    def test_no_guessing_of_passwords(self):
        how = dict(TLS, source="127.0.4.1")
        for _ in range(10):
            self.refused(self.message(None, user=nonce_token("erp", "wrong")).build(),
                         "user.password", **how)
        self.refused(self.message(None, user=nonce_token("erp")).build(), "user.throttled", **how)
        self.must(self.message(None, user=nonce_token("erp")).build(), listener="tls",
                  source="127.0.4.2")


class Room(Secured):
    """Bodies that strangers leave unfinished take nothing away from those who are known."""
    ONE = 2 << 20           # of push.spill_max an eighth, and of one address a quarter of that

    def begin(self, source, size):
        """A body that never ends."""
        line = socket.create_connection(("127.0.0.1", self.node.port("plain")), 20, (source, 0))
        line.sendall(b"POST /soap/push HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n"
                     b"Content-Length: 60000000\r\n\r\n" + b" " * size)
        return line

    def large(self, *names, **choices):
        """A message of about 1.5 MB."""
        wire = self.message(*names, **choices)
        wire.body = wire.body.replace("><", ">" + " " * 1500000 + "<", 1)
        return wire.build()

    def test_unfinished_bodies(self):
        open_lines = [self.begin(f"127.0.6.{n}", self.ONE - 100000) for n in range(4)]
        try:
            over = self.begin("127.0.6.0", self.ONE)
            self.assertIn(b"HTTP/1.1 503 ", over.recv(1000))
            over.close()
            wait_for("all in files", lambda: self.send(
                self.large(body=stock("ROOM-1")), source="127.0.6.9")[0] == 503,
                alive=[self.node])
            for n in range(3):          # who is known has what it always had
                self.must(self.large(None, body=stock(f"ROOM-2-{n}"), timestamp=""), headers=LOGIN,
                          source="127.0.6.0")
            self.must(self.message(body=stock("ROOM-3")).build(), source="127.0.6.0")
        finally:
            for line in open_lines:
                line.close()
        wait_for("room again", lambda: self.send(
            self.large(body=stock("ROOM-1")), source="127.0.6.9")[0] == 200, alive=[self.node])


class Rotation(Secured):
    """Keys change while the service runs; what is under way, and repeats, go on."""

    def test_signer_follows_signer(self):
        wire = self.message(body=stock("ROTATE-1")).build()
        self.must(wire)
        following = lambda: self.message("next").build()
        self.refused(following(), "key.unknown")
        self.renew(["sap.pem", "next.pem"])
        self.must(following())
        self.must(self.message().build())
        self.renew(["next.pem"])
        self.refused(self.message().build(), "key.unknown")
        self.refused(wire, "key.unknown")
        self.must(following())
        self.renew(["missing.pem"], taken=False)        # what cannot be read changes nothing
        self.must(following())

    def renew(self, signers, taken=True):
        self.kontor.settings["wss"]["signed"]["signers"] = signers
        self.kontor.write(self.kontor.settings)
        event = "event=keys.renewed" if taken else "event=keys.refused"
        before = self.node.text().count(event)
        self.node.process.send_signal(signal.SIGHUP)
        wait_for(event, lambda: self.node.text().count(event) > before, alive=[self.node])


class Checked(Secured):
    """kontor check says by what each partner is known, and what could never work."""

    def test_check(self):
        text = self.kontor.must("check")
        for line in ("partner sap .* known by its messages \\(policy signed\\);",
                     "partner tied .* known by 1 certificate and its messages \\(policy tied\\);",
                     "partner nav .* known by user and password;"):
            self.assertRegex(text, line)
        settings = dict(self.kontor.settings)
        settings["listen"] = {name: self.kontor.settings["listen"][name]
                              for name in ("watch", "plain")}
        settings["partners"] = {n: p for n, p in settings["partners"].items() if n != "tied"}
        self.kontor.write(settings)
        done = self.kontor.run("check")
        self.assertNotEqual(done.status, 0)
        self.assertIn("UsernameToken is taken over TLS only", done.out)


class Clock(Secured):
    """Nobody knows whether the clock is right: nothing secured is taken, the rest is."""
    clock = "checked"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node.stop()
        cls.node = cls.start("asked", KT_CLOCK_SYNC="no")

    def test_unsynchronised(self):
        status, headers, octets = self.send(self.message().build())
        self.assertEqual(status, 503)
        self.assertIn(b"SECURITY_CLOCK", octets)
        self.assertGreater(int(headers["Retry-After"]), 0)
        self.must(self.message(None, timestamp="").build(), headers=LOGIN)
        wait_for("the exception", lambda: "SECURITY_CLOCK" in self.kontor.open_codes(),
                 alive=[self.node])


if __name__ == "__main__":
    kut.main()
