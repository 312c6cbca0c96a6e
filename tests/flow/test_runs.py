"""Runs of the whole program: what is gone, what is dangerous, what a person says, and the nights."""
import json
import os
import signal

import kontor_under_test as kut
from kontor_under_test import wait_for

DAY_S = 86400
BY_HAND = {"erps__main__every": kut.BY_HAND, "erps__main__page": 15}


class Runs(kut.Bench):
    articles = 60
    more = {**BY_HAND, "erps__main__brakes": {"at_least": 3}}

    def setUp(self):
        """Each test begins with everything in step."""
        self.sap.control("misbehave", method="DELETE")
        for run in {h["run"] for h in self.held()}:
            self.kontor.must("held", "approve", str(run))
        report = self.kontor.sync("all", "--full")
        self.assertEqual(self.held(), [])
        self.assertEqual(report["rest"]["left"], 0, report)

    def held(self):
        return self.ask("held", "list")["held"]

    def ask(self, *words, status=(0, 1)):
        return json.loads(self.kontor.must("--json", *words, status=status))

    def last_run(self, stream):
        return next(r for r in self.ask("runs", "list")["runs"] if r["stream"] == stream)

    def sellable(self):
        """SKUs that are on sale in the shop."""
        return {p["sku"] for p in self.shop.control("products") if p["status"] == "publish"}

    def delete(self, *skus):
        for sku in skus:
            self.sap.control("change", {"kind": "article", "key": {"MATNR": sku}, "delete": True})

    def plain_price(self, sku):
        return next(p for p in self.sap.control("data")["prices"]
                    if p["MATNR"] == sku and p["PRICE_ID"].endswith("-01"))

    def set_price(self, sku, percent):
        price = self.plain_price(sku)
        amount = kut.moved(price["AMOUNT"], percent)
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": price["PRICE_ID"]},
                                    "set": {"AMOUNT": amount}})
        return amount

    def take(self, count):
        """Articles that are on sale and cost a price each that this test may move."""
        names = sorted(s for s in self.sellable() if self.plain_price(s)["PER"] == "1")
        self.assertGreaterEqual(len(names), count)
        return names[:count]

    def living(self, skus):
        rows = self.kontor.query("SELECT sku FROM variant WHERE rec_deleted = 0")
        return [s for s in skus if (s,) in rows]

    # ---- what is gone

    def test_01_what_a_full_run_did_not_show_is_withdrawn(self):
        gone, = self.take(1)
        self.delete(gone)
        report = self.kontor.sync("catalogue", "--full")
        self.assertGreaterEqual(report["catalogue"]["deleted"], 1, report)
        run, = report["runs"]
        self.assertEqual((run["stream"], run["how"], run["full"], run["state"]),
                         ("catalogue", "manual", True, "done"))
        self.assertNotIn(gone, self.sellable())
        self.assert_same_as_sap()

    def test_02_a_snapshot_that_is_cut_deletes_nothing(self):
        gone = self.take(2)
        self.delete(*gone)
        self.sap.control("misbehave", {"on": "Z_KONTOR_ARTICLES", "mode": "cut", "after": 2})
        self.kontor.sync("catalogue", "--full", status=(5,))
        self.sap.control("misbehave", method="DELETE")
        run = self.last_run("catalogue")
        self.assertEqual((run["state"], run["deleted"]), ("failed", 0))
        self.assertTrue(run["sentence"])
        self.assertEqual(self.living(gone), gone)
        wait_for("the ERP to be asked again", lambda: self.kontor.sync(
            "catalogue", "--full", status=(0, 1, 5))["catalogue"]["deleted"] > 0)
        self.assertEqual(self.living(gone), [])
        self.assert_same_as_sap()

    def test_03_a_run_that_is_killed_deletes_nothing_by_halves(self):
        gone = self.take(2)
        self.delete(*gone)
        for step in ("pull.read:2", "pull.committed:2", "pull.counted"):
            done = self.kontor.run("sync", "catalogue", "--full", env={"KT_CRASH_AT": step})
            self.assertEqual(done.status, -signal.SIGKILL, step)
            self.assertEqual(self.last_run("catalogue")["state"], "running")
            self.assertEqual(self.living(gone), gone, step)
            self.expire_lease("catalogue")
        # what was set aside when it died is decided by the next run, whatever that brings
        done = self.kontor.run("sync", "catalogue", "--full", env={"KT_CRASH_AT": "run.weighed"})
        self.assertEqual(done.status, -signal.SIGKILL)
        self.assertEqual(self.living(gone), gone)
        self.expire_lease("catalogue")
        dead = self.last_run("catalogue")["number"]
        self.kontor.sync("catalogue")
        self.assertEqual(self.living(gone), [])
        self.assertEqual(self.ask("runs", "show", str(dead))["state"], "interrupted")
        self.assert_same_as_sap()
        self.assert_whole()

    def expire_lease(self, stream):
        """As the time would do it that passes until the next process comes."""
        self.kontor.database.change("UPDATE lease SET until_us = 0 WHERE name = ?",
                                    f"pull main {stream}")

    # ---- what is dangerous

    def test_04_too_many_deletions_wait_for_a_person(self):
        count = len(self.kontor.query("SELECT sku FROM variant WHERE rec_deleted = 0"))
        gone = self.take(count * 6 // 100 + 1)
        self.delete(*gone)
        report = self.kontor.sync("catalogue", "--full", status=(1,))
        self.assertEqual(report["catalogue"]["deleted"], 0, report)
        self.assertGreaterEqual(report["catalogue"]["held"], len(gone))
        self.assertTrue(set(gone) <= self.sellable())
        x = self.kontor.exception("RUN_HELD", "main", stream="catalogue")
        self.assertIn("kontor held", x["suggestion"])
        self.assertEqual(self.ask("status")["held"], report["catalogue"]["held"])
        row = next(h for h in self.held() if h["reason"] == "deleted")
        shown = self.ask("held", "show", str(row["run"]))["held"]
        self.assertTrue({f"kts-100|{s}" for s in gone} <= {h["key"] for h in shown})
        self.assertIn(gone[0], self.kontor.must("held", "show", str(row["run"]), status=(1,)))

        # no: they come again with the next full run, and wait again
        self.assertGreater(self.ask("held", "discard", str(row["run"]))["discarded"], 0)
        self.assertEqual(self.held(), [])
        self.assertIsNone(self.kontor.exception("RUN_HELD"))
        self.assertEqual(self.living(gone), gone)
        self.kontor.sync("catalogue", "--full", status=(1,))
        again = next(h for h in self.held() if h["reason"] == "deleted")
        self.assertNotEqual(again["run"], row["run"])

        # yes
        self.kontor.must("exceptions", "retry", "--all")        # that is no answer
        self.assertNotEqual(self.held(), [])
        done = self.ask("held", "approve", str(again["run"]))
        self.assertEqual((done["applied"], done["stale"]), (again["count"], 0))
        self.kontor.sync("catalogue")
        self.assertFalse(set(gone) & self.sellable())
        self.assertIsNone(self.kontor.exception("RUN_HELD"))
        self.assertEqual(self.ask("runs", "show", str(again["run"]))["state"], "done")
        self.assert_same_as_sap()

    def test_05_a_price_that_jumps_waits_and_the_others_go_on(self):
        high, fine = self.take(2)
        old = self.plain_price(high)["AMOUNT"]
        wanted = self.set_price(high, 31)
        other = self.set_price(fine, 29)
        report = self.kontor.sync("prices", status=(1,))
        self.assertEqual((report["prices"]["held"], report["prices"]["changed"]), (1, 1), report)
        shown = {p["sku"]: p["regular_price"] for p in self.shop.control("products")}
        self.assertEqual(shown[fine], other)
        self.assertNotEqual(shown[high], wanted)
        self.assertIsNotNone(self.kontor.exception("RUN_HELD_PRICES", "main", percent="30"))
        row, = self.held()
        change, = self.ask("held", "show", str(row["run"]))["held"]
        self.assertEqual(change["old"].split()[0], f"{float(old):g}")
        self.assertEqual(change["new"].split()[0], f"{float(wanted):g}")
        self.kontor.must("held", "approve", str(row["run"]))
        self.kontor.sync("prices", status=(0,))
        self.assert_same_as_sap()

    def test_06_words_that_are_not_understood_change_nothing(self):
        for words in (("held", "approve"), ("held", "show", "x"), ("runs", "show"),
                      ("runs", "list", "--most", "0"), ("held", "forget", "1")):
            self.assertEqual(self.kontor.run(*words).status, 2, words)
        self.assertEqual(self.kontor.run("held", "approve", "999999").status, 1)
        self.assertEqual(self.kontor.run("runs", "show", "999999").status, 1)

    def test_07_status_tells_when_the_backlog_will_be_gone(self):
        answer = self.ask("status")
        for row in answer["deliveries"]:
            self.assertIn("sent_per_minute", row)
            self.assertEqual(row["drain_seconds"], 0, row)
        self.assertEqual({r["stream"] for r in answer["runs"]} - {*kut.FEEDS, "documents"}, set())
        self.assertIn("LAST RUN", self.kontor.must("status", status=(0, 1)))


class Nights(kut.Bench):
    articles = 20
    more = {**BY_HAND, "erps__main__every": {**{feed: "7d" for feed in kut.FEEDS}, "stock": "0s"},
            "erps__main__nightly": "02:30", "erps__main__zone": "Europe/Berlin"}

    def full_runs(self, how):
        return {r["stream"] for r in json.loads(self.kontor.must("--json", "runs", "list"))["runs"]
                if r["how"] == how and r["full"] and r["state"] == "done"}

    def test_a_night_that_was_missed_is_made_up_for_after_the_start(self):
        clock = os.path.join(self.folder, "clock")
        env = {"KT_CLOCK_FILE": clock}
        set_clock(clock, 0)
        self.kontor.sync(env=env)
        streams = {r["stream"] for r in json.loads(self.kontor.must("--json", "runs"))["runs"]}
        self.assertLessEqual({"stock", "documents"}, streams)
        streams -= {"stock", "documents"}       # by hand only: not at night either
        node = self.kontor.serve("first", **env)
        wait_for("the first start to be noted", lambda: self.kontor.query(
            "SELECT value FROM setting WHERE name = 'nightly main'"), alive=[node])
        node.stop()
        gone = self.goods[0].sku
        self.sap.control("change", {"kind": "article", "key": {"MATNR": gone}, "delete": True})
        set_clock(clock, 2 * DAY_S + 3600)
        node = self.kontor.serve("second", **env)
        try:
            wait_for("full runs of all feeds",
                     lambda: self.full_runs("catch_up") | self.full_runs("nightly") >= streams,
                     alive=[node])
            wait_for("the shop without the article", lambda: not any(
                p["sku"] == gone and p["status"] == "publish"
                for p in self.shop.control("products")), alive=[node])
            # the next one comes by the clock, while the node runs
            before = self.runs_of_nights()
            set_clock(clock, 3 * DAY_S + 3600)
            wait_for("the next night", lambda: self.runs_of_nights() >= before + len(streams),
                     alive=[node])
        finally:
            node.stop()
        self.assertNotIn("stock", self.full_runs("catch_up") | self.full_runs("nightly"))

    def runs_of_nights(self):
        return self.kontor.query("SELECT COUNT(*) FROM run WHERE is_full = 1 AND state = 'done' "
                                 "AND how IN ('nightly', 'catch_up')")[0][0]


def set_clock(path, seconds):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(str(seconds))
    os.replace(path + ".new", path)


if __name__ == "__main__":
    kut.main()
