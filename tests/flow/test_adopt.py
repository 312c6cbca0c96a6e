#!/usr/bin/python3
"""Cut-over: a shop with 2,000 products of its own is adopted, not rebuilt.

The shop is what a former import left behind: most products carry the ERP's numbers, some only a
GTIN, some contradict the ERP, some are nobody's.
"""
import collections
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import kontor_under_test as kut  # noqa: E402
from sapfiles import SapData  # noqa: E402

COLOURS, SIZES = ("black", "red", "white"), ("S", "L")
SIMPLE, MATRICES = 1300, 100          # 1,300 + 100 * 6 = 1,900 SKUs, all but a few in the shop
FOREIGN = 80
IDENTITY = ("id", "permalink", "slug", "date_created_gmt")


def gtin13(number):
    body = f"20{number:010d}"
    return body + str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(body)) % 10)


def erp():
    """1,300 articles and 100 generic articles of six variants each, with prices and stock."""
    data = SapData("adopt", "EUR", "EN")
    for n in range(SIMPLE):
        row = data.article(f"S-{n:04d}", NET_WEIGHT="0.500", WEIGHT_UNIT="KGM")
        data.text(row, "EN", f"Device {n:04d}", long=f"Device number {n}.")
        sell(data, row, n)
    for n in range(MATRICES):
        head = data.article(f"M-{n:03d}")
        data.axis(head, "COLOUR", "SIZE")
        data.text(head, "EN", f"Jacket {n:03d}", long=f"Jacket number {n}.")
        for place, (colour, size) in enumerate((c, s) for c in COLOURS for s in SIZES):
            row = data.article(f"M-{n:03d}-{colour}-{size}", PARENT=head["MATNR"])
            data.characteristic(row, "COLOUR", colour, language="EN")
            data.characteristic(row, "SIZE", size)
            sell(data, row, 100_000 + 10 * n + place)
    return data


def sell(data, row, n):
    data.gtin(row, gtin13(n))
    data.price(row, f"{10 + n % 900}.90")
    data.quantity(row, n % 70)


class Shop:
    """What stands in the shop before, and what is to be said about each."""

    def __init__(self, data):
        self.data = data
        self.products = []
        self.kind = {}                # name of the product -> what it is
        simple = [a for a in data.articles.values() if not a.get("PARENT") and not a.get("AXIS")]
        for n, article in enumerate(simple):
            self.simple(n, article)
        for n in range(MATRICES):
            self.matrix(n, f"M-{n:03d}")
        for n in range(FOREIGN):
            self.put("foreign", f"Own make {n}", sku=f"OWN-{n}" if n % 2 else "")

    def put(self, kind, name, **fields):
        self.kind[name] = kind
        self.products.append(dict({
            "name": name, "type": "simple", "status": "publish", "regular_price": "1.00",
            "description": "left by a former import"}, **fields))

    def simple(self, n, article):
        sku, gtin = article["MATNR"], article["GTIN"][0]["GTIN"]
        name = f"old {sku}"
        if n < 20:
            return                                   # not in the shop yet
        if n < 220:
            self.put("gtin", name, sku=f"OLD-{n}", global_unique_id=gtin)
        elif n < 230:                                # the number of one, the GTIN of another
            other = self.data.articles[f"S-{n + 500:04d}"]["GTIN"][0]["GTIN"]
            self.put("contradiction", name, sku=sku, global_unique_id=other)
        elif n < 240:                                # twice: by number and by GTIN
            self.put("pair by number", name, sku=sku)
            self.put("pair by gtin", name + " again", sku=f"COPY-{n}", global_unique_id=gtin)
        elif 720 <= n < 730:                         # its GTIN stands with another product
            self.put("gtin elsewhere", name, sku=sku)
        elif n < 245:                                # a GTIN that two articles claim
            self.data.articles[f"S-{n + 5:04d}"]["GTIN"][0]["GTIN"] = gtin
            self.put("gtin of two", name, sku=f"OLD-{n}", global_unique_id=gtin)
        elif n < 250:
            return                                   # the other article of that GTIN: no product
        else:
            self.put("sku", name, sku=sku, global_unique_id=gtin if n % 3 == 0 else "")

    def matrix(self, n, number):
        variants = self.data.variants_of(number)
        if n < 10:                                   # simple where the ERP has a matrix
            self.put("simple for a matrix", f"old {variants[0]['MATNR']}",
                     sku=variants[0]["MATNR"])
            return
        by_gtin = n < 30
        self.put("matrix by gtin" if by_gtin else "matrix", f"old {number}", type="variable",
                 sku="" if n % 2 else number,
                 attributes=[self.attribute("Colour", COLOURS, 0), self.attribute("Size", SIZES, 1)],
                 variations=[self.variation(v, by_gtin) for v in variants])

    @staticmethod
    def attribute(name, options, position):
        return {"name": name, "options": list(options), "variation": True, "visible": True,
                "position": position}

    def variation(self, article, by_gtin):
        fields = {"sku": article["MATNR"]}
        if by_gtin:
            fields = {"sku": "OLD-" + article["MATNR"],
                      "global_unique_id": article["GTIN"][0]["GTIN"]}
        return dict(fields, regular_price="1.00", status="publish", attributes=[
            {"name": "Colour", "option": self.data.value_of(article, "COLOUR")},
            {"name": "Size", "option": self.data.value_of(article, "SIZE")}])


