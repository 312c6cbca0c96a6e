#!/usr/bin/python3
"""Inward: every fault of an order has its own sentence and suggestion, holds that order alone, and
is over once its cause is; sound orders in between are booked at once."""
import decimal

import kontor_under_test as kut
from kontor_under_test import wait_for

D = decimal.Decimal

# fault -> code, its words in both languages (sentence, suggestion)
WORDS = {
    "unknown_sku": (
        "ORDER_SKU_UNKNOWN",
        ("the ERP has no article with the number", "Create the article in the ERP"),
        ("Das ERP kennt keinen Artikel", "Artikel im ERP anlegen")),
    "street_too_long": (
        "ORDER_FIELD_TOO_LONG",
        ("exceeds the 60-character ERP field limit", "Shorten it"),
        ("länger als die 60 Zeichen", "kürzen")),
    "missing_house_number": (
        "ORDER_HOUSE_NUMBER_MISSING",
        ("has no house number", "Ask the customer"),
        ("fehlt die Hausnummer", "Hausnummer beim Kunden erfragen")),
    "bad_postcode": (
        "ORDER_POSTCODE_INVALID",
        ('postal code "1799" does not fit the country DE', "Correct postal code"),
        ("Die Postleitzahl „1799“ passt nicht zum Land DE", "Postleitzahl oder Land")),
    "bad_totals": (
        "ORDER_TOTALS_DIFFER",
        ("the lines add up to", "Compare lines"),
        ("Die Positionen ergeben", "vergleichen und berichtigen")),
    "unpaid": (
        "ORDER_UNPAID",
        ("is not paid", "Wait for the payment"),
        ("ist nicht bezahlt", "Zahlung abwarten")),
    "unknown_currency": (
        "ORDER_CURRENCY_UNKNOWN",
        ("does not take the currency THB", "Allow the currency"),
        ("nimmt die Währung THB nicht an", "zulassen")),
    "price_differs": (
        "ORDER_SUM_DIFFERS",
        ("the document is blocked", "Correct the prices in document"),
        ("der Beleg ist gesperrt", "Preise im Beleg")),
}


