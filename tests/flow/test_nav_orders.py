#!/usr/bin/python3
"""Shop orders into NAV: booked once, held where sums differ, refused with NAV's reason, whatever its language."""
import os
import sys
from decimal import Decimal

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402
from kontor_under_test import wait_for  # noqa: E402

CREATE, FIND = "CreateOrder", "FindOrder"


class Orders(nav.Bench):
    nav_options = ("--language", "es-ES", "--lock-timeout", "0.3")
    more = dict(kut.QUICK, channels__shop__orders__customer="match")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = nav.goods_of(nav.company_folders(cls.folder)[0])
        report = cls.kontor.sync()
        assert report["rest"]["left"] == 0, report
        cls.node = cls.kontor.serve()

    def setUp(self):
        self.nav.control("misbehave", method="DELETE")

    def place(self, *wanted, **fields):
        made = []
        for order in wanted:
            made += [order] if isinstance(order, dict) else kut.sound(self.goods, order)
        return [o["id"] for o in kut.orders.post(self.shop.url, [dict(o, **fields) for o in made])]

    def shop_order(self, order_id):
        return next(o for o in self.shop.control("orders") if o["id"] == order_id)

    def told(self, order_id):
        return wait_for(f"a number at order {order_id}", lambda: kut.number_of(self.shop_order(order_id)), 40,
                        [self.node])

    def document_of(self, order_id):
        found = self.documents(kut.meta(self.shop_order(order_id)).get(kut.KEY))
        self.assertEqual(len(found), 1)
        return found[0]

    def order_key(self, order_id):
        return self.kontor.query("SELECT our_key FROM orders WHERE order_id = ?", str(order_id))[0][0]

    # ---- what gets through

    def test_whole_orders_with_shipping_fees_and_coupons(self):
        made = kut.orders.make_orders(self.goods, 25, seed=31)
        for order_id in self.place(*made):
            number = self.told(order_id)
            document, order = self.document_of(order_id), self.shop_order(order_id)
            self.assertEqual((document["number"], document["blocked"]), (number, ""))
            self.assertEqual(Decimal(document["total"]["Gross"]), Decimal(order["total"]))
            self.assertEqual(Decimal(document["total"]["Vat"]), Decimal(order["total_tax"]))
        types = {line["Type"] for d in self.documents() for line in d["order"]["Line"]}
        self.assertEqual(types, {"Item", "ChargeItem", "GLAccount"})

    def test_variants_and_their_numbers(self):
        thing = next(g for g in self.goods if g.sku.startswith("N-1") and "." in g.sku)
        order = next(o for o in kut.orders.make_orders([thing], 3, seed=8, plain=True))
        order_id, = self.place(order)
        self.told(order_id)
        line = next(x for x in self.nav.control("data")["sales_lines"]
                    if x["Document_No"] == self.document_of(order_id)["number"] and x["Type"] == "Item")
        self.assertEqual(f"{line['No']}.{line['Variant_Code']}", thing.sku)

    def test_a_known_customer(self):
        order = kut.sound(self.goods, 1)[0]
        order["billing"]["email"] = "einkauf@funkelbach.example"
        order_id, = self.place(order)
        self.told(order_id)
        self.assertEqual(self.document_of(order_id)["order"]["CustomerNo"], "10001")

    # ---- what does not

    def test_an_unknown_article_is_a_clerks_case(self):
        order_id, = self.place(kut.orders.make_orders(self.goods, 1, seed=9, fault="unknown_sku", plain=True)[0])
        x = wait_for("ORDER_SKU_UNKNOWN", lambda: self.kontor.exception("ORDER_SKU_UNKNOWN"), alive=[self.node])
        self.assertIn("NO-SUCH-ARTICLE", x["sentence"])
        self.assertEqual(self.documents(self.order_key(order_id)), [])

    def test_navs_own_words_reach_the_clerk(self):
        self.nav.control("misbehave", {"on": CREATE, "mode": "fault", "times": 1, "message":
                                       "La fecha de registro no está dentro del período permitido."})
        order_id, = self.place(1)
        x = wait_for("ORDER_REFUSED", lambda: self.kontor.exception("ORDER_REFUSED"), alive=[self.node])
        self.assertIn("fecha de registro", x["sentence"])
        self.kontor.must("exceptions", "retry", str(x["number"]))
        self.told(order_id)

    # ---- answers that get lost

    def test_each_lost_answer_is_looked_up(self):
        """Each of these befalls one of as many orders."""
        rules = [{"mode": "error_after_create"}, {"mode": "cut", "create": True}, {"mode": "cut"},
                 {"mode": "html", "create": True}, {"mode": "odd"}, {"mode": "odd", "what": "bare", "create": True},
                 {"mode": "odd", "what": "state", "create": True}, {"mode": "odd", "what": "empty"},
                 {"mode": "truncate"}, {"mode": "status", "status": 500, "create": True},
                 {"mode": "late", "delay_s": 2}, {"mode": "twice", "what": "both"}, {"mode": "lock", "hold_s": 1},
                 {"mode": "commit_late", "commit_after_s": 3},
                 {"mode": "fault", "kind": "System.OutOfMemoryException", "message": "x"}]
        self.befall([dict(rule, on=CREATE) for rule in rules], len(rules))

    def test_a_lost_look_up_is_asked_again(self):
        looks = [{"mode": "cut"}, {"mode": "html"}, {"mode": "odd"}, {"mode": "status", "status": 503},
                 {"mode": "lock"}]
        lost = [{"on": CREATE, "mode": "cut", "create": True}] * len(looks)
        self.befall(lost + [dict(rule, on=FIND) for rule in looks], len(looks))

    def befall(self, rules, count):
        self.nav.control("misbehave", {"rules": [dict(rule, times=1) for rule in rules]})
        for order_id in self.place(count):
            self.told(order_id)
            self.assertEqual(self.document_of(order_id)["number"], kut.number_of(self.shop_order(order_id)))
        self.assertEqual([r for r in self.nav.control("misbehave") if r["hits"] != 1], [])


class OwnPrices(nav.Bench):
    """A NAV that prices by itself: a shop that sold for another price has its order held there."""
    nav_options = ("--pricing", "own")

    def test_a_sum_that_differs_is_held_and_released(self):
        self.sync()
        goods = [g for g in nav.goods_of(nav.company_folders(self.folder)[0]) if g.tax_class == "1"]
        sound, = kut.orders.make_orders(goods, 1, seed=3, plain=True, country="DE")
        wrong, = kut.orders.make_orders(goods, 1, seed=4, fault="price_differs", plain=True, country="DE")
        kut.orders.post(self.shop.url, [sound, wrong])
        self.kontor.sync()
        documents = {bool(d["blocked"]): d for d in self.documents()}
        self.assertEqual(set(documents), {True, False})
        x = self.kontor.exception("ORDER_SUM_DIFFERS")
        self.assertIsNotNone(x)
        self.nav.control("release", {"number": documents[True]["number"]})
        self.kontor.must("exceptions", "retry", str(x["number"]))
        self.kontor.sync()
        self.assertEqual(self.kontor.open_codes(), [])
        self.assertEqual({kut.number_of(o) for o in self.shop.control("orders")},
                         {d["number"] for d in self.documents()})


if __name__ == "__main__":
    kut.main()
