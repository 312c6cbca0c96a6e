#!/usr/bin/python3
"""Tests of the SAP stand-in: a plain HTTP client, lxml, and zeep as an independent SOAP stack."""
import base64
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from lxml import etree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import sapdata  # noqa: E402
import sapsoap  # noqa: E402
from catalogue import Catalogue  # noqa: E402
from sap import PATH  # noqa: E402

WSDL = os.path.join(HERE, "..", "..", "wsdl", "sap", "kontor_z.wsdl")
KEY = "0123456789abcdef0123456789abcdef"
OLD = "20260101080000.0000000"
CONTRACT = sapsoap.Contract(WSDL)
NO_ZEEP = ""
try:
    import zeep
except ImportError:
    NO_ZEEP = "python3-zeep is not installed"


def catalogue():
    articles = [{"MATNR": f"K-{n}", "MEINS": "PCE", "TAX_CLASS": "1", "NET_WEIGHT": "0.4", "WEIGHT_UNIT": "KGM",
                 "BRAND": "Lumen & Söhne", "CHANGED_AT": OLD,
                 "TEXT": [{"LANGU": "DE", "NAME": f"Leuchte {n} \U0001f50c"}, {"LANGU": "EN", "NAME": f"Lamp <{n}>"}],
                 "GTIN": [{"UNIT": "PCE", "GTIN": f"200000000{n}", "MAIN": "X"}],
                 "CHARACTERISTIC": [{"CODE": "COLOUR", "VALUE": "rot", "LANGU": "DE"}]} for n in range(1001, 1008)]
    articles[5].update(SALES_STATUS="01", SALES_BLOCKED="X")
    articles[6]["DELETED"] = "X"
    prices = [{"PRICE_ID": f"P{a['MATNR']}-{step}", "MATNR": a["MATNR"], "PRICE_LIST": "00", "CURRENCY": "EUR",
               "AMOUNT": amount, "PER": "1", "UNIT": "PCE", "MIN_QTY": step, "GROSS": "X", "TAX_CLASS": "1",
               "VALID_TO": "9999-12-31", "CHANGED_AT": OLD}
              for a in articles[:6] for step, amount in (("0", "11.90"), ("10", "10.00"))]
    stock = [{"MATNR": a["MATNR"], "PLANT": plant, "UNIT": "PCE", "ON_HAND": "12", "AVAILABLE": "-1.5", "AS_OF": OLD}
             for a in articles[:6] for plant in ("1000", "2000")]
    customers = [{"KUNNR": "900000", "NAME": "Einmalkunde", "COUNTRY": "DE", "EMAIL": "a@b.example", "ONE_TIME": "X"},
                 {"KUNNR": "100001", "NAME": "Nordlicht GmbH", "COUNTRY": "DE", "POSTL_CODE": "24103",
                  "EMAIL": "einkauf@nordlicht.example", "VAT_ID": "DE000000001"},
                 {"KUNNR": "100002", "NAME": "Gesperrt KG", "COUNTRY": "DE", "BLOCKED": "X"}]
    return {"articles": articles, "prices": prices, "stock": stock, "customers": customers}


