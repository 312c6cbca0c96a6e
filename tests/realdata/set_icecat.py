"""Icecat's open catalogue: 13,553 articles, up to 125 GTINs and 180 sparse attributes each.

Prices are in the set; stock is not and is made up from the article's number. Units of the numbers
are implied: grams and millimetres.
"""
import collections
import gzip
import hashlib
import json
import os

from sapfiles import code_of, made_up, plain

FOLDER = "icecat_open"
CURRENCY, LANGUAGE, FALLBACK = "EUR", "en", "de"
GROUP = {"by": "parent"}
COUNTRY = {"China": "CN", "Taiwan": "TW", "Japan": "JP", "Indonesia": "ID", "Switzerland": "CH",
           "Germany": "DE", "Malaysia": "MY", "Thailand": "TH", "Viet Nam": "VN", "Mexico": "MX"}
HEAVIEST = 9_999_999_999       # SAP's quantities have 13 digits, three of them behind the point


def convert(source, data, images, limit=None):
    with gzip.open(os.path.join(source, "products.jsonl.gz"), "rt", encoding="utf-8") as file:
        products = [json.loads(line) for line in file]
    codes = _codes(products)
    for p in _sample(products, limit):
        row = data.article(
            data.number(p["id"]), BRAND=p["supplier"], MFRPN=p["name"],
            ORIGIN=COUNTRY.get(p.get("attr_t_country_of_origin"), ""),
            VALID_FROM=p["date_released"][:10], **_measures(p))
        data.text(row, "EN", p["title"], p.get("short_description", ""))
        for code in p["ean"]:
            data.gtin(row, code)
        for name, value in p.items():
            if name in codes:
                data.characteristic(row, codes[name], _written(value))
        data.price(row, plain(p["price"] / 100, 2))
        for plant in ("1000", "2000")[:made_up(p["id"] + " plants", 1, 2)]:
            data.quantity(row, made_up(p["id"] + plant, 0, 400), plant)
        if images:
            images.add(data, row, p["img_high"], p["title"])


def _sample(products, limit):
    """Always the same ones, spread over the whole set."""
    if not limit or limit >= len(products):
        return products
    return [products[n * len(products) // limit] for n in range(limit)]


def _codes(products):
    """Attribute to characteristic, the same for any sample. Where one name is used for a text and a
    number, or two differ in signs alone, each gets its own."""
    names = sorted({name for p in products for name in p if name.startswith("attr_")})
    used = collections.Counter(code_of(name[7:]) for name in names)
    return {name: code_of(name[7:]) if used[code_of(name[7:])] == 1
            else code_of(f"{name[7:]}_{hashlib.sha256(name.encode()).hexdigest()[:4]}")
            for name in names}


def _written(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value, 6) if isinstance(value, (int, float)) else value


def _measures(p):
    def number(name):
        value = p.get(name) or 0
        return plain(value) if 0 < value <= HEAVIEST else ""
    out = {"NET_WEIGHT": number("attr_n_weight"), "GROSS_WEIGHT": number("attr_n_package_weight"),
           "LENGTH": number("attr_n_package_depth"), "WIDTH": number("attr_n_package_width"),
           "HEIGHT": number("attr_n_package_height")}
    if out["NET_WEIGHT"] or out["GROSS_WEIGHT"]:
        out["WEIGHT_UNIT"] = "GRM"
    if out["LENGTH"] or out["WIDTH"] or out["HEIGHT"]:
        out["DIM_UNIT"] = "MMT"
    return out
