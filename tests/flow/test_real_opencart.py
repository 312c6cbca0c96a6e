#!/usr/bin/python3
"""A shop's own tables: HTML and entities in texts, options that multiply into variants."""
import html
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import bench  # noqa: E402


class OpenCart(bench.RealSet):
    name = "opencart"

    def test_two_options_multiply(self):
        """Four colours in three sizes, each with its own price; the faulty two are left out."""
        page, variation = self.page_of("Product 15-31-39")
        self.assertIsNotNone(variation)
        self.assertEqual(len(self.variants(page)), 12)
        self.assertEqual(float(variation["regular_price"]), 100 + 20 + 4)

    def test_entities_are_not_escaped_twice(self):
        page, _ = self.page_of("Product 15-31-39")
        self.assertEqual(html.unescape(page["name"]), 'Apple Cinema 30"')
        for product in self.products:
            for text in (product["name"], product["description"]):
                self.assertNotIn("&amp;quot;", text)
                self.assertNotIn("&amp;amp;", text)
                self.assertNotIn("&lt;p&gt;", text)

    def test_markup_stays_markup(self):
        page, _ = self.page_of("Product 17")
        self.assertIn("<div>", page["description"])


if __name__ == "__main__":
    bench.main()
