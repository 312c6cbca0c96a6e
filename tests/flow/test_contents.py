#!/usr/bin/python3
"""Contents of documents on their way in: by push and by the file drop, looked at and scanned before
they are kept, and the bad ones told with their reason."""
import glob
import hashlib
import json
import os
import random
import stat
import sys
import types
import unittest

import kontor_under_test as kut
from kontor_under_test import wait_for
from scanner import EVIL, Clamd, Scanner, find_clamd
from test_listen import LOGIN, ask

NOWHERE = types.SimpleNamespace(url="http://127.0.0.1:9")   # partners are of no interest here
MB = 1 << 20

FILES = {
    "pdf": {"format": "document", "pattern": "*.pdf", "markets": ["DE", "AT"],
            "name": "{sku}_{type}_v{version}_{language}_{valid_from}.pdf"},
    "sheets": {"format": "document", "pattern": "sheet *", "type": "data_sheet",
               "name": "sheet {product} {market} {valid_from}--{valid_until}.png"},
    "csv": {"pattern": "*.csv", "kind": "certificate"},
}
GOOD = "LAMP-1_declaration_of_conformity_v2_de_20260131.pdf"


def pdf(filling=b"", extra=b""):
    return (b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
            b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
            b"trailer<</Root 1 0 R/Size 5%s>>\nstartxref\n0\n%%%%EOF\n"
            % (len(filling), filling, extra))


PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90\x77\x53\xde"
       b"\0\0\0\0IEND\xae\x42\x60\x82")
EMPTY = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
         b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


class Contents(unittest.TestCase):
    """A node with a folder that others put documents into, and a listener that takes them."""
    documents = {}

    def setUp(self):
        self.folder = kut.make_folder("contents")
        self.addCleanup(kut.drop_folder, self.folder)
        self.place, self.blobs = (os.path.join(self.folder, n) for n in ("in", "blobs"))
        for name in (self.place, self.blobs):
            os.mkdir(name)
        with open(os.path.join(self.folder, "partner.secret"), "w", encoding="ascii") as file:
            file.write("s3cret")
        os.chmod(file.name, 0o600)
        settings = kut.fast_settings(
            NOWHERE, NOWHERE, erps__main__every=kut.BY_HAND, channels__shop__orders={"take": False},
            listen={"push": {"port": 0, "roles": ["push"]}},
            partners={"sap": {"erp": "main", "user": "sap", "password": "file:partner.secret"}},
            push={"blobs": "blobs"},
            drop={"docs": {"erp": "main", "folder": "in", "every": "1s", "settle": "0s",
                           "files": FILES}})
        if self.documents:
            settings["documents"] = self.documents
        self.kontor = kut.Kontor(self.folder, settings).migrate()
        self.addCleanup(self.kontor.close)

    def serve(self):
        self.node = self.kontor.serve()
        wait_for("a running service", lambda: "event=service.started" in self.node.text(),
                 alive=[self.node])
        return self.node

    def kept_blobs(self):
        """Hashes of what lies in the folder for contents; each is checked. Nothing else is there."""
        names = [os.path.join(at, name) for at, _, found in os.walk(self.blobs) for name in found]
        for name in names:
            with open(name, "rb") as file:
                self.assertEqual(sha256(file.read()), os.path.basename(name))
        return {os.path.basename(n) for n in names}

    # ---- the drop

    def put(self, name, octets):
        path = os.path.join(self.place, name)
        with open(path + ".tmp", "wb") as file:
            file.write(octets)
        os.rename(path + ".tmp", path)

    def report(self, name, number=1):
        """The last report of a file, once there are that many and the file is put away."""
        def done():
            return [p for place in ("archive", "error")
                    for p in glob.glob(os.path.join(self.place, place,
                                                    "*~" + glob.escape(name)))]
        wait_for(f"report {number} of {name}", lambda: len(done()) >= number, alive=[self.node])
        reports = sorted(glob.glob(os.path.join(self.place, "reports",
                                                "*~" + glob.escape(name) + ".report.json")))
        with open(reports[-1], encoding="utf-8") as file:
            return json.load(file)

    def refused(self, name, octets, code, sentence=""):
        self.put(name, octets)
        report = self.report(name)
        self.assertEqual((report["state"], report["why"]["code"]), ("refused", code), report)
        self.assertIn(sentence, report["why"]["sentence"])
        self.assertGreater(len(report["why"]["suggestion"]), 10)
        self.assertEqual(report["accepted"], 0)
        self.assertTrue(glob.glob(os.path.join(self.place, "error", "*~" + glob.escape(name))))

    def taken(self, name, octets):
        self.put(name, octets)
        report = self.report(name)
        self.assertEqual((report["state"], report["accepted"]), ("taken", 1), report)
        return report

    def document(self, key):
        """One document, by its id."""
        row, = self.kontor.query(
            "SELECT id, version, type, languages, markets, variants, products, valid_from, "
            "valid_until, sha256, size, media_type, file_name FROM document WHERE id = ? AND "
            "rec_deleted = 0", key)
        names = ("id version type languages markets variants products valid_from valid_until "
                 "sha256 size media_type file_name").split()
        return dict(zip(names, row))

    def ids_of(self, text):
        return [x["id"] for x in json.loads(text or "[]")]

    # ---- the push

    def push(self, fields, octets, media="application/pdf"):
        inner = "".join(f"<{n}>{v}</{n}>" for n, v in fields.items())
        root = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
                f'<PushDocuments xmlns="urn:kontor:push:1"><document>{inner}<content><xop:Include '
                'xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:a"/></content>'
                "</document></PushDocuments></s:Body></s:Envelope>").encode()
        body = (b'--b\r\nContent-ID: <root>\r\nContent-Type: application/xop+xml; charset=UTF-8; '
                b'type="text/xml"\r\n\r\n' + root + b"\r\n--b\r\nContent-ID: <a>\r\nContent-Type: "
                + media.encode() + b"\r\nContent-Transfer-Encoding: binary\r\n\r\n" + octets
                + b"\r\n--b--\r\n")
        kind = ('multipart/related; boundary=b; type="application/xop+xml"; start="<root>"; '
                'start-info="text/xml"')
        return ask(self.node.port("push"), "POST", "/soap/push", body,
                   dict(LOGIN, **{"Content-Type": kind}))

    def pushed(self, name, octets, *expected, status=200, **more):
        fields = {"id": name, "version": "1", "type": "rohs", **more}
        got, headers, text = self.push(fields, octets)
        self.assertEqual(got, status, text)
        for one in expected:
            self.assertIn(one, text)
        return headers


