#!/usr/bin/python3
"""curl as the sender: messages as octets, over plain HTTP and TLS, with a password, with a
certificate and without; batches of 10,000; what SAP sends without custom code."""
import gzip
import json
import os
import subprocess
import sys
import unittest

import zeep
from lxml import etree

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import certificates  # noqa: E402
import installation  # noqa: E402
import messages  # noqa: E402
import samples  # noqa: E402
from answers import Answer  # noqa: E402
from installation import IDOC, IDOC_SOAP, PASSWORD, PUSH, S4, USER  # noqa: E402

SHARED = os.path.join(installation.HERE, "..", "..", "..", "shared")
LOGIN = ["--user", f"{USER}:{PASSWORD}"]
BATCH = 10000

IDOC_ARTICLE = """<?xml version="1.0" encoding="UTF-8"?>
<MATMAS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40</TABNAM><MANDT>100</MANDT>
<DOCNUM>{number:016}</DOCNUM><DIRECT>1</DIRECT><IDOCTYP>MATMAS05</IDOCTYP><MESTYP>MATMAS</MESTYP>
<SNDPOR>SAPKTS</SNDPOR><SNDPRT>LS</SNDPRT><SNDPRN>KTSCLNT100</SNDPRN><RCVPOR>KONTOR</RCVPOR>
<RCVPRT>LS</RCVPRT><RCVPRN>KONTOR</RCVPRN><CREDAT>20201122</CREDAT><CRETIM>{time}</CRETIM>
</EDI_DC40><E1MARAM SEGMENT="1"><MSGFN>005</MSGFN><MATNR>000000000000{sku}</MATNR>
<MTART>HAWA</MTART><MEINS>PCE</MEINS><BRGEW>1.500</BRGEW><NTGEW>1.250</NTGEW><GEWEI>KGM</GEWEI>
<E1MAKTM SEGMENT="1"><MSGFN>005</MSGFN><SPRAS>D</SPRAS><MAKTX>{text}</MAKTX>
<SPRAS_ISO>DE</SPRAS_ISO></E1MAKTM></E1MARAM></IDOC></MATMAS05>"""

IDOC_DELIVERY = """<DELVRY03><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40</TABNAM>
<DOCNUM>{number}</DOCNUM><IDOCTYP>DELVRY03</IDOCTYP><MESTYP>DESADV</MESTYP><SNDPOR>SAPKTS</SNDPOR>
<SNDPRT>LS</SNDPRT><SNDPRN>KTSCLNT100</SNDPRN><CREDAT>20201122</CREDAT><CRETIM>101500</CRETIM>
</EDI_DC40><E1EDL20 SEGMENT="1"><VBELN>0080000017</VBELN><E1EDL24 SEGMENT="1">
<POSNR>000010</POSNR><MATNR>000000000000004711</MATNR><LFIMG>2.000</LFIMG><VRKME>PCE</VRKME>
<VGBEL>0000004321</VGBEL><VGPOS>000010</VGPOS><E1EDL11 SEGMENT="1"><SERNR>SER-1</SERNR></E1EDL11>
<E1EDL11 SEGMENT="1"><SERNR>SER-2</SERNR></E1EDL11></E1EDL24></E1EDL20></IDOC></DELVRY03>"""


