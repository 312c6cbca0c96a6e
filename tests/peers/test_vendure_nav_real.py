#!/usr/bin/python3
"""NAV's demo companies in a real Vendure: attributes keep their units, 1902 breaks nothing."""
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "realdata")]
import shop_bench  # noqa: E402  (finds the other folders)
import check_nav  # noqa: E402
import check_vendure  # noqa: E402
import convert_nav  # noqa: E402
import nav_under_test as nav  # noqa: E402
import peer  # noqa: E402
from check_source_nav import Source  # noqa: E402


class RealCompany(shop_bench.ShopBench):
    set_name = None
    shop_options = {"language": "en", "currency": "GBP", "net": True}

    @classmethod
    def start_erp(cls):
        place = os.path.join(cls.folder, "nav")
        convert_nav.convert(cls.set_name).write(place)
        return nav.start_nav(cls.folder, "--language", "en-US", data=[place])

    @classmethod
    def settings(cls):
        company = convert_nav.set_of(cls.set_name).COMPANY
        return shop_bench.with_vendure(
            nav.settings(cls.erp, cls.shop, {"company": company, "language": "en",
                                             "payments": shop_bench.PAYMENTS, "timeout": "5s"}),
            cls.shop, price_list=nav.LIST, language="en", fallback_language="en", currency="GBP")

    def everything_arrives(self, skus):
        self.assert_in_step(self.kontor.sync())
        source = Source(check_nav.tables_from(self.erp.url), language="en").rows()
        report = check_vendure.compare(source, self.shop, check_vendure.Rules(
            language="en", fallback="en", currency="GBP"))
        self.assertEqual(report.found, [])
        self.assertEqual(report.refused, {})
        self.assertEqual(report.skus, skus)
        self.assertEqual(self.written(self.kontor.sync), 0)


class Contoso(RealCompany):
    set_name = "contoso"

    def test_everything_arrives(self):
        self.everything_arrives(66)
        values = self.shop.all("facetValues", "name facet{code name}")
        units = {v["name"] for v in values if v["facet"]["name"] == "Width"}
        self.assertIn("200 CM", units)


class Cronus(RealCompany):
    set_name = "cronus"

    def test_everything_arrives(self):
        self.everything_arrives(29)


if __name__ == "__main__":
    if not all(os.path.isdir(convert_nav.folder_of(name)) for name in convert_nav.SETS):
        peer.skip(f"no reference data in {convert_nav.shared()}; KONTOR_SHARED names their folder")
    del RealCompany
    shop_bench.main()
