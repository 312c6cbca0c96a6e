"""Real catalogues through the whole of Kontor: SAP stand-in, Kontor, shop stand-in, checker.

tests/flow/test_real_*.py each take one set. A set is converted with its deliberate faults; what
must be refused is known before Kontor runs.
"""
import html
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "flow"))
import convert  # noqa: E402
import kontor_under_test as kut  # noqa: E402
from images import ImageServer  # noqa: E402
from kontor_under_test import check  # noqa: E402

VISIBLE = "publish"


def main():
    """Skips where the reference data are absent, before anything is started."""
    kut.need_program()
    if not os.path.isdir(os.path.join(convert.shared(), "data", "catalogue")):
        print(f"skipped: no reference data in {convert.shared()}; KONTOR_SHARED names their folder")
        sys.exit(77)
    kut.unittest.main(verbosity=2)


def settings_of(name, sap, shop, **more):
    """Kontor for one set: its currency and languages, its rule of grouping, time to answer."""
    module = convert.set_of(name)
    settings = kut.fast_settings(
        sap, shop, erps__main__connection__timeout="60s", channels__shop__connection__timeout="60s",
        channels__shop__currency=module.CURRENCY, channels__shop__language=module.LANGUAGE,
        channels__shop__fallback_language=module.FALLBACK, **more)
    if module.GROUP["by"] != "parent":
        settings["erps"]["main"]["grouping"] = {
            name: value for name, value in module.GROUP.items() if name != "axis_names"}
    return settings


class Faults:
    """What a converted set must have refused: refused.json."""

    def __init__(self, rows):
        self.rows = rows
        self.articles = {r["sku"]: r for r in rows if r["what"] == "article"}
        self.prices = {r["sku"]: r for r in rows if r["what"] == "price"}


