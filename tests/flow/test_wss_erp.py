#!/usr/bin/python3
"""Kontor and an ERP that signs and encrypts: the catalogue travels, each order is booked once however many answers
cannot be believed, and what is not signed never refuses an order."""
import os
import sys

import kontor_under_test as kut
import nav_under_test as nav
from kontor_under_test import wait_for

try:
    import soapkeys
except ImportError as missing:
    print(f"skipped: {missing}; run scripts/deps --test")
    sys.exit(77)

ALWAYS = ("unsigned", "control", "nul", "other_key", "tampered", "wrapped", "stale", "future", "no_timestamp")
RELATED = ("other_request", "unrelated", "replayed")
CONFIRMED = ("unconfirmed", "other_confirmation", "replayed", "garbage", "clear")


class Secured:
    """What both ERPs share: keys in a folder, the policy on both sides."""
    asked, answered = ["signature", "encryption"], ["signature", "encryption", "confirmation"]
    kinds = ALWAYS + CONFIRMED

    @classmethod
    def make_keys(cls):
        cls.keys = kut.make_folder("keys")
        cls.addClassCleanup(kut.drop_folder, cls.keys)
        return ("--wss", soapkeys.make(cls.keys, cls.asked, cls.answered))

    @classmethod
    def secured(cls, settings, **policy):
        """These settings with keys and policy; the connection names it."""
        def at(name):
            return os.path.join(cls.keys, name)
        own = {"requires": cls.answered, "gives": cls.asked, "signers": [at("erp.pem")]}
        if "encryption" in cls.asked:
            own["recipient"] = at("erp-box.pem")
        keys = {name: {"purpose": purpose, "state": "active", "certificate": at(file + ".pem"), "key": at(file + ".key")}
                for name, purpose, file in (("ours", "sign", "kontor"), ("box", "decrypt", "kontor-box"))}
        settings = dict(settings, security={"clock": "trusted"}, keys=keys, wss={"erp": dict(own, **policy)})
        settings["erps"]["main"]["connection"]["wss"] = "erp"
        return settings

    def misbehave(self, erp, on, kinds, **more):
        erp.control("misbehave", {"rules": [dict({"on": on, "mode": "security", "what": kind, "times": 1}, **more)
                                            for kind in kinds]})

    def assert_all_befell(self, erp):
        self.assertEqual([r for r in erp.control("misbehave") if r["hits"] != 1], [])

    def assert_all_were_secured(self, erp):
        had = sorted(self.asked)
        asked = [r for r in erp.control("requests") if r.get("function")]
        self.assertGreater(len(asked), 10)
        self.assertEqual([r for r in asked if r["had"] != had], [])
        # a request comes once: the stand-in refuses a signature that it has seen
        self.assertEqual([r for r in erp.control("requests") if r.get("error")], [])

    def assert_nothing_open(self):
        wait_for("no order's exception", lambda: not self.kontor.query(
            "SELECT 1 FROM exceptions WHERE open_mark IS NOT NULL AND subject = ?", "order"), alive=[self.node])
        self.assertEqual(set(self.kontor.states()), {"told"})


