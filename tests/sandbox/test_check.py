#!/usr/bin/python3
"""The checker sees every planted difference and nothing else; the generator obeys its own rules."""
import copy
import csv
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
        return check.check(source, [product or PRODUCT], rules).found

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
                                  ("short_description", "x", "short_description"),
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
            report = check.check(source, [], RULES)
            self.assertEqual((report.skus, report.pages, report.found), (1, 0, []))

    def test_missing_and_foreign_and_double_products(self):
        source = {"articles": [ARTICLE], "prices": [PRICE], "stock": STOCK}
        self.assertEqual(check.check(source, [], RULES).found, ["K-1: is missing in the shop."])
        stranger = dict(PRODUCT, sku="X-9", id=12)
        report = check.check(source, [PRODUCT, stranger], RULES)
        self.assertEqual((report.skus, report.pages, report.found),
                         (2, 1, ["X-9: is in the shop, but not in SAP."]))
        self.assertEqual(check.check(source, [PRODUCT, dict(PRODUCT, id=12)], RULES).found,
                         ["K-1: is in the shop more than once."])

    def test_the_language_falls_back(self):
        english = dict(ARTICLE, TEXT=TEXTS[:1])
        product = dict(PRODUCT, name="Lamp", description="A lamp.")
        self.assertEqual(self.differences(product, [english]), [])
        self.assertEqual(self.differences(product, rules=check.Rules("en", today="2026-11-21")), [])


def text(name, long_text="", language="DE"):
    return {"LANGU": language, "NAME": name, "LONG_TEXT": long_text}


def trait(code, value, unit="", language=""):
    return {"CODE": code, "VALUE": value, "UNIT": unit, "LANGU": language}


def picture(position, digest):
    return {"POSITION": str(position), "URL": f"http://127.0.0.1/{digest}.png",
            "SHA256": digest * 64, "ROLE": "", "LANGU": ""}


def offer(matnr, amount, **more):
    return dict(PRICE, MATNR=matnr, AMOUNT=amount, PER="1", PRICE_ID=matnr + str(more), **more)


