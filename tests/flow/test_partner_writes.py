#!/usr/bin/python3
"""The calls that change something, spoilt in every way: no order and no number is lost or doubled,
and what fails again and again comes before a person although everything beside it goes well."""
import kontor_under_test as kut
from kontor_under_test import wait_for

CREATE = "Z_KONTOR_ORDER_CREATE"


class Writes(kut.Bench):
    """The calls that change something, spoilt once each."""
    more = kut.QUICK
    articles = 24

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kontor.sync()
        cls.node = cls.kontor.serve()

    def setUp(self):
        self.addCleanup(lambda: [p.control("misbehave", method="DELETE")
                                 for p in (self.sap, self.shop)])

    def all_told_once(self, ids):
        self.wait_told(ids, self.node, 40)
        documents = self.documents()
        self.assertEqual([len(documents[i]) for i in ids], [1] * len(ids))
        wait_for("no open exceptions", lambda: not self.kontor.open_codes(), 20, [self.node])

    def test_creates_in_sap(self):
        rules = [{"mode": "return_e", "id": "V1", "number": "384",
                  "message": "Sold-to party is not maintained"},
                 {"mode": "fault", "id": "VP", "number": "199",
                  "message": "The sales area is not defined"},
                 {"mode": "html", "create": True}, {"mode": "html", "create": False},
                 {"mode": "truncate"}, {"mode": "error_after_create"},
                 {"mode": "status", "status": 401}, {"mode": "status", "status": 502},
                 {"mode": "status", "status": 429, "retry_after": 1},
                 {"mode": "cut", "create": True}, {"mode": "late", "delay_s": 2},
                 {"mode": "lock", "hold_s": 2}]
        self.sap.control("misbehave", {"rules": [dict(r, on=CREATE, times=1) for r in rules]})
        ids = self.place(len(rules) + 2)
        wait_for("two refusals", lambda: self.kontor.open_codes().count("ORDER_REFUSED") == 2, 30,
                 [self.node])
        refused = [x for x in self.kontor.exceptions() if x["code"] == "ORDER_REFUSED"]
        texts = sorted(x["sentence"] for x in refused)
        for x in refused:
            self.assertEqual((x["verdict"], x["owner"]), ("REJECT", "clerk"))
        self.assertTrue(any("Sold-to party is not maintained (V1 384)" in t for t in texts), texts)
        self.assertTrue(any("The sales area is not defined (VP 199)" in t for t in texts), texts)
        held = {int(x["parameters"]["order"]) for x in refused}
        self.wait_told(set(ids) - held, self.node, 40)     # the others did not wait for them
        self.kontor.must("exceptions", "retry", "--cause", "ORDER_REFUSED")
        self.all_told_once(ids)
        hits = {r["mode"]: r["hits"] for r in self.sap.control("misbehave")}
        self.assertEqual(set(hits.values()), {1}, hits)

    def test_numbers_told_to_the_shop(self):
        rules = [{"mode": "html", "apply": True}, {"mode": "lying"}, {"mode": "truncate"},
                 {"mode": "error_after_apply"}, {"mode": "cut", "apply": True},
                 {"mode": "cut", "apply": False}, {"mode": "status", "status": 401},
                 {"mode": "status", "status": 429, "retry_after": 1}]
        self.shop.control("misbehave", {"rules": [dict(r, on="PUT /orders/*", times=1)
                                                  for r in rules]})
        self.all_told_once(self.place(4))
        fired = [r["fired"] for r in self.shop.control("misbehave")["rules"]]
        self.assertEqual(fired, [1] * len(rules))

    def test_one_refused_product_does_not_stop_the_others(self):
        skus = [g.sku for g in self.goods[:5]]
        self.shop.control("misbehave", {
            "on": "POST /products/batch", "mode": "item_error", "skus": [skus[2]], "status": 400,
            "code": "product_invalid_name", "message": "The name is on the black list."})
        for n, sku in enumerate(skus):
            self.sap.control("change", {"kind": "article", "key": {"MATNR": sku}, "set": {"TEXT": [
                {"LANGU": "DE", "NAME": f"Neuer Name {n}", "LONG_TEXT": "neu"}]}})

        def names():
            known = {p["sku"]: p["name"] for p in self.shop.control("products")}
            return [known[sku] for sku in skus]
        wait_for("four new names", lambda: sum(n.startswith("Neuer") for n in names()) == 4,
                 alive=[self.node])
        x = wait_for("the refusal", lambda: self.kontor.exception("CHANNEL_REFUSED"),
                     alive=[self.node])
        self.assertIn(skus[2], x["sentence"])
        self.assertIn("The name is on the black list. (product_invalid_name)", x["sentence"])
        self.shop.control("misbehave", method="DELETE")
        self.kontor.must("exceptions", "retry", str(x["number"]))
        wait_for("five new names", lambda: all(n.startswith("Neuer") for n in names()),
                 alive=[self.node])
        wait_for("no open exceptions", lambda: not self.kontor.open_codes(), alive=[self.node])

    def test_a_create_that_is_never_answered_is_shown(self):
        """Each look-up says ABSENT, each create is lost: nothing is booked, and it is shown."""
        self.sap.control("misbehave", {"on": CREATE, "mode": "status", "status": 500})
        order_id, = self.place(1)
        wait_for("its exception", lambda: self.kontor.query(
            "SELECT 1 FROM exceptions x JOIN orders o ON o.our_key = x.subject_key "
            "WHERE x.subject = 'order' AND x.code = 'PARTNER_FAULT' AND o.order_id = ?",
            str(order_id)), 40, [self.node])
        self.assertEqual(self.documents()[order_id], [])
        self.sap.control("misbehave", method="DELETE")
        self.all_told_once([order_id])

    def test_numbers_that_the_shop_refuses_are_shown_although_it_can_be_read(self):
        self.shop.control("misbehave", {"on": "PUT /orders/*", "mode": "status", "status": 500})
        ids = self.place(1)
        x = wait_for("the shop's exception", lambda: self.kontor.exception("PARTNER_FAULT", "shop"),
                     alive=[self.node])
        self.assertEqual((x["subject"], x["verdict"]), ("endpoint", "RETRY"))
        self.shop.control("misbehave", method="DELETE")
        self.all_told_once(ids)

    def test_look_ups_that_fail_are_shown_although_others_are_booked(self):
        self.sap.control("misbehave", {"rules": [
            {"on": "Z_KONTOR_ORDER_FIND", "mode": "return_e", "message": "No authorisation"},
            {"on": CREATE, "mode": "cut", "create": True, "times": 1}]})
        lost, = self.place(1)
        wait_for("the lost answer", lambda: self.kontor.query(
            "SELECT 1 FROM orders WHERE state = 'sending' AND order_id = ?", str(lost)),
            alive=[self.node])
        others = self.place(3)
        self.wait_told(others, self.node)
        x = wait_for("SAP's exception", lambda: self.kontor.exception("PARTNER_FAULT", "main"),
                     alive=[self.node])
        self.assertIn("No authorisation", x["sentence"])
        self.sap.control("misbehave", method="DELETE")
        self.all_told_once([lost, *others])


if __name__ == "__main__":
    kut.main()