class Sap(Secured, kut.Bench):
    @classmethod
    def setUpClass(cls):
        cls.sap_options = cls.make_keys()
        super().setUpClass()
        report = cls.kontor.sync()
        assert report["rest"]["left"] == 0, report
        cls.node = cls.kontor.serve()

    @classmethod
    def make_kontor(cls):
        return kut.Kontor(cls.folder, cls.secured(kut.fast_settings(cls.sap, cls.shop, **cls.more)))

    def setUp(self):
        self.sap.control("misbehave", method="DELETE")

    def booked(self, ids):
        """Each exactly once, and the shop knows the number."""
        self.wait_told(ids, self.node, 60)
        documents = self.documents()
        for order_id in ids:
            self.assertEqual([d["number"] for d in documents[order_id]], [self.erp_number(order_id)])

    def test_a_catalogue_and_orders(self):
        self.assert_same_as_sap()
        self.booked(self.place(5))
        self.assert_all_were_secured(self.sap)
        self.assert_nothing_open()

    def test_answers_that_cannot_be_believed(self):
        """Each befalls one create, whose order is booked all the same, and is looked up."""
        self.booked(self.place(1))              # an answer to be replayed
        self.misbehave(self.sap, "Z_KONTOR_ORDER_CREATE", self.kinds)
        self.booked(self.place(len(self.kinds)))
        self.assert_all_befell(self.sap)
        unsure = [line for line in self.node.text().splitlines() if "event=order.unsure" in line]
        self.assertGreaterEqual(len(unsure), len(self.kinds))
        self.assertEqual([line for line in unsure if "WSS_ANSWER" not in line], [])
        self.assert_all_were_secured(self.sap)
        self.assert_nothing_open()

    def test_a_refusal_that_nobody_signed(self):
        """A fault of the business, but booked: only its signature would make it believable."""
        kinds = ("unsigned", "other_key", "tampered")
        self.misbehave(self.sap, "Z_KONTOR_ORDER_CREATE", kinds, **{"as": "fault"})
        self.booked(self.place(len(kinds)))
        self.assert_all_befell(self.sap)
        self.assert_nothing_open()

    def test_a_refusal_that_is_signed(self):
        self.sap.control("misbehave", {"on": "Z_KONTOR_ORDER_CREATE", "mode": "fault", "times": 1})
        order_id, = self.place(1)
        x = wait_for("ORDER_REFUSED", lambda: self.kontor.exception("ORDER_REFUSED", order=str(order_id)),
                     alive=[self.node])
        self.kontor.must("exceptions", "retry", str(x["number"]))
        self.booked([order_id])
        self.assert_nothing_open()

    def test_look_ups_and_feeds_that_cannot_be_believed(self):
        kinds = ("unsigned", "tampered", "stale")
        self.misbehave(self.sap, "Z_KONTOR_ORDER_CREATE", kinds)
        self.misbehave(self.sap, "Z_KONTOR_ORDER_FIND", kinds)
        row = self.plain_price(self.goods[0].sku)
        self.misbehave(self.sap, "Z_KONTOR_PRICES", kinds)
        self.change("price", row, AMOUNT=kut.moved(row["AMOUNT"]))
        self.booked(self.place(len(kinds)))
        wait_for("prices read again", lambda: not [
            r for r in self.sap.control("misbehave") if r["hits"] != 1], alive=[self.node])
        self.booked(self.place(1))
        wait_for("the same catalogue", lambda: not kut.compare(self.sap, self.shop).found, 30, [self.node])

    def test_whoever_runs_it_is_told(self):
        self.sap.control("misbehave", {"on": "*", "mode": "security", "what": "other_key"})
        x = wait_for("WSS_ANSWER", lambda: self.kontor.exception("WSS_ANSWER", detail="key.unknown"), 30, [self.node])
        self.assertIn("was not believed", x["sentence"])
        self.sap.control("misbehave", method="DELETE")
        wait_for("it is over", lambda: "WSS_ANSWER" not in self.kontor.open_codes(), 30, [self.node])
        self.booked(self.place(1))

    def test_check(self):
        done = self.kontor.run("check")
        self.assertIn("only signed answers are believed", done.out)
        self.assertIn("confirm our signature" if "confirmation" in self.answered else "relate to our request", done.out)
        self.assertNotIn("WSS_", done.out)
        try:
            self.kontor.write(self.secured(self.kontor.settings, signers=[os.path.join(self.keys, "tls.pem")]))
            done = self.kontor.run("check")
            self.assertNotEqual(done.status, 0)
            self.assertIn("key.unknown", done.out)
        finally:
            self.kontor.write(self.secured(self.kontor.settings))


class SapRelated(Sap):
    """Signed alone, and told apart by wsa:RelatesTo."""
    asked, answered = ["signature"], ["signature"]
    kinds = ALWAYS + RELATED


class Nav(Secured, nav.Bench):
    @classmethod
    def setUpClass(cls):
        cls.nav_options = cls.make_keys()
        super().setUpClass()
        cls.goods = nav.goods_of(nav.company_folders(cls.folder)[0])
        report = cls.kontor.sync()
        assert report["rest"]["left"] == 0, report
        cls.node = cls.kontor.serve()

    @classmethod
    def make_settings(cls):
        return cls.secured(super().make_settings())

    def setUp(self):
        self.nav.control("misbehave", method="DELETE")

    def booked(self, count):
        placed = kut.orders.post(self.shop.url, kut.sound(self.goods, count))
        for order_id in [o["id"] for o in placed]:
            order = wait_for(f"a number at order {order_id}", lambda order_id=order_id: next(
                (o for o in self.shop.control("orders") if o["id"] == order_id and kut.number_of(o)), None), 60,
                [self.node])
            found = self.documents(kut.meta(order).get(kut.KEY))
            self.assertEqual([d["number"] for d in found], [kut.number_of(order)])

    def test_a_catalogue_and_orders(self):
        self.assert_same_as_nav()
        self.booked(3)
        self.assert_all_were_secured(self.nav)
        self.assert_nothing_open()

    def test_answers_that_cannot_be_believed(self):
        self.booked(1)
        self.misbehave(self.nav, "CreateOrder", self.kinds)
        self.misbehave(self.nav, "KontorItem.ReadMultiple", ("unsigned", "tampered", "stale"))
        self.booked(len(self.kinds))
        wait_for("items read again", lambda: not [
            r for r in self.nav.control("misbehave") if r["hits"] != 1], alive=[self.node])
        self.assert_all_were_secured(self.nav)
        self.assert_nothing_open()
        self.assert_same_as_nav()

    def test_a_refusal_that_nobody_signed(self):
        kinds = ("unsigned", "other_key", "tampered")
        self.misbehave(self.nav, "CreateOrder", kinds, **{"as": "fault"})
        self.booked(len(kinds))
        self.assert_all_befell(self.nav)
        self.assert_nothing_open()


if __name__ == "__main__":
    kut.main()
