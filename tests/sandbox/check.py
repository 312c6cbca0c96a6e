#!/usr/bin/python3
"""Compares every article of an SAP data directory with the products of a shop, field by field.

It shares no code with the product and reads only the source and the receiver. README.md states
the rules it assumes. Each difference is one sentence; exit status 1 if there is any, 2 if it
cannot read.
"""
import argparse
import base64
import collections
import datetime
import decimal
import html
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.request
import zoneinfo

D = decimal.Decimal
KILOGRAM = {"KGM": D(1), "GRM": D("0.001"), "MGM": D("0.000001"), "TNE": D(1000)}
HIDDEN = ("draft", "private", "trash")


class Rules:
    """What the channel was told to show."""

    def __init__(self, language="de", fallback="en", price_list="00", currency="EUR", plants=None,
                 buffer=0, today=None):
        self.languages = [language.upper(), fallback.upper()]
        self.price_list, self.currency, self.plants = price_list, currency, plants
        self.buffer = D(buffer)
        self.today = today or datetime.datetime.now(_zone()).date().isoformat()


def _zone():
    try:
        return zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:       # no tzdata here: right but for an hour at midnight
        return datetime.timezone(datetime.timedelta(hours=1))


# ---- what SAP says

def number(text):
    return D(text) if text else D(0)


def text_of(article, rules):
    rows = {t.get("LANGU", "").upper(): t for t in article.get("TEXT", [])}
    for language in rules.languages:
        if rows.get(language, {}).get("NAME"):
            return rows[language]
    return {}


def gtin_of(article):
    rows = article.get("GTIN", [])
    for row in rows:
        if row.get("MAIN") == "X":
            return row["GTIN"]
    return ""


