"""Filters as NAV reads them: `Field` and `Criteria` of ReadMultiple become a test of a value. Used by nav.py.

Operators | & < <= > >= <> = .. * ? @ and brackets; a part in 'quotes' is data, '' inside it is one
quote. Dates, options and booleans are read as the service user's language writes them.
"""
import datetime
import re
from decimal import Decimal, InvalidOperation

import navforms
from navforms import BOOL, CODE, DATE, DECIMAL, INT, OPTION, TIME

OPERATORS = ("<>", "<=", ">=", "<", ">", "=", "..", "|", "&", "(", ")")
YES_NO = {"de-DE": ("ja", "nein"), "es-ES": ("sí", "no"), "en-US": ("yes", "no")}
DATE_FORMATS = {"de-DE": "dd.MM.yy", "es-ES": "dd/MM/yy", "en-US": "MM/dd/yy"}
SEPARATORS = re.compile("[./-]")


class FilterError(Exception):
    """The criteria mean nothing for this field: NavCSideFilterException."""


class Locale:
    """How the service user writes dates and says yes."""

    def __init__(self, language, date_format=None):
        self.language = language
        self.date_format = date_format or DATE_FORMATS[language]
        if not re.fullmatch(r"(dd|MM|yy|yyyy)([./-])(dd|MM|yy|yyyy)\2(dd|MM|yy|yyyy)",
                            self.date_format):
            raise ValueError(f"no such date format: {self.date_format}")
        self.order = [part[0] for part in SEPARATORS.split(self.date_format)]

    def show(self, day):
        """A day as FORMAT would write it."""
        out = self.date_format.replace("yyyy", f"{day.year:04d}").replace("yy", f"{day.year % 100:02d}")
        return out.replace("MM", f"{day.month:02d}").replace("dd", f"{day.day:02d}")

    def read(self, text):
        """ "31.12.01", "31.12.1902" or "311201" as 2001-12-31 …; any of NAV's separators will do."""
        parts = SEPARATORS.split(text)
        if len(parts) == 1 and re.fullmatch(r"\d{6}|\d{8}", text):
            parts = self._undivided(text)
        if len(parts) != 3 or not all(re.fullmatch(r"\d{1,4}", p) for p in parts):
            raise FilterError(f'"{text}" is no date')
        found = dict(zip(self.order, parts))
        if len(found["d"]) > 2 or len(found["M"]) > 2 or len(found["y"]) not in (1, 2, 4):
            raise FilterError(f'"{text}" is no date')
        year = int(found["y"])
        if len(found["y"]) < 3:
            year += 2000 if year < 30 else 1900
        try:
            return datetime.date(year, int(found["M"]), int(found["d"])).isoformat()
        except ValueError:
            raise FilterError(f'"{text}" is no date') from None

    def _undivided(self, text):
        lengths = [len(text) - 4 if name == "y" else 2 for name in self.order]
        ends = [sum(lengths[:n + 1]) for n in range(3)]
        return [text[end - length:end] for end, length in zip(ends, lengths)]


def tokens(criteria):
    """("op", text) and ("data", [(text, is_quoted)]) in turn; blanks around data do not count."""
    out, part, at = [], [], 0

    def end():
        if part and not part[0][1]:
            part[0] = (part[0][0].lstrip(), False)
        if part and not part[-1][1]:
            part[-1] = (part[-1][0].rstrip(), False)
        if any(text or is_quoted for text, is_quoted in part):
            out.append(("data", [p for p in part if p[0] or p[1]]))
        part.clear()
    while at < len(criteria):
        operator = next((o for o in OPERATORS if criteria.startswith(o, at)), None)
        if criteria[at] == "'":
            quoted, at = _quoted(criteria, at)
            part.append((quoted, True))
        elif operator:
            end()
            out.append(("op", operator))
            at += len(operator)
        else:
            if not part or part[-1][1]:
                part.append(("", False))
            part[-1] = (part[-1][0] + criteria[at], False)
            at += 1
    end()
    return out


def _quoted(criteria, at):
    text, at = "", at + 1
    while at < len(criteria):
        if criteria[at] == "'" and criteria[at + 1:at + 2] == "'":
            text, at = text + "'", at + 2
        elif criteria[at] == "'":
            return text, at + 1
        else:
            text, at = text + criteria[at], at + 1
    raise FilterError("a quote is missing")


