"""What an SAP data directory asks a shop to show: the checker's own reading of the rules.

Which article is for sale, on which page it stands and with which options, what it costs, which
articles must be refused. Shares no code with the product; README.md states the rules in words.
"""
import collections
import datetime
import decimal
import re
import unicodedata
import zoneinfo

D = decimal.Decimal
KILOGRAM = {"KGM": D(1), "GRM": D("0.001"), "MGM": D("0.000001"), "TNE": D(1000),
            "LBR": D("0.45359237"), "ONZ": D("0.028349523125")}
UNIT_WORDS = {"CMT": "cm", "MTR": "m", "MMT": "mm", "KGM": "kg", "GRM": "g", "LTR": "l",
              "MLT": "ml", "PCE": "", "INH": "in"}
AXES_MAX = 6
# What a channel calls an axis unless it is told otherwise; beside the code in words.
LABELS = {"DE": {"COLOR": "Farbe", "COLOUR": "Farbe", "SIZE": "Größe", "MATERIAL": "Material"},
          "EN": {"COLOR": "Colour", "COLOUR": "Colour", "SIZE": "Size", "MATERIAL": "Material"}}


def zone_of(name="Europe/Berlin"):
    try:
        return zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:       # no tzdata here: right but for an hour at midnight
        return datetime.timezone(datetime.timedelta(hours=1))


class Rules:
    """What the channel was told to show."""

    def __init__(self, language="de", fallback="en", price_list="00", currency="EUR", plants=None,
                 buffer=0, today=None, group="parent", axes=(), group_language=None,
                 axis_names=None, market="", customer_group="", entities=False,
                 expected_refused=None):
        self.languages = [language.upper(), fallback.upper()]
        self.price_list, self.currency, self.plants = price_list, currency, plants
        self.buffer = D(buffer)
        self.zone = zone_of()
        self.today = today or datetime.datetime.now(self.zone).date().isoformat()
        by, _, attribute = group.partition(":")
        if by not in ("parent", "attribute", "name") or (by == "attribute") != bool(attribute):
            raise ValueError(f"--group is parent, attribute:CODE or name, not {group}")
        self.by, self.attribute, self.axes = by, attribute, list(axes)
        self.group_language = (group_language or "").upper()
        self.axis_names = axis_names or {}
        self.market, self.customer_group, self.entities = market, customer_group, entities
        self.expected_refused = expected_refused


# ---- one article

def number(text):
    return D(text) if text else D(0)


def text_of(article, rules):
    rows = {t.get("LANGU", "").upper(): t for t in article.get("TEXT", [])}
    for language in rules.languages:
        if rows.get(language, {}).get("NAME"):
            return rows[language]
    return {}


def gtin_of(article):
    rows = article.get("GTIN", [])
    for row in rows:
        if row.get("MAIN") == "X":
            return row["GTIN"]
    return ""


def weight_of(article):
    """Kilograms to the milligram, without trailing zeros, "" for none; gross where it is known, for
    it is shipped."""
    value = number(article.get("GROSS_WEIGHT")) or number(article.get("NET_WEIGHT"))
    if not value:
        return ""
    value = (value * KILOGRAM[article.get("WEIGHT_UNIT") or "KGM"]).quantize(
        D("0.000001"), decimal.ROUND_HALF_UP)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(text, none):
    return none if text in (None, "", "0000-00-00") else text


def is_closed(article):
    stage = article.get("LIFECYCLE") or ("D" if article.get("SALES_BLOCKED") else "A")
    return stage in ("P", "D")


def why_not_sold(article, head, rules):
    """A reason, or None: the article and the one that heads its page are for sale today."""
    for a in (article, head):
        if a is None:
            continue
        if a.get("DELETED"):
            return "deleted"
        if is_closed(a):
            return "blocked for sale" if a.get("SALES_BLOCKED") else "not on sale by its LIFECYCLE"
        if not day(a.get("VALID_FROM"), "0001-01-01") <= rules.today \
                <= day(a.get("VALID_TO"), "9999-12-31"):
            return "outside its days of sale"
    return None


