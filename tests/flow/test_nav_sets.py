#!/usr/bin/python3
"""The converters of NAV's demo companies by themselves: the stand-in takes what they write, nothing is lost."""
import os
import sys
import tempfile
import unittest
from decimal import Decimal

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "realdata"), os.path.join(HERE, "..", "sandbox")]
import convert_nav  # noqa: E402
import navfiles  # noqa: E402
from check_source import gtin_is_wrong  # noqa: E402
from standin import StandIn  # noqa: E402

SIZES = {"contoso": {"items": 64, "variants": 3, "references": 12, "attributes": 87, "item_units": 82, "units": 19,
                     "categories": 15, "stock": 41, "tracking_codes": 6, "customers": 5, "sales_lines": 20},
         "cronus": {"items": 29, "item_units": 31, "units": 5, "stock": 60, "customers": 47}}


class Converters(unittest.TestCase):
    def test_nothing_is_lost_and_nav_takes_it(self):
        for name, wanted in SIZES.items():
            data = convert_nav.convert(name)
            self.assertEqual({table: len(rows) for table, rows in data.tables.items() if rows}, wanted)
            with tempfile.TemporaryDirectory(prefix="kontor-nav-") as folder:
                data.write(folder)
                with StandIn("nav.py", "--data", folder, "--port", "0") as nav:
                    records = nav.control("counts")["records"]
                    self.assertEqual((records["item"], records["attribute"]),
                                     (wanted["items"], wanted.get("attributes", 0)))

    def test_no_placeholder_is_left(self):
        for name in SIZES:
            for table, rows in convert_nav.convert(name).tables.items():
                for row in rows.values():
                    for field, value in row.items():
                        self.assertFalse(str(value).startswith("<"), f"{name} {table} {field}: {value}")

    def test_an_unknown_placeholder_stops_the_converter(self):
        data = navfiles.NavData("X", {"Known": "1"})
        self.assertEqual([data.plain(t) for t in ("<Known>", "<AdjustPrice(1.6)>", "<2 * 8>", "x")],
                         ["1", "1.6", "16", "x"])
        with self.assertRaises(navfiles.Unknown):
            data.plain("<Unknown>")

    def test_what_was_chosen(self):
        data = convert_nav.convert("contoso")
        items = {i["No"]: i for i in data.rows("items")}
        self.assertEqual({i["Type"] for i in items.values()}, {"Inventory", "Service", "Non_Inventory"})
        self.assertEqual({i["No"] for i in items.values() if i["Type"] == "Service"}, {"SER101", "SER102", "SER203"})
        self.assertFalse(any(gtin_is_wrong(i["GTIN"]) for i in items.values() if "GTIN" in i))
        units = {a["Unit_of_Measure"] for a in data.rows("attributes") if a.get("Unit_of_Measure")}
        self.assertEqual(units, {"CM"})
        self.assertEqual({e["Posting_Date"] for e in data.rows("stock")}, {"1902-06-01"})
        open_lines = sum(Decimal(r["Outstanding_Qty_Base"]) for r in data.rows("sales_lines"))
        self.assertEqual(open_lines, self.open_quantity())

    @staticmethod
    def open_quantity():
        folder = convert_nav.folder_of("contoso")
        orders = {h["doc"] for h in navfiles.rows_of(folder, "sales_headers") if h["DocumentType"] == "Order"}
        known = {i["ItemNo"] for i in navfiles.rows_of(folder, "items")}
        return sum(Decimal(x["Quantity"]) for x in navfiles.rows_of(folder, "sales_lines")
                   if x["doc"] in orders and x["ItemNo"] in known)

    def test_the_same_every_time(self):
        for name in SIZES:
            self.assertEqual(convert_nav.convert(name).tables, convert_nav.convert(name).tables)

    def test_without_the_data_it_says_so(self):
        with tempfile.TemporaryDirectory() as empty, self.assertRaises(convert_nav.Missing):
            convert_nav.convert("cronus", root=empty)


if __name__ == "__main__":
    if not all(os.path.isdir(convert_nav.folder_of(name)) for name in SIZES):
        print(f"skipped: no reference data in {convert_nav.shared()}; KONTOR_SHARED names their folder")
        sys.exit(77)
    unittest.main(verbosity=2)
