#!/usr/bin/python3
"""The checker sees every planted difference and nothing else; the generator obeys its own rules."""
import copy
import filecmp
import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402
from catalogue import Catalogue, check_digit, gtin13  # noqa: E402
from standin import StandIn, run  # noqa: E402

RULES = check.Rules(today="2026-11-21")
TEXTS = [{"LANGU": "EN", "NAME": "Lamp", "LONG_TEXT": "A lamp."},
         {"LANGU": "DE", "NAME": "Leuchte & Söhne", "LONG_TEXT": "Unter < 1 W.\nMaße: 10\""}]
ARTICLE = {"MATNR": "K-1", "TEXT": TEXTS, "MEINS": "PCE", "GROSS_WEIGHT": "0.550",
           "NET_WEIGHT": "0.4", "WEIGHT_UNIT": "KGM",
           "GTIN": [{"UNIT": "CT", "GTIN": "2000000000022", "MAIN": ""},
                    {"UNIT": "PCE", "GTIN": "2000000000015", "MAIN": "X"}]}
PRICE = {"MATNR": "K-1", "PRICE_LIST": "00", "CURRENCY": "EUR", "AMOUNT": "12.50", "PER": "100",
         "MIN_QTY": "0", "VALID_FROM": "2026-01-01", "VALID_TO": "9999-12-31"}
STOCK = [{"MATNR": "K-1", "PLANT": "1000", "AVAILABLE": "10.900"},
         {"MATNR": "K-1", "PLANT": "2000", "AVAILABLE": "-3"}]
PRODUCT = {"id": 11, "sku": "K-1", "name": "Leuchte & Söhne", "status": "publish",
           "description": "Unter < 1 W.\nMaße: 10\"", "global_unique_id": "2000000000015",
           "regular_price": "0.13", "stock_quantity": 7, "weight": "0.55"}


def price(**more):
    return dict(PRICE, **more)