class Adopt(kut.unittest.TestCase):
    CONFLICTS = {"contradiction": "gtin", "gtin elsewhere": "several", "pair by number": "several",
                 "pair by gtin": "several", "gtin of two": "several",
                 "simple for a matrix": "form"}

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder("adopt")
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.data = erp()
        cls.old = Shop(cls.data)                     # it also puts a GTIN twice into the ERP
        cls.data.write(os.path.join(cls.folder, "data"))
        cls.sap = kut.start_sap(cls.folder)
        cls.addClassCleanup(cls.sap.kill)
        cls.shop = kut.start_shop(cls.folder)
        cls.addClassCleanup(cls.shop.kill)
        cls.shop.control("seed", {"products": cls.old.products})
        cls.before, cls.variations = cls.read_shop()
        cls.kontor = kut.Kontor(cls.folder, kut.fast_settings(
            cls.sap, cls.shop, channels__shop__language="en", channels__shop__fallback_language="de",
            erps__main__connection__timeout="30s", channels__shop__connection__timeout="30s"))
        cls.kontor.migrate()
        cls.addClassCleanup(cls.kontor.close)
        cls.written = cls.shop.control("counts")["writes"]

    @classmethod
    def read_shop(cls):
        """(pages by id, variations by their page's id)"""
        pages, under = {}, collections.defaultdict(dict)
        for thing in cls.shop.control("products"):
            if thing["type"] == "variation":
                under[thing["parent_id"]][thing["id"]] = thing
            else:
                pages[thing["id"]] = thing
        return pages, under

    def adopt(self, *words):
        return json.loads(self.kontor.must("--json", "adopt", "shop", *words, status=(0, 1),
                                           timeout=300))

    def sync(self):
        return json.loads(self.kontor.must("--json", "sync", "all", "--wait", "60", status=(0, 1),
                                           timeout=300))

    def of_kind(self, *kinds):
        return {i: p for i, p in self.before.items() if self.old.kind[p["name"]] in kinds}

    def test_0_the_shop_is_as_large_as_a_real_one(self):
        self.assertGreaterEqual(len(self.before) + sum(map(len, self.variations.values())), 2000)

    def test_1_a_dry_run_lists_and_writes_nothing(self):
        report = self.adopt("--dry-run")
        self.assertTrue(report["dry_run"])
        self.expect(report)
        self.assertEqual(self.shop.control("counts")["writes"], self.written)
        self.assertEqual(self.read_shop(), (self.before, self.variations))
        again = self.adopt("--dry-run")
        self.assertEqual(again["linked"], report["linked"], "the dry run has linked something")
        text = self.kontor.must("adopt", "shop", "--dry-run", status=(0, 1), timeout=300)
        self.assertIn(str(report["matched"]), text)
        self.assertIn("old S-0220", text)

    def expect(self, report):
        """Everything without a doubt is matched; exactly the contradictory products are conflicts."""
        sure = len(self.of_kind("sku", "gtin")) + sum(
            len(self.variations[i]) for i in self.of_kind("matrix", "matrix by gtin"))
        self.assertEqual(report["matched"], sure)
        self.assertGreaterEqual(report["unknown"], FOREIGN)
        found = collections.defaultdict(list)
        for conflict in report["conflicts"]:
            remote_id = int(str(conflict["remote_id"]).split("/", maxsplit=1)[0])
            product = self.before[remote_id]
            found[remote_id].append(conflict)
            self.assertEqual(conflict["reason"], self.CONFLICTS.get(self.old.kind[product["name"]]),
                             product["name"])
            self.assertTrue(conflict["candidates"], conflict)
            self.assertEqual((conflict["name"], conflict["url"]),
                             (product["name"], product["permalink"]))
        pairs = self.of_kind("pair by number", "pair by gtin")
        self.assertEqual(set(self.of_kind(*self.CONFLICTS)) - set(found) - set(pairs), set())
        for n in range(230, 240):                    # of a pair one may stand for both
            pair = {i for i, p in pairs.items() if p["name"].startswith(f"old S-{n:04d}")}
            self.assertTrue(pair & set(found), f"S-{n:04d} stands twice in the shop, unsaid")

    def test_2_it_links_and_still_writes_nothing_to_the_shop(self):
        report = self.adopt()
        self.assertFalse(report["dry_run"])
        self.assertEqual(report["linked"], report["matched"])
        self.expect(report)
        self.assertEqual(self.shop.control("counts")["writes"], self.written)

    def test_3_a_sync_leads_them_and_doubles_nothing(self):
        report = self.sync()
        self.assertEqual(report["rest"]["left"], 0, report["rest"])
        after, under = self.read_shop()
        for remote_id, product in self.before.items():
            self.assertIn(remote_id, after, product["name"])
            for field in IDENTITY:
                self.assertEqual(after[remote_id][field], product[field], product["name"])
        made = {i: p for i, p in after.items() if i not in self.before}
        absent = {f"S-{n:04d}" for n in range(20)}
        self.assertEqual({p["sku"] for p in made.values()} & absent, absent)
        things = [*after.values(), *(v for vs in under.values() for v in vs.values())]
        skus = collections.Counter(t["sku"].casefold() for t in things
                                   if t["sku"] and t["status"] != "trash")
        self.assertEqual({s: n for s, n in skus.items() if n > 1}, {})

    def test_4_what_was_matched_is_as_the_erp_has_it(self):
        after, _ = self.read_shop()
        for remote_id, product in self.of_kind("sku", "gtin").items():
            sku = product["name"].removeprefix("old ")
            now = after[remote_id]
            self.assertEqual(now["sku"], sku)
            self.assertEqual(now["name"], self.data.articles[sku]["TEXT"][0]["NAME"])
            self.assertEqual(now["global_unique_id"], self.data.articles[sku]["GTIN"][0]["GTIN"])
            self.assertNotEqual(now["regular_price"], "1.00")

    def test_5_variations_keep_their_ids_too(self):
        after, under = self.read_shop()
        for remote_id, product in self.of_kind("matrix", "matrix by gtin").items():
            number = product["name"].removeprefix("old ")
            now = under[remote_id]
            self.assertEqual(set(now), set(self.variations[remote_id]), number)
            self.assertEqual({v["sku"] for v in now.values()},
                             {v["MATNR"] for v in self.data.variants_of(number)})
            for old_id, old in self.variations[remote_id].items():
                self.assertEqual(now[old_id]["sku"], old["sku"].removeprefix("OLD-"))
            self.assertEqual(after[remote_id]["name"],
                             self.data.articles[number]["TEXT"][0]["NAME"])

    def test_6_foreign_products_are_untouched(self):
        after, _ = self.read_shop()
        for remote_id, product in self.of_kind("foreign").items():
            self.assertEqual(after[remote_id], product)

    def test_7_what_is_in_doubt_waits_for_a_person(self):
        after, _ = self.read_shop()
        for remote_id, product in self.of_kind(*self.CONFLICTS).items():
            self.assertEqual(after[remote_id], product)
        said = " ".join(f"{x['key']} {x['sentence']}" for x in self.kontor.exceptions())
        for number in ("S-0220", "S-0230", "S-0240", "S-0720", "M-000-black-S"):
            self.assertIn(number, said)

    def test_8_a_second_run_writes_nothing(self):
        before = self.shop.control("counts")["writes"]
        self.sync()
        since = self.shop.control("requests?since=0")["requests"]
        self.assertEqual(self.shop.control("counts")["writes"], before,
                         [r for r in since if r["method"] != "GET"][-3:])

    def test_9_the_conflicts_can_still_be_read(self):
        report = self.adopt("--dry-run")
        self.assertEqual(report["linked"], 0)
        self.assertEqual({c["reason"] for c in report["conflicts"]}, set(self.CONFLICTS.values()))


if __name__ == "__main__":
    kut.main()