class Catalogue2:
    """A generic article with three variants, a lamp by itself; and a shop that is right."""

    def __init__(self):
        self.articles = [
            {"MATNR": "G", "AXIS": [{"POSITION": "2", "CODE": "SHOE_SIZE"},
                                    {"POSITION": "1", "CODE": "COLOUR"}],
             "TEXT": [text("Schuh", "Aus Leder.")], "MEINS": "PCE", "MEDIA": [picture(1, "a")],
             "CATEGORY": [{"CATEGORY": "SHOES"}, {"CATEGORY": "SALE"}]},
            self.variant("G-1", "rot", "40", MEDIA=[picture(1, "b")]),
            self.variant("G-2", "blau", "40", GROSS_WEIGHT="1.2", WEIGHT_UNIT="KGM"),
            self.variant("G-3", "blau", "41", GTIN=[{"GTIN": "2000000000015", "MAIN": "X"}]),
            {"MATNR": "L", "TEXT": [text("Lampe")], "MEINS": "PCE",
             "MEDIA": [picture(2, "d"), picture(1, "c")]}]
        self.categories = [
            {"ID": "ALL", "TEXT": [text("Alles")]},
            {"ID": "SHOES", "PARENT": "ALL", "TEXT": [text("Schuhe")]},
            {"ID": "SALE", "TEXT": [text("Sale", language="EN")]}]
        self.prices = [offer("G-1", "50"), offer("G-2", "50"), offer("G-3", "60"),
                       offer("L", "9.90"), offer("L", "7.90", KIND="sale", VALID_FROM="2026-11-01",
                                                 VALID_TO="2026-11-30")]
        self.prices[-1].update(VALID_FROM="2026-11-01", VALID_TO="2026-11-30")
        self.stock = [{"MATNR": m, "PLANT": "1000", "AVAILABLE": "5"}
                      for m in ("G-1", "G-2", "G-3", "L")]
        self.products = [
            self.row(11, "G", "variable", name="Schuh", description="<p>Aus Leder.</p>",
                     images=[{"id": 1, "sha256": "a" * 64}, {"id": 2, "sha256": "b" * 64}],
                     categories=[{"name": "Schuhe", "slug": "s", "path": ["Alles", "Schuhe"]},
                                 {"name": "Sale", "slug": "t", "path": ["Sale"]}],
                     attributes=[self.declared("Colour", "blau", "rot"),
                                 self.declared("shoe size", "40", "41"),
                                 {"name": "Marke", "variation": False, "options": ["x"]}]),
            self.choice(12, "G-1", "rot", "40", "50.00", image={"id": 2, "sha256": "b" * 64}),
            self.choice(13, "G-2", "blau", "40", "50.00", weight="1.2"),
            self.choice(14, "G-3", "blau", "41", "60.00", global_unique_id="2000000000015"),
            self.row(15, "L", "simple", name="Lampe", regular_price="9.90", sale_price="7.90",
                     date_on_sale_from_gmt="2026-10-31T23:00:00",
                     date_on_sale_to_gmt="2026-11-30T22:59:59", stock_quantity=5,
                     categories=[{"name": "Uncategorized", "slug": "uncategorized"}],
                     images=[{"id": 3, "sha256": "c" * 64}, {"id": 4, "sha256": "d" * 64}])]

    @staticmethod
    def variant(matnr, colour, size, **more):
        return dict({"MATNR": matnr, "PARENT": "G", "MEINS": "PCE", "TEXT": [], "CHARACTERISTIC": [
            trait("COLOUR", colour, language="DE"), trait("COLOUR", "x" + colour, language="EN"),
            trait("SHOE_SIZE", size)]}, **more)

    @staticmethod
    def row(row_id, sku, kind, **more):
        return dict({"id": row_id, "sku": sku, "type": kind, "name": "", "status": "publish",
                     "description": "", "short_description": "", "global_unique_id": "",
                     "regular_price": "", "sale_price": "", "stock_quantity": None, "weight": "",
                     "parent_id": 0, "categories": [], "images": [], "attributes": []}, **more)

    @staticmethod
    def declared(name, *options):
        return {"name": name, "variation": True, "options": list(options)}

    def choice(self, row_id, sku, colour, size, amount, **more):
        return self.row(row_id, sku, "variation", parent_id=11, regular_price=amount,
                        stock_quantity=5, **dict({"image": None, "attributes": [
                            {"name": "Colour", "option": colour},
                            {"name": "shoe size", "option": size}]}, **more))

    def source(self):
        return {"articles": self.articles, "prices": self.prices, "stock": self.stock,
                "categories": self.categories}


