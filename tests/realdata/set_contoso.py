"""Contoso's electronics: flat articles whose family is their name without the colour at its end."""
import csv
import os

from sapfiles import made_up, one_line

FOLDER = "contoso_electronics"
CURRENCY, LANGUAGE, FALLBACK = "USD", "en", "de"
GROUP = {"by": "name", "axes": ["COLOUR"], "language": "en"}
UNIT = {"ounces": "ONZ", "pounds": "LBR", "grams": "GRM"}


def convert(source, data, images, limit=None):
    del images                       # the set has none
    data.axes = ["COLOUR"]
    top = {c["CategoryID"]: data.category("C" + c["CategoryID"], c["CategoryName"])
           for c in _rows(source, "categories")}
    below = {s["SubCategoryID"]: data.category("C" + s["SubCategoryID"], s["SubCategoryName"],
                                               top[s["CategoryID"]])
             for s in _rows(source, "subcategories")}
    for p in _rows(source, "products")[:limit]:
        weighed = p["Weight"] and p["WeightUnit"]
        row = data.article(data.number(p["ProductCode"]), BRAND=one_line(p["Brand"]),
                           SUPPLIER=p["Manufacturer"], NET_WEIGHT=p["Weight"] if weighed else "",
                           WEIGHT_UNIT=UNIT[p["WeightUnit"]] if weighed else "")
        data.text(row, "EN", p["ProductName"])
        data.characteristic(row, "COLOUR", p["Color"], language="EN")
        data.into(row, below[p["SubCategoryID"]])
        data.price(row, p["Price"])
        data.quantity(row, made_up(p["ProductCode"], 0, 250))


def _rows(source, name):
    with open(os.path.join(source, name + ".csv"), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
