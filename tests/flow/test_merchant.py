#!/usr/bin/python3
"""A merchant feed of a running service: what articles, prices and stock make of it, that it is
whole at any time, and that half of it does not go unnoticed. Energy labels from real
registrations, checked by the portal's published contract, where ../shared is there."""
import csv
import json
import os
import threading
import types
import unittest

import kontor_under_test as kut
import merchant_feed
from kontor_under_test import wait_for
import convert  # noqa: E402: kontor_under_test knows where it is

NOWHERE = types.SimpleNamespace(url="http://127.0.0.1:9")   # the ERP's only way is the folder

DROP = {"erp": "main", "folder": "in", "every": "1s", "settle": "0s", "batch": 500, "files": {
    "articles": {"pattern": "articles_*.csv", "kind": "article", "values": {"lifecycle": "active"}},
    "prices": {"pattern": "prices_*.csv", "kind": "price",
               "values": {"id": "{sku}-1", "list": "00", "currency": "EUR", "per": "1",
                          "is_gross": "yes"}},
    "stock": {"pattern": "stock_*.csv", "kind": "stock", "values": {"warehouse": "0001"}},
}}
FEED = {"adapter": "merchant", "erp": "main", "language": "de", "market": "DE",
        "zone": "Europe/Berlin", "currency": "EUR", "price_list": "00",
        "connection": {"folder": "feed", "every": "1s", "file": "products.xml",
                       "link": "https://shop.example/p/{id}"}}

ROUTE = """
local function product(view) return {} end
local function route(view)
  if view.product.brand == "Nope" then
    return false, "not for portals"
  end
end
"""


def the_contract():
    folder = os.path.join(convert.shared(), "contracts", "google-merchant", "products-v1")
    return merchant_feed.Contract(folder) if os.path.isdir(folder) else None


