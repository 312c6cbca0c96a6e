#!/usr/bin/python3
"""Whose NAV it is: company and database are pinned. A copy of the database or another company gets no
order and gives no record."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402


def rewritten(folder, what, **changes):
    """A copy of the first made-up company with other words in its company.json."""
    place = os.path.join(folder, what)
    kut.shutil.copytree(os.path.join(folder, "nav-1"), place)
    path = os.path.join(place, "company.json")
    with open(path, encoding="utf-8") as file:
        company = json.load(file)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(company, **changes), file)
    return place


class Identity(nav.Bench):
    more = kut.QUICK

    def another(self, what, *options, **changes):
        """A NAV that looks like the first one but for `changes`, with a state of its own."""
        place = rewritten(self.folder, what, **changes)
        state = os.path.join(self.folder, what + "-state")
        os.makedirs(state)
        started = nav.start_nav(state, *options, data=[place])
        self.addCleanup(lambda: started.process.poll() is None and started.kill())
        return started

    def operations(self, site):
        """What was called of the codeunit, and which pages were read."""
        return {row["function"] for row in site.control("requests") if row.get("function")}

    def order(self):
        goods = [g for g in nav.goods_of(nav.company_folders(self.folder)[0]) if "." not in g.sku]
        return kut.orders.post(self.shop.url, kut.orders.make_orders(goods, 1, seed=9, plain=True))

    def expect_refused(self, settings, site, found):
        self.kontor.write(settings)
        done = self.kontor.run("check")
        self.assertEqual(done.status, 5, done.out)
        self.assertIn(found, done.out)
        self.assertIn(f"{nav.COMPANY} @ NAVDB", done.out)
        before = self.shop.control("counts")["writes"]
        self.kontor.must("sync", "all", "--full", "--wait", "1", status=(5,))
        x = self.kontor.exception("PARTNER_IDENTITY", "main")
        self.assertEqual(x["verdict"], "CONFIG")
        self.assertIn(found, x["parameters"]["found"])
        self.assertIn("nothing is written to it", x["sentence"])
        self.assertEqual(self.operations(site) - {"Info"}, set())
        self.assertEqual(self.shop.control("counts")["writes"], before)

    def test_1_the_first_one_is_pinned(self):
        done = self.kontor.run("check")
        self.assertEqual(done.status, 0, done.out)
        self.assertIn(f'It is pinned as "{nav.COMPANY} @ NAVDB".', done.out)
        self.assertIn("Contract: everything that Kontor needs is published.", done.out)
        self.sync()
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertLess({"Info", "ReadMultiple", "ReadPrices"}, self.operations(self.nav))

    def test_2_a_copy_of_the_database_is_refused(self):
        copy = self.another("copy", Database="NAVDB_TEST")
        self.order()
        self.expect_refused(nav.settings(copy, self.shop), copy, f"{nav.COMPANY} @ NAVDB_TEST")
        self.assertEqual(copy.control("orders"), [])

    def test_3_another_company_of_the_same_database_is_refused(self):
        made = nav.settings(self.nav, self.shop)
        made["erps"]["main"]["connection"]["company"] = nav.OTHER
        self.kontor.write(made)
        self.assertEqual(self.kontor.run("check").status, 5)
        self.kontor.must("sync", "all", "--full", "--wait", "1", status=(5,))
        x = self.kontor.exception("PARTNER_IDENTITY", "main")
        self.assertIn(f"{nav.OTHER} @ NAVDB", x["parameters"]["found"])
        self.assertEqual(self.nav.control("orders" + nav.company_query(nav.OTHER)), [])

    def test_4_the_right_one_goes_on_and_books_what_waited(self):
        self.kontor.write(nav.settings(self.nav, self.shop))
        report = self.kontor.sync()
        self.assertEqual(report["rest"]["left"], 0, report)
        self.assertEqual(len(self.nav.control("orders")), 1)
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertEqual(self.kontor.run("check").status, 0)

    def test_5_one_that_was_replaced_on_purpose_is_pinned_anew(self):
        moved = self.another("moved", Database="NAVDB2018")
        self.kontor.write(nav.settings(moved, self.shop))
        self.assertEqual(self.kontor.run("check").status, 5)
        done = self.kontor.run("check", "--pin-anew", "main")
        self.assertEqual(done.status, 0, done.out)
        self.assertIn(f'It is pinned as "{nav.COMPANY} @ NAVDB2018".', done.out)


if __name__ == "__main__":
    kut.main()
