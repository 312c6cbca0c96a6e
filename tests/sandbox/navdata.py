"""The NAV stand-in's memory: one company's tables, pages over them, prices, stock. Used by nav.py.

Every change is a transaction of rows: all of it is applied, or nothing. Orders: navorders.py.
"""
import base64
import bisect
import collections
import datetime
import json
import os
import threading
from decimal import Decimal

import navforms
from navforms import TABLES, DataError, check_row, key_of
from navsoap import SERVICE, Fault

SETTINGS = {
    "Name": "CRONUS AG", "Database": "NAVDB", "Server_Instance": "DynamicsNAV100", "Nav_Version": "10.0",
    "LCY_Code": "EUR", "Location_Code": "", "Payment_Methods": ["CASH", "BANK", "CARD", "PAYPAL"],
    "Accounts": {"GLAccount": ["6710", "6910", "8400"], "ChargeItem": ["FREIGHT"], "Resource": []},
    "Countries": ["AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FR", "GB", "IT", "NL"],
    "Currencies": ["EUR", "CHF", "USD", "GBP"], "VAT": {"": "0"},
    "No_Series": {"order": "1001", "shipment": "102001"}}
MAX_EXPECTED = 10
TOUCHING = ("sales_line", "purchase_line")      # their changes move what is available


