#!/usr/bin/python3
"""Sites that call things otherwise: their own service names, Business Central's fields, no page for tracking codes."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402


class OwnNames(nav.Bench):
    """A site that published the standard pages under their usual names and our codeunit under another."""
    names = {"services": {"item": "ItemCard", "variant": "Item_Variants", "customer": "Debitorenliste",
                          "tracking": None, "translation": None},
             "fields": {"item": {"GTIN": "EAN_Code", "Description_2": "Zusatz"}},
             "extra": {"item": {"Shelf_No": "A7"}},
             "codeunit": "WebShop", "xmlports": {"50140": "60140", "50141": "60141", "50144": "61144"}}
    connection = {"services": ["item=ItemCard", "variant=Item_Variants", "customer=Debitorenliste",
                               "codeunit=WebShop"],
                  "fields": ["item.GTIN=EAN_Code", "item.Description_2=Zusatz"],
                  "without": ["tracking", "translation"], "attributes": ["Shelf_No=REGAL"],
                  "xmlports": ["info=60140", "prices=60141", "booking=61144"]}

    def test_everything_arrives(self):
        self.sync()
        self.assertEqual(self.kontor.exceptions(), [])
        self.assert_same_as_nav(least=80)
        shown = [o for a in self.product("N-100001")["attributes"] if a["name"] == "Regal" for o in a["options"]]
        self.assertEqual(shown, ["A7"])
        self.assert_quiet()


class BusinessCentral(nav.Bench):
    """From 16 on cross references are item references, and rows know the instant of their last change."""
    names = {"fields": {"reference": {
        "Cross_Reference_Type": "Reference_Type", "Cross_Reference_Type_No": "Reference_Type_No",
        "Cross_Reference_No": "Reference_No"}}, "modified_at": True}
    connection = {"text_lengths": "bc", "fields": [
        "reference.Cross_Reference_Type=Reference_Type", "reference.Cross_Reference_No=Reference_No"]}

    def test_everything_arrives_and_changes_follow(self):
        self.sync()
        self.assert_same_as_nav(least=80)
        self.change("item", {"No": "N-100001"}, Description="Netzteil, neu")
        self.sync()
        self.assert_same_as_nav()
        self.assertEqual(self.product("N-100001")["name"], "Netzteil, neu")


if __name__ == "__main__":
    kut.main()
