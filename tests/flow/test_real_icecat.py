#!/usr/bin/python3
"""Icecat's open catalogue: many articles, many GTINs, long titles, thousands of attributes.

2,000 articles, always the same ones; all 13,553 with KONTOR_TEST_ALL_ICECAT=1.
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "realdata"))
import bench  # noqa: E402

IS_ALL = bool(os.environ.get("KONTOR_TEST_ALL_ICECAT"))


class Icecat(bench.RealSet):
    name = "icecat"
    limit = None if IS_ALL else 2000
    wait_s = 900 if IS_ALL else 120

    def test_every_article_is_a_page_of_its_own(self):
        sold = len(self.data.articles) - len(self.faults.articles)
        self.assertEqual(len(self.products), sold)
        self.assertEqual({p["type"] for p in self.products}, {"simple"})

    def test_titles_of_more_than_forty_characters_arrive_whole(self):
        long = [sku for sku, a in self.data.articles.items()
                if len(a["TEXT"][0]["NAME"]) > 40 and sku not in self.faults.articles]
        self.assertGreater(len(long), len(self.data.articles) // 2)
        for sku in long:
            self.assertEqual(self.by_sku[sku]["name"], self.data.articles[sku]["TEXT"][0]["NAME"])

    def test_the_first_of_several_gtins_is_shown(self):
        several = [a for sku, a in self.data.articles.items()
                   if len(a["GTIN"]) > 1 and sku not in self.faults.articles]
        self.assertGreater(len(several), 100)
        for article in several:
            self.assertEqual(self.by_sku[article["MATNR"]]["global_unique_id"],
                             article["GTIN"][0]["GTIN"])


if __name__ == "__main__":
    bench.main()