class Pages(unittest.TestCase):
    def report(self, shop, **rules):
        return check.check(shop.source(), shop.products, check.Rules(today="2026-11-21", **rules))

    def test_a_shop_that_is_right(self):
        report = self.report(Catalogue2())
        self.assertEqual((report.found, report.skus, report.pages), ([], 4, 2))
        self.assertEqual(report.line(), "check: skus=4 pages=2 differences=0 refused=0")

    def test_each_fault_gives_its_own_sentence(self):
        def put(at, **fields):
            return lambda shop: shop.products[at].update(fields)

        def attribute(at, index, **fields):
            return lambda shop: shop.products[at]["attributes"][index].update(fields)
        lamp, red = Catalogue2().products[4], Catalogue2().products[1]
        for number, (spoil, *words) in enumerate((
                (put(0, name="Schuhe"), "Page G: name is 'Schuhe'"),
                (put(0, description="Aus Gummi."), "Page G: description is"),
                (put(0, short_description="x"), "Page G: short_description is"),
                (put(2, name="egal", description="x"), "G-2: description is"),
                (put(1, stock_quantity=4), "G-1: stock is 4"),
                (put(1, regular_price="51.00"), "G-1: price is '51.00'"),
                (put(2, weight="1"), "G-2: weight is '1'"),
                (put(3, global_unique_id=""), "G-3: GTIN is ''"),
                (put(1, status="private"), "G-1: status is 'private'"),
                (put(1, sale_price="1.00"), "G-1: sale price is '1.00' in the shop, should be no"),
                (put(4, sale_price=""), "L: sale price is ''"),
                (put(4, sale_price="7.91"), "L: sale price is '7.91'"),
                (put(4, date_on_sale_to_gmt=None), "L: sale ends never"),
                (put(4, date_on_sale_to_gmt="2026-11-29T22:59:59"), "L: sale ends 2026-11-29"),
                (put(4, date_on_sale_from_gmt="2026-11-02T23:00:00"), "L: sale begins 2026-11-03"),
                (put(0, categories=Catalogue2().products[0]["categories"][:1]),
                 "Page G: category Sale is missing"),
                (put(4, categories=[{"name": "Sale", "slug": "t", "path": ["Sale"]}]),
                 "L: category Sale in the shop is not SAP's"),
                (lambda shop: shop.products[0]["categories"][0].update(path=["Schuhe"]),
                 "Page G: category Alles > Schuhe is missing", "Page G: category Schuhe in the"),
                (put(4, images=lamp["images"][::-1]), "L: image 1 is", "L: image 2 is"),
                (put(4, images=lamp["images"][:1]), "L: has 1 images"),
                (put(4, images=lamp["images"] * 2), "L: has 4 images"),
                (put(0, images=[{"id": 1, "sha256": "a" * 64}, {"id": 9, "sha256": "9" * 64}]),
                 "Page G: image 999999999999… in the shop is none"),
                (put(1, image=None), "G-1: has no image of its own"),
                (put(1, image={"id": 9, "sha256": "9" * 64}), "G-1: image is 9999"),
                (put(2, image={"id": 2, "sha256": "b" * 64}), "G-2: has an image of its own"),
                (attribute(1, 0, option="blau"), "G-1: Colour is 'blau'"),
                (attribute(1, 0, name="Klang"), "G-1: has an option of 'Klang'",
                 "G-1: has no option for COLOUR"),
                (put(1, attributes=red["attributes"][:1]), "G-1: has no option for SHOE_SIZE"),
                (attribute(0, 0, options=["blau"]), "Page G: Colour does not list 'rot' of G-1"),
                (attribute(0, 0, options=["blau", "rot", "grau"]), "Page G: Colour lists 'grau'"),
                (attribute(0, 0, options=["blau", "rot", "Rot"]), "Page G: Colour lists an option "
                 "twice"),
                (attribute(0, 1, variation=False), "Page G: does not vary by SHOE_SIZE"),
                (attribute(0, 2, variation=True), "Page G: varies by 'Marke'"),
                (lambda shop: shop.products.pop(2), "G-2: is missing"))):
            with self.subTest(number=number, words=words):
                shop = Catalogue2()
                spoil(shop)
                found = self.report(shop).found
                self.assertEqual(len(found), len(words), found)
                for sentence, word in zip(found, words):
                    self.assertTrue(sentence.startswith(word), (sentence, word))

    def test_a_hidden_page_is_a_difference_of_all_its_articles(self):
        shop = Catalogue2()
        shop.products[0]["status"] = "draft"
        self.assertEqual(self.report(shop).found, [
            f"G-{i}: stands on a product that is draft." for i in (1, 2, 3)])

    def test_variants_under_the_wrong_page(self):
        shop = Catalogue2()
        shop.products[3]["parent_id"] = 16
        shop.products.append(dict(shop.products[0], id=16, sku=""))
        found = self.report(shop).found
        self.assertEqual(found[0], "Page G: its articles stand on 2 products (11, 16), should "
                         "stand on one.")
        shop = Catalogue2()                      # a stranger's variation of one SKU of ours
        shop.products[4].update(type="variation", parent_id=11, image=None)
        self.assertIn("Product 11 holds articles of several pages: Page G and Page L.",
                      self.report(shop).found)

    def test_doubled_and_lonely_things(self):
        shop = Catalogue2()
        shop.products.append(dict(shop.products[1], id=17))
        self.assertEqual(self.report(shop).found, ["G-1: is in the shop more than once."])
        shop = Catalogue2()
        shop.products.append(shop.row(18, "", "variable", name="Rest"))
        self.assertEqual(self.report(shop).found, ["Product 18 (Rest) is shown without any article "
                                                   "of SAP."])
        shop = Catalogue2()
        shop.products[0]["sku"] = ""
        shop.products.append(shop.row(19, "G", "simple", name="Schuh"))
        self.assertEqual(self.report(shop).found, ["G: is a generic article, but the shop sells it "
                                                   "as a product."])
        shop = Catalogue2()
        shop.products[2].update(type="simple", parent_id=0, name="Schuh")
        self.assertIn("G-2: is a product by itself, should be one of 3 variations.",
                      self.report(shop).found)
        shop = Catalogue2()                      # one article alone needs no variation
        del shop.articles[2:4], shop.products[2:4]
        self.assertIn("Page G: has variations in the shop, but its articles differ in nothing.",
                      self.report(shop).found)

    def test_days_of_sale_and_stages_of_life(self):
        for more, why in (({"VALID_TO": "2026-11-20"}, "outside its days of sale"),
                          ({"VALID_FROM": "2026-11-22"}, "outside its days of sale"),
                          ({"LIFECYCLE": "D"}, "not on sale by its LIFECYCLE"),
                          ({"LIFECYCLE": "P"}, "not on sale by its LIFECYCLE"),
                          ({"DELETED": "X"}, "deleted")):
            shop = Catalogue2()
            shop.articles[4].update(more)
            self.assertEqual(self.report(shop).found,
                             [f"L: is {why} in SAP, but the shop shows it as publish."])
            shop = Catalogue2()
            shop.articles[0].update(more)
            self.assertEqual(len([f for f in self.report(shop).found if why in f]), 3)
        for more in ({"LIFECYCLE": "O"}, {"LIFECYCLE": "A", "SALES_BLOCKED": "X"},
                     {"VALID_FROM": "2026-11-21", "VALID_TO": "2026-11-21"}):
            shop = Catalogue2()
            shop.articles[4].update(more)
            self.assertEqual(self.report(shop).found, [])

    def test_names_of_axes_and_entities(self):
        shop = Catalogue2()
        for p in shop.products[:4]:
            p["attributes"][0]["name"] = "Farbe"
        self.assertEqual(self.report(shop).found, [])
        for p in shop.products[:4]:
            p["attributes"][0]["name"] = "Ton"
        self.assertEqual(len(self.report(shop).found), 8)
        self.assertEqual(self.report(shop, axis_names={"COLOUR": "Ton"}).found, [])
        shop = Catalogue2()
        shop.articles[0]["TEXT"][0]["NAME"] = "Schuh & Co"
        shop.products[0]["name"] = "Schuh &amp; Co"
        self.assertEqual(len(self.report(shop).found), 1)
        self.assertEqual(self.report(shop, entities=True).found, [])

    def test_what_must_be_refused(self):
        for spoil, sku, word in (
                (lambda s: s.articles[3].update(GTIN=[{"GTIN": "2000000000016"}]), "G-3", "GTIN"),
                (lambda s: s.articles[4].update(TEXT=[]), "L", "no name"),
                (lambda s: s.articles[4].update(MEDIA=[{"URL": ""}]), "L", "no URL"),
                (lambda s: s.articles[3].update(CHARACTERISTIC=[trait("SHOE_SIZE", "41")]), "G-3",
                 "no value for COLOUR"),
                (lambda s: s.articles[3]["CHARACTERISTIC"][2].update(VALUE="40"), "G-3",
                 "nothing tells it from G-2")):
            shop = Catalogue2()
            spoil(shop)
            report = self.report(shop)
            self.assertEqual(list(report.refused), [sku])
            self.assertIn(word, report.refused[sku])
            self.assertIn(f"{sku}: is to be refused ({report.refused[sku]}), but the shop shows "
                          "it.", report.found)
            shop.products = [p for p in shop.products if p["sku"] != sku]
            found = [f for f in self.report(shop).found if "SHOE_SIZE" not in f
                     and "shoe size" not in f]
            self.assertEqual(found, [])
            expected = self.report(shop, expected_refused={sku: "", "G-1": "unreadable"}).found
            self.assertIn("G-1: is to be refused (unreadable), but the shop shows it.", expected)
            self.assertTrue(any(f.startswith(f"{sku}: is to be refused") for f in
                                self.report(shop, expected_refused={}).found))
            self.assertIn("X: is expected to be refused, but SAP does not have it.",
                          self.report(shop, expected_refused={sku: "", "X": ""}).found)

    def test_one_that_may_be_sold_keeps_its_options(self):
        shop = Catalogue2()
        shop.articles[2].update(LIFECYCLE="D")
        shop.articles[3]["CHARACTERISTIC"][2]["VALUE"] = "40"
        pages, _ = check.pages_of(shop.articles, RULES)
        self.assertEqual(list(pages["G"].refused), ["G-2"])