class Stand:
    """One running stand-in in a folder of its own."""

    def __init__(self, *options, data=None, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="kontor-sap-")
        for name, rows in (data or catalogue()).items():
            with open(os.path.join(self.folder, name + ".json"), "w", encoding="utf-8") as file:
                json.dump(rows, file)
        port_file = os.path.join(self.folder, "port")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "sap.py"), "--data", self.folder, "--port", "0", "--port-file", port_file,
             *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 20
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > end:
                self.process.kill()
                said = self.process.communicate()[1]
                if not folder:
                    shutil.rmtree(self.folder)
                raise RuntimeError(f"no start: {said}")
            time.sleep(0.02)
        with open(port_file, encoding="ascii") as file:
            self.port = int(file.read())

    def stop(self, keep=False):
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()
        if not keep:
            shutil.rmtree(self.folder)

    def http(self, method, path, body=None, headers=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.read(), dict(response.getheaders())
        finally:
            connection.close()

    def control(self, method, path, value=None):
        status, body, _ = self.http(method, "/_sandbox/" + path, json.dumps(value) if value is not None else None)
        return status, json.loads(body)

    def misbehave(self, **rule):
        status, answer = self.control("POST", "misbehave", {"rule": rule})
        assert status == 200, answer

    def raw(self, function, xml, headers=None, timeout=20):
        all_headers = {"Content-Type": "text/xml; charset=utf-8",
                       "SOAPAction": f'"{sapsoap.NS}:KONTOR_Z:{function}Request"'}
        all_headers.update(headers or {})
        envelope = (f'<e:Envelope xmlns:e="{sapsoap.SOAP}" xmlns:s="{sapsoap.NS}"><e:Body>{xml}</e:Body></e:Envelope>')
        return self.http("POST", PATH, envelope.encode(), all_headers, timeout)

    def call(self, function, timeout=20, **values):
        status, body, _ = self.raw(function, request_xml(function, values), timeout=timeout)
        if status != 200:
            raise AssertionError(f"HTTP {status}: {body.decode()}")
        return read_answer(function, body)

    def counts(self):
        return self.control("GET", "counts")[1]


def request_xml(function, values):
    root = etree.Element(f"{{{sapsoap.NS}}}{function}")
    CONTRACT.write(root, CONTRACT.elements[function], values)
    return etree.tostring(root, encoding="unicode")


def read_answer(function, body):
    """The answer as values; every answer of the stand-in must fit its own contract."""
    element = etree.fromstring(body).find(f"{{{sapsoap.SOAP}}}Body")[0]
    if not CONTRACT.schema.validate(element):
        raise AssertionError(str(CONTRACT.schema.error_log))
    return CONTRACT.read(element, CONTRACT.elements[function + "Response"])


def order(**changes):
    header = {"DOC_TYPE": "ZK", "SALES_ORG": "1000", "DISTR_CHAN": "10", "DIVISION": "00", "CURRENCY": "EUR",
              "CUSTOMER_PO": "PO 17", "SHOP_ORDER": "10042", "ORDER_DATE": "2026-11-21", "REQ_DATE": "0000-00-00",
              "LANGU": "DE", "PAYMENT": "Z001", "SHOP_NET": "24.12", "SHOP_TAX": "4.58", "SHOP_GROSS": "28.70",
              "BLOCK_IF_DIFFERS": "X", "TOLERANCE": "0.02"}
    partner = {"ROLE": "AG", "KUNNR": "900000", "NAME1": "Jörg Beispiel", "STREET": "Am Fiktiven Ufer", "HOUSE_NO": "7",
               "POSTL_CODE": "24103", "CITY": "Kiel", "COUNTRY": "DE", "EMAIL": "j@example.org"}
    items = [{"POSNR": "000010", "KIND": "item", "MATNR": "K-1001", "TEXT": "Leuchte", "QTY": "2", "UNIT": "PCE",
              "NET": "20.00", "TAX": "3.80", "GROSS": "23.80"},
             {"POSNR": "000020", "KIND": "shipping", "TEXT": "Versand", "QTY": "1", "UNIT": "PCE", "NET": "4.12",
              "TAX": "0.78", "GROSS": "4.90"}]
    header.update(changes.get("header", {}))
    partner.update(changes.get("partner", {}))
    items[0].update(changes.get("item", {}))
    return {"IV_KEY": changes.get("key", KEY), "IS_HEADER": header, "IT_PARTNER": [partner], "IT_ITEM": items}


class WithStand(unittest.TestCase):
    options = ()

    def setUp(self):
        self.sap = Stand(*self.options)
        self.addCleanup(self.sap.stop)

    def create(self, timeout=20, **changes):
        return self.sap.call("Z_KONTOR_ORDER_CREATE", timeout=timeout, **order(**changes))

    def find(self, key=KEY):
        return self.sap.call("Z_KONTOR_ORDER_FIND", IV_KEY=key)

    def until_found(self, key=KEY):
        end = time.monotonic() + 20
        while self.find(key)["EV_STATE"] != "FOUND":
            self.assertLess(time.monotonic(), end, "never found")
            time.sleep(0.05)

    def error(self, answer):
        self.assertEqual([m["TYPE"] for m in answer["RETURN"]], ["E"])
        self.assertEqual(answer["EV_STATE"], "")
        message = answer["RETURN"][0]
        return message["ID"] + message["NUMBER"], message["ROW"], message["FIELD"]


class Reading(WithStand):
    def pages(self, function, token="", limit="2"):
        out = []
        while True:
            answer = self.sap.call(function, IV_TOKEN=token, IV_MAX=limit)
            out.append(answer)
            token = answer["EV_TOKEN"]
            self.assertLessEqual(len(token), 64)
            if answer["EV_MORE"] == "":
                return out, token

    def test_info(self):
        answer = self.sap.call("Z_KONTOR_INFO")
        self.assertEqual((answer["EV_WRAPPER"], answer["EV_KEY_GRADE"], answer["EV_MAX_WORK_S"]), ("3", "K", "600"))
        self.assertRegex(answer["EV_NOW"], r"^\d{14}\.\d{7}$")

    def test_snapshot_holds_every_living_article_once(self):
        pages, _ = self.pages("Z_KONTOR_ARTICLES")
        self.assertEqual([p["EV_SNAPSHOT"] for p in pages], ["X"] * 3)
        self.assertEqual([r["MATNR"] for p in pages for r in p["ET_ARTICLE"]], [f"K-{n}" for n in range(1001, 1007)])
        self.assertEqual(sum(len(p["ET_TEXT"]) for p in pages), 12)
        self.assertEqual(pages[0]["ET_TEXT"][1]["NAME"], "Lamp <1001>")
        self.assertEqual([r for p in pages for r in p["ET_DELETED"]], [])

    def test_second_run_sends_nothing(self):
        for function, table in (("Z_KONTOR_ARTICLES", "ET_ARTICLE"), ("Z_KONTOR_PRICES", "ET_PRICE"),
                                ("Z_KONTOR_STOCK", "ET_STOCK")):
            _, token = self.pages(function)
            pages, _ = self.pages(function, token)
            self.assertEqual([(p["EV_SNAPSHOT"], p[table], p["ET_DELETED"]) for p in pages], [("", [], [])])

    def test_one_changed_price_travels_alone(self):
        _, token = self.pages("Z_KONTOR_PRICES")
        self.sap.control("POST", "change", {"kind": "price", "key": {"PRICE_ID": "PK-1002-0"}, "set": {"AMOUNT": "9.99"}})
        pages, token = self.pages("Z_KONTOR_PRICES", token)
        self.assertEqual([(r["PRICE_ID"], r["AMOUNT"]) for p in pages for r in p["ET_PRICE"]], [("PK-1002-0", "9.9900")])

    def test_delta_pages_through_many_changes(self):
        _, token = self.pages("Z_KONTOR_STOCK")
        for n in range(1001, 1006):
            self.sap.control("POST", "change", {"kind": "stock", "key": {"MATNR": f"K-{n}", "PLANT": "1000"},
                                                "set": {"AVAILABLE": "5"}})
        pages, _ = self.pages("Z_KONTOR_STOCK", token, "2")
        self.assertEqual(len(pages), 3)
        self.assertEqual([r["MATNR"] for p in pages for r in p["ET_STOCK"]], [f"K-{n}" for n in range(1001, 1006)])

    def test_stock_page_never_splits_a_material(self):
        pages, _ = self.pages("Z_KONTOR_STOCK", limit="3")
        self.assertEqual([len(p["ET_STOCK"]) for p in pages], [4, 4, 4])

    def test_deletion_is_told_in_a_change_run(self):
        _, token = self.pages("Z_KONTOR_ARTICLES")
        self.sap.control("POST", "change", {"kind": "article", "key": {"MATNR": "K-1003"}, "delete": True})
        pages, _ = self.pages("Z_KONTOR_ARTICLES", token)
        self.assertEqual([r["MATNR"] for p in pages for r in p["ET_DELETED"]], ["K-1003"])
        self.assertEqual([r["MATNR"] for p in self.pages("Z_KONTOR_ARTICLES")[0] for r in p["ET_ARTICLE"]].count("K-1003"),
                         0)

    def test_old_token_starts_a_snapshot_and_garbage_is_refused(self):
        self.assertEqual(self.pages("Z_KONTOR_ARTICLES", "D20200101000000")[0][0]["EV_SNAPSHOT"], "X")
        answer = self.sap.call("Z_KONTOR_ARTICLES", IV_TOKEN="what", IV_MAX="5")
        self.assertEqual(answer["RETURN"][0]["NUMBER"], "002")

    def test_customers(self):
        def find(**values):
            return [(r["KUNNR"], r["MATCHED_BY"]) for r in
                    self.sap.call("Z_KONTOR_CUSTOMER_FIND", **values)["ET_CUSTOMER"]]
        self.assertEqual(find(IV_EMAIL="Einkauf@Nordlicht.example"), [("100001", "EMAIL")])
        self.assertEqual(find(IV_VAT_ID="DE000000001"), [("100001", "VAT_ID")])
        self.assertEqual(find(IV_NAME="nordlicht gmbh", IV_POSTL_CODE="24103", IV_COUNTRY="DE"), [("100001", "ADDRESS")])
        self.assertEqual(find(IV_EMAIL="a@b.example"), [], "the one-time account is nobody")
        self.assertEqual(find(), [])

    def test_change_refuses_what_the_files_refuse(self):
        for change in ({"kind": "price", "key": {"PRICE_ID": "PK-1002-0"}, "set": {"AMOUNT": 9.99}},
                       {"kind": "price", "key": {"PRICE_ID": "PK-1002-0"}, "set": {"AMMOUNT": "9"}},
                       {"kind": "stock", "key": {"MATNR": "K-1001"}, "set": {"AVAILABLE": "1"}},
                       {"kind": "article", "key": {"MATNR": "K-9"}, "delete": True}):
            self.assertEqual(self.sap.control("POST", "change", change)[0], 400, change)


def whole_catalogue():
    """The catalogue above with everything that the second contract added."""
    data = catalogue()
    data["categories"] = [
        {"ID": "LIGHT", "POSITION": "1", "TEXT": [{"LANGU": "DE", "NAME": "Licht", "LONG_TEXT": "Alles, was leuchtet"}]},
        {"ID": "LAMPS", "PARENT": "LIGHT", "POSITION": "2", "TEXT": [{"LANGU": "DE", "NAME": "Leuchten"}]}]
    data["articles"][0].update(
        MODEL="LS", VALID_FROM="2026-01-01", VALID_TO="2027-06-30", SUCCESSOR="K-1002", SUPPLIER="Funkelbach", LENGTH="30",
        WIDTH="12.5", HEIGHT="8", DIM_UNIT="CMT", SALES_UNIT="CT", QTY_STEP="2", WEEE_CATEGORY="5",
        DANGEROUS_GOODS="UN3481, 9", LIFECYCLE="O",
        MEDIA=[{"POSITION": "1", "URL": "https://media.example/1.jpg?a=1&b=2", "SHA256": "a" * 64, "ALT": "Leuchte"}],
        CATEGORY=[{"CATEGORY": "LAMPS"}], UNIT_OF=[{"UNIT": "CT", "NUMERATOR": "12", "DENOMINATOR": "1"}])
    data["articles"] += [
        {"MATNR": "G-1", "MEINS": "PCE", "CHANGED_AT": OLD,
         "AXIS": [{"POSITION": "1", "CODE": "COLOUR"}, {"POSITION": "2", "CODE": "SIZE"}]},
        {"MATNR": "G-1-A", "PARENT": "G-1", "MEINS": "PCE", "CHANGED_AT": OLD},
        {"MATNR": "G-2", "MEINS": "PCE", "CHANGED_AT": OLD}]
    data["prices"][0].update(CUSTOMER="100001", CUSTOMER_GROUP="02", MARKET="AT", PRIORITY="-3", KIND="lowest_30d")
    data["stock"][0].update(OTHER_DEMAND="1.5", EXPECTED=[{"DAY": "2027-01-15", "QUANTITY": "20"}])
    data["customers"][1].update(STREET="Am Ufer 3", CITY="Kiel", PRICE_LIST="01", CUSTOMER_GROUP="02", B2B="X",
                                CHANGED_AT=OLD)
    return data


class WholeCatalogue(WithStand):
    def setUp(self):
        self.sap = Stand(data=whole_catalogue())
        self.addCleanup(self.sap.stop)

    def read(self, function, token="", limit="1000"):
        return self.sap.call(function, IV_TOKEN=token, IV_MAX=limit)

    def change(self, kind, key, **fields):
        status, answer = self.sap.control("POST", "change", {"kind": kind, "key": key, **fields})
        self.assertEqual(status, 200, answer)

    def test_article_has_all_its_fields_and_tables(self):
        answer = self.read("Z_KONTOR_ARTICLES")
        row = answer["ET_ARTICLE"][3]
        self.assertEqual(row["MATNR"], "K-1001")
        told = {name: row[name] for name in ("GENERIC", "MODEL", "VALID_FROM", "VALID_TO", "SUCCESSOR", "SUPPLIER", "LENGTH", "WIDTH",
                                             "HEIGHT", "DIM_UNIT", "SALES_UNIT", "QTY_STEP", "WEEE_CATEGORY",
                                             "DANGEROUS_GOODS", "LIFECYCLE")}
        self.assertEqual(told, {
            "GENERIC": "", "MODEL": "LS", "VALID_FROM": "2026-01-01", "VALID_TO": "2027-06-30", "SUCCESSOR": "K-1002",
            "SUPPLIER": "Funkelbach", "LENGTH": "30.000", "WIDTH": "12.500", "HEIGHT": "8.000", "DIM_UNIT": "CMT",
            "SALES_UNIT": "CT", "QTY_STEP": "2.000", "WEEE_CATEGORY": "5", "DANGEROUS_GOODS": "UN3481, 9",
            "LIFECYCLE": "O"})
        self.assertEqual(answer["ET_MEDIA"], [
            {"MATNR": "K-1001", "POSITION": "1", "URL": "https://media.example/1.jpg?a=1&b=2", "SHA256": "a" * 64,
             "ROLE": "", "LANGU": "", "ALT": "Leuchte"}])
        self.assertEqual(answer["ET_ARTICLE_CATEGORY"], [{"MATNR": "K-1001", "CATEGORY": "LAMPS"}])
        self.assertEqual(answer["ET_UNIT"], [{"MATNR": "K-1001", "UNIT": "CT", "NUMERATOR": "12.000",
                                              "DENOMINATOR": "1.000"}])
        self.assertEqual([(r["MATNR"], r["POSITION"], r["CODE"]) for r in answer["ET_AXIS"]],
                         [("G-1", "1", "COLOUR"), ("G-1", "2", "SIZE")])

    def test_snapshot_says_what_it_holds_and_when_it_began(self):
        for function, table, total in (("Z_KONTOR_ARTICLES", "ET_ARTICLE", 9), ("Z_KONTOR_PRICES", "ET_PRICE", 12),
                                       ("Z_KONTOR_STOCK", "ET_STOCK", 12), ("Z_KONTOR_CATEGORIES", "ET_CATEGORY", 2),
                                       ("Z_KONTOR_CUSTOMERS", "ET_CUSTOMER", 2)):
            pages, token = [], ""
            while not pages or pages[-1]["EV_MORE"]:
                pages.append(self.read(function, token, "2"))
                token = pages[-1]["EV_TOKEN"]
            with self.subTest(function):
                self.assertEqual({(p["EV_SNAPSHOT"], p["EV_TOTAL"]) for p in pages}, {("X", str(total))})
                self.assertEqual(len({p["EV_BEGUN_AT"] for p in pages}), 1)
                self.assertRegex(pages[0]["EV_BEGUN_AT"], r"^20\d{12}\.0000000$")
                self.assertEqual(sum(len(p[table]) for p in pages), total)
        self.assertEqual(self.read("Z_KONTOR_ARTICLES")["EV_PRODUCTS"], "8")
        token = self.read("Z_KONTOR_PRICES")["EV_TOKEN"]
        delta = self.read("Z_KONTOR_PRICES", token)
        self.assertEqual((delta["EV_TOTAL"], delta["EV_BEGUN_AT"]), ("-1", ""))
        self.change("article", {"MATNR": "G-1-A"}, delete=True)
        answer = self.read("Z_KONTOR_ARTICLES")
        self.assertEqual((answer["EV_TOTAL"], answer["EV_PRODUCTS"]), ("8", "8"))

    def test_generic_is_known_by_axes_and_by_variants(self):
        def generic(answer):
            return [r["MATNR"] for r in answer["ET_ARTICLE"] if r["GENERIC"]]
        answer = self.read("Z_KONTOR_ARTICLES")
        self.assertEqual(generic(answer), ["G-1"])
        self.change("article", {"MATNR": "G-2-A"}, set={"PARENT": "G-2", "MEINS": "PCE"})
        delta = self.read("Z_KONTOR_ARTICLES", answer["EV_TOKEN"])
        self.assertEqual([r["MATNR"] for r in delta["ET_ARTICLE"]], ["G-2", "G-2-A"], "the article above has changed, too")
        self.assertEqual(generic(delta), ["G-2"])
        self.change("article", {"MATNR": "G-2-A"}, delete=True)
        self.assertEqual(generic(self.read("Z_KONTOR_ARTICLES")), ["G-1", "G-2"], "it stays what it is")

    def test_prices_and_stock_have_their_new_fields(self):
        price = self.read("Z_KONTOR_PRICES")["ET_PRICE"][0]
        self.assertEqual([price[n] for n in ("CUSTOMER", "CUSTOMER_GROUP", "MARKET", "PRIORITY", "KIND")],
                         ["100001", "02", "AT", "-3", "lowest_30d"])
        answer = self.read("Z_KONTOR_STOCK")
        self.assertEqual(answer["ET_STOCK"][0]["OTHER_DEMAND"], "1.500")
        self.assertEqual(answer["ET_EXPECTED"], [{"MATNR": "K-1001", "PLANT": "1000", "DAY": "2027-01-15",
                                                  "QUANTITY": "20.000"}])

    def test_categories_are_always_a_snapshot(self):
        answer = self.read("Z_KONTOR_CATEGORIES")
        self.assertEqual((answer["EV_TOKEN"], answer["EV_MORE"], answer["EV_SNAPSHOT"]), ("", "", "X"))
        self.assertEqual(answer["ET_CATEGORY"], [{"ID": "LAMPS", "PARENT": "LIGHT", "POSITION": "2"},
                                                 {"ID": "LIGHT", "PARENT": "", "POSITION": "1"}])
        self.assertEqual(answer["ET_CATEGORY_TEXT"][1], {"ID": "LIGHT", "LANGU": "DE", "NAME": "Licht",
                                                         "LONG_TEXT": "Alles, was leuchtet"})
        self.assertEqual(self.read("Z_KONTOR_CATEGORIES", "D20261121203754")["EV_SNAPSHOT"], "X")
        self.change("category", {"ID": "LAMPS"}, delete=True)
        self.assertEqual([r["ID"] for r in self.read("Z_KONTOR_CATEGORIES")["ET_CATEGORY"]], ["LIGHT"])

    def test_customers_come_change_and_go_but_never_the_one_time_account(self):
        answer = self.read("Z_KONTOR_CUSTOMERS")
        self.assertEqual([r["KUNNR"] for r in answer["ET_CUSTOMER"]], ["100001", "100002"])
        self.assertEqual(answer["ET_CUSTOMER"][0], {
            "KUNNR": "100001", "NAME": "Nordlicht GmbH", "EMAIL": "einkauf@nordlicht.example", "VAT_ID": "DE000000001",
            "STREET": "Am Ufer 3", "POSTL_CODE": "24103", "CITY": "Kiel", "COUNTRY": "DE", "PRICE_LIST": "01",
            "CUSTOMER_GROUP": "02", "B2B": "X", "BLOCKED": "", "CHANGED_AT": OLD})
        self.change("customer", {"KUNNR": "900000"}, set={"NAME": "Laufkundschaft", "ONE_TIME": "X"})
        self.change("customer", {"KUNNR": "100001"}, set={"CITY": "Plön"})
        self.change("customer", {"KUNNR": "100002"}, delete=True)
        delta = self.read("Z_KONTOR_CUSTOMERS", answer["EV_TOKEN"])
        self.assertEqual([(r["KUNNR"], r["CITY"]) for r in delta["ET_CUSTOMER"]], [("100001", "Plön")])
        self.assertIn("100002", [r["KUNNR"] for r in delta["ET_DELETED"]])
        self.assertEqual(self.sap.call("Z_KONTOR_ORDER_CREATE", **order(partner={"KUNNR": "100002"}))["RETURN"][0]["NUMBER"],
                         "009")

    def test_broken_data_stops_the_start(self):
        for kind, row, fields, why in (
                ("articles", 0, {"LIFECYCLE": "X"}, "LIFECYCLE"), ("articles", 0, {"LENGTH": "1.2345"}, "LENGTH"),
                ("articles", 0, {"MEDIA": [{"POSITION": "1"}]}, "MEDIA: URL"),
                ("articles", 0, {"MEDIA": [{"URL": "u", "SHA256": "abc"}]}, "SHA256"),
                ("articles", 0, {"MEDIA": [{"URL": "u", "POSITION": "first"}]}, "POSITION"),
                ("articles", 0, {"CATEGORY": [{"CATEGORY": "NONE"}]}, "CATEGORY NONE"),
                ("articles", 0, {"UNIT_OF": [{"UNIT": "CT", "NUMERATOR": "0", "DENOMINATOR": "1"}]}, "UNIT_OF"),
                ("articles", 8, {"AXIS": [{"CODE": "COLOUR"}]}, "AXIS"), ("articles", 9, {"PARENT": "G-1-A"}, "PARENT"),
                ("prices", 0, {"KIND": "gift"}, "KIND"), ("prices", 0, {"PRIORITY": "1.5"}, "PRIORITY"),
                ("stock", 0, {"EXPECTED": [{"DAY": "2027-01-01"}, {"DAY": "2027-01-01"}]}, "EXPECTED"),
                ("stock", 0, {"EXPECTED": [{"QUANTITY": "1"}]}, "EXPECTED"),
                ("categories", 0, {"PARENT": "LAMPS"}, "circle"),
                ("categories", 1, {"PARENT": "NONE"}, "PARENT NONE"), ("customers", 1, {"B2B": "yes"}, "B2B")):
            data = whole_catalogue()
            data[kind][row].update(fields)
            with self.subTest(why), self.assertRaisesRegex(RuntimeError, f"{kind}.*{why}"):
                Stand(data=data).stop()

    def test_changes_that_break_a_reference_are_refused(self):
        for change in ({"kind": "category", "key": {"ID": "LIGHT"}, "set": {"PARENT": "LAMPS"}},
                       {"kind": "article", "key": {"MATNR": "K-1002"}, "set": {"CATEGORY": [{"CATEGORY": "NONE"}]}},
                       {"kind": "stock", "key": {"MATNR": "K-9", "PLANT": "1000"}, "set": {"AVAILABLE": "1"}}):
            self.assertEqual(self.sap.control("POST", "change", change)[0], 400, change)
        self.assertEqual(self.read("Z_KONTOR_CATEGORIES")["ET_CATEGORY"][1]["PARENT"], "", "nothing was changed by half")


class GeneratedVariants(unittest.TestCase):
    def test_option_adds_to_the_plain_catalogue(self):
        plain, rich = Catalogue(), Catalogue(variants=True)
        self.assertEqual([a["MATNR"] for a in plain.articles], [a["MATNR"] for a in rich.articles[:60]])
        self.assertEqual((plain.prices, plain.stock), (rich.prices[:len(plain.prices)], rich.stock[:len(plain.stock)]))
        self.assertEqual(plain.categories, [])
        self.assertEqual(rich.articles, Catalogue(variants=True).articles, "the same every time")
        generic = [a for a in rich.articles if a.get("AXIS")]
        self.assertEqual([len(a["AXIS"]) for a in generic], [2] * len(generic))
        self.assertGreaterEqual(len(generic), 4)
        values = {}
        for article in rich.articles:
            if article.get("PARENT"):
                key = tuple((c["CODE"], c["VALUE"]) for c in article["CHARACTERISTIC"] if c.get("LANGU") != "EN")
                self.assertNotIn(key, values.setdefault(article["PARENT"], set()))
                values[article["PARENT"]].add(key)
        self.assertEqual(len(values), len(generic))
        self.assertTrue(all(len(made) >= 4 for made in values.values()))

    def test_stand_in_takes_it(self):
        made = Catalogue(variants=True)
        sap = Stand(data={"articles": made.articles, "prices": made.prices, "stock": made.stock,
                          "categories": made.categories, "customers": made.customers()})
        self.addCleanup(sap.stop)
        answer = sap.call("Z_KONTOR_ARTICLES", IV_TOKEN="", IV_MAX="1000")
        self.assertEqual(int(answer["EV_TOTAL"]), len(answer["ET_ARTICLE"]))
        self.assertTrue(answer["ET_AXIS"] and answer["ET_MEDIA"] and answer["ET_UNIT"])
        self.assertTrue(sap.call("Z_KONTOR_CATEGORIES", IV_TOKEN="", IV_MAX="0")["ET_CATEGORY"])


class OwnPrices(WithStand):
    options = ("--pricing", "own")

    def test_buyer_pays_what_is_for_him(self):
        for number, fields in (("A", {"AMOUNT": "5", "CUSTOMER_GROUP": "02"}), ("B", {"AMOUNT": "3", "KIND": "reference"}),
                               ("C", {"AMOUNT": "8", "MARKET": "AT"}), ("D", {"AMOUNT": "11", "KIND": "sale"})):
            self.sap.control("POST", "change", {"kind": "price", "key": {"PRICE_ID": number}, "set": dict(
                {"MATNR": "K-1001", "PRICE_LIST": "00", "CURRENCY": "EUR", "PER": "1", "UNIT": "PCE", "GROSS": "X"}, **fields)})
        line = self.create(key="anybody")["ET_LINE"][0]
        self.assertEqual(line["GROSS"], "22.0000", "the sale price, twice")
        self.sap.control("POST", "change", {"kind": "customer", "key": {"KUNNR": "100001"}, "set": {"CUSTOMER_GROUP": "02"}})
        line = self.create(key="group", partner={"KUNNR": "100001"})["ET_LINE"][0]
        self.assertEqual(line["GROSS"], "10.0000", "what his group pays")


class Strictness(WithStand):
    def refused(self, function, xml, headers=None):
        before = self.sap.counts()["refused"]
        status, body, _ = self.sap.raw(function, xml, headers)
        self.assertEqual(status, 500)
        self.assertRegex(body.decode(), r"Web service processing error.*UTC timestamp \d{14}; Transaction ID [0-9A-F]{32}")
        self.assertEqual(self.sap.counts()["refused"], before + 1)
        return self.sap.control("GET", "requests?since=0")[1][-1]["error"]

    def test_wrong_requests_become_faults(self):
        good = request_xml("Z_KONTOR_ORDER_CREATE", order())
        self.assertEqual(self.sap.raw("Z_KONTOR_ORDER_CREATE", good)[0], 200)
        stock = "Z_KONTOR_STOCK"
        for why, function, xml, headers in (
                ("unknown element", "Z_KONTOR_ORDER_CREATE", good.replace("<CITY>", "<TOWN>").replace("</CITY>", "</TOWN>"),
                 None),
                ("too long", "Z_KONTOR_ORDER_CREATE", good.replace("Am Fiktiven Ufer", "x" * 61), None),
                ("missing", "Z_KONTOR_ORDER_CREATE", good.replace("<DIVISION>00</DIVISION>", ""), None),
                ("date", "Z_KONTOR_ORDER_CREATE", good.replace("2026-11-21", "21.11.2026"), None),
                ("decimals", "Z_KONTOR_ORDER_CREATE", good.replace("28.70", "28.70001"), None),
                ("qualified child", stock, '<s:Z_KONTOR_STOCK><s:IV_TOKEN/><s:IV_MAX>1</s:IV_MAX></s:Z_KONTOR_STOCK>', None),
                ("function", stock, "<s:Z_KONTOR_NOTHING/>", None),
                ("namespace", stock, "<Z_KONTOR_STOCK><IV_TOKEN/><IV_MAX>1</IV_MAX></Z_KONTOR_STOCK>", None),
                ("action", stock, request_xml("Z_KONTOR_INFO", {}), None),
                ("type", "Z_KONTOR_INFO", request_xml("Z_KONTOR_INFO", {}), {"Content-Type": "application/soap+xml"}),
                ("not XML", stock, "<a>", None)):
            with self.subTest(why):
                self.assertTrue(self.refused(function, xml, headers))
        self.assertEqual(self.sap.counts()["documents"], 1)

    def test_doctype_is_refused(self):
        body = (f'<!DOCTYPE x [<!ENTITY a "b">]><e:Envelope xmlns:e="{sapsoap.SOAP}" xmlns:s="{sapsoap.NS}"><e:Body>'
                '<s:Z_KONTOR_INFO/></e:Body></e:Envelope>')
        status, _, _ = self.sap.http("POST", PATH, body, {
            "Content-Type": "text/xml", "SOAPAction": f"{sapsoap.NS}:KONTOR_Z:Z_KONTOR_INFORequest"})
        self.assertEqual(status, 500)

    def test_broken_data_stops_the_start(self):
        for name, field, value in (("articles", "WEIGHT", "1"), ("articles", "NET_WEIGHT", "0.0001"),
                                   ("prices", "AMOUNT", "1e5"), ("prices", "VALID_FROM", "2026-02-30"),
                                   ("stock", "MATNR", "K-9"), ("customers", "BLOCKED", "yes")):
            data = catalogue()
            data[name][0][field] = value
            with self.subTest(f"{name} {field}"), self.assertRaisesRegex(RuntimeError, f"{name}.*{field}"):
                Stand(data=data).stop()


class Orders(WithStand):
    def test_create_find_repeat(self):
        self.assertEqual(self.find()["EV_STATE"], "ABSENT")
        first = self.create()
        self.assertEqual((first["EV_STATE"], first["EV_BLOCKED"], first["RETURN"][0]["TYPE"]), ("BOOKED", "", "S"))
        self.assertEqual(first["ES_TOTAL"], {"NET": "24.1200", "TAX": "4.5800", "GROSS": "28.7000", "CURRENCY": "EUR"})
        self.assertEqual([line["POSNR"] for line in first["ET_LINE"]], ["000010", "000020"])
        again, found = self.create(), self.find()
        self.assertEqual((again["EV_STATE"], found["EV_STATE"]), ("EXISTS", "FOUND"))
        self.assertEqual({first["EV_ORDER"]}, {again["EV_ORDER"], found["EV_ORDER"]})
        self.assertEqual(found["ES_TOTAL"], first["ES_TOTAL"])
        self.assertEqual(self.sap.counts()["documents_by_key"], {KEY: 1})
        document = self.sap.control("GET", "orders")[1][0]
        self.assertEqual((document["header"]["SHOP_ORDER"], document["partners"][0]["CITY"], document["items"][0]["QTY"]),
                         ("10042", "Kiel", "2.000"))

    def test_business_errors_name_row_and_field_and_book_nothing(self):
        for changes, code, row, field in (
                ({"item": {"MATNR": "K-9"}}, "V1382", "1", "MATNR"), ({"item": {"MATNR": "K-1007"}}, "V1382", "1", "MATNR"),
                ({"item": {"MATNR": "K-1006"}}, "V1028", "1", "MATNR"), ({"item": {"UNIT": "XYZ"}}, "ZKONTOR005", "1", "UNIT"),
                ({"item": {"QTY": "0"}}, "ZKONTOR013", "1", "QTY"), ({"item": {"KIND": "x"}}, "ZKONTOR012", "1", "KIND"),
                ({"item": {"POSNR": "20"}}, "ZKONTOR007", "0", "POSNR"),
                ({"header": {"CURRENCY": "XXX"}}, "ZKONTOR004", "0", "CURRENCY"),
                ({"partner": {"KUNNR": "1"}}, "ZKONTOR009", "1", "KUNNR"),
                ({"partner": {"KUNNR": "100002"}}, "ZKONTOR010", "1", "KUNNR"),
                ({"partner": {"COUNTRY": "XX"}}, "ZKONTOR011", "1", "COUNTRY"),
                ({"partner": {"ROLE": "WE"}}, "ZKONTOR008", "0", "ROLE"), ({"key": " "}, "ZKONTOR001", "0", "")):
            with self.subTest(code):
                self.assertEqual(self.error(self.create(**changes)), (code, row, field))
        self.assertEqual((self.sap.counts()["documents"], self.sap.counts()["running"]), (0, []))
        self.assertEqual(self.create()["EV_STATE"], "BOOKED")

    def test_differing_sums_block_only_when_asked_and_above_tolerance(self):
        self.assertEqual(self.create(key="a", header={"SHOP_GROSS": "28.72"})["EV_BLOCKED"], "")
        self.assertEqual(self.create(key="b", header={"SHOP_GROSS": "28.73"})["EV_BLOCKED"], "X")
        self.assertEqual(self.create(key="c", header={"SHOP_GROSS": "28.73", "BLOCK_IF_DIFFERS": ""})["EV_BLOCKED"], "")
        self.assertEqual(self.find("b")["EV_BLOCKED"], "X")

    def test_a_clerk_releases_a_blocked_document(self):
        blocked = self.create(header={"SHOP_GROSS": "30.00"})
        self.assertEqual(blocked["EV_BLOCKED"], "X")
        self.assertEqual(self.sap.control("POST", "release", {"number": "1"})[0], 400)
        self.assertEqual(self.sap.control("POST", "release", {"number": blocked["EV_ORDER"]})[0], 200)
        found = self.find()
        self.assertEqual((found["EV_BLOCKED"], found["ES_TOTAL"]["GROSS"]), ("", "30.0000"))

    def test_many_callers_with_one_key_make_one_document(self):
        states = []
        threads = [threading.Thread(target=lambda: states.append(self.create()["EV_STATE"])) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(states), 12)
        self.assertLessEqual(set(states), {"BOOKED", "EXISTS", "RUNNING"})
        self.assertEqual(states.count("BOOKED"), 1)
        self.assertEqual(self.sap.counts()["documents"], 1)


class OwnPrices(WithStand):
    options = ("--pricing", "own")

    def test_own_prices_taxes_and_scale(self):
        answer = self.create()
        self.assertEqual(answer["ET_LINE"][0], {"POSNR": "000010", "NET": "20.0000", "TAX": "3.8000", "GROSS": "23.8000"})
        self.assertEqual((answer["ES_TOTAL"]["GROSS"], answer["EV_BLOCKED"]), ("28.7000", ""))
        scale = self.create(key="scale", item={"QTY": "10"})
        self.assertEqual((scale["ET_LINE"][0]["GROSS"], scale["EV_BLOCKED"]), ("100.0000", "X"))
        self.assertEqual(self.create(key="at", partner={"COUNTRY": "AT"})["ET_LINE"][0]["NET"], "19.8300")


class Misbehaviour(WithStand):
    def create_raw(self, timeout=20, **changes):
        return self.sap.raw("Z_KONTOR_ORDER_CREATE", request_xml("Z_KONTOR_ORDER_CREATE", order(**changes)), timeout=timeout)

    def cut_off(self, **changes):
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
            self.create_raw(**changes)

    def test_late_before(self):
        self.sap.misbehave(mode="late", on="Z_KONTOR_ORDER_CREATE", delay_s=2, commit="before", times=1)
        with self.assertRaises(socket.timeout):
            self.create_raw(timeout=0.3)
        self.assertEqual(self.find()["EV_STATE"], "FOUND")

    def test_late_after_keeps_the_key_locked(self):
        self.sap.misbehave(mode="late", on="Z_KONTOR_ORDER_CREATE", delay_s=1.5, commit="after", times=1)
        with self.assertRaises(socket.timeout):
            self.create_raw(timeout=0.3)
        self.assertEqual(self.find()["EV_STATE"], "PENDING")
        self.until_found()

    def test_commit_late(self):
        for key, rule in (("cut", {}), ("reset", {"reset": True}), ("hang", {"connection": "hang"})):
            with self.subTest(key):
                self.sap.misbehave(mode="commit_late", commit_after_s=1.5, times=1, key=key, **rule)
                with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError, socket.timeout)):
                    self.create_raw(timeout=0.5, key=key)
                self.assertEqual(self.find(key)["EV_STATE"], "PENDING")
                self.assertEqual(self.create(key=key)["EV_STATE"], "RUNNING")
                self.assertEqual(self.sap.counts()["running"], [key])
                self.until_found(key)
                self.assertEqual(self.create(key=key)["EV_STATE"], "EXISTS")
                self.assertEqual(self.sap.counts()["documents_by_key"][key], 1)

    def test_commit_late_hang_answers_a_patient_client(self):
        self.sap.misbehave(mode="commit_late", commit_after_s=0.5, connection="hang", times=1)
        self.assertEqual(self.create()["EV_STATE"], "BOOKED")

    def test_commit_late_of_a_wrong_order_answers_at_once(self):
        self.sap.misbehave(mode="commit_late", commit_after_s=9)
        self.assertEqual(self.error(self.create(item={"MATNR": "K-9"}))[0], "V1382")
        self.assertEqual(self.find()["EV_STATE"], "ABSENT")

    def test_twice(self):
        self.sap.misbehave(mode="twice", on="Z_KONTOR_ORDER_CREATE", what="both")
        self.assertEqual(self.create()["EV_STATE"], "BOOKED")
        self.assertEqual(self.sap.counts()["documents"], 1)
        self.assertEqual(self.sap.control("GET", "requests?since=0")[1][-1]["second"], "EXISTS")

    def test_never(self):
        self.sap.misbehave(mode="never", times=1)
        with self.assertRaises(socket.timeout):
            self.create_raw(timeout=0.3)
        self.assertEqual(self.find()["EV_STATE"], "ABSENT")

    def test_cut(self):
        self.sap.misbehave(mode="cut", times=1, key="no")
        self.sap.misbehave(mode="cut", times=1, key="yes", create=True, reset=True)
        self.cut_off(key="no")
        self.cut_off(key="yes")
        self.assertEqual((self.find("no")["EV_STATE"], self.find("yes")["EV_STATE"]), ("ABSENT", "FOUND"))

    def test_lock(self):
        self.sap.misbehave(mode="lock", times=1, hold_s=1)
        self.assertEqual(self.create()["EV_STATE"], "RUNNING")
        self.assertEqual(self.find()["EV_STATE"], "PENDING")
        end = time.monotonic() + 20
        while self.find()["EV_STATE"] != "ABSENT":
            self.assertLess(time.monotonic(), end)
        self.assertEqual(self.create()["EV_STATE"], "BOOKED")

    def test_error_after_create(self):
        self.sap.misbehave(mode="error_after_create", times=1)
        status, body, _ = self.create_raw()
        self.assertEqual(status, 500)
        self.assertIn(b"Web service processing error", body)
        self.assertEqual(self.find()["EV_STATE"], "FOUND")

    def test_fault_is_a_business_error(self):
        self.sap.misbehave(mode="fault", times=1, message="Period 11 is closed", id="F5", number="201")
        status, body, _ = self.create_raw()
        detail = etree.fromstring(body).find(".//detail")
        self.assertEqual((status, detail[0].findtext("Message/ID"), detail[0].findtext("Text")),
                         (500, "F5", "Period 11 is closed"))
        self.assertEqual(etree.QName(detail[0]).localname, "Z_KONTOR_ORDER_CREATE.Exception")
        self.assertEqual(self.find()["EV_STATE"], "ABSENT")

    def test_return_e(self):
        self.sap.misbehave(mode="return_e", on="Z_KONTOR_ORDER_CREATE", id="V4", number="219", message="No", times=1)
        self.assertEqual(self.error(self.create())[0], "V4219")
        self.assertEqual(self.sap.counts()["documents"], 0)

    def test_truncate_html_status_slow(self):
        self.sap.misbehave(mode="truncate", times=1)
        self.sap.misbehave(mode="html", times=1)
        self.sap.misbehave(mode="status", times=1, status=429, retry_after=7)
        self.sap.misbehave(mode="slow", times=1, total_s=0.5)
        body = self.create_raw()[1]
        with self.assertRaises(etree.XMLSyntaxError):
            etree.fromstring(body)
        status, body, headers = self.create_raw()
        self.assertEqual((status, headers["Content-Type"], body[:6]), (200, "text/html", b"<html>"))
        status, _, headers = self.create_raw()
        self.assertEqual((status, headers["Retry-After"]), (429, "7"))
        begun = time.monotonic()
        self.assertEqual(self.create()["EV_STATE"], "EXISTS")
        self.assertGreater(time.monotonic() - begun, 0.4)
        self.assertEqual(self.sap.counts()["misbehaved"], {"truncate": 1, "html": 1, "status": 1, "slow": 1})

    def test_after_times_probability_are_repeatable(self):
        self.sap.misbehave(mode="status", on="Z_KONTOR_INFO", after=1, times=2)
        status = [self.sap.raw("Z_KONTOR_INFO", "<s:Z_KONTOR_INFO/>")[0] for _ in range(5)]
        self.assertEqual(status, [200, 503, 503, 200, 200])
        runs = []
        for _ in range(2):
            self.sap.control("DELETE", "misbehave")
            self.sap.misbehave(mode="status", on="Z_KONTOR_ORDER_FIND", probability=0.5, seed=4711)
            runs.append([self.sap.raw("Z_KONTOR_ORDER_FIND", f"<s:Z_KONTOR_ORDER_FIND><IV_KEY>{n}</IV_KEY>"
                                      "</s:Z_KONTOR_ORDER_FIND>")[0] for n in range(40)])
        self.assertEqual(runs[0], runs[1])
        self.assertTrue(5 < runs[0].count(503) < 35)

    def test_rules_are_checked(self):
        for rule in ({"mode": "nonsense"}, {"mode": "late", "delay": 3}, {"mode": "lock", "on": "Z_KONTOR_INFO"}):
            self.assertEqual(self.sap.control("POST", "misbehave", {"rule": rule})[0], 400, rule)