class RealSet(kut.unittest.TestCase):
    """One set; subclasses give its name and what is known of it."""
    name = None
    limit = None
    wait_s = 120

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder("real-" + cls.name)
        cls.addClassCleanup(kut.drop_folder, cls.folder)
        cls.images = cls.enterClassContext(ImageServer())
        cls.data = convert.convert(cls.name, cls.images.url, cls.limit, with_faults=True)
        cls.data.write(os.path.join(cls.folder, "data"))
        cls.faults = Faults(cls.data.refused)
        cls.sap = kut.start_sap(cls.folder)
        cls.addClassCleanup(cls.sap.kill)
        cls.shop = kut.start_shop(cls.folder)
        cls.addClassCleanup(cls.shop.kill)
        cls.kontor = kut.Kontor(cls.folder, settings_of(cls.name, cls.sap, cls.shop)).migrate()
        cls.addClassCleanup(cls.kontor.close)
        began = time.monotonic()
        cls.first = cls.sync()
        cls.seconds = time.monotonic() - began
        cls.read_shop()
        cls.print_report()

    @classmethod
    def sync(cls):
        """Until nothing is left, within the set's time."""
        text = cls.kontor.must("--json", "sync", "all", "--wait", str(cls.wait_s), status=(0, 1),
                               timeout=5 * cls.wait_s)
        return json.loads(text)

    # ---- what the shop has

    @classmethod
    def read_shop(cls):
        """Pages that are shown, their variations that are sold, and both by number."""
        things = [p for p in cls.shop.control("products") if p["status"] == VISIBLE]
        cls.products = [p for p in things if p["type"] != "variation"]
        cls.by_sku = {p["sku"]: p for p in cls.products}
        cls.under = {p["id"]: [] for p in cls.products}
        for thing in things:
            if thing["type"] == "variation":
                cls.under.setdefault(thing["parent_id"], []).append(thing)

    @classmethod
    def print_report(cls):
        matrix = [p for p in cls.products if p["type"] == "variable"]
        print(f"real {cls.name}: articles={len(cls.data.articles)} pages={len(cls.products)} "
              f"matrices={len(matrix)} variants={sum(len(cls.variants(p)) for p in matrix)} "
              f"refused={len(cls.data.refused)} first_run_s={cls.seconds:.1f}", file=sys.stderr)

    @classmethod
    def variants(cls, product):
        return cls.under[product["id"]]

    def page_of(self, sku):
        """(page, variation or None) where this SKU is sold; (None, None): nowhere."""
        found = [(p, None) for p in self.products if p["type"] == "simple" and p["sku"] == sku]
        found += [(p, v) for p in self.products for v in self.variants(p) if v["sku"] == sku]
        self.assertLessEqual(len(found), 1, f"{sku} is sold in {len(found)} places")
        return found[0] if found else (None, None)

    def check(self):
        """The checker's report. A price that cannot be read is as good as none."""
        module = convert.set_of(self.name)
        source = self.sap.control("data")
        unread = {p["PRICE_ID"] for p in self.data.prices if p["MATNR"] in self.faults.prices}
        source["prices"] = [p for p in source["prices"] if p["PRICE_ID"] not in unread]
        has_entities = getattr(module, "HAS_ENTITIES", False)
        if has_entities:                 # names are right when they read the same
            for row in source["articles"] + source["categories"]:
                for text in row["TEXT"]:
                    text["NAME"] = html.unescape(text["NAME"])
        rules = check.Rules(
            language=module.LANGUAGE, fallback=module.FALLBACK, currency=module.CURRENCY,
            group=module.GROUP["by"], axes=module.GROUP.get("axes", ()),
            group_language=module.GROUP.get("language"), market="DE",
            axis_names=module.GROUP.get("axis_names"), entities=has_entities,
            expected_refused={s: f["reason"] for s, f in self.faults.articles.items()})
        return check.check(source, self.shop.control("products"), rules)

    def counts(self):
        return self.shop.control("counts")

    # ---- what holds for every set

    def test_1_everything_has_settled(self):
        self.assertEqual(self.first["rest"]["left"], 0, self.first["rest"])
        self.assertEqual(self.first["rest"]["partners_failed"], 0, self.first["rest"])

    def test_2_the_shop_is_what_sap_says(self):
        report = self.check()
        self.assertEqual(report.found, [], "\n".join(
            [f"{len(report.found)} differences", *report.found[:40]]))
        self.assertEqual(set(report.refused), set(self.faults.articles))
        print(report.line(), file=sys.stderr)

    def test_3_each_refusal_has_its_exception_and_sentence(self):
        open_ones = self.kontor.exceptions()
        for fault in self.faults.rows:
            with self.subTest(**fault):
                hits = [x for x in open_ones if x["code"] == fault["code"]
                        and self.names(x, fault)]
                self.assertTrue(hits, [(x["code"], x["sentence"]) for x in open_ones][:20])
                self.assertTrue(hits[0]["sentence"].strip() and hits[0]["suggestion"].strip())

    def names(self, exception, fault):
        """An exception is about the article, or about the price that the fault's reason names."""
        words = [fault["sku"]]
        if fault["what"] == "price":
            words += [p["PRICE_ID"] for p in self.data.prices if p["MATNR"] == fault["sku"]]
        said = " ".join([exception["key"] or "", exception["sentence"]])
        return any(word in said for word in words)

    def test_4_and_nothing_else_has_one(self):
        strangers = [x["sentence"] for x in self.kontor.exceptions()
                     if not any(x["code"] == f["code"] and self.names(x, f)
                                for f in self.faults.rows)]
        self.assertEqual(strangers, [])

    def test_5_the_refused_are_not_sold(self):
        for sku in self.faults.articles:
            self.assertEqual(self.page_of(sku), (None, None), sku)
        for sku in self.faults.prices:
            page, variation = self.page_of(sku)
            thing = variation or page
            self.assertFalse(thing and thing["regular_price"], f"{sku} has a price")

    def test_6_every_picture_was_fetched_once(self):
        """Where pages share one, pages sent in the same moment may each bring it."""
        pages, unsure = {}, set()
        for article in self.data.articles.values():
            for picture in article["MEDIA"]:
                if article["MATNR"] in self.faults.prices:
                    unsure.add(picture["URL"])
                elif article["MATNR"] not in self.faults.articles:
                    pages[picture["URL"]] = pages.get(picture["URL"], 0) + 1
        served = {self.images.url + path: count for path, count in self.images.served.items()}
        self.assertEqual(set(pages) - set(served), set())
        self.assertEqual(set(served) - set(pages) - unsure, set())
        self.assertEqual({u: n for u, n in served.items() if n > pages.get(u, 1)}, {})

    def test_7_a_second_run_writes_nothing(self):
        before, fetched = self.counts(), sum(self.images.served.values())
        self.sync()
        after = self.counts()
        self.assertEqual(after["writes"], before["writes"],
                         [r for r in self.shop.control("requests?since=0")["requests"]
                          if r["method"] != "GET"][-5:])
        self.assertEqual(sum(self.images.served.values()), fetched)

    def test_8_the_plan_says_what_became_of_every_article(self):
        """Each article that is sold stands on one page of the plan; who cannot stand in a matrix is
        left out with a sentence."""
        plans = json.loads(self.kontor.must("--json", "plan", "all", "shop", status=(0, 1),
                                            timeout=300))["plans"]
        placed = [v["sku"] for plan in plans for page in plan["pages"] for v in page["variants"]]
        left_out = {out["sku"]: out for plan in plans for out in plan["left_out"]}
        self.assertEqual(len(placed), len(set(placed)))
        self.assertEqual(sorted(left_out), sorted(
            sku for sku, f in self.faults.articles.items() if f["code"].startswith("AXIS_")))
        for sku, out in left_out.items():
            self.assertEqual(out["code"], self.faults.articles[sku]["code"])
            self.assertIn(sku, out["sentence"])
        generic = {a["MATNR"] for a in self.data.articles.values() if a.get("AXIS")}
        self.assertEqual(set(self.data.articles) - generic - set(self.faults.articles)
                         - set(placed), set())