class Drop(Contents):
    def test_name_says_what_it_is(self):
        self.serve()
        content = pdf(b"two")
        self.taken(GOOD, content)
        d = self.document("LAMP-1_declaration_of_conformity_de")
        self.assertEqual(
            (d["version"], d["type"], self.ids_of(d["languages"]), self.ids_of(d["markets"]),
             self.ids_of(d["variants"]), d["valid_from"], d["valid_until"]),
            ("2", "declaration_of_conformity", ["de"], ["AT", "DE"], ["LAMP-1"], 20260131, None))
        self.assertEqual((d["sha256"], d["size"], d["media_type"], d["file_name"]),
                         (sha256(content), len(content), "application/pdf", GOOD))
        self.taken("sheet LAMP at 2026-01-01--2026-12-31.png", PNG)
        d = self.document("data_sheet-sheet LAMP at")
        self.assertEqual(
            (d["version"], d["type"], self.ids_of(d["markets"]), self.ids_of(d["products"]),
             d["valid_from"], d["valid_until"], d["media_type"]),
            ("2026-01-01", "data_sheet", ["AT"], ["LAMP"], 20260101, 20261231, "image/png"))
        self.assertEqual(self.kept_blobs(), {sha256(content), sha256(PNG)})

    def test_versions_stand_beside_each_other(self):
        self.serve()
        for version in (1, 2):
            self.taken(GOOD.replace("v2", f"v{version}"), pdf(b"%d" % version))
        self.assertEqual(self.kontor.query("SELECT version, sha256 FROM document ORDER BY version"),
                         [(str(v), sha256(pdf(b"%d" % v))) for v in (1, 2)])

    def test_same_file_again_is_a_duplicate(self):
        self.serve()
        self.taken(GOOD, pdf(b"x"))
        self.put(GOOD, pdf(b"x"))
        self.assertEqual(self.report(GOOD, 2)["state"], "duplicate")
        # the same content for another article is another document, kept once
        self.taken(GOOD.replace("LAMP-1", "LAMP-2"), pdf(b"x"))
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM document"), [(2,)])
        self.assertEqual(self.kept_blobs(), {sha256(pdf(b"x"))})
        # another content under a known name: the record changes, both contents stay
        self.put(GOOD, pdf(b"y"))
        self.assertEqual(self.report(GOOD, 3)["accepted"], 1)
        self.assertEqual(self.kept_blobs(), {sha256(pdf(b"x")), sha256(pdf(b"y"))})

    def test_names_that_do_not_fit(self):
        self.serve()
        self.refused("LAMP-1.pdf", pdf(), "DROP_NAME", "is not made as {sku}_{type}_v{version}")
        for name, part, value in (
                (GOOD.replace("20260131", "20260231"), "valid_from", "20260231"),
                (GOOD.replace("20260131", ""), "valid_from", ""),
                (GOOD.replace("_de_", "_deutsch_"), "language", "deutsch"),
                (GOOD.replace("declaration_of_conformity", "leaflet"), "type", "leaflet"),
                ("sheet LAMP DEU 2026-01-01--2026-12-31.png", "market", "DEU")):
            self.refused(name, PNG if "sheet" in name else pdf(), "DROP_NAME_PART",
                         f'stands "{value}" for {part}')
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM document"), [(0,)])
        self.assertEqual(self.kept_blobs(), set())
        self.taken(GOOD, pdf())

    def test_validity_and_market(self):
        self.serve()
        self.refused("sheet LAMP DE 2026-12-31--2026-01-01.png", PNG, "VALIDITY_REVERSED",
                     "2026-12-31")
        self.taken("sheet LAMP DE 2026-12-31--2026-12-31.png", PNG)
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM document"), [(1,)])

    def test_bad_contents(self):
        self.serve()
        bad = {
            "A": (b"", "CONTENT_EMPTY", "the file is empty"),
            "B": (EMPTY, "CONTENT_EMPTY", "the file is empty"),
            "C": (pdf(b"x", b"/Encrypt 9 0 R"), "CONTENT_ENCRYPTED", "asks for a password"),
            "D": (pdf()[:-30], "CONTENT_CUT", "ends too early"),
            "E": (b"MZ\x90\0\3" + bytes(100), "CONTENT_PROGRAM", "is a program"),
            "F": (b"#!/bin/sh\necho %PDF-1.4\n", "CONTENT_PROGRAM", "is a program"),
            "G": (b"just words", "CONTENT_TYPE", "but is text/plain"),
            "H": (pdf(b"", b"/OpenAction<</S/JavaScript/JS(x)>>"), "CONTENT_ACTIVE", "runs when"),
            "I": (b"\1\2\3", "CONTENT_UNKNOWN", "nobody knows"),
        }
        for letter, (octets, code, sentence) in bad.items():
            self.refused(GOOD.replace("LAMP-1", letter), octets, code, sentence)
        self.assertEqual(self.kept_blobs(), set())
        self.taken(GOOD, pdf())

    def test_path_tricks(self):
        self.serve()
        secret = os.path.join(self.folder, "secret.pdf")
        with open(secret, "wb") as file:
            file.write(pdf(b"secret"))
        link, twin, pipe = (GOOD.replace("LAMP-1", n) for n in ("LINK", "TWIN", "PIPE"))
        os.symlink(secret, os.path.join(self.place, link))
        self.assertEqual(self.report(link)["why"]["code"], "DROP_NOT_PLAIN")
        os.link(secret, os.path.join(self.place, twin))
        self.assertEqual(self.report(twin)["why"]["code"], "DROP_NOT_PLAIN")
        os.mkfifo(os.path.join(self.place, pipe))
        self.assertEqual(self.report(pipe)["why"]["code"], "DROP_NOT_PLAIN")
        # points do not leave the folder: in a name they are what stands there
        climber = GOOD.replace("LAMP-1", "x..%2F..%2Fetc")
        self.taken(climber, pdf(b"climber"))
        self.assertEqual(self.ids_of(self.document(
            "x..%2F..%2Fetc_declaration_of_conformity_de")["variants"]), ["x..%2F..%2Fetc"])
        self.assertEqual(self.kept_blobs(), {sha256(pdf(b"climber"))})
        self.assertTrue(stat.S_ISREG(os.lstat(secret).st_mode))

    def test_file_that_is_still_written(self):
        """What is taken is one state of the file, as its hash says."""
        self.serve()
        path = os.path.join(self.place, GOOD)
        whole = pdf(random.Random(1).randbytes(3 * MB))
        with open(path, "wb") as file:
            for at in range(0, len(whole), 50000):
                file.write(whole[at:at + 50000])
                file.flush()
        wait_for("the document", lambda: self.kontor.query(
            "SELECT sha256 FROM document WHERE sha256 = ?", sha256(whole)), 30, [self.node])
        self.assertEqual([row for row in self.kontor.query("SELECT sha256 FROM document")
                          if row[0] not in self.kept_blobs()], [])

    def test_settings_are_checked(self):
        settings = dict(self.kontor.settings, push={})
        settings["drop"] = json.loads(json.dumps(settings["drop"]))
        settings["drop"]["docs"]["files"]["pdf"]["name"] = "{sku}{version}.pdf"
        self.kontor.write(settings)
        done = self.kontor.run("check")
        self.assertNotEqual(done.status, 0)
        self.assertIn("something must stand between two parts", done.out + done.err)
        self.assertIn("format: document needs push.blobs", done.out + done.err)

    def test_source_is_heard_by_the_same_file_again(self):
        self.serve()
        heard = "SELECT at_us FROM heard WHERE kind = 'certificate'"
        last = 0
        for number in (1, 2, 3):
            self.put("ce.csv", b"scheme;number;valid_until\nCE;1;2026-12-31\n")
            report = self.report("ce.csv", number)
            self.assertIn(report["state"], ("taken", "duplicate"))
            (now,), = self.kontor.query(heard)
            self.assertGreater(now, last)
            last = now
        self.assertEqual(self.kontor.query("SELECT rec_rev FROM certificate"), [(1,)])


