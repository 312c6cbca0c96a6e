#!/usr/bin/python3
"""The archive as customers meet it: versions of documents, the documents of their order, files whole
and in parts; what is damaged is held back and named; slow readers cost no memory."""
import http.client
import os
import socket
import time

import kontor_under_test as kut
from archive_under_test import KIND, SCOPE, Archive, pdf, sha256
from kontor_under_test import wait_for

POLICY = "sandbox; default-src 'none'"


class Versions(Archive):
    """Everybody's pages: no order is needed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old, cls.new, cls.wrong = pdf("version 1"), pdf("version 2"), pdf("version 2, misprint")
        common = {"id": "10/DRW", "type": KIND, "variants": cls.ids("X-1"),
                  "titles": cls.titles(de="Konformität <b>TV</b>", en="Conformity TV")}
        cls.push(cls.old, version="1", validFrom="2020-01-01", validUntil="2021-12-31",
                 languages=cls.ids("de", "en"), markets=cls.ids("DE", "AT"),
                 fileName="Konformität \"TV\".pdf", **common)
        cls.push(cls.wrong, version="2", validFrom="2022-01-01", **common)
        cls.push(cls.new, version="2", validFrom="2022-01-01", **common)
        cls.push(pdf("version 3"), version="3", validFrom="2999-01-01", **common)
        cls.push(pdf("internal"), id="SECRET", version="1", type="internal_report")
        cls.push(pdf("without version"), id="PLAIN", type="data_sheet")
        cls.base = f"/d/{SCOPE}/10~2FDRW"

    def test_the_page_names_every_version_with_its_days(self):
        got = self.ask(self.base, Accept_Language="de")
        self.assertEqual(got.status, 200)
        self.assertEqual(got.fields["content-type"], "text/html; charset=utf-8")
        self.assertEqual(got.fields["referrer-policy"], "no-referrer")
        self.assertIn("default-src 'none'", got.fields["content-security-policy"])
        self.assertNotIn("set-cookie", got.fields)
        self.assertNotIn("<script", got.page)
        self.assertIn("Konformität <b>TV</b>", got.text)        # as text, not as markup
        self.assertNotIn("<b>", got.page)
        self.assertIn("Version 1 nicht mehr gültig gültig vom 01.01.2020 bis 31.12.2021 · "
                      "Sprache DE, EN · Für AT, DE", got.text)
        self.assertIn("Version 2 aktuell gültig ab 01.01.2022", got.text)
        self.assertLess(got.text.index("Version 2"), got.text.index("Version 1"))
        self.assertNotIn("Version 3", got.text)                  # its day has not come
        self.assertIn('lang="de"', got.page)
        english = self.ask(self.base, Accept_Language="en-GB,de;q=0.5")
        self.assertIn("Conformity TV", english.text)
        self.assertIn("valid from 1 Jan 2020 to 31 Dec 2021", english.text)
        for link in got.links:
            self.assertEqual(self.ask(link).status, 200, link)

    def test_a_file_byte_for_byte(self):
        got = self.ask(self.base + "/1")
        self.assertEqual((got.status, got.body), (200, self.old))
        self.assertEqual(got.fields["content-type"], "application/pdf")
        self.assertEqual(got.fields["content-length"], str(len(self.old)))
        self.assertEqual(got.fields["etag"], f'"{sha256(self.old)}"')
        self.assertEqual(got.fields["x-content-type-options"], "nosniff")
        self.assertEqual(got.fields["content-security-policy"], POLICY)
        self.assertEqual(got.fields["cache-control"], "public, no-cache")
        self.assertEqual(got.fields["content-disposition"],
                         'attachment; filename="Konformit__t _TV_.pdf"; '
                         "filename*=UTF-8''Konformit%C3%A4t%20_TV_.pdf")
        head = self.ask(self.base + "/1", "HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.fields["content-length"], str(len(self.old)))

    def test_an_earlier_content_of_a_version(self):
        self.assertEqual(self.ask(self.base + "/2").body, self.new)
        earlier = self.ask(f"{self.base}/2?sha256={sha256(self.wrong)}")
        self.assertEqual((earlier.status, earlier.body), (200, self.wrong))
        self.assertIn("immutable", earlier.fields["cache-control"])
        self.assertEqual(self.ask(f"{self.base}/2?utm_source=x").body, self.new)
        for query in (sha256(self.old), "0" * 64, "", "..", sha256(self.wrong)[:-1],
                      sha256(self.wrong).upper()):
            self.assertEqual(self.ask(f"{self.base}/2?sha256={query}").status, 404, query)
        self.assertIn(f"{self.base}/2?sha256={sha256(self.wrong)}", self.ask(self.base).links)

    def test_what_is_not_for_everybody_is_not_there(self):
        nothing = self.ask(f"/d/{SCOPE}/NONE/1")
        self.assertEqual(nothing.status, 404)
        for path in (f"/d/{SCOPE}/SECRET", f"/d/{SCOPE}/SECRET/1", self.base + "/3",
                     f"/d/{SCOPE}/SECRET/1?sha256={sha256(pdf('internal'))}", "/d/", "/d/x",
                     "/d//", f"/d/{SCOPE}/", f"/d/{SCOPE}//1", f"{self.base}/1/2", "/d/a/b/c/d/e",
                     "/o/", "/d/kts-1/10~2FDRW/1", f"/d/{SCOPE}/{'x' * 500}/1"):
            got = self.ask(path)
            self.assertEqual((got.status, got.body), (404, nothing.body), path)

    def test_a_document_without_versions(self):
        got = self.ask(f"/d/{SCOPE}/PLAIN/")
        self.assertEqual((got.status, got.body), (200, pdf("without version")))
        self.assertIn(f"/d/{SCOPE}/PLAIN/", self.ask(f"/d/{SCOPE}/PLAIN").links)

    def test_what_its_source_deletes_stays(self):
        content = pdf("gone tomorrow")
        self.push(content, id="GONE", version="1", type="data_sheet", validFrom="2020-01-01")
        self.push(id="GONE", version="1", deleted=True)
        self.assertEqual(self.ask(f"/d/{SCOPE}/GONE/1").body, content)
        self.assertIn("withdrawn", self.ask(f"/d/{SCOPE}/GONE", Accept_Language="en").text)

    def test_replaced_by_a_newer_one(self):
        common = {"id": "OPEN", "type": "data_sheet", "variants": self.ids("X-2")}
        self.push(pdf("open 1"), version="1", validFrom="2020-01-01", **common)
        self.push(pdf("open 2"), version="2", validFrom="2021-01-01", supersedes="1", **common)
        text = self.ask(f"/d/{SCOPE}/OPEN", Accept_Language="en").text
        self.assertIn("Version 1 replaced by a newer version", text)
        self.assertIn("Version 2 current", text)

    def test_conditions_and_ranges(self):
        path, tag = self.base + "/1", f'"{sha256(self.old)}"'
        same = self.ask(path, If_None_Match=f'"x", W/{tag}')
        self.assertEqual((same.status, same.body, same.fields["etag"]), (304, b"", tag))
        self.assertEqual(self.ask(path, If_None_Match='"x"').status, 200)
        self.assertEqual(self.ask(path, If_Match='"x"').status, 412)
        part = self.ask(path, Range="bytes=5-9")
        self.assertEqual((part.status, part.body), (206, self.old[5:10]))
        self.assertEqual(part.fields["content-range"], f"bytes 5-9/{len(self.old)}")
        self.assertEqual(self.ask(path, Range="bytes=-7").body, self.old[-7:])
        self.assertEqual(self.ask(path, Range="bytes=7-", If_Range=tag).body, self.old[7:])
        self.assertEqual(self.ask(path, Range="bytes=7-", If_Range='"x"').body, self.old)
        beyond = self.ask(path, Range=f"bytes={len(self.old)}-")
        self.assertEqual((beyond.status, beyond.body), (416, b""))
        self.assertEqual(beyond.fields["content-range"], f"bytes */{len(self.old)}")
        several = self.ask(path, Range="bytes=0-0,5-9")
        self.assertEqual((several.status, several.body), (200, self.old))
        self.assertEqual(self.ask(path, "HEAD", Range="bytes=0-0").status, 200)

    def test_a_damaged_content_is_held_back_and_named(self):
        content, path = pdf("soon damaged"), f"/d/{SCOPE}/BAD/1"
        self.push(content, id="BAD", version="1", type="data_sheet")
        name = sha256(content)
        file = os.path.join(self.blobs, name[:2], name)
        with open(file, "r+b") as blob:
            blob.seek(20)
            blob.write(b"!")
        got = self.ask(path, Accept_Language="en")
        self.assertEqual(got.status, 503)
        self.assertIn("held back", got.text)
        self.assertEqual(self.ask(path, "HEAD").status, 503)
        self.assertEqual(self.ask(path, Range="bytes=0-3").status, 503)
        x = self.kontor.exception("BLOB_DAMAGED")
        self.assertEqual((x["subject"], x["endpoint"], x["key"]),
                         ("document", SCOPE, f"{SCOPE}|BAD|1 content {name}"))
        self.assertEqual(x["times"], 1)                  # asking again writes nothing
        self.assertEqual(self.node.text().count("event=archive.damaged"), 1)
        self.assertEqual(self.ask(self.base + "/1").body, self.old)     # the others are there
        os.remove(file)
        self.assertEqual(self.ask(path).status, 503)
        with open(file, "wb") as blob:
            blob.write(content)
        self.assertEqual(self.ask(path).body, content)
        self.assertIsNone(self.kontor.exception("BLOB_DAMAGED"))
        self.push(self.old, id="BAD", version="1", type="data_sheet")   # under the same number
        with open(file, "r+b") as blob:
            blob.write(b"!")
        self.assertEqual(self.ask(f"{path}?sha256={name}").status, 503)
        self.assertEqual(self.ask(path).body, self.old)     # which heals nothing
        self.assertIsNotNone(self.kontor.exception("BLOB_DAMAGED"))

    def test_these_pages_are_nowhere_else(self):
        for path in (self.base, self.base + "/1", "/o/x"):
            self.assertEqual(self.ask(path, port=self.push_port).status, 404)
        self.assertEqual(self.ask("/soap/push").status, 404)


class Orders(Archive):
    """From an article's document to the link in the shop's order."""
    more = {"log__level": "debug"}

    @classmethod
    def serve(cls):
        cls.clock = os.path.join(cls.folder, "clock")
        kut.set_clock(cls.clock, 0)
        super().serve(KT_CLOCK_FILE=cls.clock)

    def order(self, sku):
        """A sound order of this one article, placed and told."""
        goods = [g for g in self.goods if g.sku == sku]
        placed, = self.place(*kut.orders.make_orders(goods, 1, seed=3, plain=True))
        self.wait_told([placed], self.node)
        return placed

    def wait_valid(self, *contents):
        want = {sha256(c) for c in contents}
        wait_for("valid answers", lambda: want <= set(self.bound("valid")), alive=[self.node])

    def test_shown_and_valid(self):
        sku = self.goods[0].sku
        first, second = pdf("first"), pdf("second")
        common = {"id": "DOC", "type": KIND, "variants": self.ids(sku)}
        self.push(first, version="1", validFrom="2020-01-01", fileName="first.pdf", **common)
        self.push(pdf("internal of " + sku), id="INT", version="1", type="internal_report",
                  variants=self.ids(sku))
        self.wait_shown(sku, first)
        placed = self.order(sku)
        self.wait_valid(first)
        link = self.link_of(placed)
        page = self.ask(link, Accept_Language="en")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.fields["cache-control"], "private, no-store")
        self.assertEqual(page.fields["referrer-policy"], "no-referrer")
        self.assertIn("noindex", page.fields["x-robots-tag"])
        self.assertIn("Shown when you ordered, and valid for your order", page.text)
        self.assertIn(sku, page.text)
        self.assertNotIn("This differs", page.text)
        self.assertNotIn("internal", page.text)
        self.assertEqual(self.ask(f"{link}/{sha256(pdf('internal of ' + sku))}").status, 404)
        address = self.shop_order(placed)["billing"]
        for name in ("last_name", "email", "address_1", "postcode", "city"):
            self.assertNotIn(address[name], page.text)
        file, = page.links
        self.assertEqual(file, f"{link}/{sha256(first)}")
        got = self.ask(file)
        self.assertEqual((got.status, got.body), (200, first))
        self.assertEqual(got.fields["content-disposition"], 'attachment; filename="first.pdf"')
        self.assertEqual(got.fields["cache-control"], "private, no-store")
        self.assertEqual(self.ask(file, Range="bytes=0-3").body, first[:4])
        self.assertIn("Dokumente zu Ihrer Bestellung", self.ask(link).text)   # the order's language
        self.correct_late(link, sku, common, first, second)
        self.delete_all(link, common, first, second)

    def correct_late(self, link, sku, common, first, second):
        """A version that was valid by then comes later: both are there, and it says so."""
        self.push(second, version="2", validFrom="2021-01-01", supersedes="1", **common)
        self.wait_valid(second)
        page = self.ask(link, Accept_Language="en")
        self.assertIn("This differs", page.text)
        self.assertIn("Shown when you ordered", page.text)
        self.assertIn("Valid for your order", page.text)
        self.assertEqual(page.links, [f"{link}/{sha256(first)}", f"{link}/{sha256(second)}"])
        self.assertEqual(self.ask(page.links[0]).body, first)
        self.assertEqual(self.ask(page.links[1]).body, second)
        self.wait_shown(sku, second)

    def delete_all(self, link, common, first, second):
        """What the ERP deletes stays for the order."""
        for version in ("1", "2"):
            self.push(id=common["id"], version=version, deleted=True)
        self.assertEqual(self.ask(f"{link}/{sha256(first)}").body, first)
        self.assertEqual(self.ask(f"{link}/{sha256(second)}").body, second)

    def test_tokens_are_alone_with_their_order(self):
        sku = self.goods[1].sku
        content = pdf("of the second article")
        self.push(content, id="DOC2", version="1", type=KIND, variants=self.ids(sku))
        self.wait_shown(sku, content)
        link = self.link_of(self.order(sku))
        other = self.goods[2].sku
        foreign = pdf("of the third article")
        self.push(foreign, id="DOC3", version="1", type=KIND, variants=self.ids(other))
        self.wait_shown(other, foreign)
        other_link = self.link_of(self.order(other))
        self.assertEqual(self.ask(f"{link}/{sha256(content)}").body, content)
        self.assertEqual(self.ask(f"{link}/{sha256(foreign)}").status, 404)
        self.assertEqual(self.ask(f"{other_link}/{sha256(content)}").status, 404)
        nothing = self.ask("/o/" + "A" * 22, Accept_Language="en")
        token = link.removeprefix("/o/")
        for wrong in (token[:-1], token + "A", token.swapcase(), token[::-1], "x" * 4000, "~41",
                      token[:-1] + ("A" if token[-1] != "A" else "B"), token + "/" + "0" * 64,
                      token + "/", token + "/x/y", "~00", "."):
            got = self.ask("/o/" + wrong, Accept_Language="en")
            self.assertIn(got.status, (404, 400), wrong)
            if got.status == 404:
                self.assertEqual(got.body, nothing.body, wrong)
                self.assertEqual(set(got.fields) - {"date"}, set(nothing.fields) - {"date"})
        log = self.node.text()          # it has the requests, but not the token
        self.assertIn('event=request.answered listener="docs"', log)
        self.assertNotIn(token, log)
        self.expire(link, token, nothing)

    def expire(self, link, token, nothing):
        try:
            kut.set_clock(self.clock, 89 * 86400)
            self.assertEqual(self.ask(link).status, 200)
            kut.set_clock(self.clock, 91 * 86400)
            got = self.ask(link, Accept_Language="en")
            self.assertEqual((got.status, got.body), (404, nothing.body))
        finally:
            kut.set_clock(self.clock, 0)


class Large(Archive):
    """A large content, and customers with small windows."""
    SIZE = 20 * 1024 * 1024
    is_tls = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.content = pdf("large", cls.SIZE)
        cls.push(cls.content, id="LARGE", version="1", type="data_sheet")
        cls.path = f"/d/{SCOPE}/LARGE/1"

    @classmethod
    def make_kontor(cls):
        if cls.is_tls:
            cert, key = kut.make_certificate(cls.folder, "docs")
            cls.docs = {**cls.docs, "certificate": cert, "key": key}
        return super().make_kontor()

    @classmethod
    def line_to(cls, port):
        if not cls.is_tls or port != cls.port:
            return super().line_to(port)
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=60,
                                           context=kut.trusting_nobody())

    def begin(self):
        """A connection with a small window that has asked for the file."""
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        line.settimeout(60)
        line.connect(("127.0.0.1", self.port))
        if self.is_tls:
            line = kut.trusting_nobody().wrap_socket(line)
        line.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        self.addCleanup(line.close)
        return line

    def rss_kb(self):
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def open_files(self):
        folder = f"/proc/{self.node.process.pid}/fd"
        found = 0
        for fd in os.listdir(folder):
            try:
                found += os.readlink(os.path.join(folder, fd)).startswith(self.blobs)
            except FileNotFoundError:
                pass
        return found


class Slow(Large):
    docs = {"write_timeout": "60s"}

    def test_a_hundred_slow_readers_cost_no_memory(self):
        self.assertEqual(self.ask(self.path).body, self.content)
        before = self.rss_kb()
        lines = [self.begin() for _ in range(100)]
        whole, most = bytearray(), 0
        for _ in range(10):             # all of them take a little, again and again
            for line in lines:
                piece = line.recv(65536)
                self.assertTrue(piece)
                if line is lines[0]:
                    whole += piece
            most = max(most, self.rss_kb())
        self.assertEqual(self.open_files(), 100)
        while piece := lines[0].recv(1 << 20):
            whole += piece
        self.assertEqual(whole.partition(b"\r\n\r\n")[2], self.content)
        self.assertLess(most - before, 40 * 1024, f"{before} kB, {most} kB")

    def test_no_descriptor_is_left(self):
        for fields in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"},
                       {"If_None_Match": f'"{sha256(self.content)}"'}):
            self.ask(self.path, **fields)
            self.ask(self.path, "HEAD", **fields)
        line = self.begin()
        line.recv(1000)
        line.close()
        wait_for("no file of the archive is open", lambda: self.open_files() == 0,
                 alive=[self.node])


class SlowTls(Slow):
    is_tls = True


class Stopped(Large):
    docs = {"write_timeout": "1s"}

    def test_who_stops_reading_is_ended(self):
        self.begin()
        wait_for("the file to be open", lambda: self.open_files() == 1, alive=[self.node])
        began = time.monotonic()
        wait_for("the connection to be ended", lambda: self.open_files() == 0, alive=[self.node])
        self.assertLess(time.monotonic() - began, 10)       # not the 320 s of 20 MB

    def test_who_reads_on_is_served_to_the_end(self):
        """Longer than write_timeout in all, but never that long without a step."""
        line = self.begin()
        began, taken = time.monotonic(), 0
        while piece := line.recv(256 * 1024):
            taken += len(piece)
            behind = taken / self.SIZE * 3 - (time.monotonic() - began)
            if behind > 0:
                time.sleep(min(behind, 0.2))
        self.assertGreater(taken, len(self.content))
        self.assertGreater(time.monotonic() - began, 2.5)


class StoppedTls(Stopped):
    is_tls = True


if __name__ == "__main__":
    kut.main()
