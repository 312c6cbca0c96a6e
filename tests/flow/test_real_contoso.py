#!/usr/bin/python3
"""Flat articles whose names differ by the colour at their end: grouped by name, axis COLOUR."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import bench  # noqa: E402


class Contoso(bench.RealSet):
    name = "contoso"

    def test_the_colours_of_one_device_share_a_page(self):
        """Silver and blue of the first device, and the page has the name without either."""
        first, second = "0101001", "0101002"
        page, variation = self.page_of(first)
        other, _ = self.page_of(second)
        self.assertIsNotNone(variation)
        self.assertEqual(page["id"], other["id"])
        self.assertEqual(page["name"], "Contoso 512MB MP3 Player E51")

    def test_two_words_of_colour_are_one_value(self):
        """ "… X300 Silver Grey" stands beside "… X300 Grey" and "… X300 Silver"."""
        grey = [sku for sku, a in self.data.articles.items()
                if self.data.value_of(a, "COLOUR") == "Silver Grey"]
        pages = [self.page_of(sku)[0] for sku in grey]
        matrices = [page for page in pages if page["type"] == "variable"]
        self.assertEqual(len(pages), 9)
        self.assertGreater(len(matrices), 4)
        for page in matrices:
            self.assertFalse(page["name"].endswith(("Silver", "Grey")), page["name"])

    def test_a_name_that_does_not_end_in_its_colour_stays_alone(self):
        loners = [sku for sku, a in self.data.articles.items()
                  if a["TEXT"][0]["NAME"].startswith("MGS ") and self.is_bare(a)
                  and sku not in self.faults.articles]
        self.assertGreater(len(loners), 80)
        for sku in loners:
            page, variation = self.page_of(sku)
            self.assertIsNone(variation, sku)
            self.assertEqual(page["type"], "simple")

    def is_bare(self, article):
        colour = self.data.value_of(article, "COLOUR").casefold()
        return not article["TEXT"][0]["NAME"].casefold().endswith(" " + colour)

    def test_most_pages_are_matrices(self):
        matrices = [p for p in self.products if p["type"] == "variable"]
        self.assertGreater(len(matrices), 400)
        self.assertLess(len(self.products), 620)


if __name__ == "__main__":
    bench.main()
