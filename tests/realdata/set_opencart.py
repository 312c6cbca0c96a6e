"""OpenCart's demo shop: texts with HTML in them, escaped as its database keeps them; the options a
buyer chooses one of become axes, and every combination an article of its own.

Options that add something (checkboxes, free texts, files, dates) are no variants and stay out.
"""
import csv
import html
import itertools
import os

from sapfiles import D, code_of, plain

FOLDER = "opencart_demo"
CURRENCY, LANGUAGE, FALLBACK = "USD", "en", "de"
GROUP = {"by": "parent"}
HAS_ENTITIES = True              # in names, too
CHOICES = ("radio", "select")
WEIGHT_UNIT = {"1": "KGM", "2": "GRM", "3": "LBR", "4": "ONZ"}
LENGTH_UNIT = {"1": "CMT", "2": "MMT", "3": "INH"}
BRAND = {"5": "HTC", "6": "Palm", "7": "Hewlett-Packard", "8": "Apple", "9": "Canon", "10": "Sony"}


def convert(source, data, images, limit=None):
    shop = _Shop(source)
    for key, name in shop.categories.items():
        data.category("OC" + key, name)
    numbers = {}
    for p in shop.products[:limit]:
        names = shop.texts.get(p["product_id"])
        axes = shop.axes_of(p["product_id"])
        parent = numbers.get(p["master_id"], "")
        article = _article(data, p, p["model"].strip(), parent)
        numbers[p["product_id"]] = article["MATNR"]
        if names:
            data.text(article, "EN", names["name"], long=html.unescape(names["description"]))
        for key in shop.category_keys.get(p["product_id"], ()):
            data.into(article, "OC" + key)
        for name, value in shop.attributes.get(p["product_id"], ()):
            data.characteristic(article, code_of(name), value, language="EN")
        if p["image"] and images and not parent:
            images.add(data, article, p["image"], html.unescape(names["name"]) if names else "")
        if axes:
            data.axis(article, *(code_of(axis["name"]) for axis in axes))
            for choice in itertools.product(*(axis["values"] for axis in axes)):
                _variant(data, p, article, axes, choice)
            continue
        data.price(article, p["price"])
        data.quantity(article, p["quantity"])
        if parent:                   # a copy of its master that says nothing about the options
            data.refuse(article["MATNR"], "article", "AXIS_VALUE_MISSING",
                        "variant without a value on the axes of its generic article")


def _article(data, p, number, parent=""):
    measures = {name: plain(p[column]) for name, column in (
        ("NET_WEIGHT", "weight"), ("LENGTH", "length"), ("WIDTH", "width"), ("HEIGHT", "height"))}
    return data.article(data.number(number), PARENT=parent,
                        BRAND=BRAND.get(p["manufacturer_id"], ""),
                        WEIGHT_UNIT=WEIGHT_UNIT[p["weight_class_id"]],
                        DIM_UNIT=LENGTH_UNIT[p["length_class_id"]],
                        **{n: v for n, v in measures.items() if v != "0"})


def _variant(data, p, head, axes, choice):
    ids = "-".join(value["option_value_id"] for value in choice)
    heavier = D(p["weight"]) + sum(D(value["weight"]) for value in choice)
    row = _article(data, dict(p, weight=heavier), f"{head['MATNR']}-{ids}", head["MATNR"])
    for axis, value in zip(axes, choice):
        data.characteristic(row, code_of(axis["name"]), value["name"], language="EN")
    data.price(row, D(p["price"]) + sum(D(value["price"]) for value in choice))
    data.quantity(row, min(D(value["quantity"]) for value in choice))


class _Shop:
    """The tables that matter, joined."""

    def __init__(self, source):
        self.source = source
        self.products = [p for p in self._rows("product") if p["master_id"]]   # no stray lines
        self.texts = {t["product_id"]: t for t in self._rows("product_description")}
        self.categories = {c["category_id"]: c["name"]
                           for c in self._rows("category_description")}
        self.category_keys, self.attributes = {}, {}
        for row in self._rows("product_to_category"):
            self.category_keys.setdefault(row["product_id"], []).append(row["category_id"])
        names = {a["attribute_id"]: a["name"] for a in self._rows("attribute_description")}
        for row in self._rows("product_attribute"):
            self.attributes.setdefault(row["product_id"], []).append(
                (names[row["attribute_id"]], row["text"]))
        self.kinds = {o["option_id"]: o["type"] for o in self._rows("option")}
        self.option_names = {o["option_id"]: o["name"]
                             for o in self._rows("option_description")}
        self.value_names = {v["option_value_id"]: v["name"].strip()
                            for v in self._rows("option_value_description")}
        self.options = self._rows("product_option")
        self.values = self._rows("product_option_value")

    def axes_of(self, product):
        """[{name, values}] of the options that offer a choice; values in the order of their ids."""
        out = []
        for option in sorted(self.options, key=lambda o: int(o["option_id"])):
            values = [dict(v, name=self.value_names[v["option_value_id"]]) for v in self.values
                      if v["product_option_id"] == option["product_option_id"]]
            if (option["product_id"] == product and values
                    and self.kinds[option["option_id"]] in CHOICES):
                out.append({"name": self.option_names[option["option_id"]],
                            "values": sorted(values, key=lambda v: int(v["option_value_id"]))})
        return out

    def _rows(self, name):
        with open(os.path.join(self.source, name + ".csv"), encoding="utf-8-sig",
                  newline="") as file:
            return list(csv.DictReader(file))
