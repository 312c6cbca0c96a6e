#!/usr/bin/python3
"""A Vendure on PostgreSQL that dies in mid-load and comes back: nothing is lost, nothing is there
twice. SQLite's JavaScript port, which the other tests use, would forget everything."""
import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop_bench  # noqa: E402  (finds the other folders)
import buyer  # noqa: E402
import check_vendure  # noqa: E402
import kontor_under_test as kut  # noqa: E402
import peer  # noqa: E402
from database_server import Absent, Postgresql  # noqa: E402

KILLS = 4


class Killed(shop_bench.ShopBench):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Postgresql())
        cls.server.create("shop")
        cls.shop_options = {"postgres": {
            "PGHOST": cls.server.place(), "PGPORT": str(cls.server.port), "PGUSER": "kontor",
            "PGDATABASE": "shop"}}
        super().setUpClass()

    @classmethod
    def start_erp(cls):
        cls.images = cls.enterClassContext(kut.ImageServer())
        return kut.start_sap(cls.folder, media=cls.images.url)

    @classmethod
    def settings(cls):
        settings = kut.fast_settings(cls.erp, cls.shop,
                                     erps__main__connection__timeout="5s")
        return shop_bench.with_vendure(settings, cls.shop, media=cls.images.url)

    def products(self):
        return self.shop.counts()["mutations"]["createProduct"]

    def kill_after(self, more):
        """SIGKILL when so many more pages were made, or the load is through."""
        before = self.products()
        end = time.monotonic() + 30
        while self.products() < before + more and time.monotonic() < end:
            time.sleep(0.01)
        self.shop.kill()
        self.shop.start()

    def test_killed_in_mid_load_and_in_mid_order(self):
        node = self.kontor.serve()
        for _ in range(KILLS):
            self.kill_after(4)
        kut.wait_for("all that SAP has", self.is_in_step, 300, [node])
        self.assertTrue(self.is_whole())

        goods = [g for g in kut.goods_of(self.folder) if g.tax_class == "1"]
        bought = [buyer.buy(self.shop, {g.sku: 1}, n) for n, g in enumerate(goods[:4])]
        kut.wait_for("a number", lambda: any(map(self.erp_number, bought)), 40, [node])
        self.shop.kill()
        self.shop.start()
        self.wait_told(*bought, node=node, deadline_s=60)
        for one in bought:
            self.assertEqual(len(self.documents(one)), 1)
        self.assertEqual(node.stop(), 0)

    def is_in_step(self):
        status = self.kontor.run("--json", "status")
        return status.status == 0 and not self.report().found

    def report(self):
        return check_vendure.compare(self.erp.control("data"), self.shop, check_vendure.Rules())

    def is_whole(self):
        """No page and no variant is there twice, whatever was asked for twice."""
        slugs = [p["slug"] for p in self.shop.all("products", "slug")]
        skus = [v["sku"] for v in self.shop.all("productVariants", "sku")]
        return len(slugs) == len(set(slugs)) and len(skus) == len(set(skus)) and \
            self.report().pages == len(slugs)


if __name__ == "__main__":
    try:
        Postgresql.find()
    except Absent as why:
        peer.skip(why)
    shop_bench.main()
