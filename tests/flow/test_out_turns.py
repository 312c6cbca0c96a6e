#!/usr/bin/python3
"""Outward, pages that become something else; files and answers that get lost; runs that die."""
import kontor_under_test as kut
from kontor_under_test import wait_for
from test_out_wide import ATTENTION, Pages


class Turns(Pages):
    """Pages that become something else, files and answers that get lost: nothing is doubled, and
    each page keeps its id. The tests build on each other in the order of their names."""
    articles = 24
    more = {"erps__main__brakes": kut.NO_BRAKES}

    def living(self, parent):
        return [a["MATNR"] for a in self.sap.control("data")["articles"]
                if a.get("PARENT") == parent and not a.get("DELETED")]

    def block(self, skus, is_blocked=True):
        status, flag, stage = ("Z1", "X", "D") if is_blocked else ("", "", "A")
        for sku in skus:
            self.change("article", {"MATNR": sku}, SALES_STATUS=status, SALES_BLOCKED=flag,
                        LIFECYCLE=stage)

    def test_01_a_flat_article_joins_a_page_and_leaves_it(self):
        sku = next(g.sku for g in self.goods if not g.sku.startswith("G-"))
        values = [{"CODE": "COLOUR", "VALUE": "gelb", "LANGU": "DE"},
                  {"CODE": "LENGTH", "VALUE": "20", "UNIT": "CMT"}]
        self.change("article", {"MATNR": sku}, PARENT="G-2000", CHARACTERISTIC=values)
        self.sync_and_compare()
        self.assertIn(sku, self.variations("G-2000"))
        self.change("article", {"MATNR": sku}, PARENT="")
        self.sync_and_compare()
        row = self.product(sku)
        self.assertEqual((row["type"], row["status"]), ("simple", "publish"))

    def test_02_a_page_of_which_nothing_is_sold_is_withdrawn_and_comes_back(self):
        page, skus = self.product("G-2001"), self.living("G-2001")
        self.block(skus)
        self.sync_and_compare()
        self.assertIn(self.product("G-2001")["status"], kut.check.HIDDEN)
        self.block(skus, False)
        self.sync_and_compare()
        back = self.product("G-2001")
        self.assertEqual((back["id"], back["slug"], back["status"]),
                         (page["id"], page["slug"], "publish"))

    def test_03_a_page_with_one_variant_left_is_a_single_one_and_grows_again(self):
        page, skus = self.product("G-2002"), self.living("G-2002")
        self.change("article", {"MATNR": skus[0]}, MEDIA=[])
        rows = {sku: self.article(sku) for sku in skus[1:]}
        for sku in rows:
            self.sap.control("change", {"kind": "article", "key": {"MATNR": sku}, "delete": True})
        self.sync_and_compare()
        self.assertEqual([p["id"] for p in self.shop.control("products")
                          if p["sku"] == skus[0] and p["status"] == "publish"], [page["id"]])
        for sku, row in rows.items():
            self.change("article", {"MATNR": sku}, DELETED="", **{
                k: v for k, v in row.items() if k not in ("MATNR", "CHANGED_AT", "DELETED")})
        self.sync_and_compare()
        self.assertEqual(self.product("G-2002")["id"], page["id"])
        self.assertEqual(self.product("G-2002")["type"], "variable")

    def test_04_a_generic_article_that_is_deleted_takes_its_page_away(self):
        self.sap.control("change", {"kind": "article", "key": {"MATNR": "G-2003"},
                                    "delete": True})
        self.kontor.sync()
        self.assertIn(self.product("G-2003")["status"], kut.check.HIDDEN)
        self.assert_same_as_sap()
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertEqual(self.written(self.kontor.sync), (0, []))
        self.change("article", {"MATNR": "G-2003"}, DELETED="")
        self.sync_and_compare()

    def test_05_an_image_that_the_shop_has_lost_is_uploaded_again(self):
        page = self.product("G-2000")
        for image in page["images"]:
            self.shop.control(f"images/{image['id']}", method="DELETE")
        uploads = self.uploads()
        texts = self.article("G-2000")["TEXT"]
        texts[0]["NAME"] = "Nach dem Aufräumen"
        self.change("article", {"MATNR": "G-2000"}, TEXT=texts)
        self.sync_and_compare()
        self.assertEqual(self.uploads(), uploads + len(page["images"]))

    def test_06_lost_answers_double_no_page_and_no_variation(self):
        rules = ({"mode": "cut", "apply": True}, {"mode": "error_after_apply"},
                 {"mode": "truncate"}, {"mode": "never", "apply": True}, {"mode": "cut", "items": 1})
        for n, rule in enumerate(rules):
            for route in ("POST /products/*/variations/batch", "POST /products/batch"):
                self.new_variant(f"G-2000-L{n}", "G-2000-03", f"Farbe {n}", "20")
                if "variations" not in route:
                    self.change("article", {"MATNR": f"G-2000-L{n}"}, PARENT="")
                self.shop.control("misbehave", dict(rule, on=route, times=1))
                for _ in range(3):
                    self.kontor.sync(status=(0, 1, 5))
                fired = self.shop.control("misbehave")["rules"][-1]["fired"]
                self.assertEqual(fired, 1, (route, rule))
                self.shop.control("misbehave", method="DELETE")
                self.sync_and_compare()

    def test_07_two_variants_with_the_same_values(self):
        """The later one waits for a person and comes by itself when the other goes."""
        self.new_variant("G-2001-X", "G-2001-03", "rot", "60")
        self.kontor.sync()
        x, = self.kontor.exceptions()
        self.assertEqual(x["code"], "AXIS_VALUES_TAKEN")
        for number in ("G-2001-03", "G-2001-X"):
            self.assertIn(number, x["sentence"])
        self.assertIsNone(self.product("G-2001-X"))
        self.assertEqual(self.kontor.run("plan", "G-2001", "shop").status, ATTENTION)
        self.sap.control("change", {"kind": "article", "key": {"MATNR": "G-2001-03"},
                                    "delete": True})
        self.sync_and_compare()
        self.assertEqual(self.product("G-2001-X")["status"], "publish")

    def test_08_killed_at_every_step_it_ends_the_same(self):
        """Each run dies with work in its hands; the last one takes all of it over."""
        for n, step in enumerate(("push.sending", "push.sent", "push.settling", "push.sent:3",
                                  "fanout.written", "pull.committed")):
            self.new_variant(f"G-2000-K{n}", "G-2000-03", f"Ton {n}", "40")
            done = self.kontor.run("sync", "all", env={"KT_CRASH_AT": step})
            self.assertEqual(done.status, -9, (step, done.err))

        def is_there():
            self.kontor.sync(status=(0, 1, 5))
            return not kut.compare(self.sap, self.shop).found
        wait_for("all in the shop, once the dead ones' leases are over", is_there, 90)
        self.sync_and_compare()

    def test_09_the_database_is_whole(self):
        self.assert_whole()


if __name__ == "__main__":
    kut.main()
