#!/usr/bin/python3
"""The NAV stand-in by itself: zeep as its client, curl for NTLM, every misbehaviour, filters as NAV reads them."""
import datetime
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
from decimal import Decimal

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import navauth  # noqa: E402
import navcatalogue  # noqa: E402
import navfilter  # noqa: E402
import navforms  # noqa: E402
from standin import StandIn  # noqa: E402

try:
    import requests
    import zeep
except ImportError as missing:
    print(f"skipped: {missing}; scripts/deps --test installs it")
    sys.exit(77)

INSTANCE = "/DynamicsNAV100"
XMLPORT = "urn:microsoft-dynamics-nav/xmlports/x"
FAULT = "Microsoft.Dynamics.Nav."
WSDL_DIR = os.path.join(HERE, "..", "..", "wsdl", "nav")
ENVELOPE = ('<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>%s</Body></Envelope>')


def path(service, kind="Page", company="CRONUS AG"):
    place = f"/{urllib.parse.quote(company)}" if company else ""
    return f"{INSTANCE}/WS{place}/{kind}/{service}"


def order(number="10002", lines=(("1", "N-100001", "1", "10.00"),), **fields):
    """What CreateOrder takes: gross prices, 19 percent."""
    rows = []
    for line, sku, quantity, gross in lines:
        net = (Decimal(gross) / Decimal("1.19")).quantize(Decimal("0.01"))
        rows.append({"LineId": line, "Type": "Item", "No": sku, "Description": "x", "Quantity": quantity,
                     "Net": net, "Vat": Decimal(gross) - net, "Gross": gross})
    totals = {n: sum(Decimal(r[n]) for r in rows) for n in ("Net", "Vat", "Gross")}
    return dict({"CustomerNo": number, "ExternalDocumentNo": "B-1", "OrderDate": "2026-11-22", "Pricing": "shop",
                 "CurrencyCode": "EUR", "PricesIncludeVat": "true", "Tolerance": "0.01", "Line": rows,
                 "Partner": [{"Role": "SellTo", "Name": "Odette Funkel", "CountryCode": "AT"}], **totals}, **fields)


class Side(unittest.TestCase):
    """One stand-in for a class of tests; each test takes its own keys."""
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="kontor-nav-"))
        for which in navcatalogue.COMPANIES:
            navcatalogue.Company(which, 60).write(os.path.join(cls.folder, str(which)))
        cls.nav = cls.enterClassContext(StandIn(
            "nav.py", *[w for n in ("1", "2") for w in ("--data", os.path.join(cls.folder, n))], "--port", "0",
            *(o.replace("FOLDER", cls.folder) for o in cls.options)))
        cls.clients = {}

    def setUp(self):
        self.nav.control("misbehave", method="DELETE")

    # ---- talking

    def client(self, service, kind="Page", company="CRONUS AG", login=None):
        at = (service, kind, company)
        if at not in self.clients:
            session = requests.Session()
            session.auth = login
            self.clients[at] = zeep.Client(self.nav.url + path(*at), transport=zeep.Transport(
                session=session, timeout=20, operation_timeout=20))
        return self.clients[at].service

    def page(self, service, criteria=(), bookmark=None, size=0, **at):
        return self.client(service, **at).ReadMultiple(
            [{"Field": f, "Criteria": c} for f, c in criteria] or [{"Field": self.first(service), "Criteria": ""}],
            bookmark, size) or []

    @staticmethod
    def first(service):
        role = next(r for r, s in navforms.SERVICES.items() if s == service)
        return next(iter(navforms.fields_of(role)))

    def numbers(self, criteria, service="KontorItem", field="No", **more):
        return [row[field] for row in self.page(service, criteria, **more)]

    def create(self, key, what=None, **fields):
        return self.client("KontorService", "Codeunit").CreateOrder(key, what or order(**fields), {})

    def find(self, key):
        return self.client("KontorService", "Codeunit").FindOrder(key, {})

    def fault_of(self, call):
        with self.assertRaises(zeep.exceptions.Fault) as caught:
            call()
        return caught.exception

    def soap(self, service, operation, inner, kind="Page", space=None, headers=(), action=None):
        """(status, headers, bytes), without any SOAP library."""
        space = space or f"urn:microsoft-dynamics-schemas/{kind.lower()}/" + (
            service if kind == "Codeunit" else service.lower())
        body = ENVELOPE % f'<{operation} xmlns="{space}">{inner}</{operation}>'
        connection = http.client.HTTPConnection(self.nav.url.removeprefix("http://"), timeout=20)
        connection.request("POST", path(service, kind), body.encode(), dict(
            {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action or space + ":" + operation}"'},
            **dict(headers)))
        answer = connection.getresponse()
        out = answer.status, answer.headers, answer.read()
        connection.close()
        return out

    def misbehave(self, **rule):
        return self.nav.control("misbehave", rule)


