#!/usr/bin/python3
"""The set-up check compares what partners publish with what Kontor needs: in sentences, ordered by
weight, with what follows. What stands there is spoken nevertheless; only the description differs."""
import json
import os
import re
import unittest

import kontor_under_test as kut

WSDL = os.path.join(kut.HERE, "..", "..", "wsdl", "sap", "kontor_z.wsdl")


class Contract(unittest.TestCase):
    def setUp(self):
        self.folder = kut.make_folder("contract")
        self.addCleanup(kut.drop_folder, self.folder)

    def partners(self, sap_options=(), shop_options=(), **more):
        sap = kut.start_sap(self.folder, *sap_options, articles=4)
        self.addCleanup(sap.kill)
        shop = kut.start_shop(self.folder, *shop_options)
        self.addCleanup(shop.kill)
        settings = kut.fast_settings(sap, shop)
        settings["erps"]["main"]["connection"].update(more)
        return kut.Kontor(self.folder, settings).migrate()

    def wsdl(self, *changes):
        """Our contract with `changes` as (pattern, replacement): what a site may have made of it."""
        with open(WSDL, encoding="utf-8") as file:
            text = file.read()
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text, flags=re.S)
            self.assertGreater(count, 0, pattern)
        path = os.path.join(self.folder, "site.wsdl")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def findings(self, kontor, area, *words, status):
        done = kontor.run("--json", *words, "check")
        self.assertEqual(done.status, status, done.out + done.err)
        return [x for x in json.loads(done.out)["findings"] if x["area"] == area]

    def gaps(self, kontor, area, *words, status):
        return [x for x in self.findings(kontor, area, *words, status=status)
                if x.get("code", "").startswith("CONTRACT_")]

    def test_whole_contracts_are_said_to_be_whole(self):
        kontor = self.partners()
        for area in ("erp main", "channel shop"):
            texts = [x["text"] for x in self.findings(kontor, area, status=0)]
            self.assertIn("Contract: everything that Kontor needs is published.", texts)

    def test_sap_gaps_are_ordered_by_weight_and_say_what_follows(self):
        site = self.wsdl(
            (r'<xsd:element name="ET_GTIN"[^>]*/>', ""),                       # not published
            (r'<xsd:element name="SALES_BLOCKED"', '<xsd:element name="SALES_BLOCK"'),
            (r'(name="CITY" type="tns:)char40', r"\1char35"),                  # shorter
            (r'(name="IV_KEY" type="tns:)char32', r"\1char20"),                # our key is cut
            (r'(name="QTY" type="tns:)quantum13.3', r"\1char1"),
            (r'<wsdl:operation name="Z_KONTOR_CUSTOMER_FIND">.*?</wsdl:operation>', ""))
        kontor = self.partners(("--site-wsdl", site))
        gaps = self.gaps(kontor, "erp main", status=5)
        said = [x["text"] for x in gaps]
        self.assertEqual(said[0], "Z_KONTOR_ORDER_CREATE: IV_KEY holds 20 characters, Kontor needs "
                         "32. Every call of it fails. Lengthen the field where the contract is "
                         "made.")
        for sentence in (
                "Z_KONTOR_ARTICLES has no field ET_GTIN. Articles reach the shops without GTIN. Add "
                "the field to what the site publishes.",
                "Z_KONTOR_ARTICLES has no field ET_ARTICLE/item/SALES_BLOCKED, but one named "
                "ET_ARTICLE/item/SALES_BLOCK. Blocked articles are taken for sellable. If the same "
                "is meant, set its name in the configuration; otherwise add the field.",
                "Z_KONTOR_ORDER_CREATE: IT_PARTNER/item/CITY holds 35 characters, Kontor needs 40. "
                "Orders with a longer text are held for the clerk. Lengthen the field where the "
                "contract is made.",
                "KONTOR_Z has no operation Z_KONTOR_CUSTOMER_FIND. Customers are not found; orders "
                "go to the one-time account. Publish it completely; an older or reduced version "
                "stands there."):
            self.assertIn(sentence, said)
        self.assertNotIn("GTIN/item", " ".join(said))            # the missing table is said once
        needs = [x["code"] == "CONTRACT_FIELD_TYPE" or "IV_KEY" in x["text"] for x in gaps]
        self.assertEqual(needs, sorted(needs, reverse=True))     # what stops a flow comes first
        german = self.gaps(kontor, "erp main", "--lang", "de", status=5)
        self.assertEqual(len(german), len(gaps))
        self.assertIn("Artikel kommen ohne GTIN in die Shops", " ".join(x["text"] for x in german))
        self.assertNotIn("{", " ".join(x["text"] for x in german + gaps))

    def test_lesser_gaps_alone_ask_for_attention(self):
        site = self.wsdl((r'(name="CITY" type="tns:)char40', r"\1char35"))
        gaps = self.gaps(self.partners(("--site-wsdl", site)), "erp main", status=1)
        self.assertEqual({x["code"] for x in gaps}, {"CONTRACT_FIELD_SHORT"})
        self.assertEqual({x["level"] for x in gaps}, {"problem"})

    def test_wider_fields_and_more_of_them_are_no_gap(self):
        site = self.wsdl(
            (r'(name="CITY" type="tns:)char40', r"\1char60"),
            (r'(<xsd:element name="MATNR" type=)"xsd:string"', r'\1"tns:char40"'),
            (r'(<xsd:element name="PARENT")', r'<xsd:element name="ZZ_OWN" type="xsd:string"/>\1'),
            (r'type="tns:quantityText"', 'type="tns:quantum13.3"'),
            (r'type="tns:date10"', 'type="xsd:date"'))
        self.assertEqual(self.gaps(self.partners(("--site-wsdl", site)), "erp main", status=0), [])

    def test_where_the_wsdl_is_read(self):
        """At the address of older releases as well; elsewhere by setting; nowhere is a note."""
        site = self.wsdl((r'<xsd:element name="ET_GTIN"[^>]*/>', ""))
        kontor = self.partners(("--site-wsdl", site, "--only-query-wsdl"))
        self.assertEqual([x["code"] for x in self.gaps(kontor, "erp main", status=1)],
                         ["CONTRACT_FIELD_MISSING"])

    def test_a_wsdl_that_nobody_shows_is_a_note(self):
        with open(os.path.join(self.folder, "page.html"), "w", encoding="utf-8") as file:
            file.write("<html><body>Please log on</body></html>")
        kontor = self.partners(("--site-wsdl", os.path.join(self.folder, "page.html")))
        gaps = self.gaps(kontor, "erp main", status=0)
        self.assertEqual([(x["code"], x["level"]) for x in gaps], [("CONTRACT_UNREADABLE", "note")])
        self.assertIn("no WSDL 1.1", gaps[0]["text"])
        self.assertIn("was not compared", gaps[0]["text"])

    def test_a_wsdl_that_was_named_and_is_not_there_is_a_problem(self):
        sap = kut.start_sap(self.folder, articles=4)
        self.addCleanup(sap.kill)
        shop = kut.start_shop(self.folder)
        self.addCleanup(shop.kill)
        settings = kut.fast_settings(sap, shop)
        settings["erps"]["main"]["connection"]["wsdl_url"] = sap.url + "/elsewhere"
        kontor = kut.Kontor(self.folder, settings).migrate()
        gaps = self.gaps(kontor, "erp main", status=1)
        self.assertEqual([(x["code"], x["level"]) for x in gaps],
                         [("CONTRACT_UNREADABLE", "problem")])
        self.assertIn("HTTP 404", gaps[0]["text"])

    def test_shop_gaps_say_what_follows(self):
        hidden = ("product.global_unique_id", "product_variation.weight=readonly",
                  "/orders?modified_after", "/products/attributes/batch", "PUT /orders/{id}")
        kontor = self.partners(shop_options=[w for h in hidden for w in ("--hide", h)])
        gaps = self.gaps(kontor, "channel shop", status=5)
        said = [x["text"] for x in gaps]
        self.assertTrue(said[0].startswith("GET /orders has no field modified_after. No order is "
                                           "fetched from the shop."), said)
        self.assertEqual(len(said), len(hidden))
        for begin in ("/products has no field global_unique_id. Articles reach the shops without "
                      "GTIN.",
                      "/products/{id}/variations: weight cannot be written. What Kontor sends there "
                      "does not arrive.",
                      "The site has no /products/attributes/batch: rest_no_route.",
                      "/orders/{id} has no operation PUT. Customers do not learn the ERP's order "
                      "number."):
            self.assertTrue(any(x.startswith(begin) for x in said), (begin, said))

    def test_another_version_is_said_with_both_numbers(self):
        for version, code, words in (("1", "CONTRACT_OLDER", "version 1, Kontor version 3"),
                                     ("4", "CONTRACT_NEWER", "only version 3")):
            with self.subTest(version):
                folder = kut.make_folder("version")
                self.addCleanup(kut.drop_folder, folder)
                sap = kut.start_sap(folder, articles=4, settings={"WRAPPER": version})
                self.addCleanup(sap.kill)
                shop = kut.start_shop(folder)
                self.addCleanup(shop.kill)
                kontor = kut.Kontor(folder, kut.fast_settings(sap, shop)).migrate()
                found = self.findings(kontor, "erp main", status=5)
                self.assertEqual([words in x["text"] for x in found if x.get("code") == code],
                                 [True])


if __name__ == "__main__":
    kut.main()
