"""Kontor between the NAV stand-in and a shop: what the tests of erp_nav share."""
import datetime
import json
import os
import sys
import urllib.parse
from decimal import Decimal

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kontor_under_test as kut  # noqa: E402
import check_nav  # noqa: E402
import navcatalogue  # noqa: E402
from check_source_nav import Source, tables_of  # noqa: E402
from standin import StandIn  # noqa: E402

INSTANCE = "/DynamicsNAV100"
LOGIN = ("CORP\\kontor", kut.SAP_LOGIN[1])
COMPANY, OTHER = navcatalogue.COMPANIES[1][0], navcatalogue.COMPANIES[2][0]
LIST = "LIST"
# What NAV has to be told of a made-up company: accounts, payment methods.
ORDERS = {"one_time_customer": navcatalogue.ONE_TIME, "shipping_account": "charge:FREIGHT",
          "fee_account": "gl:8400", "discount_account": "gl:6710",
          "payments": ["bacs=VORKASSE", "sandbox_card=KARTE", "sandbox_wallet=PAYPAL"]}


def company_folders(folder, items=60):
    """The made-up companies in folder/nav-1 and folder/nav-2, written once."""
    made = []
    for which in navcatalogue.COMPANIES:
        place = os.path.join(folder, f"nav-{which}")
        if not os.path.exists(place):
            navcatalogue.Company(which, items // which).write(place)
        made.append(place)
    return made


def start_nav(folder, *options, data=None, names=None):
    """The NAV stand-in over these companies' folders; its documents survive a restart."""
    words = [w for place in data or company_folders(folder) for w in ("--data", place)]
    if names is not None:
        path = os.path.join(folder, "names.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(names, file)
        words += ["--names", path]
    if "--auth" not in options:
        words += ["--auth", "basic"]
    return StandIn("nav.py", *words, "--state", os.path.join(folder, "nav.jsonl"), "--user", LOGIN[0],
                   "--password", LOGIN[1], "--port", "0", *options).start()


def connection(nav, company=COMPANY, **more):
    return dict({"url": nav.url + INSTANCE, "company": company, "user": LOGIN[0],
                 "password": "env:KONTOR_TEST_SAP", "timeout": "1s", "connect_timeout": "1s",
                 "language": "de"}, **dict(ORDERS, **more))


def erp(nav, company=COMPANY, scope="nav-1", **more):
    return {"adapter": "nav", "scope": scope, "page": 50, "every": kut.EVERY_SECOND,
            "connection": connection(nav, company, **more)}


def settings(nav, shop, connection=None, **more):
    """One NAV company and one shop; connection: further settings of the adapter."""
    return kut.fast_settings(nav, shop, **dict({
        "erps__main": erp(nav, **(connection or {})), "channels__shop__price_list": LIST}, **more))


def goods_of(folder):
    """What can be ordered by the piece, at its list price: what NAV itself would take for one."""
    tables = tables_of(folder)
    items = {i["No"]: i for i in tables["items"]}
    today = datetime.date.today().isoformat()
    special = {r["Item_No"] for r in tables["prices"] if r["Sales_Type"] == "All_Customers"
               and not r.get("Currency_Code") and Decimal(r.get("Minimum_Quantity", "0")) <= 1
               and r.get("Starting_Date", "") <= today <= (r.get("Ending_Date") or "9999")}
    goods = []
    for article in Source(tables).rows()["articles"]:
        item = items[article.get("PARENT") or article["MATNR"]]
        if item.get("Blocked") or article.get("GENERIC") or item["Base_Unit_of_Measure"] != "STK" \
                or item["No"] in special:
            continue
        goods.append(kut.orders.Goods(
            article["MATNR"], item["Description"].partition("\x1f")[0], Decimal(item["Unit_Price"]),
            "2" if item["VAT_Prod_Posting_Group"] == "VAT7" else "1"))
    return goods


def company_query(company):
    return "?company=" + urllib.parse.quote(company)


class Bench(kut.unittest.TestCase):
    """A NAV, a shop and an installation, made once for a class of tests."""
    nav_options = ()
    names = None            # what this NAV calls its services and fields
    connection = {}
    more = {}
    rules = {}              # of the checker
    source = {}             # how NAV's tables are read by the checker
    data = None             # folders; default: the made-up companies

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder(cls.__name__.lower())
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.make_data()
        cls.nav = start_nav(cls.folder, *cls.nav_options, data=cls.data, names=cls.names)
        cls.addClassCleanup(lambda: cls.nav.process.poll() is None and cls.nav.kill())
        cls.shop = kut.start_shop(cls.folder)
        cls.addClassCleanup(lambda: cls.shop.process.poll() is None and cls.shop.kill())
        cls.kontor = kut.Kontor(cls.folder, cls.make_settings()).migrate()
        cls.addClassCleanup(cls.kontor.close)

    @classmethod
    def make_data(cls):
        """Before NAV starts."""

    @classmethod
    def make_settings(cls):
        return settings(cls.nav, cls.shop, cls.connection, **cls.more)

    def compare(self, shop=None, company=None):
        return check_nav.compare(check_nav.tables_from(self.nav.url, company),
                                 (shop or self.shop).control("products"), kut.check.Rules(**self.rules),
                                 **self.source)

    def assert_same_as_nav(self, shop=None, company=None, least=1):
        report = self.compare(shop, company)
        self.assertEqual(report.found, [])
        self.assertEqual(report.refused, {})
        self.assertGreaterEqual(report.skus, least)
        return report

    def assert_quiet(self):
        """A run over what has not changed writes nothing."""
        before = self.shop.control("counts")["writes"]
        self.sync()
        self.assertEqual(self.shop.control("counts")["writes"], before)

    def sync(self, what="all"):
        report = self.kontor.sync(what)
        self.assertEqual(report["rest"]["left"], 0, report)
        return report

    def change(self, table, key, delete=False, **fields):
        self.nav.control("change", {"table": table, "key": key, "delete": delete} | (
            {} if delete else {"set": fields}))

    def product(self, sku):
        found = [p for p in self.shop.control("products") if p["sku"] == sku and p["status"] != "trash"]
        self.assertLessEqual(len(found), 1, f"{sku} is in the shop {len(found)} times")
        return found[0] if found else None

    def moved_price(self, number, company=COMPANY):
        """A list price that is another one, within what no person has to confirm."""
        items = self.nav.control("data" + company_query(company))["items"]
        return kut.moved(next(i["Unit_Price"] for i in items if i["No"] == number))

    def documents(self, key=None):
        return [d for d in self.nav.control("orders") if key in (None, d["key"])]
