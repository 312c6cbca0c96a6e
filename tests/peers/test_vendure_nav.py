#!/usr/bin/python3
"""NAV's stand-in and a real Vendure: catalogue out, orders in, deliveries with tracking back."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop_bench  # noqa: E402  (finds the other folders)
import buyer  # noqa: E402
import check_vendure  # noqa: E402
import kontor_under_test as kut  # noqa: E402
import nav_under_test as nav  # noqa: E402
import check_nav  # noqa: E402
from check_source_nav import Source  # noqa: E402


class NavBench(shop_bench.ShopBench):
    @classmethod
    def start_erp(cls):
        cls.data, _ = nav.company_folders(cls.folder)
        return nav.start_nav(cls.folder, data=[cls.data])

    @classmethod
    def settings(cls):
        return shop_bench.with_vendure(
            nav.settings(cls.erp, cls.shop, {"payments": shop_bench.PAYMENTS, "timeout": "5s"}),
            cls.shop, price_list=nav.LIST)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.kontor.sync()
        left = {}
        for row in Source(check_nav.tables_from(cls.erp.url)).rows()["stock"]:
            left[row["MATNR"]] = left.get(row["MATNR"], 0) + float(row["AVAILABLE"])
        cls.goods = [g.sku for g in nav.goods_of(cls.data)
                     if g.tax_class == "1" and left.get(g.sku, 0) > 20]

    def assert_same_as_nav(self):
        source = Source(check_nav.tables_from(self.erp.url), language="de").rows()
        report = check_vendure.compare(source, self.shop, check_vendure.Rules())
        self.assertEqual(report.found, [])
        self.assertEqual(report.refused, {})
        self.assertGreater(report.skus, 0)

    def booked(self, goods, person=0):
        """An order that NAV has booked and the shop knows of: (bought, NAV's document)."""
        bought = buyer.buy(self.shop, goods, person)
        self.kontor.sync("orders")
        document, = self.documents(bought)
        self.assertEqual(self.erp_number(bought), document["number"])
        return bought, document

    def ship(self, document, **told):
        return self.erp.control("ship", {"number": document["number"], **told})

    def deliver(self):
        """NAV's deliveries reach the shop."""
        self.kontor.sync()
        self.assertEqual(self.kontor.exceptions(), [])


class Catalogue(NavBench):
    def test_everything_is_there_as_nav_has_it(self):
        self.assert_in_step(self.report)
        self.assert_same_as_nav()

    def test_a_second_run_writes_nothing(self):
        self.assertEqual(self.written(self.kontor.sync), 0)
        self.assertEqual(self.written(lambda: self.kontor.sync("all", "--full")), 0)


class Deliveries(NavBench):
    def test_a_delivery_comes_back_with_its_tracking(self):
        bought, document = self.booked({self.goods[0]: 2, self.goods[1]: 1})
        shipment = self.ship(document, agent="DHL", service="PAKET", tracking="00340434161094")
        self.deliver()
        sent, = self.fulfillments(bought)
        self.assertEqual(sent["trackingCode"], "00340434161094")
        self.assertEqual(sent["method"], f"DHL PAKET ({shipment['number']})")
        self.assertEqual(sorted(x["quantity"] for x in sent["lines"]), [1, 2])
        self.assertEqual(self.order(bought)["state"], "Shipped")
        self.assertEqual(self.stock(self.goods[0])[1], 0)
        self.assertEqual(self.written(self.kontor.sync), 0)

    def test_a_part_and_then_the_rest(self):
        bought, document = self.booked({self.goods[2]: 3}, 1)
        line = self.order(bought)["lines"][0]
        name = f"item-{line['id']}"
        self.ship(document, lines={name: "1"}, agent="DHL", tracking="A1")
        self.deliver()
        self.assertEqual(self.order(bought)["state"], "PartiallyShipped")
        self.ship(document, agent="DHL", tracking="A2")
        self.deliver()
        sent = {f["trackingCode"]: f["lines"] for f in self.fulfillments(bought)}
        self.assertEqual({k: [(x["orderLineId"], x["quantity"]) for x in v]
                          for k, v in sent.items()},
                         {"A1": [(line["id"], 1)], "A2": [(line["id"], 2)]})
        self.assertEqual(self.order(bought)["state"], "Shipped")

    def test_a_corrected_tracking_number_replaces_the_first(self):
        bought, document = self.booked({self.goods[3]: 1}, 2)
        shipment = self.ship(document, agent="DHL", tracking="WRONG")
        self.deliver()
        self.erp.control("change", {"table": "shipment", "key": {"No": shipment["number"]},
                                    "set": {"Package_Tracking_No": "RIGHT"}})
        self.deliver()
        sent, = self.fulfillments(bought)
        self.assertEqual(sent["trackingCode"], "RIGHT")
        self.assertEqual(len(self.fulfillments(bought, "Cancelled")), 1)
        self.assertEqual(self.order(bought)["state"], "Shipped")

    def test_what_a_person_has_fulfilled_by_hand_is_not_sent_twice(self):
        bought, document = self.booked({self.goods[4]: 1})
        line = self.order(bought)["lines"][0]
        made = self.shop.admin(
            "mutation($i:FulfillOrderInput!){addFulfillmentToOrder(input:$i){"
            f"... on Fulfillment{{id}} {buyer.ERROR}}}}}",
            {"i": {"lines": [{"orderLineId": line["id"], "quantity": 1}],
                   "handler": {"code": "manual-fulfillment", "arguments": [
                       {"name": "method", "value": "Paket"},
                       {"name": "trackingCode", "value": "B7"}]}}})["addFulfillmentToOrder"]
        self.ship(document, agent="DHL", tracking="B7")
        self.deliver()
        sent, = self.fulfillments(bought)
        self.assertEqual((sent["id"], sent["method"]), (made["id"], "Paket"))

    def test_what_left_the_shelf_is_taken_off_once(self):
        sku = self.goods[5]
        on_hand, _ = self.stock(sku)
        bought, document = self.booked({sku: 2})
        self.kontor.sync()
        self.assertEqual(self.stock(sku), (on_hand, 2))
        self.ship(document, agent="DHL", tracking="C1")
        self.deliver()
        self.kontor.sync()
        self.assertEqual(self.stock(sku), (on_hand - 2, 0))
        self.assertEqual(self.order(bought)["state"], "Shipped")


if __name__ == "__main__":
    shop_bench.main()
