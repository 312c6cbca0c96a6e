#!/usr/bin/python3
"""Makes shop orders of invented people against a catalogue, sound ones and faulty ones, repeatably.

make_orders() is for tests; the command posts them to a running wc/v3 stand-in. The same catalogue,
seed, fault and number always give the same order, whatever else is made beside it.
"""
import argparse
import collections
import datetime
import decimal
import json
import os
import random
import sys
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from catalogue import tax_table  # noqa: E402

D = decimal.Decimal
# gross: price of one unit; exact: it is the ERP's price without rounding (not so for 12.55 per 100)
Goods = collections.namedtuple("Goods", "sku name gross tax_class exact", defaults=(True,))
FAULTS = ["unknown_sku", "street_too_long", "missing_house_number", "bad_postcode", "bad_totals",
          "unpaid", "unknown_currency", "price_differs"]
SHIPPING = D("4.90")
FIRST = ["Balduin", "Ätherika", "Ludmilla", "Jörn", "Odette", "Renzo", "Wiebke", "Cosmo", "Sólveig"]
LAST = ["Funkel", "Öhmchen", "Glühwein-Draht", "van der Lamp", "Kabelböck", "Déclic", "Süßholz",
        "Spannagel-Volt", "O'Watt"]
# country: streets, towns, (postcodes), numbers, phone. All invented; no such place is meant.
PLACES = {
    "DE": (["Glühwurmweg", "Straße der Sicherungen", "Am Alten Umspannwerk", "Irrlichtallee"],
           ["Oberfunkelbach", "Neu-Lampertsheim", "Krähenmoor an der Litze", "Döselberg"],
           ["17998", "39999", "99999"], ["7", "12a", "104", "3-5"], "+49 30 23125"),
    "AT": (["Kaiserglimmergasse", "Fünkchenzeile", "Am Trafohügel"],
           ["Sankt Glimmer am Berg", "Unterdrahtling", "Bad Schimmersee"],
           ["8999", "4998", "1999"], ["5/2/14", "21", "8 Stiege 2"], "+43 1 2312"),
    "NL": (["Lampionstraat", "Gloeidraadkade", "Zekeringenlaan"],
           ["Nieuw-Lampendam", "Vonkerveen", "Stroomwijk aan Zee"],
           ["9998 ZX", "1099 YY", "5999 XA"], ["12-2", "48", "7 bis"], "+31 20 2312"),
    "FR": (["rue des Lanternes", "allée du Fil d'Argent", "boulevard de l'Étincelle"],
           ["Saint-Lumen-sur-Onde", "Étincelles-le-Vieux", "La Prise-en-Vallée"],
           ["09999", "29998", "98990"], ["12 bis", "4", "118"], "+33 1 2312")}
WRONG_POSTCODE = {"DE": "1799", "AT": "89990", "NL": "99981", "FR": "0999"}
LONG_STREET = "Straße zur Erinnerung an die Erste Elektrische Beleuchtung des Unteren Marktplatzes"


def cents(value):
    return D(value).quantize(D("0.01"), decimal.ROUND_HALF_UP)


def text(value):
    return format(cents(value), "f")


def street_line(country, street, number):
    """France writes the number first, the others last."""
    if not number:
        return street
    return f"{number}, {street}" if country == "FR" else f"{street} {number}"


def _address(rnd, country, fault):
    streets, towns, codes, numbers, phone = PLACES[country]
    street, number, code = rnd.choice(streets), rnd.choice(numbers), rnd.choice(codes)
    first, last = rnd.choice(FIRST), rnd.choice(LAST)
    company = f"{last} & Co. Lichttechnik" if rnd.random() < 0.25 else ""
    if fault == "street_too_long":
        street = LONG_STREET
    if fault == "missing_house_number":
        number = ""
    if fault == "bad_postcode":
        code = WRONG_POSTCODE[country]
    return {"first_name": first, "last_name": last, "company": company,
            "address_1": street_line(country, street, number),
            "address_2": "c/o Werkstatt 3" if rnd.random() < 0.15 else "",
            "city": rnd.choice(towns), "state": "", "postcode": code, "country": country,
            "phone": f"{phone}{rnd.randint(100, 999)}"}