class Pages(Side):
    def test_wsdls_are_those_of_the_contract(self):
        """What the stand-in makes of its own tables, against the files that the customer gets."""
        def bare(text):
            text = re.sub(r'location="[^"]*"', "", text)
            text = text.replace('<xsd:enumeration value="Non_Inventory" />', "")     # Business Central's
            return "".join(text.split())
        for service in navforms.SERVICES.values():
            with open(os.path.join(WSDL_DIR, f"page_{service}.wsdl"), encoding="utf-8") as file:
                ours = file.read()
            status, _, told = self.nav.raw("GET", path(service))
            self.assertEqual(status, 200)
            self.assertEqual(bare(told.decode()), bare(ours), service)

    def test_every_page_can_be_read(self):
        data = self.nav.control("data")
        for role, service in navforms.SERVICES.items():
            wanted = data[navforms.TABLES[role][0][:-5]]
            if role == "item":              # two of them hold what no XML parser takes
                continue
            self.assertEqual(len(self.page(service)), len(wanted), service)

    def test_control_characters_are_references_as_nav_writes_them(self):
        status, _, body = self.soap("KontorItem", "ReadMultiple", "<setSize>0</setSize>")
        self.assertEqual(status, 200)
        self.assertIn(b"&#x1F;&amp;&#x2; &lt;neu&gt;", body)

    def test_walk_by_bookmark(self):
        wanted = [r["No"] for r in sorted(self.nav.control("data")["items"], key=lambda r: r["No"])]
        sound = [("Description", "<>*'\x1f'*".replace("\x1f", "&"))]
        seen, bookmark = [], None
        while True:
            rows = self.page("KontorItem", sound, bookmark, 7)
            if not rows:
                break
            self.assertLessEqual(len(rows), 7)
            seen += [r["No"] for r in rows]
            bookmark = rows[-1]["Key"]
        self.assertEqual(seen, [n for n in wanted if n in seen])
        self.assertEqual(len(seen), len(wanted) - 4)
        self.assertEqual(self.numbers(sound, size=-3), seen[::-1][:3])

    def test_keys_are_good_for_one_version_one_table_one_company(self):
        row, = self.page("KontorUnitOfMeasure", [("Code", "STK")])
        service = self.client("KontorUnitOfMeasure")
        self.assertIs(service.IsUpdated(row["Key"]), False)
        self.nav.control("change", {"table": "uom", "key": {"Code": "STK"}, "set": {"Description": "Stück "}})
        self.assertIs(service.IsUpdated(row["Key"]), True)
        stale = self.fault_of(lambda: self.page("KontorUnitOfMeasure", bookmark=row["Key"]))
        self.assertEqual(stale.code, "a:" + FAULT + "Service.WebServices.ServiceBrokerException")
        self.assertIn("Other user has modified", stale.message)
        again, = self.page("KontorUnitOfMeasure", [("Code", "STK")])
        self.assertNotEqual(again["Key"], row["Key"])
        for foreign in (lambda: self.page("KontorItemCategory", bookmark=again["Key"]),
                        lambda: self.page("KontorUnitOfMeasure", bookmark=again["Key"], company="Lumen Nord GmbH"),
                        lambda: self.page("KontorUnitOfMeasure", bookmark="STK")):
            self.assertIn("ServiceBrokerException", self.fault_of(foreign).code)

    def test_a_row_can_change_right_behind_its_page(self):
        self.nav.control("misbehave", {"mode": "touch", "on": "KontorItemUnit.ReadMultiple", "times": 1})
        rows = self.page("KontorItemUnit", size=5)
        self.assertIn("modified", self.fault_of(lambda: self.page("KontorItemUnit", bookmark=rows[-1]["Key"])).message)
        again = self.page("KontorItemUnit", size=5)
        self.assertEqual([r["Item_No"] for r in again], [r["Item_No"] for r in rows])
        self.assertEqual(len(self.page("KontorItemUnit", bookmark=again[-1]["Key"], size=5)), 5)

    def test_read_and_record_ids(self):
        service = self.client("KontorItemVariant")
        row = self.page("KontorItemVariant", size=1)[0]
        self.assertEqual(service.Read(row["Item_No"], row["Code"])["Description"], row["Description"])
        self.assertIsNone(service.Read("NO-SUCH", "X"))
        found = service.ReadByRecId(service.GetRecIdFromKey(row["Key"]))
        self.assertEqual(found["Code"], row["Code"])

    def test_filters(self):
        every = {r["No"]: r for r in self.nav.control("data")["items"]}
        for criteria, wanted in (
                ("N-100000|N-100001", {"N-100000", "N-100001"}), ("'N/100003.B'", {"N/100003.B"}),
                ("N-100000..N-100004", {f"N-10000{n}" for n in (0, 1, 2, 4)}),
                (">N-100054&<>N-100058", {f"N-10005{n}" for n in (5, 6, 7, 9)} | {"N-ÄÖ-11", "N/100003.B"}),
                ("4711*", {"4711.007"}), ("n-10002?", {f"N-10002{n}" for n in range(10)}), ("'4711*'", set())):
            found = set(self.nav_numbers("No", criteria))
            if criteria.startswith(">"):
                found, wanted = found - {"N-ÄÖ-11", "N/100003.B"}, wanted - {"N-ÄÖ-11", "N/100003.B"}
            self.assertEqual(found, wanted, criteria)
        old = {n for n, r in every.items() if r["Last_Date_Modified"] < "1950"}
        for criteria in ("..31.12.1949", "01.06.1902", "010602"):
            self.assertEqual(set(self.nav_numbers("Last_Date_Modified", criteria)),
                             old if criteria != "010602" else set(), criteria)
        self.assertEqual(set(self.nav_numbers("Unit_Price", ">100,5")),
                         {n for n, r in every.items() if Decimal(r["Unit_Price"]) > Decimal("100.5")})
        self.assertEqual(self.nav_numbers("Blocked", "Ja"), [n for n, r in every.items() if r["Blocked"]])
        self.assertEqual(len(self.nav_numbers("Type", "Service|2")), 1)

    def nav_numbers(self, field, criteria):
        status, _, body = self.soap("KontorItem", "ReadMultiple", (
            f"<filter><Field>{field}</Field><Criteria>{criteria.replace('&', '&amp;').replace('<', '&lt;')}"
            "</Criteria></filter><setSize>0</setSize>"))
        self.assertEqual(status, 200, body)
        return re.findall(r"<No>([^<]*)</No>", body.decode())

    def test_what_is_wrong_with_a_filter_is_said(self):
        for field, criteria, kind in (
                ("Last_Date_Modified", "2026-11-01..", "NavCSideFilterException"),
                ("Unit_Price", "100.5", "NavCSideFilterException"), ("No", "'x", "NavCSideFilterException"),
                ("No", "a|", "NavCSideFilterException"), ("Blocked", "vielleicht", "NavCSideFilterException"),
                ("Shelf_No", "x", "System.InvalidOperationException")):
            status, _, body = self.soap("KontorItem", "ReadMultiple", (
                f"<filter><Field>{field}</Field><Criteria>{criteria}</Criteria></filter><setSize>0</setSize>"))
            self.assertEqual(status, 500)
            self.assertIn(kind, body.decode(), criteria)

    def test_requests_that_do_not_fit(self):
        for operation, inner, kind in (
                ("ReadMultiple", "<setSize>0</setSize><filter/>", "InvalidOperationException"),
                ("ReadMultiple", "<setSize>many</setSize>", "InvalidOperationException"),
                ("ReadMultiple", "", "InvalidOperationException"),
                ("Update", "<KontorItem/>", "ServiceBrokerException"),
                ("Read", "<Nr>1</Nr>", "InvalidOperationException")):
            status, _, body = self.soap("KontorItem", operation, inner)
            self.assertEqual(status, 500)
            self.assertIn(kind, body.decode())
        status, _, body = self.soap("KontorItem", "Read", "<No>1</No>", action="urn:other:Read")
        self.assertIn(b"ServiceBrokerException", body)

    def test_addresses(self):
        for at, kind in ((path("ItemCard"), "ServiceNotFoundException"),
                         (path("KontorItem", company="Nobody"), "NavCompanyNotFoundException"),
                         (path("KontorItem", "Codeunit"), "ServiceNotFoundException")):
            status, _, body = self.nav.raw("GET", at)
            self.assertEqual((status, kind in body.decode()), (404, True), at)
        status, _, _ = self.nav.raw("GET", path("KontorItem", company=None))
        self.assertEqual(status, 200)

    def test_companies_do_not_mix(self):
        first, second = ({r["No"]: r["Name"] for r in self.page("KontorCustomer", company=c)}
                         for c in ("CRONUS AG", "Lumen Nord GmbH"))
        self.assertEqual(first, second)             # the same made-up people …
        self.nav.control("change?company=Lumen%20Nord%20GmbH", {
            "table": "customer", "key": {"No": "10001"}, "set": {"Name": "Andere Firma"}})
        self.assertEqual(self.numbers([("Name", "Andere*")], "KontorCustomer"), [])
        self.assertEqual(self.numbers([("Name", "Andere*")], "KontorCustomer", company="Lumen Nord GmbH"), ["10001"])
        default = self.client("KontorService", "Codeunit", company=None).Info({})
        self.assertEqual(default["Company"], "CRONUS AG")      # … and nobody says which company was meant


