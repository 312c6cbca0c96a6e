"""Kontor between a stand-in of an ERP and a real Vendure: what the tests of this folder share."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "flow")]
import kontor_under_test as kut  # noqa: E402
import peer  # noqa: E402

ORDER = ("id code state totalWithTax customFields{erpNumber kontorKey} "
         "lines{id quantity productVariant{sku}} "
         "fulfillments{id state method trackingCode lines{orderLineId quantity}}")
VARIANT = ("id sku name enabled price priceWithTax "
           "stockLevels{stockOnHand stockAllocated} product{id name slug enabled}")


def main():
    kut.need_program()
    try:
        peer.install()
    except peer.Missing as why:
        peer.skip(why)
    unittest.main(verbosity=2)


def channel(shop, **more):
    """The section of a channel: everything as short as the settings allow."""
    section = {"adapter": "vendure", "erp": "main",
               "connection": {"url": shop.url + "/admin-api", "user": peer.USER,
                              "password": "env:KONTOR_TEST_SHOP", "timeout": "20s",
                              "connect_timeout": "1s", "order_overlap": "5s"},
               "language": "de", "fallback_language": "en", "market": "DE",
               "zone": "Europe/Berlin", "currency": "EUR", "price_list": "00",
               "orders": {"take": True, "every": "1s", "from": "2020-01-01T00:00:00Z"}}
    return dict(section, **more)


class Kontor(kut.Kontor):
    """One installation whose shop is a Vendure."""
    secrets = {}

    def environment(self, extra=None):
        more = {"KONTOR_TEST_SHOP": peer.PASSWORD, **self.secrets}
        return super().environment({**more, **(extra or {})})


class ShopBench(unittest.TestCase):
    """A class of tests around one folder, an ERP's stand-in, a Vendure and one installation."""
    shop_options = {}
    secrets = {}             # more of the environment

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder(cls.__name__.lower())
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.erp = cls.start_erp()
        cls.addClassCleanup(lambda: cls.erp.process.poll() is None and cls.erp.kill())
        cls.shop = cls.enterClassContext(peer.Vendure(**cls.shop_options))
        cls.kontor = Kontor(cls.folder, cls.settings())
        cls.kontor.secrets = cls.secrets
        cls.kontor.migrate()
        cls.addClassCleanup(cls.kontor.close)

    @classmethod
    def start_erp(cls):
        raise NotImplementedError

    @classmethod
    def settings(cls):
        raise NotImplementedError

    # ---- the shop as a person in its back office sees it

    def order(self, bought):
        return self.shop.admin(f"query($i:ID!){{order(id:$i){{{ORDER}}}}}",
                               {"i": bought.id})["order"]

    def variant(self, sku):
        found = self.shop.all("productVariants", VARIANT, {"filter": {"sku": {"eq": sku}}})
        self.assertEqual(len(found), 1, sku)
        return found[0]

    def stock(self, sku):
        """(on hand, allocated)"""
        levels = self.variant(sku)["stockLevels"]
        return (sum(x["stockOnHand"] for x in levels), sum(x["stockAllocated"] for x in levels))

    def erp_number(self, bought):
        return self.order(bought)["customFields"]["erpNumber"]

    def fulfillments(self, bought, state="Shipped"):
        return [f for f in self.order(bought)["fulfillments"] or [] if f["state"] == state]

    def wait_told(self, *bought, node=None, deadline_s=40):
        kut.wait_for("ERP numbers in the shop", lambda: all(map(self.erp_number, bought)),
                     deadline_s, [node] if node else ())

    def written(self, action):
        """Mutations that one action caused."""
        before = self.shop.written()
        action()
        return self.shop.written() - before

    def documents(self, bought):
        key = self.order(bought)["customFields"]["kontorKey"]
        return [d for d in self.erp.control("orders") if d["key"] == key]

    def assert_in_step(self, report):
        self.assertEqual(report["rest"]["left"], 0, report)
        self.assertEqual(self.kontor.exceptions(), [])