class Prices(unittest.TestCase):
    def test_which_price_counts(self):
        def chosen(*rows, **rules):
            return str(check.price_of(rows, check.Rules(today="2026-11-21", **rules)))
        plain = offer("K", "10")
        for more in ({"CUSTOMER": "1"}, {"CUSTOMER_GROUP": "02"}, {"MARKET": "AT"},
                     {"KIND": "reference"}, {"KIND": "sale"}):
            self.assertEqual(chosen(offer("K", "1", PRIORITY="9", **more), plain), "10.00")
        group, market = offer("K", "2", CUSTOMER_GROUP="02"), offer("K", "3", MARKET="AT")
        self.assertEqual(chosen(plain, group, market, customer_group="02", market="AT"), "2.00")
        self.assertEqual(chosen(plain, group, market, market="AT"), "3.00")
        self.assertEqual(chosen(plain, dict(group, PRICE_LIST=""), customer_group="02"), "2.00")
        self.assertEqual(chosen(group, offer("K", "4", PRIORITY="1"), customer_group="02"), "4.00")
        self.assertEqual(chosen(dict(plain, PRICE_ID="b"), dict(offer("K", "9"), PRICE_ID="a")),
                         "9.00")

    def test_units(self):
        article = {"MEINS": "PCE", "UNIT_OF": [{"UNIT": "CT", "NUMERATOR": "12",
                                                "DENOMINATOR": "1"}]}
        for unit, wanted in (("PCE", 24), ("", 24), ("CT", 2), ("KGM", None)):
            self.assertEqual(check.price_of([offer("K", "24", UNIT=unit)], RULES,
                                            article=article), wanted)

    def test_stock_that_nobody_knows(self):
        source = {"articles": [ARTICLE], "prices": [PRICE], "stock": []}
        for shown, differences in ((None, 0), (0, 0), (3, 1)):
            found = check.check(source, [dict(PRODUCT, stock_quantity=shown)], RULES).found
            self.assertEqual(len(found), differences, found)


