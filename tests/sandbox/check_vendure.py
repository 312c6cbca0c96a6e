#!/usr/bin/python3
"""Compares every article of an SAP data directory with what a Vendure shows, field by field.

As check.py, of whose expectations it is a reading for another shop: it shares no code with the
product and reads the shop by its admin API only. README.md states the rules it assumes. Exit
status as check.py; --login is USER:PASSWORD of an administrator.
"""
import datetime
import hashlib
import json
import os
import re
import sys
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402
from check import Rules, reads_as  # noqa: E402, F401  (Rules is for the tests)
from check_source import (  # noqa: E402
    D, amount_of, fold, gtin_of, normal, price_row, spellings, stock_of, stock_rows, value_of,
    weight_of, UNIT_WORDS)

FACETS = "facetValues{code name facet{code name isPrivate}}"
ASSETS = "featuredAsset{id} assets{id source}"
PRODUCT = f"""id name slug description enabled {ASSETS} {FACETS}
    optionGroups{{code name options{{code name}}}} collections{{id name breadcrumbs{{id name}}}}"""
VARIANT = f"""id sku name enabled trackInventory prices{{price currencyCode}}
    stockLevels{{stockOnHand stockAllocated}} product{{id}} options{{name group{{code name}}}}
    {ASSETS} {FACETS}"""
JOBS_S, DEAD_JOB_S = 240, 15


