#!/usr/bin/python3
"""NAV's demo companies into a shop: attributes keep their units, the demo year 1902 breaks nothing."""
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "realdata")]
import convert_nav  # noqa: E402
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402


class RealCompany(nav.Bench):
    set_name = None
    nav_options = ("--language", "en-US")
    rules = {"language": "en", "fallback": "en", "currency": "GBP"}
    source = {"language": "en"}
    more = {"channels__shop__language": "en", "channels__shop__fallback_language": "en",
            "channels__shop__currency": "GBP"}

    @classmethod
    def make_data(cls):
        place = os.path.join(cls.folder, "nav")
        cls.real = convert_nav.convert(cls.set_name)
        cls.real.write(place)
        cls.data = [place]

    @classmethod
    def make_settings(cls):
        cls.connection = {"company": convert_nav.set_of(cls.set_name).COMPANY, "language": "en"}
        return super().make_settings()

    def everything_arrives(self, skus):
        self.sync()
        self.assertEqual(self.kontor.exceptions(), [])
        report = self.assert_same_as_nav()
        self.assertEqual(report.skus, skus)
        self.assert_quiet()


class Contoso(RealCompany):
    set_name = "contoso"

    def test_everything_arrives(self):
        self.everything_arrives(66)
        shown = {a["name"]: a["options"] for a in self.product("1896-S")["attributes"]}
        self.assertEqual((shown["Width"], shown["Depth"], shown["Material (legs)"]),
                         (["200 CM"], ["100 CM"], ["Polished stainless steel"]))
        self.assertEqual({self.product(f"SP-SCM1006.{c}")["type"] for c in ("BLACK", "WHITE", "RED")}, {"variation"})
        self.assertEqual(self.product("1896-S")["stock_quantity"], self.left_of("1896-S"))

    def left_of(self, number):
        sold = sum(int(r["Outstanding_Qty_Base"]) for r in self.real.rows("sales_lines") if r["No"] == number)
        return 500 - sold


class Cronus(RealCompany):
    set_name = "cronus"

    def test_everything_arrives(self):
        self.everything_arrives(29)
        self.assertEqual(self.product("766BC-A")["regular_price"], "46350.77")


if __name__ == "__main__":
    kut.need_program()
    if not all(os.path.isdir(convert_nav.folder_of(name)) for name in convert_nav.SETS):
        print(f"skipped: no reference data in {convert_nav.shared()}; KONTOR_SHARED names their folder")
        sys.exit(77)
    del RealCompany
    kut.main()
