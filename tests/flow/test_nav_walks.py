#!/usr/bin/python3
"""Long walks over NAV's tables, a few rows at a time, while answers get lost and clerks go on working."""
import os
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import nav_under_test as nav  # noqa: E402
from nav_under_test import kut  # noqa: E402

WAYS = ({"mode": "cut"}, {"mode": "truncate"}, {"mode": "html"}, {"mode": "odd"}, {"mode": "odd", "what": "empty"},
        {"mode": "status", "status": 503}, {"mode": "slow", "total_s": 2},
        {"mode": "fault", "kind": "Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideSQLLockTimeoutException"})
CALLS = ("KontorItem.ReadMultiple", "KontorItemVariant.ReadMultiple", "KontorItemAttribute.ReadMultiple", "ReadPrices",
         "ReadStock")


class Walks(nav.Bench):
    more = dict(kut.QUICK, erps__main__page=7)

    def whole(self, runs=25):
        """Syncs until a run leaves nothing and nothing is open; each call's failures end some day."""
        for _ in range(runs):
            report = self.kontor.sync(status=(0, 1, 5))         # 5: a partner failed
            if not report["rest"]["left"] and not report["rest"]["partners_failed"] \
                    and not self.kontor.open_codes() and not self.spoilt():
                return
        self.fail(f"never whole: {report['rest']} {self.kontor.open_codes()} {self.spoilt()}")

    def spoilt(self):
        """What has not gone wrong yet."""
        return [r["on"] for r in self.nav.control("misbehave") if r["hits"] < r["times"]]

    def test_1_lost_answers_leave_no_gap(self):
        """Every call fails once, each time otherwise, in the middle of its walk."""
        rules = [dict(WAYS[n % len(WAYS)], on=call, times=1, after=1 + n % 3) for n, call in enumerate(CALLS * 2)]
        self.nav.control("misbehave", {"rules": rules})
        self.whole()
        self.assert_same_as_nav(least=80)
        self.assert_quiet()

    def test_2_a_bookmark_that_is_none_any_more(self):
        """The row whose key was the bookmark changes before the next page is asked for."""
        before = len(self.nav.control("requests"))
        self.nav.control("misbehave", {"rules": [
            {"mode": "touch", "on": f"{page}.ReadMultiple", "times": 2} for page in (
                "KontorItemCategory", "KontorItemUnit", "KontorItem", "KontorItemAttribute")]})
        self.kontor.must("sync", "all", "--full", "--wait", "15", status=(0, 1, 5))
        self.whole()
        stale = [r for r in self.nav.control("requests")[before:] if r.get("fault") == "ServiceBrokerException"]
        self.assertTrue(stale)
        self.assert_same_as_nav(least=80)
        self.assert_quiet()

    def test_3_rows_that_change_under_a_walk(self):
        """Keys change while they serve as bookmarks; what was changed is there after the next run."""
        over = threading.Event()

        numbers = [i["No"] for i in self.nav.control("data")["items"] if i["Base_Unit_of_Measure"] == "STK"]

        def work():
            turn = 0
            while not over.wait(0.01):
                turn += 1
                number = numbers[turn % len(numbers)]
                self.change("item", {"No": number}, Description_2=f"Stand {turn}")
                self.change("unit", {"Item_No": number, "Code": "STK"}, Height=str(turn))
        clerk = threading.Thread(target=work)
        clerk.start()
        try:
            self.kontor.must("sync", "all", "--full", "--wait", "15", status=(0, 1, 5))
        finally:
            over.set()
            clerk.join()
        self.whole()
        self.assert_same_as_nav(least=80)
        self.assert_quiet()


if __name__ == "__main__":
    kut.main()