def shared_messages(*folders):
    found = []
    for folder in folders:
        path = os.path.join(SHARED, folder)
        if os.path.isdir(path):
            found += [os.path.join(path, f) for f in sorted(os.listdir(path))
                      if f.endswith(".xml")]
    return found


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.there = cls.enterClassContext(installation.Pushed("curl"))

    def curl(self, *words, body=None, tls=False, path=PUSH):
        """(status, {header: value}, octets); curl's own failures are errors."""
        form = "\n=====%{http_code} %{header_json}"
        words = ["curl", "-q", "--silent", "--show-error", "--max-time", "60", "--noproxy", "*",
                 "--write-out", form, *words, self.there.url(tls, path)]
        if tls:
            words += ["--cacert", self.there.ca.file]
        if body is not None:
            words += ["--data-binary", "@-"]
        done = subprocess.run(words, input=body, capture_output=True, timeout=90, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        octets, _, told = done.stdout.rpartition(b"\n=====")
        status, _, headers = told.decode().partition(" ")
        return int(status), json.loads(headers), octets

    def signed(self):
        return ["--cert", self.there.client["cert"], "--key", self.there.client["key"]]

    def send(self, operation, fields, soap="1.1", words=LOGIN, header="", tls=False, more=()):
        kind = messages.content_type(operation, soap)
        head = [w for n, v in kind.items() for w in ("--header", f"{n}: {v}")]
        return Answer(*self.curl(*words, *head, *more, tls=tls,
                                 body=messages.envelope(operation, fields, soap, header)))

    def stock(self, sku, on_hand="1", **more):
        return dict(more, stock={"sku": sku, "warehouse": "1", "onHand": on_hand})

    def on_hand(self, sku):
        return self.there.kontor.query("SELECT on_hand, rec_rev FROM stock WHERE sku = ?", sku)

    # ---- the contract

    def test_the_contract_names_the_address_it_was_asked_at(self):
        for tls in (False, True):
            path = PUSH + "?wsdl"
            status, headers, octets = self.curl(*LOGIN, tls=tls, path=path)
            self.assertEqual(status, 200)
            self.assertTrue(headers["content-type"][0].startswith("text/xml"))
            self.assertIn(f'location="{self.there.url(tls)}"'.encode(), octets)

    # ---- who one is

    def test_in_both_versions_with_password_and_certificate(self):
        ways = [(soap, words, tls) for soap in messages.ENVELOPE
                for words, tls in ((LOGIN, False), (LOGIN, True), (self.signed(), True))]
        for n, (soap, words, tls) in enumerate(ways):
            answer = self.send("PushStock", self.stock(f"ways-{n}", str(n)), soap, words, tls=tls)
            self.assertEqual((answer.status, answer.soap, answer.counts),
                             (200, soap, (1, 0, 0, 0)), answer.octets)
            self.assertEqual(self.on_hand(f"ways-{n}"), [(n * 1000, 1)])

    def test_whoever_is_not_known_brings_nothing(self):
        other = certificates.Authority(self.there.folder, "other")
        strange, own = (a.client(n) for a, n in ((other, "strange"), (self.there.ca, "unknown")))
        body = messages.envelope("PushStock", self.stock("nobody"))
        kind = ["--header", "Content-Type: text/xml"]
        cases = [([], False), ([], True), (["--user", f"{USER}:wrong"], True),
                 (["--user", f"nobody:{PASSWORD}"], False),
                 (["--cert", strange[0], "--key", strange[1]], True),
                 (["--cert", own[0], "--key", own[1]], True)]
        for words, tls in cases:
            status, headers, _ = self.curl(*words, *kind, body=body, tls=tls)
            self.assertIn(status, (401, 403), words)
            if status == 401:
                self.assertIn("Basic", headers["www-authenticate"][0])
        self.assertEqual(self.on_hand("nobody"), [])

    # ---- forms of a message

    def test_a_packed_body(self):
        body = gzip.compress(messages.envelope("PushStock", self.stock("packed", "3")))
        answer = Answer(*self.curl(*LOGIN, "--header", "Content-Type: text/xml", "--header",
                                   "Content-Encoding: gzip", body=body))
        self.assertEqual(answer.counts, (1, 0, 0, 0))
        self.assertEqual(self.on_hand("packed"), [(3000, 1)])

    def test_a_body_in_chunks(self):
        answer = self.send("PushStock", self.stock("chunks", "4"),
                           more=("--header", "Transfer-Encoding: chunked"))
        self.assertEqual(answer.counts, (1, 0, 0, 0))

    def test_an_id_by_addressing_is_an_id(self):
        header = (f'<a:MessageID xmlns:a="{messages.WSA}">urn:uuid:17</a:MessageID>'
                  f'<a:Action xmlns:a="{messages.WSA}">{messages.NAMESPACE}/PushStock</a:Action>')
        first = self.send("PushStock", self.stock("addressed"), header=header)
        again = self.send("PushStock", self.stock("addressed"), header=header)
        self.assertEqual((first.counts, first.repeated), ((1, 0, 0, 0), False))
        self.assertEqual((again.counts, again.repeated), ((1, 0, 0, 0), True))
        self.assertIn(b"urn:uuid:17", first.octets)         # RelatesTo

    def test_a_customers_own_fields_become_attributes(self):
        fields = {"product": {"id": "own-1", "brand": "B",
                              "attributes": {"item": {"code": "A", "value": "1"}}}}
        octets = messages.envelope("PushProducts", fields).replace(
            b"</k:product>", '<z:FARBE xmlns:z="urn:example:z">rot &amp; grün</z:FARBE>'
            "</k:product>".encode())
        answer = Answer(*self.curl(*LOGIN, "--header", "Content-Type: text/xml", body=octets))
        self.assertEqual(answer.counts, (1, 0, 0, 0), answer.octets)
        (text,), = self.there.kontor.query("SELECT attributes FROM product WHERE id = 'own-1'")
        self.assertEqual({a["code"]: a["value"] for a in json.loads(text)},
                         {"A": "1", "FARBE": "rot & grün"})
        octets = messages.envelope("PushStock", self.stock("own-2")).replace(
            b"</k:stock>", b'<z:LGPLA xmlns:z="urn:example:z">A-1</z:LGPLA></k:stock>')
        answer = Answer(*self.curl(*LOGIN, "--header", "Content-Type: text/xml", body=octets))
        self.assertEqual((answer.counts, answer.text("k:ignoredFields")), ((1, 0, 0, 0), "1"))

    def test_what_cannot_be_read_is_a_fault(self):
        good = messages.envelope("PushStock", self.stock("bad"))
        cases = {b"truncated": good[:-30],
                 b"doctype": good.replace(b"<s:Envelope", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"
                                          b"<s:Envelope", 1),
                 b"other namespace": good.replace(b"urn:kontor:push:1", b"urn:kontor:push:2"),
                 b"unknown": good.replace(b"k:PushStock", b"k:PushEverything"),
                 b"no octets": b"", b"no XML": b"{}"}
        for name, octets in cases.items():
            status, _, said = self.curl(*LOGIN, "--header", "Content-Type: text/xml", body=octets)
            self.assertIn(status, (400, 500), name)
            answer = Answer(status, {}, said)
            self.assertTrue(answer.is_fault, name)
            self.assertEqual(answer.fault_code, "Client", name)
            self.assertGreater(len(answer.problem["sentence"]), 10, name)
        self.assertEqual(self.on_hand("bad"), [])

    def test_a_value_that_cannot_be_read_is_its_records_fault(self):
        for wrong in ("one", "1e2", "1,5", "+-1", "0x10", "NaN", "99999999999999999999"):
            answer = self.send("PushStock", {"stock": [
                {"sku": "worse", "warehouse": "1", "onHand": wrong},
                {"sku": "sound", "warehouse": "1", "onHand": "1"}]})
            self.assertEqual((answer.counts[3], answer.results[0]["status"]), (1, "refused"), wrong)
            self.assertIn(wrong, answer.results[0]["sentence"])
        self.assertEqual((self.on_hand("worse"), self.on_hand("sound")), ([], [(1000, 1)]))

    # ---- batches

    def test_one_bad_record_in_10000(self):
        records = [{"sku": f"batch-{i}", "warehouse": "1", "onHand": str(i)} for i in range(BATCH)]
        records[4711]["onHand"] = "0.00001"
        answer = self.send("PushStock", {"messageId": "batch", "stock": records})
        self.assertEqual(answer.counts, (BATCH - 1, 0, 0, 1))
        bad = [r for r in answer.results if r["status"] == "refused"]
        self.assertEqual([(r["position"], r["key"].split("|")[0]) for r in bad],
                         [("4712", "batch-4711")])
        self.assertIn("on_hand", bad[0]["sentence"])
        self.assertEqual(self.there.kontor.query(
            "SELECT COUNT(*), SUM(on_hand) FROM stock WHERE sku LIKE 'batch-%'"),
            [(BATCH - 1, (sum(range(BATCH)) - 4711) * 1000)])
        again = self.send("PushStock", {"messageId": "batch", "stock": records})
        self.assertTrue(again.repeated)
        self.assertEqual(again.results, answer.results)

    def test_10001_records_are_too_many(self):
        records = [{"sku": f"many-{i}", "warehouse": "1"} for i in range(BATCH + 1)]
        answer = self.send("PushStock", {"stock": records}, "1.2")
        self.assertTrue(answer.is_fault)
        self.assertEqual(answer.fault_code, "Sender")
        self.assertEqual(self.there.kontor.query(
            "SELECT COUNT(*) FROM stock WHERE sku LIKE 'many-%'"), [(0,)])

    # ---- what SAP sends without custom code

    def post(self, path, octets, words=LOGIN, kind="text/xml; charset=utf-8", tls=False):
        return self.curl(*words, "--header", f"Content-Type: {kind}", body=octets, path=path,
                         tls=tls)

    def article(self, number, sku="004712", text="Kupplung", time="101112"):
        return IDOC_ARTICLE.format(number=number, sku=sku, text=text, time=time).encode()

    def texts(self, sku):
        found = self.there.kontor.query("SELECT texts FROM product WHERE id = ?", sku)
        return [t["name"] for (text,) in found for t in json.loads(text)]

    def test_an_idoc_of_an_article(self):
        status, _, _ = self.post(IDOC, self.article(17))
        self.assertEqual(status, 200)
        self.assertEqual(self.texts("4712"), ["Kupplung"])
        self.assertEqual(self.there.kontor.query(
            "SELECT net_weight, shipping_weight FROM variant WHERE sku = '4712'"),
            [(1250000, 1500000)])
        # the same again says the same; a newer one counts, an older one does not
        again = self.post(IDOC, self.article(17))
        self.assertEqual(again[0], 200)
        self.post(IDOC, self.article(19, text="Kupplung, neu", time="101114"))
        self.post(IDOC, self.article(18, text="Kupplung, alt", time="101113"))
        self.assertEqual(self.texts("4712"), ["Kupplung, neu"])

    def test_an_idoc_of_a_delivery_by_soap(self):
        inner = IDOC_DELIVERY.format(number="0000000000000042")
        octets = (f'<s:Envelope xmlns:s="{messages.ENVELOPE["1.1"]}"><s:Body>{inner}'
                  "</s:Body></s:Envelope>").encode()
        said = [self.post(IDOC_SOAP, octets, self.signed(), tls=True) for _ in range(2)]
        self.assertEqual([s[0] for s in said], [200, 200], said)
        self.assertIn(b"IdocAssign", said[0][2])
        self.assertEqual(said[0][2], said[1][2])
        rows = self.there.kontor.query("SELECT body FROM fact WHERE kind = 'shipment'")
        self.assertEqual(len(rows), 1)
        line, = json.loads(rows[0][0])["lines"]
        self.assertEqual((line["sku"], line["quantity"].rstrip("0").rstrip("."),
                          sorted(s["id"] for s in line["serials"])),
                         ("4711", "2", ["SER-1", "SER-2"]))

    def test_an_idoc_of_an_unknown_kind_is_refused(self):
        octets = self.article(99).replace(b"MATMAS05", b"ZFOO01").replace(b"MATMAS", b"ZFOO")
        status, _, said = self.post(IDOC, octets)
        self.assertIn(status, (200, 400, 422), said)
        self.assertTrue(self.there.kontor.open_codes() if status == 200 else said)

    def test_real_idocs(self):
        """Each is taken, or refused in words; nothing of them breaks anything."""
        found = shared_messages("contracts/sap-idoc/messages", "data/edi/idoc")
        if not found:
            self.skipTest("../shared is not there")
        for path in found:
            with open(path, "rb") as file:
                octets = file.read()
            said = [self.post(IDOC, octets) for _ in range(2)]
            self.assertIn(said[0][0], (200, 400, 422), path)
            self.assertEqual(said[0][0], said[1][0], path)
            self.assertEqual(said[0][2], said[1][2], path)
            self.assertGreater(len(said[0][2]), 20, path)
            print(f"{os.path.basename(path)}: {said[0][0]} {said[0][2][:200]}")
        self.assertTrue(self.there.node.is_alive())

    def s4_message(self, contract, fields):
        """(headers, octets) as zeep makes it by SAP's own contract."""
        path = os.path.join(SHARED, "contracts", "sap-es", "wsdl", contract)
        if not os.path.exists(path):
            self.skipTest("../shared is not there")
        client = zeep.Client(path)
        service, = client.wsdl.services.values()
        port = next(p for p in service.ports.values() if p.name.endswith("soap11"))
        operation, = port.binding.all()
        proxy = client.bind(service.name, port.name)
        return etree.tostring(client.create_message(proxy, operation, **fields),
                              xml_declaration=True, encoding="UTF-8")

    def s4_facts(self, kind):
        return [json.loads(body) for (body,) in self.there.kontor.query(
            "SELECT body FROM fact WHERE kind = ? ORDER BY stream, seq", kind)]

    def test_an_order_that_s4_replicates(self):
        octets = self.s4_message("OP_CO_SDSLS_ESR_SALES_ORDER_REPL.wsdl", {
            "MessageHeader": {"UUID": "fa163e1e-8d3c-1eec-9f0c-17a0c2a1b001",
                              "CreationDateTime": "2026-11-22T08:00:00Z"},
            "SalesOrder": [{"SalesOrderID": "0000004322", "TransactionCurrency": "EUR",
                            "TotalNetAmount": {"_value_1": "100.50", "currencyCode": "EUR"},
                            "OverallDeliveryStatus": "C",
                            "LastChangeDateTime": "2026-11-22T07:59:00Z"}]})
        said = [self.post(S4, octets, self.signed(), tls=True) for _ in range(2)]
        self.assertEqual([(s[0], s[2]) for s in said], [(202, b"")] * 2)
        fact, = self.s4_facts("order_status")
        self.assertEqual((fact["order_number"].lstrip("0"), fact["status"], fact["currency"]),
                         ("4322", "delivered", "EUR"))
        self.assertEqual(samples.decimal_of(fact["net"]), samples.decimal_of("100.5"))

    def test_a_return_that_s4_replicates(self):
        octets = self.s4_message("OP_CO_SDSLS_ESR_CUST_RETURN_REPL.wsdl", {
            "MessageHeader": {"UUID": "fa163e1e-8d3c-1eec-9f0c-17a0c2a1b002",
                              "CreationDateTime": "2026-11-22T08:00:00Z"},
            "CustomerReturn": [{"CustomerReturnID": "60000123",
                                "CustomerReturnDate": "2026-11-22"}]})
        status, _, said = self.post(S4, octets)
        self.assertEqual((status, said), (202, b""))
        fact, = self.s4_facts("return")
        self.assertEqual(fact["id"].lstrip("0"), "60000123")

    def test_messages_of_s4_that_are_not_for_us(self):
        found = shared_messages("contracts/sap-es/messages")
        if not found:
            self.skipTest("../shared is not there")
        for path in found:
            with open(path, "rb") as file:
                octets = file.read()
            status, _, said = self.post(S4, octets)
            self.assertIn(status, (400, 500), path)
            self.assertTrue(Answer(status, {}, said).is_fault, path)
            print(f"{os.path.basename(path)}: {status} {said[:300]}")


if __name__ == "__main__":
    installation.kut.main()
