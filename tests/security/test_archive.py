#!/usr/bin/python3
"""The archive against customers that mean ill: paths, methods, ranges, conditions, names of files and
titles that senders chose, tokens. Each refusal has a twin that differs by the attack alone and is
served."""
import os
import re
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "flow"))
import kontor_under_test as kut  # noqa: E402
from archive_under_test import SCOPE, Archive, pdf, sha256  # noqa: E402
from kontor_under_test import wait_for  # noqa: E402

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&lt;"


class Attacks(Archive):
    docs = {"head_timeout": "5s"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content = pdf("served")
        cls.push(cls.content, id="DOC", version="1", type="data_sheet", fileName="a.pdf")
        cls.path = f"/d/{SCOPE}/DOC/1"

    def tearDown(self):
        """Whatever came: nothing broke, nothing is left open, the others are served."""
        wait_for("no content is open", lambda: not self.open_contents(), alive=[self.node])
        self.assertEqual(self.ask(self.path).body, self.content)
        self.assertNotIn("broken invariant", self.node.text())

    def open_contents(self):
        folder = f"/proc/{self.node.process.pid}/fd"
        found = []
        for fd in os.listdir(folder):
            try:
                found.append(os.readlink(os.path.join(folder, fd)))
            except FileNotFoundError:
                pass
        return [path for path in found if path.startswith(self.blobs)]

    def raw(self, octets):
        """What comes back for these octets, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(octets if isinstance(octets, bytes) else octets.encode())
            line.shutdown(socket.SHUT_WR)
            got = b""
            while piece := line.recv(65536):
                got += piece
        return got

    def status(self, target, method="GET", fields=""):
        got = self.raw(f"{method} {target} HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n")
        return int(got.split(b" ", 2)[1])

    # ---- where

    def test_paths(self):
        self.assertEqual(self.status(self.path), 200)
        self.assertEqual(self.status(f"/d/{SCOPE}/%44OC/%31"), 200)
        self.assertEqual(self.status(f"/d/{SCOPE}/~44OC/~31"), 200)
        refused = {400: ("/d/%2e%2e/x", "/d/../x", "/d/x/..", "/d/x/.;a/1", "/d/x%2f..%2fetc/1",
                         "/d/x%5cy/1", "/d/x%00/1", "/d/x%0d%0aSet-Cookie:a/1", "/d/%/1", "/d/%4/1",
                         "/d/a b/1", "/d/\\x/1", "/o/%2e%2e/x", "/o/..;/x"),
                   404: ("/d/%252e%252e/x", "/d/x%252f..%252fetc/1", "/d/~2E~2E/~2E~2E/1",
                         "/d/~2Fetc~2Fpasswd/x/1", "/d/~2E~2E~2F~2E~2E/x/1", "/d/~00/x/1",
                         "/d/~C0~AF/x/1", "/d/~/x/1", "/d/x/~FF/1", "/D/x/y", "/d", "/o",
                         f"/d/{SCOPE}/DOC/1/", f"/d/{SCOPE}/DOC/1~00", f"/d//{SCOPE}/DOC/1",
                         f"/d/{SCOPE}/DOC%20/1", f"/d/{SCOPE}/doc/1", f"/d/{SCOPE}%7CDOC%7C1/x/1",
                         f"/d/{SCOPE}/DOC%7C1/", f"/d/{SCOPE}/DOC%7C1", f"/d/{SCOPE}/DO%25/1",
                         f"/d/{SCOPE}/DO_/1", f"/d/{SCOPE}/D*/1", f"/d/{SCOPE}/DOC'--/1",
                         "/d/" + "/".join("x" * 40), "/blobs/", "/", "/d/" + "a" * 3000 + "/1"),
                   414: ("/d/" + "a" * 5000,)}
        for status, targets in refused.items():
            for target in targets:
                self.assertEqual(self.status(target), status, target)
        digest = sha256(self.content)
        for target in (f"/d/{digest[:2]}/{digest}", f"/o/{digest}", f"/o/x/{digest}",
                       f"/d/{SCOPE}/DOC/1?sha256=../../{digest[:2]}/{digest}",
                       f"/d/{SCOPE}/NONE/1?sha256={digest}"):
            self.assertEqual(self.status(target), 404, target)
        self.assertEqual(self.status(self.path + "?sha256=" + digest), 200)

    def test_methods(self):
        self.assertEqual(self.status(self.path, "HEAD"), 200)
        for method, status in (("POST", 405), ("PUT", 405), ("DELETE", 405), ("PATCH", 405),
                               ("OPTIONS", 405), ("TRACE", 405), ("get", 501), ("PROPFIND", 501)):
            length = "Content-Length: 0\r\n" if method == "POST" else ""
            for path in (self.path, "/o/" + "A" * 22):
                self.assertEqual(self.status(path, method, length), status, method)
        self.assertEqual(self.status(self.path, "GET", "Content-Length: 1\r\n"), 400)

    def test_other_roles(self):
        for path in (self.path, f"/d/{SCOPE}/DOC", "/o/" + "A" * 22):
            self.assertEqual(self.ask(path, port=self.push_port).status, 404)
        for path in ("/soap/push", "/healthz", "/readyz", "/metrics", "/webhook/shop"):
            self.assertEqual(self.ask(path).status, 404)

    # ---- which part

    def test_ranges(self):
        n = len(self.content)
        for spec, status in (
                ("bytes=0-0", 206), ("bytes=-1", 206), (f"bytes={n - 1}-", 206), ("bytes=-0", 416),
                (f"bytes={n}-", 416), ("bytes=18446744073709551615-", 416),
                ("bytes=18446744073709551616-18446744073709551617", 416),
                ("bytes=0-18446744073709551616", 206), ("bytes=-18446744073709551616", 206),
                ("bytes=9223372036854775807-9223372036854775808", 416), ("bytes=1-0", 200),
                ("bytes=--1", 200), ("bytes=-1-", 200), ("bytes=0x0-1", 200), ("bytes=1e1-", 200),
                ("bytes=٠-١", 200), ("bytes", 200), ("bytes=,", 200), ("bytes=0-0,", 200),
                ("bytes=" + ",".join(["0-"] * 3000), 200), ("bytes=0-,0-,0-", 200),
                ("bytes=" + "0" * 8000 + "1-", 206)):
            got = self.raw((f"GET {self.path} HTTP/1.1\r\nHost: x\r\nRange: {spec}\r\n"
                            "Connection: close\r\n\r\n"))
            self.assertEqual(int(got.split(b" ", 2)[1]), status, spec[:60])
            self.assertLess(len(got), n + 2000, spec[:60])
        many = "Range: bytes=0-0\r\n" * 50
        self.assertEqual(self.status(self.path, fields=many), 206)
        self.assertEqual(self.status(self.path, fields='If-None-Match: "' + "x" * 9000 + '"\r\n'), 200)
        tags = ",".join(['"x"'] * 3000)
        self.assertEqual(self.status(self.path, fields=f"If-None-Match: {tags}\r\n"), 200)

    # ---- what senders chose

    def test_names_of_files(self):
        names = ["a\"; filename=\"evil.pdf", "a\nSet-Cookie: x=1.pdf", "a\r\n\r\n<b>.pdf",
                 "../../../etc/passwd.pdf", "C:\\a\\b.pdf", "Prüfung ☃.pdf", "\u202efdp.exe.pdf",
                 "a\u2028b.pdf", "%2e%2e%2f%0d%0aX: y.pdf", ".pdf", "..pdf", "x" * 251 + ".pdf",
                 "☃" * 250 + ".pdf", "<img src=x onerror=alert(1)>.pdf", "a\\\".pdf", "a;b=c,d.pdf"]
        for number, name in enumerate(names):
            self.push(pdf(f"name {number}"), id=f"NAME{number}", version="1", type="data_sheet",
                      fileName=name)
            got = self.ask(f"/d/{SCOPE}/NAME{number}/1")
            self.assertEqual(got.body, pdf(f"name {number}"))
            self.assertNotIn("set-cookie", got.fields)
            value = got.fields["content-disposition"]
            self.assertRegex(value, r'\Aattachment; filename="[ !#-$&-\[\]-~]+\.pdf"'
                                    r"(; filename\*=UTF-8''[A-Za-z0-9._%-]+\.pdf)?\Z", name)
            self.assertNotRegex(value, r"(?i)%E2%80%AE|%2F|%5C|%0D|%0A|%00", name)
            self.assertLess(len(value), 600)

    def test_texts_are_never_markup(self):
        self.push(pdf("evil"), id="EVIL<b>", version="<i>1", type="data_sheet", fileName=EVIL,
                  titles=self.titles(de=EVIL, en=EVIL), variants=self.ids("V<u>"))
        base = f"/d/{SCOPE}/EVIL~3Cb~3E"
        for language in ("de", "en"):
            got = self.ask(base, Accept_Language=language)
            self.assertEqual(got.status, 200)
            self.assertIn(EVIL, got.text)
            tags = set(re.findall(r"<([a-z0-9]+)", got.page))
            self.assertLessEqual(tags, {"html", "head", "meta", "title", "style", "body", "main",
                                        "h1", "p", "div", "strong", "span", "bdi", "a"})
            self.assertEqual(re.findall(r"\son\w+\s*=(?![^<]*</bdi>|[^<]*</title>)", got.page), [])
        self.assertIn(base + "/~3Ci~3E1", got.links)
        self.assertEqual(self.ask(base + "/~3Ci~3E1").body, pdf("evil"))

    def test_languages(self):
        for value in ("de;q=" + "9" * 9000, ";" * 9000, "," * 9000, "de;q=1;q=0;q=", "*", "de-" * 900):
            self.assertEqual(self.ask(f"/d/{SCOPE}/DOC", Accept_Language=value).status, 200)

    # ---- who

    def test_guessing_tokens_tells_nothing(self):
        nothing = self.ask("/o/" + "A" * 22)
        self.assertEqual(nothing.status, 404)
        for token in ("B" * 22, "A" * 21, "A" * 23, "-" * 22, "_" * 22, "'" + "A" * 21, "A", "0"):
            for tail in ("", "/", "/" + sha256(self.content), "/x"):
                got = self.ask("/o/" + token + tail)
                self.assertEqual((got.status, got.body), (404, nothing.body), token + tail)
                self.assertEqual(set(got.fields.items()) - {("date", got.fields["date"])},
                                 set(nothing.fields.items()) - {("date", nothing.fields["date"])})
        self.assertEqual(nothing.fields["cache-control"], "no-store")


if __name__ == "__main__":
    kut.main()
