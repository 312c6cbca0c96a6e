#!/usr/bin/python3
"""Outward, the wide catalogue: pages with two axes, images, categories, days of sale and sale
prices reach the shop once and follow every change; plan and reconciliation say what is so."""
import datetime
import hashlib
import json
import os

import kontor_under_test as kut
from kontor_under_test import wait_for

AHEAD_DAYS = 30
ATTENTION = 1


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


class Pages(kut.Bench):
    """One installation over the wide catalogue, synchronised once."""
    is_wide = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.kontor.sync()

    # ---- looking

    def variations(self, page):
        """The shop's variations below a page's SKU, by their own."""
        page_id = self.product(page)["id"]
        return {p["sku"]: p for p in self.shop.control("products")
                if p["type"] == "variation" and p["parent_id"] == page_id}

    def uploads(self):
        return self.shop.control("counts")["image_uploads"]

    def sync_and_compare(self):
        """One run; the checker agrees, and a second one finds nothing left."""
        count, writes = self.written(self.kontor.sync)
        self.assert_same_as_sap()
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertEqual(self.written(self.kontor.sync), (0, []))
        return count, [f"{r['method']} {r['route']}" for r in writes]

    def article(self, sku):
        return next(a for a in self.sap.control("data")["articles"] if a["MATNR"] == sku)

    def new_variant(self, sku, like, colour, size):
        """A variant beside `like`, with a price, stock and a picture of its own."""
        row = {k: v for k, v in self.article(like).items()
               if k not in ("MATNR", "CHANGED_AT", "DELETED", "VALID_FROM", "VALID_TO",
                            "LIFECYCLE")}
        row.update(GTIN=[], CHARACTERISTIC=[
            {"CODE": "COLOUR", "VALUE": colour, "LANGU": "DE"},
            {"CODE": "LENGTH", "VALUE": size, "UNIT": "CMT"}])
        row["MEDIA"] = [{"POSITION": "1", "URL": f"{self.images.url}/{sku.lower()}.png",
                         "ROLE": "image", "ALT": sku}]
        self.change("article", {"MATNR": sku}, **row)
        price = {k: v for k, v in self.plain_price(like).items()
                 if k not in ("PRICE_ID", "CHANGED_AT", "DELETED")}
        self.change("price", {"PRICE_ID": f"{sku}-01"}, **dict(price, MATNR=sku))
        self.change("stock", {"MATNR": sku, "PLANT": "1000"}, UNIT="PCE", ON_HAND="7",
                    AVAILABLE="7")