def plain(value):
    """A decimal as NAV's XML writes it: no exponent, no trailing zeros."""
    text = format(Decimal(value), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


class Company:
    """Every public method may be called by any thread."""

    def __init__(self, folder, clock):
        self.lock = threading.RLock()
        self.clock = clock
        self.rows = {table: {} for table in TABLES}
        self.keys = {table: [] for table in TABLES}     # sorted
        self.version = collections.defaultdict(dict)    # table: {key: row version}
        self.last_version = 13300116860
        self.touched = {}                               # (item, variant): number
        self.last_touch = 0
        self.append = lambda event: None                # the state file's, once it is read
        self.settings = self._settings(folder)
        self.name = self.settings["Name"]
        self._load(folder)

    # ---- loading

    @staticmethod
    def _settings(folder):
        path = os.path.join(folder, "company.json")
        with open(path, encoding="utf-8") as file:
            own = json.load(file)
        unknown = set(own) - set(SETTINGS)
        if unknown:
            raise DataError(f"{path}: no such setting: {', '.join(sorted(unknown))}")
        return dict(SETTINGS, **own)

    def _load(self, folder):
        for table, (name, _, _) in TABLES.items():
            path = os.path.join(folder, name)
            if table not in navforms.MUST_EXIST and not os.path.exists(path):
                continue
            with open(path, encoding="utf-8") as file:
                rows = json.load(file)
            if not isinstance(rows, list):
                raise DataError(f"{path}: one array is expected")
            for n, row in enumerate(rows):
                try:
                    row = check_row(table, row)
                    key = key_of(table, row)
                    if key in self.rows[table]:
                        raise DataError(f"{key} occurs twice")
                    self._check_references(table, row)
                except DataError as error:
                    raise DataError(f"{path}, record {n + 1}: {error}") from None
                self._put(table, key, row)
            self.keys[table].sort()

    def _check_references(self, table, row):
        if "Item_No" in row and table != "ledger" and not (table == "attribute" and row["Table_ID"] != "27"):
            self.item(row["Item_No"])
        if table == "ledger" and row["Item_No"]:
            self.item(row["Item_No"])
        if table == "item" and not row["No"]:
            raise DataError("No: must not be empty")

    def item(self, number):
        found = self.rows["item"].get((number,))
        if found is None:
            raise DataError(f"item {number} is not in items.json")
        return found

    # ---- rows and transactions

    def _put(self, table, key, row):
        """One row; None deletes it. The caller keeps self.keys sorted where the key is new."""
        if row is None:
            del self.rows[table][key]
            self.keys[table].pop(bisect.bisect_left(self.keys[table], key))
            self.version[table].pop(key)
            return
        if key not in self.rows[table]:
            self.keys[table].append(key)
        self.rows[table][key] = row
        self.last_version += 20
        self.version[table][key] = self.last_version

    def apply(self, transaction, is_replay=False):
        """[(table, row or None, key of a row that goes)]: all of them, then the state file."""
        with self.lock:
            for table, row, key in transaction:
                key = key_of(table, row) if row else tuple(key)
                before = self.rows[table].get(key)
                is_new = row is not None and before is None
                self._put(table, key, row)
                if is_new:
                    bisect.insort(self.keys[table], self.keys[table].pop())
                if table in TOUCHING:
                    for one in (before, row):
                        self._touch(one)
            if not is_replay:
                self.append([[table, row, [str(k) for k in key_of(table, row)] if row else list(
                    map(str, key))] for table, row, key in transaction])

    def replay(self, events):
        self.apply([(table, row, None if row else self.typed_key(table, key))
                    for table, row, key in events], is_replay=True)

    @staticmethod
    def typed_key(table, words):
        fields = navforms.fields_of(table)
        return tuple(Decimal(word) if fields[name].kind == navforms.DECIMAL
                     else int(word) if fields[name].kind in (navforms.INT, navforms.OPTION) else word
                     for name, word in zip(TABLES[table][1], words))

    def _touch(self, row):
        if row:
            self.last_touch += 1
            self.touched[row.get("Item_No") or row.get("No"), row["Variant_Code"]] = self.last_touch

    def today(self):
        return datetime.datetime.fromtimestamp(self.clock.time(), datetime.timezone.utc).date()

    def change(self, table, key, fields=None, delete=False):
        """A clerk changes, adds or deletes one row: Last_Date_Modified and the like follow."""
        if table not in TABLES:
            raise DataError(f"table: one of {', '.join(TABLES)} is expected")
        if not isinstance(key, dict) or set(key) != set(TABLES[table][1]):
            raise DataError(f"key: an object with {', '.join(TABLES[table][1])} is expected")
        with self.lock:
            at = key_of(table, check_row(table, key))
            old = self.rows[table].get(at)
            if old is None and (delete or fields is None):
                raise DataError(f"{table} {key} does not exist")
            if delete:
                self.apply([(table, None, at)] + (self._parts_of(at[0]) if table == "item" else []))
                return old
            row = check_row(table, dict(old or {}, **dict(key, **fields)))
            if "Last_Date_Modified" in row and "Last_Date_Modified" not in fields:
                row["Last_Date_Modified"] = self.today().isoformat()
            if "SystemModifiedAt" in row and "SystemModifiedAt" not in fields:
                row["SystemModifiedAt"] = self.instant()
            self._check_references(table, row)
            self.apply([(table, row, None)])
            return row

    def _parts_of(self, number):
        """What NAV deletes with an item; its ledger entries stay."""
        return [(table, None, key) for table in TABLES for key, row in self.rows[table].items()
                if row.get("Item_No") == number and table != "ledger"]

    def instant(self):
        now = datetime.datetime.fromtimestamp(self.clock.time(), datetime.timezone.utc)
        return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"

    def post_stock(self, item, quantity, variant="", location="", **fields):
        """An adjustment in the item journal: one more ledger entry."""
        with self.lock:
            kind = "Positive_Adjmt" if Decimal(quantity) > 0 else "Negative_Adjmt"
            row = self.ledger_entry(Item_No=item, Variant_Code=variant, Location_Code=location,
                                    Quantity=quantity, **dict({"Entry_Type": kind}, **fields))
            self._check_references("ledger", row)
            self.apply([("ledger", row, None)])
            return row

    def ledger_entry(self, after=0, **fields):
        number = (self.keys["ledger"][-1][0] if self.keys["ledger"] else 0) + 1 + after
        return check_row("ledger", dict({"Entry_No": str(number),
                                         "Posting_Date": self.today().isoformat()}, **fields))

    def dump(self):
        with self.lock:
            out = {TABLES[t][0][:-5]: [dict(self.rows[t][k]) for k in self.keys[t]] for t in TABLES}
            return dict(out, company=dict(self.settings))

    # ---- pages

    def key_text(self, table, key):
        """What NAV calls Key: the record's id and its version, not for anybody to read."""
        words = "\0".join([self.name, table, *map(str, key)])
        place = base64.b64encode(words.encode()).decode()
        return f"{len(place)};{place}10;{self.version[table][key]};"

    def key_read(self, table, text):
        """The key that a Key names. Its version must still be the row's, its table this one."""
        try:
            length, _, rest = text.partition(";")
            place, (_, version, _) = rest[:int(length)], rest[int(length):].split(";")
            company, of, *words = base64.b64decode(place, validate=True).decode().split("\0")
            version = int(version)
        except (ValueError, UnicodeDecodeError):
            raise Fault(SERVICE + "ServiceBrokerException", f'The key "{text}" is not valid.') from None
        if company != self.name or of != table:
            raise Fault(SERVICE + "ServiceBrokerException",
                        f'The key "{text}" belongs to another table or company.')
        with self.lock:
            key = self.typed_key(table, words)
            if self.version[table].get(key) != version:
                raise Fault(SERVICE + "ServiceBrokerException",
                            f'Other user has modified "{table}" "{" ".join(words)}"')
            return key

    def touch(self, table, key):
        """Somebody changes a row and changes it back: only its version tells."""
        with self.lock:
            if key in self.rows[table]:
                self.apply([(table, dict(self.rows[table][key]), None)])

    def walk(self, table, tests, after, size):
        """[(key, row)] that fit, behind a key, at most size (0: all; negative: backwards)."""
        with self.lock:
            keys = self.keys[table]
            if size < 0:
                keys = keys[:bisect.bisect_left(keys, after)] if after else keys
                keys = reversed(keys)
            elif after:
                keys = keys[bisect.bisect_right(keys, after):]
            out = []
            for key in keys:
                row = self.rows[table][key]
                if all(test(row[name]) for name, test in tests):
                    out.append((key, row))
                    if size and len(out) == abs(size):
                        break
            return out

    def shipment_lines(self, number):
        with self.lock:
            return [(key, row) for key, row in self.rows["shipment_line"].items() if key[0] == number]

    # ---- prices

    def price_rows(self):
        """Every row of ReadPrices in the order of its walk: [(Id, row)]."""
        out = []
        for (number,), item in self.rows["item"].items():
            if Decimal(item["Unit_Price"]):
                out += self._per_variant(f"ITEM/{number}", {
                    "ItemNo": number, "UnitPrice": plain(item["Unit_Price"]), "MinQuantity": "0",
                    "PriceIncludesVat": item["Price_Includes_VAT"]})
        for row in self.rows["price"].values():
            kind = row["Sales_Type"]
            words = [row["Item_No"], kind, row["Sales_Code"], row["Starting_Date"],
                     row["Currency_Code"], row["Variant_Code"], row["Unit_of_Measure_Code"],
                     plain(row["Minimum_Quantity"])]
            if kind == "Campaign":
                continue                        # no shop's customer belongs to one
            out += self._per_variant("SP/" + "/".join(words), {
                "ItemNo": row["Item_No"], "VariantCode": row["Variant_Code"],
                "UnitCode": row["Unit_of_Measure_Code"], "CurrencyCode": row["Currency_Code"],
                "CustomerPriceGroup": row["Sales_Code"] if kind == "Customer_Price_Group" else "",
                "CustomerNo": row["Sales_Code"] if kind == "Customer" else "",
                "MinQuantity": plain(row["Minimum_Quantity"]), "UnitPrice": plain(row["Unit_Price"]),
                "PriceIncludesVat": row["Price_Includes_VAT"],
                "StartingDate": row["Starting_Date"], "EndingDate": row["Ending_Date"]})
        return sorted(out, key=lambda one: one[0])

    def _per_variant(self, name, row):
        """A price of an item with variants counts for each of them."""
        row = dict(row, Kind="List", CurrencyCode=row.get("CurrencyCode") or self.settings["LCY_Code"],
                   VatGroup=self.item(row["ItemNo"])["VAT_Prod_Posting_Group"])
        codes = self.variants_of(row["ItemNo"])
        if row.get("VariantCode") or not codes:
            return [(name, row)]
        return [(f"{name}/{code}", dict(row, VariantCode=code)) for code in codes]

    def variants_of(self, number):
        return [code for item, code in self.keys["variant"] if item == number]

    def read_prices(self, after, size):
        with self.lock:
            rows = self.price_rows()
            start = bisect.bisect_right([name for name, _ in rows], after) if after else 0
            taken = rows[start:start + size]
            is_last = start + size >= len(rows)
            return {"NextAfter": "" if is_last else taken[-1][0], "IsLast": is_last,
                    "Total": len(rows) if is_last else -1,
                    "Price": [dict(row, Id=name) for name, row in taken]}

    # ---- stock

    def pairs(self):
        """Everything that has ever been stocked, sold or ordered: (item, variant): {locations}."""
        found = collections.defaultdict(set)
        for table in ("ledger", "purchase_line", "sales_line"):
            for row in self.rows[table].values():
                number = row.get("Item_No") or row.get("No")
                if row.get("Type", "Item") == "Item" and self.is_stocked(number, row["Variant_Code"]):
                    found[number, row["Variant_Code"]].add(row["Location_Code"])
        return found

    def is_stocked(self, number, variant):
        """What lies on the item itself although it has variants cannot be sold."""
        item = self.rows["item"].get((number,))
        return item is not None and item["Type"] == "Inventory" and bool(variant) == bool(
            self.variants_of(number))

    def stock_row(self, number, variant, location):
        def mine(row, name="Item_No"):
            return (row[name], row["Variant_Code"], row["Location_Code"]) == (number, variant, location)
        on_hand = sum(Decimal(r["Quantity"]) for r in self.rows["ledger"].values() if mine(r))
        sold = sum(Decimal(r["Outstanding_Qty_Base"]) for r in self.rows["sales_line"].values()
                   if r["Type"] == "Item" and mine(r, "No"))
        days = collections.defaultdict(Decimal)
        for row in self.rows["purchase_line"].values():
            if mine(row) and Decimal(row["Outstanding_Qty_Base"]) and row["Expected_Receipt_Date"]:
                days[row["Expected_Receipt_Date"]] += Decimal(row["Outstanding_Qty_Base"])
        return {"ItemNo": number, "VariantCode": variant, "LocationCode": location,
                "UnitCode": self.item(number)["Base_Unit_of_Measure"], "Inventory": plain(on_hand),
                "OnSalesOrders": plain(sold), "OtherDemand": "0",
                "Expected": [{"Day": day, "Quantity": plain(days[day])}
                             for day in sorted(days)[:MAX_EXPECTED]]}

    def read_stock(self, after, size):
        """after: "" or "entry:touch", inside a walk "entry:touch:entry:touch:item:variant"."""
        with self.lock:
            entry = self.keys["ledger"][-1][0] if self.keys["ledger"] else 0
            words = after.split(":", 5) if after else []
            try:
                since = tuple(map(int, words[:2])) if words and words[0] != "-" else None
                upto = tuple(map(int, words[2:4])) if len(words) > 2 else (entry, self.last_touch)
                position = tuple(words[4:6]) if len(words) > 5 else None
            except ValueError:
                raise DataError(f"after: {after}") from None
            pairs = self.pairs()
            wanted = sorted(pairs if since is None else self._touched(pairs, since))
            left = [pair for pair in wanted if position is None or pair > position]
            rows, last = [], None
            for pair in left:
                if last is not None and len(rows) >= size:
                    break
                rows += [self.stock_row(*pair, location) for location in sorted(pairs[pair])]
                last = pair
            done = last is None or last == left[-1]
            bounds = "-:0" if since is None else f"{since[0]}:{since[1]}"
            following = (f"{upto[0]}:{upto[1]}" if done
                         else f"{bounds}:{upto[0]}:{upto[1]}:{last[0]}:{last[1]}")
            total = sum(len(pairs[pair]) for pair in wanted)
            return {"NextAfter": following, "IsLast": done, "IsSnapshot": since is None,
                    "Total": total, "LastEntryNo": entry, "Row": rows}

    def _touched(self, pairs, since):
        entries = self.keys["ledger"][bisect.bisect_right(self.keys["ledger"], (since[0],)):]
        moved = {(self.rows["ledger"][k]["Item_No"], self.rows["ledger"][k]["Variant_Code"])
                 for k in entries}
        moved |= {pair for pair, number in self.touched.items() if number > since[1]}
        return moved & set(pairs)