class Grouping(unittest.TestCase):
    """Flat articles on pages that a rule makes up."""

    @staticmethod
    def article(matnr, name, brand="Contoso", **traits):
        return {"MATNR": matnr, "BRAND": brand, "TEXT": [text(name, "von " + matnr, "EN")],
                "CHARACTERISTIC": [trait(k, v) for k, v in traits.items()]}

    def pages(self, articles, *members, **rules):
        rules = check.Rules("en", "de", today="2026-11-21", **rules)
        pages = check.pages_of(articles, rules)[0]
        self.assertEqual(sorted(sorted(m["MATNR"] for m in p.members) for p in pages.values()),
                         sorted(map(sorted, members)))
        return {p.members[0]["MATNR"]: p for p in pages.values()}, rules

    def test_by_name(self):
        pages, rules = self.pages(
            [self.article("1", "Phone X - 16GB, (Blue)", COLOUR="blue", MEM="16 gb"),
             self.article("2", "Phone X 32 GB Red", COLOUR="Red", MEM="32GB"),
             self.article("3", "Phone X Red", "Other", COLOUR="Red"),
             self.article("4", "Phone Red X", COLOUR="Red"), self.article("5", "Red", COLOUR="Red"),
             self.article("6", "phone x blue", COLOUR="Blue", MEM="64 GB")],
            ["1", "2", "6"], ["3"], ["4"], ["5"], group="name", axes=["COLOUR", "MEM"],
            group_language="en")
        self.assertEqual(pages["1"].text(rules)["NAME"], "Phone X")
        self.assertEqual(pages["1"].text(rules)["LONG_TEXT"], "von 1")
        self.assertEqual(pages["1"].axes, ["COLOUR", "MEM"])
        self.assertEqual(pages["3"].text(rules)["NAME"], "Phone X Red")

    def test_by_attribute(self):
        pages, rules = self.pages(
            [self.article("1", "Tisch Eiche", MODEL="T 1", WOOD="Eiche"),
             self.article("2", "Tisch Buche", MODEL="t1", WOOD="Buche"),
             self.article("3", "Tisch", MODEL="T1", WOOD="buche"), self.article("4", "Bank")],
            ["1"], ["2", "3"], ["4"], group="attribute:MODEL", axes=["WOOD"])
        self.assertEqual(list(pages["2"].refused), ["3"])
        pages, rules = self.pages(
            [self.article("1", "Tisch Eiche", MODEL="T1", WOOD="Eiche"),
             self.article("2", "Regal Buche", MODEL="T1", WOOD="Buche")],
            ["1", "2"], group="attribute:MODEL", axes=["WOOD"])
        self.assertEqual(pages["1"].text(rules)["NAME"], "Tisch Eiche")     # nothing is shared

    def test_the_source_knows_better(self):
        head = {"MATNR": "G", "TEXT": [text("Tisch Eiche")], "AXIS": [{"CODE": "WOOD"}],
                "CHARACTERISTIC": [trait("WOOD", "Eiche")]}
        self.pages([head, dict(self.article("1", "Tisch Eiche", WOOD="Eiche"), PARENT="G"),
                    self.article("2", "Tisch Buche", WOOD="Buche")], ["1"], ["2"], group="name",
                   axes=["WOOD"], group_language="en")

    def test_too_many_axes(self):
        axes = [f"A{i}" for i in range(7)]
        articles = [dict(self.article(str(n), f"Ding {n}", MODEL="T"), CHARACTERISTIC=[
            trait("MODEL", "T")] + [trait(a, str(n)) for a in axes]) for n in range(2)]
        pages, _ = self.pages(articles, ["0", "1"], group="attribute:MODEL", axes=axes)
        self.assertEqual(len(pages["0"].refused), 2)

    def test_spellings(self):
        for one, two in (("16GB", "16 gb"), ("1,5 m", "1.5 M"), ("Größe", "grosse"),
                         ("a\u2013b", "a-b"), (" x  y ", "X Y")):
            self.assertEqual(check.normal(one), check.normal(two).replace("\u00df", "ss"))
        self.assertEqual(check.normal("40", "CMT"), "40 cmt")
        self.assertIn(check.normal("40 cm"), check.spellings("40", "CMT"))
        with self.assertRaises(ValueError):
            check.Rules(group="attribute")

    def test_a_real_catalogue_falls_into_its_families(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 3, "shared",
                            "data", "catalogue", "contoso_electronics", "products.csv")
        if not os.path.exists(root):
            self.skipTest("the public catalogue is not beside the repository")
        with open(root, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        articles = [self.article(r["ProductCode"], r["ProductName"], r["Brand"], COLOUR=r["Color"])
                    for r in rows]
        rules = check.Rules("en", group="name", axes=["COLOUR"], group_language="en")
        pages = check.pages_of(articles, rules)[0]
        last = {(r["Brand"], r["ProductName"].rsplit(" ", len(r["Color"].split()))[0].strip())
                for r in rows if r["ProductName"].endswith(" " + r["Color"])}
        other = [r for r in rows if not r["ProductName"].endswith(" " + r["Color"])]
        self.assertLessEqual(abs(len(pages) - len(last)), len(other))
        self.assertGreater(sum(len(p.members) > 1 for p in pages.values()), 300)


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
            pages = self.fill(shop, source)
            for more in ((), ("--login", "ck_sandbox:cs_sandbox")):
                status, out = run("check.py", "--data", folder, "--shop", shop.url, *more)
                self.assertEqual((status, out), (0, f"check: skus=60 pages={pages} differences=0 "
                                                 "refused=0\n"))
            first = shop.api("GET", "/products?sku=K-100000")[1][0]
            shop.api("PUT", f"/products/{first['id']}", {"regular_price": "0.99"})
            gone = shop.api("GET", "/products?sku=K-100001")[1][0]
            shop.api("DELETE", f"/products/{gone['id']}?force=true")
            status, out = run("check.py", "--data", folder, "--shop", shop.url)
            self.assertEqual((status, out.splitlines()[1:]),
                             (1, ["K-100001: is missing in the shop.",
                                  f"check: skus=60 pages={pages - 1} differences=2 refused=0"]))
            self.assertTrue(out.startswith("K-100000: price is '0.99' in the shop"), out)
            status, out = run("check.py", "--data", folder + "/none", "--shop", shop.url)
            self.assertEqual((status, out), (2, ""))

    def test_against_the_data_that_the_sap_stand_in_holds_now(self):
        with tempfile.TemporaryDirectory(prefix="kontor-check-") as folder:
            Catalogue().write(folder)
            with StandIn("wcv3.py") as shop, \
                    StandIn("sap.py", "--data", folder, "--port", "0") as sap:
                pages = self.fill(shop, check.source_from_directory(folder))
                both = ("--sap", sap.url, "--shop", shop.url)
                self.assertEqual(run("check.py", *both)[0], 0)
                sap.control("change", {"kind": "stock", "key": {"MATNR": "K-100000",
                                                                "PLANT": "1000"},
                                       "set": {"AVAILABLE": "5000"}})
                status, out = run("check.py", *both)
                self.assertEqual((status, out.splitlines()[-1]),
                                 (1, f"check: skus=60 pages={pages} differences=1 refused=0"))
                self.assertTrue(out.startswith("K-100000: stock is "), out)

    def test_variations_by_control_and_by_wc_v3_and_refusals(self):
        with tempfile.TemporaryDirectory(prefix="kontor-check-") as folder, \
                StandIn("wcv3.py") as shop:
            made = Catalogue2()
            for name, rows in made.source().items():
                with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
                    json.dump(rows, file)
            names = ("sku", "name", "description", "regular_price", "sale_price", "weight",
                     "global_unique_id", "date_on_sale_from_gmt", "date_on_sale_to_gmt", "image")
            goods = [dict({k: p[k] for k in names if p.get(k)}, type=p["type"],
                          attributes=p["attributes"]) for p in made.products]
            for p in goods:
                p.update(manage_stock=p["type"] != "variable", stock_quantity=5)
                if p["type"] == "variable":
                    p.update(manage_stock=False, images=[{"sha256": c * 64} for c in "ab"],
                             categories=[["Alles", "Schuhe"], "Sale"])
                elif p["type"] == "simple":
                    p["images"] = [{"sha256": c * 64} for c in "cd"]
                if p["type"] == "variation":
                    del p["type"]
                    p.pop("name", None)
                    if p.get("image"):
                        p["image"] = {"sha256": p["image"]["sha256"]}
            shop.control("seed", {"products": [dict(goods[0], variations=goods[1:4]), goods[4]]})
            both = ("--data", folder, "--shop", shop.url, "--today", "2026-11-21")
            for more in ((), ("--login", "ck_sandbox:cs_sandbox")):
                self.assertEqual(run("check.py", *both, *more),
                                 (0, "check: skus=4 pages=2 differences=0 refused=0\n"))
            made.articles[4]["GTIN"] = [{"GTIN": "4006381333932", "MAIN": "X"}]
            with open(os.path.join(folder, "articles.json"), "w", encoding="utf-8") as file:
                json.dump(made.articles, file)
            lamp = shop.api("GET", "/products?sku=L")[1][0]["id"]
            shop.api("DELETE", f"/products/{lamp}?force=true")
            status, out = run("check.py", *both)
            self.assertEqual((status, out.splitlines()[-1]),
                             (1, "check: skus=4 pages=1 differences=1 refused=1"))
            status, out = run("check.py", *both, "--allow-refused", "1")
            self.assertEqual((status, out), (0, "L: refused: GTIN 4006381333932 is none.\n"
                                             "check: skus=4 pages=1 differences=0 refused=1\n"))
            self.assertEqual(run("check.py", *both, "--allow-refused", "2")[0], 1)
            names = os.path.join(folder, "refused.txt")
            for listed, wanted in (("L  wrong GTIN # see SAP\n", 0), ("", 1), ("L\nG-1\n", 1)):
                with open(names, "w", encoding="utf-8") as file:
                    file.write(listed)
                self.assertEqual(run("check.py", *both, "--expect-refused", names)[0], wanted)

    def fill(self, shop, source):
        products = []
        for article in copy.deepcopy(source["articles"]):
            if article.get("DELETED") or article.get("SALES_BLOCKED"):
                continue
            number, text = article["MATNR"], check.text_of(article, RULES)
            rows = [p for p in source["prices"] if p["MATNR"] == number]
            products.append({
                "sku": number, "name": text["NAME"], "description": text["LONG_TEXT"],
                "short_description": text.get("SHORT_TEXT", ""),
                "global_unique_id": check.gtin_of(article), "manage_stock": True,
                "stock_quantity": check.stock_of([s for s in source["stock"]
                                                  if s["MATNR"] == number], RULES),
                "regular_price": str(check.price_of(rows, RULES)),
                "weight": check.weight_of(article)})
        answer = shop.api("POST", "/products/batch", {"create": products})[1]
        self.assertEqual([p for p in answer["create"] if "error" in p], [])
        return len(products)


if __name__ == "__main__":
    unittest.main()
