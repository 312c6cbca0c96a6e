"""Orders through a storm: a SAP that loses answers, nodes that are killed and frozen.

Used by test_kill.py and test_pending.py. Everything random comes from one seed, which is printed.
"""
import collections
import os
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
import kontor_under_test as kut  # noqa: E402
from kontor_under_test import wait_for  # noqa: E402

CREATE, FIND = "Z_KONTOR_ORDER_CREATE", "Z_KONTOR_ORDER_FIND"
DEADLINE_S = 1          # of one call, by the configuration below
LEASE_S = 16            # of claimed orders: five calls, the settling and ten seconds
SETTINGS = {"erps__main__every": dict(kut.BY_HAND, stock="2s"),
            "channels__shop__connection__timeout": "1s", "log__level": "info"}

# Steps at which an order is announced and its answer not yet written: it is in `sending`.
IN_SENDING = ("order.sending", "order.sent")


def sap_rules(seed, key_is_honoured=True):
    """Every way in which a create can go wrong; the first that draws takes the call. A SAP that
    does not honour the key books what it processes twice, so that mode is left out there."""
    rules = [
        {"mode": "commit_late", "commit_after_s": DEADLINE_S + 60, "times": 3, "probability": 0.10},
        {"mode": "commit_late", "commit_after_s": DEADLINE_S + 20, "times": 8, "probability": 0.05},
        {"mode": "status", "status": 503, "retry_after": 1, "times": 6, "probability": 0.10},
        {"mode": "commit_late", "commit_after_s": 4, "connection": "hang", "probability": 0.04},
        {"mode": "late", "delay_s": 2, "commit": "before", "probability": 0.05},
        {"mode": "late", "delay_s": 2, "commit": "after", "probability": 0.05},
        {"mode": "twice", "what": "process", "probability": 0.06},
        {"mode": "twice", "what": "both", "probability": 0.06},
        {"mode": "never", "hold_s": 5, "probability": 0.04},
        {"mode": "cut", "create": True, "probability": 0.08},
        {"mode": "cut", "create": False, "probability": 0.08},
        {"mode": "cut", "create": True, "reset": True, "probability": 0.04},
        {"mode": "error_after_create", "probability": 0.08},
        {"mode": "status", "status": 503, "probability": 0.08},
        {"mode": "status", "status": 503, "create": True, "probability": 0.06},
    ]
    if not key_is_honoured:
        rules = [rule for rule in rules if rule["mode"] != "twice"]
    look_ups = [{"mode": "html", "probability": 0.03, "times": 6},
                {"mode": "cut", "probability": 0.03, "times": 6}]
    rules = [dict(rule, on=CREATE) for rule in rules] + [dict(rule, on=FIND) for rule in look_ups]
    return [dict(rule, seed=seed * 100 + n) for n, rule in enumerate(rules)]


def shop_rules(seed):
    """The shop loses answers, too, when it is told the number."""
    rules = [{"on": "PUT /orders/*", "mode": "cut", "apply": True, "times": 8, "probability": 0.05},
             {"on": "PUT /orders/*", "mode": "cut", "apply": False, "times": 4,
              "probability": 0.03},
             {"on": "PUT /orders/*", "mode": "error_after_apply", "times": 6, "probability": 0.05},
             {"on": "GET /orders", "mode": "truncate", "times": 4, "probability": 0.05}]
    return [dict(rule, seed=seed * 100 + n) for n, rule in enumerate(rules)]


