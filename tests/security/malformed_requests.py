#!/usr/bin/python3
"""Malformed requests over a socket: the right status, the end of the connection, and nothing behind
the error is carried out. Each has a twin that differs by the fault alone and is served, so that no
refusal passes for another reason. What hides behind is a request that would be seen if it ran: the
server counts those it hands to workers."""
import unittest

from server_under_test import Server, Wire

HIDDEN = b"POST /tell/hidden HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
BASE = b"POST /tell HTTP/1.1\r\nHost: a\r\n"


def post(fields, body=b""):
    return BASE + fields + b"\r\n" + body


def length(body):
    return post(b"Content-Length: %d\r\n" % len(body), body)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
GOOD_CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"

# name, bad bytes, status, its twin
CASES = [
    ("two lengths that differ", post(b"Content-Length: 5\r\nContent-Length: 0\r\n", b"hello"), 400,
     length(b"hello")),
    ("two equal lengths", post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"), 400,
     length(b"hello")),
    ("a list of lengths", post(b"Content-Length: 5, 5\r\n", b"hello"), 400, length(b"hello")),
    ("a signed length", post(b"Content-Length: +5\r\n", b"hello"), 400, length(b"hello")),
    ("a negative length", post(b"Content-Length: -5\r\n", b"hello"), 400, length(b"hello")),
    ("a hexadecimal length", post(b"Content-Length: 0x5\r\n", b"hello"), 400, length(b"hello")),
    ("a length beyond 64 bits", post(b"Content-Length: 18446744073709551621\r\n", b"hello"), 400,
     length(b"hello")),
    ("a blank before the colon", post(b"Content-Length : 5\r\n", b"hello"), 400, length(b"hello")),
    ("length and chunks (CL.TE)", post(b"Content-Length: 5\r\n" + CHUNKED, GOOD_CHUNKS), 400,
     post(CHUNKED, GOOD_CHUNKS)),
    ("chunks and length (TE.CL)", post(CHUNKED + b"Content-Length: 5\r\n", b"0\r\n\r\n"), 400,
     post(CHUNKED, b"0\r\n\r\n")),
    ("chunked twice", post(CHUNKED + CHUNKED, GOOD_CHUNKS), 400, post(CHUNKED, GOOD_CHUNKS)),
    ("another coding before", post(b"Transfer-Encoding: gzip, chunked\r\n", GOOD_CHUNKS), 501,
     post(CHUNKED, GOOD_CHUNKS)),
    ("chunked misspelt (TE.TE)", post(b"Transfer-Encoding: xchunked\r\n", GOOD_CHUNKS), 501,
     post(CHUNKED, GOOD_CHUNKS)),
    ("chunked with a tab", post(b"Transfer-Encoding: \x0bchunked\r\n", GOOD_CHUNKS), 400,
     post(CHUNKED, GOOD_CHUNKS)),
    ("chunked folded", post(b"Transfer-Encoding:\r\n chunked\r\n", GOOD_CHUNKS), 501,
     post(CHUNKED, GOOD_CHUNKS)),
    ("chunks of HTTP/1.0", b"POST /tell HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n" + CHUNKED +
     b"\r\n" + GOOD_CHUNKS, 400, post(CHUNKED, GOOD_CHUNKS)),
    ("a chunk size with 0x", post(CHUNKED, b"0x5\r\nhello\r\n0\r\n\r\n"), 400,
     post(CHUNKED, GOOD_CHUNKS)),
    ("a chunk size that overflows", post(CHUNKED, b"10000000000000005\r\nhello\r\n0\r\n\r\n"), 400,
     post(CHUNKED, b"0000000000000005\r\nhello\r\n0\r\n\r\n")),
    ("a chunk that is longer than it says", post(CHUNKED, b"4\r\nhello\r\n0\r\n\r\n"), 400,
     post(CHUNKED, GOOD_CHUNKS)),
    ("a chunk size ended by LF", post(CHUNKED, b"5\nhello\r\n0\r\n\r\n"), 400,
     post(CHUNKED, GOOD_CHUNKS)),
    ("a chunk extension with a CR", post(CHUNKED, b"5;a=\rb\r\nhello\r\n0\r\n\r\n"), 400,
     post(CHUNKED, b"5;a=b\r\nhello\r\n0\r\n\r\n")),
    ("lines ended by LF", b"POST /tell HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello", 400,
     length(b"hello")),
    ("one line ended by LF", post(b"X: y\nContent-Length: 5\r\n", b"hello"), 400,
     post(b"X: y\r\nContent-Length: 5\r\n", b"hello")),
    ("a CR in a value", post(b"X: y\rContent-Length: 5\r\nContent-Length: 0\r\n"), 400,
     post(b"X: y\r\nContent-Length: 0\r\n")),
    ("a NUL in a value", post(b"X: \0\r\nContent-Length: 0\r\n"), 400,
     post(b"X: 0\r\nContent-Length: 0\r\n")),
    ("folding", post(b"X: y\r\n z\r\nContent-Length: 0\r\n"), 400,
     post(b"X: y z\r\nContent-Length: 0\r\n")),
    ("no host", b"POST /tell HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400, length(b"")),
    ("two hosts", post(b"Host: b\r\nContent-Length: 0\r\n"), 400, length(b"")),
    ("two logins", post(b"Authorization: Basic YTpi\r\nAuthorization: Basic YTpj\r\n"
                        b"Content-Length: 0\r\n"), 400,
     post(b"Authorization: Basic YTpi\r\nContent-Length: 0\r\n")),
    ("a name with a blank", post(b"X y: z\r\nContent-Length: 0\r\n"), 400,
     post(b"Xy: z\r\nContent-Length: 0\r\n")),
    ("an encoded NUL in the path", b"POST /tell/%00 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
     400, b"POST /tell/%30 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    ("a way up in the path", b"POST /tell/../x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400,
     b"POST /tell/.../x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
    ("a body of GET", b"GET /tell HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 400,
     b"GET /tell HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("no length", b"POST /tell HTTP/1.1\r\nHost: a\r\n\r\n", 411, length(b"")),
    ("a version that is none", b"POST /tell HTTP/1.10\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400,
     length(b"")),
    ("two blanks in the request line",
     b"POST  /tell HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 400, length(b"")),
]


class Malformed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        if cls.server.stop() != 0:
            raise AssertionError("the server did not end well")

    def pieces(self, data):
        """At once; then in two, parted where most parsers go wrong."""
        yield [data + HIDDEN]
        yield [data[:len(BASE) + 3], data[len(BASE) + 3:] + HIDDEN]
        yield [data[:-1], data[-1:] + HIDDEN]

    def refused(self, name, data, status):
        for pieces in self.pieces(data):
            before = self.server.counts()["requests"]
            with self.subTest(name=name, pieces=len(pieces)), Wire(self.server.port) as wire:
                reply = None
                try:
                    for piece in pieces:
                        wire.send(piece)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it has refused already
                reply = wire.reply()
                self.assertIsNotNone(reply, "closed without a reply")
                self.assertEqual(reply.status, status)
                self.assertEqual(reply.fields["connection"], "close")
                self.assertTrue(wire.ends())
                self.assertEqual(self.server.counts()["requests"], before, "something was run")

    def served(self, name, data):
        before = self.server.counts()["requests"]
        with self.subTest(name="twin of: " + name), Wire(self.server.port) as wire:
            wire.send(data + HIDDEN)
            self.assertEqual(wire.reply().status, 200)
            reply = wire.reply()
            self.assertEqual(reply.facts()["path"], "/tell/hidden")
            self.assertEqual(self.server.counts()["requests"], before + 2)

    def test_each_and_its_twin(self):
        for name, bad, status, twin in CASES:
            self.refused(name, bad, status)
            self.served(name, twin)

    def test_a_body_is_no_request(self):
        """Exactly as many octets as the length says belong to the body, whatever they look like."""
        before = self.server.counts()["requests"]
        with Wire(self.server.port) as wire:
            facts = wire.send(length(HIDDEN)).reply().facts()
            self.assertEqual(facts["length"], str(len(HIDDEN)))
        self.assertEqual(self.server.counts()["requests"], before + 1)

    def test_a_request_behind_a_refused_route_with_its_body(self):
        """The body that is skipped is exactly the body: what follows is the next request."""
        with Wire(self.server.port) as wire:
            wire.send(b"POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) +
                      HIDDEN + b"GET /tell/next HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertEqual(wire.reply().status, 404)
            self.assertEqual(wire.reply().facts()["path"], "/tell/next")


if __name__ == "__main__":
    unittest.main()
