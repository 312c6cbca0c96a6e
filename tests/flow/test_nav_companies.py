#!/usr/bin/python3
"""Two companies of one NAV, each for a shop of its own, from one installation: their numbers do not mix."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402


class Companies(nav.Bench):
    @classmethod
    def make_settings(cls):
        cls.second = kut.start_shop(os.path.join(cls.folder, "second"), "--store-id", "second")
        cls.addClassCleanup(lambda: cls.second.process.poll() is None and cls.second.kill())
        made = nav.settings(cls.nav, cls.shop)
        made["erps"]["other"] = nav.erp(cls.nav, nav.OTHER, "nav-2")
        made["channels"]["second"] = dict(
            made["channels"]["shop"], erp="other",
            connection=dict(made["channels"]["shop"]["connection"], url=cls.second.url))
        return made

    @classmethod
    def make_data(cls):
        os.makedirs(os.path.join(cls.folder, "second"))

    def test_1_each_shop_has_its_own_company(self):
        self.sync()
        self.assertEqual(self.kontor.exceptions(), [])
        first = self.assert_same_as_nav(self.shop, nav.COMPANY)
        second = self.assert_same_as_nav(self.second, nav.OTHER)
        self.assertNotEqual(first.skus, second.skus)
        companies = {r["company"] for r in self.nav.control("requests") if r.get("company")}
        self.assertEqual(companies, {nav.COMPANY, nav.OTHER})

    def test_2_a_change_in_one_is_none_in_the_other(self):
        self.nav.control("change" + nav.company_query(nav.OTHER), {
            "table": "item", "key": {"No": "N-100001"}, "set": {
                "Unit_Price": self.moved_price("N-100001", nav.OTHER)}})
        before = self.shop.control("counts")["writes"]
        self.sync()
        self.assertEqual(self.shop.control("counts")["writes"], before)
        self.assert_same_as_nav(self.second, nav.OTHER)

    def test_3_the_same_order_number_is_two_orders(self):
        goods = [g for g in nav.goods_of(nav.company_folders(self.folder)[1]) if "." not in g.sku]
        for shop in (self.shop, self.second):
            made = kut.orders.make_orders(goods, 2, seed=5, plain=True)
            kut.orders.post(shop.url, made)
        self.sync()
        for shop, company in ((self.shop, nav.COMPANY), (self.second, nav.OTHER)):
            documents = self.nav.control("orders" + nav.company_query(company))
            told = {kut.number_of(o) for o in shop.control("orders")}
            self.assertEqual({d["number"] for d in documents}, told)
            self.assertEqual(len(told), 2)


if __name__ == "__main__":
    kut.main()