class Storm:
    """Two nodes at most between a shop and SAP; storm_nav.py puts NAV in its place."""
    create = CREATE

    def __init__(self, name, seed, binary=None, sap_options=(), settings=None):
        self.folder = kut.make_folder(name)
        self.seed, self.random = seed, random.Random(f"storm {seed}")
        self.began = time.monotonic()
        self.ids, self.kills, self.frozen_s = [], collections.Counter(), 0
        self.sap = self.shop = self.kontor = None
        self.sap = self.start_erp(sap_options)
        # A fixed store id: order keys, and with them what befalls which order, repeat by the seed.
        self.shop = kut.start_shop(self.folder, "--store-id", f"storm-{seed}")
        self.goods = self.read_goods()
        self.kontor = kut.Kontor(self.folder, self.make_settings(dict(
            SETTINGS, **(settings or {}))), binary).migrate()
        report = self.kontor.sync()
        if report["rest"]["left"] or report["rest"]["exceptions"]:
            raise AssertionError(f"the catalogue did not arrive: {report}")

    def start_erp(self, options):
        return kut.start_sap(self.folder, *options)

    def read_goods(self):
        return kut.goods_of(self.folder)

    def make_settings(self, more):
        return kut.fast_settings(self.sap, self.shop, **more)

    def erp_rules(self, key_is_honoured=True):
        return sap_rules(self.seed, key_is_honoured)

    def close(self):
        if self.kontor:
            self.kontor.close()
        for partner in (self.sap, self.shop):
            if partner and partner.process.poll() is None:
                partner.kill()
        kut.drop_folder(self.folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def seconds(self):
        return time.monotonic() - self.began

    def say(self, text):
        print(f"{self.seconds():6.1f} s  {text}", flush=True)

    # ---- orders

    def place(self, count):
        made = kut.orders.make_orders(self.goods, count, seed=self.seed, first=len(self.ids))
        self.ids += [o["id"] for o in kut.orders.post(self.shop.url, made)]

    def told(self):
        return sum(kut.number_of(o) is not None for o in self.shop.control("orders"))

    def open_orders(self):
        """Orders that Kontor has and has not yet brought to their end."""
        states = self.kontor.states()
        return sum(states.values()) - states["told"]

    def in_hand(self):
        """Orders that a node is sending at this moment."""
        return self.kontor.query("SELECT COUNT(*) FROM orders WHERE state = 'sending' AND tok <> 0 "
                                 "AND sent_us > ?", int((time.time() - DEADLINE_S) * 1e6))[0][0]

    # ---- the result

    def faults(self):
        """What is wrong after the storm, as sentences; none if every order is booked once."""
        found = []
        documents = self.sap.control("orders")
        per_key = collections.Counter(d["key"] for d in documents)
        number_of_key = {d["key"]: d["number"] for d in documents}
        found += [f"key {key} has {n} documents" for key, n in per_key.items() if n > 1]
        rows = {row[0]: row[1:] for row in self.kontor.query(
            "SELECT order_id, our_key, state, erp_number FROM orders")}
        for order in self.shop.control("orders"):
            key, state, number = rows.get(str(order["id"]), (None, "lost", None))
            there = kut.meta(order)
            if per_key[key] == 0:
                found.append(f"order {order['id']} ({state}) has no document")
            elif there.get(kut.NUMBER) != number_of_key[key] or there.get(kut.KEY) != key:
                found.append(f"order {order['id']} ({state}): the shop was told "
                             f"{there.get(kut.NUMBER)}, SAP has {number_of_key[key]}")
            elif state != "told" or number != number_of_key[key]:
                found.append(f"order {order['id']} is {state} with number {number}")
        if len(documents) != len(self.ids):
            found.append(f"{len(documents)} documents for {len(self.ids)} orders")
        if self.kontor.integrity() != "ok":
            found.append(f"integrity_check: {self.kontor.integrity()}")
        found += [f"open: {x['sentence']}" for x in self.kontor.exceptions()
                  if x["subject"] == "order"]
        return found

    def figures(self):
        counts = self.sap.control("counts")
        return {"seed": self.seed, "orders": len(self.ids), "documents": counts["documents"],
                "keys": len(counts["documents_by_key"]), "numbers_in_shop": self.told(),
                "kills": sum(self.kills.values()),
                "kills_in_sending": sum(self.kills[s] for s in IN_SENDING),
                "frozen_s": round(self.frozen_s), "seconds": round(self.seconds())}

    def wait_end(self, deadline_s, nodes):
        wait_for("every number in the shop", lambda: self.told() == len(self.ids)
                 and self.open_orders() == 0, deadline_s, nodes)


class Chaos:
    """Keeps nodes running and kills them: at named steps, and at any moment."""

    def __init__(self, storm, names, steps, at_random):
        self.storm, self.steps = storm, collections.deque(steps)
        self.at_random, self.names = at_random, names
        self.node, self.step, self.until = {}, {}, {}
        self.next_random = 0
        for name in names:
            self.restart(name)

    def restart(self, name):
        """A killed node comes back; as long as steps are left, it is to die at the next one."""
        step = self.steps.popleft() if self.steps else None
        self.step[name] = step
        self.until[name] = time.monotonic() + 12
        self.node[name] = self.storm.kontor.serve(name, **({"KT_CRASH_AT": step} if step else {}))

    def bury(self, name, how):
        self.storm.kills[how] += 1
        self.storm.say(f"{name} killed: {how}")
        self.restart(name)

    def look(self):
        """Restarts what has died by itself; a step that does not come is given back."""
        for name in self.names:
            node = self.node[name]
            if not node.is_alive():
                if node.process.returncode != -9 or not self.step[name]:
                    raise AssertionError(f"{name} ended by itself, {node.process.returncode}\n"
                                         + node.tail())
                self.bury(name, self.step[name].partition(":")[0])
            elif self.step[name] and time.monotonic() > self.until[name] and not node.is_frozen:
                self.steps.append(self.step[name])
                self.step[name] = None
                node.kill()
                self.bury(name, "any moment")

    def kill_at_random(self):
        """One node, now and then, at whatever it is doing."""
        if self.at_random <= 0 or time.monotonic() < self.next_random:
            return
        self.next_random = time.monotonic() + self.storm.random.uniform(0.7, 2.0)
        name = self.storm.random.choice(self.names)
        if self.step[name] or self.node[name].is_frozen:
            return
        self.node[name].kill()
        self.at_random -= 1
        self.bury(name, "any moment")

    def is_over(self):
        return not self.steps and not any(self.step.values()) and self.at_random <= 0

    def freeze(self, name):
        """Stops the node in the middle of an order, but not inside a transaction: who is frozen
        there holds everybody up, for ever on an embedded database, which is another test."""
        node = self.node[name]

        def caught():
            if not self.storm.in_hand():
                return False
            node.freeze()
            if self.storm.in_hand() and not self.storm.kontor.database.has_open_transaction():
                return True
            node.thaw()
            return False
        wait_for("an order in the hands of the node to be frozen", caught, 60, [node])
        self.storm.say(f"{name} frozen with an order in its hands")
        return node

