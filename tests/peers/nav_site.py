"""NAV's stand-in with a company of its own, and how Kontor is set up for it."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "sandbox"))
from navcatalogue import COMPANIES, ONE_TIME, Company  # noqa: E402
from standin import StandIn  # noqa: E402

USER, PASSWORD, SECRET = "kontor", "geheim-nav", "KONTOR_TEST_SAP"
PRICE_LIST = "LIST"
AXIS_NAMES = {}
# What Kontor calls the shop's payment methods in NAV, and what postage is booked on.
PAYMENTS = ["karte=KARTE", "rechnung=VORKASSE"]


def start(folder, *options, items=60, password=PASSWORD):
    data = os.path.join(folder, "data")
    if not os.path.exists(data):
        Company(1, items).write(data)
    words = [*options] if "--port" in options else ["--port", "0", *options]
    return StandIn("nav.py", "--data", data, "--state", os.path.join(folder, "nav.jsonl"),
                   "--user", USER, "--password", password, *words).start()


def connection(nav, secret=f"env:{SECRET}"):
    return {"url": f"{nav.url}/DynamicsNAV100", "company": COMPANIES[1][0], "language": "de",
            "user": USER, "password": secret, "timeout": "5s", "connect_timeout": "1s",
            "one_time_customer": ONE_TIME, "payments": PAYMENTS, "shipping_account": "gl:8400",
            "fee_account": "gl:8410", "discount_account": "gl:8420"}


def erp(nav, every="1s"):
    """The section of an ERP; the password is in the environment."""
    feeds = ("catalogue", "prices", "stock", "categories", "customers", "shipments")
    return {"adapter": "nav", "scope": "nav-1", "page": 500, "connection": connection(nav),
            "every": {feed: every for feed in feeds}}


def goods(nav, least=20):
    """Numbers of items by the piece, without variants, of which there are many."""
    data = nav.control("data")
    with_variants = {v["Item_No"] for v in data["variants"]}
    amount = {}
    for row in data["stock"]:
        amount[row["Item_No"]] = amount.get(row["Item_No"], 0) + float(row["Quantity"])
    priced = {p["Item_No"] for p in data["prices"]}
    return [i["No"] for i in data["items"]
            if i["No"] not in with_variants and i["No"] not in priced and not i.get("Blocked")
            and i["Base_Unit_of_Measure"] == "STK" and float(i.get("Unit_Price") or 0) > 0
            and not i.get("Item_Tracking_Code") and amount.get(i["No"], 0) > least]