class LookUpGrade(WithStand):
    options = ("--key-grade", "L")

    def test_every_create_makes_a_document(self):
        self.assertEqual(self.sap.call("Z_KONTOR_INFO")["EV_KEY_GRADE"], "L")
        self.assertEqual([self.create()["EV_STATE"], self.create()["EV_STATE"]], ["BOOKED", "BOOKED"])
        self.assertEqual(self.sap.counts()["documents_by_key"], {KEY: 2})
        self.assertEqual(self.find()["RETURN"][0]["NUMBER"], "015")

    def test_find_still_sees_a_running_create(self):
        self.sap.misbehave(mode="commit_late", commit_after_s=1, times=1)
        with self.assertRaises(http.client.RemoteDisconnected):
            self.create()
        self.assertEqual(self.find()["EV_STATE"], "PENDING")
        self.assertEqual(self.create()["EV_STATE"], "BOOKED", "an impatient caller gets its duplicate")
        end = time.monotonic() + 20
        while self.sap.counts()["documents"] < 2:
            self.assertLess(time.monotonic(), end)


class Access(unittest.TestCase):
    def test_basic(self):
        sap = Stand("--user", "KONTOR", "--password", "s:e")
        self.addCleanup(sap.stop)
        info = request_xml("Z_KONTOR_INFO", {})
        status, body, headers = sap.raw("Z_KONTOR_INFO", info)
        self.assertEqual((status, body[:6]), (401, b"<html>"))
        self.assertIn("Basic", headers["WWW-Authenticate"])
        good = {"Authorization": "Basic " + base64.b64encode(b"KONTOR:s:e").decode()}
        self.assertEqual(sap.raw("Z_KONTOR_INFO", info, good)[0], 200)
        self.assertEqual(sap.raw("Z_KONTOR_INFO", info, {"Authorization": "Basic eDp5"})[0], 401)

    def test_state_survives_kill_and_a_torn_line(self):
        folder = tempfile.mkdtemp(prefix="kontor-sap-")
        self.addCleanup(shutil.rmtree, folder)
        state = os.path.join(folder, "state.jsonl")
        sap = Stand("--state", state, folder=folder)
        self.addCleanup(sap.stop, keep=True)    # an assertion that fails leaves no process behind
        number = sap.call("Z_KONTOR_ORDER_CREATE", **order())["EV_ORDER"]
        sap.control("POST", "change", {"kind": "price", "key": {"PRICE_ID": "PK-1001-0"}, "set": {"AMOUNT": "1"}})
        sap.stop(keep=True)
        with open(state, "a", encoding="utf-8") as file:
            file.write('{"type": "docu')
        for _ in range(2):      # twice: the torn line must not swallow the first one written after it
            sap = Stand("--state", state, folder=folder)
            self.addCleanup(sap.stop, keep=True)
            self.assertEqual(sap.call("Z_KONTOR_ORDER_CREATE", **order())["EV_ORDER"], number)
            other = sap.call("Z_KONTOR_ORDER_CREATE", **order(key="other"))
            self.assertEqual(int(other["EV_ORDER"]), int(number) + 1)
            prices = sap.call("Z_KONTOR_PRICES", IV_TOKEN="", IV_MAX="1")["ET_PRICE"]
            self.assertEqual(prices[0]["AMOUNT"], "1.0000")
            sap.stop(keep=True)

    @unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
    def test_tls_with_client_certificate(self):
        import ssl
        folder = tempfile.mkdtemp(prefix="kontor-sap-")
        self.addCleanup(shutil.rmtree, folder)
        for name, subject in (("server", "/CN=127.0.0.1"), ("client", "/CN=kontor")):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "2", "-subj", subject, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                            f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"], check=True, capture_output=True)
        sap = Stand("--cert", f"{folder}/server.pem", "--key", f"{folder}/server.key", "--client-ca",
                    f"{folder}/client.pem")
        self.addCleanup(sap.stop)
        silent = socket.create_connection(("127.0.0.1", sap.port))     # must not stop the others
        self.addCleanup(silent.close)
        status = []
        for has_certificate in (True, False):
            context = ssl.create_default_context(cafile=f"{folder}/server.pem")
            if has_certificate:
                context.load_cert_chain(f"{folder}/client.pem", f"{folder}/client.key")
            connection = http.client.HTTPSConnection("127.0.0.1", sap.port, context=context, timeout=10)
            for _ in range(2):
                connection.request("POST", PATH, f'<e:Envelope xmlns:e="{sapsoap.SOAP}"><e:Body>'
                                   f'<s:Z_KONTOR_INFO xmlns:s="{sapsoap.NS}"/></e:Body></e:Envelope>',
                                   {"Content-Type": "text/xml",
                                    "SOAPAction": f"{sapsoap.NS}:KONTOR_Z:Z_KONTOR_INFORequest"})
                response = connection.getresponse()
                response.read()
                status.append(response.status)
            connection.close()
        self.assertEqual(status, [200, 200, 401, 401])