class Sums:
    """Adds lines up the way the shop does: tax per line, two decimals each, then sums."""

    def __init__(self, country, prices_include_tax):
        self.country, self.gross_prices = country, prices_include_tax
        self.net, self.cart_tax = D(0), D(0)
        self.ship_net, self.ship_tax = D(0), D(0)
        self.rates = {}

    def percent(self, tax_class):
        return D(tax_table()[self.country][tax_class])

    def split(self, gross_unit, quantity, tax_class):
        """Net and tax of a line; `gross_unit` is the price with tax, which a net shop rounds."""
        percent = self.percent(tax_class)
        if self.gross_prices:
            gross = cents(gross_unit * quantity)
            tax = cents(gross * percent / (100 + percent))
            return gross - tax, tax
        net = cents(gross_unit * 100 / (100 + percent)) * quantity
        return net, cents(net * percent / 100)

    def add(self, net, tax, tax_class, shipping=False):
        entry = self.rates.setdefault(tax_class, [D(0), D(0)])
        entry[1 if shipping else 0] += tax
        if shipping:
            self.ship_net, self.ship_tax = self.ship_net + net, self.ship_tax + tax
        else:
            self.net, self.cart_tax = self.net + net, self.cart_tax + tax

    def rate_id(self, tax_class):
        return 10 * (1 + sorted(PLACES).index(self.country)) + int(tax_class)

    def taxes(self, tax, tax_class, subtotal=None):
        entry = {"id": self.rate_id(tax_class), "total": text(tax)}
        if subtotal is not None:
            entry["subtotal"] = text(subtotal)
        return [entry]

    def tax_lines(self):
        name = {"DE": "MwSt.", "AT": "USt.", "NL": "btw", "FR": "TVA"}[self.country]
        return [{"rate_code": f"{self.country}-{name.strip('.').upper()}-{self.rate_id(c)}",
                 "rate_id": self.rate_id(c), "label": name, "compound": False,
                 "tax_total": text(cart), "shipping_tax_total": text(ship),
                 "rate_percent": float(self.percent(c))}
                for c, (cart, ship) in sorted(self.rates.items())]

    def totals(self, discount, discount_tax):
        tax = self.cart_tax + self.ship_tax
        return {"discount_total": text(discount), "discount_tax": text(discount_tax),
                "shipping_total": text(self.ship_net), "shipping_tax": text(self.ship_tax),
                "cart_tax": text(self.cart_tax), "total_tax": text(tax),
                "total": text(self.net + self.ship_net + tax)}


def _lines(rnd, goods, sums, fault, plain):
    """Line items, some with a coupon of ten percent; returns them with the discount."""
    coupon = rnd.random() < 0.15 and fault is None and not plain
    if fault == "price_differs":                 # so dear that half the price is no rounding matter
        goods = [g for g in goods if g.gross >= 5]
    if plain:
        goods = [g for g in goods if g.exact]
    lines, discount, discount_tax = [], D(0), D(0)
    for thing in rnd.sample(goods, min(len(goods), rnd.choice([1, 1, 2, 3]))):
        quantity = rnd.choice([1, 1, 1, 2, 3, 10])
        if plain:                                # below every scale price
            quantity = min(quantity, 3)
        unit = thing.gross * D("0.5") + D("0.01") if fault == "price_differs" else thing.gross
        net, tax = sums.split(unit, quantity, thing.tax_class)
        before = (net, tax)
        if coupon:
            gross = cents((net + tax) * D("0.9"))
            percent = sums.percent(thing.tax_class)
            tax = cents(gross * percent / (100 + percent))
            net = gross - tax
            discount, discount_tax = discount + before[0] - net, discount_tax + before[1] - tax
        sums.add(net, tax, thing.tax_class)
        lines.append({
            "name": thing.name, "sku": thing.sku, "quantity": quantity,
            "tax_class": "reduced-rate" if thing.tax_class == "2" else "",
            "subtotal": text(before[0]), "subtotal_tax": text(before[1]), "total": text(net),
            "total_tax": text(tax), "taxes": sums.taxes(tax, thing.tax_class, before[1])})
    if fault == "unknown_sku":
        lines[0].update(sku="NO-SUCH-ARTICLE", name="Leuchtmittel, nie geliefert", product_id=0)
    return lines, discount, discount_tax


