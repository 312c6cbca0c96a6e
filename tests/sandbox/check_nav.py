#!/usr/bin/python3
"""Compares every item of a NAV company with the products of a shop, field by field; see check.py.

It reads the stand-in's tables alone: a data directory, or what a running nav.py holds now.
"""
import argparse
import os
import sys
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402
from check_source import Rules, fold, names_of_axis, normal  # noqa: E402
from check_source_nav import Source, tables_of  # noqa: E402

UNIT_WORDS = {"CM": "cm", "MM": "mm", "M": "m", "W": "W", "MM2": "mm²"}     # a channel may write a unit in words


class Check(check.Check):
    """As for SAP, and every attribute of an item stands on its page, with its unit."""

    def say(self, sentence):
        super().say(sentence.replace("SAP", "NAV"))

    def page(self, page):
        super().page(page)
        rows = [r for r in (self.row_of(m["MATNR"]) for m in page.members) if r and self.shop.is_shown(r)]
        speaker = page.head or page.members[0]
        for product in {self.shop.page_of(r)["id"]: self.shop.page_of(r) for r in rows}.values():
            for sentence in self.attributes(speaker, product, page.axes):
                self.say(f"{speaker['MATNR']}: {sentence}")

    def attributes(self, item, product, axes):
        shown = product.get("attributes") or []
        for row in item.get("CHARACTERISTIC", []):
            code, value, unit = row["CODE"], row["VALUE"], row.get("UNIT") or ""
            if code in axes:
                continue
            names = {fold(n) for c in (code, code.upper()) for n in names_of_axis(c, self.rules)}
            found = [o for a in shown if fold(a["name"]) in names for o in a["options"]]
            wanted = {normal(value, u) for u in (unit, UNIT_WORDS.get(unit, unit))}
            text = f"{value} {unit}".strip()
            if not found:
                yield f"attribute {code} is missing in the shop, should be {text!r}."
            elif not wanted & {normal(o) for o in found}:
                yield f"attribute {code} is {' / '.join(found)!r} in the shop, should be {text!r}."


def compare(tables, products, rules, **how):
    """The report. how: language, axis, separator of check_source_nav.Source."""
    return Check(Source(tables, **how).rows(), products, rules).run()


def tables_from(url, company=None):
    query = f"?company={urllib.parse.quote(company)}" if company else ""
    return check.get(f"{url.rstrip('/')}/_sandbox/data{query}")[0]


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    side = p.add_mutually_exclusive_group(required=True)
    side.add_argument("--data", help="the company's data directory")
    side.add_argument("--nav", help="URL of the NAV stand-in: its tables as they are now")
    p.add_argument("--company", help="with --nav: not the default one")
    p.add_argument("--shop", required=True, help="URL of the shop")
    p.add_argument("--login", help="consumer key:secret, to read by wc/v3 instead of the control")
    p.add_argument("--item-language", default="de", help="of NAV's own descriptions")
    p.add_argument("--language", default="de", help="of the shop")
    p.add_argument("--fallback", default="en")
    p.add_argument("--currency", default="EUR")
    p.add_argument("--customer-group", default="", help="price group whose prices come first")
    p.add_argument("--axis", default="variant", help="code of the axis on which variants differ")
    p.add_argument("--axis-name", help="what the shop calls it")
    p.add_argument("--locations", help="comma list; all without it")
    p.add_argument("--today", help="YYYY-MM-DD")
    return p.parse_args(argv)


def main(argv=None):
    o = parse(argv)
    try:
        rules = Rules(o.language, o.fallback, "00", o.currency, o.locations.split(",") if o.locations else None,
                      today=o.today, customer_group=o.customer_group,
                      axis_names={o.axis: o.axis_name} if o.axis_name else None)
        tables = tables_of(o.data) if o.data else tables_from(o.nav, o.company)
        products = check.products_from_shop(o.shop, o.login)
    except (OSError, ValueError, KeyError) as wrong:
        print(f"check: cannot read: {wrong}", file=sys.stderr)
        return 2
    report = compare(tables, products, rules, language=o.item_language, axis=o.axis)
    for sku, why in report.refused.items():
        report.found.append(f"{sku}: is to be refused ({why}), but nobody expected that.")
    for sentence in report.found:
        print(sentence)
    print(report.line())
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