def weight_of(article):
    """Kilograms without trailing zeros, "" for none; gross where it is known, for it is shipped."""
    value = number(article.get("GROSS_WEIGHT")) or number(article.get("NET_WEIGHT"))
    if not value:
        return ""
    text = format(value * KILOGRAM[article.get("WEIGHT_UNIT") or "KGM"], "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_of(rows, rules):
    """The price of one unit, or None. Of several valid ones the youngest, then the highest step."""
    valid = [r for r in rows
             if not r.get("DELETED") and r.get("PRICE_LIST") == rules.price_list
             and r.get("CURRENCY") == rules.currency and number(r.get("MIN_QTY")) <= 1
             and _day(r.get("VALID_FROM"), "0001-01-01") <= rules.today
             <= _day(r.get("VALID_TO"), "9999-12-31")]
    if not valid:
        return None
    row = max(valid, key=lambda r: (r.get("VALID_FROM") or "", number(r.get("MIN_QTY"))))
    return (number(row["AMOUNT"]) / number(row.get("PER") or "1")).quantize(
        D("0.01"), decimal.ROUND_HALF_UP)


def _day(text, none):
    return none if text in (None, "", "0000-00-00") else text


def stock_of(rows, rules):
    total = sum((number(r.get("AVAILABLE")) for r in rows if not r.get("DELETED")
                 and (rules.plants is None or r.get("PLANT") in rules.plants)), D(0))
    return int(max(total - rules.buffer, D(0)).to_integral_value(decimal.ROUND_FLOOR))


# ---- what the shop shows

def reads_as(shown, wanted):
    """A description is equal as it stands or as a browser would show it."""
    def flat(text):
        return " ".join(text.split())
    if flat(shown) == flat(wanted):
        return True
    bare = re.sub(r"<br\s*/?>|</(p|li|div|ul|h\d)>", "\n", shown)
    return flat(html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", bare))) == flat(wanted)


def compare(article, price, stock, product, rules):
    """Yields one sentence per difference of one SKU."""
    sku = article["MATNR"]
    if article.get("DELETED") or article.get("SALES_BLOCKED"):
        if product is not None and product["status"] not in HIDDEN:
            why = "deleted" if article.get("DELETED") else "blocked for sale"
            yield f"{sku}: is {why} in SAP, but the shop shows it as {product['status']}."
        return
    if price is None and (product is None or product["status"] in HIDDEN
                          or not product["regular_price"]):
        return                                   # without a price nothing can be sold
    if product is None:
        yield f"{sku}: is missing in the shop."
        return
    text = text_of(article, rules)
    for what, wanted, shown in (
            ("name", text.get("NAME", ""), product["name"]),
            ("GTIN", gtin_of(article), product.get("global_unique_id", "")),
            ("stock", stock, product["stock_quantity"]),
            ("status", "publish", product["status"])):
        if wanted != shown:
            yield f"{sku}: {what} is {shown!r} in the shop, should be {wanted!r}."
    if not reads_as(product["description"], text.get("LONG_TEXT", "")):
        yield (f"{sku}: description is {product['description']!r} in the shop, "
               f"should read {text.get('LONG_TEXT', '')!r}.")
    shown = product["regular_price"]
    if price is None or not re.fullmatch(r"\d+(\.\d+)?", shown) or D(shown) != price:
        yield f"{sku}: price is {shown!r} in the shop, should be {str(price)!r}."
    weight = weight_of(article)
    if (product["weight"] or "0") != (weight or "0"):
        yield f"{sku}: weight is {product['weight']!r} kg in the shop, should be {weight!r}."


def check(source, products, rules):
    """(number of SKUs looked at, sentences). `source` holds articles, prices and stock."""
    found = []
    by_sku = {}
    for product in products:
        if product["sku"] in by_sku:
            found.append(f"{product['sku']}: is in the shop more than once.")
        by_sku.setdefault(product["sku"], product)
    prices, stock = collections.defaultdict(list), collections.defaultdict(list)
    for row in source["prices"]:
        prices[row["MATNR"]].append(row)
    for row in source["stock"]:
        stock[row["MATNR"]].append(row)
    for article in source["articles"]:
        sku = article["MATNR"]
        found.extend(compare(article, price_of(prices[sku], rules), stock_of(stock[sku], rules),
                             by_sku.get(sku), rules))
    known = {a["MATNR"] for a in source["articles"]}
    strangers = [p for sku, p in by_sku.items() if sku not in known]
    found.extend(f"{p['sku'] or 'product ' + str(p['id'])}: is in the shop, but not in SAP."
                 for p in strangers if p["status"] not in HIDDEN)
    return len(known) + len(strangers), found


# ---- reading both sides

def source_from_directory(directory):
    source = {}
    for name in ("articles", "prices", "stock"):
        with open(os.path.join(directory, name + ".json"), encoding="utf-8") as file:
            source[name] = json.load(file)
    return source


def get(url, login=None, cacert=None):
    request = urllib.request.Request(url)
    if login:
        request.add_header("Authorization",
                           "Basic " + base64.b64encode(login.encode()).decode())
    context = ssl.create_default_context(cafile=cacert) if url.startswith("https") else None
    with urllib.request.urlopen(request, timeout=120, context=context) as answer:
        return json.load(answer), answer.headers


def products_from_shop(url, login=None, cacert=None):
    """All products: by the stand-in's control, or with a login by wc/v3 as from any shop."""
    url = url.rstrip("/")
    if not login:
        return get(url + "/_sandbox/products", cacert=cacert)[0]
    rows, page, pages = {}, 1, 1
    while page <= pages:
        part, headers = get(f"{url}/wp-json/wc/v3/products?per_page=100&orderby=id&order=asc"
                            f"&page={page}", login, cacert)
        rows.update({p["id"]: p for p in part})
        pages, page = int(headers["X-WP-TotalPages"]), page + 1
    return list(rows.values())


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    side = p.add_mutually_exclusive_group(required=True)
    side.add_argument("--data", help="SAP data directory")
    side.add_argument("--sap", help="URL of the SAP stand-in: its data as they are now")
    p.add_argument("--shop", required=True, help="URL of the shop")
    p.add_argument("--login", help="consumer key:secret, to read by wc/v3 instead of the control")
    p.add_argument("--cacert", help="certificate to trust where a URL is https")
    p.add_argument("--language", default="de")
    p.add_argument("--fallback", default="en")
    p.add_argument("--price-list", default="00")
    p.add_argument("--currency", default="EUR")
    p.add_argument("--plants", help="comma list; all plants without it")
    p.add_argument("--buffer", default="0", help="units held back from the stock figure")
    p.add_argument("--today", help="YYYY-MM-DD; without it today in Central Europe")
    options = p.parse_args(argv)
    rules = Rules(options.language, options.fallback, options.price_list, options.currency,
                  options.plants.split(",") if options.plants else None, options.buffer,
                  options.today)
    try:
        source = source_from_directory(options.data) if options.data else \
            get(options.sap.rstrip("/") + "/_sandbox/data", cacert=options.cacert)[0]
        products = products_from_shop(options.shop, options.login, options.cacert)
    except (OSError, ValueError, KeyError) as wrong:
        print(f"check: cannot read: {wrong}", file=sys.stderr)
        return 2
    count, found = check(source, products, rules)
    for sentence in found:
        print(sentence)
    print(f"check: skus={count} differences={len(found)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
