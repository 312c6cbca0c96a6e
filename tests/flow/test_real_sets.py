#!/usr/bin/python3
"""The converters by themselves: SAP's stand-in takes what they write, nothing is lost on the way,
and the checker agrees about what must be refused."""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "realdata"), os.path.join(HERE, "..", "sandbox")]
import check_source  # noqa: E402
import convert  # noqa: E402
import sapfiles  # noqa: E402
from standin import StandIn  # noqa: E402

# Articles, of these generic ones, prices, stock rows, categories; without faults.
SIZES = {"epm": (94, 0, 94, 94, 32), "icecat": (13553, 0, 13553, 20413, 0),
         "contoso": (1683, 0, 1683, 1683, 40), "vendure": (101, 13, 88, 88, 9),
         "opencart": (37, 3, 34, 34, 38)}


def sizes(data):
    return (len(data.articles), sum("AXIS" in a for a in data.articles.values()),
            len(data.prices), len(data.stock), len(data.categories))


class Converters(unittest.TestCase):
    def each(self, **options):
        for name in convert.SETS:
            with self.subTest(set=name):
                yield name, convert.convert(name, "http://127.0.0.1:1", **options)

    def test_nothing_is_lost(self):
        for name, data in self.each():
            self.assertEqual(sizes(data), SIZES[name])

    def test_the_same_every_time(self):
        for name, data in self.each(limit=300, with_faults=True):
            again = convert.convert(name, "http://127.0.0.1:1", limit=300, with_faults=True)
            self.assertEqual((data.articles, data.prices, data.stock, data.refused),
                             (again.articles, again.prices, again.stock, again.refused))

    def test_sap_takes_them(self):
        """The stand-in checks every length and form when it starts."""
        for name, data in self.each(with_faults=True):
            with tempfile.TemporaryDirectory(prefix="kontor-real-") as folder:
                data.write(folder)
                with StandIn("sap.py", "--data", folder, "--port", "0") as sap:
                    records = sap.control("counts")["records"]
                    self.assertEqual(records["article"], len(data.articles), name)
                    self.assertEqual(records["price"], len(data.prices), name)

    def test_the_checker_refuses_the_same_articles(self):
        for name, data in self.each(with_faults=True):
            module = convert.set_of(name)
            pages, _ = check_source.pages_of(list(data.articles.values()), check_source.Rules(
                language=module.LANGUAGE, fallback=module.FALLBACK, currency=module.CURRENCY,
                group=module.GROUP["by"], axes=module.GROUP.get("axes", ()),
                group_language=module.GROUP.get("language")))
            refused = {sku for page in pages.values() for sku in page.refused}
            self.assertEqual(refused, {r["sku"] for r in data.refused if r["what"] == "article"})

    def test_a_record_keeps_each_key_once(self):
        for _, data in self.each(with_faults=True):
            for article in data.articles.values():
                for table, keys in (("TEXT", ("LANGU",)), ("GTIN", ("GTIN",)),
                                    ("CHARACTERISTIC", ("CODE", "LANGU"))):
                    rows = [tuple(row[k] for k in keys) for row in article[table]]
                    self.assertEqual(len(rows), len(set(rows)), (article["MATNR"], table))

    def test_long_titles_are_whole_somewhere(self):
        """All of a title that NAME cannot hold stands in the long text."""
        data = convert.convert("icecat")
        cut = 0
        for article in data.articles.values():
            text = article["TEXT"][0]
            first = text["LONG_TEXT"].split("\n")[0]
            if len(text["NAME"]) > 100 and first.startswith(text["NAME"]) \
                    and len(first) > sapfiles.NAME:
                cut += 1
        self.assertEqual(cut, data.counts["names cut"])

    def test_without_the_data_it_says_so(self):
        with tempfile.TemporaryDirectory() as empty, self.assertRaises(convert.Missing):
            convert.convert("epm", root=empty)


if __name__ == "__main__":
    if not os.path.isdir(os.path.join(convert.shared(), "data", "catalogue")):
        print(f"skipped: no reference data in {convert.shared()}; KONTOR_SHARED names their folder")
        sys.exit(77)
    unittest.main(verbosity=2)
