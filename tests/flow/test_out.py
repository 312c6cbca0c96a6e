#!/usr/bin/python3
"""Outward: catalogue, prices and stock reach the shop, once, and follow every change."""
import datetime
import os

import kontor_under_test as kut
from kontor_under_test import wait_for

AHEAD_DAYS = 400       # how far the clock is moved: beyond the end of every price of the test


class Outward(kut.Bench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.kontor.sync()
        cls.after_first = cls.shop.control("counts")

    def take(self, place):
        """A sellable article that no other test uses."""
        names = [g.sku for g in self.goods if self.plain_price(g.sku)["PER"] == "1"]
        return names[place]

    def test_01_the_catalogue_is_in_the_shop_as_sap_has_it(self):
        self.assertEqual(self.first["rest"]["left"], 0, self.first)
        self.assertEqual(self.first["rest"]["exceptions"], 0, self.kontor.exceptions())
        self.assertGreater(self.after_first["products"], 50)
        self.assert_same_as_sap()

    def test_02_a_second_run_sends_nothing(self):
        count, writes = self.written(lambda: self.kontor.sync())
        self.assertEqual((count, writes), (0, []))

    def test_03_nor_does_a_full_one(self):
        count, writes = self.written(lambda: self.kontor.sync("all", "--full"))
        self.assertEqual((count, writes), (0, []))

    def test_04_one_changed_price_travels_alone(self):
        sku = self.take(0)
        amount = kut.moved(self.plain_price(sku)["AMOUNT"])
        self.change("price", self.plain_price(sku), AMOUNT=amount)
        count, writes = self.written(lambda: self.kontor.sync())
        self.assertEqual((count, len(writes)), (1, 1), writes)
        self.assertEqual(self.product(sku)["regular_price"], amount)
        self.assertNotIn("stock_quantity", str(writes[0]["body"]))
        self.assert_same_as_sap()

    def test_05_one_changed_stock_travels_alone(self):
        sku = self.take(1)
        row = self.rows("stock", sku)[0]
        self.change("stock", row, ON_HAND="700", AVAILABLE="700")
        count, writes = self.written(lambda: self.kontor.sync())
        self.assertEqual((count, len(writes)), (1, 1), writes)
        self.assert_same_as_sap()

    def test_06_a_dry_run_names_the_change_and_sends_nothing(self):
        sku = self.take(2)
        amount = kut.moved(self.plain_price(sku)["AMOUNT"])
        self.change("price", self.plain_price(sku), AMOUNT=amount)

        def dry():
            text = self.kontor.must("sync", "all", "--dry-run")
            self.assertIn(amount, text)
            self.assertIn(sku, text)
        self.assertEqual(self.written(dry), (0, []))
        count, _ = self.written(lambda: self.kontor.sync())
        self.assertEqual(count, 1)
        self.assert_same_as_sap()

    def test_07_deletion_and_blocking_withdraw(self):
        gone, blocked = self.take(3), self.take(4)
        self.sap.control("change", {"kind": "article", "key": {"MATNR": gone}, "delete": True})
        self.change("article", {"MATNR": blocked}, SALES_STATUS="Z1", SALES_BLOCKED="X")
        self.kontor.sync()
        for sku in (gone, blocked):
            product = self.product(sku)
            self.assertTrue(product is None or product["status"] in kut.check.HIDDEN,
                            f"{sku} is still {product and product['status']}")
        self.assert_same_as_sap()
        count, _ = self.written(lambda: self.kontor.sync())
        self.assertEqual(count, 0)

    def test_08_what_is_released_again_comes_back(self):
        sku = self.take(4)
        self.change("article", {"MATNR": sku}, SALES_STATUS="", SALES_BLOCKED="")
        self.kontor.sync()
        self.assertEqual(self.product(sku)["status"], "publish")
        self.assert_same_as_sap()

    def test_09_a_product_deleted_in_the_shop_comes_back_whole(self):
        sku = self.take(5)
        status, _, _ = self.shop.api("DELETE", f"/products/{self.product(sku)['id']}?force=true")
        self.assertEqual(status, 200)
        self.change("stock", self.rows("stock", sku)[0], ON_HAND="33", AVAILABLE="33")
        self.kontor.sync()
        product = self.product(sku)
        self.assertIsNotNone(product)
        self.assertTrue(product["regular_price"])
        self.assertIsNotNone(product["stock_quantity"])
        self.assert_same_as_sap()

    def new_article(self, sku, like):
        data = self.sap.control("data")
        article = dict(next(a for a in data["articles"] if a["MATNR"] == like))
        for name in ("CHANGED_AT", "DELETED"):
            article.pop(name)
        article.update(MATNR=sku, GTIN=[])
        price, stock = dict(self.plain_price(like)), dict(self.rows("stock", like)[0])
        for row, names in ((price, ("CHANGED_AT", "DELETED", "MATNR")),
                           (stock, ("AS_OF", "DELETED"))):
            for name in names:
                row.pop(name, None)
        self.change("article", {"MATNR": sku}, **{k: v for k, v in article.items()
                                                  if k != "MATNR"})
        self.change("price", {"PRICE_ID": f"{sku}-01"}, **dict(
            {k: v for k, v in price.items() if k != "PRICE_ID"}, MATNR=sku))
        self.change("stock", {"MATNR": sku, "PLANT": "1000"}, **{
            k: v for k, v in stock.items() if k not in ("MATNR", "PLANT")})

    def test_10_a_lost_answer_to_a_create_makes_no_second_product(self):
        for number, rule in enumerate(({"mode": "cut", "apply": True},
                                       {"mode": "error_after_apply"},
                                       {"mode": "never", "apply": True},
                                       {"mode": "truncate"})):
            sku = f"N-{number}"
            self.new_article(sku, self.take(6))
            self.shop.control("misbehave", dict(rule, on="POST /products*", times=1))
            self.kontor.sync(status=(0, 1, 5))
            self.kontor.sync(status=(0, 1, 5))
            rules = self.shop.control("misbehave")["rules"]
            self.assertEqual(rules[-1]["fired"], 1, rules)
            self.assertIsNotNone(self.product(sku), f"{sku} after {rule}")
        self.shop.control("misbehave", method="DELETE")
        self.kontor.sync()
        self.assertEqual(self.kontor.exceptions(), [])
        self.assert_same_as_sap()

    def test_11_a_price_begins_by_the_clock_without_a_pull(self):
        sku = self.take(7)
        clock = os.path.join(self.folder, "clock")
        today = datetime.date.today()
        begins = today + datetime.timedelta(days=AHEAD_DAYS)
        kut.set_clock(clock, 0)
        self.change("price", {"PRICE_ID": "CLOCK-02"}, **dict(
            {k: v for k, v in self.plain_price(sku).items()
             if k not in ("PRICE_ID", "CHANGED_AT", "DELETED")},
            AMOUNT="55.55", VALID_FROM=begins.isoformat()))
        env = {"KT_CLOCK_FILE": clock}
        self.kontor.sync(env=env)
        old = self.product(sku)["regular_price"]
        self.assertNotEqual(old, "55.55")
        self.kontor.write(kut.fast_settings(self.sap, self.shop, erps__main__every=kut.BY_HAND))
        node = self.kontor.serve("clock", **env)
        try:
            calls = self.sap.control("counts")["calls"]
            kut.set_clock(clock, AHEAD_DAYS * 86400)
            wait_for("the new price", lambda: self.product(sku)["regular_price"] == "55.55",
                     alive=[node])
            self.assertEqual(self.sap.control("counts")["calls"], calls)
        finally:
            node.stop()
            self.kontor.write(kut.fast_settings(self.sap, self.shop))
        self.assert_same_as_sap(today=begins.isoformat())

    def test_12_the_database_is_whole(self):
        self.assert_whole()


class Adoption(kut.Bench):
    """A shop that is not empty: what it has is found by its SKU and led from then on."""
    articles = 12

    def test_products_are_adopted_by_their_number(self):
        wanted = self.goods[:4]
        ids = {}
        for thing in wanted:
            status, made, _ = self.shop.api("POST", "/products", {
                "sku": thing.sku, "name": "von Hand angelegt", "type": "simple",
                "status": "publish", "regular_price": "1.00"})
            self.assertEqual(status, 201, made)
            ids[thing.sku] = made["id"]
        report = self.kontor.sync()
        self.assertEqual(report["rest"]["exceptions"], 0, self.kontor.exceptions())
        for product in self.shop.control("products"):
            if product["sku"] in ids:
                self.assertEqual(product["id"], ids[product["sku"]])
        self.assert_same_as_sap()
        before = self.shop.control("counts")["writes"]
        self.kontor.sync()
        self.assertEqual(self.shop.control("counts")["writes"], before)
        self.assert_whole()


if __name__ == "__main__":
    kut.main()