class Service(Side):
    options = ("--lock-timeout", "0.3", "--clock-file", "FOLDER/clock", "--state", "FOLDER/nav.jsonl")

    def walk(self, operation, size, after=""):
        """(rows, last page, pages) of ReadPrices or ReadStock."""
        rows, pages = [], 0
        while True:
            page = self.client("KontorService", "Codeunit")[operation](after, size, {})
            rows += page["Price" if operation == "ReadPrices" else "Row"] or []
            pages, after = pages + 1, page["NextAfter"]
            if page["IsLast"] == "true":
                return rows, page, pages

    def test_info(self):
        info = self.client("KontorService", "Codeunit").Info({})
        self.assertEqual((info["Company"], info["Database"], info["DateSample"], info["KeyTable"], info["LcyCode"]),
                         ("CRONUS AG", "NAVDB", "31.12.01", "true", "EUR"))

    def test_prices(self):
        data = self.nav.control("data")
        rows, last, pages = self.walk("ReadPrices", 20)
        self.assertEqual(last["Total"], str(len(rows)))
        self.assertGreater(pages, 3)
        self.assertEqual(len({r["Id"] for r in rows}), len(rows))
        variants = {v["Item_No"] for v in data["variants"]}
        self.assertEqual({r["ItemNo"] for r in rows if r["Id"].startswith("ITEM/")},
                         {i["No"] for i in data["items"] if Decimal(i["Unit_Price"])})
        self.assertTrue(all(bool(r["VariantCode"]) == (r["ItemNo"] in variants) for r in rows))
        group, = {r["CustomerPriceGroup"] for r in rows if r["CustomerPriceGroup"]}
        self.assertEqual(group, "GROSS")
        self.assertEqual({r["CurrencyCode"] for r in rows}, {"EUR", "CHF"})
        self.assertTrue(any(r["EndingDate"] == "1903-12-31" for r in rows))
        self.assertNotIn("C1", str(rows))

    def test_stock_and_what_touches_it(self):
        data = self.nav.control("data")
        rows, last, _ = self.walk("ReadStock", 10)
        self.assertEqual((last["IsSnapshot"], last["Total"]), ("true", str(len(rows))))
        one = next(r for r in rows if r["ItemNo"] == "N-100001" and not r["LocationCode"])
        on_hand = sum(Decimal(e["Quantity"]) for e in data["stock"]
                      if (e["Item_No"], e["Location_Code"]) == ("N-100001", ""))
        self.assertEqual(Decimal(one["Inventory"]), on_hand)
        token = last["NextAfter"]
        self.assertEqual(self.walk("ReadStock", 10, token)[0], [])
        self.nav.control("stock", {"item": "N-100001", "quantity": "-1"})
        self.nav.control("change", {"table": "sales_line", "key": {"Document_No": "V9", "Line_No": "10000"}, "set": {
            "Type": "Item", "No": "N-100005", "Quantity": "1", "Outstanding_Qty_Base": "1"}})
        moved, last, _ = self.walk("ReadStock", 10, token)
        self.assertEqual({r["ItemNo"] for r in moved}, {"N-100001", "N-100005"})
        self.assertEqual(last["IsSnapshot"], "false")
        self.assertEqual(Decimal(moved[0]["Inventory"]), on_hand - 1)
        self.assertIn("[K002]", self.fault_of(lambda: self.walk("ReadStock", 10, "yesterday")).message)

    def test_an_order_and_the_same_again(self):
        booked = self.create("key-a", order(lines=(("7", "N-100001", "2", "20.00"), ("8", "N-100005", "1", "5.00"))))
        self.assertEqual((booked["State"], booked["Gross"]), ("BOOKED", "25"))
        self.assertEqual([line["LineId"] for line in booked["BookedLine"]], ["7", "8"])
        again = self.create("key-a")
        self.assertEqual((again["State"], again["OrderNo"], again["Gross"]), ("EXISTS", booked["OrderNo"], "25"))
        self.assertEqual(self.find("key-a")["State"], "FOUND")
        self.assertEqual(self.find("key-z")["State"], "ABSENT")
        self.assertEqual(self.nav.control("counts")["documents_by_key"]["key-a"], 1)
        row, = self.page("KontorSalesOrder", [("Kontor_Key", "'key-a'")])
        self.assertEqual((row["No"], row["Status"], row["Amount_Including_VAT"]),
                         (booked["OrderNo"], "Released", Decimal(25)))

    def test_variants_and_separators_in_skus(self):
        variant = next(v for v in self.nav.control("data")["variants"] if v["Item_No"] == "N-100002")
        for n, sku in enumerate((f"N-100002.{variant['Code']}", "N/100003.B", "4711.007")):
            self.assertEqual(self.create(f"sku-{n}", lines=(("1", sku, "1", "9.00"),))["State"], "BOOKED")
        self.assertIn("[K014 1]", self.fault_of(lambda: self.create("sku-x", lines=(
            ("1", "N-100002", "1", "9.00"),))).message)

    def test_what_nav_refuses(self):
        line = ("1", "N-100001", "1", "10.00")
        for n, (code, fields) in enumerate((
                ("K009", {"number": "4711"}), ("K010", {"number": "10003"}), ("K004", {"CurrencyCode": "THB"}),
                ("K006", {"lines": ()}), ("K014 2", {"lines": (line, ("2", "NO-SUCH", "1", "1.00"))}),
                ("K007 2", {"lines": (line, line)}), ("K013 1", {"lines": (("1", "N-100001", "-1", "1.00"),)}),
                ("K020 1", {"lines": (("1", "N-100059", "1", "1.00"),)}), ("K021", {"PaymentMethodCode": "GOLD"}),
                ("K022", {"LanguageCode": "XXX"}), ("K024", {"OrderDate": "gestern"}),
                ("K011", {"Partner": [{"Role": "SellTo", "CountryCode": "XX"}]}))):
            fault = self.fault_of(lambda n=n, fields=fields: self.create(f"bad-{n}", **fields))
            self.assertEqual(fault.code, "a:" + FAULT + "Types.Exceptions.NavNCLDialogException")
            self.assertTrue(fault.message.startswith(f"[{code}]"), f"{code}: {fault.message}")
            self.assertEqual(self.find(f"bad-{n}")["State"], "ABSENT")
        self.assertIn("[K001]", self.fault_of(lambda: self.create("k" * 41)).message)

    def test_sums_that_differ_are_held(self):
        booked = self.create("held", Gross="11.00")
        self.assertEqual(booked["State"], "BLOCKED")
        self.assertIn("Gross", booked["BlockedReason"])
        self.assertEqual(self.page("KontorSalesOrder", [("Kontor_Key", "held")])[0]["On_Hold"], "KON")
        self.nav.control("release", {"number": booked["OrderNo"]})
        found = self.find("held")
        self.assertEqual((found["State"], found["Gross"]), ("FOUND", "11"))

    def test_deleted_and_posted(self):
        number = self.create("gone")["OrderNo"]
        self.nav.control("delete", {"number": number})
        self.assertEqual((self.find("gone")["State"], self.create("gone")["State"]), ("GONE", "GONE"))
        number = self.create("posted")["OrderNo"]
        self.nav.control("ship", {"number": number})
        self.nav.control("invoice", {"number": number})
        self.assertEqual((self.find("posted")["State"], self.create("posted")["State"]), ("FOUND", "EXISTS"))
        self.assertEqual(self.page("KontorSalesOrder", [("No", number)]), [])

    def test_a_delivery(self):
        number = self.create("ship", order(lines=(("L1", "N-100005", "3", "30.00"), ("L2", "N-100004", "2", "8.00"))))[
            "OrderNo"]
        token = self.walk("ReadStock", 1000)[1]["NextAfter"]
        made = self.nav.control("ship", {"number": number, "lines": {"L1": "1", "L2": "2"}, "agent": "DHL",
                                         "serials": {"L2": ["SN-1", "SN-2"]}, "tracking": "00340434"})
        row, = self.page("KontorShipment", [("Kontor_Key", "<>''"), ("No", made["number"])])
        self.assertEqual((row["Order_No"], row["Kontor_Key"], row["Package_Tracking_No"]), (number, "ship", "00340434"))
        lines = row["ShipmentLines"]["Kontor_Shipment_Line"]
        self.assertEqual([(x["Kontor_Line"], x["Quantity"]) for x in lines], [("L1", 1), ("L2", 2)])
        serials = self.page("KontorItemLedger", [("Document_Type", "Sales Shipment"), ("Document_No", made["number"]),
                                                 ("Serial_No", "<>''")])
        self.assertEqual([(x["Serial_No"], x["Document_Line_No"]) for x in serials], [("SN-1", 20000), ("SN-2", 20000)])
        self.assertEqual({r["ItemNo"] for r in self.walk("ReadStock", 1000, token)[0]}, {"N-100005", "N-100004"})
        rest = self.nav.control("ship", {"key": "ship"})
        self.nav.control("track", {"number": rest["number"], "tracking": "JJD9"})
        told = [r["Package_Tracking_No"] for r in self.page("KontorShipment", [("Order_No", number)])]
        self.assertEqual(told, ["00340434", "JJD9"])
        with self.assertRaises(RuntimeError):
            self.nav.control("ship", {"number": number})        # nothing is open any more

    def test_customers(self):
        service = self.client("KontorService", "Codeunit")
        for asked, number, how in ((("einkauf@FUNKELBACH.example", "", "", "", ""), "10001", "email"),
                                   (("", "ATU99999999", "", "", ""), "10002", "vat_id"),
                                   (("", "", "lampendam techniek b.v.", "9999 ZX", "NL"), "10003", "name")):
            row, = service.FindCustomers(*asked, {})
            self.assertEqual((row["No"], row["MatchedBy"], row["Blocked"]), (
                number, how, "true" if number == "10003" else "false"))
        self.assertIsNone(service.FindCustomers("", "", "", "", "", {}))

    def test_two_at_once_with_one_key(self):
        self.misbehave(mode="late", on="CreateOrder", delay_s=0.2, commit="after", times=1)
        states = []

        def run():
            states.append(self.create("race")["State"])
        self.create("warm-up-race")
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(states), ["BOOKED", "EXISTS", "EXISTS", "EXISTS"])
        self.assertEqual(self.nav.control("counts")["documents_by_key"]["race"], 1)

    # ---- misbehaviour

    def body(self, key):
        """A CreateOrder as bytes, for answers that no client survives."""
        spaces = f'xmlns="{XMLPORT}50143"'
        line = ("<Line><LineId>1</LineId><Type>Item</Type><No>N-100001</No><Quantity>1</Quantity><Net>8.40</Net>"
                "<Vat>1.60</Vat><Gross>10.00</Gross></Line>")
        head = ("<CustomerNo>10002</CustomerNo><Pricing>shop</Pricing><PricesIncludeVat>true</PricesIncludeVat>"
                "<Tolerance>0</Tolerance><Net>8.40</Net><Vat>1.60</Vat><Gross>10.00</Gross>")
        inner = "".join(re.sub(r"<(\w+)>", rf"<\1 {spaces}>", head, count=0) + re.sub(
            r"<Line>", f"<Line {spaces}>", line))
        return f"<ourKey>{key}</ourKey><order>{inner}</order><booking/>"

    def post(self, key):
        return self.soap("KontorService", "CreateOrder", self.body(key), "Codeunit")

    def test_modes_of_a_create(self):
        for n, (rule, status, state) in enumerate((
                ({"mode": "error_after_create"}, 500, "FOUND"), ({"mode": "fault"}, 500, "ABSENT"),
                ({"mode": "status", "status": 503}, 503, "ABSENT"),
                ({"mode": "status", "status": 503, "create": True}, 503, "FOUND"),
                ({"mode": "html"}, 200, "ABSENT"), ({"mode": "html", "create": True}, 200, "FOUND"),
                ({"mode": "odd"}, 200, "ABSENT"), ({"mode": "odd", "what": "state", "create": True}, 200, "FOUND"),
                ({"mode": "odd", "what": "empty"}, 200, "ABSENT"), ({"mode": "truncate"}, 200, "FOUND"),
                ({"mode": "slow", "total_s": 0.2}, 200, "FOUND"), ({"mode": "late", "delay_s": 0.1}, 200, "FOUND"),
                ({"mode": "twice"}, 200, "FOUND"), ({"mode": "lock"}, 500, "ABSENT"))):
            self.setUp()
            self.misbehave(on="CreateOrder", **rule)
            self.assertEqual(self.post(f"mode-{n}")[0], status, rule)
            self.assertEqual(self.find(f"mode-{n}")["State"], state, rule)
        self.assertTrue(all(n == 1 for n in self.nav.control("counts")["documents_by_key"].values()))

    def test_cut_connections(self):
        for key, rule, state in (("cut-1", {"create": True}, "FOUND"), ("cut-2", {}, "ABSENT"),
                                 ("cut-3", {"create": True, "reset": True}, "FOUND")):
            self.setUp()
            self.misbehave(on="CreateOrder", mode="cut", **rule)
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                self.post(key)
            self.assertEqual(self.find(key)["State"], state)

    def test_a_commit_an_hour_late(self):
        self.misbehave(mode="commit_late", commit_after_s=3600)
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            self.post("late-hour")
        self.setUp()
        self.assertEqual(self.find("late-hour")["State"], "PENDING")
        locked = self.post("late-hour")
        self.assertEqual(locked[0], 500)
        self.assertIn(b"NavCSideSQLLockTimeoutException", locked[2])
        with open(os.path.join(self.folder, "clock"), "w", encoding="ascii") as file:
            file.write("3601")
        end = time.monotonic() + 10
        while self.find("late-hour")["State"] == "PENDING" and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(self.find("late-hour")["State"], "FOUND")
        self.assertEqual(self.nav.control("counts")["documents_by_key"]["late-hour"], 1)

    def test_a_page_can_misbehave_too(self):
        self.misbehave(on="KontorUnit*.Read*", mode="fault", kind="System.OutOfMemoryException", times=1)
        self.assertIn("OutOfMemory", self.fault_of(lambda: self.page("KontorUnitOfMeasure")).code)
        self.assertEqual(len(self.page("KontorUnitOfMeasure")), 4)

    def test_unknown_rules_are_refused(self):
        for rule in ({"mode": "nonsense"}, {"mode": "cut", "colour": 1}, {"mode": "lock", "on": "ReadStock"}):
            with self.assertRaises(RuntimeError):
                self.misbehave(**rule)

    def test_state_survives_a_kill(self):
        self.create("keep")
        before = {k: v for k, v in self.nav.control("data").items() if k != "company"}
        self.nav.kill()
        self.nav.start()
        self.clients.clear()
        after = {k: v for k, v in self.nav.control("data").items() if k != "company"}
        self.assertEqual(after, before)
        self.assertEqual(self.create("keep")["State"], "EXISTS")


