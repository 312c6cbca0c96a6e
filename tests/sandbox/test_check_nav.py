#!/usr/bin/python3
"""The checker's NAV side: what a company asks for, and that each difference becomes a sentence."""
import copy
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_nav  # noqa: E402
import navcatalogue  # noqa: E402
from check_source import Rules, pages_of, price_of, stock_of  # noqa: E402
from check_source_nav import Source, tables_of  # noqa: E402

GOOD, OTHER, BAD = "2000000000015", "2000000000022", "2000000000016"
TABLES = {
    "company": {"LCY_Code": "EUR"},
    "items": [
        {"No": "1", "Description": "Tisch\x1f rund", "Description_2": "Eiche", "Base_Unit_of_Measure": "STK",
         "GTIN": BAD, "Unit_Price": "100.005", "Gross_Weight": "12.5", "Item_Category_Code": "M", "Type": "Inventory"},
        {"No": "2", "Description": "Stuhl", "Base_Unit_of_Measure": "STK", "Unit_Price": "20", "Type": "Inventory"}],
    "variants": [{"Item_No": "2", "Code": "R", "Description": "Stuhl - rot"},
                 {"Item_No": "2", "Code": "B", "Description": "Stuhl"}],
    "references": [{"Item_No": "1", "Cross_Reference_Type": "Bar_Code", "Cross_Reference_No": GOOD,
                    "Unit_of_Measure": "STK"},
                   {"Item_No": "2", "Variant_Code": "R", "Cross_Reference_Type": "Bar_Code",
                    "Cross_Reference_No": OTHER}],
    "translations": [{"Item_No": "1", "Language_Code": "ENU", "Description": "Table"}],
    "attributes": [{"Table_ID": "27", "Item_No": "1", "Attribute_ID": "1", "Attribute_Name": "Breite", "Value": "80",
                    "Unit_of_Measure": "CM"},
                   {"Table_ID": "5722", "Item_No": "1", "Attribute_ID": "2", "Attribute_Name": "Alter", "Value": "1"}],
    "item_units": [{"Item_No": "1", "Code": "SET", "Qty_per_Unit_of_Measure": "4"}],
    "categories": [{"Code": "M", "Description": "Möbel"}],
    "prices": [
        {"Item_No": "2", "Sales_Type": "All_Customers", "Variant_Code": "R", "Unit_Price": "25",
         "Starting_Date": "2020-01-01"},
        {"Item_No": "1", "Sales_Type": "Campaign", "Sales_Code": "C", "Unit_Price": "1"},
        {"Item_No": "1", "Sales_Type": "All_Customers", "Unit_Price": "2", "Ending_Date": "1903-12-31"},
        {"Item_No": "1", "Sales_Type": "Customer", "Sales_Code": "10001", "Unit_Price": "3"}],
    "stock": [{"Item_No": "1", "Quantity": "5"}, {"Item_No": "1", "Quantity": "3", "Location_Code": "B"},
              {"Item_No": "2", "Variant_Code": "R", "Quantity": "2"}, {"Item_No": "2", "Quantity": "9"}],
    "sales_lines": [{"Type": "Item", "No": "1", "Outstanding_Qty_Base": "2"}], "purchase_lines": []}
SHOP = [
    {"id": 1, "type": "simple", "sku": "1", "status": "publish", "name": "Tisch rund", "short_description": "Eiche",
     "description": "", "regular_price": "100.01", "sale_price": "", "stock_quantity": 6, "weight": "12.5",
     "global_unique_id": GOOD, "images": [], "categories": [{"name": "Möbel", "path": ["Möbel"]}],
     "attributes": [{"name": "Breite", "options": ["80 CM"], "variation": False}]},
    {"id": 2, "type": "variable", "sku": "2", "status": "publish", "name": "Stuhl", "images": [], "categories": [],
     "description": "", "short_description": "",
     "attributes": [{"name": "Variant", "options": ["rot", "B"], "variation": True}]}]