class RulesOfTheChannel(unittest.TestCase):
    def differences(self, product=None, articles=None, prices=None, stock=None, rules=RULES):
        source = {"articles": articles or [ARTICLE], "prices": prices or [PRICE],
                  "stock": stock if stock is not None else STOCK}
        return check.check(source, [product or PRODUCT], rules)[1]

    def test_a_product_that_is_right(self):
        self.assertEqual(self.differences(), [])

    def test_each_field_gives_its_own_sentence(self):
        for name, wrong, word in (("name", "Lamp", "name"), ("description", "x", "description"),
                                  ("global_unique_id", "2000000000022", "GTIN"),
                                  ("regular_price", "0.12", "price"),
                                  ("stock_quantity", 8, "stock"),
                                  ("stock_quantity", None, "stock"), ("weight", "0.4", "weight"),
                                  ("weight", "0.550", "weight"), ("regular_price", "", "price"),
                                  ("status", "draft", "status"),
                                  ("name", "Leuchte &amp; Söhne", "name")):
            found = self.differences(dict(PRODUCT, **{name: wrong}))
            self.assertEqual(len(found), 1, found)
            self.assertTrue(found[0].startswith(f"K-1: {word} is "), found[0])

    def test_a_description_may_be_html_but_not_escaped_twice(self):
        for text, right in (("<p>Unter &lt; 1 W.<br />Maße: 10&quot;</p>", True),
                            ("Unter &amp;lt; 1 W. Maße: 10\"", False)):
            self.assertEqual(not self.differences(dict(PRODUCT, description=text)), right, text)

    def test_prices(self):
        for prices, wanted in (
                ([price(PER="1")], "12.50"), ([price(AMOUNT="12.4999")], "0.12"),
                ([price(PER="1", AMOUNT="2.005")], "2.01"),
                ([price(), price(AMOUNT="99", CURRENCY="CHF"), price(AMOUNT="98", PRICE_LIST="01"),
                  price(AMOUNT="97", MIN_QTY="2"), price(AMOUNT="96", VALID_TO="2026-11-20"),
                  price(AMOUNT="95", VALID_FROM="2026-11-22"), price(AMOUNT="94", DELETED="X")],
                 "0.13"),
                ([price(), price(AMOUNT="50", VALID_FROM="2026-11-21", VALID_TO="2026-11-21")],
                 "0.50"),
                ([price(AMOUNT="40", VALID_FROM="0000-00-00", MIN_QTY="1.000")], "0.40")):
            self.assertEqual(self.differences(dict(PRODUCT, regular_price=wanted), prices=prices),
                             [])

    def test_an_article_without_a_valid_price_must_not_be_sold(self):
        ended = [price(VALID_TO="2026-01-31")]
        self.assertEqual(len(self.differences(prices=ended)), 1)
        for product in (dict(PRODUCT, regular_price=""), dict(PRODUCT, status="private")):
            self.assertEqual(self.differences(product, prices=ended), [])

    def test_stock(self):
        def shown(stock, **choice):
            return check.stock_of(stock, check.Rules(today="2026-11-21", **choice))
        self.assertEqual(shown(STOCK), 7)
        self.assertEqual(shown(STOCK, plants=["1000"]), 10)
        self.assertEqual(shown(STOCK, plants=["2000"]), 0)
        self.assertEqual(shown(STOCK, buffer=7), 0)
        self.assertEqual(shown([dict(STOCK[0], DELETED="X")]), 0)
        self.assertEqual(shown([]), 0)

    def test_weights(self):
        for gross, net, unit, wanted in (("550", "", "GRM", "0.55"), ("0", "400", "GRM", "0.4"),
                                         ("10.000", "", "KGM", "10"), ("0", "0", "KGM", ""),
                                         ("0.5", "", "TNE", "500"), ("1", "", "GRM", "0.001")):
            self.assertEqual(check.weight_of({"GROSS_WEIGHT": gross, "NET_WEIGHT": net,
                                              "WEIGHT_UNIT": unit}), wanted)

    def test_deleted_and_blocked_articles_are_not_for_sale(self):
        for more in ({"DELETED": "X"}, {"SALES_BLOCKED": "X"}):
            articles = [dict(ARTICLE, **more)]
            self.assertEqual(len(self.differences(articles=articles)), 1)
            self.assertEqual(self.differences(dict(PRODUCT, status="draft"), articles), [])
            source = {"articles": articles, "prices": [], "stock": []}
            self.assertEqual(check.check(source, [], RULES), (1, []))

    def test_missing_and_foreign_and_double_products(self):
        source = {"articles": [ARTICLE], "prices": [PRICE], "stock": STOCK}
        self.assertEqual(check.check(source, [], RULES)[1], ["K-1: is missing in the shop."])
        stranger = dict(PRODUCT, sku="X-9", id=12)
        self.assertEqual(check.check(source, [PRODUCT, stranger], RULES),
                         (2, ["X-9: is in the shop, but not in SAP."]))
        self.assertEqual(check.check(source, [PRODUCT, PRODUCT], RULES)[1],
                         ["K-1: is in the shop more than once."])

    def test_the_language_falls_back(self):
        english = dict(ARTICLE, TEXT=TEXTS[:1])
        product = dict(PRODUCT, name="Lamp", description="A lamp.")
        self.assertEqual(self.differences(product, [english]), [])
        self.assertEqual(self.differences(product, rules=check.Rules("en", today="2026-11-21")), [])


class Generator(unittest.TestCase):
    def test_check_digits(self):
        for known in ("4006381333931", "5901234123457", "9780306406157"):   # published examples
            self.assertEqual(check_digit(known[:12]), known[12])
        self.assertTrue(200 <= int(gtin13(7, 3)[:3]) <= 299)

    def test_it_is_repeatable_and_sized(self):
        with tempfile.TemporaryDirectory(prefix="kontor-data-") as folder:
            sets = [os.path.join(folder, name) for name in "abc"]
            for directory, seed in zip(sets, (4, 4, 5)):
                Catalogue(500, seed).write(directory)
            names = sorted(os.listdir(sets[0]))
            self.assertEqual(names, ["articles.json", "customers.json", "prices.json",
                                     "settings.json", "stock.json"])
            self.assertEqual(filecmp.cmpfiles(sets[0], sets[1], names, shallow=False)[0], names)
            with open(os.path.join(sets[0], "articles.json"), encoding="utf-8") as file:
                articles = json.load(file)
            self.assertEqual(len(articles), 500)
            gtins = [g["GTIN"] for a in articles for g in a.get("GTIN", [])]
            self.assertEqual(len(gtins), len(set(gtins)))
            self.assertTrue(all(check_digit(g[:12]) == g[12] for g in gtins))
            self.assertFalse(filecmp.cmp(os.path.join(sets[0], "prices.json"),
                                         os.path.join(sets[2], "prices.json"), shallow=False))

    def test_the_default_holds_every_case(self):
        made = Catalogue()
        living = [a for a in made.articles if not a.get("DELETED")]
        self.assertEqual(len(made.articles), 60)
        self.assertEqual(sum(a.get("DELETED") == "X" for a in made.articles), 1)
        self.assertEqual(sum(a["SALES_BLOCKED"] == "X" for a in living), 1)
        texts = json.dumps(made.articles, ensure_ascii=False)
        for sign in ("ö", "ß", "&", '\\"', "💡", "<", "„"):
            self.assertIn(sign, texts)
        self.assertEqual({p["PER"] for p in made.prices}, {"1", "100"})
        self.assertEqual({s["PLANT"] for s in made.stock}, {"1000", "2000"})
        self.assertTrue(any(p["VALID_FROM"] > "2080" for p in made.prices))
        self.assertTrue(any(p["VALID_TO"] < "2020" for p in made.prices))
        self.assertTrue(any(float(p["MIN_QTY"]) > 1 for p in made.prices))
        self.assertTrue(any("." in s["AVAILABLE"] for s in made.stock))
        self.assertEqual({a["WEIGHT_UNIT"] for a in living}, {"KGM", "GRM"})
        self.assertTrue(any([t["LANGU"] for t in a["TEXT"]] == ["EN"] for a in living))
        for article in living:
            rows = [p for p in made.prices if p["MATNR"] == article["MATNR"]]
            self.assertIsNotNone(check.price_of(rows, RULES), article["MATNR"])


