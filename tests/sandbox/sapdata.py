"""The SAP stand-in's memory: master data, change tokens, prices, customers, orders and their keys.

Used by sap.py, which does the talking. Formats of the data files: README.md, section "SAP data".
"""
import bisect
import collections
import datetime
import hashlib
import json
import os
import re
import threading
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sapforms import CHANGED, FIELDS, FILES, KEY, NO_DAY, OPTIONAL, DataError, check_fields, check_record

SETTINGS = {
    "SYSID": "KTS", "CLIENT": "100", "RELEASE": "7.54", "WRAPPER": "3", "CURRENCIES": ["EUR", "CHF", "USD", "GBP", "PLN", "JPY"],
    "COUNTRIES": ["AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FR", "GB", "IT", "LU", "NL", "PL", "SE"],
    "PRICE_LIST": "00", "SHIPPING": "4.90",
    "TAX": {"DE": {"0": "0", "1": "19", "2": "7"}, "AT": {"0": "0", "1": "20", "2": "10"},
            "NL": {"0": "0", "1": "21", "2": "9"}, "FR": {"0": "0", "1": "20", "2": "5.5"}},
}
TOKEN = re.compile(r"(S(?P<at>\d{14})(?P<skey>.+)|D(?P<since>\d{14})((?P<span>\d{8})(?P<dkey>.+))?)$", re.S)
CONTENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*$")
MAX_DELTA_DAYS = 60     # an older token starts a snapshot: change documents may be archived


def now_utc():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def instant(when):
    return when.strftime("%Y%m%d%H%M%S.") + f"{when.microsecond:06d}0"


def second(when):
    return when.strftime("%Y%m%d%H%M%S")


def parse_second(text):
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%S")


def cents(value):
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


class Message(Exception):
    """A BAPIRET2 row of type E: the function ends, nothing is booked."""

    def __init__(self, msg_id, number, text, row=0, parameter="", field="", values=()):
        super().__init__(text)
        self.ret = ret("E", msg_id, number, text, row, parameter, field, values)


def ret(kind, msg_id, number, text, row=0, parameter="", field="", values=()):
    out = {"TYPE": kind, "ID": msg_id, "NUMBER": number, "MESSAGE": text, "LOG_MSG_NO": "000000",
           "PARAMETER": parameter, "ROW": str(row), "FIELD": field, "SYSTEM": "KTSCLNT100"}
    for n, value in enumerate(values[:4], 1):
        out[f"MESSAGE_V{n}"] = str(value)[:50]
    return out


def is_gone(record):
    """Not told to Kontor, or no longer: the one-time account is nobody's."""
    return bool(record["DELETED"] or record.get("ONE_TIME"))


Page = collections.namedtuple("Page", "rows gone token more is_snapshot total begun_at")


class Session:
    """One order create between its lock and its commit: what it will store (prepared) and did store (document)."""

    def __init__(self, key):
        self.key = key
        self.prepared = None
        self.is_open = True
        self.document = None