def variation(number, sku, price, stock, gtin, option):
    return {"id": number, "type": "variation", "parent_id": 2, "sku": sku, "status": "publish", "image": None,
            "regular_price": price, "sale_price": "", "stock_quantity": stock, "weight": "", "description": "",
            "global_unique_id": gtin, "attributes": [{"name": "Variant", "option": option}]}


SHOP += [variation(3, "2.R", "25.00", 2, OTHER, "rot"), variation(4, "2.B", "20.00", None, "", "B")]


def found(change=None, **rules):
    products = copy.deepcopy(SHOP)
    if change:
        change({p["sku"]: p for p in products})
    return check_nav.compare(TABLES, products, Rules(**rules)).found


class Differences(unittest.TestCase):
    def test_a_shop_as_it_should_be(self):
        self.assertEqual(found(), [])

    def test_each_difference_is_a_sentence(self):
        for change, sentence in (
                (lambda p: p["1"].update(name="Tisch"), "1: name is 'Tisch' in the shop, should be 'Tisch rund'."),
                (lambda p: p["1"].update(stock_quantity=8), "1: stock is 8 in the shop, should be 6."),
                (lambda p: p["1"].update(regular_price="100.00"),
                 "1: price is '100.00' in the shop, should be '100.01'."),
                (lambda p: p["1"].update(global_unique_id=BAD), f"1: GTIN is '{BAD}' in the shop, should be '{GOOD}'."),
                (lambda p: p["1"].update(weight="12"), "1: weight is '12' kg in the shop, should be '12.5'."),
                (lambda p: p["1"].update(categories=[]), "1: category Möbel is missing in the shop."),
                (lambda p: p["1"]["attributes"][0].update(options=["80"]),
                 "1: attribute Breite is '80' in the shop, should be '80 CM'."),
                (lambda p: p["1"].update(attributes=[]),
                 "1: attribute Breite is missing in the shop, should be '80 CM'."),
                (lambda p: p["2.R"].update(regular_price="20.00"),
                 "2.R: price is '20.00' in the shop, should be '25.00'."),
                (lambda p: p["2.B"].update(stock_quantity=9), "2.B: stock is 9 in the shop, should be 0."),
                (lambda p: p["2.R"]["attributes"][0].update(option="B"),
                 "2.R: Variant is 'B' in the shop, should be 'rot'."),
                (lambda p: p["2.R"].update(sku="2.X"), "2.R: is missing in the shop.")):
            self.assertIn(sentence, found(change))

    def test_what_nav_does_not_know(self):
        self.assertIn("2.X: is in the shop, but not in NAV.", found(lambda p: p["2.R"].update(sku="2.X")))

    def test_languages(self):
        self.assertEqual(found(lambda p: p["1"].update(name="Table", short_description=""), language="en",
                               fallback="de"), [])


class Companies(unittest.TestCase):
    def test_every_article_of_a_made_up_company_can_be_judged(self):
        with tempfile.TemporaryDirectory() as folder:
            navcatalogue.Company(1).write(folder)
            source = Source(tables_of(folder)).rows()
        rules = Rules()
        pages, generic = pages_of(source["articles"], rules)
        self.assertEqual([p.refused for p in pages.values() if p.refused], [])
        priced = [a["MATNR"] for a in source["articles"] if a["MATNR"] not in generic and price_of(
            [p for p in source["prices"] if p["MATNR"] == a["MATNR"]], rules, article=a) is not None]
        self.assertEqual(len(priced), len(source["articles"]) - len(generic))
        stocked = {s["MATNR"] for s in source["stock"]}
        self.assertEqual(len(stocked), len(priced) - 1)         # one is a service
        self.assertTrue(all(stock_of([s], rules) >= 0 for s in source["stock"]))

    def test_the_same_every_time(self):
        self.assertEqual(navcatalogue.Company(1).tables, navcatalogue.Company(1).tables)
        self.assertNotEqual(navcatalogue.Company(1).tables, navcatalogue.Company(2).tables)


if __name__ == "__main__":
    unittest.main(verbosity=2)