class Merchant(unittest.TestCase):
    def setUp(self):
        self.folder = kut.make_folder("merchant")
        self.addCleanup(kut.drop_folder, self.folder)
        for name in ("in", "feed"):
            os.mkdir(os.path.join(self.folder, name))
        self.path = os.path.join(self.folder, "feed", "products.xml")
        self.contract = the_contract()
        settings = kut.fast_settings(NOWHERE, NOWHERE, erps__main__every=kut.BY_HAND,
                                     drop={"hall": DROP})
        settings["channels"] = {"portal": FEED}
        self.kontor = kut.Kontor(self.folder, settings).migrate()
        self.addCleanup(self.kontor.close)
        self.files = 0

    def put(self, kind, rows):
        """A table of dicts, written beside and renamed."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        self.files += 1
        path = os.path.join(self.folder, "in", f"{kind}_{self.files}.csv")
        with open(path + ".tmp", "w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, names, restval="")
            out.writeheader()
            out.writerows(rows)
        os.rename(path + ".tmp", path)

    def feed(self):
        """The feed as it stands, without a fault; None: there is none yet."""
        if not os.path.exists(self.path):
            return None
        feed = merchant_feed.Feed(self.path, self.contract)
        self.assertEqual(feed.found, [])
        return feed.items

    def wait(self, what, condition):
        return wait_for(what, lambda: (lambda items: items is not None and condition(items))
                        (self.feed()), 40, [self.node])

    def article(self, number, **more):
        return dict({"sku": f"K-{number}", "texts.de.name": f"Leuchte {number} <b>\"&\"</b>",
                     "texts.de.long_text": "<p>Hell &amp; <b>warm</b></p>", "brand": "Kobold",
                     "media": f"https://pictures.example/{number}.jpg"}, **more)

    def put_articles(self, count):
        self.put("articles", [self.article(i) for i in range(count)])
        self.put("prices", [{"sku": f"K-{i}", "amount": "19.90"} for i in range(count)])
        self.put("stock", [{"sku": f"K-{i}", "available": "5"} for i in range(count)])

    def test_feed_follows_what_is_offered(self):
        self.node = self.kontor.serve()
        self.put_articles(20)
        self.wait("20 articles in stock", lambda items: len(items) == 20 and all(
            i["availability"] == ["in_stock"] for i in items.values()))
        item = self.feed()["K-7"]
        self.assertEqual(item["title"], ["Leuchte 7 \"&\""])
        self.assertEqual(item["description"], ["Hell & warm"])
        self.assertEqual(item["link"], ["https://shop.example/p/K-7"])
        self.assertEqual(item["price"], ["19.90 EUR"])
        # a figure, a price that goes, a text, and an article that goes
        self.put("stock", [{"sku": "K-1", "available": "0"}])
        self.put("prices", [{"sku": "K-2", "amount": "1", "deleted": "yes"}])
        self.put("articles", [self.article(3, **{"texts.de.name": "Neu"})])
        self.wait("the changes", lambda items: "K-2" not in items
                  and items["K-1"]["availability"] == ["out_of_stock"]
                  and items["K-3"]["title"] == ["Neu"])
        self.assertEqual(len(self.feed()), 19)
        # who has lost the file gets it again, with nothing sent since
        self.node.kill()
        os.unlink(self.path)
        self.node = self.kontor.serve("again")
        self.wait("the feed is back", lambda items: len(items) == 19)
        self.assertEqual(os.listdir(os.path.join(self.folder, "feed")), ["products.xml"])

    def test_feed_is_whole_at_any_time(self):
        """A crawler that reads all the time sees one version or another."""
        self.node = self.kontor.serve()
        self.put_articles(400)
        self.wait("400 articles", lambda items: len(items) == 400)
        stop, wrong, reads = threading.Event(), [], [0]

        def crawl():
            while not stop.is_set():
                try:
                    reads[0] += 1
                    if len(merchant_feed.Feed(self.path).items) != 400:
                        wrong.append("not all are there")
                except Exception as why:        # noqa: BLE001: whatever it is, it is wrong
                    wrong.append(repr(why))
        crawler = threading.Thread(target=crawl)
        crawler.start()
        try:
            for amount in ("21.00", "22.00", "23.00"):
                self.put("prices", [{"sku": f"K-{i}", "amount": amount} for i in range(400)])
                self.wait(amount, lambda items: all(
                    i["price"] == [f"{amount} EUR"] for i in items.values()))
        finally:
            stop.set()
            crawler.join()
        self.assertEqual(wrong, [])
        self.assertGreater(reads[0], 3)

    def test_killed_while_it_writes(self):
        """The new feed is written, and not yet in place of the old one."""
        self.node = self.kontor.serve()
        self.put_articles(5)
        self.wait("5 articles", lambda items: len(items) == 5)
        self.node.kill()
        killed = self.kontor.serve("killed", KT_CRASH_AT="feed.written")
        wait_for("its end", lambda: not killed.is_alive())
        self.assertEqual(len(self.feed()), 5)
        folder = os.path.join(self.folder, "feed")
        left, = [name for name in os.listdir(folder) if name != "products.xml"]
        os.utime(os.path.join(folder, left), (1, 1))
        self.node = self.kontor.serve("again")
        self.put("prices", [{"sku": "K-1", "amount": "5"}])
        self.wait("the price", lambda items: items["K-1"]["price"] == ["5.00 EUR"])
        self.assertEqual(os.listdir(folder), ["products.xml"])

    def test_half_a_feed_needs_a_person(self):
        self.node = self.kontor.serve()
        self.put_articles(10)
        self.put("articles", [self.article(i, brand="Nope") for i in range(4)])
        self.wait("10 articles", lambda items: len(items) == 10
                  and items["K-1"]["brand"] == ["Nope"])
        self.node.kill()
        # a rule of the merchant's own keeps four of ten off
        own = os.path.join(self.folder, "mappings", "portal")
        os.makedirs(own)
        source = os.path.join(kut.HERE, "..", "..", "adapters", "channel_merchant", "merchant.lua")
        with open(source, encoding="utf-8") as file:
            default = file.read()
        end = "return { product = product,"
        self.assertIn(end, default)
        with open(os.path.join(own, "merchant.lua"), "w", encoding="utf-8") as file:
            file.write(default.replace(end, ROUTE + "return { route = route, product = product,"))
        self.node = self.kontor.serve("routed")
        wait_for("the alarm", lambda: self.kontor.exception("FEED_SHRINKS"), 40, [self.node])
        found = self.kontor.exception("FEED_SHRINKS")
        self.assertEqual(found["endpoint"], "portal")
        self.assertEqual(len(self.feed()), 10)
        # the person looks, and takes the old one away
        os.unlink(self.path)
        self.wait("six articles", lambda items: len(items) == 6)
        wait_for("the alarm is over", lambda: not self.kontor.exception("FEED_SHRINKS"), 40,
                 [self.node])

    def test_by_hand(self):
        self.node = self.kontor.serve()
        self.put_articles(3)
        self.wait("3 articles", lambda items: len(items) == 3)
        self.assertEqual(self.node.stop(), 0)
        os.unlink(self.path)
        report = self.kontor.sync("prices", status=(5,))["rest"]
        self.assertEqual((report["left"], report["partners_failed"]), (0, 1), "the ERP is not there")
        self.assertEqual(len(self.feed()), 3)
        checked = self.kontor.run("check")
        self.assertIn("portal", checked.out)

    def test_wrong_settings_are_told_at_start(self):
        sound = json.dumps(self.kontor.settings)
        for name, value in (("link", "shop.example/{id}"), ("file", "../a.xml"), ("shrink", 101)):
            settings = json.loads(sound)
            settings["channels"]["portal"]["connection"][name] = value
            self.kontor.write(settings)
            done = self.kontor.run("check")
            self.assertEqual(done.status, 3, f"{name}: {done.out}{done.err}")
            self.assertIn(name, done.out + done.err)


class Labels(Merchant):
    """Energy labels of real registrations."""

    def rows(self):
        path = os.path.join(convert.shared(), "data", "energy_label", "eprel_smartphones.csv")
        if not os.path.exists(path):
            self.skipTest("../shared/data/energy_label is not there")
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_labels_of_the_register(self):
        rows = self.rows()
        self.assertIsNotNone(self.contract, "../shared/contracts/google-merchant is not there")
        self.node = self.kontor.serve()
        self.put("articles", [{
            "sku": f"T-{row['eprel_id']}", "texts.de.name": row["manufacturer:reference_number"],
            "brand": row["brands"], "mpn": row["manufacturer:reference_number"],
            "media": f"https://pictures.example/{row['eprel_id']}.jpg",
            "energy.efficiency_class": row["energy_efficiency_class:eu"], "energy.scale": "A-G",
            "energy.eprel_id": row["eprel_id"],
            "energy.label_url": row["ec_energy_label:svg_url"],
            "energy.sheet_url": row["ec_energy_label:url"],
        } for row in rows])
        self.put("prices", [{"sku": f"T-{row['eprel_id']}", "amount": "299"} for row in rows])
        self.wait("all phones", lambda items: len(items) == len(rows))
        items = self.feed()
        for row in rows:
            item = items[f"T-{row['eprel_id']}"]
            self.assertEqual(item["energy_efficiency_class"], [row["energy_efficiency_class:eu"]])
            self.assertEqual(item["max_energy_efficiency_class"], ["A"])
            self.assertEqual(item["min_energy_efficiency_class"], ["G"])
            self.assertEqual(item["certification"], [{
                "certification_authority": "EC", "certification_name": "EPREL",
                "certification_code": row["eprel_id"]}])

    test_feed_follows_what_is_offered = test_feed_is_whole_at_any_time = None
    test_killed_while_it_writes = None
    test_half_a_feed_needs_a_person = test_by_hand = test_wrong_settings_are_told_at_start = None


class Checker(unittest.TestCase):
    """The checker itself: each fault is found."""

    HEAD = ("<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\"><channel><title>t</title>"
            "<link>l</link><description>d</description>")
    FINE = {"id": "1", "title": "t", "description": "d", "link": "https://a/1",
            "image_link": "https://a/1.jpg", "availability": "in_stock", "price": "1.00 EUR",
            "gtin": "4006381333931"}

    def found(self, *elements, **changed):
        values = {k: v for k, v in dict(self.FINE, **changed).items() if v is not None}
        path = os.path.join(self.enterContext(
            __import__("tempfile").TemporaryDirectory()), "feed.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.HEAD + "<item>" + "".join(
                f"<g:{k}>{v}</g:{k}>" for k, v in values.items()) + "".join(elements)
                + "</item></channel></rss>")
        return merchant_feed.Feed(path, the_contract()).found

    def test_faults_are_found(self):
        self.assertEqual(self.found(), [])
        for changed in ({"title": None}, {"title": "x" * 151}, {"price": "1,00 EUR"},
                        {"price": "1.00"}, {"gtin": "4006381333932"}, {"gtin": None},
                        {"link": "shop/1"}, {"title": "&lt;b&gt;x&lt;/b&gt;"}, {"description": " "},
                        {"sale_price": "2.00 EUR"}, {"energy_efficiency_class": "D"},
                        {"shipping_weight": "0.5"}):
            self.assertNotEqual(self.found(**changed), [], changed)
        scale = {"energy_efficiency_class": "D", "max_energy_efficiency_class": "A",
                 "min_energy_efficiency_class": "G"}
        self.assertEqual(self.found(**scale), [])
        self.assertNotEqual(self.found(**dict(scale, energy_efficiency_class="A+")), [])
        self.assertNotEqual(self.found(**dict(scale, max_energy_efficiency_class="G",
                                              min_energy_efficiency_class="A")), [])
        self.assertNotEqual(self.found("<g:id>1</g:id>"), [])

    @unittest.skipUnless(the_contract(), "../shared/contracts/google-merchant is not there")
    def test_names_and_values_of_the_contract(self):
        for changed in ({"colour": "red"}, {"availability": "there"}, {"condition": "fresh"}):
            self.assertNotEqual(self.found(**changed), [], changed)
        part = "<g:certification><g:certification_authority>{}</g:certification_authority></g:certification>"
        self.assertEqual(self.found(part.format("EC")), [])
        self.assertNotEqual(self.found(part.format("EU")), [])


if __name__ == "__main__":
    kut.main()
