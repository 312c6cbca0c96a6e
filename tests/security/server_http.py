#!/usr/bin/python3
"""The HTTP server over plain connections: what it serves, what it refuses, when it lets go."""
import gzip
import hashlib
import os
import resource
import tempfile
import threading
import time
import unittest
import zlib

from server_under_test import Server, Wire, until

BIG = os.urandom(3 * 1024 * 1024)
EMPTY = hashlib.sha256(b"").hexdigest()


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


class Case(unittest.TestCase):
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = Server(**cls.settings)

    @classmethod
    def tearDownClass(cls):
        if cls.server.stop() != 0:
            raise AssertionError("the server did not end well")

    def wire(self, **words):
        wire = Wire(self.server.port, **words)
        self.addCleanup(wire.close)
        return wire

    def expect_closed(self, wire, status, **fields):
        reply = wire.reply()
        self.assertIsNotNone(reply, f"no reply where {status} belongs")
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(reply.fields.get("connection"), "close")
        for name, value in fields.items():
            self.assertEqual(reply.fields.get(name), value)
        self.assertTrue(wire.ends())
        return reply


class Served(Case):
    def test_a_request_as_the_handler_sees_it(self):
        reply = self.wire().ask("POST", "/tell?a=1&b", b"hello", content_type="text/xml", x_test=" y ")
        facts = reply.facts()
        self.assertEqual(reply.status, 200)
        self.assertEqual((facts["method"], facts["path"], facts["query"], facts["type"]),
                         ("POST", "/tell", "a=1&b", "text/xml"))
        self.assertEqual((facts["length"], facts["sha256"]),
                         ("5", hashlib.sha256(b"hello").hexdigest()))
        self.assertEqual((facts["address"], facts["local"], facts["tls"], facts["listener"]),
                         ("127.0.0.1", "1", "0", "test"))
        self.assertEqual((facts["fingerprint"], facts["x-test"]), ("", "y"))
        self.assertEqual(reply.fields["x-content-type-options"], "nosniff")
        self.assertRegex(reply.fields["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.assertNotIn("server", reply.fields)
        self.assertNotIn("connection", reply.fields)

    def test_one_connection_many_requests(self):
        wire = self.wire()
        wire.ask("GET", "/tell")
        before = self.server.counts()["accepted"]
        for i in range(50):
            self.assertEqual(wire.ask("POST", "/echo", b"%d" % i).body, b"%d" % i)
        self.assertEqual(self.server.counts()["accepted"], before)

    def test_pipelined_requests_are_answered_in_order(self):
        wire = self.wire()
        wire.send(b"".join(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n%03d" % i
                           for i in range(100)))
        for i in range(100):
            self.assertEqual(wire.reply().body, b"%03d" % i)

    def test_pipelined_refusals_and_requests(self):
        wire = self.wire()
        wire.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\nGET /tell HTTP/1.1\r\nHost: a\r\n\r\n" * 40)
        for _ in range(40):
            self.assertEqual(wire.reply().status, 404)
            self.assertEqual(wire.reply().status, 200)

    def test_byte_by_byte(self):
        wire = self.wire()
        for byte in b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello":
            wire.send(bytes([byte]))
        self.assertEqual(wire.reply().body, b"hello")
        for byte in (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     chunked(b"hel", b"lo")):
            wire.send(bytes([byte]))
        self.assertEqual(wire.reply().body, b"hello")

    def test_chunked_in_many_sizes(self):
        wire = self.wire()
        for size in (1, 100, 16384, 65536, 100001):
            parts = [BIG[i:i + size] for i in range(0, 300000, size)]
            wire.send(b"POST /tell HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      chunked(*parts) + b"GET /tell HTTP/1.1\r\nHost: a\r\n\r\n")
            facts = wire.reply().facts()
            self.assertEqual(facts["sha256"], hashlib.sha256(b"".join(parts)).hexdigest())
            self.assertEqual(wire.reply().facts()["sha256"], EMPTY)

    def test_continue(self):
        wire = self.wire()
        wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.assertEqual(wire.reply().status, 100)
        self.assertEqual(wire.send("hello").reply().body, b"hello")

    def test_refused_instead_of_continue(self):
        wire = self.wire()
        wire.send("POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        self.expect_closed(wire, 404)

    def test_who_may_not_send_a_body_is_told_before_it(self):
        for fields, size in (("Expect: 100-continue", 5), ("Content-Encoding: gzip", 5), ("X-A: b", 9999999)):
            wire = self.wire()
            wire.send(f"POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n{fields}\r\n\r\n")
            self.assertEqual(self.expect_closed(wire, 401).body, b"who?")
        wire = self.wire()
        wire.send("POST /guarded HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.expect_closed(wire, 401)
        wire = self.wire()
        wire.send("POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                  "GET /tell HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual([wire.reply().status, wire.reply().status], [401, 200])
        self.assertEqual(wire.ask("POST", "/guarded", BIG, x_word="sesame").facts()["length"],
                         str(len(BIG)))
        self.assertEqual(wire.ask("GET", "/guarded").status, 200)

    def test_bodies_around_the_spill(self):
        wire = self.wire()
        for size in (1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 1024 * 1024 + 4096, len(BIG)):
            facts = wire.ask("POST", "/tell", BIG[:size]).facts()
            self.assertEqual((facts["length"], facts["sha256"]),
                             (str(size), hashlib.sha256(BIG[:size]).hexdigest()))
        self.assertEqual(wire.ask("POST", "/echo", BIG).body, BIG)

    def test_spilled_bodies_leave_no_file(self):
        wire = self.wire()
        wire.ask("POST", "/tell", BIG)
        before = self.server.files()
        for _ in range(10):
            wire.ask("POST", "/tell", BIG)
        self.assertEqual(self.server.files(), before)

    def test_gzip(self):
        wire = self.wire()
        text = b"<stock/>" * 100000
        for body in (text, b"x", BIG):
            packed = gzip.compress(body)
            facts = wire.ask("POST", "/tell", packed, content_encoding="gzip").facts()
            self.assertEqual(facts["sha256"], hashlib.sha256(body).hexdigest())
        wire.send(b"POST /tell HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
                  b"Transfer-Encoding: chunked\r\n\r\n" +
                  chunked(*[gzip.compress(text)[i:i + 7] for i in range(0, 2000, 7)]))
        self.assertEqual(wire.reply().facts()["sha256"], hashlib.sha256(text).hexdigest())

    def test_head_and_get(self):
        wire = self.wire()
        reply = wire.ask("HEAD", "/tell")
        self.assertEqual(reply.status, 200)
        self.assertGreater(int(reply.fields["content-length"]), 100)
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_http_1_0(self):
        wire = self.wire().send("GET /tell HTTP/1.0\r\nHost: a\r\n\r\n")
        self.assertEqual(wire.reply().fields["connection"], "close")
        self.assertTrue(wire.ends())
        wire = self.wire().send("GET /tell HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
        self.assertEqual(wire.reply().fields["connection"], "keep-alive")
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_connection_close_is_obeyed(self):
        wire = self.wire()
        reply = wire.ask("GET", "/tell", connection="close")
        self.assertEqual((reply.status, reply.fields["connection"]), (200, "close"))
        self.assertTrue(wire.ends())

    def test_a_peer_that_sends_and_says_it_is_done(self):
        wire = self.wire().send("GET /nap HTTP/1.1\r\nHost: a\r\n\r\n")
        wire.socket.shutdown(1)
        self.assertEqual(wire.reply().status, 200)

    def test_longest_path_wins(self):
        wire = self.wire()
        self.assertEqual(wire.ask("GET", "/tell/x/y").facts()["path"], "/tell/x/y")
        self.assertEqual(wire.ask("GET", "/tellx").status, 404)
        self.assertEqual(wire.ask("GET", "/").status, 404)

    def test_a_large_reply(self):
        wire = self.wire(buffer=4096)
        reply = wire.ask("GET", "/large")
        self.assertEqual(len(reply.body), 8 * 1024 * 1024)
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_x_forwarded_for_of_strangers_is_not_believed(self):
        facts = self.wire().ask("GET", "/tell", x_forwarded_for="203.0.113.7").facts()
        self.assertEqual(facts["address"], "127.0.0.1")


class Refused(Case):
    def test_routes(self):
        wire = self.wire()
        self.assertEqual(wire.ask("GET", "/none").status, 404)
        reply = wire.ask("GET", "/echo")
        self.assertEqual((reply.status, reply.fields["allow"]), (405, "POST"))
        self.assertEqual(wire.ask("POST", "/large", b"").fields["allow"], "GET")
        self.assertEqual(wire.ask("POST", "/healthz", b"").fields["allow"], "GET, HEAD")
        self.assertEqual(wire.ask("GET", "/secret").status, 403)
        self.assertEqual(wire.ask("HEAD", "/none").status, 404)
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_a_route_of_another_role_is_not_there(self):
        self.assertEqual(self.wire().ask("POST", "/webhook/b2b", b"").status, 404)

    def test_a_small_body_that_is_here_is_skipped(self):
        wire = self.wire()
        self.assertEqual(wire.ask("POST", "/none", b"GET /tell HTTP/1.1\r\n\r\n").status, 404)
        self.assertEqual(wire.ask("GET", "/tell").status, 200)

    def test_a_body_that_is_not_here_ends_the_connection(self):
        wire = self.wire()
        wire.send("POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
        self.expect_closed(wire, 404)

    def test_too_large(self):
        wire = self.wire()
        wire.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        self.expect_closed(wire, 413)
        wire = self.wire()
        self.assertEqual(wire.ask("POST", "/small", b"x" * 1000).status, 200)
        wire.send(b"POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  chunked(b"x" * 600, b"x" * 401))
        self.expect_closed(wire, 413)
        wire = self.wire()
        wire.send(b"POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  chunked(b"x" * 600, b"x" * 400))
        self.assertEqual(wire.reply().status, 200)
        packed = gzip.compress(b"x" * 1001)
        self.assertEqual(wire.ask("POST", "/small", packed, content_encoding="gzip").status, 413)
        self.assertTrue(wire.ends())
        packed = gzip.compress(b"x" * 1000)
        self.assertEqual(self.wire().ask("POST", "/small", packed,
                                         content_encoding="gzip").status, 200)

    def test_a_refused_body_under_way_does_not_hide_the_reply(self):
        """The peer sends 20 MB before it looks: it must still see why."""
        wire = self.wire()
        wire.send(b"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n")
        wire.send(b"x" * 20000000)
        self.expect_closed(wire, 413)

    def test_after_a_refusal_the_peer_may_go_on_for_a_while(self):
        wire = self.wire()
        wire.send(b"POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n")
        self.assertEqual(wire.reply().status, 413)
        begin = time.monotonic()
        with self.assertRaises((BrokenPipeError, ConnectionResetError)):
            while time.monotonic() - begin < 5:
                wire.send(b"x" * 1000)
                time.sleep(0.05)
        self.assertTrue(1.9 <= time.monotonic() - begin <= 3, time.monotonic() - begin)

    def test_gzip_that_is_none_or_cut_or_a_bomb(self):
        packed = gzip.compress(BIG[:5000])
        bomb = gzip.compress(bytes(30 * 1024 * 1024))
        for body, status in ((b"no gzip at all", 400), (packed[:-5], 400), (packed + b"x", 400),
                             (packed[:-8] + bytes(8), 400), (bomb, 413),
                             (zlib.compress(b"zlib, not gzip"), 400)):
            wire = self.wire()
            self.assertEqual(wire.ask("POST", "/tell", body, content_encoding="gzip").status, status)
            self.assertTrue(wire.ends())

    def test_parser_refusals_by_status(self):
        for head, status in (
                (b"POST /echo HTTP/1.1\r\nHost: a\r\n\r\n", 411),
                (b"GET /tell HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17000 + b"\r\n\r\n", 431),
                (b"GET /tell HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 70 + b"\r\n", 431),
                (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
                (b"GET /tell HTTP/2.0\r\nHost: a\r\n\r\n", 505),
                (b"DELETE /tell HTTP/1.1\r\nHost: a\r\n\r\n", 405),
                (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
                 b"Content-Encoding: br\r\n\r\nx", 415),
                (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n", 417),
                (b"GET /tell HTTP/1.1\nHost: a\n\n", 400)):
            with self.subTest(head=head[:40]):
                self.expect_closed(self.wire().send(head + b"GET /tell HTTP/1.1\r\nHost: a\r\n\r\n"),
                                   status)

    def test_tls_on_a_plain_port(self):
        wire = self.wire().send(bytes.fromhex("160301020001000100") + b"\n" * 10)
        self.expect_closed(wire, 400)


class Busy(Case):
    settings = {"workers": 1, "queue": 4}

    def test_a_full_queue(self):
        wires = [self.wire().send("GET /nap HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(9)]
        replies = [w.reply() for w in wires]
        busy = [r for r in replies if r.status == 503]
        self.assertIn(len(busy), (4, 5))  # one runs, maybe it had begun before the queue filled
        self.assertTrue(all(r.fields["retry-after"] == "1" for r in busy))
        self.assertEqual({r.status for r in replies}, {200, 503})
        for wire in wires:                # they keep their connection
            until("served", lambda w=wire: w.ask("GET", "/tell").status == 200)
        self.assertEqual(self.server.counts()["busy"], len(busy))

    def test_other_kinds_of_work_do_not_wait(self):
        wires = [self.wire().send("GET /nap HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(4)]
        begin = time.monotonic()
        self.assertEqual(self.wire().ask("GET", "/healthz").status, 200)
        self.assertLess(time.monotonic() - begin, 0.15)
        for wire in wires:
            wire.reply()


class Fair(Case):
    settings = {"workers": 1, "queue": 8, "proxy": "127.0.0.0/8"}

    def test_who_floods_leaves_others_their_share(self):
        def send(address):
            return self.wire().send("GET /nap HTTP/1.1\r\nHost: a\r\n"
                                    f"X-Forwarded-For: {address}\r\n\r\n")
        flood = [send("203.0.113.1") for _ in range(20)]
        until("the queue is full", lambda: self.server.counts()["busy"] >= 10)
        others = [send(f"203.0.113.{i}") for i in (2, 3)]
        begin = time.monotonic()
        for wire in others:
            reply = wire.reply()
            self.assertEqual(reply.status, 200)
            self.assertLess(time.monotonic() - begin, 1.0)  # turns: not behind the eight of the other
        got = [w.reply().status for w in flood]
        self.assertGreaterEqual(got.count(200), 6)

    def test_the_last_hop_that_is_no_proxy_counts(self):
        for value, address in (("203.0.113.7", "203.0.113.7"),
                               ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
                               ("203.0.113.7, 127.0.0.9", "203.0.113.7"),
                               ("203.0.113.7:4711", "203.0.113.7"),
                               ("[2001:db8::1]:80", "2001:db8::1"), ("2001:DB8::2", "2001:db8::2"),
                               ("rubbish", "127.0.0.1"), ("203.0.113.7, rubbish", "127.0.0.1"),
                               ("203.0.113.7, rubbish, 127.0.0.9", "127.0.0.9"),
                               ("", "127.0.0.1"), ("127.0.0.5", "127.0.0.5"), (",", "127.0.0.1")):
            with self.subTest(value=value):
                facts = self.wire().ask("GET", "/tell", x_forwarded_for=value).facts()
                self.assertEqual((facts["address"], facts["local"]), (address, "1"))
        wire = self.wire().send("GET /tell HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n"
                                "X-Forwarded-For: 203.0.113.9\r\n\r\n")
        self.assertEqual(wire.reply().facts()["address"], "203.0.113.9")


class Deadlines(Case):
    settings = {"head_s": 1, "request_s": 3, "idle_s": 1, "write_s": 1, "body_rate": 1000,
                "large": 400000}

    def expect_end(self, wire, status, least, most):
        begin = time.monotonic()
        if status is None:
            self.assertTrue(wire.ends())
        else:
            self.expect_closed(wire, status)
        self.assertTrue(least <= time.monotonic() - begin <= most, time.monotonic() - begin)

    def test_silence(self):
        self.expect_end(self.wire(), None, 0.9, 2)

    def test_half_a_head(self):
        self.expect_end(self.wire().send("GET /tell HTTP/1.1\r\nHo"), 408, 0.9, 2)

    def test_idle_after_a_request(self):
        wire = self.wire()
        self.assertEqual(wire.ask("GET", "/tell").status, 200)
        self.expect_end(wire, None, 0.9, 2)

    def test_half_a_body(self):
        wire = self.wire().send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        self.expect_end(wire, 408, 0.9, 2)

    def dripping(self, prefix, piece, pause):
        wire = self.wire().send(prefix)
        begin = time.monotonic()
        try:
            while time.monotonic() - begin < 8:
                wire.send(piece)
                wire.socket.settimeout(pause)
                try:
                    reply = wire.reply()
                    return reply.status if reply else None, time.monotonic() - begin
                except TimeoutError:
                    pass
        except (BrokenPipeError, ConnectionResetError):
            return None, time.monotonic() - begin
        return "never", 8

    def test_a_dripping_head(self):
        status, seconds = self.dripping("GET /tell HTTP/1.1\r\n", "X: y\r\n", 0.2)
        self.assertEqual(status, 408)
        self.assertTrue(0.9 <= seconds <= 2, seconds)

    def test_a_dripping_body(self):
        head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
        status, seconds = self.dripping(head, "x" * 100, 0.2)
        self.assertEqual(status, 408)
        self.assertTrue(0.9 <= seconds <= 2, seconds)

    def test_a_body_at_its_rate_but_without_end(self):
        head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
        status, seconds = self.dripping(head, "x" * 1000, 0.2)
        self.assertEqual(status, 408)
        self.assertTrue(2.9 <= seconds <= 4, seconds)

    def test_a_reply_that_is_not_taken(self):
        """1 s, and 1 s more for each 64 kB: 7 s."""
        wire = self.wire(buffer=4096).send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        begin = time.monotonic()
        until("it is there", lambda: self.server.counts()["connections"] == 1)
        until("it is gone", lambda: self.server.counts()["connections"] == 0)
        self.assertTrue(6.9 <= time.monotonic() - begin <= 8, time.monotonic() - begin)
        self.assertIsNone(wire.reply())


class Ends(unittest.TestCase):
    def test_draining_finishes_what_runs_and_takes_nothing_new(self):
        server = Server(workers=2)
        idle, running, halfway = (Wire(server.port) for _ in range(3))
        self.assertEqual(idle.ask("GET", "/tell").status, 200)
        halfway.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        running.send("GET /nap HTTP/1.1\r\nHost: a\r\n\r\n")
        until("it runs", lambda: server.counts()["requests"] == 2)
        server.say("drain")
        self.assertTrue(idle.ends())
        with self.assertRaises(ConnectionRefusedError):
            until("refused", lambda: Wire(server.port).close())
        reply = running.reply()
        self.assertEqual((reply.status, reply.fields["connection"]), (200, "close"))
        reply = halfway.send("llo").reply()
        self.assertEqual((reply.body, reply.fields["connection"]), (b"hello", "close"))
        for wire in (idle, running, halfway):
            wire.close()
        self.assertEqual(server.stop(), 0)

    def test_stopping_beside_every_kind_of_connection(self):
        server = Server(workers=1, loops=2)
        wires = []
        for text in ("", "GET /te", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe",
                     "GET /nap HTTP/1.1\r\nHost: a\r\n\r\n", "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
                     "GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
            for _ in range(5):
                wires.append(Wire(server.port, buffer=4096).send(text))
        until("they are there", lambda: server.counts()["requests"] >= 4)
        thread = threading.Thread(target=lambda: (time.sleep(1), [w.close() for w in wires]))
        thread.start()
        self.assertEqual(server.stop(), 0)
        thread.join()

    def test_the_log(self):
        """Refusals are said with their reason, but only so many a second; nothing of a request."""
        with tempfile.TemporaryFile() as log:
            server = Server(log, verbose=1)
            wire = Wire(server.port)
            for _ in range(200):
                self.assertEqual(wire.ask("GET", "/none", x_secret="canary").status, 404)
            wire.close()
            time.sleep(1)
            with Wire(server.port) as wire:
                wire.send("GET /tell HTTP/1.1\r\nHost: canary\r\nHost: a\r\n\r\n")
                self.assertEqual(wire.reply().status, 400)
            self.assertEqual(server.stop(), 0)
            log.seek(0)
            lines = log.read().decode().splitlines()
        self.assertTrue(10 <= len(lines) <= 41, len(lines))
        self.assertIn('event=request.refused listener="test" address="127.0.0.1" status=404 '
                      'why="no such address here" left_out=0', lines[0])
        left_out = sum(int(line.rsplit("left_out=", 1)[1]) for line in lines)
        self.assertEqual(len(lines) + left_out, 201)
        self.assertIn("status=400", lines[-1])
        self.assertNotIn("canary", "".join(lines))

    def test_room_for_every_body_in_a_file(self):
        """The limit of open files is raised for the connections and a file each."""
        server = Server(soft_files=100, connections=500)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with open(f"/proc/{server.process.pid}/limits", encoding="ascii") as f:
            soft = next(int(line.split()[3]) for line in f if line.startswith("Max open files"))
        self.assertEqual(soft, min(512 + 2 * 500, hard))
        self.assertEqual(server.stop(), 0)

    def test_no_descriptor_left(self):
        """It waits quietly, says so once, and goes on once somebody leaves."""
        log = tempfile.TemporaryFile()
        self.addCleanup(log.close)
        server = Server(log, most_files=48)
        wires = [Wire(server.port) for _ in range(80)]
        until("it is full", lambda: server.files() >= 48)
        cpu = server.cpu_s()
        time.sleep(1)
        self.assertLess(server.cpu_s() - cpu, 0.2)
        log.seek(0)
        self.assertEqual(log.read().count(b"event=listener.paused"), 1)
        for wire in wires[:60]:
            wire.close()
        self.assertEqual(wires[79].ask("GET", "/tell").status, 200)
        for wire in wires[60:]:
            wire.close()
        self.assertEqual(server.stop(), 0)

    def test_caps(self):
        server = Server(connections=10, per_address=6)
        wires = [Wire(server.port) for _ in range(8)]
        until("two are refused", lambda: server.counts()["refused_cap"] == 2)
        self.assertEqual(server.counts()["connections"], 6)
        self.assertTrue(wires[6].ends() and wires[7].ends())
        wires[0].close()
        until("one has left", lambda: server.counts()["connections"] == 5)
        wires.append(Wire(server.port))
        self.assertEqual(wires[-1].ask("GET", "/tell").status, 200)
        for wire in wires:
            wire.close()
        self.assertEqual(server.stop(), 0)


class Crowd(Case):
    settings = {"workers": 4, "loops": 2, "queue": 1000}

    def test_many_at_a_time(self):
        """Each thread its own mix; run under the thread sanitizer, too."""
        failed = []

        def one(seed):
            try:
                for round_ in range(15):
                    with Wire(self.server.port) as wire:
                        for i in range(10):
                            body = b"%d.%d.%d" % (seed, round_, i) * (1 + (i * 7919) % 3000)
                            if wire.ask("POST", "/echo", body).body != body:
                                failed.append((seed, round_, i))
                        wire.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
            except (OSError, AttributeError) as e:
                failed.append((seed, e))
        threads = [threading.Thread(target=one, args=(i,)) for i in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        until("all are gone", lambda: self.server.counts()["connections"] == 0)


if __name__ == "__main__":
    unittest.main()
