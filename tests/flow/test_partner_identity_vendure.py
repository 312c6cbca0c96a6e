#!/usr/bin/python3
"""Whose Vendure it is: the channel, its token and when it was made are pinned. Another shop, or
another channel of the same one, gets nothing."""
import http.server
import json
import threading
import unittest

import kontor_under_test as kut

LOGIN = ("superadmin", kut.SHOP_LOGIN[1])
CHANNEL = {"id": "1", "code": "__default_channel__", "token": "tok-one",
           "createdAt": "2026-01-05T09:00:00.000Z", "defaultLanguageCode": "de",
           "defaultCurrencyCode": "EUR", "availableCurrencyCodes": ["EUR"],
           "pricesIncludeTax": True, "seller": {"name": "Default Seller"}}


class Admin(http.server.BaseHTTPRequestHandler):
    """The admin API as far as the question goes of who is there; whatever else comes is kept."""
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        query = json.loads(body)["query"] if body[:1] == b"{" else "upload"
        head, told = {}, {"errors": [{"message": "not known here", "extensions": {"code": "X"}}]}
        if "login(" in query:
            head, told = {"vendure-auth-token": "session"}, {"data": {"login": {"id": "1"}}}
        elif "activeChannel" in query:
            told = {"data": {
                "activeChannel": self.server.channel,
                "globalSettings": {"serverConfig": {"moneyStrategyPrecision": 2,
                                                    "entityCustomFields": []}},
                "stockLocations": {"items": [{"id": "1", "name": "Default"}]},
                "taxCategories": {"items": [{"id": "1", "name": "Standard"}]}}}
        else:
            self.server.others.append(query)
        answer = json.dumps(told).encode()
        self.send_response(200)
        for name, value in dict(head, **{"Content-Type": "application/json",
                                         "Content-Length": str(len(answer))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.vendure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Admin)
        cls.vendure.channel, cls.vendure.others = CHANNEL, []
        cls.thread = threading.Thread(target=cls.vendure.serve_forever, daemon=True)
        cls.thread.start()
        cls.addClassCleanup(cls.thread.join)
        cls.addClassCleanup(cls.vendure.server_close)
        cls.addClassCleanup(cls.vendure.shutdown)
        cls.folder = kut.make_folder("vendure")
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.sap = kut.start_sap(cls.folder, articles=4)
        cls.addClassCleanup(cls.sap.kill)
        settings = kut.fast_settings(cls.sap, cls.sap)
        shop = settings["channels"]["shop"]
        shop["adapter"] = "vendure"
        port = cls.vendure.server_address[1]
        shop["connection"] = {"url": f"http://127.0.0.1:{port}/admin-api", "user": LOGIN[0],
                              "password": "env:KONTOR_TEST_SHOP", "timeout": "2s",
                              "connect_timeout": "1s"}
        cls.kontor = kut.Kontor(cls.folder, settings).migrate()
        cls.addClassCleanup(cls.kontor.close)

    def who(self, *words):
        """Exit status of a check, and what it says about who answers and who is pinned."""
        done = self.kontor.run("--json", "check", *words)
        found = [x for x in json.loads(done.out)["findings"] if x["area"] == "channel shop"]
        return [x for x in found if "pinned" in x["text"]]

    def test_1_the_first_one_is_pinned_and_stays(self):
        for _ in range(2):
            pinned = self.who()
            self.assertEqual([(x["level"], "tok-one" in x["text"]) for x in pinned], [("ok", True)])

    def test_2_another_one_is_refused_and_gets_nothing(self):
        for change in ({"token": "tok-two", "createdAt": "2026-02-01T00:00:00.000Z"},
                       {"id": "2", "code": "b2b", "token": "tok-b2b"},
                       {"createdAt": "2026-03-01T00:00:00.000Z"}):
            with self.subTest(change):
                self.vendure.channel = dict(CHANNEL, **change)
                self.vendure.others.clear()
                found = self.who()
                self.assertEqual([x.get("code") for x in found], ["PARTNER_IDENTITY"])
                self.assertEqual(found[0]["level"], "problem")
                self.vendure.others.clear()        # what the check itself asked to compare contracts
                self.kontor.must("sync", "all", "--wait", "1", status=(5,))
                self.assertTrue(self.kontor.exception("PARTNER_IDENTITY", "shop"))
                self.assertEqual(self.vendure.others, [])

    def test_3_meant_so_it_is_pinned_anew(self):
        self.vendure.channel = dict(CHANNEL, token="tok-new")
        self.assertEqual([x["level"] for x in self.who("--pin-anew", "shop")], ["ok"])
        self.assertEqual([x["level"] for x in self.who()], ["ok"])
        self.vendure.others.clear()
        self.kontor.must("sync", "all", "--wait", "1", status=(0, 1, 5))
        self.assertNotEqual(self.vendure.others, [])       # and now it is worked with


if __name__ == "__main__":
    kut.main()