def gtin_is_wrong(code):
    if not re.fullmatch(r"\d{8}|\d{12,14}", code) or not code.strip("0"):
        return True
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(reversed(code)))
    return total % 10 != 0


def media_of(article, rules):
    rows = [m for m in article.get("MEDIA", []) if m.get("ROLE") in (None, "", "image")
            and (m.get("LANGU") or rules.languages[0]).upper() == rules.languages[0]]
    return sorted(rows, key=lambda m: int(m.get("POSITION") or 0))


# ---- prices and stock of one article

def units_in(article, unit):
    """Base units in one `unit`; None: SAP does not say."""
    if article is None or not unit or unit == article.get("MEINS"):
        return D(1)
    for row in article.get("UNIT_OF", []):
        if row.get("UNIT") == unit:
            return number(row["NUMERATOR"]) / number(row["DENOMINATOR"])
    return None


def price_row(rows, rules, kind="list", article=None):
    def counts(r):
        named = r.get("CUSTOMER_GROUP") or ""
        listed = r.get("PRICE_LIST") or ""
        return (not r.get("DELETED") and (r.get("KIND") or "list") == kind
                and not r.get("CUSTOMER") and named in ("", rules.customer_group)
                and (r.get("MARKET") or "") in ("", rules.market)
                and (listed == rules.price_list or (named and not listed))
                and r.get("CURRENCY") == rules.currency and least(r) <= 1
                and day(r.get("VALID_FROM"), "0001-01-01") <= rules.today
                <= day(r.get("VALID_TO"), "9999-12-31"))

    def least(r):
        return number(r.get("MIN_QTY")) * (units_in(article, r.get("UNIT")) or 1)
    valid = sorted((r for r in rows if counts(r)), key=lambda r: r.get("PRICE_ID") or "",
                   reverse=True)
    return max(reversed(valid), default=None, key=lambda r: (
        int(r.get("PRIORITY") or 0), bool(r.get("CUSTOMER_GROUP")), bool(r.get("MARKET")),
        least(r), day(r.get("VALID_FROM"), "")))


def amount_of(row, article=None):
    """For one base unit, or None."""
    factor = units_in(article, row.get("UNIT"))
    if factor is None:
        return None
    return (number(row["AMOUNT"]) / number(row.get("PER") or "1") / factor).quantize(
        D("0.01"), decimal.ROUND_HALF_UP)


def price_of(rows, rules, kind="list", article=None):
    row = price_row(rows, rules, kind, article)
    return None if row is None else amount_of(row, article)


def stock_rows(rows, rules):
    return [r for r in rows if not r.get("DELETED")
            and (rules.plants is None or r.get("PLANT") in rules.plants)]


def stock_of(rows, rules):
    total = sum((number(r.get("AVAILABLE")) for r in stock_rows(rows, rules)), D(0))
    return int(max(total - rules.buffer, D(0)).to_integral_value(decimal.ROUND_FLOOR))


# ---- words

def fold(text):
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub("[\u2010-\u2015]", "-", text)
    text = re.sub("''|\u2032\u2032|[\u201c-\u201f]", '"', text)       # inches have many spellings
    return " ".join(text.split())


def normal(value, unit=""):
    """One form for "16GB", "16 GB" and "16 gb", for "1,5 m" and "1.5 m"."""
    text = re.sub(r"(?<=\d),(?=\d)", ".", fold(value))
    text = " ".join(re.sub(r"(?<=\d)(?=[^\W\d_])", " ", text).split())
    unit = fold(unit)
    return text if not unit or text.endswith(unit) else f"{text} {unit}"