def make_order(goods, index=0, seed=1, fault=None, prices_include_tax=None, country=None,
               plain=False):
    """One order as the shop would show it, without ids and dates, which the stand-in gives.

    plain: gross prices, no coupon or fee, nothing that rounding or a scale price changes, so that
    an ERP that prices by itself comes to the same sums."""
    if fault is not None and fault not in FAULTS:
        raise ValueError(f"fault {fault} is not one of {', '.join(FAULTS)}")
    rnd = random.Random(f"order {seed} {fault} {index}")
    country = country or rnd.choices(sorted(PLACES), [2, 6, 1, 1])[0]
    gross = rnd.random() < 0.75 or plain
    sums = Sums(country, gross if prices_include_tax is None else prices_include_tax)
    lines, discount, discount_tax = _lines(rnd, goods, sums, fault, plain)
    shipping_lines, fee_lines = [], []
    if rnd.random() < 0.8:
        net, tax = sums.split(SHIPPING, 1, "1")
        sums.add(net, tax, "1", shipping=True)
        shipping_lines = [{"method_title": "Paketversand", "method_id": "flat_rate",
                           "instance_id": "1", "total": text(net), "total_tax": text(tax),
                           "taxes": sums.taxes(tax, "1")}]
    if rnd.random() < 0.1 and not plain:
        net, tax = sums.split(D("1.50"), 1, "1")
        sums.add(net, tax, "1")
        fee_lines = [{"name": "Zahlungsgebühr", "tax_class": "", "tax_status": "taxable",
                      "total": text(net), "total_tax": text(tax), "taxes": sums.taxes(tax, "1")}]
    shipping = _address(rnd, country, fault)
    billing = dict(shipping) if rnd.random() < 0.8 else _address(rnd, country, None)
    billing["email"] = f"kundin{index}@{country.lower()}.example"
    method = rnd.choice([("bacs", "Vorkasse"), ("sandbox_card", "Karte"), ("sandbox_wallet",
                                                                           "Wallet")])
    order = {"status": "processing", "currency": "EUR", "prices_include_tax": sums.gross_prices,
             "billing": billing, "shipping": shipping, "payment_method": method[0],
             "payment_method_title": method[1], "line_items": lines,
             "transaction_id": f"tx-{seed}-{fault or 'ok'}-{index}",
             "shipping_lines": shipping_lines, "fee_lines": fee_lines,
             "tax_lines": sums.tax_lines(), "customer_note": "",
             "coupon_lines": [{"code": "lampe10", "discount": text(discount),
                               "discount_tax": text(discount_tax)}] if discount else [],
             **sums.totals(discount, discount_tax)}
    if rnd.random() < 0.2:
        order["meta_data"] = [{"key": "_po_number", "value": f"B-{index}/{rnd.randint(100, 999)}"}]
    return _spoil(order, fault)


def _spoil(order, fault):
    if fault == "bad_totals":
        order["total"] = text(D(order["total"]) + 1)
    elif fault == "unpaid":
        order.update(status="on-hold", date_paid_gmt=None, transaction_id="")
    elif fault == "unknown_currency":
        order["currency"] = "THB"
    return order


def make_orders(goods, count, seed=1, fault=None, first=0, **choice):
    return [make_order(goods, first + i, seed, fault, **choice) for i in range(count)]


# ---- where the goods come from

FOREVER = "9999-12-31"


def is_within(row, today):
    """Between VALID_FROM and VALID_TO, where they are given."""
    begin, end = ("" if row.get(name) in (None, "0000-00-00") else row[name]
                  for name in ("VALID_FROM", "VALID_TO"))
    return begin <= today <= (end or FOREVER)


def is_sold(article, today):
    return not article.get("DELETED") and not article.get("SALES_BLOCKED") \
        and article.get("LIFECYCLE", "") not in ("P", "D") and is_within(article, today)


