#!/usr/bin/python3
"""Documents and certificates out of SAP, their contents fetched in pieces: each one once, kept byte
for byte, whatever the source does meanwhile."""
import hashlib
import json
import os
import random
import re
import types
import unittest

import kontor_under_test as kut
from archive_under_test import pdf
from scanner import EVIL, Scanner

NOWHERE = types.SimpleNamespace(url="http://127.0.0.1:9")   # a shop is of no interest here
KIND = "declaration_of_conformity"
OLD = "20260101080000.0000000"
READ = "Z_KONTOR_DOCUMENT_READ"
MB = 1 << 20


def sha256(octets):
    return hashlib.sha256(octets).hexdigest()


def large(octets):
    """A PDF that does not compress, so that every byte of it counts."""
    rest = random.Random(octets).randbytes(octets).hex().encode()[:octets]
    return pdf("large").replace(b"trailer", b"%" + rest + b"\ntrailer")


class Sap(unittest.TestCase):
    """A SAP with documents in a folder, and an installation that has no other source."""
    settings = {}
    wrapper = "3"

    def setUp(self):
        self.folder = kut.make_folder("papers")
        self.addCleanup(kut.drop_folder, self.folder)
        self.data, self.blobs = (os.path.join(self.folder, n) for n in ("data", "blobs"))
        os.mkdir(self.blobs)
        self.rows, self.contents = [], {}

    def content(self, reference, octets):
        os.makedirs(os.path.join(self.data, "contents"), exist_ok=True)
        with open(os.path.join(self.data, "contents", reference), "wb") as file:
            file.write(octets)
        self.contents[reference] = octets

    def paper(self, name, version="1", octets=None, **more):
        """Writes the content down and says what SAP knows of the document."""
        reference = more.pop("REFERENCE", f"{name}-{version}@1")
        self.content(reference, octets if octets is not None else pdf(f"{name} {version}"))
        return {"ID": name, "VERSION": version, "TYPE": KIND, "REFERENCE": reference,
                "LANGU": "DE", "FILE_NAME": f"{name}.pdf", "VALID_FROM": "2026-01-01",
                "VALID_TO": "9999-12-31", "CHANGED_AT": OLD,
                "TEXT": [{"LANGU": "DE", "NAME": f"Erklärung {name}"}],
                "LINK": [{"KIND": "M", "ID": "K-1001"}, {"KIND": "C", "ID": "DE"}], **more}

    def start(self, rows, certificates=(), push="blobs", **settings):
        made = kut.Catalogue(articles=4)
        made.write(self.data)
        for name, records in (("documents", rows), ("certificates", certificates)):
            with open(os.path.join(self.data, name + ".json"), "w", encoding="utf-8") as file:
                json.dump(list(records), file)
        self.sap = kut.start_sap(self.folder, settings={"WRAPPER": self.wrapper})
        self.addCleanup(self.sap.kill)
        self.kontor = kut.Kontor(self.folder, kut.fast_settings(
            self.sap, NOWHERE, erps__main__every=dict(kut.BY_HAND, documents="0s"),
            erps__main__brakes=kut.NO_BRAKES, erps__main__connection__timeout="10s",
            channels__shop__orders={"take": False}, push={"blobs": push} if push else {},
            **settings)).migrate()
        self.addCleanup(self.kontor.close)

    def change(self, row, delete=False):
        fields = {k: v for k, v in row.items() if k not in ("ID", "VERSION", "CHANGED_AT")}
        self.sap.control("change", {
            "kind": "document", "key": {"ID": row["ID"], "VERSION": row["VERSION"]},
            "set": None if delete else fields, "delete": delete})

    def reads(self):
        return self.sap.control("counts")["calls"].get(READ, 0)

    def sync(self, *words, status=(0,)):
        return self.kontor.sync("documents", *words, status=status)

    def known(self):
        """Hash by id and version of what is known now."""
        return {(r[0], r[1]): r[2] for r in self.kontor.query(
            "SELECT id, version, sha256 FROM document WHERE rec_deleted = 0")}

    def kept(self):
        """Hashes of what lies in the folder for contents, each checked."""
        found = set()
        for at, _, names in os.walk(self.blobs):
            for name in names:
                with open(os.path.join(at, name), "rb") as file:
                    self.assertEqual(sha256(file.read()), name)
                found.add(name)
        return found

    def codes(self):
        return sorted(self.kontor.open_codes())

    # ---- what comes

    def test_each_content_is_fetched_once_and_kept_byte_for_byte(self):
        rows = [self.paper(f"DOC-{n:02d}", str(v), SUPERSEDES=str(v - 1) if v > 1 else "")
                for n in range(10) for v in (1, 2, 3)]
        self.start(rows)
        self.sync()
        wanted = {(r["ID"], r["VERSION"]): sha256(self.contents[r["REFERENCE"]]) for r in rows}
        self.assertEqual(self.known(), wanted)
        self.assertEqual(self.kept(), set(wanted.values()))
        self.assertEqual(self.reads(), 30)
        sizes = self.kontor.query("SELECT size, media_type, titles FROM document "
                                  "WHERE id = 'DOC-03' AND version = '2'")
        self.assertEqual((sizes[0][0], sizes[0][1]),
                         (len(pdf("DOC-03 2")), "application/pdf"))
        self.assertIn("Erklärung DOC-03", json.dumps(json.loads(sizes[0][2]), ensure_ascii=False))
        heard = self.kontor.query("SELECT COUNT(*) FROM heard")
        self.assertEqual(heard[0][0], 1)        # of certificates it has none, and says nothing

        for words in ((), ("--full",)):         # nothing is new, so nothing is fetched
            self.sync(*words)
            self.assertEqual(self.reads(), 30, words)
        self.assertEqual(self.codes(), [])

    def test_a_new_version_arrives_and_a_deleted_one_keeps_its_content(self):
        rows = [self.paper("DOC", v) for v in ("1", "2")]
        self.start(rows)
        self.sync()
        third = self.paper("DOC", "3", SUPERSEDES="2")
        self.change(third)
        self.change(rows[0], delete=True)
        self.sync()
        self.assertEqual(sorted(self.known()), [("DOC", "2"), ("DOC", "3")])
        self.assertEqual(self.kept(), {sha256(pdf(f"DOC {v}")) for v in "123"})
        self.assertEqual(self.reads(), 3)
        past = self.kontor.query("SELECT COUNT(*) FROM past WHERE kind = 'document'")
        self.assertEqual(past[0][0], 4)         # three versions, one end

    def test_another_reference_is_another_content(self):
        row = self.paper("DOC")
        self.start([row])
        self.sync()
        self.change(self.paper("DOC", octets=pdf("corrected"), REFERENCE="DOC-1@2"))
        self.sync()
        self.assertEqual(self.known(), {("DOC", "1"): sha256(pdf("corrected"))})
        self.assertEqual(self.kept(), {sha256(pdf("corrected")), sha256(pdf("DOC 1"))})
        self.assertEqual(self.reads(), 2)

    def test_what_is_kept_under_the_hash_that_sap_says_is_not_fetched(self):
        self.start([self.paper("A", octets=pdf("the same"))])
        self.sync()
        self.change(self.paper("B", octets=pdf("the same"), SHA256=sha256(pdf("the same"))))
        self.sync()
        self.assertEqual(len(self.known()), 2)
        self.assertEqual(self.reads(), 1)

    def test_a_lost_content_is_fetched_again(self):
        self.start([self.paper("DOC")])
        self.sync()
        (name,) = self.kept()
        os.remove(os.path.join(self.blobs, name[:2], name))
        self.sync("--full")
        self.assertEqual(self.kept(), {name})
        self.assertEqual(self.reads(), 2)

    def test_certificates_come_with_their_days(self):
        ce = {"SCHEME": "CE", "NUMBER": "0197-1", "ISSUER": "Prüfstelle", "VALID_FROM": "2025-01-01",
              "VALID_TO": "2027-06-30", "DOCUMENT": "DOC", "CHANGED_AT": OLD,
              "LINK": [{"KIND": "M", "ID": "K-1001"}, {"KIND": "G", "ID": "TV"},
                       {"KIND": "C", "ID": "DE"}]}
        open_end = {"SCHEME": "UL", "NUMBER": "E1", "VALID_TO": "0000-00-00", "CHANGED_AT": OLD,
                    "REVOKED_AT": "20260301120000.0000000",
                    "LINK": [{"KIND": "P", "ID": "G-1"}]}
        self.start([self.paper("DOC")], [ce, open_end])
        self.sync()
        rows = {r[0]: r[1:] for r in self.kontor.query(
            "SELECT number, issuer, products, variants, families, markets, valid_until, revoked_at "
            "FROM certificate WHERE rec_deleted = 0")}
        self.assertEqual(rows["0197-1"][0], "Prüfstelle")
        for column, value in ((1, "K-1001"), (2, "K-1001"), (3, "TV"), (4, "DE")):
            self.assertIn(value, rows["0197-1"][column])
        self.assertEqual((rows["0197-1"][5], rows["0197-1"][6]), (20270630, None))
        self.assertEqual((rows["E1"][5], rows["E1"][6]), (None, 1772366400000000))
        self.sap.control("change", {"kind": "certificate", "delete": True,
                                    "key": {"SCHEME": "UL", "NUMBER": "E1"}})
        self.sync()
        self.assertEqual(self.kontor.query("SELECT number FROM certificate WHERE rec_deleted = 0"),
                         [("0197-1",)])
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM heard"), [(2,)])

    def test_what_others_brought_is_not_missed(self):
        """Papers that were pushed, or dropped as files, are no part of what SAP knows."""
        self.start([self.paper("OWN"), self.paper("GONE")])
        self.sync()
        self.kontor.database.change("UPDATE document SET reference = NULL WHERE id = 'OWN'")
        for name in ("OWN", "GONE"):
            self.change({"ID": name, "VERSION": "1"}, delete=True)
        self.kontor.database.change("DELETE FROM watermark")
        self.sync()
        self.assertEqual(list(self.known()), [("OWN", "1")])

    def test_a_look_fetches_nothing(self):
        self.start([self.paper("A"), self.paper("B")])
        said = self.kontor.must("sync", "documents", "--dry-run")
        self.assertIn("documents: 2 would be created", said)
        self.assertEqual((self.reads(), self.kept(), self.known()), (0, set(), {}))

    # ---- what is refused

    def test_a_refused_content_stops_no_other(self):
        evil = self.paper("EVIL", octets=pdf(EVIL.decode()))
        rows = [self.paper("A"), self.paper("EMPTY", octets=b""), self.paper("CUT", octets=b"%PDF-1.4\n1 0 obj"),
                self.paper("PROGRAM", octets=b"MZ" + bytes(400)), evil, self.paper("Z"),
                self.paper("GONE"), self.paper("LARGE", octets=pdf("l", 2 * MB)),
                self.paper("SAID", FILE_SIZE=str(5 * MB)), self.paper("OTHER", FILE_SIZE="17"),
                self.paper("HASH", SHA256="ab" * 32)]
        os.remove(os.path.join(self.data, "contents", "GONE-1@1"))
        scanner = Scanner(os.path.join(self.folder, "s"))
        self.addCleanup(scanner.close)
        self.start(rows, documents={"scanner": scanner.address, "size": "1M"})
        self.sync(status=(0, 1))
        self.assertEqual(sorted(self.known()), [("A", "1"), ("Z", "1")])
        self.assertEqual(len(self.kept()), 2)
        self.assertEqual(self.codes(), sorted([
            "CONTENT_EMPTY", "CONTENT_CUT", "CONTENT_PROGRAM", "CONTENT_INFECTED",
            "DOCUMENT_CONTENT_MISSING", "CONTENT_TOO_LARGE", "CONTENT_TOO_LARGE",
            "DOCUMENT_CONTENT_DIFFERS", "DOCUMENT_CONTENT_DIFFERS"]))
        self.change(self.paper("EMPTY", REFERENCE="EMPTY-1@2"))     # mended at its source
        self.sync(status=(0, 1))
        self.assertIn(("EMPTY", "1"), self.known())
        self.assertNotIn("CONTENT_EMPTY", self.codes())

    def test_what_announces_more_than_may_be_is_refused_at_once(self):
        self.start([self.paper("HUGE"), self.paper("Z")])
        self.sap.control("misbehave", {"rule": {"mode": "content", "what": "huge",
                                                "key": "HUGE-1@1"}})
        self.sync(status=(0, 1))
        self.assertEqual((self.codes(), list(self.known())), (["CONTENT_TOO_LARGE"], [("Z", "1")]))
        self.assertEqual(self.reads(), 2)

    def test_without_a_folder_each_record_says_so(self):
        self.start([self.paper("A"), self.paper("B")], push=None)
        self.sync(status=(0, 1))
        self.assertEqual(self.codes(), ["DOCUMENTS_OFF"] * 2)
        self.assertEqual(self.reads(), 0)

    def test_while_the_scanner_is_down_documents_wait(self):
        path = os.path.join(self.folder, "s")
        self.start([self.paper("A"), self.paper("B")],
                   documents={"scanner": "unix:" + path, "scan": "2s"})
        self.sync(status=(1, 4, 5))
        self.assertEqual((self.known(), self.kept()), ({}, set()))
        scanner = Scanner(path)
        self.addCleanup(scanner.close)
        self.sync()
        self.assertEqual(len(self.known()), 2)
        self.assertEqual(len(scanner.seen), 2)

    # ---- while it is read

    def test_what_breaks_a_content_takes_nothing_and_comes_again(self):
        octets = large(3 * MB)
        self.start([self.paper("A"), self.paper("B", octets=octets)])
        wrong = [{"mode": "content", "what": what, "key": "B-1@1", "after": after, "times": 1}
                 for what, after in (("short", 0), ("total", 1), ("changed", 2), ("empty", 1),
                                     ("garbage", 0), ("more", 0))]
        wrong += [{"mode": "content", "what": "endless", "key": "B-1@1", "times": 9}]
        wrong += [{"mode": "status", "status": 500, "on": READ, "times": 1},
                  {"mode": "cut", "on": READ, "key": "B-1@1", "after": 2, "times": 2},
                  {"mode": "truncate", "on": READ, "times": 1},
                  {"mode": "fault", "on": READ, "times": 1},
                  {"mode": "return_e", "on": READ, "id": "ZKONTOR", "number": "029", "times": 1}]
        for rule in wrong:
            with self.subTest(rule):
                self.sap.control("misbehave", method="DELETE")
                self.sap.control("misbehave", {"rule": rule})
                self.sync(status=(1, 3, 4, 5))
                hits = self.sap.control("misbehave")
                self.assertEqual([r["hits"] for r in hits], [min(rule["times"], 4)])
                self.assertEqual(self.known(), {})
                self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM watermark"), [(0,)])
                self.assertLessEqual(self.kept(), {sha256(pdf("A 1"))})
        self.sap.control("misbehave", method="DELETE")
        self.sync()
        self.assertEqual(self.known(), {("A", "1"): sha256(pdf("A 1")), ("B", "1"): sha256(octets)})

    def test_a_large_content_costs_no_memory(self):
        octets = large(40 * MB)
        self.start([self.paper("LARGE", octets=octets), self.paper("SMALL")],
                   documents={"size": "50M"})
        self.sap.control("misbehave", {"rule": {
            "mode": "late", "on": READ, "key": "SMALL-1@1", "delay_s": 1}})
        self.kontor.write(dict(self.kontor.settings, erps={"main": dict(
            self.kontor.settings["erps"]["main"], every=dict(kut.BY_HAND, documents="1s"))}))
        node = self.kontor.serve()
        kut.wait_for("both contents", lambda: len(self.known()) == 2, deadline_s=60, alive=[node])
        with open(f"/proc/{node.process.pid}/status", encoding="ascii") as file:
            anonymous = int(re.search(r"RssAnon:\s+(\d+)", file.read())[1])
        self.assertLess(anonymous, 60 * 1024)       # the content lies in a file, not in memory
        self.assertEqual(self.known()["LARGE", "1"], sha256(octets))
        self.assertEqual(self.kept(), {sha256(octets), sha256(pdf("SMALL 1"))})

    @kut.only_sqlite
    def test_a_kill_between_content_and_record_loses_nothing(self):
        self.start([self.paper("A"), self.paper("B")])
        done = self.kontor.run("sync", "documents", "--wait", "5",
                               env={"KT_CRASH_AT": "pull.content"})
        self.assertNotEqual(done.status, 0)
        self.assertEqual((self.known(), self.kept()), ({}, {sha256(pdf("A 1"))}))
        self.kontor.database.change("DELETE FROM lease")     # the dead one's runs out by itself
        self.sync()
        self.assertEqual(len(self.known()), 2)


class OlderWrapper(Sap):
    """What stands there knows nothing of documents."""
    wrapper = "2"

    def test_everything_else_works(self):
        self.start([self.paper("A")])
        self.sync(status=(1, 5))
        self.assertEqual(self.codes(), ["CONTRACT_OLDER"])
        self.assertEqual(self.sap.control("counts")["calls"].get("Z_KONTOR_DOCUMENTS", 0), 0)
        self.kontor.run("sync", "catalogue")        # the shop is not there: that is not SAP's doing
        self.assertGreater(self.kontor.query("SELECT COUNT(*) FROM variant")[0][0], 0)


for name in [n for n in dir(Sap) if n.startswith("test_")]:
    setattr(OlderWrapper, name, None)       # the others are of a wrapper of today

if __name__ == "__main__":
    kut.main()