def spellings(value, unit):
    """The normal forms under which an option may stand in a shop."""
    return {normal(value, u) for u in ("", unit, UNIT_WORDS.get(unit, unit))} if unit else \
        {normal(value)}


def names_of_axis(code, rules):
    if code in rules.axis_names:
        return [rules.axis_names[code]]
    labels = [LABELS.get(language, {}).get(code) for language in rules.languages]
    return [name for name in labels if name] + [code, re.sub(r"[_-]+", " ", code)]


def words_of(name):
    """Blanks part words, and so do marks; a comma between digits does not."""
    return [w for w in re.split(r"\s+|[;/|()\[\]{}]|(?<!\d),|,(?!\d)", name) if w]


def without_values(words, values):
    """(words, cut): without the values that they end with, in any order; one word stays."""
    words, cut = list(words), False
    while True:
        for length in range(min(12, len(words) - 1), 0, -1):
            if normal(" ".join(words[-length:])) in values:
                words, cut = words[:-length], True
                while len(words) > 1 and not re.search(r"\w", words[-1]):
                    words.pop()
                break
        else:
            return words, cut


def shared_words(lists):
    first, count = lists[0], 0
    while all(count < len(w) and fold(w[count]) == fold(first[count]) for w in lists):
        count += 1
    return first[:count]


def same_title(shown, wanted):
    """Marks between words do not count: a name that was put together may keep or lose them."""
    def bare(text):
        return [fold(w) for w in words_of(text) if re.search(r"\w", w)]
    return bare(shown) == bare(wanted)


def value_of(article, code, language):
    """(value, unit) of a characteristic: for all languages, else in this one, else the least."""
    rows = [c for c in article.get("CHARACTERISTIC", [])
            if c.get("CODE") == code and (c.get("VALUE") or "").strip()]
    rows.sort(key=lambda c: (bool(c.get("LANGU")), (c.get("LANGU") or "").upper() != language,
                             (c.get("LANGU") or "").upper()))
    return (rows[0]["VALUE"], rows[0].get("UNIT") or "") if rows else None


# ---- pages

class Page:
    def __init__(self, key, head):
        self.key, self.head = key, head
        self.members = []                # articles, by MATNR
        self.axes = []                   # codes on which they differ
        self.options = {}                # MATNR -> {code: (value, unit)}
        self.refused = {}                # MATNR -> reason

    @property
    def standing(self):
        return [m for m in self.members if m["MATNR"] not in self.refused]

    def speakers(self):
        """Whose texts, pictures and categories the page shows."""
        if self.head is not None:
            return [self.head]
        return self.standing or self.members

    def text(self, rules):
        """Name, SHORT_TEXT and LONG_TEXT in the first language that there is."""
        speakers = self.speakers()
        for language in rules.languages:
            rows = [(a, t) for a in speakers for t in a.get("TEXT", [])
                    if t.get("LANGU", "").upper() == language and t.get("NAME")]
            if rows:
                return dict(rows[0][1], NAME=self._name(rows, rules, language))
        return {}

    def _name(self, rows, rules, language):
        if self.head is not None or len(self.members) == 1 or len(rows) == 1:
            return rows[0][1]["NAME"]
        names = []
        for article, text in rows:
            values = [value_of(article, c, language) for c in rules.axes]
            values = {normal(*v) for v in values if v}
            names.append(without_values(words_of(text["NAME"]), values)[0])
        return " ".join(shared_words(names)) or rows[0][1]["NAME"]


def _page_key(article, rules):
    """The page an article belongs to; it looks at the article alone."""
    own = article["MATNR"]
    if article.get("PARENT"):
        return article["PARENT"]
    if article.get("AXIS") or rules.by == "parent":
        return own
    if rules.by == "attribute":
        value = value_of(article, rules.attribute, rules.group_language)
        return ("attribute", normal(*value)) if value else own
    names = {t.get("LANGU", "").upper(): t["NAME"] for t in article.get("TEXT", [])
             if t.get("NAME")}
    name = names.get(rules.group_language or min(names, default=""))
    if not name:
        return own
    values = [value_of(article, c, rules.group_language) for c in rules.axes]
    words, cut = without_values(words_of(name), {normal(*v) for v in values if v})
    return ("name", fold(article.get("BRAND") or ""), normal(" ".join(words))) if cut else own


