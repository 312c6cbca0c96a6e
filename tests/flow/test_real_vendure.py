#!/usr/bin/python3
"""Products with option groups: generic articles with one or two axes, and articles without any."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import bench  # noqa: E402


class Vendure(bench.RealSet):
    name = "vendure"

    def test_two_option_groups_are_two_axes(self):
        page, variation = self.page_of("L2201516")
        self.assertEqual(page["name"], "Laptop")
        self.assertEqual(sorted(a["option"] for a in variation["attributes"]),
                         ["15 inch", "16GB"])
        self.assertEqual(sorted(v["sku"] for v in self.variants(page)),
                         ["L2201308", "L2201316", "L2201508", "L2201516"])

    def test_a_product_without_options_is_a_simple_page(self):
        page, variation = self.page_of("LU32J590UQUXEN")
        self.assertIsNone(variation)
        self.assertEqual((page["type"], page["name"]), ("simple", "32-Inch Monitor"))

    def test_a_number_given_three_times_is_three_articles_of_one_page(self):
        pages = {self.page_of(sku)[0]["id"]
                 for sku in ("404.038.96", "404.038.96-2", "404.038.96-3")}
        self.assertEqual(len(pages), 1)


if __name__ == "__main__":
    bench.main()
