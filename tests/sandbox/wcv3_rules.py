"""Misbehaviour of the wc/v3 stand-in: which request meets which rule, counted and repeatable."""
import fnmatch
import random
import threading

# mode -> the parameters it takes, with their defaults
MODES = {
    "late": {"delay_s": 5.0, "commit": "before"},
    "never": {"apply": False, "hold_s": 600.0},
    "cut": {"apply": True, "items": None, "reset": False},
    "error_after_apply": {"status": 500},
    "html": {"apply": False},
    "status": {"status": 503, "retry_after": None, "html": False, "body": None, "code": None},
    "truncate": {"keep": 0.5, "honest": False},
    "item_error": {"positions": None, "skus": None, "every": None, "code": "sandbox_item_error",
                   "message": "This item was refused on demand.", "status": 500, "apply": False},
    "slow": {"bytes_per_s": 200, "chunk": 20},
    "duplicate": {"id": None},
    "lying": {"code": "woocommerce_rest_cannot_edit",
              "message": "Sorry, you are not allowed to edit this resource.", "apply": False},
}
COMMON = {"on", "mode", "times", "probability", "seed", "after"}


class RuleError(Exception):
    pass


class Rule:
    def __init__(self, rule_id, text):
        mode = text.get("mode")
        if mode not in MODES:
            raise RuleError(f"mode {mode!r} is not one of {', '.join(sorted(MODES))}")
        unknown = [k for k in text if k not in COMMON and k not in MODES[mode]]
        if unknown:
            raise RuleError(f"mode {mode} takes no {', '.join(unknown)}")
        on = str(text.get("on", "* *")).split()
        if len(on) != 2:
            raise RuleError("on is METHOD ROUTE, for example 'PUT /orders/*'")
        self.methods, self.route = on[0].upper().split("|"), "/" + on[1].lstrip("/")
        self.route = "*" if on[1] == "*" else self.route
        self.id, self.text, self.mode = rule_id, text, mode
        self.param = dict(MODES[mode], **{k: v for k, v in text.items() if k in MODES[mode]})
        if mode == "late" and self.param["commit"] not in ("before", "after"):
            raise RuleError("commit of mode late is 'before' or 'after'")
        self.times, self.after = text.get("times"), int(text.get("after") or 0)
        self.probability = float(text.get("probability", 1))
        self.random = random.Random(text.get("seed", 0))
        self.seen = self.fired = 0

    def takes(self, method, route):
        """Asked once for every request, in their order: this is where the rule counts."""
        if not (("*" in self.methods or method in self.methods)
                and fnmatch.fnmatchcase(route, self.route)):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.fired >= self.times):
            return False
        if self.probability < 1 and self.random.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def show(self):
        return dict(self.text, id=self.id, seen=self.seen, fired=self.fired)


class Rules:
    def __init__(self):
        self.lock = threading.Lock()
        self.rules, self.last_id = [], 0

    def add(self, texts):
        """All or none; returns the ids."""
        with self.lock:
            new = []
            for i, text in enumerate(texts):
                if not isinstance(text, dict):
                    raise RuleError("a rule is a JSON object")
                try:
                    new.append(Rule(self.last_id + 1 + i, text))
                except (TypeError, ValueError) as wrong:
                    raise RuleError(str(wrong)) from wrong
            self.rules += new
            self.last_id += len(new)
            return [rule.id for rule in new]

    def remove(self, rule_id=None):
        with self.lock:
            gone = [r for r in self.rules if rule_id in (None, r.id)]
            self.rules = [r for r in self.rules if r not in gone]
            return [rule.show() for rule in gone]

    def show(self):
        with self.lock:
            return [rule.show() for rule in self.rules]

    def match(self, method, route):
        """The first rule that takes this request, or None."""
        with self.lock:
            for rule in self.rules:
                if rule.takes(method, route):
                    return rule
            return None