class Api:
    """The admin API of a Vendure."""

    def __init__(self, url, user="superadmin", password="superadmin"):
        self.url, self.token, self.digests = url.rstrip("/"), None, {}
        login = self.ask("mutation($u:String!,$p:String!){login(username:$u,password:$p){"
                         "... on ErrorResult{message}}}", {"u": user, "p": password})["login"]
        if "message" in login:
            raise OSError(f"the shop refuses the login: {login['message']}")

    def ask(self, query, variables=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(self.url + "/admin-api", body, headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            self.token = answer.headers.get("vendure-auth-token") or self.token
            found = json.load(answer)
        if found.get("errors"):
            raise OSError(f"the shop answers {found['errors'][0].get('message')}")
        return found["data"]

    def all(self, field, kind, selection):
        rows, total = [], 1
        while len(rows) < total:
            page = self.ask(
                f"query($o:{kind}ListOptions){{{field}(options:$o){{totalItems items{{{selection}}}}}}}",
                {"o": {"skip": len(rows), "take": 200, "sort": {"id": "ASC"}}})[field]
            rows, total = rows + page["items"], page["totalItems"]
            if not page["items"]:
                break
        return rows

    def custom_fields(self, entity):
        kinds = self.ask("query($n:String!){__type(name:$n){fields{name}}}",
                         {"n": f"{entity}CustomFields"})["__type"]
        return [f["name"] for f in kinds["fields"]] if kinds else []

    def wait_idle(self):
        """Collections are filled by jobs. One that was running when the shop was killed is called
        running for ever."""
        end = time.monotonic() + JOBS_S
        while time.monotonic() < end:
            jobs = self.ask("{jobs(options:{filter:{isSettled:{eq:false}},take:100}){"
                            "totalItems items{state startedAt}}}")["jobs"]
            if jobs["totalItems"] <= 100 and all(map(self.is_dead, jobs["items"])):
                return
            time.sleep(0.1)
        raise OSError(f"the shop's jobs do not end within {JOBS_S} s")

    @staticmethod
    def is_dead(job):
        if job["state"] != "RUNNING" or not job["startedAt"]:
            return False
        begun = datetime.datetime.fromisoformat(job["startedAt"].replace("Z", "+00:00"))
        return (datetime.datetime.now(datetime.timezone.utc) - begun).total_seconds() > DEAD_JOB_S

    def digest(self, asset):
        if asset["id"] not in self.digests:
            with urllib.request.urlopen(asset["source"], timeout=60) as file:
                self.digests[asset["id"]] = hashlib.sha256(file.read()).hexdigest()
        return self.digests[asset["id"]]


# ---- the shop's rows in the form that check.py reads

def _images(api, entity):
    """Pictures in their order, the featured one first."""
    featured = (entity["featuredAsset"] or {}).get("id")
    assets = sorted(entity["assets"], key=lambda a: a["id"] != featured)
    return [{"sha256": api.digest(a)} for a in assets]


def _facets(entity):
    return [(v["facet"]["code"], v["facet"]["name"], v["name"]) for v in entity["facetValues"]
            if not v["facet"]["isPrivate"]]


def _page_row(api, product, is_variable):
    return {"id": f"product {product['id']}", "type": "variable" if is_variable else "simple",
            "sku": "", "name": product["name"], "description": product["description"],
            "status": "publish" if product["enabled"] else "draft",
            "images": _images(api, product), "facets": _facets(product),
            "categories": [{"name": c["name"], "slug": "",
                            "path": [b["name"] for b in c["breadcrumbs"][1:]]}
                           for c in product["collections"]],
            "attributes": [{"name": g["name"], "variation": True,
                            "options": [o["name"] for o in g["options"]]}
                           for g in product["optionGroups"]]}


def _variant_row(api, variant, currency):
    own = variant.get("customFields") or {}
    price = next((p["price"] for p in variant["prices"] if p["currencyCode"] == currency), None)
    images = _images(api, variant)
    return {"id": f"variant {variant['id']}", "type": "variation",
            "parent_id": f"product {variant['product']['id']}", "sku": variant["sku"],
            "name": variant["name"], "status": "publish" if variant["enabled"] else "private",
            "stock_quantity": sum(s["stockOnHand"] - s["stockAllocated"]
                                  for s in variant["stockLevels"]),
            "tracked": variant["trackInventory"], "facets": _facets(variant),
            "regular_price": "" if not price else str(D(price) / 100),
            "global_unique_id": own.get("gtin") or "", "has_own": own,
            "weight": own.get("weight"), "image": images[0] if images else None,
            "attributes": [{"name": o["group"]["name"], "option": o["name"]}
                           for o in variant["options"]]}


def products_from_vendure(url, login=None, cacert=None, currency="EUR"):
    """As check.products_from_shop; a page of its own is one row of page and variant together."""
    del cacert
    api = Api(url, *(login.split(":", 1) if login else ()))
    api.wait_idle()
    own = [n for n in api.custom_fields("ProductVariant") if n in ("gtin", "weight")]
    selection = VARIANT + (f" customFields{{{' '.join(own)}}}" if own else "")
    variants = api.all("productVariants", "ProductVariant", selection)
    children = {}
    for variant in variants:
        children.setdefault(variant["product"]["id"], []).append(variant)
    rows = []
    for product in api.all("products", "Product", PRODUCT):
        mine = children.get(product["id"], [])
        is_variable = bool(product["optionGroups"]) or len(mine) > 1
        page = _page_row(api, product, is_variable)
        rows += [page] if is_variable else []
        for variant in mine:
            row = _variant_row(api, variant, currency)
            if not is_variable:
                hidden = row["status"] if page["status"] == "publish" else page["status"]
                more = row["facets"] + page["facets"]
                images = page["images"] or ([row["image"]] if row["image"] else [])
                row = {**row, **page, "sku": row["sku"], "status": hidden, "facets": more,
                       "images": images}
            rows.append(row)
    return rows


# ---- what is expected of a Vendure

class Check(check.Check):
    def figures(self, article, price, row):
        """One price: Vendure knows no sale, so the one that holds now is shown."""
        rows = self.stock[article["MATNR"]]
        stock, shown = stock_of(rows, self.rules), row["stock_quantity"]
        if shown != stock and stock_rows(rows, self.rules):
            yield f"stock is {shown!r} in the shop, should be {stock!r}."
        if row["tracked"] == "FALSE":
            yield "its stock is not tracked in the shop, so that it never ends."
        if row["status"] != "publish":
            yield f"status is {row['status']!r} in the shop, should be 'publish'."
        wanted = self.holds_now(article, price)
        shown = row["regular_price"]
        if wanted is None or not shown or D(shown) != wanted:
            yield f"price is {shown!r} in the shop, should be {str(wanted)!r}."
        if "gtin" in row["has_own"] and gtin_of(article) != row["global_unique_id"]:
            yield (f"GTIN is {row['global_unique_id']!r} in the shop, "
                   f"should be {gtin_of(article)!r}.")
        if "weight" in row["has_own"]:
            weight = D(weight_of(article) or 0)
            if D(str(row["weight"] or 0)) != weight:
                yield f"weight is {row['weight']!r} kg in the shop, should be {str(weight)!r}."
        if row["type"] == "variation":
            yield from self.facets([article], [], row["facets"])

    def holds_now(self, article, price):
        sale = price_row(self.prices[article["MATNR"]], self.rules, "sale", article)
        amount = amount_of(sale, article) if sale else None
        return amount if amount is not None and price is not None and amount < price else price

    def variation_texts(self, article, page, row):
        yield from self.own_image(article, row)

    def page_fields(self, page, shown):
        description, text = shown["description"], page.text(self.rules)
        wanted = text.get("LONG_TEXT") or text.get("SHORT_TEXT") or ""
        if not reads_as(description, wanted):
            yield f"description is {description!r} in the shop, should read {wanted!r}."
        told = dict(shown, description=None, short_description=None)
        yield from super().page_fields(page, told)
        speakers = [page.speakers()[0]]
        members = page.members if len(page.members) == 1 else []
        yield from self.facets(speakers + members, page.axes, shown["facets"])

    def facets(self, articles, axes, shown):
        """Every characteristic with its unit; axes are options. Facets that are no characteristic
        (brand, maker …) are the mapping's business."""
        for article in articles:
            for code in sorted({c["CODE"] for c in article.get("CHARACTERISTIC", [])}):
                if code in axes or self.is_option(article, code):
                    continue
                yield from self.facet(article, code, shown)

    def is_option(self, article, code):
        page = self.page_of.get(article["MATNR"])
        return page is not None and code in page.axes

    def facet(self, article, code, shown):
        rows = [c for c in article["CHARACTERISTIC"] if c["CODE"] == code
                and (not c.get("LANGU") or c["LANGU"].upper() == self.rules.languages[0])]
        names = {fold(n) for n in check.names_of_axis(code, self.rules)}
        seen = {normal(value) for c, name, value in shown
                if fold(name) in names or fold(c) == fold(re.sub(r"[_\s]+", "-", code))}
        for row in rows:
            value, unit = (row.get("VALUE") or "").strip(), row.get("UNIT") or ""
            if not value:
                continue
            wanted = {normal(value, u) for u in (unit, UNIT_WORDS.get(unit, unit))}
            if not wanted & seen:
                yield (f"{code} is {sorted(seen) or 'nowhere'} in the shop, "
                       f"should be {sorted(wanted)}.")


def compare(source, shop, rules):
    """`shop` has the url of a Vendure."""
    return Check(source, products_from_vendure(shop.url, currency=rules.currency), rules).run()


def main(argv=None):
    return check.main(argv, read=products_from_vendure, judge=Check)


if __name__ == "__main__":
    sys.exit(main())