class WithoutKeyTable(Side):
    options = ("--no-key-table", "--language", "es-ES")

    def test_the_same_key_makes_two(self):
        self.assertEqual(self.client("KontorService", "Codeunit").Info({})["KeyTable"], "false")
        self.assertEqual([self.create("double")["State"] for _ in range(2)], ["BOOKED", "BOOKED"])
        self.assertEqual(self.nav.control("counts")["documents_by_key"]["double"], 2)
        self.assertEqual(self.find("double")["State"], "FOUND")

    def test_faults_speak_the_users_language(self):
        fault = self.fault_of(lambda: self.create("es", number="4711"))
        self.assertEqual(fault.message, "[K009] El cliente 4711 no existe.")
        self.assertEqual(len(self.page("KontorItemLedger", [("Posting_Date", "25/01/1903")], size=5)), 5)


class Names(Side):
    """A site that called its page ItemCard and left a field out; a Business Central with its own field names."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            names = os.path.join(folder, "names.json")
            with open(names, "w", encoding="utf-8") as file:
                json.dump({"services": {"item": "ItemCard", "tracking": None},
                           "fields": {"reference": {"Cross_Reference_No": "Reference_No"}},
                           "missing": {"item": ["GTIN"]}, "extra": {"item": {"Shelf_No": "A7"}},
                           "codeunit": "ShopService", "xmlports": {"50144": "60144"}, "modified_at": True}, file)
            cls.options = ("--names", names)
            super().setUpClass()

    def test_pages(self):
        wsdl = self.nav.raw("GET", path("ItemCard"))[2].decode()
        self.assertIn("page/itemcard", wsdl)
        for word, is_there in (("GTIN", False), ("Shelf_No", True), ("SystemModifiedAt", True)):
            self.assertEqual(f'name="{word}"' in wsdl, is_there, word)
        status, _, body = self.soap("ItemCard", "ReadMultiple", "<setSize>1</setSize>")
        self.assertIn(b"<ItemCard><Key>", body)
        self.assertIn(b"<Shelf_No>A7</Shelf_No>", body)
        self.assertEqual((status, self.nav.raw("GET", path("KontorTrackingCode"))[0]), (200, 404))
        rows = self.client("KontorItemReference").ReadMultiple([{"Field": "Reference_No", "Criteria": "R*"}], None, 0)
        self.assertTrue(all(r["Reference_No"].startswith("R") for r in rows))

    def test_codeunit(self):
        found = self.client("ShopService", "Codeunit").FindOrder("x", {})
        self.assertEqual(found["State"], "ABSENT")
        status, _, body = self.soap("ShopService", "FindOrder", "<ourKey>x</ourKey><booking/>", "Codeunit")
        self.assertIn(b"xmlports/x60144", body)


class Logins(Side):
    options = ("--auth", "ntlm+basic", "--user", "CORP\\kontor", "--password", "geheim", "--slow-first", "0.5")

    def curl(self, *words, user="CORP\\kontor:geheim"):
        """The HTTP statuses of the calls, which share a connection."""
        done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} ", "-u", user, *words,
                               self.nav.url + path("KontorItem"), "-o", "/dev/null",
                               self.nav.url + path("KontorItemVariant")], capture_output=True, check=True, timeout=30)
        return done.stdout.decode().split()

    def test_ntlm(self):
        before = len(self.nav.control("requests"))
        self.assertEqual(self.curl("--ntlm"), ["200", "200"])
        logins = [r for r in self.nav.control("requests")[before:] if r.get("login")]
        self.assertEqual(len(logins), 1, "the second call used the login of the connection")
        self.assertEqual(self.curl("--ntlm", user="kontor:geheim"), ["200", "200"])
        for wrong in ("kontor:falsch", "jemand:geheim", "OTHER\\kontor:geheim"):
            self.assertEqual(self.curl("--ntlm", user=wrong), ["401", "401"], wrong)

    def test_a_post_by_ntlm(self):
        space = "urn:microsoft-dynamics-schemas/page/kontorunitofmeasure"
        body = ENVELOPE % f'<ReadMultiple xmlns="{space}"><setSize>0</setSize></ReadMultiple>'
        done = subprocess.run([
            "curl", "-s", "--ntlm", "-u", "kontor:geheim", "-H", "Content-Type: text/xml", "-H",
            f"SOAPAction: {space}:ReadMultiple", "-d", body, self.nav.url + path("KontorUnitOfMeasure")],
            capture_output=True, check=True, timeout=30)
        self.assertIn(b"<Code>STK</Code>", done.stdout)

    def test_a_login_belongs_to_its_connection(self):
        """A third message on another connection than its challenge is worth nothing."""
        ours = navauth.Ntlm("kontor", "geheim")
        challenge = ours.step("NTLM " + "TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=")
        self.assertTrue(challenge.startswith("NTLM TlRMTVNTUAAC"))
        self.assertEqual(ours.step("NTLM TlRMTVNTUAADAAAA" + "A" * 80), "NTLM")
        self.assertFalse(ours.is_open)
        other = navauth.Ntlm("kontor", "geheim")
        self.assertEqual(other.step("NTLM TlRMTVNTUAADAAAA" + "A" * 80), "NTLM")
        self.assertIn("never given", other.refused)

    def test_basic(self):
        rows = self.client("KontorUnitOfMeasure", login=("CORP\\kontor", "geheim")).ReadMultiple(
            [{"Field": "Code", "Criteria": "M"}], None, 0)
        self.assertEqual(len(rows), 1)
        self.assertEqual(self.curl("--basic", user="kontor:falsch"), ["401", "401"])
        status, headers, _ = self.nav.raw("GET", path("KontorItem"))
        self.assertEqual((status, headers.get_all("WWW-Authenticate")), (401, ["NTLM", 'Basic realm=""']))

    def test_the_first_call_is_slow(self):
        login = ("CORP\\kontor", "geheim")
        self.client("KontorItemCategory", login=login)
        seconds = []
        for _ in range(2):
            began = time.monotonic()
            self.page("KontorItemCategory")
            seconds.append(time.monotonic() - began)
        self.assertGreater(seconds[0], 0.5)
        self.assertLess(seconds[1], 0.5)


class Parts(unittest.TestCase):
    def test_md4(self):
        for text, digest in ((b"", "31d6cfe0d16ae931b73c59d7e0c089c0"), (b"abc", "a448017aaf21d8525fc10ae87aa6729d"),
                             (b"1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536")):
            self.assertEqual(navauth.md4(text).hex(), digest)

    def test_dates(self):
        for language, sample in (("de-DE", "31.12.01"), ("es-ES", "31/12/01"), ("en-US", "12/31/01")):
            locale = navfilter.Locale(language)
            self.assertEqual(locale.show(datetime.date(2001, 12, 31)), sample)
            self.assertEqual(locale.read(sample), "2001-12-31")
        self.assertEqual(navfilter.Locale("de-DE", "yyyy-MM-dd").read("1902-06-01"), "1902-06-01")
        self.assertEqual(navfilter.Locale("de-DE").read("01.06.30"), "1930-06-01")

    def test_data_files_are_checked(self):
        for table, row in (("item", {"No": "x" * 21}), ("item", {"No": "1", "Net_Weight": "1,5"}),
                           ("item", {"No": "1", "Blocked": "yes"}), ("item", {"No": "1", "Colour": "red"}),
                           ("ledger", {"Posting_Date": "1902-13-01"}), ("customer", {"No": "1", "Blocked": "Never"})):
            with self.assertRaises(navforms.DataError):
                navforms.check_row(table, row)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")    # zeep leaves its connections open