class Parser:
    """or-parts of and-parts of comparisons; each becomes a function of the value."""

    def __init__(self, criteria, field, locale):
        self.field, self.locale = field, locale
        self.tokens = tokens(criteria)
        self.at = 0

    def peek(self, operator=None):
        if self.at >= len(self.tokens):
            return None
        kind, what = self.tokens[self.at]
        return kind if operator is None else kind == "op" and what == operator

    def take(self):
        self.at += 1
        return self.tokens[self.at - 1][1]

    def whole(self):
        test = self.either()
        if self.at != len(self.tokens):
            raise FilterError(f"{self.take()} is not expected")
        return test

    def either(self):
        tests = [self.both()]
        while self.peek("|"):
            self.take()
            tests.append(self.both())
        return lambda v: any(t(v) for t in tests)

    def both(self):
        tests = [self.one()]
        while self.peek("&"):
            self.take()
            tests.append(self.one())
        return lambda v: all(t(v) for t in tests)

    def one(self):
        if self.peek("("):
            self.take()
            test = self.either()
            if not self.peek(")"):
                raise FilterError(") is missing")
            self.take()
            return test
        if self.peek("op") is None:
            raise FilterError("something is missing at the end")
        if self.peek() == "op":
            operator = self.take()
            if operator not in ("<>", "<=", ">=", "<", ">", "=", ".."):
                raise FilterError(f"{operator} is not expected")
            return self.compare(operator)
        data = self.take()
        if self.peek(".."):
            self.take()
            low = self.value(data)
            if self.peek() != "data":
                return lambda v: v >= low
            high = self.value(self.take())
            return lambda v: low <= v <= high
        return self.like(data)

    def compare(self, operator):
        data = self.take() if self.peek() == "data" else [("", True)]
        if operator == "..":
            high = self.value(data)
            return lambda v: v <= high
        if operator == "=":
            return self.like(data)
        if operator == "<>":
            equal = self.like(data)
            return lambda v: not equal(v)
        other = self.value(data)
        return {"<": lambda v: v < other, "<=": lambda v: v <= other, ">": lambda v: v > other,
                ">=": lambda v: v >= other}[operator]

    def like(self, data):
        """Equality, with * ? and a leading @ where they are not quoted."""
        if self.field.kind not in (CODE, navforms.TEXT):
            other = self.value(data)
            return lambda v: v == other
        ignore_case = not data[0][1] and data[0][0].startswith("@")
        if ignore_case:
            data = [(data[0][0][1:], False)] + data[1:]
        if self.field.kind == CODE:
            data = [(text.upper(), is_quoted) for text, is_quoted in data]
        pattern = "".join(re.escape(text) if is_quoted else re.escape(text).replace(
            r"\*", ".*").replace(r"\?", ".") for text, is_quoted in data)
        test = re.compile(pattern, re.S | (re.I if ignore_case else 0))
        return lambda v: test.fullmatch(v) is not None

    def value(self, data):
        text = "".join(part for part, _ in data)
        try:
            return self.typed(text)
        except (ValueError, InvalidOperation, KeyError, IndexError):
            raise FilterError(f'"{text}" is no {self.field.kind}') from None

    def typed(self, text):
        kind = self.field.kind
        if kind == CODE:
            return text.upper()
        if kind == DECIMAL:
            point = "," if self.locale.language != "en-US" else "."
            if "." in text and point == ",":
                raise ValueError(text)
            return Decimal(text.replace(",", "."))
        if kind == INT:
            return int(text)
        if kind == DATE:
            return self.locale.read(text) if text else ""
        if kind == TIME:
            return self.instant(text)
        if kind == BOOL:
            words = dict(zip(YES_NO[self.locale.language], (True, False)), **{"1": True, "0": False})
            return words[text.casefold()]
        if kind == OPTION:
            return self.choice(text)
        return text

    def instant(self, text):
        """A day, or a day and a time of the service user, as the instant that a row holds (UTC)."""
        day, _, clock = text.partition(" ")
        if not re.fullmatch(r"(\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?", clock):
            raise ValueError(text)
        return f"{self.locale.read(day)}T{clock or '00:00:00'}"

    def choice(self, text):
        """By number, or by caption; blanks and marks stand as _ in the XML name only."""
        if re.fullmatch(r"\d+", text):
            return range(len(self.field.values))[int(text)]
        wanted = caption(text)
        return [caption(v) for v in self.field.values].index(wanted)


def caption(name):
    return re.sub(r"[^a-z0-9]+", " ", "" if name == "_blank_" else name.casefold()).strip()


def test_of(criteria, field, locale):
    """A function that says whether a row's value of this field fits. Empty criteria fit all."""
    if not criteria.strip():
        return lambda v: True
    test = Parser(criteria, field, locale).whole()
    return lambda v: test(navforms.comparable(field, v))
