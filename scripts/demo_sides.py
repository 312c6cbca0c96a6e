"""The partners of the demo: SAP or NAV on one side, a WooCommerce or a real Vendure on the other.

Each side starts and ends its partner, says what Kontor is configured with, and knows what a person
would do there: change a price, buy, correct an address, rename a page. demo.py tells the story.
"""
import contextlib
import decimal
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
sys.path[:0] = [str(TESTS / name) for name in ("sandbox", "realdata", "peers", "flow")]

import buyer  # noqa: E402  (these folders are found first)
import check  # noqa: E402
import check_nav  # noqa: E402
import check_vendure  # noqa: E402
import nav_under_test  # noqa: E402
import orders  # noqa: E402
import peer  # noqa: E402
from catalogue import MEDIA_BASE, Catalogue  # noqa: E402
from check_source_nav import Source  # noqa: E402
from images import ImageServer  # noqa: E402
from standin import StandIn  # noqa: E402


# ---- the ERPs

class Sap:
    name, title = "sap", "SAP"
    page = "G-2001"
    price_list, secret = "00", "demo-secret"

    def __init__(self, folder):
        self.folder, self.images = folder, ImageServer()
        self.partner = StandIn("sap.py", "--port", "0", "--data", str(folder / "data"), "--user",
                               "KONTOR", "--password", self.secret, "--pricing", "own")

    @contextlib.contextmanager
    def running(self):
        """Flat articles and generic ones with variants; their pictures are served here."""
        with self.images:
            made = Catalogue(variants=True)
            for article in made.articles:
                for picture in article.get("MEDIA", ()):
                    picture["URL"] = picture["URL"].replace(MEDIA_BASE, self.images.url + "/")
            made.write(str(self.folder / "data"))
            with self.partner:
                yield self

    def section(self):
        customers = json.loads((self.folder / "data/customers.json").read_text(encoding="utf-8"))
        one_time = next(c["KUNNR"] for c in customers if c.get("ONE_TIME") == "X")
        return {"adapter": "sap", "scope": "sap-800", "connection": {
            "url": self.partner.url + "/sap/bc/srt/rfc/sap/kontor_z/100/kontor_z/kontor_z",
            "user": "KONTOR", "password": "file:erp.password", "sales_org": "1000",
            "distribution_channel": "10", "division": "00", "doc_type": "ZWEB",
            "one_time_customer": one_time},
                "every": {"catalogue": "5s", "prices": "2s", "stock": "1s"}}

    def source(self):
        return self.partner.control("data")

    def documents(self):
        return self.partner.control("counts")["documents"]

    def goods(self):
        """Numbers that a customer can buy, at prices that SAP sums up in the same way."""
        made = orders.goods_from_data(str(self.folder / "data"))
        stock = {r["MATNR"]: float(r["AVAILABLE"]) for r in self.source()["stock"]}
        return [g.sku for g in made if g.exact and g.tax_class == "1"
                and stock.get(g.sku, 0) > 20]

    def move_price(self, percent):
        """(number, old, new) of one price that was changed: of a variant that is not on sale, for
        Vendure shows the lower one alone."""
        prices = self.source()["prices"]
        special = {p["MATNR"] for p in prices if p.get("KIND") not in (None, "", "list")}
        price = next(p for p in prices if p["MATNR"].startswith(self.page + "-")
                     and p["MATNR"] not in special and p["PRICE_ID"].endswith("-01"))
        amount = moved(price["AMOUNT"], percent)
        self.partner.control("change", {"kind": "price", "key": {"PRICE_ID": price["PRICE_ID"]},
                                        "set": {"AMOUNT": amount}})
        return price["MATNR"], price["AMOUNT"], amount


