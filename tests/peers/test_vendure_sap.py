#!/usr/bin/python3
"""SAP's stand-in and a real Vendure: catalogue, stock and prices out, orders in."""
import json
import os
import sys
import threading
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop_bench  # noqa: E402  (finds the other folders)
import buyer  # noqa: E402
import check_vendure  # noqa: E402
import kontor_under_test as kut  # noqa: E402


class SapBench(shop_bench.ShopBench):
    @classmethod
    def start_erp(cls):
        cls.images = cls.enterClassContext(kut.ImageServer())
        return kut.start_sap(cls.folder, media=cls.images.url)

    @classmethod
    def settings(cls):
        settings = kut.fast_settings(cls.erp, cls.shop,
                                     erps__main__connection__timeout="5s")
        return shop_bench.with_vendure(settings, cls.shop, media=cls.images.url)

    def assert_same_as_sap(self, **rules):
        report = check_vendure.compare(self.erp.control("data"), self.shop,
                                       check_vendure.Rules(**rules))
        self.assertEqual(report.found, [])
        self.assertEqual(report.refused, {})
        self.assertGreater(report.skus, 0)

    def rows(self, kind, sku):
        return [r for r in self.erp.control("data")[kind]
                if r["MATNR"] == sku and not r.get("DELETED")]

    def change(self, kind, row, **fields):
        key = {name: row[name] for name in kut.KEYS[kind]}
        self.erp.control("change", {"kind": kind, "key": key, "set": fields})

    def cancel(self, bought):
        self.shop.admin("mutation($i:CancelOrderInput!){cancelOrder(input:$i){... on Order{id} "
                        f"{buyer.ERROR}}}}}", {"i": {"orderId": bought.id}})


