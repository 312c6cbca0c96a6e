#!/usr/bin/python3
"""The file drop with a real catalogue as its publisher wrote it: no converter before it, only the
names of its columns in the settings. What must be in the database is read from the same file by
Python's own reader."""
import csv
import decimal
import json
import os
import shutil
import sys

import kontor_under_test as kut
import convert
import test_drop

SOURCE = os.path.join(convert.shared(), "data", "catalogue", "contoso_electronics", "products.csv")

FILES = {
    "articles": {"pattern": "products_*.csv", "kind": "article",
                 "columns": {"ProductCode": "sku", "ProductName": "texts.en.name",
                             "Brand": "brand", "Manufacturer": "manufacturer.name",
                             "Color": "attributes.COLOUR", "Weight": "attributes.WEIGHT",
                             "WeightUnit": "attributes.WEIGHT.unit",
                             "SubCategoryID": "categories", "ProductID": "erp_references"}},
    "prices": {"pattern": "prices_*.csv", "kind": "price",
               "columns": {"ProductCode": "sku", "Price": "amount"},
               "values": {"id": "{ProductCode}", "list": "00", "currency": "USD", "per": "1"}},
}


class Contoso(test_drop.Drop):
    section = {"files": FILES, "batch": 500}

    def setUp(self):
        super().setUp()
        with open(SOURCE, encoding="utf-8-sig", newline="") as file:
            self.rows = {r["ProductCode"]: {k: v.strip() for k, v in r.items()}
                         for r in csv.DictReader(file)}
        self.assertGreater(len(self.rows), 1500)

    def drop(self, name):
        shutil.copy(SOURCE, os.path.join(self.folder, name))
        os.rename(os.path.join(self.folder, name), os.path.join(self.place, name))

    def test_every_row_stands_in_the_database(self):
        self.serve()
        self.drop("products_1.csv")
        self.drop("prices_1.csv")
        report = self.report("products_1.csv", deadline_s=60)
        self.assertEqual((report["state"], report["rows"], report["refused"]),
                         ("taken", len(self.rows), 0), report["refusals"][:3])
        self.assertEqual(report["unknown_columns"], ["Price", "Cost"])
        self.assertEqual(self.report("prices_1.csv", deadline_s=60)["accepted"], len(self.rows))
        prices = {sku: decimal.Decimal(amount).scaleb(-6) for sku, amount in self.kontor.query(
            "SELECT sku, amount FROM price WHERE rec_deleted = 0")}
        self.assertEqual(prices, {sku: decimal.Decimal(r["Price"]) for sku, r in self.rows.items()})
        found = {}
        for sku, texts, brand, attributes, maker, categories in self.kontor.query(
                "SELECT id, texts, brand, attributes, manufacturer, categories FROM product"):
            attribute = {x["code"]: x for x in json.loads(attributes)}
            found[sku] = (json.loads(texts)[0]["name"], brand, attribute["COLOUR"]["value"],
                          attribute.get("WEIGHT", {}).get("value", ""),
                          json.loads(maker)["name"], json.loads(categories)[0]["id"])
        self.assertEqual(found, {
            sku: (r["ProductName"], r["Brand"], r["Color"], r["Weight"],
                  r["Manufacturer"], r["SubCategoryID"]) for sku, r in self.rows.items()})
        self.drop("products_2.csv")
        report = self.report("products_2.csv", deadline_s=60)
        self.assertEqual((report["state"], report["unchanged"]), ("taken", 2 * len(self.rows)))


if __name__ == "__main__":
    kut.need_program()
    if not os.path.exists(SOURCE):
        print(f"skipped: there is no {SOURCE}; KONTOR_SHARED names the folder of reference data")
        sys.exit(77)
    del test_drop.Drop      # its subclasses' tests are run where they stand
    kut.unittest.main(verbosity=2)