class WithBothSides(unittest.TestCase):
    """A shop filled by hand from the data, read by control and by wc/v3, then spoilt."""

    def test_from_the_command_line(self):
        with tempfile.TemporaryDirectory(prefix="kontor-check-") as folder, \
                StandIn("wcv3.py") as shop:
            Catalogue().write(folder)
            source = check.source_from_directory(folder)
            self.fill(shop, source)
            for more in ((), ("--login", "ck_sandbox:cs_sandbox")):
                status, out = run("check.py", "--data", folder, "--shop", shop.url, *more)
                self.assertEqual((status, out), (0, "check: skus=60 differences=0\n"))
            first = shop.api("GET", "/products?sku=K-100000")[1][0]
            shop.api("PUT", f"/products/{first['id']}", {"regular_price": "0.99"})
            gone = shop.api("GET", "/products?sku=K-100001")[1][0]
            shop.api("DELETE", f"/products/{gone['id']}?force=true")
            status, out = run("check.py", "--data", folder, "--shop", shop.url)
            self.assertEqual((status, out.splitlines()[1:]),
                             (1, ["K-100001: is missing in the shop.",
                                  "check: skus=60 differences=2"]))
            self.assertTrue(out.startswith("K-100000: price is '0.99' in the shop"), out)
            status, out = run("check.py", "--data", folder + "/none", "--shop", shop.url)
            self.assertEqual((status, out), (2, ""))

    def test_against_the_data_that_the_sap_stand_in_holds_now(self):
        with tempfile.TemporaryDirectory(prefix="kontor-check-") as folder:
            Catalogue().write(folder)
            with StandIn("wcv3.py") as shop, \
                    StandIn("sap.py", "--data", folder, "--port", "0") as sap:
                self.fill(shop, check.source_from_directory(folder))
                both = ("--sap", sap.url, "--shop", shop.url)
                self.assertEqual(run("check.py", *both)[0], 0)
                sap.control("change", {"kind": "stock", "key": {"MATNR": "K-100000",
                                                                "PLANT": "1000"},
                                       "set": {"AVAILABLE": "5000"}})
                status, out = run("check.py", *both)
                self.assertEqual((status, out.splitlines()[-1]),
                                 (1, "check: skus=60 differences=1"))
                self.assertTrue(out.startswith("K-100000: stock is "), out)

    def fill(self, shop, source):
        products = []
        for article in copy.deepcopy(source["articles"]):
            if article.get("DELETED") or article.get("SALES_BLOCKED"):
                continue
            number, text = article["MATNR"], check.text_of(article, RULES)
            rows = [p for p in source["prices"] if p["MATNR"] == number]
            products.append({
                "sku": number, "name": text["NAME"], "description": text["LONG_TEXT"],
                "global_unique_id": check.gtin_of(article), "manage_stock": True,
                "stock_quantity": check.stock_of([s for s in source["stock"]
                                                  if s["MATNR"] == number], RULES),
                "regular_price": str(check.price_of(rows, RULES)),
                "weight": check.weight_of(article)})
        answer = shop.api("POST", "/products/batch", {"create": products})[1]
        self.assertEqual([p for p in answer["create"] if "error" in p], [])


if __name__ == "__main__":
    unittest.main()
