#!/usr/bin/python3
"""Items of a NAV company into a shop: everything once, then what changed, and nothing when nothing did."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402


class Catalogue(nav.Bench):
    """By NTLM, in the user's German, with a first call that takes longer than others."""
    nav_options = ("--auth", "ntlm", "--slow-first", "0.3")
    connection = {"auth": "ntlm"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.kontor.sync()

    def test_1_everything_arrives(self):
        self.assertEqual(self.first["rest"]["left"], 0, self.first)
        self.assertEqual(self.kontor.exceptions(), [])
        self.assert_same_as_nav(least=80)

    def test_2_nothing_is_written_twice(self):
        self.assert_quiet()

    def test_3_control_characters_are_blanks(self):
        item = next(i for i in self.nav.control("data")["items"] if "\x1f" in i["Description"])
        name = self.product(item["No"])["name"]
        self.assertEqual(name, " ".join(item["Description"].replace("\x1f", " ").replace("\x02", " ").split()))

    def test_4_what_changed_follows(self):
        self.change("item", {"No": "N-100001"}, Description="Netzteil, neu",
                    Unit_Price=self.moved_price("N-100001"))
        self.change("attribute", {"Table_ID": "27", "Item_No": "N-100001", "Attribute_ID": "11"}, Value="99")
        self.change("item", {"No": "N-100001"}, Vendor_Item_No="X-1")       # the item itself was changed, too
        self.nav.control("stock", {"item": "N-100005", "quantity": "-1"})
        self.change("sales_line", {"Document_No": "V9", "Line_No": "10000"}, Type="Item", No="N-100017",
                    Quantity="1", Outstanding_Qty_Base="1")
        self.change("item", {"No": "N-100010"}, Blocked=True)
        self.sync()
        self.assert_same_as_nav()
        self.assertEqual(self.product("N-100001")["name"], "Netzteil, neu")
        self.assert_quiet()

    def test_5_variants_come_and_items_go(self):
        self.change("variant", {"Item_No": "N-100014", "Code": "BLUE"},
                    Description=self.description("N-100014") + " - blau")
        self.change("item", {"No": "N-100014"}, Description_2="jetzt auch blau")
        self.change("attribute", {"Table_ID": "27", "Item_No": "N-100022", "Attribute_ID": "41"}, delete=True)
        self.change("item", {"No": "N-100017"}, delete=True)
        self.sync()
        self.assertEqual(self.product("N-100014.BLUE")["status"], "publish")
        # What is gone without a trace is found by the next whole list.
        self.kontor.must("sync", "all", "--full", "--wait", "15", status=(0, 1))
        self.assert_same_as_nav()

    def description(self, number):
        return next(i["Description"] for i in self.nav.control("data")["items"] if i["No"] == number)


class Stock(nav.Bench):
    """Two languages further: a Spanish service user with four-digit years, and a server that needs its tenant."""
    nav_options = ("--language", "es-ES", "--date-format", "dd-MM-yyyy", "--tenant", "t1")
    connection = {"tenant": "t1"}

    def test_dates_are_written_as_the_user_reads_them(self):
        self.sync()
        self.change("item", {"No": "N-100001"}, Unit_Price=self.moved_price("N-100001"))
        self.sync()
        asked = [f[1] for r in self.nav.control("requests") if r.get("asked") and r["service"] == "KontorItem"
                 for f in r["asked"].get("filters", []) if f[0] == "Last_Date_Modified"]
        self.assertTrue(asked)
        self.assertTrue(all(a[2] == "-" and a[5] == "-" for a in asked), asked)
        faults = [r for r in self.nav.control("requests") if r.get("fault")]
        self.assertEqual(faults, [])
        self.assert_same_as_nav()


if __name__ == "__main__":
    kut.main()