class Catalogue(SapBench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.kontor.sync()

    def test_everything_is_there_as_sap_has_it(self):
        self.assert_in_step(self.report)
        self.assert_same_as_sap()

    def test_a_second_run_writes_nothing(self):
        self.assertEqual(self.written(self.kontor.sync), 0)
        self.assertEqual(self.written(lambda: self.kontor.sync("all", "--full")), 0)

    def test_one_changed_price_is_one_mutation(self):
        sku = next(g.sku for g in kut.goods_of(self.folder))
        row = next(r for r in self.rows("prices", sku) if r["PRICE_ID"].endswith("-01"))
        self.change("price", row, AMOUNT=kut.moved(row["AMOUNT"], 10))
        self.assertEqual(self.written(lambda: self.kontor.sync("prices")), 1)
        self.assert_same_as_sap()

    def test_what_somebody_changed_in_the_shop_is_found_and_mended(self):
        sku = next(g.sku for g in kut.goods_of(self.folder))
        product = self.variant(sku)["product"]
        self.shop.admin("mutation($i:UpdateProductInput!){updateProduct(input:$i){id}}", {"i": {
            "id": product["id"], "translations": [{"languageCode": "de", "name": "von Hand"}]}})
        self.kontor.must("reconcile", "shop", "--repair", status=(1,))
        self.kontor.sync()
        self.assertEqual(self.variant(sku)["product"]["name"], product["name"])
        self.assertIn("0", self.kontor.must("reconcile", "shop"))
        self.assert_same_as_sap()

    def test_all_logins_expire_in_mid_load(self):
        for sku in (g.sku for g in kut.goods_of(self.folder)):
            row = next(r for r in self.rows("prices", sku) if r["PRICE_ID"].endswith("-01"))
            self.change("price", row, AMOUNT=kut.moved(row["AMOUNT"], 5))
        stop, sessions = threading.Event(), []

        def expire():
            """After the first write of each login, so that one call is met and the next is not."""
            while not stop.wait(0.02):
                before = self.shop.written()
                while self.shop.written() == before and not stop.wait(0.02):
                    pass
                sessions.append(self.shop.log_out_all())
        thread = threading.Thread(target=expire)
        thread.start()
        try:
            report = self.kontor.sync()
        finally:
            stop.set()
            thread.join()
        self.assertGreater(sum(sessions), 0)
        self.assert_in_step(report)
        self.assert_same_as_sap()


class Orders(SapBench):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kontor.sync()
        cls.goods = [g for g in kut.goods_of(cls.folder)
                     if g.tax_class == "1" and cls.in_stock(g.sku) > 20]

    @classmethod
    def in_stock(cls, sku):
        return sum(float(r["AVAILABLE"]) for r in cls.erp.control("data")["stock"]
                   if r["MATNR"] == sku and not r.get("DELETED"))

    def test_an_order_is_booked_once_and_the_number_comes_back(self):
        bought = buyer.buy(self.shop, {self.goods[0].sku: 2, self.goods[1].sku: 1})
        self.kontor.sync("orders")
        document, = self.documents(bought)
        self.assertEqual(self.erp_number(bought), document["number"])
        self.kontor.sync("orders")
        self.assertEqual(len(self.documents(bought)), 1)
        self.assertEqual(self.kontor.exceptions(), [])

    def test_an_order_on_invoice_is_taken_and_its_later_settlement_changes_nothing(self):
        bought = buyer.buy(self.shop, {self.goods[2].sku: 1}, 1, "rechnung")
        self.assertEqual(bought.state, "PaymentAuthorized")
        self.kontor.sync("orders")
        self.assertEqual(len(self.documents(bought)), 1)
        payment = self.shop.admin("query($i:ID!){order(id:$i){payments{id}}}",
                                  {"i": bought.id})["order"]["payments"][0]["id"]
        self.shop.admin("mutation($i:ID!){settlePayment(id:$i){... on Payment{id} "
                        f"{buyer.ERROR}}}}}", {"i": payment})
        self.kontor.sync("orders")
        self.assertEqual(self.kontor.exceptions(), [])

    def test_a_basket_that_waited_long_for_its_payment_is_not_missed(self):
        """Vendure does not date the placing of an order as a change, so an order may look older
        than others that are known already."""
        settings = json.loads(json.dumps(self.kontor.settings))
        self.addCleanup(self.kontor.write, self.kontor.settings)
        settings["channels"]["shop"]["connection"]["order_overlap"] = "0s"
        self.kontor.write(settings)
        waiting = buyer.Buyer(self.shop, 2)
        waiting.put(self.goods[3].sku, 1)
        waiting.check_out()
        other = buyer.buy(self.shop, {self.goods[4].sku: 1})
        node = self.kontor.serve("waits")
        self.addCleanup(node.end)
        self.wait_told(other, node=node)
        bought = waiting.pay()
        self.wait_told(bought, node=node)
        self.assertEqual(len(self.documents(bought)), 1)

    def test_an_order_cancelled_before_it_was_booked_is_not_booked(self):
        bought = buyer.buy(self.shop, {self.goods[5].sku: 1})
        self.cancel(bought)
        before = len(self.erp.control("orders"))
        self.kontor.sync("orders")
        self.assertEqual(len(self.erp.control("orders")), before)
        self.assertIsNone(self.erp_number(bought))

    def test_an_open_order_is_taken_off_the_stock_once(self):
        """SAP takes a booked order off its figure, and the shop holds it back by itself."""
        sku = self.goods[6].sku
        row, = self.rows("stock", sku)
        had = int(float(row["AVAILABLE"]))
        self.assertEqual(self.stock(sku), (had, 0))
        bought = buyer.buy(self.shop, {sku: 3})
        self.assertEqual(self.stock(sku), (had, 3))
        self.kontor.sync("orders")
        self.assertTrue(self.erp_number(bought))
        self.change("stock", row, AVAILABLE=str(had - 3))
        self.kontor.sync()
        on_hand, allocated = self.stock(sku)
        self.assertEqual(on_hand - allocated, had - 3, "what customers can buy")


class PlainShop(SapBench):
    """A shop that nobody prepared: it has no custom fields."""
    shop_options = {"plain": True}

    def notes(self, order_id):
        order = self.shop.admin(
            "query($i:ID!){order(id:$i){history(options:{filter:{type:{eq:\"ORDER_NOTE\"}}}){"
            "items{isPublic data}}}}", {"i": order_id})["order"]
        return [(n["isPublic"], n["data"]["note"]) for n in order["history"]["items"]]

    def test_the_number_comes_back_as_one_private_note(self):
        self.kontor.sync()
        goods = kut.goods_of(self.folder)
        bought = buyer.buy(self.shop, {goods[0].sku: 1})
        self.kontor.sync("orders")
        document = self.erp.control("orders")[-1]
        is_public, note = self.notes(bought.id)[0]
        self.assertFalse(is_public)
        self.assertIn(document["number"], note)
        self.assertIn(document["key"], note)
        self.kontor.sync("orders")
        self.assertEqual(len(self.notes(bought.id)), 1)

    def test_an_order_cancelled_after_it_was_booked_is_shown_to_a_person(self):
        self.kontor.sync()
        bought = buyer.buy(self.shop, {kut.goods_of(self.folder)[1].sku: 1})
        self.kontor.sync("orders")
        self.cancel(bought)
        self.kontor.sync("orders")
        shown = self.kontor.exception("ORDER_CHANGED_AFTER_BOOKING", "shop", order=bought.code)
        self.assertIn("status", shown["parameters"]["diff"])


if __name__ == "__main__":
    shop_bench.main()