class World:
    """Everything the stand-in knows. Every public method may be called by any thread."""

    def __init__(self, folder, state_path=None, key_grade="K", pricing="as_sent", overlap_s=60, max_work_s=600):
        self.lock = threading.RLock()
        self.key_grade = key_grade
        self.pricing = pricing
        self.overlap_s = overlap_s
        self.max_work_s = max_work_s
        self.records = {kind: {} for kind in FILES}
        self.keys = {kind: [] for kind in FILES}      # sorted, for the pages
        self.living = {kind: 0 for kind in FILES}
        self.variants = collections.Counter()         # articles per PARENT, deleted ones too: generic stays generic
        self.living_variants = 0
        self.documents = []
        self.by_key = {}
        self.running = {}
        self.next_order = 10000001
        self.last_at = now_utc()
        self.contents = os.path.join(folder, "contents")
        self.settings = self._load(folder)
        self.state = None
        if state_path:
            self._replay(state_path)
            self.state = open(state_path, "a", encoding="utf-8")

    # ---- loading, state ----

    def _load(self, folder):
        for kind, name in FILES.items():
            path = os.path.join(folder, name)
            if kind in OPTIONAL and not os.path.exists(path):
                continue
            with open(path, encoding="utf-8") as file:
                rows = json.load(file)
            if not isinstance(rows, list):
                raise DataError(f"{path}: one array is expected")
            for n, row in enumerate(rows):
                try:
                    self._put(kind, row, is_new=True)
                except DataError as error:
                    raise DataError(f"{path}, record {n + 1}: {error}") from None
            self.keys[kind].sort()
        for kind in FILES:
            for record in self.records[kind].values():
                try:
                    self._check_references(kind, record)
                except DataError as error:
                    raise DataError(f"{FILES[kind]}: {error}") from None
        settings = dict(SETTINGS)
        path = os.path.join(folder, "settings.json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                own = json.load(file)
            unknown = set(own) - set(SETTINGS)
            if unknown:
                raise DataError(f"{path}: no such setting: {', '.join(sorted(unknown))}")
            settings.update(own)
        return settings

    def _check_references(self, kind, record):
        articles, categories = self.records["article"], self.records["category"]
        if record["DELETED"]:
            return
        if kind in ("price", "stock") and record["MATNR"] not in articles:
            raise DataError(f"MATNR {record['MATNR']} is not in articles.json")
        if kind == "article":
            parent = articles.get(record["PARENT"])
            if record["PARENT"] and parent is None:
                raise DataError(f"PARENT {record['PARENT']} of {record['MATNR']} does not exist")
            if parent and parent["PARENT"]:
                raise DataError(f"PARENT {record['PARENT']} of {record['MATNR']} has a PARENT itself")
            for row in record["CATEGORY"]:
                if row["CATEGORY"] not in categories:
                    raise DataError(f"CATEGORY {row['CATEGORY']} of {record['MATNR']} does not exist")
        if kind == "category":
            seen, above = {record["ID"]}, record["PARENT"]
            while above:
                if above not in categories or above in seen:
                    raise DataError(f"PARENT {above} of category {record['ID']} does not exist or leads in a circle")
                seen.add(above)
                above = categories[above]["PARENT"]

    def _put(self, kind, row, is_new=False):
        record = check_fields("", FIELDS[kind], row)
        key = tuple(record[name] for name in KEY[kind])
        if not all(key):
            raise DataError(f"{' and '.join(KEY[kind])} must not be empty")
        key = key[0] if len(key) == 1 else key
        if is_new and key in self.records[kind]:
            raise DataError(f"{key} occurs twice")
        check_record(kind, record)
        old = self.records[kind].get(key)
        if is_new:
            self.keys[kind].append(key)     # sorted when all are there
        elif old is None:
            bisect.insort(self.keys[kind], key)
        self.living[kind] += (not record["DELETED"]) - (old is not None and not old["DELETED"])
        if kind == "article":
            self._count_variant(old, -1)
            self._count_variant(record, 1)
        self.records[kind][key] = record
        return record

    def _count_variant(self, record, by):
        if record and record["PARENT"]:
            self.variants[record["PARENT"]] += by
            self.living_variants += 0 if record["DELETED"] else by

    def is_generic(self, record):
        return bool(record["GENERIC"] or record["AXIS"] or self.variants[record["MATNR"]])

    def _replay(self, path):
        if not os.path.exists(path):
            return
        with open(path, "r+b") as file:
            for n, line in enumerate(iter(file.readline, b""), 1):
                if not line.endswith(b"\n"):
                    file.truncate(file.tell() - len(line))  # torn by a kill, so never acknowledged
                    break
                entry = json.loads(line)
                if entry["type"] == "document":
                    self._store(entry["document"])
                elif entry["type"] == "change":
                    self._put(entry["kind"], entry["record"])
                elif entry["type"] == "release":
                    self._release(entry["number"])
                else:
                    raise DataError(f"{path}:{n}: unknown entry {entry['type']}")

    def _append(self, entry):
        if self.state:
            self.state.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.state.flush()

    def tick(self):
        """A fresh instant, later than any given before."""
        with self.lock:
            self.last_at = max(now_utc(), self.last_at + datetime.timedelta(microseconds=1))
            return self.last_at

    # ---- control ----

    def change(self, kind, key, fields=None, delete=False):
        with self.lock:
            if kind not in CHANGED:
                raise DataError(f"kind: one of {', '.join(CHANGED)} is expected")
            if not isinstance(key, dict) or set(key) != set(KEY[kind]):
                raise DataError(f"key: an object with {', '.join(KEY[kind])} is expected")
            at = tuple(key[name] for name in KEY[kind])
            old = self.records[kind].get(at[0] if len(at) == 1 else at)
            if old is None and (delete or not fields):
                raise DataError(f"{kind} {key} does not exist")
            row = dict(old or {}, **key)
            row.update(fields or {})
            row["DELETED"] = "X" if delete else (fields or {}).get("DELETED", "")
            row[CHANGED[kind]] = instant(self.tick())
            new = check_fields("", FIELDS[kind], row)
            check_record(kind, new)
            self._check_references(kind, new)
            parents = {r["PARENT"] for r in (old, new) if r and r["PARENT"]} if kind == "article" else ()
            before = {name: self.is_generic(self.records["article"][name]) for name in parents}
            record = self._put(kind, row)
            self._append({"type": "change", "kind": kind, "record": record})
            for name, was in before.items():    # the article above has become generic, or no longer is
                if self.is_generic(self.records["article"][name]) != was:
                    above = dict(self.records["article"][name], CHANGED_AT=instant(self.tick()))
                    self._append({"type": "change", "kind": "article", "record": self._put("article", above)})
            return record

    def release(self, number):
        """A clerk corrects a blocked document to what the shop sold for and takes the block away."""
        with self.lock:
            document = self._release(number)
            self._append({"type": "release", "number": number})
            return dict(document)

    def _release(self, number):
        for document in self.documents:
            if document["number"] == number:
                shop = {name: document["header"]["SHOP_" + name] for name in ("NET", "TAX", "GROSS")}
                document.update(blocked="", differs=False, total=dict(document["total"], **shop))
                return document
        raise DataError(f"there is no document {number}")

    def dump(self):
        with self.lock:
            return {name[:-5]: [dict(r) for r in self.records[kind].values()] for kind, name in FILES.items()}

    # ---- reading changes ----

    def page(self, kind, token, limit):
        """One page; a snapshot knows how much it holds and when it began."""
        with self.lock:
            limit = 1000 if limit <= 0 else min(limit, 5000)
            now = self.last_at = max(now_utc(), self.last_at)
            found = TOKEN.match(token) if token else None
            if token and not found:
                raise Message("ZKONTOR", "002", f"Token {token} cannot be read", parameter="IV_TOKEN", values=(token,))
            if kind == "category" and found and found["since"]:
                found = None        # has no change runs
            since, key = None, ""
            start = now
            if found and found["at"]:
                start, key = parse_second(found["at"]), found["skey"]
            elif found:
                since = parse_second(found["since"])
                if found["span"]:
                    start, key = since + datetime.timedelta(seconds=int(found["span"])), found["dkey"]
                elif now - since > datetime.timedelta(days=MAX_DELTA_DAYS):
                    since = None
            hits = self._hits(kind, key, since, limit)
            taken, more = self._cut(hits, limit)
            if more and since is None:
                following = "S" + second(start) + taken[-1][0]
            elif more:
                following = f"D{second(since)}{int((start - since).total_seconds()):08d}{taken[-1][0]}"
            else:
                following = "D" + second(start - datetime.timedelta(seconds=self.overlap_s))
            if kind == "category" and not more:
                following = ""      # always a snapshot: the next run begins anew
            rows = [dict(record) for _, record in taken]
            return Page([r for r in rows if not is_gone(r)], [r for r in rows if is_gone(r)], following, more,
                        since is None, self._total(kind), second(start) + ".0000000" if since is None else "")

    def _total(self, kind):
        if kind == "customer":
            return sum(not is_gone(r) for r in self.records[kind].values())
        return self.living[kind]

    def products(self):
        """Living articles that are a product: all but the variants."""
        with self.lock:
            return self.living["article"] - self.living_variants

    def _hits(self, kind, key, since, limit):
        """(name, record) behind the key in order of names: more than limit where there are more. A name's stock in all plants
        stays together, as _cut expects."""
        def name_of(entry):
            return entry if isinstance(entry, str) else entry[0]
        keys, hits = self.keys[kind], []
        for n in range(bisect.bisect_right(keys, key, key=name_of), len(keys)):
            record, name = self.records[kind][keys[n]], name_of(keys[n])
            if len(hits) > limit and hits[-1][0] != hits[limit - 1][0]:
                break
            if since is None and not is_gone(record) or since is not None and record[CHANGED[kind]] >= second(since):
                hits.append((name, record))
        return hits

    @staticmethod
    def _cut(hits, limit):
        end = limit
        while 0 < end < len(hits) and hits[end][0] == hits[end - 1][0]:
            end += 1
        return hits[:end], end < len(hits)

    # ---- documents ----

    def content(self, reference):
        """The file of that name in the folder `contents`, as it is now, and what tells it from another one."""
        path = os.path.join(self.contents, reference)
        if not CONTENT_NAME.match(reference) or not os.path.isfile(path):
            raise Message("ZKONTOR", "028", f"There is no content {reference}", parameter="IV_REFERENCE", values=(reference,))
        with open(path, "rb") as file:
            octets = file.read()
        return octets, hashlib.md5(octets, usedforsecurity=False).hexdigest()

    def certificates(self):
        """(those that count, those that are gone): all of them, each time."""
        with self.lock:
            rows = [dict(self.records["certificate"][key]) for key in self.keys["certificate"]]
            return [r for r in rows if not r["DELETED"]], [r for r in rows if r["DELETED"]]

    # ---- customers ----

    def customers(self, email, vat_id, name, postl_code, country):
        out = []
        with self.lock:
            for record in self.records["customer"].values():
                if record["ONE_TIME"] or record["DELETED"]:
                    continue
                if email and record["EMAIL"].casefold() == email.casefold():
                    matched = "EMAIL"
                elif vat_id and record["VAT_ID"] == vat_id:
                    matched = "VAT_ID"
                elif (name and postl_code and country and record["NAME"].casefold() == name.casefold()
                        and record["POSTL_CODE"] == postl_code and record["COUNTRY"] == country):
                    matched = "ADDRESS"
                else:
                    continue
                row = {field: record[field] for field in ("KUNNR", "NAME", "POSTL_CODE", "COUNTRY", "BLOCKED")}
                out.append(dict(row, MATCHED_BY=matched))
        return out

    # ---- orders ----

    def open_session(self, key):
        """(session, None) with the key locked, or (None, answer) when there is nothing to do."""
        if not re.fullmatch(r"\S{1,32}", key):
            raise Message("ZKONTOR", "001", "The key is missing or holds blanks", parameter="IV_KEY")
        with self.lock:
            if self.key_grade == "K":
                if self.running.get(key):
                    return None, {"EV_STATE": "RUNNING", "RETURN": [
                        ret("W", "ZKONTOR", "003", f"Key {key} is locked by another session", values=(key,))]}
                if key in self.by_key:
                    return None, dict(self.answer(self.by_key[key][0]), EV_STATE="EXISTS")
            self.running[key] = self.running.get(key, 0) + 1
            return Session(key), None

    def hold(self, key):
        """A foreign session that locks the key and never books anything."""
        with self.lock:
            self.running[key] = self.running.get(key, 0) + 1
            return Session(key)

    def close_session(self, session):
        with self.lock:
            if session.is_open:
                session.is_open = False
                self.running[session.key] -= 1
                if not self.running[session.key]:
                    del self.running[session.key]

    def prepare(self, session, header, partners, items):
        """Checks and prices the order; what is wrong with it comes as Message and books nothing."""
        with self.lock:
            country = self._check_partners(partners)
            if header["CURRENCY"] not in self.settings["CURRENCIES"]:
                raise Message("ZKONTOR", "004", f"Currency {header['CURRENCY']} is not defined", parameter="IS_HEADER",
                              field="CURRENCY", values=(header["CURRENCY"],))
            if not items:
                raise Message("ZKONTOR", "006", "The order has no items", parameter="IT_ITEM")
            buyer = next(p["KUNNR"] for p in partners if p["ROLE"] == "AG")
            lines = [self._line(row, item, header, country, buyer) for row, item in enumerate(items, 1)]
            if len({line["POSNR"] for line in lines}) != len(lines):
                raise Message("ZKONTOR", "007", "An item number occurs twice", parameter="IT_ITEM", field="POSNR")
            total = {name: sum((line[name] for line in lines), Decimal(0)) for name in ("NET", "TAX", "GROSS")}
            tolerance = Decimal(header["TOLERANCE"])
            is_off = any(abs(total[name] - Decimal(header["SHOP_" + name])) > tolerance for name in total)
            session.prepared = {
                "key": session.key, "header": header, "partners": partners, "items": items,
                "lines": [{name: str(value) for name, value in line.items()} for line in lines],
                "total": dict({name: str(value) for name, value in total.items()}, CURRENCY=header["CURRENCY"]),
                "blocked": "X" if is_off and header["BLOCK_IF_DIFFERS"] == "X" else "", "differs": is_off}

    def _check_partners(self, partners):
        roles = {}
        for row, partner in enumerate(partners, 1):
            if partner["ROLE"] not in ("AG", "WE", "RE") or partner["ROLE"] in roles:
                raise Message("ZKONTOR", "008", f"Partner role {partner['ROLE']} is unknown or occurs twice", row,
                              "IT_PARTNER", "ROLE", (partner["ROLE"],))
            roles[partner["ROLE"]] = partner
            customer = self.records["customer"].get(partner["KUNNR"])
            if customer is None or customer["DELETED"]:
                raise Message("ZKONTOR", "009", f"Customer {partner['KUNNR']} does not exist", row, "IT_PARTNER",
                              "KUNNR", (partner["KUNNR"],))
            if customer["BLOCKED"]:
                raise Message("ZKONTOR", "010", f"Customer {partner['KUNNR']} is blocked", row, "IT_PARTNER", "KUNNR",
                              (partner["KUNNR"],))
            if partner["COUNTRY"] not in self.settings["COUNTRIES"]:
                raise Message("ZKONTOR", "011", f"Country {partner['COUNTRY']} is not defined", row, "IT_PARTNER",
                              "COUNTRY", (partner["COUNTRY"],))
        if "AG" not in roles:
            raise Message("ZKONTOR", "008", "Partner role AG is missing", parameter="IT_PARTNER", field="ROLE",
                          values=("AG",))
        return roles.get("WE", roles["AG"])["COUNTRY"]

    def _line(self, row, item, header, country, buyer):
        where = {"row": row, "parameter": "IT_ITEM"}
        if not item["POSNR"] or int(item["POSNR"]) == 0:
            raise Message("ZKONTOR", "007", "An item has no number", field="POSNR", **where)
        sent = {name: Decimal(item[name]) for name in ("NET", "TAX", "GROSS")}
        line = dict(sent, POSNR=item["POSNR"].zfill(6))
        if item["KIND"] not in ("item", "shipping", "fee", "discount"):
            raise Message("ZKONTOR", "012", f"Kind {item['KIND']} is not configured", field="KIND",
                          values=(item["KIND"],), **where)
        if item["KIND"] != "item":
            if self.pricing == "own" and item["KIND"] == "shipping":
                line.update(self._split(Decimal(self.settings["SHIPPING"]), True, "1", country))
            return line
        article = self.records["article"].get(item["MATNR"])
        if article is None or article["DELETED"]:
            raise Message("V1", "382", f"Material {item['MATNR']} is not defined for sales org. {header['SALES_ORG']}, "
                          f"distr. channel {header['DISTR_CHAN']}", field="MATNR",
                          values=(item["MATNR"], header["SALES_ORG"], header["DISTR_CHAN"]), **where)
        if article["SALES_BLOCKED"]:
            raise Message("V1", "028", f"Material {item['MATNR']} has status {article['SALES_STATUS']}: no sales",
                          field="MATNR", values=(item["MATNR"], article["SALES_STATUS"]), **where)
        if item["UNIT"] not in {article["MEINS"]} | {g["UNIT"] for g in article["GTIN"] + article["UNIT_OF"]}:
            raise Message("ZKONTOR", "005", f"Unit {item['UNIT']} is not defined for material {item['MATNR']}",
                          field="UNIT", values=(item["UNIT"], item["MATNR"]), **where)
        if Decimal(item["QTY"]) <= 0:
            raise Message("ZKONTOR", "013", "The quantity must be above zero", field="QTY", **where)
        if self.pricing == "own":
            line.update(self._own_price(item, header, country, article, buyer, where))
        return line

    def _own_price(self, item, header, country, article, buyer, where):
        today = now_utc().date().isoformat()
        quantity = Decimal(item["QTY"])
        group = self.records["customer"][buyer]["CUSTOMER_GROUP"]
        reach = (("CUSTOMER", buyer), ("CUSTOMER_GROUP", group), ("MARKET", country))
        fitting = [p for p in self.records["price"].values()
                   if p["MATNR"] == item["MATNR"] and p["PRICE_LIST"] == self.settings["PRICE_LIST"]
                   and p["CURRENCY"] == header["CURRENCY"] and not p["DELETED"] and p["UNIT"] == item["UNIT"]
                   and p["KIND"] in ("", "list", "sale") and all(p[name] in ("", mine) for name, mine in reach)
                   and (p["VALID_FROM"] == NO_DAY or p["VALID_FROM"] <= today)
                   and (p["VALID_TO"] == NO_DAY or today <= p["VALID_TO"]) and Decimal(p["MIN_QTY"]) <= quantity]
        if not fitting:
            raise Message("ZKONTOR", "014", f"Material {item['MATNR']} has no price", field="MATNR",
                          values=(item["MATNR"],), **where)
        price = max(fitting, key=lambda p: (int(p["PRIORITY"]), *(p[name] != "" for name, _ in reach), p["KIND"] == "sale",
                                            Decimal(p["MIN_QTY"]), p["VALID_FROM"]))
        amount = cents(Decimal(price["AMOUNT"]) * quantity / Decimal(price["PER"]))
        return self._split(amount, price["GROSS"] == "X", article["TAX_CLASS"], country)

    def _split(self, amount, is_gross, tax_class, country):
        rate = Decimal(self.settings["TAX"].get(country, {}).get(tax_class, "0")) / 100
        net = cents(amount / (1 + rate)) if is_gross else amount
        tax = amount - net if is_gross else cents(amount * rate)
        return {"NET": net, "TAX": tax, "GROSS": net + tax}

    def commit(self, session):
        """The document and its key, in one step; ends the session."""
        with self.lock:
            document = dict(session.prepared, number=str(self.next_order), created_at=instant(self.tick()))
            self._append({"type": "document", "document": document})
            self._store(document)
            session.document = document
            self.close_session(session)
            return document

    def _store(self, document):
        self.documents.append(document)
        self.by_key.setdefault(document["key"], []).append(document)
        self.next_order = max(self.next_order, int(document["number"]) + 1)

    @staticmethod
    def answer(document):
        text = f"Order {document['number']} has been saved"
        return {"EV_STATE": "BOOKED", "EV_ORDER": document["number"], "EV_BLOCKED": document["blocked"],
                "ES_TOTAL": document["total"], "ET_LINE": document["lines"],
                "RETURN": [ret("S", "V1", "311", text, values=("Order", document["number"]))]}

    def find(self, key):
        if not key.strip():
            raise Message("ZKONTOR", "001", "The key is missing or holds blanks", parameter="IV_KEY")
        with self.lock:
            if self.running.get(key):
                return {"EV_STATE": "PENDING"}
            documents = self.by_key.get(key)
            if not documents:
                return {"EV_STATE": "ABSENT"}
            answer = dict(self.answer(documents[0]), EV_STATE="FOUND", RETURN=[])
            if len(documents) > 1:
                answer["RETURN"] = [ret("W", "ZKONTOR", "015", f"{len(documents)} documents carry this key")]
            return answer

    def counts(self):
        with self.lock:
            return {"documents": len(self.documents), "running": sorted(self.running),
                    "documents_by_key": {key: len(documents) for key, documents in self.by_key.items()},
                    "records": {kind: sum(not r.get("DELETED") for r in rows.values())
                                for kind, rows in self.records.items()}}


def decimal_text(value, digits):
    try:
        return f"{Decimal(value):.{digits}f}"
    except InvalidOperation:
        raise DataError(f'"{value}" is not a decimal') from None
