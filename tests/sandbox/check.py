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
import html
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check_source import (  # noqa: E402, F401  (part of it is for the tests)
    D, Rules, amount_of, by_article, category_paths, day, fold, gtin_of, media_of, names_of_axis,
    normal, pages_of, price_of, price_row, same_title, spellings, stock_of, stock_rows, text_of,
    wanted_categories, weight_of, why_not_sold)

HIDDEN = ("draft", "private", "pending", "trash")
DEFAULT_CATEGORY = "uncategorized"


def reads_as(shown, wanted):
    """A text is equal as it stands or as a browser would show it; HTML may also be its own HTML."""
    def flat(text):
        return " ".join(text.split())

    def bare(text):
        text = re.sub(r"<br\s*/?>|</(p|li|div|ul|h\d)>", "\n", text)
        return flat(html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", text)))
    if flat(shown) == flat(wanted) or bare(shown) == flat(wanted):
        return True
    return bool(re.search(r"</?[a-zA-Z]|&#?\w+;", wanted)) and bare(shown) == bare(wanted)


class Report:
    def __init__(self):
        self.skus = self.pages = 0
        self.found = []                  # one sentence per difference
        self.refused = {}                # MATNR -> reason

    def line(self):
        return (f"check: skus={self.skus} pages={self.pages} differences={len(self.found)} "
                f"refused={len(self.refused)}")


class Shop:
    """What the shop shows, by SKU and by page."""

    def __init__(self, products):
        products = [p for p in products if p.get("status") != "trash"]   # their SKUs are free
        self.by_id = {p["id"]: p for p in products}
        self.goods = [p for p in products if p.get("type") != "variable"]
        self.by_sku = collections.defaultdict(list)
        for p in self.goods:
            self.by_sku[p["sku"]].append(p)

    def page_of(self, row):
        return self.by_id.get(row.get("parent_id")) if row.get("type") == "variation" else row

    def is_shown(self, row):
        page = self.page_of(row)
        return page is not None and row["status"] not in HIDDEN and page["status"] not in HIDDEN


class Check:
    def __init__(self, source, products, rules):
        self.rules, self.shop, self.report = rules, Shop(products), Report()
        self.articles = source["articles"]
        self.known = {a["MATNR"]: a for a in self.articles}
        self.prices, self.stock = by_article(source["prices"]), by_article(source["stock"])
        self.paths = category_paths(source.get("categories") or [], rules)
        self.pages, self.generic = pages_of(self.articles, rules)
        self.page_of = {m["MATNR"]: p for p in self.pages.values() for m in p.members}
        self.claimed = collections.defaultdict(list)     # id of a shop page -> keys of our pages

    def say(self, sentence):
        self.report.found.append(sentence)

    def run(self):
        self.doubles()
        for article in self.articles:
            if article["MATNR"] not in self.generic:
                self.article(article)
        for page in self.pages.values():
            self.page(page)
        for page_id, keys in self.claimed.items():
            if len(keys) > 1:
                names = " and ".join(sorted(map(_key_text, keys)))
                self.say(f"Product {page_id} holds articles of several pages: {names}.")
        strangers = self.strangers()
        self.refusals()
        self.report.skus = len(self.known) - len(self.generic) + strangers
        return self.report

    # ---- the whole

    def doubles(self):
        for sku, rows in self.shop.by_sku.items():
            if sku and len(rows) > 1:
                self.say(f"{sku}: is in the shop more than once.")

    def strangers(self):
        count = 0
        for row in self.shop.goods:
            sku = row["sku"]
            if sku in self.known and sku not in self.generic:
                continue
            if sku in self.generic:
                if self.shop.is_shown(row) and row.get("type") != "variation":
                    self.say(f"{sku}: is a generic article, but the shop sells it as a product.")
                continue
            count += 1
            if self.shop.is_shown(row):
                self.say(f"{sku or 'product ' + str(row['id'])}: is in the shop, but not in SAP.")
        ours = set(self.claimed)
        for page in self.shop.by_id.values():
            if page.get("type") == "variable" and page["status"] not in HIDDEN \
                    and page["id"] not in ours:
                self.say(f"Product {page['id']} ({page['name']}) is shown without any article "
                         "of SAP.")
        return count

    def refusals(self):
        expected = self.rules.expected_refused
        if expected is None:
            return
        for sku, why in self.report.refused.items():
            if sku not in expected:
                self.say(f"{sku}: is to be refused ({why}), but is not in the list of those "
                         "expected.")
        for sku in expected:
            if sku not in self.known:
                self.say(f"{sku}: is expected to be refused, but SAP does not have it.")
            elif sku not in self.report.refused:
                self.say(f"{sku}: is expected to be refused, but is not for sale at all.")

    # ---- one article

    def row_of(self, sku):
        """The shop's row of a SKU; one that is shown before one that is not."""
        rows = self.shop.by_sku.get(sku, [])
        return next((r for r in rows if self.shop.is_shown(r)), rows[0] if rows else None)

    def article(self, article):
        sku, page = article["MATNR"], self.page_of.get(article["MATNR"])
        row = self.row_of(sku)
        head = self.known.get(article.get("PARENT")) if article.get("PARENT") else None
        why = why_not_sold(article, head, self.rules)
        if why:
            if row is not None and self.shop.is_shown(row):
                self.say(f"{sku}: is {why} in SAP, but the shop shows it as {row['status']}.")
            return
        if sku in page.refused or sku in (self.rules.expected_refused or {}):
            why = page.refused.get(sku) or self.rules.expected_refused[sku] or "as expected"
            self.report.refused[sku] = why
            if row is not None and self.shop.is_shown(row):
                self.say(f"{sku}: is to be refused ({why}), but the shop shows it.")
            return
        price = price_of(self.prices[sku], self.rules, article=article)
        if price is None and (row is None or not self.shop.is_shown(row)
                              or not row["regular_price"]):
            return                       # without a price nothing can be sold
        if row is None:
            self.say(f"{sku}: is missing in the shop.")
            return
        for sentence in self.compare(article, page, price, row):
            self.say(f"{sku}: {sentence}")

    def compare(self, article, page, price, row):
        """One sentence per difference of one SKU; what belongs to its page is compared there."""
        if row["status"] not in HIDDEN and not self.shop.is_shown(row):
            yield f"stands on a product that is {(self.shop.page_of(row) or {}).get('status')}."
        yield from self.figures(article, price, row)
        if row.get("type") == "variation":
            yield from self.options(page, article, row)
            yield from self.variation_texts(article, page, row)
        elif len(page.standing) > 1 and len(self.sold(page)) > 1:
            yield f"is a product by itself, should be one of {len(self.sold(page))} variations."
        else:
            yield from self.page_fields(page, row)

    def figures(self, article, price, row):
        rows = self.stock[article["MATNR"]]
        stock, shown = stock_of(rows, self.rules), row["stock_quantity"]
        if shown != stock and not (shown is None and not stock_rows(rows, self.rules)):
            yield f"stock is {shown!r} in the shop, should be {stock!r}."
        for what, wanted, seen in (
                ("GTIN", gtin_of(article), row.get("global_unique_id", "")),
                ("status", "publish", row["status"])):
            if wanted != seen:
                yield f"{what} is {seen!r} in the shop, should be {wanted!r}."
        shown = row["regular_price"]
        if price is None or not re.fullmatch(r"\d+(\.\d+)?", shown) or D(shown) != price:
            yield f"price is {shown!r} in the shop, should be {str(price)!r}."
        weight = weight_of(article)
        if (row["weight"] or "0") != (weight or "0"):
            yield f"weight is {row['weight']!r} kg in the shop, should be {weight!r}."
        if price is not None:
            yield from self.sale(article, price, row)

    def sale(self, article, price, row):
        rows = self.prices[article["MATNR"]]
        wanted = price_row(rows, self.rules, "sale", article)
        amount = amount_of(wanted, article) if wanted else None
        shown = row.get("sale_price") or ""
        start, end = (self.local(row.get(f"date_on_sale_{x}_gmt")) for x in ("from", "to"))
        if amount is None or amount >= price:
            if not shown or (amount is not None and D(shown) == amount):
                return
            if start and start[:10] > self.rules.today and self.is_coming(rows, article, shown,
                                                                          start[:10]):
                return
            if not (end and end[:10] < self.rules.today):
                yield f"sale price is {shown!r} in the shop, should be none."
            return
        if not re.fullmatch(r"\d+(\.\d+)?", shown) or D(shown) != amount:
            yield f"sale price is {shown!r} in the shop, should be {str(amount)!r}."
            return
        first, last = day(wanted.get("VALID_FROM"), ""), day(wanted.get("VALID_TO"), "")
        if start and start[:10] != first:
            yield f"sale begins {start} in the shop, should begin {first or 'at once'}."
        last = "" if last >= "9999" else last
        if bool(end) != bool(last) or (end and not self.ends_with(end, last)):
            yield f"sale ends {end or 'never'} in the shop, should end with {last or 'no day'}."

    def local(self, gmt):
        if not gmt:
            return ""
        when = datetime.datetime.fromisoformat(gmt).replace(tzinfo=datetime.timezone.utc)
        return when.astimezone(self.rules.zone).replace(tzinfo=None).isoformat()

    @staticmethod
    def ends_with(end, last):
        """In the last minute of the day, or at the midnight after it."""
        after = datetime.date.fromisoformat(last) + datetime.timedelta(days=1)
        return end[:16] == f"{last}T23:59" or end == f"{after.isoformat()}T00:00:00"

    @staticmethod
    def is_coming(rows, article, shown, begins):
        return any(r.get("KIND") == "sale" and not r.get("DELETED")
                   and day(r.get("VALID_FROM"), "") == begins
                   and amount_of(r, article) == D(shown) for r in rows)

    def options(self, page, article, row):
        """The variation's choice: one option per axis, under the axis's name."""
        wanted = dict(page.options.get(article["MATNR"], {}))
        for a in row.get("attributes") or []:
            code = self.axis_named(a["name"], wanted)
            if code is None:
                yield f"has an option of {a['name']!r} in the shop, which is no axis of its page."
            elif normal(a["option"]) not in spellings(*wanted.pop(code)):
                value = page.options[article["MATNR"]][code][0]
                yield f"{a['name']} is {a['option']!r} in the shop, should be {value!r}."
        for code, (value, _) in wanted.items():
            yield f"has no option for {code} in the shop, should have {value!r}."

    def axis_named(self, name, codes):
        for code in codes:
            if fold(name) in map(fold, names_of_axis(code, self.rules)):
                return code
        return None

    def variation_texts(self, article, page, row):
        shown = row.get("description") or ""
        texts = [text_of(article, self.rules), page.text(self.rules)]
        if shown and not any(reads_as(shown, t.get("LONG_TEXT") or "") for t in texts):
            yield f"description is {shown!r} in the shop, which SAP says nowhere."
        yield from self.own_image(article, row)

    def own_image(self, article, row):
        media, image = media_of(article, self.rules), row.get("image")
        known = [m.get("SHA256") for m in media]
        if image is None:
            if media and article.get("PARENT"):
                yield "has no image of its own in the shop, should have one."
        elif not media and "sha256" in image:
            yield "has an image of its own in the shop, should have none."
        elif "sha256" in image and all(known) and image["sha256"] not in known:
            yield f"image is {image['sha256'][:12]}… in the shop, which is none of its own."

    # ---- one page

    def sold(self, page):
        return [m for m in page.standing
                if m["MATNR"] not in (self.rules.expected_refused or {}) and
                not why_not_sold(m, self.known.get(m.get("PARENT") or ""), self.rules)]

    def page(self, page):
        rows = [r for r in (self.row_of(m["MATNR"]) for m in page.members)
                if r is not None and self.shop.is_shown(r)]
        found = {self.shop.page_of(r)["id"] for r in rows}
        for page_id in found:
            self.claimed[page_id].append(page.key)
        if not rows:
            return
        self.report.pages += 1
        if len(found) > 1:
            self.say(f"{_key_text(page.key)}: its articles stand on {len(found)} products "
                     f"({', '.join(map(str, sorted(found)))}), should stand on one.")
        for page_id in found:
            shown = self.shop.by_id[page_id]
            if shown.get("type") != "variable":
                continue
            for sentence in self.page_fields(page, shown):
                self.say(f"{_key_text(page.key)}: {sentence}")
            for sentence in self.declared(page, shown):
                self.say(f"{_key_text(page.key)}: {sentence}")

    def page_fields(self, page, shown):
        rules, text = self.rules, page.text(self.rules)
        name = html.unescape(shown["name"]) if rules.entities else shown["name"]
        wanted = text.get("NAME", "")
        made_up = page.head is None and len(page.members) > 1
        if name != wanted and not (made_up and same_title(name, wanted)):
            yield f"name is {shown['name']!r} in the shop, should be {wanted!r}."
        for what, field in (("description", "LONG_TEXT"), ("short_description", "SHORT_TEXT")):
            seen, wanted = shown.get(what), text.get(field) or ""
            if seen is not None and not reads_as(seen, wanted):
                yield f"{what} is {seen!r} in the shop, should read {wanted!r}."
        yield from self.categories(page, shown)
        yield from self.images(page, shown)

    def categories(self, page, shown):
        wanted = wanted_categories(page.speakers()[0], self.paths)
        rows = [c for c in shown.get("categories") or [] if c.get("slug") != DEFAULT_CATEGORY]
        seen = {tuple(html.unescape(n) if self.rules.entities else n
                      for n in c.get("path") or [c["name"]]) for c in rows}
        for path in sorted(wanted - seen):
            yield f"category {' > '.join(path)} is missing in the shop."
        for path in sorted(seen - wanted):
            yield f"category {' > '.join(path)} in the shop is not SAP's."

    def images(self, page, shown):
        """Its own pictures first, in order; pictures of its variants may follow."""
        wanted, seen = media_of(page.speakers()[0], self.rules), shown.get("images") or []
        others = [m for a in page.members for m in media_of(a, self.rules)]
        more = len(page.members) > 1
        if len(seen) < len(wanted) or (len(seen) > len(wanted) and not (more and others)):
            yield f"has {len(seen)} images in the shop, should have {len(wanted)}."
            return
        for at, (media, image) in enumerate(zip(wanted, seen), 1):
            digest = (media.get("SHA256") or "").lower()
            if digest and image.get("sha256", digest) != digest:
                yield (f"image {at} is {image['sha256'][:12]}… in the shop, "
                       f"should be {digest[:12]}….")
        known = {(m.get("SHA256") or "").lower() for m in others}
        for image in seen[len(wanted):]:
            if "" not in known and image.get("sha256", next(iter(known))) not in known:
                yield f"image {image['sha256'][:12]}… in the shop is none of its articles'."

    def declared(self, page, shown):
        """The axes of a page with variations: by name, each option once, those of its articles."""
        wanted = list(page.axes)
        if not page.axes:
            yield "has variations in the shop, but its articles differ in nothing."
        for a in shown.get("attributes") or []:
            if not a.get("variation"):
                continue
            code = self.axis_named(a["name"], page.axes)
            if code is None:
                yield f"varies by {a['name']!r} in the shop, which is no axis of SAP."
                continue
            if code in wanted:
                wanted.remove(code)
            yield from self.listed(page, code, a)
        for code in wanted:
            yield f"does not vary by {code} in the shop."

    def listed(self, page, code, attribute):
        seen = [normal(html.unescape(o) if self.rules.entities else o)
                for o in attribute["options"]]
        if len(set(seen)) != len(seen):
            yield f"{attribute['name']} lists an option twice in the shop: {attribute['options']}."
        sold = {m["MATNR"] for m in self.sold(page)}
        every = {s for o in page.options.values() for s in spellings(*o[code])}
        for matnr in sorted(sold):
            if not spellings(*page.options[matnr][code]) & set(seen):
                yield (f"{attribute['name']} does not list {page.options[matnr][code][0]!r} "
                       f"of {matnr} in the shop.")
        for option in seen:
            if option not in every:
                yield f"{attribute['name']} lists {option!r} in the shop, which no article has."


def _key_text(key):
    return f"Page {key}" if isinstance(key, str) else "Page of " + " ".join(filter(None, key[1:]))


def check(source, products, rules):
    """`source` holds articles, prices, stock and, where there are any, categories."""
    return Check(source, products, rules).run()


# ---- reading both sides

def source_from_directory(directory):
    source = {}
    for name in ("articles", "prices", "stock", "categories"):
        path = os.path.join(directory, name + ".json")
        if name == "categories" and not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
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


def all_of(url, login, cacert):
    rows, page, pages = {}, 1, 1
    while page <= pages:
        part, headers = get(f"{url}?per_page=100&orderby=id&order=asc&page={page}", login, cacert)
        rows.update({p["id"]: p for p in part})
        pages, page = int(headers["X-WP-TotalPages"]), page + 1
    return rows


def products_from_shop(url, login=None, cacert=None):
    """Products and variations: by the stand-in's control, or with a login by wc/v3 as from any
    shop. There a variation without an image, weight, SKU or GTIN shows those of its product."""
    url = url.rstrip("/")
    if not login:
        return get(url + "/_sandbox/products", cacert=cacert)[0]
    base = url + "/wp-json/wc/v3/products"
    products = all_of(base, login, cacert)
    categories = all_of(base + "/categories", login, cacert)
    rows = list(products.values())
    for product in products.values():
        for category in product["categories"]:
            category["path"] = _path(category["id"], categories)
        if product["type"] == "variable":
            children = all_of(f"{base}/{product['id']}/variations", login, cacert)
            rows += [dict(v, type="variation", parent_id=product["id"])
                     for v in children.values()]
    return rows


def _path(category_id, categories):
    path = []
    while category_id in categories and len(path) < 50:
        path.insert(0, categories[category_id]["name"])
        category_id = categories[category_id]["parent"]
    return path


def refused_from(path):
    """One SKU per line, a reason may follow; # begins a comment."""
    expected = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("#")[0].split(None, 1)
            if words:
                expected[words[0]] = words[1].strip() if len(words) > 1 else ""
    return expected


def parse(argv):
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
    p.add_argument("--market", default="", help="country whose prices count beside those for all")
    p.add_argument("--customer-group", default="", help="group whose prices come first")
    p.add_argument("--plants", help="comma list; all plants without it")
    p.add_argument("--buffer", default="0", help="units held back from the stock figure")
    p.add_argument("--today", help="YYYY-MM-DD; without it today in Central Europe")
    p.add_argument("--group", default="parent", help="parent, attribute:CODE or name")
    p.add_argument("--axes", default="", help="comma list of codes, where SAP names no axes")
    p.add_argument("--group-language", help="of the names and values that are compared")
    p.add_argument("--axis-names", default="", help="CODE=Name,CODE=Name as the shop calls them")
    p.add_argument("--entities", action="store_true", help="the shop writes & as &amp; in names")
    p.add_argument("--expect-refused", metavar="FILE", help="the SKUs that must be refused, "
                   "one per line")
    p.add_argument("--allow-refused", type=int, metavar="N", help="exactly N may be refused")
    return p.parse_args(argv)


def rules_from(o):
    return Rules(
        o.language, o.fallback, o.price_list, o.currency, o.plants.split(",") if o.plants else None,
        o.buffer, o.today, o.group, [a for a in o.axes.split(",") if a], o.group_language,
        dict(pair.split("=", 1) for pair in o.axis_names.split(",") if pair), o.market,
        o.customer_group, o.entities, refused_from(o.expect_refused) if o.expect_refused else None)


def main(argv=None, read=products_from_shop, judge=Check):
    """read: the receiver's rows; judge: what is expected of them."""
    options = parse(argv)
    try:
        rules = rules_from(options)
        source = source_from_directory(options.data) if options.data else \
            get(options.sap.rstrip("/") + "/_sandbox/data", cacert=options.cacert)[0]
        products = read(options.shop, options.login, options.cacert)
    except (OSError, ValueError, KeyError) as wrong:
        print(f"check: cannot read: {wrong}", file=sys.stderr)
        return 2
    report = judge(source, products, rules).run()
    allowed = options.expect_refused or len(report.refused) == (options.allow_refused or 0)
    if options.allow_refused is not None and not allowed:
        report.found.append(f"{len(report.refused)} articles are to be refused, "
                            f"{options.allow_refused} were expected.")
    for sku, why in report.refused.items():
        if allowed or options.allow_refused is not None:
            print(f"{sku}: refused: {why}.")
        else:
            report.found.append(f"{sku}: is to be refused ({why}), but nobody expected that.")
    for sentence in report.found:
        print(sentence)
    print(report.line())
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
