#!/usr/bin/python3
"""A create whose connection is cut may still be running over there. The look-up then says PENDING,
and whoever takes that for "not there" books the order a second time. The program makes one
document per order; kontor_ignores_pending, the same program with that one decision changed, must
not."""
import concurrent.futures
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import storm  # noqa: E402
from storm import kut, wait_for  # noqa: E402

ORDERS, SEED = 10, 20261122
# SAP writes the document in an update task, which may run longer than a dialog work process may:
# neither our deadline nor the server's own limit says that nothing will come any more.
MAX_WORK_S, COMMIT_AFTER_S = 1, 10


def book(name, binary, grade):
    """(documents, orders with more than one, faults) after every create was cut off."""
    with storm.Storm(name, SEED, binary, ("--key-grade", grade, "--max-work",
                                          str(MAX_WORK_S))) as s:
        s.sap.control("misbehave", {"on": storm.CREATE, "mode": "commit_late", "times": ORDERS,
                                    "commit_after_s": COMMIT_AFTER_S})
        s.place(ORDERS)
        node = s.kontor.serve("a", KT_CRASH_AT="order.sent:3")
        wait_for("the node's death at order.sent", lambda: not node.is_alive(), 30)
        node = s.kontor.serve("a")
        s.wait_end(120, [node])
        wait_for("SAP at rest", lambda: not s.sap.control("counts")["running"], 60)
        node.stop()
        counts = s.sap.control("counts")
        pending = [r for r in s.sap.control("requests") if r.get("state") == "PENDING"]
        doubled = sum(n > 1 for n in counts["documents_by_key"].values())
        return counts["documents"], doubled, len(pending), s.faults()


def main():
    kut.need_program()
    mutant = os.environ.get("KONTOR_IGNORES_PENDING") or kut.program() + "_ignores_pending"
    if not os.access(mutant, os.X_OK):
        print(f"the program that ignores PENDING is missing: {mutant}")
        return 1
    runs = {"program, SAP looks up only": ("pending-l", kut.program(), "L"),
            "program, SAP honours the key": ("pending-k", kut.program(), "K"),
            "ignoring PENDING, SAP looks up only": ("pending-m", mutant, "L")}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        futures = {what: pool.submit(book, *how) for what, how in runs.items()}
        results = {what: future.result() for what, future in futures.items()}
    wrong = []
    for what, (documents, doubled, pending, faults) in results.items():
        print(f"{what}: orders={ORDERS} documents={documents} doubled={doubled} pending={pending}")
        if pending == 0:
            wrong.append(f"{what}: SAP never said PENDING, so nothing was tried")
        if "ignoring" in what:
            if documents <= ORDERS or doubled == 0:
                wrong.append(f"{what}: made no second document, so this test shows nothing")
        elif faults:
            wrong += [f"{what}: {fault}" for fault in faults]
    for sentence in wrong:
        print("WRONG: " + sentence)
    print("pending test: " + (f"wrong={len(wrong)}" if wrong else "ok"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