def pages_of(articles, rules):
    """{key: Page} of all living articles that can be sold by themselves."""
    living = {a["MATNR"]: a for a in articles if not a.get("DELETED")}
    parents = {a["PARENT"] for a in living.values() if a.get("PARENT")}
    generic = {n for n, a in living.items()
               if a.get("AXIS") or a.get("GENERIC") or n in parents}
    pages = {}
    for matnr in sorted(living):
        if matnr in generic:
            continue
        key = _page_key(living[matnr], rules)
        if key not in pages:
            pages[key] = Page(key, living.get(key) if isinstance(key, str) else None)
        pages[key].members.append(living[matnr])
    for page in pages.values():
        _put_together(page, rules)
        _judge(page, rules)
    return pages, generic


def _put_together(page, rules):
    codes = [a["CODE"] for a in sorted((page.head or {}).get("AXIS", []), key=lambda a: (
        int(a.get("POSITION") or 0), a["CODE"]))] or rules.axes
    if len(page.members) == 1:
        return
    has = {m["MATNR"]: {c: value_of(m, c, rules.group_language) for c in codes}
           for m in page.members}
    page.axes = [c for c in codes if len({normal(*v[c]) for v in has.values() if v[c]}) > 1]
    if len(page.axes) > AXES_MAX:
        page.refused = {m["MATNR"]: f"its page has {len(page.axes)} axes" for m in page.members}
        return
    taken = {}
    # One that may be sold keeps its combination before one that may not.
    for member in sorted(page.members, key=lambda m: (is_closed(m), m["MATNR"])):
        matnr = member["MATNR"]
        missing = [c for c in page.axes if not has[matnr][c]]
        if missing:
            page.refused[matnr] = f"it has no value for {missing[0]}, others of its page have"
            continue
        combination = tuple(normal(*has[matnr][c]) for c in page.axes)
        if combination in taken:
            page.refused[matnr] = f"nothing tells it from {taken[combination]} on its page"
            continue
        taken[combination] = matnr
        page.options[matnr] = {c: has[matnr][c] for c in page.axes}


def _judge(page, rules):
    """Articles with which something is wrong by themselves."""
    for member in page.members:
        for row in member.get("GTIN", []):
            if gtin_is_wrong(row["GTIN"]):
                page.refused.setdefault(member["MATNR"], f"GTIN {row['GTIN']} is none")
        if any(not m.get("URL") for m in member.get("MEDIA", [])):
            page.refused.setdefault(member["MATNR"], "one of its MEDIA has no URL")
    if not page.text(rules).get("NAME"):
        for member in page.members:
            page.refused.setdefault(member["MATNR"], "its page has no name in "
                                    + " or ".join(rules.languages))


# ---- categories

def category_paths(rows, rules):
    """{ID: tuple of names from the top}, of living categories with names."""
    known = {c["ID"]: c for c in rows if not c.get("DELETED")}
    paths = {}
    for category in known.values():
        path, at, seen = [], category, set()
        while at is not None and at["ID"] not in seen:
            seen.add(at["ID"])
            path.insert(0, text_of(at, rules).get("NAME") or at["ID"])
            at = known.get(at.get("PARENT"))
        paths[category["ID"]] = tuple(path)
    return paths


def wanted_categories(article, paths):
    ids = [c["CATEGORY"] for c in article.get("CATEGORY", [])]
    return {paths[i] for i in ids if i in paths}


def by_article(rows):
    found = collections.defaultdict(list)
    for row in rows:
        found[row["MATNR"]].append(row)
    return found