class Nav:
    name, title = "nav", "NAV"
    page = "N-100000"
    price_list, secret = nav_under_test.LIST, nav_under_test.LOGIN[1]
    images = None            # NAV's pages hold no pictures

    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def running(self):
        self.data, _ = nav_under_test.company_folders(str(self.folder))
        self.partner = nav_under_test.start_nav(str(self.folder), data=[self.data])
        try:
            self.variant = self.articles()[-1]
            yield self
        finally:
            self.partner.stop()

    def section(self):
        connection = nav_under_test.connection(
            self.partner, password="file:erp.password", timeout="30s", connect_timeout="5s",
            payments=["karte=KARTE", *nav_under_test.ORDERS["payments"]])
        return {"adapter": "nav", "scope": "nav-1", "connection": connection,
                "every": {"catalogue": "5s", "prices": "2s", "stock": "1s", "shipments": "2s"}}

    def source(self):
        return Source(self.partner.control("data"), language="de").rows()

    def documents(self):
        return self.partner.control("counts")["documents"]

    def articles(self):
        """Numbers by the piece, at full tax, without variants, of which there are many."""
        left = {}
        for row in self.source()["stock"]:
            left[row["MATNR"]] = left.get(row["MATNR"], 0) + float(row["AVAILABLE"])
        items = {i["No"] for i in self.partner.control("data")["items"]}
        return [g.sku for g in nav_under_test.goods_of(self.data)
                if g.tax_class == "1" and g.sku in items and left.get(g.sku, 0) > 20]

    def goods(self):
        return self.articles()[:-1]

    def move_price(self, percent):
        row = next(i for i in self.partner.control("data")["items"] if i["No"] == self.variant)
        amount = moved(row["Unit_Price"], percent)
        self.partner.control("change", {"table": "item", "key": {"No": self.variant},
                                        "set": {"Unit_Price": amount}})
        return self.variant, row["Unit_Price"], amount

    def ship(self, number):
        """Posts the delivery of an order; its tracking number."""
        tracking = "00340434161094000017"
        self.partner.control("ship", {"number": number, "agent": "DHL", "service": "PAKET",
                                      "tracking": tracking})
        return tracking


def moved(amount, percent):
    amount = decimal.Decimal(amount) * (100 + percent) / 100
    return str(amount.quantize(decimal.Decimal("0.01")))


# ---- the shops

class WooCommerce:
    name, secret = "woocommerce", "cs_sandbox"

    def __init__(self, folder):
        self.folder, self.partner = folder, StandIn("wcv3.py")

    @contextlib.contextmanager
    def running(self):
        with self.partner:
            yield self

    @property
    def url(self):
        return self.partner.url

    def section(self, erp):
        del erp
        return {"adapter": "woocommerce", "connection": {
            "url": self.url, "consumer_key": "ck_sandbox", "consumer_secret": "file:shop.secret"}}

    def compare(self, erp):
        rules = check.Rules(price_list="00")
        judge = check_nav.Check if erp.name == "nav" else check.Check
        return judge(erp.source(), check.products_from_shop(self.url), rules).run()

    def listed(self, what):
        answer = self.partner.control(what)
        return answer[what] if isinstance(answer, dict) else answer

    def written(self):
        return self.partner.control("counts")["items_written"]

    def requests_written(self):
        return self.partner.control("counts")["writes"]

    def figures(self):
        shown = [p for p in self.listed("products") if p["status"] == "publish"]
        sold = [p for p in shown if p["type"] != "variable"]
        return {"products": sum(p["type"] != "variation" for p in shown),
                "prices": sum(p["regular_price"] != "" for p in sold),
                "stock": sum(p["stock_quantity"] is not None for p in sold),
                "orders": sum(any(m["key"] == "kontor_erp_number" for m in o["meta_data"])
                              for o in self.listed("orders"))}

    def buy(self, erp, count):
        goods = [g for g in orders.goods_from_shop(self.url) if g.sku in erp.goods()]
        orders.post(self.url, orders.make_orders(goods, count, seed=2, plain=True))

    def buy_badly(self, erp):
        goods = [g for g in orders.goods_from_shop(self.url) if g.sku in erp.goods()]
        orders.post(self.url, orders.make_orders(goods, 1, seed=5, fault="missing_house_number",
                                                 plain=True))

    def correct_address(self):
        held = max(self.listed("orders"), key=lambda order: order["id"])
        for part in ("billing", "shipping"):
            held[part]["address_1"] += " 12"
        self.partner.control(f"order/{held['id']}", {"billing": held["billing"],
                                                     "shipping": held["shipping"]})

    def _page(self, number):
        return next(p for p in self.listed("products") if p["sku"] == number)

    def page_name(self, number):
        return self._page(number)["name"]

    def rename(self, number, name):
        self.partner.api("PUT", f"/products/{self._page(number)['id']}", {"name": name})

    ship_seen = None         # the core of WooCommerce knows no deliveries


