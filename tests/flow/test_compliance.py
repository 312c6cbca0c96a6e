#!/usr/bin/python3
"""Certificates with a clock: an article leaves the shop of the market in which it may no longer be
sold, within a minute and nowhere else, and comes back with its next certificate."""
import base64
import datetime
import http.client
import os
import time
import zoneinfo
from xml.sax.saxutils import escape

import kontor_under_test as kut
from kontor_under_test import wait_for

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
LOGIN = "Basic " + base64.b64encode(b"sap:s3cret").decode()


def certificate(number, variants=(), products=(), families=(), markets=("DE",), deleted=False, **more):
    """One certificate as a push brings it; more: validUntil, revokedAt … in the order of the form."""
    def ids(name, values):
        inner = "".join(f"<p:item>{escape(v)}</p:item>" for v in values)
        return f"<p:{name}>{inner}</p:{name}>" if values else ""
    words = "".join(f"<p:{name}>{more[name]}</p:{name}>"
                    for name in ("validFrom", "validUntil", "revokedAt") if name in more)
    gone = "<p:deleted>true</p:deleted>" if deleted else ""
    return (f"<p:certificate>{gone}<p:scheme>CE</p:scheme><p:number>{escape(number)}</p:number>"
            f"{ids('markets', markets)}{ids('products', products)}{ids('variants', variants)}"
            f"{ids('families', families)}{words}</p:certificate>")