class Wide(Pages):
    """The tests build on each other in the order of their names."""

    def test_01_pages_with_two_axes_are_in_the_shop_as_sap_has_them(self):
        self.assertEqual((self.first["rest"]["left"], self.first["rest"]["exceptions"]), (0, 0),
                         self.kontor.exceptions())
        self.assert_same_as_sap()
        page = self.product("G-2001")
        axes = [a for a in page["attributes"] if a["variation"]]
        self.assertEqual((page["type"], len(axes)), ("variable", 2))
        self.assertEqual(len(self.variations("G-2001")), 8)       # the ninth is for sale in 2090
        self.assertTrue(all(v["image"] for v in self.variations("G-2001").values()))

    def test_02_each_image_was_uploaded_once(self):
        counts = self.shop.control("counts")
        self.assertEqual(counts["image_failures"], 0)
        self.assertEqual(counts["image_uploads"], counts["images"])
        self.assertEqual(counts["image_uploads"], len(self.images.served))
        self.assertEqual(set(self.images.served.values()), {1})

    def test_03_a_second_run_writes_nothing(self):
        self.assertEqual(self.written(self.kontor.sync), (0, []))
        self.assertEqual(self.written(lambda: self.kontor.sync("all", "--full")), (0, []))

    def test_04_one_price_of_a_variant_travels_alone(self):
        row = self.plain_price("G-2001-03")
        self.change("price", row, AMOUNT=kut.moved(row["AMOUNT"]))
        count, routes = self.sync_and_compare()
        self.assertEqual((count, len(routes)), (1, 1), routes)

    def test_05_a_new_variant_appears_by_itself(self):
        before, uploads = self.variations("G-2000"), self.uploads()
        page = self.product("G-2000")
        self.new_variant("G-2000-90", "G-2000-03", "grün", "20")
        count, routes = self.sync_and_compare()
        after = self.variations("G-2000")
        self.assertEqual(set(after) - set(before), {"G-2000-90"})
        self.assertEqual(self.product("G-2000")["id"], page["id"])
        self.assertEqual(self.uploads(), uploads + 1)
        # the page's options, the variation, its price, its stock: no other variation is touched
        self.assertEqual(count, 4, routes)
        self.assertEqual({s: v for s, v in after.items() if s in before}, before)

    def test_06_a_variant_that_is_deleted_or_blocked_is_withdrawn_alone(self):
        gone, blocked = "G-2001-04", "G-2001-05"
        others = {s: v for s, v in self.variations("G-2001").items() if s not in (gone, blocked)}
        self.sap.control("change", {"kind": "article", "key": {"MATNR": gone}, "delete": True})
        self.change("article", {"MATNR": blocked}, SALES_STATUS="Z1", SALES_BLOCKED="X")
        count, routes = self.sync_and_compare()
        for sku in (gone, blocked):
            row = self.product(sku)
            self.assertTrue(row is None or row["status"] in kut.check.HIDDEN, sku)
        self.assertEqual(self.product("G-2001")["status"], "publish")
        self.assertEqual({s: v for s, v in self.variations("G-2001").items() if s in others},
                         others)
        self.assertEqual(count, 2, routes)       # white is still to be had in another length

    def test_07_what_is_released_again_comes_back(self):
        was = self.product("G-2001-05")["id"]
        self.change("article", {"MATNR": "G-2001-05"}, SALES_STATUS="", SALES_BLOCKED="")
        self.sync_and_compare()
        row = self.product("G-2001-05")
        self.assertEqual((row["id"], row["status"]), (was, "publish"))

    def test_08_a_variant_that_moves_stands_on_its_new_page_only(self):
        sku = "G-2003-06"
        self.change("article", {"MATNR": sku}, PARENT="G-2002")
        self.sync_and_compare()
        self.assertIn(sku, self.variations("G-2002"))
        self.assertNotIn(sku, self.variations("G-2003"))
        self.assertIsNotNone(self.product(sku))          # and it is there only once
        self.assertEqual(self.product(sku)["regular_price"], self.plain_price(sku)["AMOUNT"])

    def test_09_a_variant_that_leaves_is_a_page_of_its_own_and_comes_back(self):
        sku = "G-2003-05"
        self.change("article", {"MATNR": sku}, PARENT="")
        self.sync_and_compare()
        row = self.product(sku)
        self.assertEqual((row["type"], row["status"]), ("simple", "publish"))
        self.assertEqual(row["regular_price"], self.plain_price(sku)["AMOUNT"])
        self.assertNotIn(sku, self.variations("G-2003"))
        self.change("article", {"MATNR": sku}, PARENT="G-2003")
        self.sync_and_compare()
        self.assertIn(sku, self.variations("G-2003"))

    # ---- images and categories

    def test_10_a_changed_text_uploads_no_image(self):
        flat, uploads, served = self.goods[0].sku, self.uploads(), self.images.served
        for sku in ("G-2000", flat):
            texts = self.article(sku)["TEXT"]
            texts[0]["NAME"] = f"Neuer Name {sku}"
            self.change("article", {"MATNR": sku}, TEXT=texts)
        count, routes = self.sync_and_compare()
        self.assertEqual(count, 2, routes)
        self.assertEqual(self.product("G-2000")["name"], "Neuer Name G-2000")
        self.assertEqual((self.uploads(), self.images.served), (uploads, served))

    def test_11_an_image_is_known_by_its_content(self):
        """With SHA256 a new address alone uploads nothing; a new content does, once."""
        sku = self.goods[1].sku

        def show(path, content):
            digest = hashlib.sha256(content.encode()).hexdigest()
            self.change("article", {"MATNR": sku}, MEDIA=[
                {"POSITION": "1", "URL": f"{self.images.url}/{path}", "SHA256": digest,
                 "ROLE": "image", "ALT": sku}])
            before = self.uploads()
            self.kontor.sync()
            self.assertEqual(self.kontor.exceptions(), [])
            return self.uploads() - before, self.product(sku)["images"][0]["id"]
        first, image = show("old/a.png", "a")
        self.assertEqual(first, 1)
        self.assertEqual(show("moved/a.png", "a"), (0, image))
        new, other = show("moved/a.png", "b")
        self.assertEqual(new, 1)
        self.assertNotEqual(other, image)
        self.assertEqual(show("old/a.png", "a"), (0, image))       # known from before
        self.change("article", {"MATNR": sku}, MEDIA=[])

    def test_12_a_renamed_category_is_one_write(self):
        known = next(c for c in self.sap.control("data")["categories"] if c["ID"] == "LAMP")
        self.change("category", known, TEXT=[{"LANGU": "DE", "NAME": "Lampen aller Art"}])
        self.kontor.sync()                       # with the article of the last test
        self.change("category", known, TEXT=[{"LANGU": "DE", "NAME": "Lampen"}])
        count, routes = self.sync_and_compare()
        self.assertEqual((count, len(routes)), (1, 1), routes)
        self.assertIn("products/categories", routes[0])
        names = {c["name"] for c in self.shop.control("categories")}
        self.assertIn("Lampen", names)
        self.assertNotIn("Lampen aller Art", names)

    # ---- prices

    def put_sale(self, sku, name, first, last):
        price = {k: v for k, v in self.plain_price(sku).items()
                 if k not in ("PRICE_ID", "CHANGED_AT", "DELETED")}
        amount = kut.moved(price["AMOUNT"], -10)
        self.change("price", {"PRICE_ID": name}, **dict(
            price, KIND="sale", AMOUNT=amount, VALID_FROM=first, VALID_TO=last))
        return amount

    def test_13_a_sale_price_has_its_days(self):
        sku = "G-2001-06"
        amount = self.put_sale(sku, "SALE-NOW", day(-1), day(5))
        count, routes = self.sync_and_compare()
        self.assertEqual(count, 1, routes)
        status, row, _ = self.shop.api("GET", f"/products/{self.product(sku)['id']}")
        self.assertEqual((status, row["sale_price"], row["on_sale"]), (200, amount, True))
        self.assertEqual(row["date_on_sale_from"][:10], day(-1))
        self.assertTrue(row["date_on_sale_to"])
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": "SALE-NOW"},
                                    "delete": True})
        self.sync_and_compare()
        self.assertEqual(self.product(sku)["sale_price"], "")

    # ---- looking without sending

    def test_14_plan_shows_the_page(self):
        text = self.kontor.must("plan", "G-2001", "shop")
        for word in ("G-2001 on shop: matrix, 2 axes", "G-2001-09", "COLOUR = grün", "LENGTH = 60"):
            self.assertIn(word, text)
        by_sku = json.loads(self.kontor.must("--json", "plan", "G-2001-09", "shop"))["plans"][0]
        self.assertEqual((by_sku["product"], by_sku["form"]), ("G-2001", "matrix"))
        page, = by_sku["pages"]
        self.assertEqual([a["code"] for a in page["axes"]], ["COLOUR", "LENGTH"])
        options = {v["sku"]: tuple(v["options"].values()) for v in page["variants"]}
        self.assertEqual(options["G-2001-09"][0], "grün")
        self.assertEqual(len(set(options.values())), len(options))
        counts = json.loads(self.kontor.must("--json", "plan", "all", "shop"))["counts"]
        self.assertEqual((counts["refused"], counts["left_out"], counts["folded"]), (0, 0, 0))
        self.assertGreaterEqual(counts["matrix"], 4)

    def reconcile(self, *words, status=(0,)):
        return json.loads(self.kontor.must("--json", "reconcile", "shop", *words, status=status))

    def test_15_what_was_changed_by_hand_is_found_and_sent_again(self):
        self.kontor.sync()
        clean = self.reconcile()
        self.assertEqual((clean["differ"], clean["gone"], clean["failed"], clean["differences"]),
                         (0, 0, 0, []))
        # what is withdrawn has no content to compare: a page and variants that are not for sale
        self.assertEqual(clean["compared"] + clean["skipped"], clean["links"])
        self.assertLess(clean["skipped"], 5)
        page, variant = self.product("G-2000"), self.product("G-2001-09")
        for route, body in (
                (f"/products/{page['id']}", {"name": "von Hand"}),
                (f"/products/{variant['parent_id']}/variations/{variant['id']}",
                 {"regular_price": "0.01"})):
            status, made, _ = self.shop.api("PUT", route, body)
            self.assertEqual(status, 200, made)

        def look():
            found = {(d["unit"], d["key"].partition("|")[2]): d["fields"]
                     for d in self.reconcile(status=(ATTENTION,))["differences"]}
            self.assertEqual(set(found), {("product", "G-2000"), ("price", "G-2001-09")})
            field, = found["product", "G-2000"]
            self.assertEqual((field["field"], field["theirs"]), ("name", "von Hand"))
            field, = found["price", "G-2001-09"]
            self.assertEqual((field["field"], field["theirs"]), ("regular_price", "0.01"))
        self.assertEqual(self.written(look), (0, []))
        text = self.kontor.must("reconcile", "shop", status=(ATTENTION,))
        self.assertIn("von Hand", text)
        self.assertEqual(self.reconcile("--repair", status=(ATTENTION,))["wanted"], 2)
        count, routes = self.written(self.kontor.sync)
        self.assertEqual(count, 2, routes)
        self.assert_same_as_sap()
        self.assertEqual(self.reconcile()["differences"], [])
        self.assertEqual(self.kontor.exceptions(), [])

    def test_16_what_was_deleted_by_hand_is_found_and_made_again(self):
        variant = self.product("G-2001-09")
        status, _, _ = self.shop.api(
            "DELETE", f"/products/{variant['parent_id']}/variations/{variant['id']}?force=true")
        self.assertEqual(status, 200)
        report = self.reconcile("--repair", status=(ATTENTION,))
        self.assertIn(("variant", True), {(d["unit"], d["gone"]) for d in report["differences"]})
        self.kontor.sync()
        self.assert_same_as_sap()
        self.assertEqual(self.reconcile()["differences"], [])

    # ---- last: the clock

    def test_17_days_of_sale_begin_and_end_by_the_clock(self):
        """Without a pull: an article and a variant end, others begin, a sale begins."""
        flat = [g.sku for g in self.goods if not g.sku.startswith("G-")]
        ends, begins, sale = (flat[5], "G-2001-07"), (flat[6], "G-2001-02"), flat[7]
        for sku in ends:
            self.change("article", {"MATNR": sku}, VALID_FROM=day(-1), VALID_TO=day(5))
        for sku in begins:
            self.change("article", {"MATNR": sku}, VALID_FROM=day(6), VALID_TO=day(900))
        amount = self.put_sale(sale, "SALE-LATER", day(7), day(AHEAD_DAYS + 5))
        clock = os.path.join(self.folder, "clock")
        kut.set_clock(clock, 0)
        env = {"KT_CLOCK_FILE": clock}
        self.kontor.sync(env=env)
        self.assert_same_as_sap()
        self.kontor.write(kut.fast_settings(self.sap, self.shop, erps__main__every=kut.BY_HAND))
        node = self.kontor.serve("clock", **env)
        try:
            calls = self.sap.control("counts")["calls"]
            kut.set_clock(clock, AHEAD_DAYS * 86400)
            for sku in begins:
                wait_for(f"{sku} on sale", lambda s=sku: self.is_shown(s), 40, [node])
            for sku in ends:
                wait_for(f"{sku} gone", lambda s=sku: not self.is_shown(s), 40, [node])
            wait_for("the sale", lambda: self.product(sale)["sale_price"] == amount, 40, [node])
            wait_for("the figures of what is new", lambda: not kut.compare(
                self.sap, self.shop, today=day(AHEAD_DAYS)).found, 20, [node])
            self.assertEqual(self.sap.control("counts")["calls"], calls)
        finally:
            node.stop()
            self.kontor.write(kut.fast_settings(self.sap, self.shop))
        self.assert_same_as_sap(today=day(AHEAD_DAYS))

    def is_shown(self, sku):
        row = self.product(sku)
        return row is not None and row["status"] == "publish"

    def test_18_the_database_is_whole(self):
        self.assert_whole()


if __name__ == "__main__":
    kut.main()