def prices_of(rows, price_list, currency, today):
    """What anybody pays for one unit today: the sale price, else the list price that stays."""
    prices = {}
    for row in rows:
        kind = row.get("KIND") or "list"
        if kind in ("list", "sale") and not row.get("DELETED") and is_within(row, today) and \
                not any(row.get(name) for name in ("CUSTOMER", "CUSTOMER_GROUP", "MARKET")) and \
                (row.get("PRICE_LIST"), row.get("CURRENCY"), row.get("GROSS")) == \
                (price_list, currency, "X") and D(row.get("MIN_QTY") or 0) <= 1 and \
                (kind == "sale" or row.get("VALID_TO") == FOREVER):
            prices[row["MATNR"], kind] = D(row["AMOUNT"]) / D(row["PER"])
    return {sku: prices.get((sku, "sale"), amount) for (sku, kind), amount in prices.items()
            if kind == "list"}


def goods_from_data(directory, price_list="00", currency="EUR", today=None):
    """What an SAP data directory sells by the piece. A variant without words has its parent's."""
    def load(name):
        with open(os.path.join(directory, name + ".json"), encoding="utf-8") as file:
            return json.load(file)
    today = today or datetime.date.today().isoformat()
    articles = {a["MATNR"]: a for a in load("articles")}
    prices = prices_of(load("prices"), price_list, currency, today)
    goods = []
    for sku, article in articles.items():
        parent = articles.get(article.get("PARENT"))
        if sku not in prices or article.get("MEINS") != "PCE" or article.get("AXIS") or not all(
                is_sold(a, today) for a in (article, parent) if a):
            continue
        texts = article.get("TEXT") or (parent or {}).get("TEXT") or [{"NAME": sku}]
        goods.append(Goods(sku, texts[0]["NAME"], cents(prices[sku]), article["TAX_CLASS"],
                           cents(prices[sku]) == prices[sku]))
    return goods


def call(url, sent=None, timeout=60):
    body = None if sent is None else json.dumps(sent).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=timeout) as answer:
        return json.load(answer)


def goods_from_shop(url):
    """Published products and variations of a running stand-in, at the shop's own prices."""
    rows = call(url.rstrip("/") + "/_sandbox/products")
    pages = {p["id"]: p for p in rows}
    goods = []
    for row in rows:
        page = pages.get(row.get("parent_id"), row) if row["type"] == "variation" else row
        if row["sku"] and row["price"] and row["type"] != "variable" and \
                {row["status"], page["status"]} == {"publish"}:
            own = row["tax_class"] if row["tax_class"] != "parent" else page["tax_class"]
            goods.append(Goods(row["sku"], row["name"] or page["name"], D(row["price"]),
                               "2" if own == "reduced-rate" else "1"))
    return goods


def post(url, orders, reduce_stock=False):
    """Puts orders into a running stand-in; returns them with the ids that they got."""
    query = "?reduce_stock=1" if reduce_stock else ""
    return [call(f"{url.rstrip('/')}/_sandbox/order{query}", order) for order in orders]


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--shop", required=True, help="http://127.0.0.1:PORT of the wc/v3 stand-in")
    p.add_argument("--data", help="SAP data directory; without it the shop's products are ordered")
    p.add_argument("--count", type=int, default=1)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--first", type=int, default=0, help="number of the first order of this seed")
    p.add_argument("--fault", choices=FAULTS)
    p.add_argument("--country", choices=sorted(PLACES))
    p.add_argument("--plain", action="store_true",
                   help="orders that an ERP with its own prices sums up in the same way")
    p.add_argument("--reduce-stock", action="store_true", help="the order lowers the shop's stock")
    options = p.parse_args(argv)
    goods = goods_from_data(options.data) if options.data else goods_from_shop(options.shop)
    if not goods:
        sys.exit("orders: there is nothing to order yet")
    made = make_orders(goods, options.count, options.seed, options.fault, options.first,
                       country=options.country, plain=options.plain)
    placed = post(options.shop, made, options.reduce_stock)
    print("orders: placed=" + str(len(placed)) + " ids=" + ",".join(str(o["id"]) for o in placed))


if __name__ == "__main__":
    main()
