#!/usr/bin/python3
"""The HTTP server over TLS: versions, client certificates that count and that do not, renewal."""
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import warnings

from server_under_test import Certificates, Server, Wire, until


def setUpModule():
    global CERTS
    CERTS = Certificates()


def tearDownModule():
    CERTS.close()


class Case(unittest.TestCase):
    settings = {}
    with_ca = True

    @classmethod
    def setUpClass(cls):
        settings = dict(cls.settings)
        if cls.with_ca:
            settings["client_ca"] = CERTS.path("ca.pem")
        cls.server = CERTS.server(**settings)

    @classmethod
    def tearDownClass(cls):
        if cls.server.stop() != 0:
            raise AssertionError("the server did not end well")

    def wire(self, context=None, **words):
        wire = Wire(self.server.port, context or CERTS.context(), **words)
        self.addCleanup(wire.close)
        return wire

    def facts_of(self, client):
        return self.wire(CERTS.context(client)).ask("GET", "/tell").facts()


class Served(Case):
    def test_without_a_certificate(self):
        wire = self.wire()
        facts = wire.ask("GET", "/tell").facts()
        self.assertEqual((facts["tls"], facts["fingerprint"], facts["subject"]), ("1", "", ""))
        self.assertEqual(wire.ask("GET", "/secret").status, 403)
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_with_one_that_our_ca_signed(self):
        for context in (CERTS.context("client"), CERTS.context("client")):
            wire = self.wire(context)
            facts = wire.ask("GET", "/secret").facts()
            self.assertEqual(facts["fingerprint"], CERTS.fingerprint("client"))
            self.assertEqual(facts["subject"], "CN=client")

    def test_with_ones_that_do_not_count(self):
        for name in ("stranger", "alone", "expired", "wrong_purpose"):
            with self.subTest(name=name):
                wire = self.wire(CERTS.context(name))
                facts = wire.ask("GET", "/tell").facts()
                self.assertEqual((facts["fingerprint"], facts["subject"]), ("", ""))
                self.assertEqual(wire.ask("GET", "/secret").status, 403)

    def test_tls_1_2_and_1_3_alone(self):
        for version, works in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True),
                               (ssl.TLSVersion.TLSv1_3, True)):
            context = CERTS.context("client")
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = version
            if works:
                wire = self.wire(context)
                self.assertEqual(wire.ask("GET", "/secret").status, 200)
                self.assertEqual(wire.socket.version(), "TLSv1." + str(version.value - 0x0301))
            else:
                with self.assertRaises(ssl.SSLError):
                    self.wire(context)

    def test_weak_ciphers_are_refused(self):
        for cipher in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA"):
            context = CERTS.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(cipher + ":@SECLEVEL=0")
            with self.subTest(cipher=cipher), self.assertRaises(ssl.SSLError):
                self.wire(context)

    def test_alpn(self):
        for offered, chosen in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1")):
            context = CERTS.context()
            context.set_alpn_protocols(offered)
            self.assertEqual(self.wire(context).socket.selected_alpn_protocol(), chosen)
        context = CERTS.context()
        context.set_alpn_protocols(["h2"])
        with self.assertRaises(ssl.SSLError):
            self.wire(context)

    def test_no_sessions_and_no_renegotiation(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = CERTS.context("client")
            context.maximum_version = version
            wire = self.wire(context)
            self.assertEqual(wire.ask("GET", "/secret").status, 200)
            session = wire.socket.session
            self.assertFalse(session is not None and session.has_ticket)
        # "R" asks for a renegotiation
        out = subprocess.run(["openssl", "s_client", "-tls1_2", "-connect",
                              f"127.0.0.1:{self.server.port}"], input=b"R\n", capture_output=True,
                             timeout=10)
        self.assertIn(b"no renegotiation", out.stderr + out.stdout)

    def test_large_both_ways(self):
        body = os.urandom(3000000)
        wire = self.wire()
        self.assertEqual(wire.ask("POST", "/echo", body).body, body)
        self.assertEqual(len(wire.ask("GET", "/large").body), 8 * 1024 * 1024)

    def test_pipelined(self):
        wire = self.wire()
        wire.send(b"".join(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n%03d" % i
                           for i in range(500)))
        for i in range(500):
            self.assertEqual(wire.reply().body, b"%03d" % i)
        # one record a request, several of them while the first one runs
        for i in range(20):
            wire.send(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n%03d" % i)
        for i in range(20):
            self.assertEqual(wire.reply().body, b"%03d" % i)

    def test_a_record_that_ends_one_request_and_begins_the_next(self):
        """What is left of it is known to TLS alone: the socket has nothing more to say."""
        head = b"POST /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
        for path in (b"nap", b"echo", b"none"):
            wire = self.wire()
            wire.send(head % path)
            wire.send(b"abc" + head % b"echo" + b"def")
            reply = wire.reply()
            if path == b"none":
                self.assertEqual(reply.status, 404)  # refused before its body came
                self.assertTrue(wire.ends())
                continue
            self.assertEqual(reply.status, 200)
            self.assertEqual(wire.reply().body, b"def")
        # behind a reply that is taken late
        wire = self.wire()
        wire.send(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n" + head % b"echo" + b"abc")
        wire.send(head % b"echo")
        wire.send(b"abc" + head % b"echo" + b"def")
        self.assertEqual(len(wire.reply().body), 8 * 1024 * 1024)
        self.assertEqual([wire.reply().body for _ in range(3)], [b"abc", b"abc", b"def"])

    def test_a_refusal_is_seen(self):
        wire = self.wire()
        wire.send(b"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        try:
            wire.send(b"x" * 3000000)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
            pass
        self.assertEqual(wire.reply().status, 413)

    def test_plain_http_on_a_tls_port(self):
        with Wire(self.server.port) as wire:
            wire.send("GET /tell HTTP/1.1\r\nHost: a\r\n\r\n")
            try:
                self.assertNotIn(b"HTTP", wire.socket.recv(1000))
            except ConnectionResetError:
                pass

    def test_a_crowd(self):
        failed = []

        def one():
            try:
                for i in range(10):
                    with Wire(self.server.port, CERTS.context("client" if i % 2 else None)) as wire:
                        for k in range(5):
                            if wire.ask("POST", "/echo", b"x" * k * 9000).body != b"x" * k * 9000:
                                failed.append((i, k))
            except (OSError, AttributeError) as e:
                failed.append(e)
        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])


class WithoutCa(Case):
    with_ca = False

    def test_any_counts_by_its_fingerprint(self):
        for name in ("client", "stranger", "alone"):
            facts = self.facts_of(name)
            self.assertEqual(facts["fingerprint"], CERTS.fingerprint(name))
            self.assertEqual(self.wire(CERTS.context(name)).ask("GET", "/secret").status, 200)
        self.assertEqual(self.facts_of(None)["fingerprint"], "")

    def test_a_certificate_without_its_key_is_refused(self):
        context = CERTS.context()
        with self.assertRaises(ssl.SSLError):
            context.load_cert_chain(CERTS.path("client.pem"), CERTS.path("stranger.key"))


class Deadlines(Case):
    settings = {"head_s": 1}

    def test_half_a_handshake(self):
        hello = b""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = CERTS.context().wrap_bio(incoming, outgoing)
        with self.assertRaises(ssl.SSLWantReadError):
            client.do_handshake()
        hello = outgoing.read()
        for sent in (b"", hello[:20], hello):
            with socket.create_connection(("127.0.0.1", self.server.port), 5) as s:
                s.sendall(sent)
                until("it is closed", lambda s=s: not s.recv(65536), 3)

    def test_handshake_and_head_together(self):
        wire = self.wire()
        wire.socket.settimeout(0.6)
        with self.assertRaises(TimeoutError):
            wire.socket.recv(1)
        wire.send("GET /tell HT")
        wire.socket.settimeout(0.9)
        self.assertEqual(wire.reply().status, 408)


class Said(unittest.TestCase):
    def test_why_a_handshake_fails(self):
        with tempfile.TemporaryFile() as log:
            server = CERTS.server(log, verbose=1)
            context = CERTS.context()
            context.set_alpn_protocols(["h2"])
            with self.assertRaises(ssl.SSLError):
                Wire(server.port, context)
            Wire(server.port).close()  # just gone: nothing to say
            self.assertEqual(server.stop(), 0)
            log.seek(0)
            lines = log.read().decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn('event=request.refused listener="test" address="127.0.0.1" status=0 why="no '
                      'application protocol"', lines[0])


class Renewed(unittest.TestCase):
    def test_new_connections_see_the_new_certificate(self):
        for name in ("server", "client"):
            for end in (".pem", ".key"):
                shutil.copy(CERTS.path(name + end), CERTS.path("used_" + name + end))
        shutil.copy(CERTS.path("ca.pem"), CERTS.path("used_ca.pem"))
        server = Server(certificate=CERTS.path("used_server.pem"),
                        key=CERTS.path("used_server.key"), client_ca=CERTS.path("used_ca.pem"))
        try:
            self.renew(server)
        finally:
            self.assertEqual(server.stop(), 0)

    def renew(self, server):
        def shown(wire):
            return wire.socket.getpeercert(True)
        before = Wire(server.port, CERTS.context())
        CERTS.issue("next", "ca", "serverAuth")
        # half a renewal: the old ones stay
        shutil.copy(CERTS.path("next.pem"), CERTS.path("used_server.pem"))
        self.assertIn("does not belong to the certificate", server.ask("renew"))
        with Wire(server.port, CERTS.context()) as wire:
            self.assertEqual(shown(wire), shown(before))
        shutil.copy(CERTS.path("next.key"), CERTS.path("used_server.key"))
        self.assertEqual(server.ask("renew"), "done")
        with Wire(server.port, CERTS.context()) as wire:
            self.assertNotEqual(shown(wire), shown(before))
        self.assertEqual(before.ask("GET", "/tell").status, 200)
        before.close()
        # another CA: whose certificates counted count no more
        with Wire(server.port, CERTS.context("client")) as wire:
            self.assertEqual(wire.ask("GET", "/secret").status, 200)
        shutil.copy(CERTS.path("other_ca.pem"), CERTS.path("used_ca.pem"))
        self.assertEqual(server.ask("renew"), "done")
        for name, status in (("client", 403), ("stranger", 200)):
            with Wire(server.port, CERTS.context(name)) as wire:
                self.assertEqual(wire.ask("GET", "/secret").status, status)


class NotStarted(unittest.TestCase):
    def expect(self, sentence, **settings):
        with self.assertRaises(RuntimeError) as caught:
            Server(**settings)
        self.assertIn(sentence, str(caught.exception))

    def test_files_that_do_not_fit(self):
        pem, key = CERTS.path("server.pem"), CERTS.path("server.key")
        self.expect("does not exist", certificate=CERTS.path("none.pem"), key=key)
        self.expect("has no key beside it", certificate=pem)
        self.expect("does not belong to the certificate", certificate=pem,
                    key=CERTS.path("client.key"))
        self.expect("holds no certificate", certificate=pem, key=key, client_ca=key)
        self.expect("cannot be used", certificate=key, key=key)
        open_key = CERTS.path("open.key")
        shutil.copy(key, open_key)
        os.chmod(open_key, 0o644)
        self.expect("cannot be used", certificate=pem, key=open_key)
        locked = CERTS.path("locked.key")
        subprocess.run(["openssl", "pkey", "-in", key, "-aes128", "-passout", "pass:x", "-out",
                        locked], check=True, capture_output=True)
        os.chmod(locked, 0o600)
        self.expect("without a passphrase", certificate=pem, key=locked)


if __name__ == "__main__":
    unittest.main()
