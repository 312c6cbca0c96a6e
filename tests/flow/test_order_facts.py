"""What an ERP says of an order before Kontor knows its number: the program dies between the create
and its answer, the invoice and the delivery come meanwhile, the look-up books. And what it says of
orders that no shop made. The facts are put into the table as the intake leaves them; which doors
bring them is other tests' business."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kontor_under_test as kut  # noqa: E402

OK, ATTENTION = 0, 1


class Facts(kut.Bench):
    articles = 20

    def keep(self, number, seq, kind, **record):
        body = dict({"scope": "kts-100", "order_number": number}, **record)
        self.kontor.database.change(
            "INSERT INTO fact (stream, seq, kind, scope, id, revision, channel, body, at_us, "
            "is_done, due_us, tok, attempts, failing_us, remote_id) "
            "VALUES (?, ?, ?, 'kts-100', ?, ?, '', ?, ?, 1, 0, 0, 0, 0, NULL)",
            f"number:main|{number}", seq, kind, body["id"], f"r{seq}", json.dumps(body), seq)

    def show(self, number, status=OK):
        return json.loads(self.kontor.must("--json", "order", "show", str(number),
                                           status=(status,)))

    def test_1_what_waits_for_the_booking_joins_it_and_is_told(self):
        self.kontor.sync()
        order_id, = self.place(1)
        died = self.kontor.run("sync", "orders", env={"KT_CRASH_AT": "order.sent"})
        self.assertEqual(died.status, -9)
        document, = self.documents_by_key()
        self.keep(document, 1, "invoice", id="R-1", type="invoice", currency="EUR", gross="19.9")
        self.keep(document, 2, "shipment", id="S-1", carrier="DHL", tracking_no="T-1", lines=[
            {"id": "10", "sku": self.ordered_sku(order_id), "quantity": "1",
             "serials": [{"id": "SN-1"}]}])
        self.assertEqual(self.show(document, ATTENTION)["orders"], [])
        self.assertEqual(json.loads(self.kontor.must("--json", "status"))["untold_deliveries"], 0)
        kut.wait_for("the look-up", lambda: self.is_booked())
        order, = self.show(order_id)["orders"]
        self.assertEqual(order["erp_number"], document)
        self.assertEqual([(f["kind"], f["id"], f["channel"], f["is_told"]) for f in order["facts"]],
                         [("invoice", "R-1", None, False), ("shipment", "S-1", "shop", True)])
        shown = self.kontor.must("order", "show", str(order_id))
        for text in ("invoice 19.9 EUR", "DHL T-1", "SN-1", "not told"):
            self.assertIn(text, shown)
        self.assertEqual(self.kontor.query(
            "SELECT COUNT(*) FROM fact WHERE stream LIKE 'number:%'")[0][0], 0)

    def test_2_what_no_shop_sold_is_found_by_its_number(self):
        self.keep("9001", 1, "invoice", id="R-9", type="credit_note", currency="EUR")
        answer = self.show("9001", ATTENTION)
        self.assertEqual((answer["orders"], [f["id"] for f in answer["facts"]]), ([], ["R-9"]))
        shown = self.kontor.must("order", "show", "9001", status=(ATTENTION,))
        self.assertIn("main said of its own order", shown)
        self.assertIn("credit_note", shown)
        self.assertEqual(self.show("9002", ATTENTION), {"orders": [], "facts": []})

    def documents_by_key(self):
        return [d["number"] for d in self.sap.control("orders")]

    def ordered_sku(self, order_id):
        return self.shop_order(order_id)["line_items"][0]["sku"]

    def is_booked(self):
        self.kontor.sync("orders")
        return self.kontor.query("SELECT COUNT(*) FROM fact WHERE is_done = 1 "
                                 "AND channel = 'shop'")[0][0] == 1


if __name__ == "__main__":
    kut.main()