class Compliance(kut.Bench):
    """Two shops of one catalogue, in Germany and in France; lamps need CE in Germany."""
    is_wide = True
    articles = 26

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lamps = [a for a in cls.sap.control("data")["articles"]
                 if a.get("MATKL") == "LAMP" and not a.get("DELETED")]
        cls.page = next(a["MATNR"] for a in lamps if a.get("GENERIC"))
        today = datetime.date.today().isoformat()
        cls.variants = [a["MATNR"] for a in lamps if a.get("PARENT") == cls.page
                        and kut.orders.is_sold(a, today)]
        sold = {g.sku for g in cls.goods}
        cls.flat = [a["MATNR"] for a in lamps if not a.get("PARENT") and not a.get("GENERIC")
                    and a["MATNR"] in sold]
        assert len(cls.variants) >= 3 and len(cls.flat) >= 2, (cls.variants, cls.flat)
        cls.number = 0

    @classmethod
    def make_kontor(cls):
        folder = os.path.join(cls.folder, "france")
        os.mkdir(folder)
        cls.france = kut.start_shop(folder)
        cls.addClassCleanup(lambda: cls.france.process.poll() is None and cls.france.kill())
        with open(os.path.join(cls.folder, "partner.secret"), "w", encoding="ascii") as file:
            file.write("s3cret")
        os.chmod(file.name, 0o600)
        cls.clock = os.path.join(cls.folder, "clock")
        kut.set_clock(cls.clock, 0)
        settings = kut.fast_settings(cls.sap, cls.shop, **kut.QUICK)
        settings["erps"]["main"]["every"] = dict(kut.EVERY_SECOND, documents="0s")
        shop = settings["channels"]["shop"]
        settings["channels"]["france"] = dict(
            {k: v for k, v in shop.items() if k != "orders"}, market="FR", zone="Europe/Paris",
            connection=dict(shop["connection"], url=cls.france.url))
        settings["listen"] = {"door": {"port": 0, "roles": ["push"]}}
        settings["partners"] = {"sap": {"erp": "main", "user": "sap",
                                        "password": "file:partner.secret"}}
        settings["documents"] = {"silent": "26h", "when_silent": "keep"}
        settings["compliance"] = {"certificates": {
            "ce": {"scheme": "CE", "classes": ["LAMP"], "markets": ["DE"]}}}
        return kut.Kontor(cls.folder, settings)

    # ---- the clock of the program

    def go_to(self, moment):
        kut.set_clock(self.clock, int(moment.timestamp() - time.time()))

    def now(self):
        with open(self.clock, encoding="ascii") as file:
            return datetime.datetime.fromtimestamp(time.time() + int(file.read()), ZONE)

    def later(self, **time_span):
        self.go_to(self.now() + datetime.timedelta(**time_span))

    # ---- what comes in

    def serve(self):
        node = self.kontor.serve(KT_CLOCK_FILE=self.clock)
        wait_for("the listener", lambda: "event=service.started" in node.text(), alive=[node])
        type(self).node = node
        return node

    def push(self, *certificates):
        type(self).number += 1
        body = ('<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
                '<p:PushCertificates xmlns:p="urn:kontor:push:1">'
                f"<p:messageId>m-{self.number}</p:messageId>{''.join(certificates)}"
                "</p:PushCertificates></e:Body></e:Envelope>").encode()
        line = http.client.HTTPConnection("127.0.0.1", self.node.port("door"), timeout=20)
        line.request("POST", "/soap/push", body, {
            "Content-Type": "text/xml; charset=utf-8", "Authorization": LOGIN,
            "SOAPAction": '"urn:kontor:push:1/PushCertificates"'})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        self.assertEqual(answer.status, 200, text)
        self.assertIn("refused>0<", text, text)

    # ---- what is seen

    @staticmethod
    def is_offered(shop, sku):
        found = [p for p in shop.control("products") if p["sku"] == sku and p["status"] != "trash"]
        return bool(found) and found[0]["status"] == "publish"

    def wait_offered(self, sku, is_it=True, deadline_s=30):
        wait_for(f"{sku} {'in' if is_it else 'out of'} the German shop",
                 lambda: self.is_offered(self.shop, sku) is is_it, deadline_s, [self.node])

    def reason(self, sku, code):
        return wait_for(f"{code} of {sku}",
                        lambda: self.kontor.exception(code, "shop", sku=sku), 20, [self.node])

    def beat(self):
        """An article that has nothing to do with it is sent: what was due before it has had its turn."""
        sku = next(g.sku for g in self.goods if g.sku not in self.flat + self.variants)
        name = f"Kabel {self.now().isoformat()}"
        self.change("article", {"MATNR": sku}, TEXT=[{"LANGU": "DE", "NAME": name}])
        wait_for("its new name", lambda: self.product(sku)["name"] == name, 20, [self.node])

    # ---- the story, in the order of time

    def test_01_nothing_is_sold_without_a_certificate_where_one_is_needed(self):
        tomorrow = datetime.datetime.now(ZONE).date() + datetime.timedelta(days=1)
        type(self).noon = datetime.datetime.combine(tomorrow, datetime.time(12), ZONE)
        self.go_to(self.noon)
        self.serve()
        for sku in (self.variants[0], self.flat[0]):
            wait_for(f"{sku} in France", lambda s=sku: self.is_offered(self.france, s), 60,
                     [self.node])
            x = self.reason(sku, "CERTIFICATE_NEEDED")
            self.assertEqual((x["parameters"]["scheme"], x["parameters"]["market"]), ("CE", "DE"))
            self.assertIn("is not sold in DE", x["sentence"])
            self.assertFalse(self.is_offered(self.shop, sku))
        other = next(g.sku for g in self.goods if g.sku not in self.flat + self.variants)
        self.wait_offered(other)
        self.assertFalse([x for x in self.kontor.exceptions() if x["endpoint"] == "france"])

    def test_02_a_push_brings_them_in(self):
        type(self).two = self.noon.replace(hour=14)
        self.push(certificate("CE-1", variants=self.variants[1:]),
                  certificate("CE-2", variants=[self.variants[0]],
                              revokedAt=self.two.isoformat()),
                  certificate("CE-3", products=self.flat[:1], validUntil=self.noon.date().isoformat()),
                  certificate("CE-4", families=["NOBODY"]))
        for sku in (*self.variants[:3], self.flat[0]):
            self.wait_offered(sku)
        self.assertFalse(self.is_offered(self.shop, self.flat[1]))
        wait_for("no open refusal", lambda: not self.kontor.exception(
            "CERTIFICATE_NEEDED", "shop", sku=self.variants[0]), alive=[self.node])

    def test_03_one_that_ends_at_two_is_gone_by_a_minute_past_two_and_nowhere_else(self):
        ending, *others = self.variants[:3]
        self.go_to(self.two - datetime.timedelta(seconds=45))
        self.beat()
        self.assertTrue(self.is_offered(self.shop, ending))
        self.go_to(self.two + datetime.timedelta(seconds=1))
        self.wait_offered(ending, False, 50)
        self.assertLess(self.now(), self.two + datetime.timedelta(minutes=1))
        x = self.reason(ending, "CERTIFICATE_ENDED")
        self.assertEqual(x["parameters"]["number"], "CE-2")
        self.assertEqual(x["parameters"]["market"], "DE")
        self.assertIn("CE-2", x["sentence"])
        for sku in others:
            self.assertTrue(self.is_offered(self.shop, sku))
        for sku in (ending, *others):
            self.assertTrue(self.is_offered(self.france, sku))
        self.assertTrue(self.is_offered(self.shop, self.page))

    def test_04_the_next_one_brings_it_back(self):
        self.push(certificate("CE-5", variants=[self.variants[0]]))
        self.wait_offered(self.variants[0])
        wait_for("its reason closed", lambda: not self.kontor.exception(
            "CERTIFICATE_ENDED", "shop", sku=self.variants[0]), alive=[self.node])

    def test_05_the_last_day_ends_at_the_markets_midnight(self):
        sku = self.flat[0]
        midnight = datetime.datetime.combine(
            self.noon.date() + datetime.timedelta(days=1), datetime.time(), ZONE)
        self.go_to(midnight - datetime.timedelta(seconds=45))
        self.beat()
        self.assertTrue(self.is_offered(self.shop, sku))
        self.go_to(midnight + datetime.timedelta(seconds=1))
        self.wait_offered(sku, False, 50)
        self.assertLess(self.now(), midnight + datetime.timedelta(minutes=1))
        self.assertTrue(self.is_offered(self.france, sku))
        self.assertEqual(self.reason(sku, "CERTIFICATE_ENDED")["parameters"]["date"],
                         self.noon.date().isoformat())

    def order_of(self, sku, placed):
        good = next(g for g in self.goods if g.sku == sku)
        order, = kut.sound([good], 1)
        stamp = placed.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        made, = self.place(order, date_created_gmt=stamp, date_paid_gmt=stamp)
        return made

    def test_06_an_order_of_behind_the_end_is_held_and_one_of_before_goes_through(self):
        sku = self.flat[0]
        end = datetime.datetime.combine(
            self.noon.date() + datetime.timedelta(days=1), datetime.time(), ZONE)
        before = self.order_of(sku, end - datetime.timedelta(seconds=2))
        behind = self.order_of(sku, end + datetime.timedelta(seconds=2))
        self.wait_told([before], self.node)
        wait_for("the held order", lambda: self.kontor.query(
            "SELECT 1 FROM orders WHERE order_id = ? AND state = 'held'", str(behind)),
            alive=[self.node])
        self.assertEqual(len(self.documents()[before]), 1)
        self.assertEqual(self.documents()[behind], [])
        held = [x for x in self.kontor.exceptions() if x["subject"] == "order"]
        self.assertEqual([x["code"] for x in held], ["CERTIFICATE_ENDED"])
        self.assertEqual(held[0]["parameters"]["sku"], sku)
        # known later, but in force when the customer ordered: it goes through
        self.push(certificate("CE-6", products=[sku], validFrom=end.date().isoformat()))
        self.wait_offered(sku)
        self.kontor.must("exceptions", "retry", str(held[0]["number"]))
        self.wait_told([behind], self.node)
        self.assertEqual(len(self.documents()[behind]), 1)

    def test_07_silence_is_told_and_keeps_what_ends_then(self):
        sku = self.flat[1]
        self.push(certificate("CE-7", products=[sku],
                              validUntil=(self.now().date()
                                          + datetime.timedelta(days=3)).isoformat()))
        self.wait_offered(sku)
        self.later(days=2)
        wait_for("the alarm", lambda: self.kontor.exception("CERTIFICATES_SILENT"), 20, [self.node])
        self.assertIn("kts-100", self.kontor.exception("CERTIFICATES_SILENT")["sentence"])
        self.later(days=3)
        wait_for("the warning", lambda: self.kontor.exception(
            "CERTIFICATE_ENDS_SOON", number="CE-7"), 20, [self.node])
        self.beat()
        self.assertTrue(self.is_offered(self.shop, sku))
        self.push(certificate("CE-4", families=["NOBODY"]))     # no news: but a word
        wait_for("the end of the alarm",
                 lambda: self.later(hours=1) or not self.kontor.exception("CERTIFICATES_SILENT"),
                 20, [self.node])
        self.wait_offered(sku, False, 50)
        self.reason(sku, "CERTIFICATE_ENDED")

    def test_08_the_other_policy_hides_it(self):
        sku = self.flat[1]
        self.assertEqual(self.node.stop(), 0)
        self.kontor.write(dict(self.kontor.settings, documents={"silent": "26h"}))
        self.serve()
        self.push(certificate("CE-8", products=[sku],
                              validUntil=(self.now().date()
                                          + datetime.timedelta(days=3)).isoformat()))
        self.wait_offered(sku)
        self.later(days=5)
        self.wait_offered(sku, False, 50)
        wait_for("the alarm", lambda: self.kontor.exception("CERTIFICATES_SILENT"), 20, [self.node])

    def test_09_check_says_what_is_in_force(self):
        text = self.kontor.must("check", status=(0, 1), env={"KT_CLOCK_FILE": self.clock})
        for words in ("Articles of LAMP are sold in DE only while a certificate CE holds "
                      "(channels: shop).", "for 26 h", "hidden",
                      "Its certificates were last spoken of at", "which is too long ago",
                      "push.blobs names no folder"):
            self.assertIn(words, " ".join(text.split()))
        self.assertNotIn("No certificate CE is known", text)

    def test_10_the_database_is_whole(self):
        self.assertEqual(self.node.stop(), 0)
        self.assert_whole()


if __name__ == "__main__":
    kut.main()