@unittest.skipIf(NO_ZEEP, NO_ZEEP)
class Independent(WithStand):
    def test_zeep_reads_and_books(self):
        client = zeep.Client(f"http://127.0.0.1:{self.sap.port}{PATH}?wsdl")
        articles = client.service.Z_KONTOR_ARTICLES(IV_TOKEN="", IV_MAX=100)
        self.assertEqual([row.MATNR for row in articles.ET_ARTICLE.item][0], "K-1001")
        self.assertEqual((articles.EV_TOTAL, articles.EV_PRODUCTS), ("6", "6"))
        customers = client.service.Z_KONTOR_CUSTOMERS(IV_TOKEN="", IV_MAX=100)
        self.assertEqual([row.KUNNR for row in customers.ET_CUSTOMER.item], ["100001", "100002"])
        self.assertIsNone(client.service.Z_KONTOR_CATEGORIES(IV_TOKEN="", IV_MAX=100).ET_CATEGORY)
        values = order()
        values["IS_HEADER"] = dict({"PAYMENT_REF": ""}, **values["IS_HEADER"])
        empty = {"NAME2": "", "REGION": "", "PHONE": ""}
        values["IT_PARTNER"] = {"item": [dict(empty, **row) for row in values["IT_PARTNER"]]}
        values["IT_ITEM"] = {"item": [dict({"MATNR": ""}, **row) for row in values["IT_ITEM"]]}
        booked = client.service.Z_KONTOR_ORDER_CREATE(**values)
        self.assertEqual((booked.EV_STATE, str(booked.ES_TOTAL.GROSS)), ("BOOKED", "28.7000"))
        self.assertEqual(client.service.Z_KONTOR_ORDER_FIND(IV_KEY=KEY).EV_ORDER, booked.EV_ORDER)


class Tokens(unittest.TestCase):
    def test_longest_keys_fit(self):
        self.assertTrue(sapdata.TOKEN.match("D20261121203754" + "99999999" + "M" * 40))
        self.assertLessEqual(len("D20261121203754" + "99999999" + "M" * 40), 64)


if __name__ == "__main__":
    unittest.main()
