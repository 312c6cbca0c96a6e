"""Kontor between a stand-in of an ERP and a real Vendure: what the tests of this folder share."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "flow")]
import kontor_under_test as kut  # noqa: E402
import peer  # noqa: E402

# The shop's payment methods as NAV calls them.
PAYMENTS = ["karte=KARTE", "rechnung=VORKASSE"]
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


def with_vendure(settings, shop, media=None, **channel):
    """Settings of kontor_under_test whose channel is this Vendure: all as short as it may be."""
    connection = {"url": shop.url + "/admin-api", "user": peer.USER,
                  "password": "env:KONTOR_TEST_SHOP", "timeout": "20s", "connect_timeout": "1s",
                  "order_overlap": "5s", **({"media_url": media} if media else {})}
    section = dict(settings["channels"]["shop"], adapter="vendure", connection=connection,
                   **channel)
    return dict(settings, channels={"shop": section})


class Kontor(kut.Kontor):
    """One installation whose shop is a Vendure."""

    def environment(self, extra=None):
        return super().environment({"KONTOR_TEST_SHOP": peer.PASSWORD, **(extra or {})})


class ShopBench(unittest.TestCase):
    """A class of tests around one folder, an ERP's stand-in, a Vendure and one installation."""
    shop_options = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder(cls.__name__.lower())
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.erp = cls.start_erp()
        cls.addClassCleanup(lambda: cls.erp.process.poll() is None and cls.erp.kill())
        cls.shop = cls.enterClassContext(peer.Vendure(**cls.shop_options))
        cls.kontor = Kontor(cls.folder, cls.settings()).migrate()
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