class Faults(kut.Bench):
    """One node for all: SAP prices by itself, so that it notices when the shop sold for less."""
    sap_options = ("--pricing", "own")
    # THB passes Kontor's own list, so that it is SAP itself who does not know it; GBP does not.
    more = {"channels__shop__orders__currencies": ["EUR", "THB"],
            "channels__shop__orders__pricing": "shop"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        report = cls.kontor.sync()
        assert report["rest"]["left"] == 0, report
        cls.node = cls.kontor.serve()

    def expect_exception(self, order_id, fault):
        """Waits for the order's exception and compares its words; returns it."""
        code, english, german = WORDS[fault]
        number = str(order_id)
        wait_for(f"{code} of order {number}", lambda: self.kontor.exception(code, order=number),
                 alive=[self.node])
        for lang, (sentence, suggestion) in (("en", english), ("de", german)):
            found = [x for x in self.kontor.exceptions(lang=lang)
                     if x["parameters"].get("order") == number]
            self.assertEqual([x["code"] for x in found], [code])
            self.assertIn(sentence, found[0]["sentence"])
            self.assertIn(number, found[0]["sentence"])
            self.assertIn(suggestion, found[0]["suggestion"])
            shown = self.kontor.must("--lang", lang, "exceptions", "show",
                                     str(found[0]["number"]))
            self.assertIn(found[0]["sentence"], shown)
            self.assertIn(found[0]["suggestion"], shown)
        return found[0]

    def expect_finished(self, order_id):
        """Booked exactly once, unblocked, told, and nothing open about it."""
        self.wait_told([order_id], self.node)
        wait_for(f"order {order_id} without exceptions", lambda: not self.kontor.query(
            "SELECT 1 FROM exceptions x JOIN orders o ON o.our_key = x.subject_key "
            "WHERE o.order_id = ? AND x.open_mark IS NOT NULL", str(order_id)), alive=[self.node])
        documents = self.documents()[order_id]
        self.assertEqual(len(documents), 1)
        self.assertEqual(documents[0]["blocked"], "")
        self.assertEqual(documents[0]["number"], self.erp_number(order_id))

    def held(self, fault):
        """A faulty order between two sound ones: those are booked although it is not."""
        before, = self.place(1)
        bad, = self.place(kut.faulty(self.goods, fault))
        after, = self.place(1)
        self.wait_told([before, after], self.node)
        x = self.expect_exception(bad, fault)
        return bad, x

    def retry(self, x):
        self.kontor.must("exceptions", "retry", str(x["number"]))

    def fix_address(self, fault, **fields):
        bad, _ = self.held(fault)
        self.assertEqual(self.documents()[bad], [])
        order = self.shop_order(bad)
        self.change_order(bad, billing=fields, shipping=fields if order["shipping"]["city"] else {})
        self.expect_finished(bad)

    def test_unknown_sku_is_made_in_sap_and_retried(self):
        bad, x = self.held("unknown_sku")
        self.assertEqual(x["parameters"]["sku"], "NO-SUCH-ARTICLE")
        order = self.shop_order(bad)
        line = order["line_items"][0]
        per_piece = (D(line["total"]) + D(line["total_tax"])) / line["quantity"]
        data = self.sap.control("data")
        like = next(a for a in data["articles"]
                    if a.get("TAX_CLASS") == ("2" if line["tax_class"] else "1")
                    and a["MEINS"] == "PCE" and not a["DELETED"] and not a["SALES_BLOCKED"])
        article = {k: v for k, v in like.items()
                   if k not in ("MATNR", "CHANGED_AT", "DELETED", "GTIN")}
        price = {"MATNR": "NO-SUCH-ARTICLE", "PRICE_LIST": "00", "CURRENCY": "EUR", "PER": "1",
                 "AMOUNT": str(per_piece), "UNIT": "PCE", "GROSS": "X", "VALID_FROM": "2020-01-01",
                 "VALID_TO": "9999-12-31", "TAX_CLASS": like["TAX_CLASS"]}
        for kind, key, row in (("article", {"MATNR": "NO-SUCH-ARTICLE"}, article),
                               ("price", {"PRICE_ID": "NEW-01"}, price)):
            self.sap.control("change", {"kind": kind, "key": key, "set": row})
        wait_for("the article in Kontor", lambda: self.kontor.query(
            "SELECT 1 FROM variant WHERE sku = 'NO-SUCH-ARTICLE'"), alive=[self.node])
        self.retry(x)
        self.expect_finished(bad)

    def test_street_too_long(self):
        self.fix_address("street_too_long", address_1="Glühwurmweg 7")

    def test_missing_house_number(self):
        self.fix_address("missing_house_number", address_1="Glühwurmweg 7")

    def test_bad_postcode(self):
        self.fix_address("bad_postcode", postcode="17998")

    def test_bad_totals(self):
        bad, _ = self.held("bad_totals")
        total = D(self.shop_order(bad)["total"]) - 1
        self.change_order(bad, total=str(total))
        self.expect_finished(bad)

    def test_unpaid(self):
        bad, _ = self.held("unpaid")
        self.assertEqual(self.documents()[bad], [])
        self.change_order(bad, status="processing", date_paid_gmt="2026-11-21T10:00:00")
        self.expect_finished(bad)

    def test_currency_unknown_to_sap(self):
        bad, x = self.held("unknown_currency")
        self.assertEqual(x["parameters"]["currency"], "THB")
        self.assertEqual(self.documents()[bad], [])
        self.change_order(bad, currency="EUR")
        self.expect_finished(bad)

    def test_currency_unknown_to_the_channel(self):
        order = dict(kut.sound(self.goods, 1)[0], currency="GBP")
        bad, = self.place(order)
        wait_for("its exception", lambda: self.kontor.exception(
            "ORDER_CURRENCY_UNKNOWN", order=str(bad), currency="GBP"), alive=[self.node])
        self.change_order(bad, currency="EUR")
        self.expect_finished(bad)

    def test_sums_that_differ_block_the_document(self):
        bad, x = self.held("price_differs")
        document, = self.documents()[bad]
        self.assertEqual((document["blocked"], x["parameters"]["number"]),
                         ("X", document["number"]))
        self.wait_told([bad], self.node)        # the shop learns the number of a blocked one, too
        self.retry(x)                           # nothing was corrected: it stays
        wait_for("the recheck", lambda: self.kontor.query(
            "SELECT 1 FROM order_history h JOIN orders o ON o.our_key = h.our_key "
            "WHERE o.order_id = ? AND h.why = 'still blocked'", str(bad)), alive=[self.node])
        self.assertIsNotNone(self.kontor.exception("ORDER_SUM_DIFFERS", order=str(bad)))
        self.sap.control("release", {"number": document["number"]})
        self.retry(x)
        self.expect_finished(bad)
        state, = self.kontor.query("SELECT state FROM orders WHERE order_id = ?", str(bad))
        self.assertIn(state[0], ("booked", "told"))

    def test_changed_after_booking_is_an_exception_with_the_difference(self):
        known, = self.place(1)
        self.wait_told([known], self.node)
        order = self.shop_order(known)
        lines = [dict(line, quantity=line["quantity"] + 1) for line in order["line_items"]]
        self.change_order(known, line_items=lines)
        x = wait_for("its exception", lambda: self.kontor.exception(
            "ORDER_CHANGED_AFTER_BOOKING", order=str(known)), alive=[self.node])
        self.assertEqual(x["parameters"]["number"], self.erp_number(known))
        self.assertIn("lines", x["parameters"]["diff"])
        self.retry(x)
        self.stays_closed("ORDER_CHANGED_AFTER_BOOKING", known)
        self.assertEqual(len(self.documents()[known]), 1)

    def stays_closed(self, code, order_id):
        """Two more looks at the shop's orders do not open it again."""
        looks = self.looks()
        wait_for("two more looks at the orders", lambda: self.looks() >= looks + 2,
                 alive=[self.node])
        self.assertIsNone(self.kontor.exception(code, order=str(order_id)))

    def looks(self):
        return sum(r["method"] == "GET" and r["route"] == "/orders"
                   for r in self.shop.control("requests")["requests"])

    def test_cancelled_after_booking_is_an_exception(self):
        known, = self.place(1)
        self.wait_told([known], self.node)
        self.change_order(known, status="cancelled")
        x = wait_for("its exception", lambda: self.kontor.exception(
            "ORDER_CHANGED_AFTER_BOOKING", order=str(known)), alive=[self.node])
        self.assertIn("status", x["parameters"]["diff"])

    def test_cancelled_before_booking_is_never_booked(self):
        bad, _ = self.held("unpaid")
        self.change_order(bad, status="cancelled")
        wait_for("its rejection", lambda: self.kontor.query(
            "SELECT 1 FROM orders WHERE order_id = ? AND state = 'rejected'", str(bad)),
            alive=[self.node])
        self.assertIsNone(self.kontor.exception("ORDER_UNPAID", order=str(bad)))
        self.assertEqual(self.documents()[bad], [])

    def test_an_id_reused_with_another_date_is_not_booked_again(self):
        known, = self.place(1)
        self.wait_told([known], self.node)
        number = self.erp_number(known)
        self.change_order(known, date_created_gmt="2026-01-02T03:04:05")
        x = wait_for("its exception", lambda: self.kontor.exception(
            "ORDER_ID_REUSED", order=str(known)), alive=[self.node])
        self.assertIn("2026-01-02T03:04:05", x["sentence"])
        self.retry(x)
        self.stays_closed("ORDER_ID_REUSED", known)
        self.assertEqual([d["number"] for d in self.documents()[known]], [number])

    def test_zz_nothing_is_doubled_and_the_database_is_whole(self):
        for order_id, documents in self.documents().items():
            self.assertLessEqual(len(documents), 1, order_id)
        self.assertEqual(self.node.stop(), 0)
        self.assert_whole()


class ByHand(kut.Bench):
    """The same without a service: `sync orders`, and retrying all of one cause."""
    articles = 24

    def test_retry_by_cause(self):
        self.kontor.sync()
        ids = self.place(*[kut.faulty(self.goods, "unknown_sku") for _ in range(3)], 2)
        report = self.kontor.sync("orders")
        self.assertEqual((report["orders"]["held"], report["orders"]["booked"]), (3, 2), report)
        causes = {x["cause"] for x in self.kontor.exceptions()}
        self.assertEqual(len(causes), 1, causes)
        like = self.sap.control("data")["articles"][0]
        self.sap.control("change", {"kind": "article", "key": {"MATNR": "NO-SUCH-ARTICLE"}, "set": {
            k: v for k, v in like.items() if k not in ("MATNR", "CHANGED_AT", "DELETED", "GTIN")}})
        self.kontor.sync("catalogue")
        self.kontor.must("exceptions", "retry", "--cause", "ORDER_SKU_UNKNOWN")
        self.kontor.sync("orders")
        self.assertEqual(self.kontor.exceptions(), [])
        self.wait_told(ids)
        self.assertEqual({len(d) for d in self.documents().values()}, {1})


class Variations(kut.Bench):
    """Orders of what stands on pages with a choice: SAP, which prices by itself, books the article
    that the variation is, at its sale price where there is one."""
    is_wide = True
    articles = 24
    sap_options = ("--pricing", "own")

    def test_lines_name_the_variation_and_book_its_article(self):
        report = self.kontor.sync()
        self.assertEqual((report["rest"]["left"], report["rest"]["exceptions"]), (0, 0), report)
        variants = [g for g in self.goods if g.sku.startswith("G-")]
        self.assertGreater(len(variants), 10)
        made = [kut.orders.make_order([g], n, seed=3, plain=True) for n, g in enumerate(variants)]
        ids = self.place(*made, *kut.orders.make_orders(variants, 5, seed=9, plain=True))
        report = self.kontor.sync("orders")
        self.assertEqual(report["orders"]["booked"], len(ids), self.kontor.exceptions())
        self.assertEqual(self.kontor.exceptions(), [])
        documents = self.documents()
        for order_id in ids:
            order, (document,) = self.shop_order(order_id), documents[order_id]
            for line in order["line_items"]:
                row = self.product(line["sku"])
                self.assertEqual((line["variation_id"], line["product_id"]),
                                 (row["id"], row["parent_id"]))
                self.assertTrue(line["variation_id"])
            booked = sorted((i["MATNR"], D(i["QTY"])) for i in document["items"]
                            if i["KIND"] == "item")
            self.assertEqual(booked, sorted((i["sku"], D(i["quantity"]))
                                            for i in order["line_items"]))
            self.assertEqual(document["blocked"], "")
            self.assertEqual(document["number"], self.erp_number(order_id))

    def test_what_the_shop_sells_is_what_the_data_sell(self):
        """Both ways to find goods name the same numbers and prices."""
        self.kontor.sync()
        shown = {g.sku: g.gross for g in kut.orders.goods_from_shop(self.shop.url)}
        for thing in kut.orders.goods_from_data(kut.os.path.join(self.folder, "data")):
            self.assertEqual(shown.get(thing.sku), thing.gross, thing.sku)


if __name__ == "__main__":
    kut.main()
