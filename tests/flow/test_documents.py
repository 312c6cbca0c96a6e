#!/usr/bin/python3
"""Regulated documents from their source to an order: version 2 arrives, new orders are bound to 2,
old ones to 1, byte for byte; a late correction changes what was valid, never what was shown; what
its source deletes is lost nowhere; and what the command says of all this."""
import datetime
import glob
import json
import os
import time

import kontor_under_test as kut
from archive_under_test import KIND, SCOPE, Archive, pdf, sha256
from kontor_under_test import wait_for

OK, ATTENTION, USAGE = 0, 1, 2
DAY = 86400
ONE, CORRECTED, TWO = pdf("version 1"), pdf("version 1, corrected"), pdf("version 2")


class Documents(Archive):
    """One article with a declaration whose second version begins in ten days. The ERP itself lists
    no documents, and would take back what was pushed."""
    more = {"erps__main__every": dict(kut.EVERY_SECOND, documents="0s")}

    @classmethod
    def setUpClass(cls):
        cls.today = datetime.datetime.now(datetime.timezone.utc).date()
        super().setUpClass()
        cls.sku = cls.goods[0].sku
        cls.push(ONE, id="D/1", version="1", type=KIND, variants=cls.ids(cls.sku),
                 titles=cls.titles(de="Konformitätserklärung"), validFrom="2020-01-01",
                 validUntil=cls.day(9), fileName="one.pdf")
        cls.push(TWO, id="D/1", version="2", type=KIND, variants=cls.ids(cls.sku),
                 validFrom=cls.day(10), supersedes="1")
        cls.order = {}

    @classmethod
    def serve(cls):
        cls.clock = os.path.join(cls.folder, "clock")
        kut.set_clock(cls.clock, 0)
        super().serve(KT_CLOCK_FILE=cls.clock)

    @classmethod
    def day(cls, ahead):
        return (cls.today + datetime.timedelta(days=ahead)).isoformat()

    # ---- orders

    def place_one(self, ahead_s):
        """An order of the article, placed when the program's clock says so; told."""
        stamp = datetime.datetime.fromtimestamp(time.time() + ahead_s, datetime.timezone.utc)
        text = stamp.strftime("%Y-%m-%dT%H:%M:%S")
        goods = [g for g in self.goods if g.sku == self.sku]
        placed, = self.place(*kut.orders.make_orders(goods, 1, seed=3, plain=True),
                             date_created_gmt=text, date_paid_gmt=text)
        self.wait_told([placed], self.node)
        return placed

    # ---- the command

    def document(self, *words, status=OK, clock=None):
        env = {"KT_CLOCK_FILE": clock or self.clock}
        return json.loads(self.kontor.must("--json", "document", *words, status=(status,), env=env))

    def of_order(self, placed, status=OK):
        """The declaration of the order's line of the article: (shown, valid, valid before), hashes."""
        answer, = self.document("of-order", str(placed), status=status)["orders"]
        line, = [x for x in answer["lines"] if x["sku"] == self.sku]
        kind, = [x for x in line["documents"] if x["kind"] == KIND]
        self.assertEqual(kind["differs"], status == ATTENTION)
        return tuple([b["sha256"] for b in kind[axis]]
                     for axis in ("shown", "valid", "valid_before"))

    def wait_bound(self, placed, valid, status=OK):
        def is_bound():
            answer = json.loads(self.kontor.must("--json", "document", "of-order", str(placed),
                                                 status=(OK, ATTENTION)))
            found = [b["sha256"] for o in answer["orders"] for x in o["lines"]
                     for k in x["documents"] for b in k["valid"]]
            return found == [sha256(valid)]
        wait_for(f"what is valid for order {placed}", is_bound, alive=[self.node])
        return self.of_order(placed, status)

    def blob(self, content):
        """The file of a content, as it lies in the folder."""
        found, = glob.glob(os.path.join(self.blobs, "**", sha256(content)), recursive=True)
        with open(found, "rb") as file:
            return file.read()

    def open_differences(self):
        return [x for x in self.kontor.exceptions() if x["code"] == "DOCUMENTS_DIFFER"]

    # ---- from version 1 to version 2

    def test_1_new_orders_are_bound_to_the_new_version_old_ones_to_the_old(self):
        self.wait_shown(self.sku, ONE)
        self.order["old"] = old = self.place_one(0)
        one, two = [sha256(ONE)], [sha256(TWO)]
        self.assertEqual(self.wait_bound(old, ONE), (one, one, []))
        kut.set_clock(self.clock, 11 * DAY)
        self.wait_shown(self.sku, TWO)
        self.order["new"] = new = self.place_one(11 * DAY)
        self.assertEqual(self.wait_bound(new, TWO), (two, two, []))
        self.assertEqual(self.of_order(old), (one, one, []))
        self.assertEqual((self.blob(ONE), self.blob(TWO)), (ONE, TWO))
        self.assertEqual(self.open_differences(), [])
        text = self.kontor.must("document", "of-order", str(old))
        for word in ("SHOWN", "D/1/1", KIND, self.sku):
            self.assertIn(word, text)

    def test_2_a_late_correction_changes_what_was_valid_and_not_what_was_shown(self):
        old, new = self.order["old"], self.order["new"]
        self.push(CORRECTED, id="D/1", version="1", type=KIND, variants=self.ids(self.sku),
                  validFrom="2020-01-01", validUntil=self.day(9), fileName="one.pdf")
        self.assertEqual(self.wait_bound(old, CORRECTED, ATTENTION),
                         ([sha256(ONE)], [sha256(CORRECTED)], [sha256(ONE)]))
        self.assertEqual(self.of_order(new), ([sha256(TWO)], [sha256(TWO)], []))
        self.assertEqual((self.blob(ONE), self.blob(CORRECTED)), (ONE, CORRECTED))
        difference, = self.open_differences()
        self.assertEqual((difference["subject"], difference["endpoint"]), ("document", "shop"))
        self.assertEqual(difference["parameters"]["order"], str(old))
        self.assertEqual(difference["parameters"]["shown"], f"D/1/1 ({sha256(ONE)[:8]})")
        replaced = self.kontor.exception("DOCUMENT_REPLACED", SCOPE)
        self.assertIn("1", replaced["parameters"]["record"])
        german = self.kontor.exceptions(lang="de")
        self.assertIn(f"Bestellung {old}", [x["sentence"] for x in german
                                            if x["code"] == "DOCUMENTS_DIFFER"][0])
        self.kontor.must("exceptions", "retry", str(difference["number"]))
        self.assertEqual(self.open_differences(), [])
        text = self.kontor.must("document", "of-order", str(old), status=(ATTENTION,))
        self.assertIn("DIFFERS", text)
        self.assertIn("before more was known", text)

    def test_3_what_its_source_deletes_is_lost_nowhere(self):
        old, new = self.order["old"], self.order["new"]
        kut.set_clock(self.clock, 12 * DAY)
        for version in "12":
            self.push(id="D/1", version=version, type=KIND, deleted="true")
        self.wait_shown(self.sku)
        self.assertEqual([v["state"] for v in self.document("versions", "D/1")["documents"]],
                         ["gone", "gone"])
        self.assertEqual(self.wait_bound(new, TWO)[:2], ([sha256(TWO)], [sha256(TWO)]))
        self.assertEqual(self.of_order(old, ATTENTION)[:2], ([sha256(ONE)], [sha256(CORRECTED)]))
        for content in (ONE, CORRECTED, TWO):
            self.assertEqual(self.blob(content), content)
        self.assertEqual(self.open_differences(), [])       # as the person left it

    # ---- the proof, and what a disk does

    def test_4_the_proof_of_a_version(self):
        proof, = self.document("show", "D/1", "1")["documents"]
        self.assertEqual((proof["key"], proof["state"], proof["is_whole"]),
                         (f"{SCOPE}|D/1|1", "gone", True))
        self.assertEqual([(h["is_deleted"], h["document"]["sha256"]) for h in proof["history"]],
                         [(False, sha256(ONE)), (False, sha256(CORRECTED)),
                          (True, sha256(CORRECTED))])
        self.assertEqual(sorted((o["number"], o["axis"]) for o in proof["orders"]),
                         sorted([(str(self.order["old"]), axis)
                                 for axis in ("shown", "valid", "valid")]))
        self.assertEqual((proof["kept_for"], proof["keep_years"]), ("years", 10))
        text = self.kontor.must("document", "show", "D/1", "1")
        for word in ("whole", sha256(CORRECTED), "other content", "gone", "one.pdf", KIND):
            self.assertIn(word, text)
        self.assertEqual(self.document("show", "D/9", status=ATTENTION), {"documents": []})

    def test_5_a_damaged_content_is_named_and_the_rest_is_whole(self):
        found = self.document("verify")
        self.assertEqual((found["contents"], found["damaged"]), (3, []))
        path, = glob.glob(os.path.join(self.blobs, "**", sha256(ONE)), recursive=True)
        os.chmod(path, 0o600)
        with open(path, "r+b") as file:
            file.seek(40)
            file.write(b"X")
        damaged, = self.document("verify", status=ATTENTION)["damaged"]
        self.assertEqual((damaged["sha256"], damaged["document"], damaged["code"]),
                         (sha256(ONE), f"{SCOPE}|D/1|1", "BLOB_DAMAGED"))
        self.assertEqual(self.document("verify", f"{SCOPE}|D/1|2")["damaged"], [])
        self.assertIn("1 damaged", self.kontor.must("document", "verify", status=(ATTENTION,)))
        with open(path, "r+b") as file:
            file.write(ONE)
        self.document("verify")

    # ---- links, holds, keeping

    def test_6_a_link_shows_the_customer_both_until_it_is_ended(self):
        old = str(self.order["old"])
        link = self.document("link", old, "--days", "30")
        self.assertTrue(link["url"].startswith("http://127.0.0.1/docs/o/"), link)
        path = link["url"].removeprefix("http://127.0.0.1/docs")
        got = self.ask(path)
        self.assertEqual(got.status, 200)
        contents = {self.ask(x).body for x in got.links}
        self.assertTrue({ONE, CORRECTED} <= contents, got.text)
        self.assertGreaterEqual(self.document("unlink", old)["revoked"], 1)
        self.assertEqual(self.ask(path).status, 404)
        self.assertEqual(self.document("link", "no-such-order", status=ATTENTION), {"orders": []})

    def test_7_nothing_goes_that_is_held_or_whose_years_are_not_over(self):
        far = os.path.join(self.folder, "far")              # of commands alone
        kut.set_clock(far, 9 * 365 * DAY)
        self.assertEqual(self.document("purge", "--dry-run", clock=far), {"may_go": []})
        kut.set_clock(far, 12 * 365 * DAY)
        self.kontor.must("document", "hold", "D/1", status=(USAGE,))
        hold = self.document("hold", "D/1", "--reason", "market surveillance asks")["hold"]
        kinds = self.document("retention", clock=far)["kinds"]
        self.assertEqual([(k["kind"], k["keep_years"], k["held"], k["free"]) for k in kinds],
                         [(KIND, 10, 2, 0)])
        self.assertEqual(self.document("purge", clock=far), {"gone": 0})
        self.assertIn("market surveillance", self.kontor.must("document", "show", "D/1", "2"))
        self.document("release", str(hold))
        self.document("release", str(hold), status=ATTENTION)
        self.assertEqual(len(self.document("purge", "--dry-run", clock=far)["may_go"]), 2)
        self.assertEqual(self.document("purge", clock=far), {"gone": 2})
        self.assertEqual(self.document("versions", "D/1", status=ATTENTION), {"documents": []})
        said = self.kontor.query("SELECT action, subject FROM audit ORDER BY number")
        self.assertEqual([a for a, s in said if s == "D/1"],
                         ["document.hold", "document.release", "document.drop", "document.drop"])

    # ---- lists

    def test_8_lists_by_article_kind_and_market_and_what_waits(self):
        self.push(pdf("sheet"), id="S-1", version="1", type="data_sheet", markets=self.ids("AT"),
                  variants=self.ids(self.sku))
        self.push(pdf("early"), id="S-9", version="1", type="data_sheet",
                  variants=self.ids(self.sku, "SKU-9"), families=self.ids("NO-GROUP"))

        def listed(*words):
            return [d["document"]["id"] for d in self.document("list", *words)["documents"]]
        self.assertEqual(listed(), ["S-1", "S-9"])
        self.assertEqual(listed("--sku", self.sku), ["S-1", "S-9"])
        self.assertEqual(listed("--sku", "SKU-9"), ["S-9"])
        self.assertEqual(listed("--market", "DE"), ["S-9"])
        self.assertEqual(listed("--type", "manual"), [])
        waiting, = self.document("list", "--waiting")["documents"]
        self.assertEqual(waiting["waits_for"], "SKU-9, NO-GROUP")
        self.assertIn("waits for SKU-9", self.kontor.must("document", "list", "--waiting"))
        self.kontor.must("document", "list", "--days", "3", status=(USAGE,))
        self.kontor.must("document", "burn", status=(USAGE,))


if __name__ == "__main__":
    kut.main()
