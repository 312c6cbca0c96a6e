#!/usr/bin/python3
"""Creates in NAV whose answers get lost, where looking up cannot settle it at once.

hour: every create is cut off and committed an hour later, by a clock that the test moves ahead for
NAV and Kontor alike. The row of the key table is there, uncommitted, all the time: PENDING. Nodes
are killed meanwhile. Each order becomes one document, however often Kontor looks.
table: the table that makes the key unique is missing, so nobody can tell whether a lost create will
still come. What is found is booked; everything else is held for a person and never created again."""
import concurrent.futures
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import storm_nav  # noqa: E402
from storm import kut, wait_for  # noqa: E402
from storm_nav import CREATE, FIND  # noqa: E402

SEED, HOUR = 20261123, 3600
LATE, LOST, KEPT = 6, 4, 4


def pending(s):
    return [r for r in s.sap.control("requests") if r.get("state") == "PENDING"]


def an_hour_late():
    clock_folder = kut.make_folder("nav-clock")
    clock = os.path.join(clock_folder, "ahead")
    kut.set_clock(clock, 0)
    try:
        with storm_nav.NavStorm("nav-late", SEED, sap_options=("--clock-file", clock)) as s:
            s.sap.control("misbehave", {"on": CREATE, "mode": "commit_late", "times": LATE,
                                        "commit_after_s": HOUR})
            s.place(LATE)
            node = s.kontor.serve("a", KT_CLOCK_FILE=clock, KT_CRASH_AT="order.sent:3")
            wait_for("the node's death at order.sent", lambda: not node.is_alive(), 30)
            node = s.kontor.serve("a", KT_CLOCK_FILE=clock)
            wait_for("every create under way", lambda: len(s.sap.control("counts")["running"]) == LATE,
                     60, [node])
            for ahead in (600, 1500, 2400, 3300):       # looks again and again, and finds it under way
                seen = len(pending(s))
                kut.set_clock(clock, ahead)
                wait_for(f"look-ups at {ahead} s", lambda seen=seen: len(pending(s)) > seen, 60, [node])
                if ahead == 1500:
                    node.kill()
                    node = s.kontor.serve("a", KT_CLOCK_FILE=clock)
            early = s.sap.control("counts")
            kut.set_clock(clock, HOUR + 120)
            s.wait_end(90, [node])
            node.stop()
            found = s.faults()
            counts = s.sap.control("counts")
            created = counts["calls"][CREATE]
            print(f"an hour late: orders={LATE} documents={counts['documents']} creates={created} "
                  f"pending={len(pending(s))}")
            if early["documents"]:
                found.append("a document was there before its time: nothing was tried")
            if created != LATE:
                found.append(f"{created} creates were sent for {LATE} orders, although each was under way")
            return found
    finally:
        kut.drop_folder(clock_folder)


def without_key_table():
    found = []
    with storm_nav.NavStorm("nav-none", SEED, sap_options=("--no-key-table",)) as s:
        s.sap.control("misbehave", {"rules": [
            {"on": CREATE, "mode": "cut", "create": True, "times": KEPT},
            {"on": CREATE, "mode": "cut", "create": False, "times": LOST},
            {"on": CREATE, "mode": "commit_late", "commit_after_s": 8, "times": 1}]})
        s.place(KEPT + LOST + 1)
        node = s.kontor.serve("a", KT_CRASH_AT="order.sent:2")
        wait_for("the node's death at order.sent", lambda: not node.is_alive(), 30)
        node = s.kontor.serve("a")
        wait_for("every order told or held", lambda: s.told() + len(held(s)) == len(s.ids), 60, [node])
        wait_for("NAV at rest", lambda: not s.sap.control("counts")["running"], 30)
        s.place(3)                                          # well-behaved ones go through
        wait_for("the sound ones", lambda: s.told() + len(held(s)) == len(s.ids), 30, [node])
        node.stop()
        counts = s.sap.control("counts")
        by_key = counts["documents_by_key"]
        print(f"without the key table: orders={len(s.ids)} documents={counts['documents']} told={s.told()} "
              f"held={len(held(s))} creates={counts['calls'][CREATE]} looks={counts['calls'].get(FIND, 0)}")
        found += [f"key {key} has {n} documents" for key, n in by_key.items() if n > 1]
        if counts["calls"][CREATE] != len(s.ids):
            found.append(f"{counts['calls'][CREATE]} creates were sent for {len(s.ids)} orders")
        if len(held(s)) < LOST:
            found.append(f"{len(held(s))} orders are held, {LOST} were lost for good")
        if s.told() < 3 + KEPT:
            found.append(f"{s.told()} orders were told, {KEPT} of the lost ones can be found")
        for order in s.shop.control("orders"):
            number = kut.number_of(order)
            if number and number not in {d["number"] for d in s.sap.control("orders")}:
                found.append(f"order {order['id']} was told {number}, which NAV does not have")
    return found


def held(s):
    """Orders that a person has to decide about."""
    return s.kontor.query("SELECT subject_key FROM exceptions WHERE open_mark IS NOT NULL "
                          "AND code = 'ORDER_FATE_UNKNOWN'")


def main():
    kut.need_program()
    wrong = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = {"hour": pool.submit(an_hour_late), "table": pool.submit(without_key_table)}
        for what, run in runs.items():
            try:
                wrong += [f"{what}: {sentence}" for sentence in run.result()]
            except AssertionError as failed:
                wrong.append(f"{what}: {failed}")
    for sentence in wrong:
        print("WRONG: " + sentence)
    print("nav doubts: " + (f"wrong={len(wrong)}" if wrong else "ok"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
