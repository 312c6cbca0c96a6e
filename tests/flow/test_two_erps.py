#!/usr/bin/python3
"""Two ERPs and two shops from one installation: SAP leads the articles, a NAV company counts and
delivers a part of them; a second shop shows another scope, whose numbers are the same and mean
something else. The rule route sends order lines to the ERP that delivers them."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402
from navcatalogue import Company  # noqa: E402

SCOPE = "group"
RULE = """
local function route(view)
  for _, row in ipairs(view.stock) do
    if row.warehouse == "NAV" then return "nav" end
  end
end
return { route = route }
"""


class Delivering(Company):
    """A NAV company that stocks articles under SAP's numbers, and nothing else."""

    def __init__(self, articles):
        super().__init__(1, 12)
        for table in ("items", "variants", "references", "translations", "attributes", "item_units",
                      "prices", "stock", "purchase_lines", "sales_lines"):
            self.tables[table].clear()
        self.add("units", Code="PCE", Description="Piece", International_Standard_Code="PCE")
        for article in articles:
            self.add("items", No=article["MATNR"], Description="known to SAP", Type="Inventory",
                     Base_Unit_of_Measure="PCE", VAT_Prod_Posting_Group="VAT19", Unit_Price="1",
                     Price_Includes_VAT=True, Last_Date_Modified="2026-11-01")
            self.add("item_units", Item_No=article["MATNR"], Code="PCE", Qty_per_Unit_of_Measure="1")
            self.entry(article["MATNR"], "", "NAV", 40, "Positive_Adjmt")


class TwoErps(kut.unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder("twoerps")
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.sap = kut.start_sap(cls.folder)
        cls.addClassCleanup(cls.sap.kill)
        cls.goods = [g for g in kut.goods_of(cls.folder)
                     if cls.article(g.sku)["MEINS"] == "PCE"]
        cls.in_nav = {g.sku for g in cls.goods[::2]}
        cls.nav = cls.start_nav()
        cls.addClassCleanup(cls.nav.kill)
        cls.shop = kut.start_shop(cls.folder)
        cls.addClassCleanup(cls.shop.kill)
        os.makedirs(os.path.join(cls.folder, "second"))
        cls.second = kut.start_shop(os.path.join(cls.folder, "second"), "--store-id", "second")
        cls.addClassCleanup(cls.second.kill)
        cls.kontor = kut.Kontor(cls.folder, cls.settings())
        cls.write_rule()
        cls.kontor.migrate()
        cls.addClassCleanup(cls.kontor.close)

    @classmethod
    def article(cls, sku):
        return next(a for a in cls.sap.control("data")["articles"] if a["MATNR"] == sku)

    @classmethod
    def start_nav(cls):
        places = [os.path.join(cls.folder, name) for name in ("nav-1", "nav-2")]
        Delivering([cls.article(sku) for sku in sorted(cls.in_nav)]).write(places[0])
        other = Company(2, 30)
        # numbers of SAP's, for something else
        called = dict(zip((item["No"] for item in other.tables["items"][3:5]), sorted(cls.in_nav)))
        for table, rows in other.tables.items():
            name = "No" if table == "items" else "Item_No"
            for row in rows:
                if row.get(name) in called:
                    row[name] = called[row[name]]
        other.write(places[1])
        return nav.start_nav(cls.folder, data=places)

    @classmethod
    def settings(cls):
        made = kut.fast_settings(cls.sap, cls.shop, erps__main__scope=SCOPE,
                                 erps__main__leads=["product", "variant", "price", "category",
                                                    "customer"],
                                 channels__shop__warehouses=["NAV"])
        made["erps"]["main"]["every"] = dict(kut.EVERY_SECOND, stock="0s")
        by_stock = dict(kut.BY_HAND, stock="1s")
        made["erps"]["nav"] = dict(nav.erp(cls.nav, scope=SCOPE), leads=["stock"], every=by_stock)
        made["erps"]["other"] = nav.erp(cls.nav, nav.OTHER, "nav-2")
        made["channels"]["second"] = dict(
            made["channels"]["shop"], erp="other", price_list=nav.LIST, warehouses=[],
            connection=dict(made["channels"]["shop"]["connection"], url=cls.second.url))
        return made

    @classmethod
    def write_rule(cls):
        place = os.path.join(cls.folder, "mappings", "main")
        os.makedirs(place)
        with open(os.path.join(place, "hooks.lua"), "w", encoding="utf-8") as file:
            file.write(RULE)

    def sync(self):
        report = self.kontor.sync("all")
        self.assertEqual(report["rest"]["left"], 0, report)

    @staticmethod
    def goods_in(shop):
        return {p["sku"]: p for p in shop.control("products") if p["status"] != "trash"}

    def test_1_articles_of_one_and_stock_of_the_other(self):
        self.sync()
        held = self.goods_in(self.shop)
        self.assertEqual(set(g.sku for g in self.goods) - set(held), set())
        for goods in self.goods:
            product = held[goods.sku]
            self.assertNotEqual(product["name"], "known to SAP")
            self.assertEqual(product["stock_quantity"], 40 if goods.sku in self.in_nav else None,
                             goods.sku)

    def test_2_the_same_number_is_another_thing_in_the_other_scope(self):
        first, second = self.goods_in(self.shop), self.goods_in(self.second)
        both = set(first) & set(second)
        self.assertTrue(both)
        for sku in both:
            self.assertNotEqual(first[sku]["name"], second[sku]["name"])

    def test_3_lines_go_to_the_erp_that_delivers_them(self):
        in_nav = next(g for g in self.goods if g.sku in self.in_nav)
        in_sap = next(g for g in self.goods if g.sku not in self.in_nav)
        made = kut.orders.make_orders([in_nav, in_sap], 6, seed=3, plain=True)
        kut.orders.post(self.shop.url, made)
        self.sync()
        self.assertEqual(self.kontor.open_codes(), [])
        in_sap_documents = self.sap.control("orders")
        in_nav_documents = self.nav.control("orders")
        lines = [{line["sku"] for line in o["line_items"]} for o in self.shop.control("orders")]
        self.assertEqual(len(in_nav_documents), sum(in_nav.sku in skus for skus in lines))
        alone = sum(skus == {in_nav.sku} for skus in lines)
        self.assertEqual(len(in_sap_documents), len(lines) - alone)
        divided = [o for o in self.shop.control("orders") if len(o["line_items"]) > 1]
        self.assertTrue(divided)
        numbers = {d["number"] for d in in_nav_documents}
        for order in divided:
            told = kut.number_of(order).split(", ")
            self.assertEqual(len(told), 2)
            self.assertEqual(len(numbers & set(told)), 1)

    def test_4_a_second_run_writes_nothing(self):
        before = [shop.control("counts")["writes"] for shop in (self.shop, self.second)]
        self.sync()
        self.assertEqual(before, [s.control("counts")["writes"] for s in (self.shop, self.second)])


if __name__ == "__main__":
    kut.main()
