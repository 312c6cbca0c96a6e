"""What is to go wrong in the SAP stand-in, and the journal of what happened. Used by sap.py."""
import random
import threading

import sapdata
from soapguard import SPOILS

CREATE = "Z_KONTOR_ORDER_CREATE"
FIND = "Z_KONTOR_ORDER_FIND"
ORDER_MODES = ("commit_late", "error_after_create", "lock")
MODES = ("late", "commit_late", "twice", "never", "cut", "lock", "error_after_create", "fault", "return_e", "truncate",
         "html", "status", "slow", "security", "content")
READ = "Z_KONTOR_DOCUMENT_READ"
CONTENTS = ("short", "total", "changed", "endless", "empty", "garbage", "more", "huge")     # what of a content goes wrong
RULE_FIELDS = {"on", "mode", "times", "probability", "seed", "after", "key", "delay_s", "commit", "commit_after_s",
               "connection", "what", "create", "reset", "hold_s", "type", "id", "number", "message", "row", "keep",
               "status", "retry_after", "total_s", "as"}


class Rules:
    """What is to go wrong. Decisions depend on seed, key and count alone, so that a run can be repeated."""

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
        if rule["mode"] == "content" and (rule.get("on", READ) != READ or rule.get("what") not in CONTENTS):
            raise ValueError(f"content is about {READ}; what: one of {', '.join(CONTENTS)} is expected")
        if rule["mode"] in ORDER_MODES and rule.get("on", CREATE) not in (CREATE, FIND):
            raise ValueError(f"{rule['mode']} is about orders: on must be {CREATE}")
        with self.lock:
            usual = CREATE if rule["mode"] in ORDER_MODES else READ if rule["mode"] == "content" else "*"
            rule = dict(rule, rule=self.next_id, on=rule.get("on", usual), seen=0, hits=0, draws={})
            self.next_id += 1
            self.rules.append(rule)
            return rule["rule"]

    def clear(self, number=None):
        with self.lock:
            self.rules = [r for r in self.rules if number is not None and r["rule"] != number]

    def listed(self):
        with self.lock:
            return [{name: value for name, value in rule.items() if name != "draws"} for rule in self.rules]

    def pick(self, function, key):
        with self.lock:
            for rule in self.rules:
                if rule["on"] not in ("*", function) or rule.get("key", key) != key:
                    continue
                rule["seen"] += 1
                if rule["seen"] <= rule.get("after", 0):
                    continue
                if rule.get("times") is not None and rule["hits"] >= rule["times"]:
                    continue
                nth = rule["draws"][key] = rule["draws"].get(key, 0) + 1
                draw = random.Random(f"{rule.get('seed', 0)}|{rule['mode']}|{function}|{key}|{nth}").random()
                if draw >= rule.get("probability", 1):
                    continue
                rule["hits"] += 1
                return dict(rule)
        return None


class Journal:
    def __init__(self):
        self.lock = threading.Lock()
        self.entries = []
        self.calls = {}
        self.modes = {}
        self.refused = 0

    def add(self, **entry):
        with self.lock:
            entry = dict(entry, n=len(self.entries) + 1, at=sapdata.instant(sapdata.now_utc()))
            self.entries.append(entry)
            if entry.get("function"):
                self.calls[entry["function"]] = self.calls.get(entry["function"], 0) + 1
            if entry.get("mode"):
                self.modes[entry["mode"]] = self.modes.get(entry["mode"], 0) + 1
            self.refused += entry.get("error") is not None
            return entry

    def since(self, number):
        with self.lock:
            return [dict(entry) for entry in self.entries[number:]]
