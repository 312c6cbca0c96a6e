#!/usr/bin/python3
"""The checker for Vendure sees each thing that can be wrong: rows of a sound shop, then spoilt."""
import copy
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_vendure  # noqa: E402
from check_vendure import Rules  # noqa: E402

TODAY = "2026-11-22"
LAMP = {"MATNR": "K-1", "MEINS": "PCE", "GROSS_WEIGHT": "0.550", "WEIGHT_UNIT": "KGM",
        "TEXT": [{"LANGU": "DE", "NAME": "Leuchte", "LONG_TEXT": "Hell & warm."}],
        "GTIN": [{"UNIT": "PCE", "GTIN": "2000000000015", "MAIN": "X"}],
        "CATEGORY": [{"CATEGORY": "LAMPS"}],
        "CHARACTERISTIC": [{"CODE": "POWER", "VALUE": "12", "UNIT": "W"},
                           {"CODE": "WIDTH", "VALUE": "20.5", "UNIT": "CMT"}],
        "MEDIA": [{"POSITION": "1", "URL": "http://x/1", "SHA256": "aa"}]}
CHAIR = {"MATNR": "G-1", "MEINS": "PCE", "AXIS": [{"POSITION": "1", "CODE": "COLOUR"}],
         "TEXT": [{"LANGU": "DE", "NAME": "Stuhl"}]}
CHAIRS = [{"MATNR": f"G-1-{c}", "PARENT": "G-1", "MEINS": "PCE",
           "CHARACTERISTIC": [{"CODE": "COLOUR", "VALUE": v},
                              {"CODE": "MATERIAL", "VALUE": "Holz"}]}
          for c, v in (("R", "rot"), ("B", "blau"))]
PRICE = {"PRICE_LIST": "00", "CURRENCY": "EUR", "PER": "1", "UNIT": "PCE", "GROSS": "X",
         "VALID_TO": "9999-12-31"}
SKUS = ("K-1", "G-1-R", "G-1-B")
SOURCE = {
    "articles": [LAMP, CHAIR, *CHAIRS],
    "prices": [dict(PRICE, PRICE_ID=s, MATNR=s, AMOUNT="19.90") for s in SKUS]
    + [dict(PRICE, PRICE_ID="sale", MATNR="K-1", AMOUNT="15.00", KIND="sale")],
    "stock": [{"MATNR": s, "PLANT": "1", "AVAILABLE": "7"} for s in SKUS],
    "categories": [{"ID": "LAMPS", "TEXT": [{"LANGU": "DE", "NAME": "Leuchten"}]}]}


def variation(sku, number, colour):
    return {"id": f"variant {number}", "type": "variation", "parent_id": "product 2", "sku": sku,
            "name": f"Stuhl {colour}", "status": "publish", "stock_quantity": 7, "tracked": "TRUE",
            "facets": [("kontor-material", "Material", "Holz")], "regular_price": "19.90",
            "global_unique_id": "", "has_own": {"gtin": "", "weight": None}, "weight": None,
            "image": None, "attributes": [{"name": "Farbe", "option": colour}]}


ROWS = [
    {"id": "product 1", "type": "simple", "sku": "K-1", "name": "Leuchte",
     "description": "Hell &amp; warm.", "status": "publish", "stock_quantity": 7,
     "tracked": "TRUE", "facets": [("kontor-power", "Power", "12 W"),
                                   ("kontor-width", "Width", "20.5 CMT")],
     "regular_price": "15", "global_unique_id": "2000000000015",
     "has_own": {"gtin": "2000000000015", "weight": 0.55}, "weight": 0.55,
     "images": [{"sha256": "aa"}], "attributes": [],
     "categories": [{"name": "Leuchten", "slug": "", "path": ["Leuchten"]}]},
    {"id": "product 2", "type": "variable", "sku": "", "name": "Stuhl", "description": "",
     "status": "publish", "images": [], "facets": [], "categories": [],
     "attributes": [{"name": "Farbe", "variation": True, "options": ["rot", "blau"]}]},
    variation("G-1-R", 3, "rot"), variation("G-1-B", 4, "blau")]


def found(rows):
    return check_vendure.Check(copy.deepcopy(SOURCE), rows, Rules(today=TODAY)).run().found


class Sees(unittest.TestCase):
    def spoilt(self, at, **changes):
        rows = copy.deepcopy(ROWS)
        rows[at].update(changes)
        return found(rows)

    def test_a_sound_shop_has_no_difference(self):
        self.assertEqual(found(copy.deepcopy(ROWS)), [])

    def test_each_single_fault(self):
        for at, changes, words in (
                (0, {"name": "Lampe"}, "name is 'Lampe'"),
                (0, {"description": "Hell."}, "description"),
                (0, {"description": "Hell &amp; warm. Und mehr."}, "description"),
                (0, {"stock_quantity": 6}, "stock is 6"),
                (0, {"tracked": "FALSE"}, "not tracked"),
                (0, {"regular_price": "19.90"}, "price is '19.90'"),
                (0, {"regular_price": ""}, "price is ''"),
                (0, {"global_unique_id": ""}, "GTIN"),
                (0, {"weight": 0.5}, "weight"),
                (0, {"status": "draft"}, "status"),
                (0, {"images": [{"sha256": "bb"}]}, "image 1"),
                (0, {"images": []}, "0 images"),
                (0, {"categories": []}, "category Leuchten is missing"),
                (0, {"facets": [("kontor-power", "Power", "12 W")]}, "WIDTH is nowhere"),
                (0, {"facets": [("kontor-power", "Power", "12"),
                                ("kontor-width", "Width", "20.5 CMT")]}, "POWER is ['12']"),
                (0, {"sku": "K-9"}, "K-1: is missing"),
                (1, {"attributes": [{"name": "Farbe", "variation": True, "options": ["rot"]}]},
                 "does not list 'blau'"),
                (1, {"name": "Stühle"}, "name is 'Stühle'"),
                (2, {"attributes": [{"name": "Farbe", "option": "blau"}]}, "should be 'rot'"),
                (2, {"facets": []}, "MATERIAL is nowhere"),
                (2, {"parent_id": "product 1"}, "stand on 2 products"),
                (3, {"sku": "G-1-R"}, "more than once")):
            with self.subTest(words):
                said = self.spoilt(at, **changes)
                self.assertTrue(any(words in s for s in said), said)

    def test_a_unit_in_words_is_as_good_as_its_code(self):
        self.assertEqual(self.spoilt(0, facets=[("x", "Power", "12 w"),
                                                ("y", "WIDTH", "20,5 cm")]), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
