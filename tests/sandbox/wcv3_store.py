"""What the wc/v3 stand-in's parts share: rows by kind and id, their state file, dates, refusals.

Every change is one line of JSON in the state file, so a killed stand-in forgets nothing and a
write costs no more when much is known. The caller holds `lock` around each call.
"""
import datetime
import json
import os
import threading
import uuid

KINDS = ("product", "variation", "order", "note", "category", "attribute", "term", "image")
PLURAL = {"category": "categories"}


class WcError(Exception):
    def __init__(self, status, code, message, **data):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": dict({"status": status}, **data)}


def not_found(what, status=404):
    return WcError(status, f"woocommerce_rest_{what}_invalid_id", "Invalid ID.")


def now_us():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1_000_000)


def parse_us(text, default_offset_min=0):
    """An ISO 8601 instant as microseconds since 1970; without a zone it is `default_offset_min`."""
    when = datetime.datetime.fromisoformat(text.strip().replace(" ", "T").upper())
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone(
            datetime.timedelta(minutes=default_offset_min)))
    return int(when.timestamp() * 1_000_000)


def fold(text):
    return text.strip().casefold()       # the shop's database compares without regard to case


class Store:
    def __init__(self, state=None, utc_offset_min=60, store_id=None):
        self.lock = threading.RLock()
        self.offset = utc_offset_min
        self.rows = {kind: {} for kind in KINDS}
        self.skus, self.gtins, self.slugs = {}, {}, {}
        self.children = {}               # parent id -> {variation id: True}, in order of making
        self.in_category = {}            # category id -> ids of its products
        self.file_names = {}
        self.facts = {"next_id": 11, "next_meta": 1, "next_item": 1, "next_term": 16,
                      "next_attribute": 1, "store_id": store_id, "writes": 0, "requests": 0,
                      "writes_by_route": {}, "items_written": 0, "items_refused": 0,
                      "image_uploads": 0, "image_failures": 0}
        self.file, self.dirty = None, {}
        if state:
            self._load(state)
        if not self.facts["store_id"]:
            self.facts["store_id"] = store_id or str(uuid.uuid4())
            self.touch()                 # the identity must outlive a kill before any write
            self.commit()

    # ---- state file

    def _load(self, path):
        lines = 0
        if os.path.exists(path):
            size = os.path.getsize(path)
            with open(path, "rb") as file:
                whole = 0
                for line in file:
                    if not line.endswith(b"\n"):     # a killed writer may leave half a line
                        break
                    whole += len(line)
                    lines += 1
                    entry = json.loads(line)
                    if entry["kind"] == "facts":
                        self.facts.update(entry["row"])
                    else:
                        self._place(entry["kind"], entry["id"], self._upgrade(entry))
            if whole != size:
                os.truncate(path, whole)
        if lines > 1000 + 4 * sum(map(len, self.rows.values())):
            self._rewrite(path)
        self.file = open(path, "ab")

    @staticmethod
    def _upgrade(entry):
        row = entry["row"]
        if row is not None and entry["kind"] in ("product", "variation"):
            row.pop("variations", None)              # files of older stand-ins keep them twice
            row.setdefault("date_on_sale_from_us", None)
            row.setdefault("date_on_sale_to_us", None)
            if entry["kind"] == "variation":
                row.setdefault("image", 0)
                row["attributes"] = row["attributes"] or {}
        return row

    def _rewrite(self, path):
        """Many changes to few things: once, when starting, the file is written anew."""
        with open(path + ".new", "wb") as file:
            for kind, rows in self.rows.items():
                for row_id, row in rows.items():
                    file.write(_line({"kind": kind, "id": row_id, "row": row}))
            file.write(_line({"kind": "facts", "row": self.facts}))
        os.replace(path + ".new", path)

    def touch(self):
        self.dirty[("facts", 0)] = True

    def commit(self):
        """Writes what changed since the last call; called before any answer leaves."""
        if self.file and self.dirty:
            lines = [_line({"kind": k, "id": i, "row": self.rows[k].get(i)})
                     for k, i in self.dirty if k != "facts"]
            lines.append(_line({"kind": "facts", "row": self.facts}))
            self.file.write(b"".join(lines))
            self.file.flush()
        self.dirty = {}

    def close(self):
        """Keeps the counters of reads, too, then lets go of the file."""
        self.touch()
        self.commit()
        if self.file:
            self.file.close()
            self.file = None

    # ---- rows and their indexes

    def _place(self, kind, row_id, row):
        old = self.rows[kind].pop(row_id, None) if row is None else self.rows[kind].get(row_id)
        if kind in ("product", "variation"):
            self._index_goods(kind, row_id, old, row)
        elif kind == "image" and row is not None and old is None:
            self.file_names[row["file"]] = self.file_names.get(row["file"], 0) + 1
        if row is not None:
            self.rows[kind][row_id] = row

    def _index_goods(self, kind, row_id, old, row):
        for index, field in ((self.skus, "sku"), (self.gtins, "global_unique_id")):
            if old and index.get(fold(old[field])) == row_id:
                del index[fold(old[field])]
            if row and row[field] and row["status"] != "trash":
                index[fold(row[field])] = row_id
        if kind == "variation":
            if old and (row is None or row["parent_id"] != old["parent_id"]):
                self.children.get(old["parent_id"], {}).pop(row_id, None)
            if row:
                self.children.setdefault(row["parent_id"], {})[row_id] = True
            return
        if old and self.slugs.get(old["slug"]) == row_id:
            del self.slugs[old["slug"]]
        if row and row["slug"]:
            self.slugs[row["slug"]] = row_id
        before, after = old["categories"] if old else (), row["categories"] if row else ()
        if before != after:
            for category in before:
                self.in_category.get(category, set()).discard(row_id)
            for category in after:
                self.in_category.setdefault(category, set()).add(row_id)

    def put(self, kind, row_id, row):
        """Rows are replaced, never changed in place: what was answered stays as it was."""
        self._place(kind, row_id, row)
        self.dirty[(kind, row_id)] = True

    def next(self, name="next_id", count=1):
        self.facts[name] += count
        return self.facts[name] - count

    # ---- dates: microseconds inside, seconds without a zone outside

    def local(self, us, gmt):
        seconds = us // 1_000_000 + (0 if gmt else self.offset * 60)
        when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        return when.isoformat()

    def tick(self, row):
        """A modification time that never stands still, even within one microsecond."""
        return max(now_us(), row["date_modified_us"] + 1)

    def merge_meta(self, stored, sent):
        """By id, else by key: an existing key is replaced, null removes, the rest is added."""
        for entry in sent:
            same = [m for m in stored if m["id"] == entry.get("id")] if entry.get("id") else \
                [m for m in stored if m["key"] == entry.get("key")]
            if entry.get("value") is None and "value" in entry:
                stored[:] = [m for m in stored if m not in same]
            elif same:
                same[0].update({k: entry[k] for k in ("key", "value") if k in entry})
            else:
                stored.append({"id": self.next("next_meta"), "key": entry.get("key", ""),
                               "value": entry.get("value", "")})


def _line(entry):
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