class Push(Contents):
    def test_wrong_hash_and_its_twin(self):
        self.serve()
        good = pdf(b"good")
        self.pushed("D-1", good, "DOCUMENT_CONTENT_DIFFERS", "sha256", sha256=sha256(b"other"))
        self.assertEqual(self.kept_blobs(), set())
        self.pushed("D-1", good, "<push:accepted>1<", sha256=sha256(good))
        self.assertEqual(self.kept_blobs(), {sha256(good)})

    def test_bad_contents(self):
        self.serve()
        for octets, code in ((EMPTY, "CONTENT_EMPTY"), (b"MZ\x90\0", "CONTENT_PROGRAM"),
                             (pdf(b"", b"/Encrypt 1 0 R"), "CONTENT_ENCRYPTED"),
                             (b"words", "CONTENT_TYPE")):
            self.pushed("D-1", octets, code, "<push:refused>1<")
        self.pushed("D-1", pdf(), "FIELD_INVALID", "markets", markets="<item>Deutschland</item>")
        self.pushed("D-1", pdf(), "VALIDITY_REVERSED", validFrom="2026-02-01",
                    validUntil="2026-01-01")
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM document"), [(0,)])
        self.pushed("D-1", pdf(), "<push:accepted>1<", validFrom="2026-01-01",
                    validUntil="2026-02-01", markets="<item>DE</item>",
                    families="<item>TV</item>")
        self.assertEqual(self.ids_of(self.kontor.query("SELECT families FROM document")[0][0]),
                         ["TV"])

    def rss_kb(self, what):
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(what + ":"))

    def forget_peak(self):
        with open(f"/proc/{self.node.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def test_20_mb_cost_less_than_40(self):
        self.serve()
        self.pushed("D-0", pdf(b"warm"), "<push:accepted>1<")
        for n in range(3):
            content = pdf(random.Random(n).randbytes(20 * MB))
            self.forget_peak()
            before = self.rss_kb("VmRSS")
            self.pushed(f"D-{n}", content, "<push:accepted>1<")
            grown = self.rss_kb("VmHWM") - before
            print(f"20 MB by MTOM: at most {grown} kB more", file=sys.stderr)
            self.assertLess(grown, 40 * 1024)
            self.assertIn(sha256(content), self.kept_blobs())

    def test_20_mb_by_the_drop_cost_less_than_40(self):
        self.serve()
        self.taken(GOOD, pdf(b"warm"))
        content = pdf(random.Random(9).randbytes(20 * MB))
        self.forget_peak()
        before = self.rss_kb("VmRSS")
        self.taken(GOOD.replace("v2", "v3"), content)
        grown = self.rss_kb("VmHWM") - before
        print(f"20 MB by the drop: at most {grown} kB more", file=sys.stderr)
        self.assertLess(grown, 40 * 1024)


class Scanned(Contents):
    documents = {"scanner": "unix:/set/below", "scan": "2s", "size": "30M"}

    def setUp(self):
        self.socket = kut.make_folder("scan")   # a short path: sockets have no long ones
        self.addCleanup(kut.drop_folder, self.socket)
        self.documents = dict(self.documents, scanner=f"unix:{self.socket}/ctl")
        super().setUp()

    def start(self, how="honest"):
        scanner = Scanner(os.path.join(self.socket, "ctl"), how)
        self.addCleanup(lambda: scanner.socket.fileno() >= 0 and scanner.close())
        return scanner

    def test_infected_and_its_twin(self):
        scanner = self.start()
        self.serve()
        evil, good = pdf(EVIL), pdf(EVIL[:-1])
        self.pushed("D-1", evil, "CONTENT_INFECTED", "the scanner found Test-Evil in it")
        self.refused(GOOD, evil, "CONTENT_INFECTED", "Test-Evil")
        self.assertEqual(self.kept_blobs(), set())
        self.pushed("D-1", good, "<push:accepted>1<")
        self.taken(GOOD.replace("v2", "v3"), good)
        self.assertEqual(self.kept_blobs(), {sha256(good)})
        self.assertEqual(set(scanner.seen), {sha256(evil), sha256(good)})
        large = pdf(random.Random(3).randbytes(20 * MB))
        self.pushed("D-2", large, "<push:accepted>1<")
        self.assertEqual(scanner.seen[-1], sha256(large))

    def test_pushed_while_it_is_down(self):
        """Nothing is kept without its word; the same message is taken when it is back."""
        self.serve()
        content = pdf(b"later")
        headers = self.pushed("D-1", content, "SCANNER_DOWN", status=503)
        self.assertGreater(int(headers["Retry-After"]), 0)
        for how in ("closes", "nonsense", "silent"):
            scanner = self.start(how)
            self.pushed("D-1", content, "SCANNER_DOWN", status=503)
            scanner.close()
        self.assertEqual(self.kept_blobs(), set())
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM document"), [(0,)])
        self.start()
        self.pushed("D-1", content, "<push:accepted>1<")

    def test_file_waits_while_it_is_down(self):
        self.serve()
        self.put(GOOD, pdf(b"later"))
        wait_for("a try", lambda: "event=drop.failed" in self.node.text()
                 and "SCANNER_DOWN" in self.node.text(), alive=[self.node])
        self.assertEqual(len(os.listdir(os.path.join(self.place, "work"))), 1)
        self.assertEqual(os.listdir(os.path.join(self.place, "error")), [])
        self.start()
        self.assertEqual(self.report(GOOD)["state"], "taken")
        self.assertEqual(os.listdir(os.path.join(self.place, "work")), [])

    def test_larger_than_it_takes(self):
        self.start("small")
        self.serve()
        self.refused(GOOD, pdf(bytes(5000)), "CONTENT_UNSCANNED", "size limit exceeded")
        self.taken(GOOD.replace("v2", "v3"), pdf(b"small"))

    def test_larger_than_is_allowed(self):
        self.start()
        self.kontor.write(dict(self.kontor.settings, documents=dict(self.documents, size="1M")))
        self.serve()
        large = pdf(bytes(MB))
        self.pushed("D-1", large, "CONTENT_TOO_LARGE", str(len(large)), str(MB))
        self.refused(GOOD, large, "CONTENT_TOO_LARGE", str(MB))


@unittest.skipUnless(find_clamd(), "clamd is not installed (package clamav-daemon)")
class Real(Scanned):
    """The real clamd, which knows one file."""

    def start(self, how="honest"):
        scanner = Clamd(self.socket, pdf(EVIL))
        self.addCleanup(scanner.close)
        wait_for("clamd", scanner.is_there, 60)
        return scanner

    def setUp(self):
        super().setUp()
        settings = dict(self.kontor.settings)
        settings["documents"] = dict(self.documents, scanner=f"unix:{self.socket}/clamd.ctl",
                                     scan="30s")
        self.kontor.write(settings)

    def test_infected_and_its_twin(self):
        self.start()
        self.serve()
        self.pushed("D-1", pdf(EVIL), "CONTENT_INFECTED", "Kontor.Test")
        self.refused(GOOD, pdf(EVIL), "CONTENT_INFECTED", "Kontor.Test")
        self.pushed("D-1", pdf(EVIL[:-1]), "<push:accepted>1<")
        self.taken(GOOD.replace("v2", "v3"), pdf(b"fine"))

    def test_larger_than_it_takes(self):
        self.start()
        self.serve()
        large = pdf(random.Random(3).randbytes(5 * MB))
        self.pushed("D-1", large, "CONTENT_UNSCANNED", "size limit exceeded")

    test_pushed_while_it_is_down = test_file_waits_while_it_is_down = None
    test_larger_than_is_allowed = None


if __name__ == "__main__":
    kut.main()