class Vendure:
    name, secret = "vendure", peer.PASSWORD

    def __init__(self, folder):
        self.folder, self.partner = folder, peer.Vendure()
        self.people, self.orders = 0, []

    @contextlib.contextmanager
    def running(self):
        with self.partner:
            yield self

    @property
    def url(self):
        return self.partner.url

    def section(self, erp):
        connection = {"url": self.url + "/admin-api", "user": peer.USER,
                      "password": "file:shop.secret"}
        if erp.images:
            connection["media_url"] = erp.images.url
        return {"adapter": "vendure", "connection": connection}

    def compare(self, erp):
        return check_vendure.compare(erp.source(), self.partner, check_vendure.Rules())

    def written(self):
        return self.partner.written()

    requests_written = written

    def figures(self):
        rows = check_vendure.products_from_vendure(self.url)
        shown = [r for r in rows if r["status"] == "publish"]
        sold = [r for r in shown if r["type"] != "variable"]
        told = self.partner.all("orders", "customFields{erpNumber}")
        return {"products": sum(r["type"] != "variation" for r in shown),
                "prices": sum(r["regular_price"] != "" for r in sold),
                "stock": sum(r["tracked"] == "TRUE" for r in sold),
                "orders": sum(bool(o["customFields"]["erpNumber"]) for o in told)}

    def buy(self, erp, count, **person):
        goods = erp.goods()
        for _ in range(count):
            at = self.people % max(len(goods) - 1, 1)
            self.orders.append(buyer.buy(self.partner, {goods[at]: 2, goods[at + 1]: 1},
                                         self.people, **person))
            self.people += 1

    def buy_badly(self, erp):
        self.buy(erp, 1, street="Amselweg")

    def correct_address(self):
        self._order("mutation($i:ID!){transitionOrderToState(id:$i,state:\"Modifying\"){"
                    f"... on Order{{id}} {buyer.ERROR}}}}}")
        self.partner.admin(
            "mutation($i:ModifyOrderInput!){modifyOrder(input:$i){... on Order{id} "
            f"{buyer.ERROR}}}}}", {"i": {"orderId": self.orders[-1].id, "dryRun": False,
                                        "updateShippingAddress": {"streetLine1": "Amselweg 12"}}})
        self._order("mutation($i:ID!){transitionOrderToState(id:$i,state:\"PaymentSettled\"){"
                    f"... on Order{{id}} {buyer.ERROR}}}}}")

    def _order(self, query):
        return self.partner.admin(query, {"i": self.orders[-1].id})

    def _page(self, number):
        """The product of a number; NAV's and SAP's generic numbers begin those of the variants."""
        found = self.partner.all("productVariants", "sku product{id name}")
        return next(v["product"] for v in found
                    if v["sku"] == number or v["sku"].startswith((number + "-", number + ".")))

    def page_name(self, number):
        return self._page(number)["name"]

    def rename(self, number, name):
        self.partner.admin("mutation($i:UpdateProductInput!){updateProduct(input:$i){id}}", {"i": {
            "id": self._page(number)["id"],
            "translations": [{"languageCode": "de", "name": name}]}})

    def erp_number(self, at):
        order = self.partner.admin("query($i:ID!){order(id:$i){customFields{erpNumber}}}",
                                   {"i": self.orders[at].id})["order"]
        return order["customFields"]["erpNumber"]

    def ship_seen(self, at):
        """State of an order and the tracking number that its customer sees."""
        order = self.partner.admin(
            "query($i:ID!){order(id:$i){state fulfillments{trackingCode}}}",
            {"i": self.orders[at].id})["order"]
        return order["state"], [f["trackingCode"] for f in order["fulfillments"] or []]


ERPS = {side.name: side for side in (Sap, Nav)}
SHOPS = {side.name: side for side in (WooCommerce, Vendure)}
