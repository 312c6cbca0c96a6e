"""What is to go wrong in the NAV stand-in, and its clock. Used by nav.py."""
import fnmatch
import random
import threading
import time

from soapguard import SPOILS

CREATE, FIND = "CreateOrder", "FindOrder"
ORDER_MODES = ("commit_late", "error_after_create", "lock")
MODES = ("late", "commit_late", "twice", "never", "cut", "lock", "error_after_create", "fault", "odd", "truncate",
         "html", "status", "slow", "touch", "security")
RULE_FIELDS = {"on", "mode", "times", "probability", "seed", "after", "key", "delay_s", "commit", "commit_after_s",
               "connection", "what", "create", "reset", "hold_s", "kind", "message", "keep", "status", "retry_after",
               "total_s", "as"}


class Rules:
    """Decisions depend on seed, key and count alone, so that a run can be repeated. A rule is on an operation
    ("CreateOrder"), on one of a service ("KontorItem.ReadMultiple", with globs), or on everything ("*")."""

    def __init__(self):
        self.lock = threading.Lock()
        self.rules = []
        self.next_id = 1

    def add(self, rule):
        unknown = set(rule) - RULE_FIELDS
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(RULE_FIELDS))}")
        if rule.get("mode") not in MODES:
            raise ValueError(f"mode: one of {', '.join(MODES)} is expected")
        if rule["mode"] == "security" and rule.get("what", "unsigned") not in SPOILS:
            raise ValueError(f"what: one of {', '.join(SPOILS)} is expected")
        if rule["mode"] in ORDER_MODES and rule.get("on", CREATE) not in (CREATE, FIND):
            raise ValueError(f"{rule['mode']} is about orders: on must be {CREATE}")
        with self.lock:
            rule = dict(rule, rule=self.next_id, on=rule.get("on", CREATE if rule["mode"] in ORDER_MODES else "*"),
                        seen=0, hits=0, draws={})
            self.next_id += 1
            self.rules.append(rule)
            return rule["rule"]

    def clear(self, number=None):
        with self.lock:
            self.rules = [r for r in self.rules if number is not None and r["rule"] != number]

    def listed(self):
        with self.lock:
            return [{name: value for name, value in rule.items() if name != "draws"} for rule in self.rules]

    def pick(self, service, operation, key):
        with self.lock:
            for rule in self.rules:
                what = f"{service}.{operation}" if "." in rule["on"] else operation
                if not fnmatch.fnmatchcase(what, rule["on"]) or rule.get("key", key) != key:
                    continue
                rule["seen"] += 1
                if rule["seen"] <= rule.get("after", 0):
                    continue
                if rule.get("times") is not None and rule["hits"] >= rule["times"]:
                    continue
                nth = rule["draws"][key] = rule["draws"].get(key, 0) + 1
                draw = random.Random(f"{rule.get('seed', 0)}|{rule['mode']}|{operation}|{key}|{nth}").random()
                if draw >= rule.get("probability", 1):
                    continue
                rule["hits"] += 1
                return dict(rule)
        return None


class Clock:
    """The machine's time and as many seconds more as a file says, which a test may move ahead."""

    def __init__(self, path=None):
        self.path = path

    def ahead(self):
        if not self.path:
            return 0
        try:
            with open(self.path, encoding="ascii") as file:
                return float(file.read())
        except (FileNotFoundError, ValueError):
            return 0

    def monotonic(self):
        return time.monotonic() + self.ahead()

    def time(self):
        return time.time() + self.ahead()

    def later(self, seconds, action, is_stopping):
        """Runs the action when so much of this clock's time has passed, in a thread of its own."""
        end = self.monotonic() + seconds

        def wait():
            while not is_stopping.wait(max(min(end - self.monotonic(), 0.1), 0.005)):
                if self.monotonic() >= end:
                    action()
                    return
        threading.Thread(target=wait, daemon=True).start()
