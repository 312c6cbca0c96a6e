"""A partner that misbehaves, for the tests of the HTTP client. Started by partner.h.

partner.py FOLDER: listens on 127.0.0.1 with http, https (a certificate for "localhost" signed by
FOLDER/ca.pem) and https that asks for a client certificate; makes the certificates; prints the three
ports on one line; ends when standard input closes. The first word of the path says what it does; a
request that was read whole is counted under its path and told by /count/NAME. Logins are in
partner_login.py.
"""
import email.utils
import gzip
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

import partner_login
import partner_soap

COUNTS = {}
LAST_SOAP = [b""]
LOCK = threading.Lock()


def certificates(folder):
    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("ca", "other_ca"):
        run("req", "-x509", *key, "-keyout", name + ".key", "-out", name + ".pem", "-days", "2",
            "-subj", "/CN=" + name)
    for name, alt in (("server", "DNS:localhost"), ("client", "DNS:client")):
        run("req", *key, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
        with open(os.path.join(folder, name + ".ext"), "w", encoding="ascii") as f:
            f.write("subjectAltName=" + alt + "\n")
        run("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-out", name + ".pem", "-extfile", name + ".ext")
        os.chmod(os.path.join(folder, name + ".key"), 0o600)


def answer(body, status="200 OK", kind="application/json", *lines):
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *lines]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def in_an_hour():
    return email.utils.formatdate(time.time() + 3600, usegmt=True)


PLAIN = {  # path -> the octets of the answer; the connection stays open
    "ok": answer(b'{"ok":1}', "200 OK", "Application/JSON; Charset=utf-8"),
    "html": answer(b"<!DOCTYPE html><html><body>login</body></html>", "200 OK", "text/html"),
    "s401": answer(b"<html>no</html>", "401 Unauthorized", "text/html"),
    "s404": answer(b"no", "404 Not Found", "text/plain"),
    "s409": answer(b"no", "409 Conflict", "text/plain"),
    "s429": answer(b"no", "429 Too Many Requests", "text/plain", "Retry-After: 17"),
    "s500": answer(b"no", "500 Internal Server Error", "text/plain"),
    "s503": answer(b"no", "503 Service Unavailable", "text/plain", "Retry-After: " + in_an_hour()),
    "s503bare": answer(b"no", "503 Service Unavailable", "text/plain"),
    "s302": answer(b"", "302 Found", "text/html", "Location: /ok"),
    "interim": b"HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + answer(b"{}"),
    "gzip": answer(gzip.compress(b"x" * 5000), "200 OK", "text/plain", "Content-Encoding: gzip"),
    "bomb": answer(gzip.compress(b"\0" * 50_000_000), "200 OK", "text/plain",
                   "Content-Encoding: gzip"),
    "badzip": answer(b"this is no gzip at all", "200 OK", "text/plain", "Content-Encoding: gzip"),
    "large": answer(b"x" * 3_000_000, "200 OK", "text/plain"),
    "manyheaders": b"HTTP/1.1 200 OK\r\n" + b"X-Pad: " + b"y" * 1000 + b"\r\n" * 1
                   + (b"X-Pad: " + b"y" * 1000 + b"\r\n") * 100 + b"Content-Length: 0\r\n\r\n",
}
PLAIN.update((name, answer(body, status, kind))
             for name, (status, kind, body) in partner_soap.ANSWERS.items())
LAST = {  # the same, then the connection is closed
    "cut": b"",
    "middle": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 100,
    "inheader": b"HTTP/1.1 200 OK\r\nContent-Le",
    "chunkcut": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n40\r\nabc",
    "badchunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "garbage": b"HTP one point one whatever\r\n\r\nhello",
    "noheader": b"just text, no header at all\n",
}


def read_request(c):
    """Path of the next request, read whole, with its header text; None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = c.recv(65536)
        if not more:
            return None, b"", b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        more = c.recv(65536)
        if not more:
            return None, b"", b""
        body += more
    return head.split(b" ")[1].decode().split("?")[0].strip("/"), head, body


def misbehave(c, name, first):
    """One answer; False when the connection is over."""
    if name in PLAIN:
        c.sendall(PLAIN[name])
        return True
    if name in LAST:
        c.sendall(LAST[name])
        return False
    if name == "never":
        c.recv(1)  # until the other side gives up
        return False
    if name == "drip":
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            c.sendall(b"x")
            time.sleep(0.05)
    if name == "endless":
        c.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            c.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
    if name == "stale":  # answers the first request of a connection, drops the second unanswered
        if first:
            c.sendall(PLAIN["ok"])
        return first
    c.sendall(answer(b"", "400 Bad Request"))
    return True


def count(name):
    with LOCK:
        COUNTS[name] = COUNTS.get(name, 0) + 1


def serve(c, listener):
    first = True
    state = {}
    try:
        while True:
            path, head, body = read_request(c)
            if path is None:
                return
            name = path.split("/")[0]
            if name == "count":
                with LOCK:
                    told = COUNTS.get(path.split("/")[1], 0)
                c.sendall(answer(str(told).encode(), "200 OK", "text/plain"))
            elif name == "last_soap":
                c.sendall(answer(LAST_SOAP[0], "200 OK", "text/plain"))
            elif name == "echo":
                c.sendall(answer(head + b"\n" + body, "200 OK", "text/plain"))
            elif name in ("ntlm", "negotiate", "token", "api", "revoke"):
                if not partner_login.serve(c, state, name, path.split("/")[-1], head, body, answer,
                                           count):
                    return
            else:
                count(name)
                if name == "soap":
                    LAST_SOAP[0] = head + b"\n" + body
                if not misbehave(c, name, first):
                    return
            first = False
    except (OSError, ValueError):
        pass
    finally:
        c.close()


def listen(context=None):
    s = socket.create_server(("127.0.0.1", 0))

    def handle(c):
        if context is not None:
            try:
                c = context.wrap_socket(c, server_side=True)
            except OSError:
                c.close()
                return
        serve(c, s)

    def accept():
        while True:
            c, _ = s.accept()
            threading.Thread(target=handle, args=(c,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return s.getsockname()[1]


def main():
    folder = sys.argv[1]
    certificates(folder)
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    plain.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    strict.load_verify_locations(os.path.join(folder, "ca.pem"))
    strict.verify_mode = ssl.CERT_REQUIRED
    print(listen(), listen(plain), listen(strict), flush=True)
    sys.stdin.read()


main()
