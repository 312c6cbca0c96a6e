#!/usr/bin/python3
"""The set-up check on pages and a codeunit as real NAV servers published them: a site that never
heard of Kontor. Skipped where ../shared/contracts is not there.

KONTOR_TEST_SHOW=1 prints the report."""
import base64
import http.server
import json
import os
import sys
import threading
import unittest
import urllib.parse

import kontor_under_test as kut

WSDL = os.path.join(kut.HERE, "..", "..", "..", "shared", "contracts", "dynamics-nav", "wsdl")
LOGIN = ("KONTOR", "geheim-nav")
COMPANY = "CRONUS International Ltd."
SERVICES = ["item=ItemCard", "order=SalesOrder", "uom=UnitsOfMeasure", "category=ItemCategoryCard",
            "codeunit=B2BManagement"]
FAULT = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode xmlns:a="urn:microsoft-dynamics-schemas/error">a:Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException</faultcode>
<faultstring xml:lang="es-ES">El m&#233;todo no existe.</faultstring><detail>
<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">El m&#233;todo no existe.</string></detail>
</s:Fault></s:Body></s:Envelope>"""


class Site(http.server.BaseHTTPRequestHandler):
    """NAV's web services as far as a check asks: WSDLs to who is logged in, 404 for what is not
    published, a fault for a method that the codeunit does not have."""
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def reply(self, status, body, kind="text/xml; charset=utf-8", **headers):
        self.server.seen.append((self.command, urllib.parse.unquote(self.path), status))
        self.send_response(status)
        for name, value in dict(headers, Content_Type=kind, Content_Length=str(len(body))).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def may_enter(self):
        expected = "Basic " + base64.b64encode(":".join(LOGIN).encode()).decode()
        return self.headers.get("Authorization") == expected

    def do_GET(self):
        folder, _, name = urllib.parse.unquote(self.path).rpartition("/")
        kind = folder.rpartition("/")[2].lower()
        file = os.path.join(WSDL, f"{kind}_{name}.wsdl")
        if not self.may_enter():
            self.reply(401, b"", WWW_Authenticate='Basic realm="NAV"')
        elif folder.rpartition("/")[0] != f"/DynamicsNAV100/WS/{COMPANY}" or not os.path.exists(file):
            self.reply(404, b"")
        else:
            with open(file, "rb") as wsdl:
                self.reply(200, wsdl.read())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.may_enter():
            self.reply(401, b"", WWW_Authenticate='Basic realm="NAV"')
        else:
            self.reply(500, FAULT.encode())


class RealNav(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        cls.site.seen = []
        cls.thread = threading.Thread(target=cls.site.serve_forever, daemon=True)
        cls.thread.start()
        cls.folder = kut.make_folder("nav")
        cls.shop = kut.start_shop(cls.folder)
        settings = {
            "installation": "test", "database": {},
            "erps": {"main": {
                "adapter": "nav", "scope": "cronus",
                "connection": {
                    "url": f"http://127.0.0.1:{cls.site.server_address[1]}/DynamicsNAV100",
                    "company": COMPANY, "user": LOGIN[0], "password": "env:KONTOR_TEST_SAP",
                    "language": "en", "services": SERVICES, "unit_codes": "iso",
                    "one_time_customer": "10000"}}},
            "channels": {"shop": kut.fast_settings(cls.shop, cls.shop)["channels"]["shop"]}}
        cls.kontor = kut.Kontor(cls.folder, settings)
        cls.environment = {"KONTOR_TEST_SAP": LOGIN[1]}
        cls.kontor.must("db", "migrate", env=cls.environment)
        cls.done = cls.kontor.run("--json", "check", env=cls.environment)
        cls.findings = [x for x in json.loads(cls.done.out)["findings"] if x["area"] == "erp main"]
        cls.said = [x["text"] for x in cls.findings]
        if os.environ.get("KONTOR_TEST_SHOW"):
            print(cls.kontor.run("check", env=cls.environment).out)

    @classmethod
    def tearDownClass(cls):
        cls.site.shutdown()
        cls.site.server_close()
        cls.thread.join()
        cls.shop.kill()
        kut.drop_folder(cls.folder)

    def begins(self, text):
        found = [x for x in self.said if x.startswith(text)]
        self.assertEqual(len(found), 1, (text, self.said))
        return found[0]

    def test_it_only_reads(self):
        asked = {(method, path) for method, path, _ in self.site.seen}
        here = f"/DynamicsNAV100/WS/{COMPANY}"
        self.assertIn(("GET", f"{here}/Page/ItemCard"), asked)
        self.assertIn(("GET", f"{here}/Codeunit/B2BManagement"), asked)
        self.assertLessEqual({path for method, path in asked if method == "POST"},
                             {f"{here}/Codeunit/B2BManagement"})

    def test_orders_cannot_run_and_that_comes_first(self):
        self.assertEqual(self.done.status, 5, self.done.out)
        codes = [x for x in self.findings if x.get("code", "").startswith("CONTRACT_")]
        levels = [x["level"] for x in codes]
        self.assertEqual(levels, sorted(levels, reverse=True))          # problems, then notes
        for operation in ("Info", "CreateOrder", "FindOrder", "ReadPrices", "ReadStock"):
            self.begins(f"Codeunit/B2BManagement has no operation {operation}.")
        self.assertIn("No order can be created",
                      self.begins("Codeunit/B2BManagement has no operation CreateOrder."))

    def test_pages_that_are_there_are_compared_by_field(self):
        """The real item card has all of it but for what NAV 2017 has not on the page."""
        self.assertFalse([x for x in self.said if x.startswith("Page/ItemCard has no field GTIN")])
        self.assertIn("do not see which shop order",
                      self.begins("Page/SalesOrder has no field External_Document_No"))
        self.begins("Page/SalesOrder has no field Kontor_Key")
        self.assertFalse([x for x in self.said if "Page/SalesOrder has no field No." in x])

    def test_pages_that_are_not_published_are_said_with_what_follows(self):
        for page, follows in (("KontorItemVariant", "Variants are not read"),
                              ("KontorItemReference", "without GTIN"),
                              ("KontorItemTranslation", "own language only"),
                              ("KontorItemAttribute", "Characteristics do not reach"),
                              ("KontorItemUnit", "Units cannot be converted"),
                              ("KontorCustomer", "Customers are not found"),
                              ("KontorShipment", "do not learn of deliveries")):
            self.assertIn(follows, self.begins(f"The site has no Page/{page}: 404"))

    def test_the_same_in_german(self):
        done = self.kontor.run("--lang", "de", "check", env=self.environment)
        self.assertEqual(done.status, 5)
        self.assertIn("Artikel kommen ohne GTIN in die Shops", done.out)
        self.assertIn("Page/SalesOrder hat kein Feld External_Document_No", done.out)


if __name__ == "__main__":
    if not os.path.isdir(WSDL):
        print("skipped: ../shared/contracts is not there")
        sys.exit(77)
    kut.main()
