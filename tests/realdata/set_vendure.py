"""Vendure's demo shop: a product row followed by its variants; option groups become axes."""
import csv
import os
import re

from sapfiles import code_of, one_line

FOLDER = "vendure_variants"
CURRENCY, LANGUAGE, FALLBACK = "EUR", "en", "de"
GROUP = {"by": "parent", "axis_names": {"COLOR": "Colour"}}


def convert(source, data, images, limit=None):
    with open(os.path.join(source, "products.csv"), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    products = []
    for row in rows:
        if row["name"]:
            products.append([])
        products[-1].append(row)
    for members in products[:limit]:
        _product(data, images, members)


def _product(data, images, members):
    first = members[0]
    axes = [code_of(group) for group in first["optionGroups"].split("|") if group]
    if axes:
        head = data.article(data.number(first["slug"].upper()))
        data.axis(head, *axes)
        _describe(data, images, head, first)
        for member in members:
            variant = data.article(data.number(member["sku"]), PARENT=head["MATNR"],
                                   MFRPN=member["sku"])
            for code, value in zip(axes, member["optionValues"].split("|")):
                data.characteristic(variant, code, value, language="EN")
            _sell(data, variant, member)
    else:
        single = data.article(data.number(first["sku"]), MFRPN=first["sku"])
        _describe(data, images, single, first)
        _sell(data, single, first)


def _describe(data, images, article, row):
    data.text(article, "EN", row["name"], long=row["description"])
    parent = ""
    for name, value in (facet.split(":", 1) for facet in row["facets"].split("|") if facet):
        if name == "category":
            key = "/".join(k for k in (parent, re.sub(r"[^A-Z0-9]+", "-", value.upper())) if k)
            parent = data.category(key, value, parent)
        elif name == "brand":
            article["BRAND"] = one_line(value)
        elif not data.value_of(article, code_of(name)):
            data.characteristic(article, code_of(name), value, language="EN")
    if parent:
        data.into(article, parent)
    for asset in row["assets"].split("|"):
        if asset and images:
            images.add(data, article, asset, row["name"])


def _sell(data, article, row):
    data.price(article, row["price"])
    data.quantity(article, row["stockOnHand"] or "0")
