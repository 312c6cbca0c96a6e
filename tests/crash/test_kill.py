#!/usr/bin/python3
"""Two nodes, one database, 200 orders, a SAP that loses answers: nodes are killed at least 30
times, 10 of them while an order is in `sending`, and one is frozen for two leases. Afterwards
SAP holds exactly one document for each order, and the shop has every number.

--look-up-only: the same without a freeze against a SAP that can only be asked for a key and does
not honour it, so that nothing but the look-ups keeps orders single.
--nav: NAV in the place of SAP, with its table of keys."""
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import storm  # noqa: E402
import storm_nav  # noqa: E402
from storm import kut, wait_for  # noqa: E402

SEED = int(os.environ.get("KONTOR_TEST_SEED", "20261121"))
LOOK_UP_ONLY = "--look-up-only" in sys.argv
ERP, STORM = ("NAV", storm_nav.NavStorm) if "--nav" in sys.argv else ("SAP", storm.Storm)
ORDERS, FIRST = (100, 30) if LOOK_UP_ONLY else (200, 60)
SAP_OPTIONS = ("--key-grade", "L", "--max-work", "2") if LOOK_UP_ONLY else ()
STEPS = ["order.sending", "order.sent", "order.sent:2", "order.sending:2", "order.answered",
         "order.sent", "order.sending:3", "order.told", "order.sent:3", "order.sending",
         "order.answered:2", "order.sent:2", "order.sending", "order.told:2", "order.sent",
         "order.sending:2", "order.sent", "receive.committed", "order.answered", "order.sending"]
AT_RANDOM = 14
DEADLINE_S = 285        # of everything


def left(s):
    return max(DEADLINE_S - s.seconds(), 1)


def run(s):
    print(f"seed {SEED}, folder {s.folder}", flush=True)
    s.sap.control("misbehave", {"rules": s.erp_rules(not LOOK_UP_ONLY)})
    s.shop.control("misbehave", {"rules": storm.shop_rules(SEED)})
    s.place(FIRST)
    chaos = storm.Chaos(s, ["a", "b"], STEPS, AT_RANDOM)
    kills = len(STEPS) + AT_RANDOM
    wake_at, frozen, is_to_freeze = None, None, not LOOK_UP_ONLY
    while not chaos.is_over() or frozen or is_to_freeze:
        if s.seconds() > DEADLINE_S:
            raise AssertionError(f"the storm takes too long: {dict(s.kills)}, {s.kontor.states()}")
        chaos.look()
        chaos.kill_at_random()
        done = sum(s.kills.values())
        # Fresh orders with every kill, so that no node dies idle.
        due = min(FIRST + (ORDERS - FIRST) * done // kills, ORDERS)
        if len(s.ids) < due:
            s.place(due - len(s.ids))
        if is_to_freeze and done >= kills // 3:
            is_to_freeze = False
            chaos.node["b"].kill()
            s.kills["any moment"] += 1
            if chaos.step["a"]:         # the node to be frozen must not die meanwhile
                chaos.steps.append(chaos.step["a"])
                chaos.step["a"] = None
                chaos.node["a"].kill()
                s.kills["any moment"] += 1
                chaos.node["a"] = s.kontor.serve("a")
            frozen = chaos.freeze("a")
            since = time.monotonic()
            wake_at = since + 2 * storm.LEASE_S + 1
            chaos.restart("b")
        if frozen and time.monotonic() > wake_at:
            s.frozen_s = time.monotonic() - since
            frozen.thaw()
            frozen = None
            s.say("a thawed")
        time.sleep(0.02)
    s.place(ORDERS - len(s.ids))
    s.say(f"the storm is over: {dict(s.kills)}")
    s.wait_end(left(s), list(chaos.node.values()))
    # What is still under way over there comes to its end before it is counted.
    wait_for(f"{ERP} at rest", lambda: not s.sap.control("counts")["running"], left(s))
    for node in chaos.node.values():
        status = node.stop()
        if status != 0:
            raise AssertionError(f"{node.name} ended with {status}\n{node.tail()}")


def judge(s):
    figures, found = s.figures(), s.faults()
    rules = s.sap.control("misbehave")
    unused = [r["mode"] for r in rules if r["on"] == s.create and r["hits"] == 0]
    frozen_s = 0 if LOOK_UP_ONLY else 2 * storm.LEASE_S
    for name, least in (("orders", ORDERS), ("kills", 30), ("kills_in_sending", 10),
                        ("frozen_s", frozen_s)):
        if figures[name] < least:
            found.append(f"{name} is {figures[name]}, at least {least} was wanted")
    if unused:
        found.append(f"{ERP} never misbehaved by {', '.join(unused)}")
    if s.seconds() > 300:
        found.append("it took more than five minutes")
    print("misbehaved: " + " ".join(f"{k}={v}" for k, v in sorted(
        s.sap.control("counts")["misbehaved"].items())))
    print("killed: " + " ".join(f"{k.replace(' ', '_')}={v}" for k, v in sorted(s.kills.items())))
    for sentence in found[:40]:
        print("WRONG: " + sentence)
    grade = "looks up only" if LOOK_UP_ONLY else "honours the key"
    print(f"kill test ({ERP} {grade}): " + " ".join(f"{k}={v}" for k, v in figures.items())
          + (" ok" if not found else f" wrong={len(found)}"), flush=True)
    return 1 if found else 0


def main():
    kut.need_program()
    with STORM("kill", SEED, sap_options=SAP_OPTIONS) as s:
        try:
            run(s)
        except AssertionError as wrong:
            print(wrong)
            print(s.kontor.states(), s.figures())
            for row in s.kontor.query("SELECT order_id, state, due_us, tok, sent_us, attempts "
                                      "FROM orders WHERE state <> 'told' LIMIT 20"):
                print(row)
            return 1
        return judge(s)


if __name__ == "__main__":
    sys.exit(main())
