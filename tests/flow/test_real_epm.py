#!/usr/bin/python3
"""SAP's demo company: texts in several languages, nested categories, one page per article."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import bench  # noqa: E402


class Epm(bench.RealSet):
    name = "epm"

    def test_every_article_is_a_page_of_its_own(self):
        sold = len(self.data.articles) - len(self.faults.articles)
        self.assertEqual([p["type"] for p in self.products], ["simple"] * sold)

    def test_german_where_there_is_german_else_english(self):
        languages = set()
        for sku, article in self.data.articles.items():
            if sku in self.faults.articles:
                continue
            names = {t["LANGU"]: t["NAME"] for t in article["TEXT"]}
            languages.add("DE" if "DE" in names else "EN")
            self.assertEqual(self.by_sku[sku]["name"], names.get("DE", names["EN"]))
        self.assertEqual(languages, {"DE", "EN"})


if __name__ == "__main__":
    bench.main()
